// What of Kafka goes into a back-up? What is remembered there (alerts, correlations, schedule), and what nobody has landed or taken yet.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { KafkaAdmin, KafkaClient, KafkaMessage } from '../../runtime/kafka.ts'
import { ALERT_LOG_GROUP, FINDINGS_GROUP, PROCESSOR_GROUP } from '../../runtime/topics.ts'
import { topics } from '../../schemas/raw-event.ts'
import { ProgressRecord } from '../../sinks/alerts/records.ts'
import { decodeLedger } from '../../sinks/clickhouse/streams.ts'
import type { Committed, KafkaPart } from './manifest.ts'
import { createRecordFile } from './records.ts'

export interface KafkaReach {
  readonly kafka: Pick<KafkaClient, 'readAll'>
  readonly admin: Pick<KafkaAdmin, 'offsets' | 'committed' | 'clusterId'>
}

/** Groups whose place says what has landed, and their topics. */
const landing = [
  [PROCESSOR_GROUP, topics.raw],
  [FINDINGS_GROUP, topics.findings],
  [ALERT_LOG_GROUP, topics.alertLog],
] as const

export type CommittedByGroup = KafkaPart['committed']

/** What the groups have committed now, partition by partition; -1 where nothing is and nothing has landed. */
export async function readCommitted(
  { admin }: KafkaReach,
  clickhouse: Pick<ClickHouse, 'rows'>,
): Promise<CommittedByGroup> {
  const found: CommittedByGroup = {}
  for (const [group, topic] of landing) {
    found[group] = (await admin.committed(group, topic)).map(({ partition, offset, metadata }): Committed => {
      return { partition, offset, stream: decodeLedger(metadata)?.stream ?? '' }
    })
  }
  const ends = new Map((await admin.offsets(topics.raw)).map(({ partition, high }) => [partition, high]))
  found[PROCESSOR_GROUP] = await Promise.all(
    (found[PROCESSOR_GROUP] ?? []).map(async (row) =>
      row.offset < 0 ? await landedOf(row.partition, ends.get(row.partition) ?? 0, clickhouse) : row,
    ),
  )
  return found
}

const Stream = z.object({ stream: z.string() })
const Last = z.object({ n: z.coerce.number(), last: z.coerce.number() })

/** Of a partition of which nothing is committed, as after a restore while nothing new comes: where it stands as the tables have it. */
async function landedOf(partition: number, end: number, clickhouse: Pick<ClickHouse, 'rows'>): Promise<Committed> {
  const [latest] = await clickhouse.rows(
    Stream,
    'SELECT stream FROM siaga.streams WHERE topic = {topic:String} AND partition = {partition:UInt16} ORDER BY created_at DESC LIMIT 1',
    { topic: topics.raw, partition },
  )
  if (latest === undefined) return { partition, offset: -1, stream: '' }
  const [landed] = await clickhouse.rows(
    Last,
    'SELECT count() AS n, max(_offset) AS last FROM siaga.events WHERE _stream = {stream:String} AND _partition = {partition:UInt16}',
    { stream: latest.stream, partition },
  )
  // An end before it: the topic was made anew, and nobody has looked at it yet.
  return landed === undefined || landed.n === 0 || end <= landed.last
    ? { partition, offset: -1, stream: landed?.n === 0 ? latest.stream : '' }
    : { partition, offset: landed.last + 1, stream: latest.stream }
}

/** An insert takes a minute at most (sinks/clickhouse/insert.ts). */
const LANDING_MS = 60_000
const LOOK_MS = 100

/**
 * Waits until every page that is on its way now has landed: its findings may be known already, and a copy of `events` must not lack their events. Answers
 * false if one has not within a minute, as where no processor runs.
 */
export async function pagesLanded({ admin }: KafkaReach, signal: AbortSignal): Promise<boolean> {
  let waiting = await onTheirWay(admin)
  for (const end = Date.now() + LANDING_MS; waiting.size > 0; await sleep(LOOK_MS)) {
    signal.throwIfAborted()
    if (Date.now() > end) return false
    const now = await onTheirWay(admin)
    waiting = new Set([...waiting].filter((page) => now.has(page)))
  }
  return true
}

/** Pages whose insert may have begun, as text. */
async function onTheirWay(admin: KafkaReach['admin']): Promise<Set<string>> {
  const rows = await admin.committed(PROCESSOR_GROUP, topics.raw)
  return new Set(
    rows.flatMap(({ partition, offset, metadata }) =>
      decodeLedger(metadata)?.last === undefined ? [] : [`${partition} ${offset} ${metadata}`],
    ),
  )
}

export type DumpedTopic = KafkaPart['topics'][number]

/** Where a topic's records lie in a back-up. */
const fileOf = (topic: string): string => `kafka/${topic}.jsonl.zst`

/** Writes records of a topic into the back-up; `keep` says which, all unless given. */
async function dump(
  { kafka }: KafkaReach,
  folder: string,
  topic: string,
  { from, keep }: { from?: ReadonlyMap<number, number>; keep?: (message: KafkaMessage) => boolean } = {},
): Promise<DumpedTopic> {
  const file = createRecordFile(join(folder, fileOf(topic)))
  try {
    await kafka.readAll(
      topic,
      (message, partition) => {
        if (keep === undefined || keep(message)) file.add(message, partition)
      },
      from,
    )
  } finally {
    file.close()
  }
  return { topic, file: fileOf(topic), records: file.records }
}

export interface Remembered {
  readonly dumped: readonly DumpedTopic[]
  /** Offsets behind what the alerts have taken; -1: nothing yet. */
  readonly findings: number
  readonly requests: number
  /** When the alerts last kept something, milliseconds since 1970 UTC; 0 if never. */
  readonly keptAt: number
}

const AnyRecord = z.looseObject({ kind: z.unknown() })

/** What is remembered: the newest record of each key. The alerts come first, since what they have taken comes from the others. */
export async function dumpRemembered(reach: KafkaReach, folder: string): Promise<Remembered> {
  let progress: ProgressRecord | undefined
  let keptAt = 0
  const alerts = await dumpNewest(reach, folder, topics.alerts, ({ value, timestamp }) => {
    keptAt = Math.max(keptAt, timestamp)
    const record = value === null ? undefined : AnyRecord.safeParse(parse(value)).data
    if (record?.kind === 'progress') progress = ProgressRecord.parse(record)
  })
  const correlations = await dumpNewest(reach, folder, topics.correlations)
  const leases = await dumpNewest(reach, folder, topics.leases)
  const { findings = -1, requests = -1 } = progress ?? {}
  return { dumped: [alerts, correlations, leases], findings, requests, keptAt }
}

/** Of a compacted topic of one partition: the last record of each key, without what was taken back. */
async function dumpNewest(
  { kafka }: KafkaReach,
  folder: string,
  topic: string,
  onMessage: (message: KafkaMessage) => void = () => undefined,
): Promise<DumpedTopic> {
  const newest = new Map<string, KafkaMessage>()
  await kafka.readAll(topic, (message) => {
    onMessage(message)
    const key = message.key?.toString('utf8') ?? ''
    // Behind those that came after it: who reads them again reads them in this order.
    newest.delete(key)
    if (message.value !== null)
      // Copies: the memory of a batch is given back.
      newest.set(key, { ...message, key: Buffer.from(key), value: Buffer.from(message.value), headers: {} })
  })
  const file = createRecordFile(join(folder, fileOf(topic)))
  try {
    for (const message of newest.values()) file.add(message, 0)
  } finally {
    file.close()
  }
  return { topic, file: fileOf(topic), records: file.records }
}

/**
 * What nobody has landed or taken yet, from where the groups were before the tables were copied: raw events, findings, requests, entries of the alert log up to
 * the alerts' last step; and every dead letter.
 */
export async function dumpWaiting(
  reach: KafkaReach,
  folder: string,
  committed: CommittedByGroup,
  remembered: Remembered,
): Promise<DumpedTopic[]> {
  const landed = (group: string): Map<number, number> =>
    new Map((committed[group] ?? []).filter(({ offset }) => offset >= 0).map((row) => [row.partition, row.offset]))
  const findings = landed(FINDINGS_GROUP)
  if (remembered.findings >= 0) findings.set(0, Math.min(findings.get(0) ?? 0, remembered.findings))
  return [
    await dump(reach, folder, topics.raw, { from: landed(PROCESSOR_GROUP) }),
    await dump(reach, folder, topics.findings, { from: findings }),
    await dump(reach, folder, topics.alertRequests, { from: new Map([[0, Math.max(0, remembered.requests)]]) }),
    await dump(reach, folder, topics.alertLog, {
      from: landed(ALERT_LOG_GROUP),
      // An entry and the alerts as it left them go in one transaction: later ones belong to alerts that are not in here.
      keep: ({ timestamp }) => timestamp <= remembered.keptAt,
    }),
    await dump(reach, folder, topics.deadLetters),
  ]
}

function parse(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'))
  } catch {
    return undefined
  }
}
