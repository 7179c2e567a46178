// How do findings reach ClickHouse? From siaga.findings, page by page, each once for whoever reads: rows first, then dead letters, then the commit.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { at, type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { IncomingBatch, KafkaClient, OutgoingMessage } from '../../runtime/kafka.ts'
import { keepConsuming } from '../../runtime/kafka-keep.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import { FINDINGS_GROUP } from '../../runtime/topics.ts'
import type { Finding } from '../../schemas/detection.ts'
import { topics } from '../../schemas/raw-event.ts'
import { deadLetterMessage } from '../dlq/dead-letters.ts'
import { encodeFindings, findingColumns, readFinding } from './finding-rows.ts'

export interface FindingsSinkMetrics {
  /** in = landed + repeats + dead for every page. */
  done(counts: { readonly landed: number; readonly repeats: number; readonly dead: number }): void
  retried(): void
  /** Messages behind the end of the topic. */
  lag(messages: number): void
}

export interface FindingsSinkOptions {
  readonly kafka: Pick<KafkaClient, 'consume'>
  readonly clickhouse: ClickHouse
  /** Takes the dead letters. */
  readonly producer: BatchingProducer
  readonly log: Log
  readonly metrics: FindingsSinkMetrics
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  readonly topic?: string
  readonly deadLetters?: string
  readonly groupId?: string
  readonly table?: string
}

/** A page ends at one of these: rows, or bytes of their messages. */
const PAGE_ROWS = 1_000
const PAGE_BYTES = 4 * 1024 * 1024
const FETCH_BYTES = 512 * 1024
const INSERT_TIMEOUT_MS = 30_000
const HEARTBEAT_MS = 2_000
const MAX_BACKOFF_MS = 2_000
const STOP_MS = 3_000
/** Ids of a page go into the text of a query, far below this. */
const MAX_QUERY_BYTES = 16 * 1024 * 1024

/** What travels in one insert, and what could not be read between. */
interface Page {
  /** By id: a repeat within the page is seen here. */
  readonly findings: Map<string, Finding>
  readonly dead: OutgoingMessage[]
  repeats: number
  bytes: number
  /** Offset behind the last message. */
  next: number
}

const Id = z.object({ finding_id: z.string() })

/**
 * Lands findings until stopped. Whatever is killed, a reader of the view `findings` sees each finding once: what was inserted and not committed is
 * read again, and either seen before it is inserted or the same row again, which is one row for readers. While ClickHouse or Kafka is away one page
 * waits in memory. What is not a finding goes to the dead-letter queue and holds up nothing.
 */
export function startFindingsSink(options: FindingsSinkOptions): { stop(): Promise<void> } {
  const { kafka, log, now = Date.now, topic = topics.findings, groupId = FINDINGS_GROUP } = options
  const stopping = new AbortController()
  const consumer = {
    groupId,
    topic,
    maxBytesPerPartition: FETCH_BYTES,
    concurrency: 1,
    onBatch: (batch: IncomingBatch) => takeBatch(batch, { ...options, topic, now }, stopping.signal),
    onAssignment: () => undefined,
  }
  const running = keepConsuming(kafka, consumer, {
    now,
    stopping: stopping.signal,
    onDeath: (error, againInMs) =>
      log.error({ topic, error: errorText(error), again_in_ms: againInMs }, 'findings cannot be landed for now'),
  })
  return {
    async stop() {
      stopping.abort()
      await Promise.race([running, sleep(STOP_MS, undefined, { ref: false })])
    },
  }
}

type Parts = FindingsSinkOptions & { readonly topic: string; readonly now: () => number }

async function takeBatch(batch: IncomingBatch, parts: Parts, stopping: AbortSignal): Promise<void> {
  const { log, topic, now, metrics } = parts
  const { records, partition } = batch
  const beat = setInterval(() => batch.heartbeat().catch(() => undefined), HEARTBEAT_MS)
  let page = emptyPage()
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
      const read = readFinding(value)
      if (read.kind === 'ok') {
        if (page.findings.has(read.finding.finding_id)) page.repeats += 1
        else page.findings.set(read.finding.finding_id, read.finding)
      } else {
        // The time tells records of the same offset apart when the topic was made anew.
        const id = `findings-${partition}-${offset}-${timestamp.toString(36)}`
        page.dead.push(deadLetterMessage(id, records, { ...read, topic }, now()))
      }
      page.bytes += value?.length ?? 0
      page.next = offset + 1
      if (page.findings.size + page.dead.length < PAGE_ROWS && page.bytes < PAGE_BYTES) continue
      if (!(await land())) return
    }
    if (records.lastOffset < 0) return
    page.next = records.lastOffset + 1
    await land()
  } finally {
    clearInterval(beat)
  }
}

function emptyPage(): Page {
  return { findings: new Map(), dead: [], repeats: 0, bytes: 0, next: 0 }
}

/** Rows, dead letters, commit. False if the partition has moved on or this process stops. */
async function landPage(page: Page, batch: IncomingBatch, parts: Parts, stopping: AbortSignal): Promise<boolean> {
  const { clickhouse, producer, log, metrics, now, deadLetters = topics.deadLetters } = parts
  const table = parts.table ?? 'siaga.findings_rows'
  const landedAt = now()
  let rows = [...page.findings.values()]
  /** Seen in the table before anything of this page was inserted. */
  let there: number | undefined
  let buried = page.dead.length === 0
  for (let attempt = 0; ; attempt += 1) {
    if (stopping.aborted || !batch.isCurrent()) return false
    if (attempt > 0) {
      metrics.retried()
      await sleep(backoff(attempt), undefined, { signal: stopping }).catch(() => undefined)
      // Rejects when the group has moved on: the consumer then joins again.
      await batch.heartbeat()
    }
    try {
      if (rows.length > 0) {
        const known = await knownIds(clickhouse, table, rows)
        there ??= known.size
        rows = rows.filter(({ finding_id }) => !known.has(finding_id))
        if (rows.length > 0) await insert(clickhouse, table, rows, landedAt)
        rows = []
      }
      if (!buried) await producer.send(deadLetters, page.dead)
      buried = true
      break
    } catch (error) {
      if (attempt % 20 === 0) log.warn({ error: errorText(error), attempt }, 'findings are not landed yet, tried again')
    }
  }
  await batch.commit(page.next, '')
  batch.resolve(page.next - 1)
  const repeats = page.repeats + (there ?? 0)
  metrics.done({ landed: page.findings.size - (there ?? 0), repeats, dead: page.dead.length })
  return true
}

function backoff(attempt: number): number {
  return Math.min(MAX_BACKOFF_MS, 50 * 2 ** Math.min(attempt, 6))
}

/**
 * Which of the findings are there already? A repeat is about the same event, so it has the same time; its region may be another, if the
 * configuration has changed between the two, and would then be another row for readers.
 */
async function knownIds(clickhouse: ClickHouse, table: string, findings: readonly Finding[]): Promise<Set<string>> {
  const times = findings.map(({ window_end }) => window_end)
  const first = times.reduce((least, time) => Math.min(least, time))
  const last = times.reduce((most, time) => Math.max(most, time))
  const ids = findings.map(({ finding_id }) => quote(finding_id))
  const rows = await clickhouse.rows(
    Id,
    `SELECT DISTINCT finding_id FROM ${table}
     WHERE window_end BETWEEN ${at(first)} AND ${at(last)} AND finding_id IN (${ids.join(', ')})`,
    {},
    { max_query_size: MAX_QUERY_BYTES, max_execution_time: INSERT_TIMEOUT_MS / 1000 },
  )
  return new Set(rows.map(({ finding_id }) => finding_id))
}

async function insert(
  clickhouse: ClickHouse,
  table: string,
  findings: readonly Finding[],
  landedAt: number,
): Promise<void> {
  await clickhouse.insert({
    statement: `INSERT INTO ${table} (${findingColumns}) FORMAT RowBinary`,
    body: [encodeFindings(findings, landedAt)],
    queryId: `siaga-findings-${randomBytes(8).toString('hex')}`,
    // No deduplication by block: a server that remembers a block and has lost its rows would drop what is sent again.
    settings: { async_insert: 0, insert_deduplicate: 0, max_execution_time: INSERT_TIMEOUT_MS / 1000 },
    timeoutMs: INSERT_TIMEOUT_MS,
  })
}
