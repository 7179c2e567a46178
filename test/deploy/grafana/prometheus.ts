// What is in the dashboards that ask Prometheus, as far as tests read it? Their JSON checked at the border, their queries as Grafana sends them.
import { z } from 'zod'
import { dashboardsOf } from './dashboards.ts'

const DataSource = z.object({ type: z.literal('prometheus'), uid: z.literal(`\${ds}`) })
const Target = z.object({
  refId: z.string(),
  datasource: DataSource,
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  format: z.enum(['time_series', 'table']),
  range: z.boolean(),
  instant: z.boolean(),
})
export type Target = z.infer<typeof Target>

const Panel = z.object({
  id: z.int().positive(),
  type: z.enum(['stat', 'timeseries', 'table']),
  title: z.string().min(1),
  datasource: DataSource,
  gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) }),
  targets: z.array(Target).min(1),
})

const Dashboard = z.object({
  uid: z.string().regex(/^siaga-[a-z-]{1,30}$/),
  title: z.string().regex(/^Siaga: .+ · .+$/),
  schemaVersion: z.int().min(36),
  templating: z.object({
    list: z.tuple([z.object({ name: z.literal('ds'), type: z.literal('datasource'), query: z.literal('prometheus') })]),
  }),
  panels: z.array(Panel).min(8),
})

export const prometheusDashboards = dashboardsOf('prometheus').map(({ file, json }) => ({
  file,
  dashboard: Dashboard.parse(json),
}))

/** The query as it reaches Prometheus: Grafana puts four scrapes in the place of `$__rate_interval`, at the least. */
export function promql({ expr }: Pick<Target, 'expr'>): string {
  const text = expr.replaceAll('$__rate_interval', '1m')
  const left = /\$\w+/.exec(text)
  if (left !== null) throw new Error(`nothing puts in ${left[0]}: ${text}`)
  return text
}

/** Labels that a legend shows. */
export const legendLabels = ({ legendFormat }: Pick<Target, 'legendFormat'>): string[] =>
  [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '')
