// How does what happens to alerts reach ClickHouse? From siaga.alert-log, page by page; a repeat is the same row again, which is one for readers.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { errorText } from '../../runtime/errors.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import { ALERT_LOG_GROUP } from '../../runtime/topics.ts'
import { AlertLogEntry, entryId } from '../../schemas/alert-log.ts'
import { topics } from '../../schemas/raw-event.ts'
import { rowOf } from './alert-rows.ts'
import { verdictOf } from './alert-verdict.ts'
import { type PageRead, type PageSinkMetrics, startPageSink } from './pages.ts'
import type { VerdictAct, VerdictTarget } from './verdicts.ts'

export interface AlertLogSinkOptions {
  readonly kafka: Pick<KafkaClient, 'consume'>
  readonly clickhouse: ClickHouse
  /** Takes the dead letters. */
  readonly producer: BatchingProducer
  readonly log: Log
  readonly metrics: PageSinkMetrics
  /** What a verdict on an alert says of its events; called again with the same id after a failure, and then it must be one. */
  readonly onVerdict?: (act: VerdictAct, target: VerdictTarget) => Promise<void>
  readonly now?: () => number
  readonly topic?: string
  readonly groupId?: string
  readonly database?: string
  readonly deadLetters?: string
}

const INSERT_TIMEOUT_MS = 30_000

/** Lands entries until stopped. */
export function startAlertLogSink(options: AlertLogSinkOptions): { stop(): Promise<void> } {
  const { kafka, clickhouse, producer, log, metrics, now, database = 'siaga' } = options
  return startPageSink<AlertLogEntry>({
    kafka,
    producer,
    log,
    metrics,
    now,
    deadLetters: options.deadLetters,
    topic: options.topic ?? topics.alertLog,
    groupId: options.groupId ?? ALERT_LOG_GROUP,
    what: 'alerts',
    read: readEntry,
    landing: () => async (entries) => {
      for (const [table, rows] of byTable(entries)) await insert(clickhouse, `${database}.${table}`, rows)
      for (const entry of entries) {
        const verdict = verdictOf(entry)
        if (verdict !== undefined) await options.onVerdict?.(verdict.act, verdict.target)
      }
      return 0
    },
  })
}

/** The entry of a message; never throws. */
function readEntry(value: Buffer | null): PageRead<AlertLogEntry> {
  try {
    const item = AlertLogEntry.parse(JSON.parse(value?.toString('utf8') ?? ''))
    return { kind: 'ok', id: entryId(item), item }
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : errorText(error)
    return { kind: 'dlq', reason: 'bad_alert_entry', cause }
  }
}

function byTable(entries: readonly AlertLogEntry[]): Map<string, string[]> {
  const tables = new Map<string, string[]>()
  for (const entry of entries) {
    const { table, row } = rowOf(entry)
    // Half a surrogate pair is no text to ClickHouse.
    const line = JSON.stringify(row, (_key, value) => (typeof value === 'string' ? value.toWellFormed() : value))
    const lines = tables.get(table)
    if (lines === undefined) tables.set(table, [line])
    else lines.push(line)
  }
  return tables
}

async function insert(clickhouse: ClickHouse, table: string, rows: readonly string[]): Promise<void> {
  await clickhouse.insert({
    statement: `INSERT INTO ${table} FORMAT JSONEachRow`,
    body: [Buffer.from(rows.join('\n'))],
    queryId: `siaga-alert-log-${randomBytes(8).toString('hex')}`,
    // Rows of one page may be of several months. No deduplication by block: a server that remembers a block and has lost its rows would drop what is sent again.
    settings: {
      async_insert: 0,
      insert_deduplicate: 0,
      input_format_skip_unknown_fields: 0,
      max_partitions_per_insert_block: 0,
      max_execution_time: INSERT_TIMEOUT_MS / 1000,
    },
    timeoutMs: INSERT_TIMEOUT_MS,
  })
}
