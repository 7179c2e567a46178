// What does a device say in the Common Event Format?
import type { Event } from '../../../schemas/event.ts'
import { miss, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put, putSource } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setDomain, setUrl } from '../web/web.ts'
import { categoryOf, outcomeOf } from './device-words.ts'

/** Keys that are read; the rest of a hostile line is left out, and marked by the limit of `fields`. */
const MAX_PAIRS = 512

const words: ReadonlyMap<string, number> = new Map([
  ['low', 20],
  ['medium', 50],
  ['high', 80],
  ['very-high', 100],
  ['very high', 100],
])

/** Severity 0–10 or Low, Medium, High, Very-High as 0–100. */
function severity(text: string): number {
  const n = Number(text)
  if (text !== '' && n >= 0 && n <= 10) return Math.round(n * 10)
  return words.get(text.trim().toLowerCase()) ?? 0
}

function unescaped(text: string): string {
  if (text.indexOf('\\') < 0) return text
  return text.replace(/\\([\\|=nr])/g, (_, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : c))
}

/** Whether the character at `at` is escaped by an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let back = at - 1
  while (back >= 0 && text.charCodeAt(back) === 92) back--
  return ((at - back) & 1) === 0
}

/** Indexes of the seven bars that end the header fields, or undefined. */
function bars(text: string, from: number): number[] | undefined {
  const found: number[] = []
  for (let at = text.indexOf('|', from); at >= 0 && found.length < 7; at = text.indexOf('|', at + 1)) {
    if (!isEscaped(text, at)) found.push(at)
    if ((found[0] ?? at) - from > 3) return undefined
  }
  return found.length >= 6 ? found : undefined
}

/** Where the key that ends before the equals sign at `equals` begins, or -1. */
function keyStart(text: string, equals: number, from: number): number {
  let i = equals - 1
  while (i >= from) {
    const c = text.charCodeAt(i)
    const word =
      (c >= 48 && c <= 57) ||
      (c >= 65 && c <= 90) ||
      (c >= 97 && c <= 122) ||
      c === 95 ||
      c === 46 ||
      c === 45 ||
      c === 91 ||
      c === 93
    if (!word) break
    i--
  }
  const start = i + 1
  return start < equals && (start === from || text.charCodeAt(i) === 32) ? start : -1
}

/** `key=value key=value`: a value may hold spaces and ends before the next key. */
function readExtension(text: string, from: number): Map<string, string> {
  const pairs = new Map<string, string>()
  let key = ''
  let valueFrom = from
  for (let equals = text.indexOf('=', from); equals >= 0; equals = text.indexOf('=', equals + 1)) {
    if (isEscaped(text, equals)) continue
    const start = keyStart(text, equals, valueFrom)
    if (start < 0) continue
    if (key !== '') pairs.set(key, unescaped(text.slice(valueFrom, Math.max(valueFrom, start - 1))))
    if (pairs.size >= MAX_PAIRS) return pairs
    key = text.slice(start, equals)
    valueFrom = equals + 1
  }
  if (key !== '') pairs.set(key, unescaped(text.slice(valueFrom)).trimEnd())
  return pairs
}

/** Keys of the CEF dictionary that are a column as they stand. */
const columns: ReadonlyMap<
  string,
  | 'host_name'
  | 'user_name'
  | 'user_target_name'
  | 'event_action'
  | 'user_agent_original'
  | 'http_referrer'
  | 'file_name'
  | 'file_hash'
> = new Map([
  ['dvchost', 'host_name'],
  ['suser', 'user_name'],
  ['duser', 'user_target_name'],
  ['act', 'event_action'],
  ['requestClientApplication', 'user_agent_original'],
  ['requestContext', 'http_referrer'],
  ['fname', 'file_name'],
  ['fileHash', 'file_hash'],
])

/** Keys of the CEF dictionary that have an ECS name but no column. */
const names: ReadonlyMap<string, string> = new Map([
  ['msg', 'message'],
  ['dhost', 'destination.domain'],
  ['shost', 'source.domain'],
  ['dvc', 'observer.ip'],
  ['smac', 'source.mac'],
  ['dmac', 'destination.mac'],
  ['reason', 'event.reason'],
])

/** Keys that hold the time, the best first. */
const timeKeys = ['rt', 'deviceReceiptTime', 'start', 'end', 'UNIFIutcTime']

/** Set the column of one pair; false if the value has to stay in `fields`. */
function take(event: Event, key: string, value: string): boolean {
  const column = columns.get(key)
  if (column !== undefined) {
    event[column] = value
    return true
  }
  switch (key) {
    case 'src':
      putSource(event, value)
      return true
    case 'dst':
      event.destination_ip = toAddress(value)
      return event.destination_ip !== ''
    case 'spt':
      event.source_port = toPort(value)
      return event.source_port > 0
    case 'dpt':
      event.destination_port = toPort(value)
      return event.destination_port > 0
    case 'proto':
      event.network_transport = value.toLowerCase()
      return true
    case 'app':
      event.network_protocol = value.toLowerCase()
      return true
    case 'request':
      setUrl(event, value)
      return true
    case 'requestMethod':
      event.http_method = value.toUpperCase()
      return true
    case 'sproc':
    case 'dproc':
      if (event.process_name !== '') return false
      event.process_name = value
      return true
    case 'outcome':
      event.event_outcome = outcomeOf(value)
      return event.event_outcome !== ''
    case 'in':
    case 'out':
      event.network_bytes += asNumber(value, Number.MAX_SAFE_INTEGER / 4)
      return false
    default:
      return false
  }
}

/** `cs1Label=Policy cs1=Web` is a pair named Policy. */
function label(pairs: ReadonlyMap<string, string>, key: string): string {
  const name = pairs.get(`${key}Label`)
  return name === undefined || name === '' ? key : name
}

function readPairs(event: Event, pairs: ReadonlyMap<string, string>, context: ParseContext): void {
  for (const key of timeKeys) {
    const value = pairs.get(key)
    const ms = value === undefined ? 0 : anyTime(value, context)
    if (ms !== 0) {
      setTime(event, ms)
      break
    }
  }
  const application = pairs.get('app')
  let labelled = false
  for (const key of pairs.keys()) if (key.endsWith('Label')) labelled = true
  for (const [key, value] of pairs) {
    if (value === '' || take(event, key, value)) continue
    if (labelled && key.endsWith('Label') && pairs.has(key.slice(0, -5))) continue
    put(event, names.get(key) ?? dotted('cef', labelled ? label(pairs, key) : key), value)
  }
  if (event.user_name === '' && event.user_target_name !== '') {
    event.user_name = event.user_target_name
    event.user_target_name = ''
  }
  if (event.event_outcome === '') event.event_outcome = outcomeOf(event.event_action)
  if (event.http_method !== '' && event.url_domain === '' && application?.startsWith('HTTP')) {
    setDomain(event, pairs.get('dhost') ?? '')
  }
}

/**
 * `CEF:0|vendor|product|version|class id|name|severity|extension`, also with a space behind the colon and without the prefix.
 * Source: ArcSight Common Event Format, version 25.
 */
export const cef: Parser = {
  format: 'cef',
  parse(text, event, context) {
    let from = 0
    if (text.startsWith('CEF:')) {
      from = 4
      while (text.charCodeAt(from) === 32) from++
    }
    const version = text.charCodeAt(from)
    if (!(version >= 48 && version <= 57)) return miss
    const at = bars(text, from)
    if (at === undefined) return miss
    const header = at.map((bar, i) => unescaped(text.slice(i === 0 ? from : (at[i - 1] ?? 0) + 1, bar)))
    const last = at[6]
    const [, vendor = '', product = '', deviceVersion = '', code = '', name = ''] = header
    const level = last === undefined ? unescaped(text.slice((at[5] ?? 0) + 1)) : (header[6] ?? '')
    event.dataset = 'cef'
    event.observer_vendor = vendor
    event.observer_product = product
    event.event_code = code
    event.rule_name = name
    event.event_severity = severity(level)
    put(event, 'observer.version', deviceVersion)
    if (last !== undefined) {
      let extension = last + 1
      while (text.charCodeAt(extension) === 32) extension++
      readPairs(event, readExtension(text, extension), context)
    }
    event.event_category = categoryOf(name, event.fields.get('cef.cat') ?? '')
    if (event.event_action === '') event.event_action = name.slice(0, 200)
    return ok
  },
}
