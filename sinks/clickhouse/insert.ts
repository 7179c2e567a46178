// How does a range of offsets get into `events` exactly once? One insert with a token; after doubt, look, and repair what is missing.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { EventStore } from './event-stores.ts'
import { repairRollups } from './rollups.ts'
import { insertColumns } from './rows.ts'

/** Offsets of one Kafka partition that travel in one insert, both inclusive, and the landing time they all carry. */
export interface LandingRange {
  stream: string
  partition: number
  first: number
  last: number
  /** Milliseconds since 1970 UTC. */
  ingestedAt: number
}

export interface InsertDependencies {
  clickhouse: ClickHouse
  /** Of `events`, as on a shard; siaga unless told. */
  database?: string
  log: Log
  /** False once the partition belongs to somebody else. */
  isCurrent(): boolean
  /** Called while waiting, so that the group does not take this worker for dead. */
  heartbeat(): Promise<void>
  onRetry?: (() => void) | undefined
  /**
   * After so many milliseconds without success ShardAway is thrown: what lands on other servers does not wait for this one. Endless unless told.
   */
  awayMs?: number | undefined
}

/** Thrown when the partition has moved on while the insert was being tried; the new owner lands the range. */
export class LandingAbandoned extends Error {
  override name = 'LandingAbandoned'
  constructor() {
    super('the partition belongs to another worker now')
  }
}

/** Thrown when the server is away for longer than whoever lands may wait. The range may have landed. */
export class ShardAway extends Error {
  override name = 'ShardAway'
  constructor(cause: unknown) {
    super(`the shard does not take rows: ${errorText(cause)}`, { cause })
  }
}

const INSERT_TIMEOUT_MS = 60_000
/** Other partitions wait for so long when a server neither answers nor refuses. */
const SHARD_INSERT_TIMEOUT_MS = 30_000
const MAX_BACKOFF_MS = 2_000
const Count = z.object({ n: z.coerce.number() })

const statement = (database: string): string => `INSERT INTO ${database}.events (${insertColumns}) FORMAT Native`

/** One block, hence one part: an insert is there whole or not at all. */
const insertSettings = {
  async_insert: 0,
  insert_deduplicate: 1,
  // A block that is dropped as a duplicate still goes to the views, where tokens of their own decide: views that missed it are filled.
  deduplicate_blocks_in_dependent_materialized_views: 1,
  // The first merge makes them, seconds later: what has just landed is little to read, and making them for each page costs a tenth of landing it.
  materialize_skip_indexes_on_insert: 0,
  max_insert_threads: '1',
  max_insert_block_size: '10000000',
  min_insert_block_size_rows: '10000000',
  min_insert_block_size_bytes: '4294967296',
  max_execution_time: INSERT_TIMEOUT_MS / 1000,
}

/**
 * Inserts encoded rows and resolves when they are in `events` and in every view on it, exactly once. Tries for as long as the partition is
 * ours; rejects with LandingAbandoned when it is not.
 *
 * @param doubtful true if an earlier insert of this range may have happened (taken over from another owner)
 */
export async function insertOnce(
  range: LandingRange,
  rows: Buffer[],
  doubtful: boolean,
  { clickhouse, database = 'siaga', log, isCurrent, heartbeat, onRetry, awayMs }: InsertDependencies,
): Promise<void> {
  const base = `${range.stream}-${range.partition}-${range.first}-${range.last}`
  let token = base
  let inDoubt = doubtful
  const began = performance.now()
  const timeoutMs = awayMs === undefined ? INSERT_TIMEOUT_MS : SHARD_INSERT_TIMEOUT_MS
  for (let attempt = 0; ; attempt += 1) {
    if (!isCurrent()) throw new LandingAbandoned()
    if (attempt > 0) {
      onRetry?.()
      await pause(attempt, heartbeat)
    }
    try {
      // The server forgets tokens in time; what has landed is there. While an insert of it runs, its token is known.
      if (inDoubt && !(await isRunning(clickhouse, base)) && (await isPresent({ clickhouse, database }, range))) {
        await repairRollups({ clickhouse, database }, range, log)
        return
      }
      const queryId = `siaga-${base}-${randomBytes(6).toString('hex')}`
      const settings = { ...insertSettings, insert_deduplication_token: token }
      await clickhouse.insert({ statement: statement(database), body: rows, queryId, settings, timeoutMs })
      if (!inDoubt) return
      if (await isPresent({ clickhouse, database }, range)) {
        await repairRollups({ clickhouse, database }, range, log)
        return
      }
      // The server took the token for a duplicate, yet the rows are not there: it died between noting the token and keeping the rows.
      if (!(await isRunning(clickhouse, base))) token = `${base}#${attempt + 1}`
    } catch (error) {
      inDoubt = true
      if (awayMs !== undefined && performance.now() - began >= awayMs) throw new ShardAway(error)
      if (attempt % 20 === 0)
        log.warn({ error: errorText(error), range: base, attempt }, 'insert failed and is tried again')
    }
  }
}

async function pause(attempt: number, heartbeat: () => Promise<void>): Promise<void> {
  await sleep(Math.min(MAX_BACKOFF_MS, 50 * 2 ** Math.min(attempt, 6)) * (0.75 + Math.random() / 2))
  await heartbeat()
}

/** Are rows of the range in `events`? All of them carry the same `ingested_at`, so this reads one partition and few granules. */
async function isPresent({ clickhouse, database }: EventStore, range: LandingRange): Promise<boolean> {
  const [row] = await clickhouse.rows(
    Count,
    `SELECT count() AS n FROM ${database}.events
     WHERE ingested_at = fromUnixTimestamp64Milli({at:Int64}, 'UTC') AND _stream = {stream:String} AND _partition = {partition:UInt16}
       AND _offset BETWEEN {first:UInt64} AND {last:UInt64}`,
    { at: range.ingestedAt, stream: range.stream, partition: range.partition, first: range.first, last: range.last },
  )
  return (row?.n ?? 0) > 0
}

/** Does the server still work on an insert of the range? */
async function isRunning(clickhouse: ClickHouse, base: string): Promise<boolean> {
  const [row] = await clickhouse.rows(
    Count,
    'SELECT count() AS n FROM system.processes WHERE startsWith(query_id, {prefix:String})',
    { prefix: `siaga-${base}-` },
  )
  return (row?.n ?? 0) > 0
}

/** True for answers of the coordinator to a member of an old generation. */
export function isFenced(error: unknown): boolean {
  const type = error instanceof Error && 'type' in error ? error.type : undefined
  return (
    type === 'ILLEGAL_GENERATION' ||
    type === 'UNKNOWN_MEMBER_ID' ||
    type === 'REBALANCE_IN_PROGRESS' ||
    type === 'FENCED_INSTANCE_ID'
  )
}
