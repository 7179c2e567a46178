// How do indicators travel to ClickHouse and back? In batches of RowBinary one way, as lines of JSON the other, never all at once in memory.
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import { Indicator } from '../../schemas/indicator.ts'
import { ColumnBytes } from './column-bytes.ts'

/** An indicator as it is kept. */
export const StoredIndicator = Indicator.extend({
  /** Since when it has been in the feed without a break, as far as Siaga knows; milliseconds since 1970 UTC. */
  added_at: z.int(),
})
export type StoredIndicator = z.infer<typeof StoredIndicator>

/** Columns that an indicator itself has, its source left out. */
export const contentColumns =
  'type, value, confidence, first_seen, last_seen, expires, tlp, threat, reference, labels' as const

const BATCH_ROWS = 50_000
const BATCH_BYTES = 8 * 1024 * 1024
const INSERT_TIMEOUT_MS = 60_000

/** Sends indicators to `indicator_given` under this version; answers how many were sent. Rejects with the errors of ClickHouse, some of them sent. */
export async function giveIndicators(
  clickhouse: ClickHouse,
  table: string,
  version: string,
  indicators: Iterable<Indicator> | AsyncIterable<Indicator>,
): Promise<number> {
  const out = new ColumnBytes(0)
  let rows = 0
  let sent = 0
  const flush = async (): Promise<void> => {
    if (rows === 0) return
    await clickhouse.insert({
      statement: `INSERT INTO ${table} (version, ${contentColumns}) FORMAT RowBinary`,
      body: [out.buffer.subarray(0, out.position)],
      queryId: `siaga-indicators-${randomBytes(8).toString('hex')}`,
      settings: { async_insert: 0, insert_deduplicate: 0, max_execution_time: INSERT_TIMEOUT_MS / 1000 },
      timeoutMs: INSERT_TIMEOUT_MS,
    })
    sent += rows
    rows = 0
    out.clear()
  }
  for await (const indicator of indicators) {
    encode(indicator, version, out)
    rows += 1
    if (rows >= BATCH_ROWS || out.position >= BATCH_BYTES) await flush()
  }
  await flush()
  return sent
}

function encode(indicator: Indicator, version: string, out: ColumnBytes): void {
  out.string(version)
  out.string(indicator.type)
  out.string(indicator.value)
  out.uint8(indicator.confidence)
  out.int64(indicator.first_seen)
  out.int64(indicator.last_seen)
  out.int64(indicator.expires)
  out.string(indicator.tlp)
  out.string(indicator.threat)
  out.string(indicator.reference)
  out.varint(indicator.labels.length)
  for (const label of indicator.labels) out.string(label)
}

/** What `readIndicators` asks for. */
export const readColumns =
  'type, value, source, confidence, toUnixTimestamp64Milli(first_seen), toUnixTimestamp64Milli(last_seen), toUnixTimestamp64Milli(expires), ' +
  'tlp, threat, reference, labels, toUnixTimestamp64Milli(added_at)'

const Line = z.tuple([
  Indicator.shape.type,
  z.string(),
  z.string(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  Indicator.shape.tlp,
  z.string(),
  z.string(),
  z.array(z.string()),
  z.number(),
])
const Lines = z.array(Line)

/** Indicators out of an answer in JSONCompactEachRow, some hundred at a time. Throws CLICKHOUSE_UNAVAILABLE if the answer was cut. */
export async function* readIndicators(answer: Readable): AsyncGenerator<StoredIndicator[]> {
  let rest = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of answer) {
      const text = rest + decoder.decode(chunk, { stream: true })
      const end = text.lastIndexOf('\n')
      rest = text.slice(end + 1)
      if (end >= 0) yield parse(text.slice(0, end))
    }
  } catch (error) {
    if (error instanceof SiagaError) throw error
    throw new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: errorText(error) }, { cause: error })
  }
  if (rest !== '') throw new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: 'the answer was cut' })
}

function parse(lines: string): StoredIndicator[] {
  // One call for all lines: the engine's parser is several times faster over one long text than over many short ones.
  return Lines.parse(JSON.parse(`[${lines.replaceAll('\n', ',')}]`)).map(
    ([
      type,
      value,
      source,
      confidence,
      first_seen,
      last_seen,
      expires,
      tlp,
      threat,
      reference,
      labels,
      added_at,
    ]): StoredIndicator => ({
      type,
      value,
      source,
      confidence,
      first_seen,
      last_seen,
      expires,
      tlp,
      threat,
      reference,
      labels,
      added_at,
    }),
  )
}
