// How does Microsoft's IIS log a request? Its W3C format, and the same fields as an event of Windows in XML.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { anyTime, readIsoTime, setTime, stamp } from '../values/time.ts'
import { httpVersion, setDomain, setUrl, statusOutcome } from './web.ts'

/** The columns that IIS writes where nobody chose others: by 7 and later, by 6, with all chosen, and by Azure's web apps. */
const layouts: readonly (readonly string[])[] = [
  'date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken',
  'date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken',
  'date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status',
  'date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken',
  'date time s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken',
].map((names) => names.split(' '))

/** Columns without which a line of an unnamed layout is not taken for a request, and what they must hold. */
const telling: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['s-ip', (value: string) => toAddress(value) !== ''],
  ['c-ip', (value: string) => toAddress(value) !== ''],
  ['cs-method', (value: string) => /^[A-Z_-]{1,20}$/.test(value)],
  ['cs-uri-stem', (value: string) => value.startsWith('/') || value === '*' || value === '-'],
  ['s-port', (value: string) => toPort(value) !== 0],
  ['sc-status', (value: string) => /^\d{3}$/.test(value)],
])

/** More columns than IIS can write. */
const MAX_COLUMNS = 64

/** Whether words fit a layout: as many of them, or fewer in a line that was cut behind the client's address. */
function fits(words: readonly string[], names: readonly string[]): boolean {
  if (words.length > names.length || words.length <= names.indexOf('c-ip')) return false
  const cut = words.length < names.length
  return words.every((word, n) => {
    // The last word of a cut line may be half of one.
    if (cut && n === words.length - 1 && names[n] !== 'c-ip') return true
    return telling.get(names[n] ?? '')?.(word) ?? true
  })
}

/** The layout that all words fit, else one that they are the beginning of. */
function layoutOf(words: readonly string[]): readonly string[] | undefined {
  return (
    layouts.find((names) => names.length === words.length && fits(words, names)) ??
    layouts.find((names) => fits(words, names))
  )
}

/** IIS writes a plus for each space in a header. */
function spaced(value: string): string {
  return value.replaceAll('+', ' ')
}

/** `DOMAIN\user` is user, the domain goes to a field of its own. */
function setUser(event: Event, name: string): void {
  const slash = name.indexOf('\\')
  event.user_name = name.slice(slash + 1)
  if (slash > 0) put(event, 'user.domain', name.slice(0, slash))
}

/** Fields that have columns; the others keep the names that IIS and Sigma give them. */
const taken: ReadonlySet<string> = new Set([
  'date',
  'time',
  'c-ip',
  'c-port',
  's-ip',
  's-port',
  's-computername',
  'cs-method',
  'cs-uri-stem',
  'cs-uri-query',
  'cs-username',
  'cs-version',
  'cs-host',
  'cs(Host)',
  'cs(User-Agent)',
  'cs(Referer)',
  'sc-status',
  'sc-bytes',
  'time-taken',
])

/** Set the columns of a request by the fields that a line names; times are UTC. */
function readFields(event: Event, fields: ReadonlyMap<string, string>): void {
  const value = (name: string): string => fields.get(name) ?? ''
  event.dataset = 'iis.access'
  event.event_category = 'web'
  event.event_action = 'http_request'
  event.network_protocol = 'http'
  event.observer_product = 'IIS'
  if (readIsoTime(`${value('date')} ${value('time')}`, 0, 0)) setTime(event, stamp.ms)
  event.source_ip = toAddress(value('c-ip'))
  event.source_port = toPort(value('c-port'))
  event.destination_ip = toAddress(value('s-ip'))
  setDomain(event, value('cs-host') || value('cs(Host)'))
  event.destination_port = toPort(value('s-port')) || event.destination_port
  event.http_method = value('cs-method')
  const query = value('cs-uri-query')
  const stem = value('cs-uri-stem')
  if (stem !== '') setUrl(event, query === '' ? stem : `${stem}?${query}`)
  setUser(event, value('cs-username'))
  const version = value('cs-version')
  event.http_version = version.startsWith('HTTP/') ? httpVersion(version.slice(5)) : ''
  event.user_agent_original = spaced(value('cs(User-Agent)'))
  event.http_referrer = value('cs(Referer)')
  event.http_status_code = asNumber(value('sc-status'), 999)
  event.event_outcome = statusOutcome(event.http_status_code)
  event.http_response_bytes = asNumber(value('sc-bytes'), Number.MAX_SAFE_INTEGER)
  if (value('s-computername') !== '' && event.host_name === '') event.host_name = value('s-computername')
  const taking = asNumber(value('time-taken'), 1e9)
  if (taking > 0) put(event, 'event.duration', String(taking * 1e6))
  for (const [name, text] of fields) if (!taken.has(name)) put(event, name === 'cs(Cookie)' ? 'cs-cookie' : name, text)
}

/** Pair words with names; a dash stands for nothing. */
function named(words: readonly string[], names: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (const [n, word] of words.entries()) {
    const name = names[n]
    if (name !== undefined && word !== '-') fields.set(name, word)
  }
  return fields
}

const dated = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /

/**
 * Read a line of the W3C extended format. Its columns are those of the source (what stands behind `#Fields:`), else one of the layouts that IIS
 * has by itself. Source: Microsoft Learn, "W3C Logging"; W3C working draft WD-logfile-960323.
 */
function readIisLine(text: string, event: Event, { columns }: ParseContext): Outcome {
  // Any layout may be chosen, but none without a time.
  if (columns.length === 0 && (text.charCodeAt(4) !== 45 || !dated.test(text))) return miss
  const words = text.split(' ', MAX_COLUMNS)
  if (columns.length > 0) {
    const fields = named(words, columns)
    const at = columns.indexOf('date')
    if (words.length > columns.length || (at >= 0 && !/^\d{4}-\d\d-\d\d$/.test(words[at] ?? ''))) return miss
    if (!columns.includes('c-ip') && !columns.includes('cs-method')) return miss
    if (toAddress(fields.get('c-ip') ?? '') === '' && !telling.get('cs-method')?.(fields.get('cs-method') ?? ''))
      return miss
    readFields(event, fields)
    return ok
  }
  const names = layoutOf(words)
  if (names === undefined) return miss
  readFields(event, named(words, names))
  return ok
}

/** Names that the XML of an event has for headers. */
const xmlNames: ReadonlyMap<string, string> = new Map([
  ['csUser-Agent', 'cs(User-Agent)'],
  ['csReferer', 'cs(Referer)'],
  ['csCookie', 'cs(Cookie)'],
  ['csHost', 'cs(Host)'],
])

const entities: ReadonlyMap<string, string> = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&amp;', '&'],
])

function decoded(text: string): string {
  return text.includes('&')
    ? text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => entities.get(entity) ?? entity)
    : text
}

/** Data behind `EventData`: `<Data Name="c-ip">192.0.2.7</Data>`. Angle brackets of a client are entities, so that none of it is theirs. */
function dataOf(text: string, from: number): Map<string, string> {
  const fields = new Map<string, string>()
  let at = text.indexOf('<Data Name="', from)
  while (at >= 0 && fields.size < MAX_COLUMNS) {
    const nameEnd = text.indexOf('">', at + 12)
    const end = nameEnd < 0 ? -1 : text.indexOf('<', nameEnd)
    if (end < 0) break
    const name = text.slice(at + 12, nameEnd)
    const value = decoded(text.slice(nameEnd + 2, end))
    if (value !== '-' && value !== '') fields.set(xmlNames.get(name) ?? name, value)
    at = text.indexOf('<Data Name="', end)
  }
  return fields
}

/** Read an event of the channel Microsoft-IIS-Logging/Logs, which IIS writes where it is set to log to ETW. */
function readIisXml(text: string, event: Event, context: ParseContext): Outcome {
  if (!text.startsWith('<Event ') || !text.slice(0, 512).includes('"Microsoft-Windows-IIS-Logging"')) return miss
  const data = text.indexOf('<EventData>')
  if (data < 0) return miss
  const fields = dataOf(text, data)
  if (!fields.has('c-ip') && !fields.has('cs-method')) return miss
  const system = text.slice(0, data)
  readFields(event, fields)
  const code = /<EventID[^>]{0,64}>(\d{1,10})</.exec(system)?.[1] ?? ''
  event.event_code = code
  const host = /<Computer>([^<]{1,255})</.exec(system)?.[1] ?? ''
  if (host !== '') event.host_name = host
  const time = /SystemTime=["']([^"']{1,40})["']/.exec(system)?.[1] ?? ''
  if (event.timestamp === 0) setTime(event, anyTime(time, context))
  return ok
}

export const iis: Parser = {
  format: 'iis.access',
  parse: (text, event, context) =>
    text.charCodeAt(0) === 60 ? readIisXml(text, event, context) : readIisLine(text, event, context),
}
