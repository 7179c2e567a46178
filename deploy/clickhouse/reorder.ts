// How does a table that is in use get another order? ClickHouse cannot change it: a new table gets the rows, then the name.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'

/** What `REORDER TABLE database.table [ON CLUSTER 'name'] ENGINE = … ORDER BY …` says; a word of ours, for migrations alone. */
export interface Reorder {
  readonly database: string
  readonly table: string
  /** `ON CLUSTER 'name'`, or empty. */
  readonly onCluster: string
  /** All behind the columns: engine, partitions, order, TTL, settings, comment. */
  readonly definition: string
}

const shape = /^REORDER TABLE (\w+)\.(\w+)\s*(ON CLUSTER '[^']*')?\s*(ENGINE\b.*)$/s

/** The statement taken apart; undefined if it is plain SQL. */
export function parseReorder(statement: string): Reorder | undefined {
  const [, database, table, onCluster = '', definition] = shape.exec(statement) ?? []
  if (database === undefined || table === undefined || definition === undefined) return undefined
  return { database, table, onCluster, definition }
}

const Table = z.object({ name: z.string(), engine: z.string(), sorting_key: z.string() })
const Id = z.object({ query_id: z.string() })
const Shards = z.object({ n: z.coerce.number() })
/** Longer than any insert of ours may run (sinks/clickhouse/insert.ts). */
const LAST_WRITERS_MS = 120_000

const copySettings = {
  // Blocks that are equal by chance are no repeats here.
  insert_deduplicate: 0,
  // As many as there are: feeds of indicators have one each.
  max_partitions_per_insert_block: 0,
  max_execution_time: 0,
  max_insert_threads: '1',
  // The connection of a query that says nothing for two minutes is taken for dead.
  send_progress_in_http_headers: 1,
  http_headers_progress_interval_ms: 30_000,
}

/**
 * Gives the table the order of the definition; its columns, codecs, defaults and indexes stay. What is to be done follows from the names that are
 * there, so that it goes on wherever it was cut off:
 *
 * 1. The table has its old order: it is renamed to `<table>__from_…`. From now on inserts into it fail and are tried again by whoever lands,
 *    those that had begun are waited for. So nothing moves while rows are copied, and no row is there twice or missed.
 * 2. There is no table of the name: all rows of `__from_…` are copied to a new `<table>__to_…`, which takes the name in one step.
 * 3. The table has its new order: whatever else is left has been copied, and is dropped.
 *
 * The caller holds the lock of migrations. `check` is asked before each step and throws if that is not so any more.
 */
export async function reorder(clickhouse: ClickHouse, step: Reorder, check: () => void): Promise<void> {
  const { database, table, onCluster, definition } = step
  const command = (sql: string, settings = {}): Promise<void> => {
    check()
    return clickhouse.command(sql, {}, settings)
  }
  const named = (kind: 'from' | 'to'): string => `${table}__${kind}_${randomBytes(6).toString('hex')}`
  const tables = async () => {
    const rows = await clickhouse.rows(
      Table,
      'SELECT name, engine, sorting_key FROM system.tables WHERE database = {database:String} AND (name = {table:String} OR startsWith(name, {prefix:String})) ORDER BY name',
      { database, table, prefix: `${table}__` },
    )
    const of = (kind: 'from' | 'to') => rows.filter(({ name }) => name.startsWith(`${table}__${kind}_`))
    return { now: rows.find(({ name }) => name === table), from: of('from'), to: of('to') }
  }

  // Rows are copied by one server: those of another shard would be dropped.
  const [shards] = await clickhouse.rows(
    Shards,
    'SELECT uniqExact(shard_num) AS n FROM system.clusters WHERE cluster = {cluster:String}',
    { cluster: /'([^']*)'/.exec(onCluster)?.[1] ?? '' },
  )
  if (onCluster !== '' && (shards?.n ?? 0) > 1)
    throw new SiagaError('CLICKHOUSE_REFUSED', { detail: `${table} can be reordered on a cluster of one shard only` })
  const found = await tables()
  const like = found.now ?? found.from[0]
  if (like === undefined)
    throw new SiagaError('CLICKHOUSE_REFUSED', { detail: `there is no table ${database}.${table}` })
  const to = named('to')
  await command(`CREATE TABLE ${database}.${to} ${onCluster} AS ${database}.${like.name} ${definition}`)
  const wanted = (await tables()).to.find(({ name }) => name === to)?.sorting_key
  if (found.now?.sorting_key !== wanted) {
    if (found.now !== undefined)
      await command(`RENAME TABLE ${database}.${table} TO ${database}.${named('from')} ${onCluster}`)
    await lastWriters(clickhouse)
    for (const { name, engine } of (await tables()).from) {
      // Of two rows with one key the one that came last holds, and a copy does not keep which was last.
      const final = engine.endsWith('ReplacingMergeTree') ? 'FINAL' : ''
      await command(`INSERT INTO ${database}.${to} SELECT * FROM ${database}.${name} ${final}`, copySettings)
    }
    await command(`RENAME TABLE ${database}.${to} TO ${database}.${table} ${onCluster}`)
  }
  const left = await tables()
  if (left.now === undefined || left.now.sorting_key !== wanted)
    throw new SiagaError('CLICKHOUSE_REFUSED', {
      detail: `${database}.${table} was changed by somebody else meanwhile`,
    })
  // The settings: a table of any size, by name, nobody reads it any more.
  for (const { name } of [...left.from, ...left.to])
    await command(`DROP TABLE IF EXISTS ${database}.${name} ${onCluster} SYNC`, { max_table_size_to_drop: 0 })
}

/** Waits until everything that writes now is over: whoever began before the table was renamed still writes into it. */
async function lastWriters(clickhouse: ClickHouse): Promise<void> {
  const running = async (): Promise<string[]> => {
    const rows = await clickhouse.rows(
      Id,
      "SELECT query_id FROM system.processes WHERE query_kind IN ('Insert', 'Alter', 'AsyncInsertFlush') AND query_id != queryID()",
    )
    return rows.map(({ query_id }) => query_id)
  }
  const before = new Set(await running())
  const end = Date.now() + LAST_WRITERS_MS
  while ((await running()).some((id) => before.has(id))) {
    if (Date.now() > end)
      throw new SiagaError('CLICKHOUSE_UNAVAILABLE', {
        detail: 'an insert has been running for two minutes; migrate again',
      })
    await sleep(50)
  }
}
