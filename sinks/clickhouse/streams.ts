// Where does reading of a Kafka partition begin, and which incarnation of it is this? Answered when a worker takes the partition over.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { KafkaAdmin } from '../../runtime/kafka.ts'
import type { EventStore } from './event-stores.ts'

/** What a worker commits to the group beside the offset. With `last`, an insert of offset … last may have begun. */
const Ledger = z.object({
  stream: z.string().min(1),
  last: z.number().int().optional(),
  at: z.number().int().optional(),
})
export type Ledger = z.infer<typeof Ledger>

/** Text form of the metadata; at most some hundred bytes of Kafka's 4,096. */
export function encodeLedger(ledger: Ledger): string {
  return JSON.stringify(ledger)
}

/** The metadata of a committed offset, or undefined if it is not ours. */
export function decodeLedger(metadata: string): Ledger | undefined {
  if (!metadata.startsWith('{')) return undefined
  try {
    const result = Ledger.safeParse(JSON.parse(metadata))
    return result.success ? result.data : undefined
  } catch {
    return undefined
  }
}

/** What the group holds for a partition; offset -1 and no metadata if nothing. */
export interface Committed {
  offset: number
  metadata: string
}

/** Reads what the group holds for a partition. */
export async function readCommitted(
  partition: number,
  { admin, groupId, topic }: CommitDependencies,
): Promise<Committed> {
  const found = (await admin.committed(groupId, topic)).find((row) => row.partition === partition)
  return found === undefined || found.offset < 0
    ? { offset: -1, metadata: '' }
    : { offset: found.offset, metadata: found.metadata }
}

/** Where a partition stands. */
export type Position = KnownPosition | ComparePosition

export interface KnownPosition {
  kind: 'known'
  stream: string
  /** First offset to read. */
  next: number
  /** Range whose insert may have happened: it is landed again with the same token and time. */
  pending?: PendingRange
}

/** The event at `landed` tells whether the log of Kafka is still the one that landed. */
export interface ComparePosition {
  kind: 'compare'
  landed: Landed
  /** First offset that Kafka has, and the one after its last. */
  low: number
  high: number
  /** Where to go on if it is; undefined where the end of the log is missing already. */
  whole?: KnownPosition
}

/** An event that is in ClickHouse, by its place in Kafka. */
export interface Landed {
  offset: number
  eventId: string
}

/** A range that an earlier owner began to land. */
export interface PendingRange {
  first: number
  last: number
  ingestedAt: number
}

export interface CommitDependencies {
  admin: KafkaAdmin
  groupId: string
  topic: string
}

export interface PositionDependencies extends CommitDependencies {
  /** Keeps the record of streams. */
  clickhouse: ClickHouse
  /** Where the rows of the partition lie. */
  store: EventStore
}

const StreamRow = z.object({ stream: z.string(), cluster_id: z.string() })
const LandedRow = z.object({ n: z.coerce.number(), offset: z.coerce.number(), event_id: z.string() })

/**
 * Finds the position of a partition from the group's commit, or without one from what has landed (DESIGN §3.2). A broker that lost its power may have lost the
 * last records of its log and kept the commit behind them, or the other way round: neither is believed without an event that is the same on both sides.
 */
export async function findPosition(
  partition: number,
  committed: Committed,
  deps: PositionDependencies,
): Promise<Position> {
  const { clickhouse, store, admin, topic } = deps
  const ledger = committed.offset < 0 ? undefined : decodeLedger(committed.metadata)
  if (ledger !== undefined) {
    const { stream } = ledger
    const latest = await landedLately(stream, partition, store)
    // The broker may hold an older commit than it was told: ranges land in order, so what lies below the highest landed offset has landed.
    const whole: KnownPosition = { kind: 'known', stream, next: Math.max(committed.offset, (latest?.offset ?? -1) + 1) }
    // A range of which the end is missing would be waited for in vain.
    const least = Math.max(whole.next, (ledger.last ?? -1) + 1)
    const { low, high } = await boundsOf(partition, least, deps)
    if (ledger.last !== undefined && ledger.at !== undefined && (latest?.offset ?? -1) <= ledger.last) {
      whole.next = committed.offset
      whole.pending = { first: committed.offset, last: ledger.last, ingestedAt: ledger.at }
    }
    if (high >= least)
      return latest === undefined || latest.offset < low ? whole : { kind: 'compare', landed: latest, low, high, whole }
    return cutOff(partition, { low, high }, deps)
  }
  const streams = await readStreams(partition, deps)
  // One that was begun and whose owner went before anything landed tells nothing: the one before it does.
  let latest = streams[0]
  let landed: Landed | undefined
  for (const one of streams) {
    landed = await landedWithin([one.stream], partition, { from: 0, to: MAX_OFFSET }, store)
    if (landed === undefined) continue
    latest = one
    break
  }
  const known = latest?.cluster_id === (await admin.clusterId()) ? latest : undefined
  const { low, high } = await boundsOf(partition, known === undefined ? 0 : (landed?.offset ?? -1) + 1, deps)
  if (latest === undefined || (landed !== undefined && known === undefined))
    return { kind: 'known', stream: await beginStream(partition, deps), next: low }
  const { stream } = latest
  if (landed === undefined || landed.offset < low) return { kind: 'known', stream, next: low }
  if (high <= landed.offset) return cutOff(partition, { low, high }, deps)
  const whole: KnownPosition = { kind: 'known', stream, next: landed.offset + 1 }
  return { kind: 'compare', landed, low, high, whole }
}

/** Where a log goes on that is shorter than what has landed of it: at most behind the highest offset that both have. */
async function cutOff(
  partition: number,
  { low, high }: { low: number; high: number },
  deps: PositionDependencies,
): Promise<Position> {
  const landed = await landedWithin(
    await streamsHere(partition, deps),
    partition,
    { from: low, to: high - 1 },
    deps.store,
  )
  return landed === undefined
    ? { kind: 'known', stream: await beginStream(partition, deps), next: low }
    : { kind: 'compare', landed, low, high }
}

/** Streams of a partition, the newest first. */
function readStreams(
  partition: number,
  { clickhouse, topic }: Pick<PositionDependencies, 'clickhouse' | 'topic'>,
): Promise<z.infer<typeof StreamRow>[]> {
  return clickhouse.rows(
    StreamRow,
    `SELECT stream, cluster_id FROM siaga.streams WHERE topic = {topic:String} AND partition = {partition:UInt16}
     ORDER BY created_at DESC LIMIT 100`,
    { topic, partition },
  )
}

/** Those of this Kafka: parts of one log may have landed under several. */
export async function streamsHere(partition: number, deps: Omit<PositionDependencies, 'store'>): Promise<string[]> {
  const cluster = await deps.admin.clusterId()
  return (await readStreams(partition, deps))
    .filter(({ cluster_id }) => cluster_id === cluster)
    .map(({ stream }) => stream)
}

const LOOK_MS = 500
/** A leader of several replicas tells an end that those in step have, and waits for a dead one until the brokers have given it up. */
const FAILOVER_MS = 60_000

/**
 * First offset that Kafka has and the one after its last. Asked again while the end is below `least`: a replica that has just become the leader does not know
 * at once of all that consumers have seen.
 */
async function boundsOf(
  partition: number,
  least: number,
  { admin, topic }: CommitDependencies,
): Promise<{ low: number; high: number }> {
  const began = performance.now()
  for (let patienceMs: number | undefined; ; await sleep(LOOK_MS)) {
    const { low, high } = (await admin.offsets(topic)).find((row) => row.partition === partition) ?? { low: 0, high: 0 }
    if (high >= least) return { low, high }
    patienceMs ??= (await replicasOf(partition, { admin, topic })) > 1 ? FAILOVER_MS : LOOK_MS
    if (performance.now() - began >= patienceMs) return { low, high }
  }
}

async function replicasOf(
  partition: number,
  { admin, topic }: Pick<CommitDependencies, 'admin' | 'topic'>,
): Promise<number> {
  const [found] = (await admin.describe([topic])).topics
  return found?.partitions.find((one) => one.partition === partition)?.replicas ?? 1
}

/** The highest offset that has landed within some days: recent parts are enough to notice a lost commit. */
async function landedLately(stream: string, partition: number, store: EventStore): Promise<Landed | undefined> {
  const [row] = await store.clickhouse.rows(
    z.object({ n: z.coerce.number(), last: z.coerce.number() }),
    `SELECT count() AS n, max(_offset) AS last FROM ${store.database}.events
     WHERE ingested_at >= now() - INTERVAL 3 DAY AND _stream = {stream:String} AND _partition = {partition:UInt16}`,
    { stream, partition },
  )
  if (row === undefined || row.n === 0) return undefined
  return landedWithin(
    [stream],
    partition,
    { from: row.last, to: row.last },
    store,
    'AND ingested_at >= now() - INTERVAL 3 DAY',
  )
}

const MAX_OFFSET = Number.MAX_SAFE_INTEGER

/**
 * The landed event with the highest offset of a range (both ends inclusive), or with the lowest if told; undefined if none of it has landed. Where several streams
 * have the offset, the one that landed last: a log that lost its end has been filled anew from there.
 */
export async function landedWithin(
  streams: readonly string[],
  partition: number,
  { from, to, lowest = false }: { from: number; to: number; lowest?: boolean },
  { clickhouse, database }: EventStore,
  also = '',
): Promise<Landed | undefined> {
  if (to < from) return undefined
  const of = lowest ? 'min(_offset)' : 'max(_offset)'
  const id = `argMax(event_id, (${lowest ? '-toInt64(_offset)' : '_offset'}, ingested_at))`
  const [row] = await clickhouse.rows(
    LandedRow,
    `SELECT count() AS n, ${of} AS offset, ${id} AS event_id FROM ${database}.events
     WHERE _stream IN {streams:Array(String)} AND _partition = {partition:UInt16} AND _offset BETWEEN {from:UInt64} AND {to:UInt64} ${also}`,
    { streams: [...streams], partition, from, to },
  )
  return row === undefined || row.n === 0 ? undefined : { offset: row.offset, eventId: row.event_id }
}

/** Records a new incarnation of a partition and answers its id. */
export async function beginStream(
  partition: number,
  { clickhouse, admin, topic }: Omit<PositionDependencies, 'store'>,
): Promise<string> {
  const stream = randomBytes(8).toString('hex')
  await clickhouse.command(
    `INSERT INTO siaga.streams (stream, topic, partition, cluster_id, created_at)
     VALUES ({stream:String}, {topic:String}, {partition:UInt16}, {cluster:String}, now64(3))`,
    { stream, topic, partition, cluster: await admin.clusterId() },
  )
  return stream
}
