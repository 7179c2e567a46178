// How does Kafka get back what a back-up has of it? A topic that was lost is filled; one that lives on is read again from where the tables were copied.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { KafkaAdmin, KafkaClient, OutgoingMessage, TopicSettings } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import {
  ALERT_FINDINGS_GROUP,
  ALERT_LOG_GROUP,
  ALERT_REQUESTS_GROUP,
  FINDINGS_GROUP,
  PROCESSOR_GROUP,
} from '../../runtime/topics.ts'
import { deadLetterHeaders } from '../../schemas/dead-letter.ts'
import { topics } from '../../schemas/raw-event.ts'
import { ProgressRecord, recordKey } from '../../sinks/alerts/records.ts'
import { CommandError } from '../frame.ts'
import type { KafkaPart } from './manifest.ts'
import { type Kept, readRecords } from './records.ts'

/** In this order: what is taken from others is filled once they are known. */
const kept = [
  topics.leases,
  topics.correlations,
  topics.deadLetters,
  topics.alertLog,
  topics.alertRequests,
  topics.findings,
  topics.alerts,
  topics.raw,
] as const

const groups = [PROCESSOR_GROUP, FINDINGS_GROUP, ALERT_FINDINGS_GROUP, ALERT_REQUESTS_GROUP, ALERT_LOG_GROUP] as const

/** Rejects with a CommandError if a process of Siaga reads from this Kafka now. */
export async function nobodyReads(admin: Pick<KafkaAdmin, 'members'>): Promise<void> {
  for (const group of groups) {
    const members = await admin.members(group)
    if (members > 0)
      throw new CommandError(
        `Siaga still runs: ${members} of its processes read from this Kafka (${group}).`,
        'Stop siaga start, siaga process and siaga ingest everywhere, wait half a minute, and run this again.',
      )
  }
}

/** Names of the topics that have never had a record, missing ones among them. */
export async function lostTopics(admin: Pick<KafkaAdmin, 'offsets' | 'describe'>): Promise<string[]> {
  const there = new Set((await admin.describe(kept)).topics.map(({ topic }) => topic))
  const lost: string[] = []
  for (const topic of kept) {
    if (!there.has(topic) || (await admin.offsets(topic)).every(({ high }) => high === 0)) lost.push(topic)
  }
  return lost
}

const GONE_MS = 60_000

/** Deletes what a killed restore has begun to fill, and waits until it is gone. */
export async function forgetTopics(
  admin: Pick<KafkaAdmin, 'deleteTopic' | 'describe'>,
  names: readonly string[],
): Promise<void> {
  const there = async (): Promise<string[]> => (await admin.describe(names)).topics.map(({ topic }) => topic)
  for (const topic of await there()) await admin.deleteTopic(topic)
  for (const end = Date.now() + GONE_MS; (await there()).length > 0; await sleep(200)) {
    if (Date.now() > end)
      throw new CommandError('Kafka does not delete what a killed restore has left.', 'Run this again in a minute.')
  }
}

export interface RefillOptions {
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  readonly settings: TopicSettings[]
  /** The back-up. */
  readonly folder: string
  readonly part: KafkaPart
  /** Topics that are to be filled ({@link lostTopics}). */
  readonly lost: readonly string[]
  /** Highest offset of a partition in the restored `events`, -1 if none. */
  readonly landed: (stream: string, partition: number) => number
  readonly onTopic: (topic: string, records: number) => void
}

/** Fills what was lost, and sets the groups so that what the restored tables lack lands. Answers how many records went to each topic. */
export async function refillKafka(options: RefillOptions): Promise<ReadonlyMap<string, number>> {
  const { kafka, admin, settings, folder, part, lost } = options
  await admin.ensureTopics(settings)
  await resetGroups(admin, part, lost)
  const producer = createBatchingProducer(kafka, silentLog)
  const filled = new Map<string, number>()
  /** Findings that the alerts had taken: they lie before the others. */
  let taken = 0
  try {
    for (const { topic, file, records } of inOrder(part.topics)) {
      if (!lost.includes(topic)) continue
      options.onTopic(topic, records)
      let sent = 0
      for await (const page of pages(readRecords(join(folder, file)))) {
        const messages = page.flatMap((one) => {
          const message = messageOf(one, topic, options, taken)
          if (message === undefined) return []
          if (topic === topics.findings && one.offset < part.alerts.findings) taken += 1
          return [message]
        })
        await producer.send(topic, messages)
        sent += messages.length
      }
      filled.set(topic, sent)
    }
    return filled
  } finally {
    await producer.close()
  }
}

function inOrder(dumped: KafkaPart['topics']): KafkaPart['topics'] {
  return kept.flatMap((topic) => dumped.filter((one) => one.topic === topic))
}

const PAGE = 1_000
const PAGE_BYTES = 1024 * 1024

async function* pages(all: AsyncIterable<Kept>): AsyncGenerator<Kept[]> {
  let page: Kept[] = []
  let bytes = 0
  for await (const one of all) {
    page.push(one)
    bytes += one.value?.length ?? 0
    if (page.length < PAGE && bytes < PAGE_BYTES) continue
    yield page
    page = []
    bytes = 0
  }
  if (page.length > 0) yield page
}

/** The record as it is sent; undefined for one that must not come again. */
function messageOf(
  { key, value, headers, partition, offset }: Kept,
  topic: string,
  options: Pick<RefillOptions, 'part' | 'lost' | 'landed'>,
  taken: number,
): OutgoingMessage | undefined {
  const { part, lost, landed } = options
  const message: OutgoingMessage = {
    key,
    value: value === null ? null : Buffer.from(value, 'base64'),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
  }
  switch (topic) {
    case topics.raw: {
      const stream = streamOf(part, partition)
      return stream !== '' && offset <= landed(stream, partition) ? undefined : message
    }
    // Their raw events are sent again, and say so again under another id.
    case topics.findings:
      return lost.includes(topics.raw) && comesAgain(idOf(message.value), options) ? undefined : message
    case topics.deadLetters:
      return lost.includes(topics.raw) && comesAgain(headerText(message, deadLetterHeaders.id), options)
        ? undefined
        : message
    case topics.alerts:
      if (key === OWNER) return undefined
      return key === recordKey('progress') ? { ...message, value: progressOf(message.value, options, taken) } : message
    case topics.correlations:
      return key === OWNER ? undefined : message
    default:
      return message
  }
}

/** Key under which a holder writes its name (runtime/kafka-state.ts): of a process that is no more. */
const OWNER = 'owner'

function streamOf({ committed }: KafkaPart, partition: number): string {
  return committed[PROCESSOR_GROUP]?.find((row) => row.partition === partition)?.stream ?? ''
}

/** True if an id (stream, partition, offset) is of a raw event that had not landed when `events` was copied. */
function comesAgain(id: string, { part, landed }: Pick<RefillOptions, 'part' | 'landed'>): boolean {
  const [, stream = '', partition = '', offset = ''] = /^([0-9a-f]{16})-(\d+)-(\d+)(?:-|$)/.exec(id) ?? []
  return (
    stream !== '' &&
    streamOf(part, Number(partition)) === stream &&
    Number(offset) > landed(stream, Number(partition)) &&
    Number(offset) >= (part.committed[PROCESSOR_GROUP]?.find((row) => row.partition === Number(partition))?.offset ?? 0)
  )
}

const WithId = z.looseObject({ finding_id: z.string() })

function idOf(value: Buffer | null): string {
  try {
    return WithId.safeParse(JSON.parse(value?.toString('utf8') ?? '')).data?.finding_id ?? ''
  } catch {
    return ''
  }
}

function headerText({ headers }: OutgoingMessage, name: string): string {
  const value = headers[name]
  return Buffer.isBuffer(value) ? value.toString('utf8') : ''
}

/** How far the alerts have read, in the offsets of topics that begin anew. */
function progressOf(value: Buffer | null, { part, lost }: Pick<RefillOptions, 'part' | 'lost'>, taken: number): Buffer {
  const progress = ProgressRecord.parse(JSON.parse(value?.toString('utf8') ?? ''))
  const { findings, requests } = part.alerts
  return Buffer.from(
    JSON.stringify({
      ...progress,
      ...(lost.includes(topics.findings) && findings >= 0 ? { findings: taken } : {}),
      ...(lost.includes(topics.alertRequests) && requests >= 0 ? { requests: 0 } : {}),
    } satisfies ProgressRecord),
  )
}

/**
 * Groups forget where they were. Processors then go on behind what has landed, as the restored tables have it; findings and the alert log of a Kafka that
 * lives on land again from where they were when the tables were copied, which leaves out what is there.
 */
async function resetGroups(
  admin: Pick<KafkaAdmin, 'forgetGroup' | 'setCommitted' | 'offsets'>,
  { committed }: KafkaPart,
  lost: readonly string[],
): Promise<void> {
  for (const group of groups) await admin.forgetGroup(group)
  for (const [group, topic] of [
    [FINDINGS_GROUP, topics.findings],
    [ALERT_LOG_GROUP, topics.alertLog],
  ] as const) {
    if (lost.includes(topic)) continue
    const bounds = await admin.offsets(topic)
    const offsets = (committed[group] ?? []).flatMap(({ partition, offset }) => {
      const found = bounds.find((row) => row.partition === partition)
      return found === undefined || offset < 0 ? [] : [{ partition, offset: Math.min(offset, found.high) }]
    })
    await admin.setCommitted(group, topic, offsets)
  }
}
