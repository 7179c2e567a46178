// Of which log is a line of Zeek's, and what are its values? JSON with and without the log's name, and TSV, which carries no names at all.
import { asText, isObject, type JsonObject } from '../json/json-guard.ts'
import { toAddress } from '../values/address.ts'
import { dotted } from '../values/fields.ts'
import { type Column, connectionColumns, extended, type Layout, layouts, telling, zeekLogs } from './zeek-layouts.ts'

/** One event of Zeek: its log (`other` if it is none that is known here), and its values by Zeek's names; unset ones are absent. */
export interface ZeekRecord {
  readonly log: string
  readonly values: ReadonlyMap<string, string>
}

/** The most values of one event. */
const MAX_VALUES = 256
const MAX_DEPTH = 8
const known: ReadonlySet<string> = new Set(zeekLogs)

/** Shippers that may not write dots: `id_orig_h`. */
const underscored: ReadonlyMap<string, string> = new Map(
  ['orig_h', 'orig_p', 'resp_h', 'resp_p'].map((name) => [`id_${name}`, `id.${name}`]),
)

/** The log by its name, rotated (`conn.2024-11-27`) or of a cluster (`conn-summary`) as well. */
function logOf(path: string, values: ReadonlyMap<string, string>): string {
  if (known.has(path)) return path
  if (path !== '') return 'other'
  return telling.find(([name]) => values.has(name))?.[1] ?? 'other'
}

function add(into: Map<string, string>, name: string, value: unknown, depth: number): void {
  if (into.size >= MAX_VALUES || depth > MAX_DEPTH || value === null || value === '') return
  if (Array.isArray(value)) {
    const list = value.map((one) => (isObject(one) ? JSON.stringify(one) : asText(one)))
    if (list.length > 0) into.set(name, list.join(','))
  } else if (isObject(value)) {
    for (const key in value) add(into, dotted(name, key), value[key], depth + 1)
  } else {
    into.set(underscored.get(name) ?? name, asText(value))
  }
}

/** The object that Zeek wrote inside one that the Kafka plugin tagged with its log: `{"conn":{…}}`. */
function tagged(values: JsonObject): readonly [path: string, inner: JsonObject] {
  const names = Object.keys(values)
  const [only = ''] = names
  const inner = names.length === 1 ? values[only] : undefined
  return isObject(inner) && known.has(only) && inner.ts !== undefined ? [only, inner] : ['', values]
}

/** Whether a JSON object is surely an event of Zeek: it names its log, or is about a connection or file under Zeek's names. */
export function isZeekObject(values: JsonObject): boolean {
  const [path, inner] = tagged(values)
  if (path !== '') return true
  if (inner.ts === undefined) return false
  if (typeof inner._path === 'string') return true
  const id = 'id.orig_h' in inner || 'id_orig_h' in inner || (isObject(inner.id) && 'orig_h' in inner.id)
  if (typeof inner.uid === 'string' && id) return true
  return (typeof inner.fuid === 'string' && 'seen_bytes' in inner) || ('note' in inner && 'suppress_for' in inner)
}

/** The values of a JSON object; undefined if it has no time under Zeek's name. */
export function fromObject(values: JsonObject): ZeekRecord | undefined {
  const [path, inner] = tagged(values)
  if (inner.ts === undefined) return undefined
  const all = new Map<string, string>()
  for (const key in inner) add(all, key, inner[key], 0)
  return { log: logOf(path || asText(inner._path), all), values: all }
}

const checks: Readonly<Record<string, (text: string) => boolean>> = {
  t: (text) => /^\d{1,10}\.\d{1,9}$/.test(text),
  u: (text) => /^C[0-9A-Za-z]{4,24}$/.test(text),
  f: (text) => /^F[0-9A-Za-z]{4,24}$/.test(text),
  a: (text) => toAddress(text) !== '',
  A: (text) => toAddress(text.split(',', 1)[0] ?? '') !== '',
  n: (text) => /^\d{1,20}$/.test(text),
  i: (text) => /^\d{1,12}(?:\.\d{1,9})?$/.test(text),
  b: (text) => text === 'T' || text === 'F',
  x: (text) => text === 'tcp' || text === 'udp' || text === 'icmp' || text === 'unknown_transport',
  e: (text) => text.includes('::'),
  h: (text) => /^[A-Za-z^]{1,100}$/.test(text),
  m: (text) => /^[\da-f]{32}$/.test(text),
  v: (text) => /^D?(?:TLS|SSL|unknown)/.test(text),
  k: (text) => text === 'AS' || text === 'TGS',
  s: (text) => text.startsWith('\\\\'),
  q: (text) =>
    /^(?:login|query|quit|ping|statistics|init_db|field_list|prepare|execute|statement|change_user|create_db|drop_db)/.test(
      text,
    ),
  M: (text) => /^[A-Z_-]{2,24}$/.test(text),
}

/** Whether a value is unset, and may so stand in any column. */
function isUnset(text: string): boolean {
  return text === '-' || text === '(empty)'
}

/** How many values of a line are what its columns hold; -1 if one is not. */
function scoreOf(layout: readonly Column[], columns: readonly string[]): number {
  let score = 0
  for (const [i, { kind }] of layout.entries()) {
    const text = columns[i] ?? ''
    const check = checks[kind]
    if (check === undefined || isUnset(text)) continue
    if (!check(text)) return -1
    score++
  }
  return score
}

const byLength = Map.groupBy(layouts, ({ columns }) => columns.length)
/** Layouts behind which sites put columns of their own, the longest first. */
const extensible = layouts
  .filter(({ log }) => extended.has(log))
  .toSorted((a, b) => b.columns.length - a.columns.length)

/** The layout of a line: of those of its length the one that most values tell, else the longest that fits what stands before a site's own columns. */
function layoutOf(columns: readonly string[]): Layout | undefined {
  const { length } = columns
  let found: Layout | undefined
  let most = 0
  for (const layout of byLength.get(length) ?? []) {
    const score = scoreOf(layout.columns, columns)
    if (score <= most) continue
    found = layout
    most = score
  }
  if (found !== undefined) return found
  return extensible.find(
    (layout) => layout.columns.length < length && scoreOf(layout.columns, columns) > connectionColumns.length,
  )
}

function named(columns: readonly string[], names: readonly string[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const [i, text] of columns.entries()) {
    if (isUnset(text) || text === '') continue
    const own = names[i] ?? (/^1:[A-Za-z0-9+/]{20,40}=?$/.test(text) ? 'community_id' : `column_${i + 1}`)
    values.set(own, text)
  }
  return values
}

/** Whether a text begins as a line of a TSV log does: `1732670163.123456`, a tab. Cheap, as every text that begins with a digit comes here. */
function looksLikeZeekLine(text: string): boolean {
  return text.charCodeAt(10) === 46 && text.charCodeAt(17) === 9 && /^\d{10}\.\d{6}\t/.test(text)
}

/**
 * The values of a line of a TSV log. `names`: those of the source's columns, where they are known. Else the layout is told by the number of
 * columns and what they hold; of a log that is not known here, only what is about the connection has names. `sure`: the source is set to Zeek; if not,
 * undefined for what is about no connection and has no known layout.
 */
export function fromLine(text: string, names: readonly string[], sure: boolean): ZeekRecord | undefined {
  if (!looksLikeZeekLine(text)) return undefined
  const columns = text.split('\t', MAX_VALUES)
  if (names.length > 0) {
    const values = named(columns, names)
    return { log: logOf('', values), values }
  }
  const layout = layoutOf(columns)
  if (layout !== undefined) {
    const { log } = layout
    return {
      log,
      values: named(
        columns,
        layout.columns.map(({ name }) => name),
      ),
    }
  }
  const aboutConnection = columns.length > 6 && scoreOf(connectionColumns, columns) === connectionColumns.length
  if (!aboutConnection && !sure) return undefined
  const few = aboutConnection ? connectionColumns : connectionColumns.slice(0, 1)
  return {
    log: 'other',
    values: named(
      columns,
      few.map(({ name }) => name),
    ),
  }
}
