// How is the election year made? Day by day inside ClickHouse, beside it the same rows in a plain table; a bar says how far it is.
import { z } from 'zod'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { eventColumns } from '../../../schemas/event.ts'
import { mergePartition } from '../../../sinks/clickhouse/merge-partition.ts'
import { oldDays, packDays } from '../../../sinks/clickhouse/packing.ts'
import { type Piece, selectDays } from './generator.ts'
import { type Day, LANDED_STREAM, makeWorld, NOW } from './world.ts'

const Name = z.object({ name: z.string() })
const Partition = z.object({ table: z.string(), partition_id: z.string(), rows: z.coerce.number() })
const Count = z.object({ n: z.coerce.number() })

/** As long as somebody looks: called with rows made so far of all. */
export type OnRows = (done: number, total: number) => void

/** Places and phases as the reference has them. */
export const world = () => makeWorld(loadReference({ calendars: ['pemilu-2024', 'pilkada-2024'] }, '/'))

const DAY_MS = 86_400_000

// The connection of a query that says nothing for two minutes is taken for dead.
const sayHowFar = { send_progress_in_http_headers: 1, http_headers_progress_interval_ms: 10_000 }
// A statement names places, phases and pools: some 100 kB of text. Compiling its expressions takes longer than a day of rows.
const makingSettings = {
  ...sayHowFar,
  max_query_size: 10_000_000,
  compile_expressions: 0,
  max_insert_threads: 1,
  max_threads: 1,
}
const names = Object.keys(eventColumns).join(', ')
// The embedded server has 4 GiB for this, the views' sums, and merges.
const ROWS_AT_ONCE = 300_000
/** Each is a part of its own, in `events` and in some of the rollups. */
const MAX_DAYS_AT_ONCE = 30

/**
 * Fills `siaga.events` with the rows of the year by landing day; its views fill the rollups. A day is one part, as it is
 * after its merges, unless it has more rows than fit in memory at once.
 */
export async function makeYear(
  clickhouse: ClickHouse,
  days: readonly Day[],
  seed: number,
  onRows: OnRows,
): Promise<void> {
  const places = world()
  const events = days.reduce((sum, { rows }) => sum + rows, 0)
  const statements: Piece[][] = []
  let room = 0
  for (const piece of days.flatMap(pieces)) {
    if (piece.rows > room || (statements.at(-1)?.length ?? 0) >= MAX_DAYS_AT_ONCE) {
      statements.push([])
      room = ROWS_AT_ONCE
    }
    statements.at(-1)?.push(piece)
    room -= piece.rows
  }
  let done = 0
  await side(statements, 2, async (some) => {
    await clickhouse.command(
      `INSERT INTO siaga.events (${names}) ${selectDays(places, some, seed)}`,
      {},
      makingSettings,
    )
    done += some.reduce((sum, { rows }) => sum + rows, 0)
    onRows(done, events)
  })
}

/** The year is long past: its rows are kept by the bench, whatever the tables say of ages. More of the rollups is there then than a server has. */
export async function keepAll(clickhouse: ClickHouse): Promise<void> {
  const tables = await clickhouse.rows(
    Name,
    `SELECT name FROM system.tables WHERE database = 'siaga' AND name != 'events' AND engine LIKE '%MergeTree' AND position(create_table_query, ' TTL ') > 0
       AND name IN (SELECT replaceRegexpOne(name, '_mv$', '') FROM system.tables WHERE database = 'siaga' AND engine = 'MaterializedView')`,
  )
  for (const { name } of tables) await clickhouse.command(`ALTER TABLE siaga.${name} REMOVE TTL`)
}

/** The same rows as somebody would keep them who has thought of nothing: in order of time, no indexes, no codecs, no rollups. */
export async function makeNaive(clickhouse: ClickHouse, days: readonly Day[], onRows: OnRows): Promise<void> {
  const columns = Object.entries(eventColumns).map(
    ([name, { type }]) => `${name} ${type.replace(/^LowCardinality\((\w+)\)$/, '$1')}`,
  )
  // Merges would run for longer than the bench and slow down both sides: blocks in order of time stay as they are.
  await clickhouse.command(`CREATE TABLE IF NOT EXISTS siaga.naive (${columns.join(', ')}) ENGINE = MergeTree ORDER BY timestamp
    SETTINGS max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1, auto_statistics_types = '', parts_to_delay_insert = 3000, parts_to_throw_insert = 5000`)
  const settings = {
    ...sayHowFar,
    min_insert_block_size_rows: ROWS_AT_ONCE,
    min_insert_block_size_bytes: 0,
    max_insert_threads: 1,
    max_threads: 2,
  }
  const events = days.reduce((sum, { rows }) => sum + rows, 0)
  const groups: { from: number; to: number; rows: number }[] = []
  for (const { day, rows } of days) {
    const last = groups.at(-1)
    if (last !== undefined && last.rows + rows <= ROWS_AT_ONCE) Object.assign(last, { to: day, rows: last.rows + rows })
    else groups.push({ from: day, to: day, rows })
  }
  let done = 0
  // One at a time: a block of a million rows is a gigabyte before it is packed.
  await side(groups, 1, async ({ from, to, rows }) => {
    await clickhouse.command(
      `INSERT INTO siaga.naive (${names}) SELECT ${names} FROM siaga.events WHERE toDate(ingested_at) BETWEEN toDate(${from / 1000}) AND toDate(${to / 1000}) AND _stream = 'kafka-bench-election-year'`,
      {},
      settings,
    )
    done += rows
    onRows(done, events)
  })
}

/** Of a kept year: what runs before have landed goes, so that each run asks the same rows. */
export async function forgetLanded(clickhouse: ClickHouse): Promise<void> {
  const landed = await clickhouse.rows(
    Name,
    "SELECT c.table AS name FROM system.columns AS c WHERE c.database = 'siaga' AND c.name = '_stream' AND has({tables:Array(String)}, c.table)",
    { tables: await summedTables(clickhouse) },
  )
  for (const { name: table } of landed) {
    const touched = await clickhouse.rows(
      Name,
      `SELECT DISTINCT _partition_id AS name FROM siaga.${table} WHERE startsWith(_stream, {landed:String})`,
      { landed: LANDED_STREAM },
    )
    for (const { name } of touched)
      await clickhouse.command(
        `ALTER TABLE siaga.${table} DELETE IN PARTITION ID '${name}' WHERE startsWith(_stream, {landed:String})`,
        { landed: LANDED_STREAM },
        { mutations_sync: '1' },
      )
  }
}

/** Merges of half a year cost as much as making it: they wait until all rows are there. Of events and its rollups. */
export async function holdMerges(clickhouse: ClickHouse): Promise<void> {
  for (const table of await summedTables(clickhouse)) await clickhouse.command(`SYSTEM STOP MERGES siaga.${table}`)
}

/** One part for each partition of the rollups, with its projections and indexes, as a server has them days later. */
export async function mergeAll(clickhouse: ClickHouse, onParts: OnRows): Promise<void> {
  const tables = await summedTables(clickhouse)
  for (const table of tables) await clickhouse.command(`SYSTEM START MERGES siaga.${table}`)
  const unmerged = () =>
    clickhouse.rows(
      Partition,
      `SELECT table, partition_id, sum(rows) AS rows FROM system.parts
       WHERE database = 'siaga' AND active AND table != 'events' AND has({tables:Array(String)}, table) GROUP BY table, partition_id
       HAVING count() > 1 OR (countIf(empty(projections)) > 0 AND table IN (SELECT table FROM system.projections WHERE database = 'siaga'))
       ORDER BY table, partition_id`,
      { tables },
    )
  let partitions = await unmerged()
  const total = partitions.reduce((sum, { rows }) => sum + rows, 0)
  let done = 0
  // A partition that the server was merging by itself is passed over: it comes again.
  while (partitions.length > 0) {
    await side(partitions, 2, async ({ table, partition_id, rows }) => {
      await mergePartition(clickhouse, `siaga.${table}`, partition_id)
      done += rows
      onParts(Math.min(done, total), total)
    })
    partitions = await unmerged()
  }
}

async function summedTables(clickhouse: ClickHouse): Promise<string[]> {
  const rollups = await clickhouse.rows(
    Name,
    "SELECT replaceRegexpOne(name, '_mv$', '') AS name FROM system.tables WHERE database = 'siaga' AND engine = 'MaterializedView' AND name != 'query_audit_mv'",
  )
  return ['events', ...rollups.map(({ name }) => name)]
}

/** Partition of a landing day, YYYYMMDD. */
const dayId = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')

/** Days of `events` become one part each, packed as the schedule does it, all but the two before NOW and its own. Of a kept year, what is left to do. */
export async function packYear(clickhouse: ClickHouse, onRows: OnRows): Promise<void> {
  const recent = [NOW - 2 * DAY_MS, NOW - DAY_MS, NOW].map(dayId)
  const days = (await oldDays(clickhouse, Date.now())).filter((day) => !recent.includes(day))
  for (const [index, day] of days.entries()) {
    await packDays(clickhouse, [day])
    onRows(index + 1, days.length)
  }
  for (const day of recent) await mergePartition(clickhouse, 'siaga.events', day)
}

/** Rows of the made year in a table, and whether the table is there at all. */
export async function rowsOf(clickhouse: ClickHouse, table: 'events' | 'naive'): Promise<number> {
  const [row] = await clickhouse.rows(
    Count,
    `SELECT total_rows AS n FROM system.tables WHERE database = 'siaga' AND name = {table:String}`,
    { table },
  )
  return row?.n ?? 0
}

/** A day in pieces that fit in memory at once. */
function pieces({ day, rows, first, seconds }: Day): Piece[] {
  const count = Math.ceil(rows / ROWS_AT_ONCE)
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((rows * i) / count)
    return { day, rows: Math.floor((rows * (i + 1)) / count) - from, first: first + from, from, seconds }
  })
}

/** `limit` at a time, in order. */
async function side<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: limit }, async () => {
      for (const item of rest) await work(item)
    }),
  )
}
