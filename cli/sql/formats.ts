// In which form does an answer come? Short names for people, ClickHouse's own for everything else.
import { InvalidArgumentError } from 'commander'

/** Names that people know, and what ClickHouse calls them; other names go through as they are. */
export const shortFormats: Readonly<Record<string, string>> = {
  table: 'PrettyCompactMonoBlock',
  vertical: 'Vertical',
  json: 'JSON',
  csv: 'CSV',
  tsv: 'TabSeparated',
  parquet: 'Parquet',
  arrow: 'Arrow',
}

export const TABLE = 'PrettyCompactMonoBlock'
export const VERTICAL = 'Vertical'

/** Rows of a table or of vertical blocks that are fetched for a screen; a file and a pipe get all. */
export const SCREEN_ROWS = 10_000

const binary =
  /^(?:Parquet|Arrow|ORC|Avro|Native|RowBinary|MsgPack|Npy|BSON|Protobuf|CapnProto|MySQLWire|PostgreSQLWire)/i

/** True for formats that are bytes and no text: a terminal can only be spoilt by them. */
export function isBinary(format: string): boolean {
  return binary.test(format)
}

/** True for the formats that are drawn for people. */
export function isDrawn(format: string): boolean {
  return format.startsWith('Pretty') || format === VERTICAL
}

/** Reads the name of a format; throws InvalidArgumentError. */
export function readFormat(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,60}$/.test(text))
    throw new InvalidArgumentError('It must be the name of a format, such as CSV.')
  const short = text.toLowerCase()
  return Object.hasOwn(shortFormats, short) ? (shortFormats[short] ?? text) : text
}

/** Reads `name=value` of a query parameter; throws InvalidArgumentError. */
export function readParameter(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  const name = text.slice(0, at).trim()
  if (at < 1 || !/^\w+$/.test(name)) throw new InvalidArgumentError('It must be name=value.')
  return [name, text.slice(at + 1)]
}
