// What does a Palo Alto firewall report? The CSV that PAN-OS sends by syslog: threats, traffic, log-ins, changes.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { readCsv } from '../values/csv.ts'
import { put, putSource } from '../values/fields.ts'
import { readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'
import { setUrl } from '../web/web.ts'
import { loginOutcome } from './device-words.ts'
import { FIRST_FIELD, logs } from './palo-alto-fields.ts'

/** More fields than any log of PAN-OS has. */
const MAX_COLUMNS = 192

const severities: ReadonlyMap<string, number> = new Map([
  ['informational', 10],
  ['low', 25],
  ['medium', 50],
  ['high', 80],
  ['critical', 95],
])

/** Threats that name what a client or a file tried; the others are what policy says about ordinary traffic. */
const attacks: ReadonlySet<string> = new Set([
  'vulnerability',
  'spyware',
  'virus',
  'wildfire',
  'wildfire-virus',
  'ml-virus',
  'flood',
  'scan',
  'packet',
])

const protocols: ReadonlyMap<string, string> = new Map([
  ['web-browsing', 'http'],
  ['ssl', 'tls'],
  ['dns-base', 'dns'],
])

/** `paloalto.threat` of `THREAT`. */
function datasetOf(type: string): string {
  return `paloalto.${type.toLowerCase()}`
}

/** The named fields of a line. */
type Named = ReadonlyMap<string, string>

/** `DOMAIN\user` is user, the domain goes to a field of its own. */
function setUser(event: Event, name: string): void {
  const slash = name.indexOf('\\')
  event.user_name = name.slice(slash + 1)
  if (slash > 0) put(event, 'user.domain', name.slice(0, slash))
}

/** A country as PAN-OS names it; inside addresses have a range instead. */
function putCountry(event: Event, name: string, country: string): void {
  if (country !== '' && !/^\d/.test(country)) put(event, name, country)
}

/** `192.0.2.7/a?b=c` and `portal.example/login`: PAN-OS writes no scheme. */
function setTarget(event: Event, misc: string): void {
  setUrl(event, misc.includes('://') ? misc : `http://${misc}`)
  event.url_original = misc
}

/** `SSH User Authentication Brute Force Attempt(40015)`: name and id. */
function setThreat(event: Event, threat: string): void {
  const open = threat.endsWith(')') ? threat.lastIndexOf('(') : -1
  const id = threat.slice(open + 1, -1)
  const numbered = open > 0 && /^\d{1,12}$/.test(id)
  event.rule_name = numbered ? threat.slice(0, open).trimEnd() : threat
  if (numbered) event.event_code = id
}

function readThreat(event: Event, named: Named, subtype: string): void {
  event.event_category = attacks.has(subtype) ? 'intrusion_detection' : subtype === 'url' ? 'web' : 'file'
  setThreat(event, named.get('threatid') ?? '')
  const misc = named.get('misc') ?? ''
  if (misc !== '' && (subtype === 'url' || (event.event_category === 'intrusion_detection' && misc.includes('/')))) {
    setTarget(event, misc)
  } else event.file_name = misc
  event.file_hash = named.get('file_digest') ?? ''
  event.http_method = (named.get('http_method') ?? '').toUpperCase()
  event.user_agent_original = named.get('user_agent') ?? ''
  event.http_referrer = named.get('referer') ?? ''
  if (event.http_method === 'UNKNOWN') event.http_method = ''
}

function readTraffic(event: Event, named: Named): void {
  event.event_category = 'network'
  event.network_bytes = asNumber(named.get('bytes'), Number.MAX_SAFE_INTEGER)
  event.event_outcome = event.event_action === 'allow' ? 'success' : 'failure'
  const seconds = asNumber(named.get('elapsed'), 1e6)
  if (seconds > 0) put(event, 'event.duration', String(seconds * 1e9))
}

/** How descriptions name the user, the surest first. */
const users: readonly RegExp[] = [
  /\buser(?: name)?:? '([^']{1,256})'/i,
  /\buser name: ?([^\s,'"]{1,256})/i,
  /\buser ([^\s,'"]{1,256}) (?:logged|failed|authenticated)/i,
]

/** `failed authentication for user 'admin'. … From: 192.0.2.7.`, `User admin logged in via Web from 192.0.2.7 using https` */
function readLogin(event: Event, text: string): void {
  for (const user of users) {
    const name = user.exec(text)?.[1]
    if (name === undefined) continue
    setUser(event, name)
    break
  }
  const from = /\bfrom:? ?([\da-fA-F.:]{2,45})/i.exec(text)?.[1] ?? ''
  event.source_ip = toAddress(from.replace(/[.:]$/, ''))
}

function readSystem(event: Event, named: Named, subtype: string): void {
  const description = named.get('description') ?? ''
  const id = named.get('eventid') ?? ''
  const head = description.slice(0, 1024)
  event.event_category = 'host'
  event.event_action = id
  put(event, 'event.reason', description)
  if (!/auth|log(?:in|ged) /i.test(`${id} ${head}`) || subtype === 'crypto') return
  event.event_outcome = loginOutcome(id) || loginOutcome(head)
  if (event.event_outcome === '') return
  event.event_category = 'authentication'
  readLogin(event, head)
  const vpn = /global-?protect/i.test(`${subtype} ${id}`)
  if (vpn) event.event_action = 'vpn_login'
  else if (id === '' || id === 'general') event.event_action = 'login'
}

function readGlobalProtect(event: Event, named: Named): void {
  const id = named.get('eventid') ?? ''
  event.event_outcome = loginOutcome(named.get('result') ?? '')
  const login = /auth|login/.test(id)
  event.event_category = login ? 'authentication' : 'network'
  event.event_action = login ? 'vpn_login' : id
  event.event_code = id
  put(event, 'event.reason', named.get('description') ?? '')
  if (event.source_ip === '' || event.source_ip === '0.0.0.0') {
    event.source_ip = toAddress(named.get('public_ipv6') ?? '')
  }
}

/** What the kind of log means. */
function readKind(event: Event, type: string, subtype: string, named: Named): void {
  switch (type) {
    case 'THREAT':
      readThreat(event, named, subtype)
      break
    case 'TRAFFIC':
      readTraffic(event, named)
      break
    case 'SYSTEM':
      readSystem(event, named, subtype)
      break
    case 'GLOBALPROTECT':
      readGlobalProtect(event, named)
      break
    case 'CONFIG':
      event.event_category = 'configuration'
      event.event_action = named.get('command') ?? ''
      event.event_outcome = loginOutcome(named.get('result') ?? '')
      break
    case 'USERID':
      event.event_category = 'session'
      event.event_action = subtype
      event.event_code = named.get('eventid') ?? ''
      break
    case 'AUTHENTICATION':
      event.event_category = 'authentication'
      event.event_action = 'login'
      event.event_outcome = loginOutcome(`${named.get('result') ?? ''} ${named.get('description') ?? ''}`)
      put(event, 'event.reason', named.get('description') ?? '')
      break
    default:
      event.event_category = 'network'
      event.event_action = subtype
  }
}

/** Set the columns that several logs have. */
function setCommon(event: Event, named: Named): void {
  const source = named.get('src') ?? ''
  if (source !== '') putSource(event, source)
  event.destination_ip = toAddress(named.get('dst') ?? '')
  event.source_port = toPort(named.get('sport') ?? '')
  event.destination_port = toPort(named.get('dport') ?? '')
  event.network_transport = (named.get('proto') ?? '').toLowerCase()
  event.event_action = named.get('action') ?? ''
  const app = named.get('app') ?? ''
  event.network_protocol = protocols.get(app) ?? (app === 'incomplete' || app === 'not-applicable' ? '' : app)
  put(event, 'network.application', app)
  setUser(event, named.get('srcuser') ?? '')
  event.user_target_name = named.get('dstuser') ?? ''
  event.event_severity = severities.get(named.get('severity') ?? '') ?? 0
  const device = named.get('device_name') ?? ''
  if (device !== '') event.host_name = device
  putCountry(event, 'source.geo.country_name', named.get('srcloc') ?? '')
  putCountry(event, 'destination.geo.country_name', named.get('dstloc') ?? '')
}

/** Whether a field is the time with milliseconds and zone that PAN-OS 10 and later write; 1969 and 1970 stand for an unset one. */
function isPrecise(text: string, zoneMinutes: number): boolean {
  if (text.charCodeAt(10) !== 84 || text.length > 35) return false
  return readIsoTime(text, 0, zoneMinutes) && stamp.zoned && stamp.ms > 31_536_000_000
}

/** Set the time. The precise one stands behind the fields that the log has always had (`from`); none of those is the client's to write. */
function setTimes(event: Event, columns: readonly string[], from: number, zoneMinutes: number): void {
  if (columns.slice(from).some((text) => isPrecise(text, zoneMinutes))) {
    setTime(event, stamp.ms)
    return
  }
  for (const text of [columns[6] ?? '', columns[1] ?? '']) {
    if (!readIsoTime(text, 0, zoneMinutes) || stamp.ms === 0) continue
    if (stamp.zoned) setTime(event, stamp.ms)
    else setLocalTime(event, stamp.ms)
    return
  }
}

const start = /^\d{0,2},\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d,/

/**
 * Read `1,2024/11/27 08:16:03,SERIAL,TYPE,SUBTYPE,…`, what stands behind the syslog header; `miss` if it is no log of PAN-OS, or not of the type
 * `only`.
 */
export function readPaloAlto(text: string, event: Event, { zoneMinutes }: ParseContext, only = ''): Outcome {
  if (!start.test(text)) return miss
  const type = text.split(',', 4)[3] ?? ''
  const names = logs.get(type)
  if (names === undefined || (only !== '' && only !== type)) return miss
  const columns = readCsv(text, 0, MAX_COLUMNS)
  const [, , serial = '', , subtype = ''] = columns
  const named = new Map<string, string>()
  event.dataset = datasetOf(type)
  event.observer_vendor = 'Palo Alto Networks'
  event.observer_product = 'PAN-OS'
  put(event, 'observer.serial_number', serial)
  put(event, 'paloalto.type', type)
  put(event, 'paloalto.subtype', subtype)
  for (const [i, name] of names.entries()) {
    const value = columns[FIRST_FIELD + i] ?? ''
    if (value === '' || value === 'N/A' || name === '') continue
    if (name.includes('.')) put(event, name, value)
    else named.set(name, value)
  }
  setTimes(event, columns, FIRST_FIELD + names.length, zoneMinutes)
  setCommon(event, named)
  readKind(event, type, subtype, named)
  return ok
}

/** One parser for each log, as each is a dataset. */
export const paloAlto: readonly Parser[] = [...logs.keys()].map((type) => ({
  format: datasetOf(type),
  parse: (text, event, context) => readPaloAlto(text, event, context, type),
}))
