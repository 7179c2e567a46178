// What is in a database, whatever migrations have made of it? Its schema, rows of every kind, and what its rollups say against the raw rows.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'

const Column = z.object({ name: z.string(), type: z.string() })
const Table = z.object({ name: z.string(), engine: z.string() })
const View = z.object({ name: z.string(), select: z.string() })
// Names that no column has.
const Sum = z.object({ state_rows: z.coerce.number(), state_sum: z.string() })
export const SEED_ROWS = 400

/** Everything that makes up a schema, with the database's own name taken out. */
export async function schemaOf(clickhouse: ClickHouse, database: string): Promise<unknown[]> {
  const asked = [
    'SELECT name, engine, create_table_query, sorting_key, partition_key, primary_key, comment FROM system.tables WHERE database = {database:String} ORDER BY name',
    'SELECT table, name, type, position, comment, default_kind, default_expression, compression_codec FROM system.columns WHERE database = {database:String} ORDER BY table, position',
    'SELECT table, name, type_full, expr, granularity FROM system.data_skipping_indices WHERE database = {database:String} ORDER BY table, name',
    'SELECT table, name, query FROM system.projections WHERE database = {database:String} ORDER BY table, name',
    'SELECT name, structure FROM (SELECT name, `attribute.names` AS structure FROM system.dictionaries WHERE database = {database:String}) ORDER BY name',
  ]
  const rows = await Promise.all(asked.map((sql) => clickhouse.rows(z.unknown(), sql, { database })))
  return JSON.parse(JSON.stringify(rows.flat()).replaceAll(new RegExp(`\\b${database}\\b`, 'g'), 'DATABASE'))
}

/** Tables that hold rows of their own, migrations' own record left out. */
function tablesOf(clickhouse: ClickHouse, database: string): Promise<z.infer<typeof Table>[]> {
  return clickhouse.rows(
    Table,
    "SELECT name, engine FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree' AND name != 'migrations' ORDER BY name",
    { database },
  )
}

function columnsOf(clickhouse: ClickHouse, database: string, table: string): Promise<z.infer<typeof Column>[]> {
  return clickhouse.rows(
    Column,
    "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String} AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position",
    { database, table },
  )
}

/** Materialised views on events, with the question that each asks. */
async function rollupsOf(clickhouse: ClickHouse, database: string): Promise<{ target: string; select: string }[]> {
  const views = await clickhouse.rows(
    View,
    `SELECT name, as_select AS select FROM system.tables WHERE database = {database:String} AND engine = 'MaterializedView'
       AND position(as_select, {events:String}) > 0 ORDER BY name`,
    { database, events: `${database}.events` },
  )
  return views.map(({ name, select }) => ({ target: name.replace(/_mv$/, ''), select }))
}

/** Rows for every table, of values that differ; tables that views fill get theirs by `events`. */
export async function fillState(clickhouse: ClickHouse, database: string): Promise<void> {
  const rollups = new Set((await rollupsOf(clickhouse, database)).map(({ target }) => target))
  const fill = async (name: string): Promise<void> => {
    const values = (await columnsOf(clickhouse, database, name)).flatMap(
      ({ name: column, type }): [string, string][] => {
        const value = seedOf(column, type)
        return value === undefined ? [] : [[column, value]]
      },
    )
    await clickhouse.command(
      `INSERT INTO ${database}.${name} (${values.map(([column]) => column).join(', ')})
       SELECT ${values.map(([, value]) => value).join(', ')} FROM numbers(${SEED_ROWS})`,
    )
  }
  const tables = (await tablesOf(clickhouse, database)).filter(({ name }) => !rollups.has(name))
  await Promise.all(tables.map(({ name }) => fill(name)))
}

function seedOf(column: string, type: string): string | undefined {
  if (column === 'retain_until') return 'now() + INTERVAL 1 YEAR'
  // One landing, as an insert of ours has.
  if (column === 'ingested_at') return "toDateTime64(toStartOfHour(now('UTC')), 3, 'UTC')"
  if (column === 'region_code' || column === 'region') return "['31', '32', '32.73', ''][1 + number % 4]"
  if (column === 'tlp') return "['clear', 'green', 'amber', 'red'][1 + number % 4]"
  if (/^(?:LowCardinality\()?String/.test(type))
    return `concat('${column.slice(0, 8)}-', toString(intDiv(number, 2) % 50))`
  if (/^DateTime/.test(type)) return "now('UTC') - number * 7"
  if (type === 'Date') return 'today() - number % 5'
  if (/^U?Int8/.test(type)) return 'number % 100'
  return /^U?Int\d/.test(type) ? 'number' : undefined
}

export interface TableState {
  readonly columns: readonly string[]
  readonly rows: number
  readonly sum: string
}

/** A sum of all rows of each table over the columns that it has now, or over those of an earlier state. Order and parts do not matter. */
export async function rowsOf(
  clickhouse: ClickHouse,
  database: string,
  earlier?: ReadonlyMap<string, TableState>,
): Promise<Map<string, TableState>> {
  const sumOf = async ({ name, engine }: z.infer<typeof Table>): Promise<[string, TableState][]> => {
    const columns = earlier?.get(name)?.columns ?? (await columnsOf(clickhouse, database, name)).map((one) => one.name)
    const final = engine.endsWith('MergeTree') && !/^(?:Replicated)?MergeTree$/.test(engine) ? 'FINAL' : ''
    const [row] = await clickhouse.rows(
      Sum,
      `SELECT count() AS state_rows, toString(sum(cityHash64(toString(tuple(${columns.map((name) => `\`${name}\``).join(', ')}))))) AS state_sum FROM ${database}.${name} ${final}`,
    )
    return row === undefined ? [] : [[name, { columns, rows: row.state_rows, sum: row.state_sum }]]
  }
  const tables = (await tablesOf(clickhouse, database)).filter(({ name }) => earlier?.has(name) ?? true)
  return new Map((await Promise.all(tables.map(sumOf))).flat())
}

/**
 * Each rollup of `events` beside the same question on raw rows; `columns` says which of its columns (those that an earlier state had), all unless told.
 */
export async function rollupsAndRaw(
  clickhouse: ClickHouse,
  database: string,
  earlier?: ReadonlyMap<string, TableState>,
): Promise<{ target: string; kept: unknown[]; raw: unknown[] }[]> {
  const answers = []
  for (const { target, select } of await rollupsOf(clickhouse, database)) {
    if (earlier !== undefined && !earlier.has(target)) continue
    const known = earlier?.get(target)?.columns
    const columns = (await columnsOf(clickhouse, database, target)).filter(({ name }) => known?.includes(name) ?? true)
    const how = columns.map(({ name, type }) => ({ name, merge: /^SimpleAggregateFunction\((\w+)/.exec(type)?.[1] }))
    const keys = how.flatMap(({ name, merge }) => (merge === undefined ? [name] : []))
    const shown = how.map(({ name, merge }) => (merge === undefined ? name : `${merge}(${name}) AS of_${name}`))
    const ask = (from: string) =>
      clickhouse.rows(
        z.unknown(),
        `SELECT ${shown.join(', ')} FROM ${from} GROUP BY ${keys.join(', ')} ORDER BY ${keys.join(', ')}`,
      )
    answers.push({ target, kept: await ask(`${database}.${target}`), raw: await ask(`(${select})`) })
  }
  return answers
}
