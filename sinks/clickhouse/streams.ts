// Where does reading of a Kafka partition begin, and which incarnation of it is this? Answered when a worker takes the partition over.
import { randomBytes } from 'node:crypto'
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
export type Position =
  | {
      kind: 'known'
      stream: string
      /** First offset to read. */
      next: number
      /** Range whose insert may have happened: it is landed again with the same token and time. */
      pending?: PendingRange
    }
  /** Nothing is committed, yet rows have landed: the event at `offset` tells whether this is still the same topic. */
  | { kind: 'compare'; stream: string; offset: number; eventId: string; low: number }

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
const LandedRow = z.object({ n: z.coerce.number(), last: z.coerce.number(), event_id: z.string() })

/** Finds the position of a partition from the group's commit, or without one from what has landed (DESIGN §3.2). */
export async function findPosition(
  partition: number,
  committed: Committed,
  deps: PositionDependencies,
): Promise<Position> {
  const { clickhouse, store, admin, topic } = deps
  const bounds = (await admin.offsets(topic)).find((row) => row.partition === partition)
  const low = bounds?.low ?? 0
  const high = bounds?.high ?? 0
  const ledger = committed.offset < 0 ? undefined : decodeLedger(committed.metadata)
  if (ledger !== undefined) {
    // An end before what was committed: the topic was made anew under the same group.
    if (high < committed.offset) return { kind: 'known', stream: await beginStream(partition, deps), next: low }
    // A broker that lost its last writes (power failure) may hold an older commit: ranges land in order, so what lies below the highest
    // landed offset has landed.
    const landed = await landedLately(ledger.stream, partition, store)
    const known = { kind: 'known', stream: ledger.stream, next: Math.max(committed.offset, landed + 1) } as const
    if (ledger.last === undefined || ledger.at === undefined || landed > ledger.last) return known
    return {
      ...known,
      next: committed.offset,
      pending: { first: committed.offset, last: ledger.last, ingestedAt: ledger.at },
    }
  }
  const [latest] = await clickhouse.rows(
    StreamRow,
    'SELECT stream, cluster_id FROM siaga.streams WHERE topic = {topic:String} AND partition = {partition:UInt16} ORDER BY created_at DESC LIMIT 1',
    { topic, partition },
  )
  if (latest === undefined) return { kind: 'known', stream: await beginStream(partition, deps), next: low }
  const [landed] = await store.clickhouse.rows(
    LandedRow,
    `SELECT count() AS n, max(_offset) AS last, argMax(event_id, _offset) AS event_id FROM ${store.database}.events
     WHERE _stream = {stream:String} AND _partition = {partition:UInt16}`,
    { stream: latest.stream, partition },
  )
  if (landed === undefined || landed.n === 0) return { kind: 'known', stream: latest.stream, next: low }
  if (latest.cluster_id !== (await admin.clusterId()) || high <= landed.last) {
    return { kind: 'known', stream: await beginStream(partition, deps), next: low }
  }
  if (low > landed.last) return { kind: 'known', stream: latest.stream, next: low }
  return { kind: 'compare', stream: latest.stream, offset: landed.last, eventId: landed.event_id, low }
}

/** Highest offset that has landed within some days, -1 if none: recent parts are enough to notice a lost commit. */
async function landedLately(stream: string, partition: number, { clickhouse, database }: EventStore): Promise<number> {
  const [row] = await clickhouse.rows(
    z.object({ n: z.coerce.number(), last: z.coerce.number() }),
    `SELECT count() AS n, max(_offset) AS last FROM ${database}.events
     WHERE ingested_at >= now() - INTERVAL 3 DAY AND _stream = {stream:String} AND _partition = {partition:UInt16}`,
    { stream, partition },
  )
  return row === undefined || row.n === 0 ? -1 : row.last
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
