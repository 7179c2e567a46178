// Which rollups of `events` are there, and what is missing in them? Their own views say what the raw rows would give.
import { z } from 'zod'
import { at, type ClickHouse, quote, whole } from '../../runtime/clickhouse.ts'
import type { Log } from '../../runtime/log.ts'
import type { EventStore } from './event-stores.ts'
import type { LandingRange } from './insert.ts'

const View = z.object({ target: z.string(), as_select: z.string() })
const Table = z.object({ name: z.string(), create_table_query: z.string() })
const TargetColumn = z.object({ table: z.string(), name: z.string(), type: z.string() })

/** The column that holds the time of landing, and its width. */
const slots = { minute: 60_000, hour: 3_600_000 } as const
const HOUR_MS = slots.hour

/** A table that is counted from `events`, or from another rollup of them. */
export interface Rollup {
  readonly database: string
  readonly target: string
  /** What the view says, and the table that it reads. */
  readonly select: string
  readonly source: string
  /** The column that keeps when rows landed. */
  readonly slot: keyof typeof slots
  /** Keys, and aggregates with how two of them become one. */
  readonly columns: readonly { readonly name: string; readonly how: 'sum' | 'max' | 'min' | undefined }[]
  /** When a row goes, as an expression; undefined if it stays. */
  readonly ttl: string | undefined
}

/** Rows that landed from one stream within a time, and of one Kafka partition if it is named. Times are milliseconds since 1970 UTC. */
export interface LandedRows {
  readonly stream: string
  readonly partition?: number
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/**
 * Every rollup, each behind the one that it reads. A rollup is a view `<target>_mv` on `events` or on another rollup; its columns are keys (with
 * `_stream`, `_partition` and `minute` or `hour` of landing among them) or SimpleAggregateFunction of sum, max or min.
 */
export async function readRollups(clickhouse: ClickHouse, database = 'siaga'): Promise<Rollup[]> {
  const views = await clickhouse.rows(
    View,
    `SELECT replaceRegexpOne(name, '_mv$', '') AS target, as_select FROM system.tables
     WHERE database = {database:String} AND engine = 'MaterializedView' ORDER BY name`,
    { database },
  )
  const params = { database, names: views.map(({ target }) => target) }
  const tables = await clickhouse.rows(
    Table,
    'SELECT name, create_table_query FROM system.tables WHERE database = {database:String} AND name IN {names:Array(String)}',
    params,
  )
  const columns = await clickhouse.rows(
    TargetColumn,
    'SELECT table, name, type FROM system.columns WHERE database = {database:String} AND table IN {names:Array(String)} ORDER BY table, position',
    params,
  )
  const found: Rollup[] = []
  const read = (source: string): void => {
    for (const { target, as_select: select } of views) {
      if (!sourcePattern({ database, source }).test(select)) continue
      const own = columns.filter(({ table }) => table === target).map(({ name, type }) => ({ name, how: howOf(type) }))
      const slot = own.some(({ name }) => name === 'minute') ? 'minute' : 'hour'
      const created = tables.find(({ name }) => name === target)?.create_table_query ?? ''
      found.push({ database, target, select, source, slot, columns: own, ttl: ttlOf(created) })
      read(target)
    }
  }
  read('events')
  return found
}

/** The expression after which rows go: of tables that do nothing else by age. */
function ttlOf(created: string): string | undefined {
  const from = created.lastIndexOf(' TTL ')
  const to = created.indexOf(' SETTINGS ', from)
  const ttl = from < 0 || to < 0 ? '' : created.slice(from + ' TTL '.length, to)
  return /\(\d+\)$/.test(ttl) && !ttl.includes(',') ? ttl : undefined
}

function howOf(type: string): Rollup['columns'][number]['how'] {
  const how = /^SimpleAggregateFunction\((sum|max|min),/.exec(type)?.[1]
  return how === 'sum' || how === 'max' || how === 'min' ? how : undefined
}

/** The table as the view names it, with the alias if it has one. */
const sourcePattern = ({ database, source }: Pick<Rollup, 'database' | 'source'>): RegExp =>
  new RegExp(`\\b${database}\\.${source}\\b(?: AS (\\w+))?`)

/** Rows of a table, as conditions; `column` holds when they landed. */
function conditions({ stream, partition, from, to }: LandedRows, column: string): string {
  const mine = partition === undefined ? '' : ` AND _partition = ${whole(partition)}`
  // Slots are whole seconds: compared with a time of milliseconds, the index of theirs would not be used.
  const time = (ms: number): string => (column === 'ingested_at' ? at(ms) : `toDateTime(${whole(ms / 1000)}, 'UTC')`)
  return `_stream = ${quote(stream)}${mine} AND ${column} >= ${time(from)} AND ${column} < ${time(to)}`
}

/**
 * What a rollup asks of the raw rows, as a query: for one that reads another rollup, both questions one in the other. Columns are those of its
 * table.
 */
export function rawQuestion(rollups: readonly Rollup[], rollup: Rollup, landed: LandedRows): string {
  const source = rollups.find(({ target }) => target === rollup.source)
  return withSource(
    rollup,
    source === undefined
      ? `SELECT * FROM ${rollup.database}.events WHERE ${conditions(landed, 'ingested_at')}`
      : rawQuestion(rollups, source, landed),
  )
}

function withSource(rollup: Rollup, rows: string): string {
  const { select, source } = rollup
  return select.replace(sourcePattern(rollup), (_whole, alias?: string) => `(${rows}) AS ${alias ?? source}`)
}

/** What must be added to a rollup so that it says what `question` says: rows of its columns, with a condition on the sums `total_<column>`. */
function difference(rollup: Rollup, landed: LandedRows, question: string, condition: string): string {
  const { database, target, slot, columns } = rollup
  const keys = columns.flatMap(({ name, how }) => (how === undefined ? [name] : [])).join(', ')
  const names = columns.map(({ name }) => name).join(', ')
  // What is recorded, with its sums turned negative: added to what is there in truth, it leaves the difference.
  const recorded = columns.map(({ name, how }) =>
    how === 'sum' ? `-1 * sum(${name})` : how === undefined ? name : `${how}(${name})`,
  )
  const added = columns.map(({ name, how }) => (how === undefined ? name : `${how}(${name}) AS total_${name}`))
  return `
    SELECT ${added.join(', ')} FROM (
      SELECT ${names} FROM (${question})
      UNION ALL
      SELECT ${recorded.join(', ')} FROM ${database}.${target} WHERE ${conditions(landed, slot)} GROUP BY ${keys}
    ) GROUP BY ${keys} HAVING ${condition}`
}

/** Nothing may be added twice: the server runs one query of a name at a time, and this is the name for all that may change these rows. */
const queryName = ({ target }: Rollup, { stream, from }: LandedRows): string =>
  `siaga-rollup-${target}-${stream}-${Math.floor(from / HOUR_MS)}`

async function add(clickhouse: ClickHouse, rollup: Rollup, landed: LandedRows, rows: string): Promise<void> {
  const names = rollup.columns.map(({ name }) => name).join(', ')
  const statement = `INSERT INTO ${rollup.database}.${rollup.target} (${names}) ${rows}`
  await clickhouse.command(statement, {}, { insert_deduplicate: 0 }, queryName(rollup, landed))
}

/**
 * Makes every rollup equal to the raw rows, for the Kafka partition of the range and the minute (or hour) in which it landed. Only the owner of a
 * partition writes rows with its number, one insert at a time, so nothing moves while this measures. A rollup of a rollup is compared with that
 * one, which has just been repaired and is much smaller than the events of an hour.
 */
export async function repairRollups(
  { clickhouse, database }: EventStore,
  range: LandingRange,
  log: Log,
): Promise<void> {
  const rollups = await readRollups(clickhouse, database)
  for (const rollup of rollups) {
    const width = slots[rollup.slot]
    const from = Math.floor(range.ingestedAt / width) * width
    const landed = { stream: range.stream, partition: range.partition, from, to: from + width }
    const source = rollups.find(({ target }) => target === rollup.source)
    const question =
      source === undefined
        ? rawQuestion(rollups, rollup, landed)
        : withSource(
            rollup,
            `SELECT * FROM ${source.database}.${source.target} WHERE ${conditions(landed, source.slot)}`,
          )
    const differs = rollup.columns.flatMap(({ name, how }) => (how === 'sum' ? [`total_${name} != 0`] : []))
    await add(clickhouse, rollup, landed, difference(rollup, landed, question, differs.join(' OR ')))
    log.debug({ target: rollup.target, ...landed }, 'rollup compared with raw rows')
  }
}

/**
 * Adds to a rollup what the raw rows of a landed hour have and it has not. What it has beyond them stays: raw rows go before sums do. Rejects
 * with CLICKHOUSE_REFUSED (216) while another process does the same.
 */
export async function fillRollup(
  clickhouse: ClickHouse,
  rollups: readonly Rollup[],
  rollup: Rollup,
  landed: LandedRows,
): Promise<void> {
  // What is about to go is not made again: a rollup of this one would take it for new.
  const stays = rollup.ttl === undefined ? '' : ` AND ${rollup.ttl} > now() + INTERVAL 1 DAY`
  const question = rawQuestion(rollups, rollup, landed)
  await add(clickhouse, rollup, landed, difference(rollup, landed, question, `total_events > 0${stays}`))
}
