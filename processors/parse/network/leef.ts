// What does a device say in IBM's Log Event Extended Format?
import type { Event } from '../../../schemas/event.ts'
import { miss, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put, putSource } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setUrl } from '../web/web.ts'
import { categoryOf, loginOutcome, outcomeOf, transportOf } from './device-words.ts'

/** Keys that are read; the rest of a hostile line is left out. */
const MAX_PAIRS = 512

/** Keys that are a column as they stand. */
const columns: ReadonlyMap<
  string,
  'host_name' | 'user_name' | 'user_target_name' | 'event_action' | 'http_method' | 'user_agent_original' | 'file_name'
> = new Map([
  ['dvchost', 'host_name'],
  ['devName', 'host_name'],
  ['usrName', 'user_name'],
  ['suser', 'user_name'],
  ['duser', 'user_target_name'],
  ['action', 'event_action'],
  ['act', 'event_action'],
  ['method', 'http_method'],
  ['requestMethod', 'http_method'],
  ['userAgent', 'user_agent_original'],
  ['fname', 'file_name'],
])

/** Keys that have an ECS name but no column. */
const names: ReadonlyMap<string, string> = new Map([
  ['msg', 'message'],
  ['reason', 'event.reason'],
  ['srcMAC', 'source.mac'],
  ['dstMAC', 'destination.mac'],
  ['srcPreNAT', 'source.nat.ip'],
  ['dstPostNAT', 'destination.nat.ip'],
  ['dvc', 'observer.ip'],
  ['domain', 'user.domain'],
  ['srcBytes', 'source.bytes'],
  ['dstBytes', 'destination.bytes'],
])

/** Set the column of one pair; false if the value has to stay in `fields`. */
function take(event: Event, key: string, value: string): boolean {
  const column = columns.get(key)
  if (column !== undefined) {
    if (event[column] !== '' && column !== 'host_name') return false
    event[column] = column === 'http_method' ? value.toUpperCase() : value
    return true
  }
  switch (key) {
    case 'src':
      putSource(event, value)
      return true
    case 'dst':
      event.destination_ip = toAddress(value)
      return event.destination_ip !== ''
    case 'srcPort':
      event.source_port = toPort(value)
      return event.source_port > 0
    case 'dstPort':
      event.destination_port = toPort(value)
      return event.destination_port > 0
    case 'proto':
      event.network_transport = transportOf(value)
      return true
    case 'url':
    case 'request':
      setUrl(event, value)
      return true
    case 'sev':
      event.event_severity = Math.min(100, asNumber(value, 1000) * 10)
      return event.event_severity > 0
    case 'srcBytes':
    case 'dstBytes':
      event.network_bytes += asNumber(value, Number.MAX_SAFE_INTEGER / 4)
      return false
    default:
      return false
  }
}

/** The delimiter that the header of version 2 names: a character, its code (`x5E`, `0x5E`), or none for a tab. */
function delimiterOf(text: string): string | undefined {
  if (text === '') return '\t'
  const code = /^(?:0x|x|\\x)([0-9a-f]{2,4})$/i.exec(text)?.[1]
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
  return text.length === 1 ? text : undefined
}

/** `key=value` between delimiters. Syslog daemons write the octal code for a tab. A key that comes again is what a value forged. */
function readPairs(text: string, delimiter: string): Map<string, string> {
  const between = delimiter === '\t' && !text.includes('\t') && text.includes('#011') ? '#011' : delimiter
  const pairs = new Map<string, string>()
  for (const pair of text.split(between, MAX_PAIRS)) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, equals).trim()
    if (equals > 0 && key.length <= 128 && !pairs.has(key)) pairs.set(key, pair.slice(equals + 1).trim())
  }
  return pairs
}

function readAttributes(event: Event, pairs: ReadonlyMap<string, string>, context: ParseContext): void {
  const ms = anyTime(pairs.get('devTime') ?? '', context)
  if (ms !== 0) setTime(event, ms)
  for (const [key, value] of pairs) {
    if (value === '' || key === 'devTimeFormat' || (key === 'devTime' && ms !== 0)) continue
    if (!take(event, key, value)) put(event, names.get(key) ?? dotted('leef', key), value)
  }
}

/**
 * `LEEF:1.0|vendor|product|version|event|key=value<tab>key=value`, and version 2 with a delimiter of its own in a sixth field:
 * `LEEF:2.0|vendor|product|version|event|^|key=value^key=value`. Source: IBM QRadar, "Log Event Extended Format (LEEF)", version 2.
 */
export const leef: Parser = {
  format: 'leef',
  parse(text, event, context) {
    const version = /^LEEF: ?([12])(?:\.\d)?\|/.exec(text)
    if (version === null) return miss
    const header: string[] = []
    let from = version[0].length
    for (let n = 0; n < 4; n++) {
      const bar = text.indexOf('|', from)
      if (bar < 0) return miss
      header.push(text.slice(from, bar))
      from = bar + 1
    }
    let delimiter = '\t'
    if (version[1] === '2') {
      const bar = text.indexOf('|', from)
      const named = bar < 0 || bar - from > 6 ? undefined : delimiterOf(text.slice(from, bar))
      if (named !== undefined) {
        delimiter = named
        from = bar + 1
      }
    }
    const [vendor = '', product = '', deviceVersion = '', code = ''] = header
    event.dataset = 'leef'
    event.observer_vendor = vendor
    event.observer_product = product
    event.event_code = code
    event.rule_name = code
    put(event, 'observer.version', deviceVersion)
    readAttributes(event, readPairs(text.slice(from), delimiter), context)
    event.event_category = categoryOf(code, event.fields.get('leef.cat') ?? '')
    event.event_outcome = outcomeOf(event.event_action)
    if (event.event_outcome === '' && event.event_category === 'authentication')
      event.event_outcome = loginOutcome(code)
    if (event.event_action === '') event.event_action = code.slice(0, 200)
    return ok
  },
}
