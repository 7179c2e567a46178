// Which indicators does a CSV hold? Columns by name or number as the settings say, lines of comments left out; URLhaus is one such file.
import { parse } from 'csv-parse/sync'
import { errorText } from '../../runtime/errors.ts'
import type { Feed } from '../../schemas/feed.ts'
import { IndicatorType } from '../../schemas/indicator.ts'
import { type Candidate, createIntake, type Parsed, type ParseSettings, timeOf, tlpOf } from './intake.ts'
import { pairedLines } from './lines.ts'

type Columns = NonNullable<Feed['columns']>
type Column = keyof Columns

const MAX_RECORD_CHARACTERS = 64 * 1024
/** Names of the value's column where the settings name none. */
const usualNames: readonly string[] = [
  'value',
  'indicator',
  'ioc',
  'ioc_value',
  'dst_ip',
  'ip',
  'ip_address',
  'domain',
  'url',
  'sha256_hash',
  'sha256',
  'md5_hash',
  'hash',
]

/** Columns of the CSV of URLhaus; it names them in a comment only. */
const urlhausNames = [
  'id',
  'dateadded',
  'url',
  'url_status',
  'last_online',
  'threat',
  'tags',
  'urlhaus_link',
  'reporter',
]
const urlhausColumns: Columns = {
  value: 'url',
  first_seen: 'dateadded',
  last_seen: 'last_online',
  threat: 'threat',
  labels: 'tags',
  reference: 'urlhaus_link',
}

/** Reads a CSV by `columns` of the settings. Names in them need a header: the first line that is no comment, or the last comment before it. */
export function parseCsv(bytes: Buffer, settings: ParseSettings, now: number): Parsed {
  return read(bytes, settings, now, settings.columns, undefined)
}

/** Reads the CSV of URLhaus: what is online, and what was within `expire_days`. */
export function parseUrlhaus(bytes: Buffer, settings: ParseSettings, now: number): Parsed {
  return read(bytes, { ...settings, type: 'url', delimiter: ',' }, now, urlhausColumns, urlhausNames)
}

function read(
  bytes: Buffer,
  settings: ParseSettings,
  now: number,
  columns: Columns | undefined,
  names: readonly string[] | undefined,
): Parsed {
  const intake = createIntake(settings, now)
  const named = columns === undefined || Object.values(columns).some((column) => typeof column === 'string')
  let places = names === undefined ? undefined : placesOf(columns, names)
  if (!named) places = placesOf(columns, [])
  const commented = names === undefined && named ? commentedHeader(bytes, settings.delimiter) : undefined
  const take = (record: readonly string[]): void => {
    if (places === undefined) {
      const inComment = commented === undefined ? undefined : placesOf(columns, commented)
      places = placesOf(columns, record)
      if (places.has('value')) return
      if (inComment?.has('value')) places = inComment
    }
    const candidate = candidateOf(record, places, settings)
    if (candidate === undefined) intake.problem('no_value', record.join(settings.delimiter))
    else intake.add(candidate)
  }
  try {
    parse(
      pairedLines(bytes, (line) => intake.problem('bad_record', line)),
      {
        bom: true,
        delimiter: settings.delimiter,
        comment: '#',
        comment_no_infix: true,
        relax_quotes: true,
        relax_column_count: true,
        skip_empty_lines: true,
        skip_records_with_error: true,
        max_record_size: MAX_RECORD_CHARACTERS,
        trim: settings.delimiter !== ' ' && settings.delimiter !== '\t',
        on_record(record: string[]) {
          take(record)
          return null
        },
        on_skip(error) {
          intake.problem('bad_record', error?.message ?? '')
          return undefined
        },
      },
    )
  } catch (error) {
    intake.problem('bad_csv', errorText(error))
  }
  return intake.done()
}

/** Names in the last comment before the first record, as `# id,dateadded,url`. */
function commentedHeader(bytes: Buffer, delimiter: string): string[] | undefined {
  let header: string | undefined
  for (let from = 0; from < bytes.length && bytes[from] === 35; ) {
    const end = bytes.indexOf(10, from)
    const line = bytes.toString('utf8', from + 1, end < 0 ? bytes.length : end)
    if (line.length < MAX_RECORD_CHARACTERS && line.includes(delimiter)) header = line
    if (end < 0) break
    from = end + 1
  }
  return header?.split(delimiter).map((name) => name.trim().replace(/^"|"$/g, ''))
}

/** Which column of the file, from 0, holds what. */
function placesOf(columns: Columns | undefined, names: readonly string[]): Map<Column, number> {
  const small = names.map((name) => name.trim().toLowerCase())
  const places = new Map<Column, number>()
  const put = (column: Column, place: string | number | undefined): void => {
    if (place === undefined) return
    const at = typeof place === 'number' ? place - 1 : small.indexOf(place.toLowerCase())
    if (at >= 0) places.set(column, at)
  }
  if (columns === undefined) {
    put(
      'value',
      usualNames.find((name) => small.includes(name)),
    )
    for (const column of otherColumns) put(column, column)
    return places
  }
  put('value', columns.value)
  for (const column of otherColumns) put(column, columns[column])
  return places
}

const otherColumns = [
  'type',
  'confidence',
  'first_seen',
  'last_seen',
  'expires',
  'threat',
  'reference',
  'labels',
  'tlp',
] as const

function candidateOf(
  record: readonly string[],
  places: ReadonlyMap<Column, number>,
  settings: ParseSettings,
): Candidate | undefined {
  const cell = (column: Column): string => (record[places.get(column) ?? -1] ?? '').trim()
  const value = cell('value')
  if (value === '') return undefined
  const first = timeOf(cell('first_seen'))
  const confidence = cell('confidence')
  return {
    value,
    type: typeOf(cell('type')) ?? settings.type,
    confidence: /^\d{1,3}(?:\.\d+)?\s?%?$/.test(confidence) ? Number.parseFloat(confidence) : undefined,
    first_seen: first,
    // Dated once and never seen again: that date counts, or old entries would stay for ever.
    last_seen: timeOf(cell('last_seen')) ?? first,
    expires: timeOf(cell('expires')),
    tlp: tlpOf(cell('tlp')),
    threat: cell('threat'),
    reference: cell('reference'),
    labels: cell('labels')
      .split(/[,;|]/)
      .map((label) => label.trim())
      .filter((label) => label !== '' && label.toLowerCase() !== 'none'),
  }
}

const typeNames: Readonly<Record<string, IndicatorType>> = {
  ipv4: 'ip',
  ipv6: 'ip',
  'ip:port': 'ip',
  ip_dst: 'ip',
  'ip-dst': 'ip',
  'ip-src': 'ip',
  cidr: 'network',
  netblock: 'network',
  hostname: 'domain',
  host: 'domain',
  fqdn: 'domain',
  uri: 'url',
  md5: 'file_hash',
  md5_hash: 'file_hash',
  sha1: 'file_hash',
  sha1_hash: 'file_hash',
  sha256: 'file_hash',
  sha256_hash: 'file_hash',
  hash: 'file_hash',
  'e-mail': 'email',
}

/** A type as feeds call it; undefined for one that they alone know: the value is recognised then. */
function typeOf(text: string): IndicatorType | undefined {
  const small = text.toLowerCase()
  if (small === '') return undefined
  return (
    IndicatorType.options.find((type) => type === small) ??
    (Object.hasOwn(typeNames, small) ? typeNames[small] : undefined)
  )
}
