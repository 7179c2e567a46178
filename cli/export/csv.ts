// How do rows become a table for a spreadsheet? From the very rows of the package, so that both files say the same.
import { linesOf } from '../../runtime/lines.ts'

/** What the rows look like when they are read here: 64-bit numbers and decimals as text, so that no digit is lost. */
export const rowSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 1,
  output_format_json_named_tuples_as_objects: 1,
  date_time_output_format: 'simple',
}

const PIECE = 64 * 1024

/** CSV (RFC 4180) with a header from lines of JSON. Text is quoted, nothing stands for NULL, arrays and maps stay JSON. */
export async function* csvOf(columns: readonly string[], rows: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let piece = `${columns.map(quoted).join(',')}\r\n`
  for await (const line of linesOf(rows, Number.POSITIVE_INFINITY)) {
    if (line === undefined) break
    const row: unknown = JSON.parse(line)
    if (typeof row !== 'object' || row === null) continue
    const cells = new Map<string, unknown>(Object.entries(row))
    piece += `${columns.map((column) => cell(cells.get(column))).join(',')}\r\n`
    if (piece.length < PIECE) continue
    yield Buffer.from(piece)
    piece = ''
  }
  if (piece !== '') yield Buffer.from(piece)
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'object' ? quoted(JSON.stringify(value)) : String(value)
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
