// How does a topic reach ClickHouse page by page? Each message once for whoever reads: rows first, then dead letters, then the commit.
import { setTimeout as sleep } from 'node:timers/promises'
import { isBadRows } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { IncomingBatch, KafkaClient, OutgoingMessage } from '../../runtime/kafka.ts'
import { keepConsuming } from '../../runtime/kafka-keep.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import { topics } from '../../schemas/raw-event.ts'
import { deadLetterMessage } from '../dlq/dead-letters.ts'

export interface PageSinkMetrics {
  /** in = landed + repeats + dead for every page. */
  done(counts: { readonly landed: number; readonly repeats: number; readonly dead: number }): void
  retried(): void
  /** Messages behind the end of the topic. */
  lag(messages: number): void
}

/** What a message says, or why it is poison. */
export type PageRead<T> =
  | { readonly kind: 'ok'; readonly id: string; readonly item: T }
  | { readonly kind: 'dlq'; readonly reason: string; readonly cause: string }

export interface PageSinkOptions<T> {
  readonly kafka: Pick<KafkaClient, 'consume'>
  /** Takes the dead letters. */
  readonly producer: BatchingProducer
  readonly log: Log
  readonly metrics: PageSinkMetrics
  readonly topic: string
  readonly groupId: string
  /** What is landed, for the log. */
  readonly what: string
  /** Never throws. */
  readonly read: (value: Buffer | null) => PageRead<T>
  /**
   * Makes the landing of one page, called again with the same items after a failure, until it resolves: with how many were there before. What was
   * inserted by a call that failed must be the same row again, or be seen.
   */
  readonly landing: () => (items: readonly T[], landedAt: number) => Promise<number>
  /** Milliseconds since 1970 UTC. */
  readonly now?: (() => number) | undefined
  readonly deadLetters?: string | undefined
}

/** A page ends at one of these: rows, or bytes of their messages. */
const PAGE_ROWS = 1_000
const PAGE_BYTES = 4 * 1024 * 1024
const FETCH_BYTES = 512 * 1024
const HEARTBEAT_MS = 2_000
const MAX_BACKOFF_MS = 2_000
const STOP_MS = 3_000

/** What a message said, and how it would be buried if the server cannot read its row. */
interface Taken<T> {
  readonly item: T
  readonly bury: (cause: string) => OutgoingMessage
}

/** What travels in one insert, and what could not be read between. */
interface Page<T> {
  /** By id: a repeat within the page is seen here. */
  readonly items: Map<string, Taken<T>>
  readonly dead: OutgoingMessage[]
  repeats: number
  bytes: number
  /** Offset behind the last message. */
  next: number
}

/**
 * Lands what comes until stopped. While ClickHouse or Kafka is away one page waits in memory. What cannot be read goes to the dead-letter queue and
 * holds up nothing.
 */
export function startPageSink<T>(options: PageSinkOptions<T>): { stop(): Promise<void> } {
  const { kafka, log, now = Date.now, topic, groupId, what } = options
  const stopping = new AbortController()
  const consumer = {
    groupId,
    topic,
    maxBytesPerPartition: FETCH_BYTES,
    concurrency: 1,
    onBatch: (batch: IncomingBatch) => takeBatch(batch, { ...options, now }, stopping.signal),
    onAssignment: () => undefined,
  }
  const running = keepConsuming(kafka, consumer, {
    now,
    stopping: stopping.signal,
    onDeath: (error, againInMs) =>
      log.error({ topic, error: errorText(error), again_in_ms: againInMs }, `${what} cannot be landed for now`),
  })
  return {
    async stop() {
      stopping.abort()
      await Promise.race([running, sleep(STOP_MS, undefined, { ref: false })])
    },
  }
}

type Parts<T> = PageSinkOptions<T> & { readonly now: () => number }

async function takeBatch<T>(batch: IncomingBatch, parts: Parts<T>, stopping: AbortSignal): Promise<void> {
  const { log, topic, now, metrics } = parts
  const { records, partition } = batch
  const beat = setInterval(() => batch.heartbeat().catch(() => undefined), HEARTBEAT_MS)
  let page = emptyPage<T>()
  /** False if this consumer has nothing to say any more; another one reads on from what was committed. */
  const land = async (): Promise<boolean> => {
    if (!(await landPage(page, batch, parts, stopping))) return false
    metrics.lag(Math.max(0, batch.highWatermark - page.next))
    page = emptyPage()
    return true
  }
  try {
    for (;;) {
      try {
        if (!records.next()) break
      } catch (error) {
        log.error({ topic, partition, error: errorText(error) }, 'records cannot be unpacked and are left out')
        continue
      }
      const { offset, timestamp, value } = records
      const read = parts.read(value)
      // The time tells records of the same offset apart when the topic was made anew.
      const id = `${topic.replace(/^siaga\./, '')}-${partition}-${offset}-${timestamp.toString(36)}`
      if (read.kind === 'dlq') page.dead.push(deadLetterMessage(id, records, { ...read, topic }, now()))
      else if (page.items.has(read.id)) page.repeats += 1
      else {
        // Their memory goes back with the batch.
        const message = { key: copy(records.key), value: copy(value), headers: { ...records.headers } }
        const bury = (cause: string) => deadLetterMessage(id, message, { reason: 'row_refused', cause, topic }, now())
        page.items.set(read.id, { item: read.item, bury })
      }
      page.bytes += value?.length ?? 0
      page.next = offset + 1
      if (page.items.size + page.dead.length < PAGE_ROWS && page.bytes < PAGE_BYTES) continue
      if (!(await land())) return
    }
    if (records.lastOffset < 0) return
    page.next = records.lastOffset + 1
    await land()
  } finally {
    clearInterval(beat)
  }
}

function emptyPage<T>(): Page<T> {
  return { items: new Map(), dead: [], repeats: 0, bytes: 0, next: 0 }
}

/** Rows, dead letters, commit. False if the partition has moved on or this process stops. */
async function landPage<T>(
  page: Page<T>,
  batch: IncomingBatch,
  parts: Parts<T>,
  stopping: AbortSignal,
): Promise<boolean> {
  const { producer, log, metrics, now, what, deadLetters = topics.deadLetters } = parts
  const landedAt = now()
  const taken = [...page.items.values()]
  const items = taken.map(({ item }) => item)
  const land = parts.landing()
  let there: number | undefined = items.length === 0 ? 0 : undefined
  let buried = page.dead.length === 0
  /** Dead letters of rows that the server cannot read. */
  let refused: OutgoingMessage[] | undefined
  for (let attempt = 0; ; attempt += 1) {
    if (stopping.aborted || !batch.isCurrent()) return false
    if (attempt > 0) {
      metrics.retried()
      await sleep(backoff(attempt), undefined, { signal: stopping }).catch(() => undefined)
      // Rejects when the group has moved on: the consumer then joins again.
      await batch.heartbeat()
    }
    try {
      there ??= await land(items, landedAt)
      if (!buried) await producer.send(deadLetters, page.dead)
      buried = true
      break
    } catch (error) {
      if (attempt % 20 === 0) log.warn({ error: errorText(error), attempt }, `${what} are not landed yet, tried again`)
      if (there === undefined && isBadRows(error))
        refused ??= await landOneByOne(taken, parts, landedAt).catch(() => undefined)
      if (refused === undefined || there !== undefined) continue
      log.error({ rows: refused.length, error: errorText(error) }, `${what} that the server cannot read are buried`)
      page.dead.push(...refused)
      buried = page.dead.length === 0
      there = 0
    }
  }
  await batch.commit(page.next, '')
  batch.resolve(page.next - 1)
  const dead = page.dead.length
  metrics.done({ landed: items.length - there - (refused?.length ?? 0), repeats: page.repeats + there, dead })
  return true
}

/** Lands what can be, each by itself; answers the dead letters of the rest. Rejects if the server is away meanwhile. */
async function landOneByOne<T>(
  taken: readonly Taken<T>[],
  parts: Parts<T>,
  landedAt: number,
): Promise<OutgoingMessage[]> {
  const dead: OutgoingMessage[] = []
  for (const { item, bury } of taken) {
    try {
      await parts.landing()([item], landedAt)
    } catch (error) {
      if (!isBadRows(error)) throw error
      dead.push(bury(errorText(error)))
    }
  }
  return dead
}

function copy(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

function backoff(attempt: number): number {
  return Math.min(MAX_BACKOFF_MS, 50 * 2 ** Math.min(attempt, 6))
}
