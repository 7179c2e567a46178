// How do findings reach ClickHouse? From siaga.findings, page by page, each once for whoever reads.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { at, type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import { FINDINGS_GROUP } from '../../runtime/topics.ts'
import type { Finding } from '../../schemas/detection.ts'
import { topics } from '../../schemas/raw-event.ts'
import { encodeFindings, findingColumns, readFinding } from './finding-rows.ts'
import { type PageSinkMetrics, startPageSink } from './pages.ts'

export interface FindingsSinkOptions {
  readonly kafka: Pick<KafkaClient, 'consume'>
  readonly clickhouse: ClickHouse
  /** Takes the dead letters. */
  readonly producer: BatchingProducer
  readonly log: Log
  readonly metrics: PageSinkMetrics
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  readonly topic?: string
  readonly deadLetters?: string
  readonly groupId?: string
  readonly table?: string
}

const INSERT_TIMEOUT_MS = 30_000
/** Ids of a page go into the text of a query, far below this. */
const MAX_QUERY_BYTES = 16 * 1024 * 1024

const Id = z.object({ finding_id: z.string() })

/**
 * Lands findings until stopped. Whatever is killed, a reader of the view `findings` sees each finding once: what was inserted and not committed is
 * read again, and either seen before it is inserted or the same row again, which is one row for readers.
 */
export function startFindingsSink(options: FindingsSinkOptions): { stop(): Promise<void> } {
  const { kafka, clickhouse, producer, log, metrics, now, deadLetters, table = 'siaga.findings_rows' } = options
  return startPageSink<Finding>({
    kafka,
    producer,
    log,
    metrics,
    now,
    deadLetters,
    topic: options.topic ?? topics.findings,
    groupId: options.groupId ?? FINDINGS_GROUP,
    what: 'findings',
    read(value) {
      const read = readFinding(value)
      return read.kind === 'ok' ? { kind: 'ok', id: read.finding.finding_id, item: read.finding } : read
    },
    landing() {
      /** Seen in the table before anything of this page was inserted. */
      let there: number | undefined
      return async (findings, landedAt) => {
        const known = await knownIds(clickhouse, table, findings)
        there ??= known.size
        const rows = findings.filter(({ finding_id }) => !known.has(finding_id))
        if (rows.length > 0) await insert(clickhouse, table, rows, landedAt)
        return there
      }
    },
  })
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
