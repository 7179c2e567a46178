// Do the dashboards for Grafana work: every query, as a room's user and as one of the centre, and is what comes back what the panel wants?
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { profiles } from '../../deploy/clickhouse/profiles.ts'
import { type ClientRig, startClientRig } from '../clients/rig.ts'
import { query } from '../embedded/clickhouse-http.ts'
import { dashboards, folder, type Panel, panelsOf, type QueryVariable } from './grafana/dashboards.ts'
import { type Asked, type Chosen, expand } from './grafana/macros.ts'

const Answer = z.object({
  meta: z.array(z.object({ name: z.string(), type: z.string() })),
  data: z.array(z.array(z.unknown())),
})
type Answer = z.infer<typeof Answer>

// What clickhouse-go adds for a query time-out of 30 s in the plugin, and the settings of its HTTP protocol.
const settings = {
  database: 'siaga',
  default_format: 'JSONCompact',
  max_execution_time: '35',
  enable_http_compression: '1',
}
const people = ['jabar', 'pusat'] as const
const range = { from: new Date(Date.now() - 6 * 3_600_000), to: new Date(Date.now() + 60_000), intervalSeconds: 60 }

let rig: ClientRig
beforeAll(async () => {
  rig = await startClientRig()
  // Something for the audit of queries to show.
  await ask('jabar', 'SELECT count() FROM events')
  await expect(ask('jabar', 'SELECT * FROM siaga.streams')).rejects.toThrow('ACCESS_DENIED')
  await rig.admin.command('SYSTEM FLUSH LOGS query_log')
})
afterAll(() => rig?.stop())

async function ask(room: string, sql: string): Promise<Answer> {
  return Answer.parse(JSON.parse(await query(rig.services, rig.login(room), sql, settings)))
}

const isTime = (type: string): boolean => /^(?:Nullable\()?DateTime/.test(type)
const isNumber = (type: string): boolean => /^(?:Nullable\()?(?:U?Int\d+|Float\d+)/.test(type)
const isText = (type: string): boolean => /^(?:LowCardinality\()?(?:Nullable\()?String/.test(type)

/** The options of a variable as this user sees them; the plugin takes the first column as the value. */
async function optionsOf(room: string, variable: QueryVariable, asked: Asked): Promise<string[]> {
  const { data, meta } = await ask(room, expand(variable.query.rawSql, asked))
  expect(meta.length).toBeLessThanOrEqual(2)
  return data.map(([value]) => z.string().parse(value))
}

/** What a viewer may have chosen: the first value, or "All" where that is offered. */
async function choose(room: string, variables: readonly QueryVariable[], all: boolean): Promise<Asked> {
  let chosen: Record<string, Chosen> = {}
  for (const variable of variables) {
    const options = await optionsOf(room, variable, { ...range, variables: chosen })
    expect(options, `${variable.name} for ${room}`).not.toEqual([])
    const isAll = all && variable.includeAll
    chosen = {
      ...chosen,
      [variable.name]: { all: isAll, values: isAll ? options : options.slice(0, 2 - Number(!variable.multi)) },
    }
  }
  return { ...range, variables: chosen }
}

/** What the panel cannot show, in words; empty if it can. */
function unfit({ type, targets: [target], options, fieldConfig }: Panel, { meta, data }: Answer): string[] {
  const wrong: string[] = []
  const [first] = meta
  const names = meta.map(({ name }) => name)
  if (new Set(names).size !== names.length) wrong.push('two columns of one name')
  if (type === 'timeseries') {
    if (target?.format !== 0) wrong.push('is not asked for as a time series')
    if (first?.name !== 'time' || !isTime(first.type)) wrong.push('the first column is not the time')
    if (!meta.some((column) => isNumber(column.type))) wrong.push('no number')
    if (!meta.slice(1).every((column) => isNumber(column.type) || isText(column.type)))
      wrong.push('a column is no number and no label')
    const times = data.map(([time]) => String(time))
    if (times.some((time, at) => time < (times[at - 1] ?? ''))) wrong.push('times do not rise')
    const label = /^\$\{__field\.labels\.(\w+)\}$/.exec(fieldConfig.defaults.displayName ?? '')?.[1]
    const labels = meta.filter((column) => isText(column.type)).map(({ name }) => name)
    if (labels.join() !== (label ?? '')) wrong.push(`labels ${labels.join()} are not shown`)
  } else if (target?.format !== 1) wrong.push('is not asked for as a table')
  if (type === 'stat' && (meta.length !== 1 || !isNumber(first?.type ?? '') || data.length !== 1))
    wrong.push('is not one number')
  if (type === 'barchart') {
    if (options.xField !== first?.name || !isText(first?.type ?? ''))
      wrong.push('the first column is not what bars stand on')
    if (!meta.slice(1).every((column) => isNumber(column.type))) wrong.push('a bar is no number')
  }
  if (type === 'table' && !meta.every((column) => isNumber(column.type) || isText(column.type) || isTime(column.type)))
    wrong.push(`columns that a table does not show: ${meta.map((column) => column.type).join()}`)
  for (const { matcher } of fieldConfig.overrides)
    if (!names.includes(matcher.options)) wrong.push(`no column ${matcher.options}`)
  return wrong
}

describe.each(dashboards)('$file', ({ dashboard, variables }) => {
  test('has panels that lie side by side, with ids of their own and titles in both languages', () => {
    const panels = dashboard.panels.flatMap((panel) => (panel.type === 'row' ? [panel, ...panel.panels] : [panel]))
    expect(panels.length).toBeGreaterThan(8)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const taken = new Map<string, string>()
    for (const { gridPos, title } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x},${y}`), title).toBeUndefined()
          taken.set(`${x},${y}`, title)
        }
      expect(title).toContain(' · ')
    }
    expect(dashboard.title).toMatch(/^Siaga: .+ · .+$/)
  })

  test('asks of a variable what it shows as its definition', () => {
    for (const { query: asked, definition } of variables) expect(definition).toBe(asked.rawSql)
  })

  test.each(people)('is filled for room %s, all and one by one', async (room) => {
    for (const all of [true, false]) {
      const asked = await choose(room, variables, all)
      const seen = { rows: 0, panels: 0 }
      for (const { panel, centre } of panelsOf(dashboard)) {
        const sql = expand(panel.targets[0]?.rawSql ?? '', asked)
        if (centre && room !== 'pusat') {
          await expect(ask(room, sql), panel.title).rejects.toThrow('ACCESS_DENIED')
          continue
        }
        const answer = await ask(room, sql).catch((error: unknown) => {
          throw new Error(`${panel.title}: ${sql}`, { cause: error })
        })
        expect(unfit(panel, answer), panel.title).toEqual([])
        seen.panels += 1
        const [row] = answer.data
        if (row !== undefined && !row.includes(null)) seen.rows += 1
        else if (all && row === undefined) throw new Error(`${panel.title} is empty for ${room}: ${sql}`)
        if (all && panel.type === 'stat') expect(row, panel.title).not.toContain(null)
      }
      expect(seen.rows).toBeGreaterThan(seen.panels / 2)
    }
  })
})

test('no two dashboards have one uid, and links lead to one of them', () => {
  const uids = dashboards.map(({ dashboard }) => dashboard.uid)
  expect(uids).toEqual(['siaga-ingest-health', 'siaga-region', 'siaga-rule-quality', 'siaga-situation'])
  for (const { dashboard } of dashboards) {
    for (const [, uid = ''] of JSON.stringify(dashboard).matchAll(/\/d\/([a-z-]+)/g)) expect(uids).toContain(uid)
  }
})

test('a room sees of the panels what its policies let it see', async () => {
  const situation = dashboards.find(({ dashboard }) => dashboard.uid === 'siaga-situation')
  const panel =
    situation && panelsOf(situation.dashboard).find((one) => one.panel.title.startsWith('Wilayah dengan'))?.panel
  const regions = async (room: string): Promise<unknown[]> => {
    const asked = await choose(room, situation?.variables ?? [], true)
    return (await ask(room, expand(panel?.targets[0]?.rawSql ?? '', asked))).data.map(([region]) => region).sort()
  }
  expect(await regions('jabar')).toEqual(['32', '32.73'])
  expect(await regions('pusat')).toEqual(['', '00', '31', '31.74', '32', '32.73'])
})

// As grafana/clickhouse-datasource 4.x sends them: connection test, schema browser, completion, values of a filter.
const ofTheEditor = [
  'SELECT 1',
  'SELECT version()',
  'SHOW DATABASES',
  'SHOW TABLES',
  'SHOW TABLES FROM "siaga"',
  'DESC TABLE "siaga"."alerts"',
  'DESC TABLE "siaga"."events"',
  'DESCRIBE TABLE "siaga"."findings"',
  'SELECT database, name FROM system.tables ORDER BY database, name',
  "SELECT database, table, name, type, comment FROM system.columns WHERE (database, table) IN (('siaga', 'alerts')) ORDER BY database, table, position",
  "SELECT name, type, table FROM system.columns WHERE database IN ('siaga')",
  'SELECT currentDatabase()',
  'SELECT DISTINCT status FROM siaga.alerts SETTINGS max_execution_time=10',
  'SELECT DISTINCT arrayJoin(fields.keys) as keys FROM "siaga"."events" LIMIT 1000',
  'SELECT name, is_aggregate, case_insensitive, alias_to, origin, description, syntax, arguments, returned_value, examples, categories FROM system.functions LIMIT 10000',
  "SELECT value FROM system.settings WHERE name='readonly'",
]

test.each(ofTheEditor)('the editor of the plugin may ask, as a room: %s', async (sql) => {
  await ask('jabar', sql)
})

describe('provisioning', () => {
  const read = (kind: string): { name: string; value: unknown; text: string }[] =>
    readdirSync(join(folder, 'provisioning', kind))
      // The one of Prometheus: prometheus.test.ts.
      .filter((name) => name !== 'prometheus.yaml')
      .map((name) => {
        const text = readFileSync(join(folder, 'provisioning', kind, name), 'utf8')
        return { name, text, value: parse(text) }
      })
  const Variable = z.string().regex(/^\$GRAFANA_SIAGA_[A-Z]+$/)

  test('takes place, user and password from the environment', () => {
    const Sources = z.strictObject({
      apiVersion: z.literal(1),
      datasources: z.array(
        z.strictObject({
          name: z.string(),
          uid: z.string(),
          type: z.literal('grafana-clickhouse-datasource'),
          access: z.literal('proxy'),
          isDefault: z.boolean(),
          editable: z.literal(false),
          jsonData: z.strictObject({
            host: Variable,
            port: Variable,
            protocol: z.enum(['http', 'native']),
            username: Variable,
            defaultDatabase: z.literal('siaga'),
            queryTimeout: z.string().regex(/^\d+$/),
            dialTimeout: z.string().regex(/^\d+$/),
            maxOpenConns: z.string(),
            maxIdleConns: z.string(),
          }),
          secureJsonData: z.strictObject({ password: Variable }),
        }),
      ),
    })
    for (const { value } of read('datasources')) {
      const room = profiles.find(({ name }) => name === 'siaga_room')?.settings
      for (const { jsonData } of Sources.parse(value).datasources) {
        // clickhouse-go asks for five seconds more than the time-out; beyond the profile's most the server refuses every query.
        expect(Number(jsonData.queryTimeout) + 5).toBeLessThanOrEqual(room?.max_execution_time?.max ?? 0)
        expect(Number(jsonData.maxOpenConns)).toBeLessThanOrEqual(Number(room?.max_concurrent_queries_for_user?.value))
      }
    }
  })

  test('made by hand with the time-out that the plugin proposes, a minute, works as well', async () => {
    const minute = { ...settings, max_execution_time: '65' }
    await query(rig.services, rig.login('jabar'), 'SELECT 1', minute)
    const longer = query(rig.services, rig.login('jabar'), 'SELECT 1', { ...settings, max_execution_time: '66' })
    await expect(longer).rejects.toThrow('SETTING_CONSTRAINT_VIOLATION')
  })

  test('finds the dashboards where the environment says', () => {
    const Providers = z.object({
      providers: z.array(z.object({ type: z.literal('file'), options: z.object({ path: Variable }) })),
    })
    for (const { value } of read('dashboards')) Providers.parse(value)
  })
})
