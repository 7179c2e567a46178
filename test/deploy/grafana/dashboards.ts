// What is in the dashboards, as far as tests read it? Their JSON, checked at the border.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const folder = join(import.meta.dirname, '../../../deploy/grafana')

const DataSource = z.object({ type: z.literal('grafana-clickhouse-datasource'), uid: z.literal(`\${ds}`) })
const queryOf = { editorType: z.literal('sql'), rawSql: z.string().min(1), refId: z.string() }
const Target = z.discriminatedUnion('format', [
  z.object({ ...queryOf, datasource: DataSource, format: z.literal(0), queryType: z.literal('timeseries') }),
  z.object({ ...queryOf, datasource: DataSource, format: z.literal(1), queryType: z.literal('table') }),
])
const GridPos = z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) })
const Common = { id: z.int().positive(), title: z.string().min(1), gridPos: GridPos }
const Override = z.object({
  matcher: z.object({ id: z.literal('byName'), options: z.string() }),
  properties: z.array(z.object({ id: z.string(), value: z.unknown() })),
})

export const Panel = z.object({
  ...Common,
  type: z.enum(['stat', 'timeseries', 'table', 'barchart']),
  datasource: DataSource,
  targets: z.array(Target).length(1),
  fieldConfig: z.object({
    defaults: z.object({ displayName: z.string().optional() }),
    overrides: z.array(Override),
  }),
  options: z.object({ xField: z.string().optional() }),
})
export type Panel = z.infer<typeof Panel>

const Row = z.object({ ...Common, type: z.literal('row'), collapsed: z.boolean(), panels: z.array(Panel) })

const DataSourceVariable = z.object({
  name: z.literal('ds'),
  type: z.literal('datasource'),
  query: z.literal('grafana-clickhouse-datasource'),
})
const QueryVariable = z.object({
  name: z.string().regex(/^[a-z]+$/),
  type: z.literal('query'),
  datasource: DataSource,
  query: z.object({ ...queryOf, format: z.literal(1) }),
  definition: z.string(),
  multi: z.boolean(),
  includeAll: z.boolean(),
})
export type QueryVariable = z.infer<typeof QueryVariable>

const Dashboard = z.object({
  uid: z.string().regex(/^siaga-[a-z-]{1,30}$/),
  title: z.string(),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.tuple([DataSourceVariable], QueryVariable) }),
  panels: z.array(z.union([Row, Panel])),
})
export type Dashboard = z.infer<typeof Dashboard>

/** Those that ask Prometheus have a schema of their own (prometheus.ts). */
const Asks = z.object({ templating: z.object({ list: z.tuple([z.object({ query: z.string() })], z.unknown()) }) })

const files = readdirSync(join(folder, 'dashboards'))
  .sort()
  .map((file) => {
    const json: unknown = JSON.parse(readFileSync(join(folder, 'dashboards', file), 'utf8'))
    return { file, json, asks: Asks.parse(json).templating.list[0].query }
  })

/** The dashboards whose data source is of this type, not read further. */
export const dashboardsOf = (type: string): { file: string; json: unknown }[] =>
  files.filter(({ asks }) => asks === type)

export const dashboards = dashboardsOf('grafana-clickhouse-datasource').map(({ file, json }) => {
  const dashboard = Dashboard.parse(json)
  const [, ...variables] = dashboard.templating.list
  return { file, dashboard, variables }
})

/** Panels with queries, and whether their row is for the centre alone; such a row is closed, so that nobody else's browser asks. */
export function panelsOf({ panels }: Dashboard): { panel: Panel; centre: boolean }[] {
  return panels.flatMap((one) =>
    one.type === 'row'
      ? one.panels.map((panel) => ({ panel, centre: one.collapsed && one.title.startsWith('Pusat saja') }))
      : [{ panel: one, centre: false }],
  )
}
