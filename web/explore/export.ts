// How do events become a file? CSV or lines of JSON, streamed; a file that does not hold everything says so in its last line.
import { chunksOf, withoutException } from '../../runtime/clickhouse-exception.ts'
import { linesOf } from '../../runtime/lines.ts'
import { refusalOfQuery } from '../answer-refused.ts'
import type { WatchingDependencies } from '../parts.ts'
import type { Asking } from './search.ts'

/** Bytes of an answer after which a file ends too. */
const MAX_BYTES = 512 * 1024 * 1024
const PIECE = 64 * 1024

export interface ExportedFile {
  readonly format: 'csv' | 'jsonl'
  readonly columns: readonly string[]
  /** Rows at most; the question asks for one more. */
  readonly limit: number
  readonly person: string
}

/** What a file ends with that was cut. */
const cutText = (rows: number): string => `terpotong setelah ${rows} baris / cut after ${rows} rows`

/** Text of the file, in pieces. Throws what the server refuses: before the first piece, or in the middle, which breaks the download off. */
export async function* exportPieces(
  watch: ReturnType<WatchingDependencies['watchOf']>,
  { query, params }: Asking,
  { format, columns, limit, person }: ExportedFile,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const own = new AbortController()
  try {
    const answer = await watch(query, {
      params,
      settings: {
        default_format: 'JSONCompactEachRow',
        log_comment: person,
        max_execution_time: 60,
        output_format_json_quote_64bit_integers: 1,
      },
      signal: AbortSignal.any([signal, own.signal]),
    })
    let piece = format === 'csv' ? `${columns.map(quoted).join(',')}\r\n` : ''
    let rows = 0
    for await (const line of linesOf(withoutException(chunksOf(answer.body)), MAX_BYTES)) {
      const values: unknown = line === undefined ? undefined : JSON.parse(line)
      if (!Array.isArray(values) || rows === limit) {
        piece +=
          format === 'csv'
            ? `${quoted(cutText(rows))}\r\n`
            : `${JSON.stringify({ siaga_cut: true, rows, note: cutText(rows) })}\n`
        break
      }
      rows += 1
      piece +=
        format === 'csv'
          ? `${values.map(cell).join(',')}\r\n`
          : `${JSON.stringify(Object.fromEntries(columns.map((column, at) => [column, values[at]])))}\n`
      if (piece.length < PIECE) continue
      yield piece
      piece = ''
    }
    if (piece !== '') yield piece
  } catch (error) {
    throw refusalOfQuery(error)
  } finally {
    own.abort()
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  return quoted(typeof value === 'string' ? harmless(value) : JSON.stringify(value))
}

/** A text that a spreadsheet would take for a formula gets a ' before it: log lines are written by attackers. JSONL has them as they are. */
function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
