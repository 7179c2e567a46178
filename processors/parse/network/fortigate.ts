// What does a FortiGate report? Traffic, what its filters found, log-ins and changes, as `key=value` that it sends by syslog.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put, tag } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setDomain, setUrl } from '../web/web.ts'
import { loginOutcome, outcomeOf, transportOf } from './device-words.ts'
import { type Pairs, readQuotedPairs } from './quoted-pairs.ts'

const severities: ReadonlyMap<string, number> = new Map([
  ['info', 10],
  ['low', 25],
  ['medium', 50],
  ['high', 80],
  ['critical', 95],
])

/** Filters that name what a client or a file tried, and what the others are about. */
const filters: ReadonlyMap<string, string> = new Map([
  ['ips', 'intrusion_detection'],
  ['virus', 'intrusion_detection'],
  ['anomaly', 'intrusion_detection'],
  ['waf', 'intrusion_detection'],
  ['webfilter', 'web'],
  ['dlp', 'file'],
  ['file-filter', 'file'],
  ['emailfilter', 'email'],
])

const protocols: ReadonlyMap<string, string> = new Map([
  ['HTTP', 'http'],
  ['HTTPS', 'tls'],
  ['SSL', 'tls'],
  ['SSH', 'ssh'],
  ['DNS', 'dns'],
  ['SMTP', 'smtp'],
  ['FTP', 'ftp'],
  ['RDP', 'rdp'],
  ['SMB', 'smb'],
  ['TELNET', 'telnet'],
])

/** Keys that have an ECS name. */
const names: ReadonlyMap<string, string> = new Map([
  ['devid', 'observer.serial_number'],
  ['srcintf', 'observer.ingress.interface.name'],
  ['dstintf', 'observer.egress.interface.name'],
  ['srccountry', 'source.geo.country_name'],
  ['dstcountry', 'destination.geo.country_name'],
  ['sentbyte', 'source.bytes'],
  ['rcvdbyte', 'destination.bytes'],
  ['srcmac', 'source.mac'],
  ['app', 'network.application'],
  ['msg', 'message'],
  ['reason', 'event.reason'],
  ['group', 'group.name'],
  ['transip', 'source.nat.ip'],
  ['ipaddr', 'dns.answers.data'],
])

/** Keys whose values go to columns or are told otherwise. */
const taken: ReadonlySet<string> = new Set(
  'date time tz eventtime devname level type user srcip dstip srcport dstport proto action logid qname qtype hostname url agent filename'.split(
    ' ',
  ),
)

/** Addresses that mean none, and what FortiOS writes for an absent value. */
function value(pairs: Pairs, key: string): string {
  const text = pairs.get(key) ?? ''
  return text === 'N/A' || text === 'n/a' ? '' : text
}

/** The first of several keys that holds an address. */
function address(pairs: Pairs, ...keys: readonly string[]): string {
  for (const key of keys) {
    const found = toAddress(value(pairs, key))
    if (found !== '' && found !== '0.0.0.0') return found
  }
  return ''
}

function setTimes(event: Event, pairs: Pairs, context: ParseContext): void {
  const ms = anyTime(value(pairs, 'eventtime'), context)
  const local = ms === 0 ? anyTime(`${value(pairs, 'date')}T${value(pairs, 'time')}${value(pairs, 'tz')}`, context) : ms
  setTime(event, local)
}

function set(event: Event, category: string, action: string, outcome: string): void {
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
}

function readTraffic(event: Event, pairs: Pairs): void {
  const action = event.event_action
  const refused = action === 'ip-conn' || outcomeOf(action) === 'failure'
  set(event, 'network', action, refused ? 'failure' : action === 'dns' ? '' : 'success')
  const seconds = asNumber(value(pairs, 'duration'), 1e8)
  if (seconds > 0) put(event, 'event.duration', String(seconds * 1e9))
}

function readFilter(event: Event, pairs: Pairs, subtype: string): void {
  event.event_category = filters.get(subtype) ?? 'network'
  event.event_outcome = outcomeOf(event.event_action) === 'failure' ? 'failure' : ''
  event.rule_name = value(pairs, 'attack') || value(pairs, 'virus')
  const code = value(pairs, 'attackid') || value(pairs, 'virusid')
  if (code !== '') event.event_code = code
  const severity = value(pairs, 'severity') || (event.rule_name === '' ? '' : value(pairs, 'crlevel'))
  event.event_severity = severities.get(severity) ?? 0
  event.file_name = value(pairs, 'filename')
  event.file_hash = value(pairs, 'filehash') || value(pairs, 'analyticscksum')
  setDomain(event, value(pairs, 'hostname'))
  const url = value(pairs, 'url')
  if (url !== '') setUrl(event, url)
  event.http_method = value(pairs, 'httpmethod').toUpperCase()
  event.http_referrer = value(pairs, 'referralurl')
  event.user_agent_original = value(pairs, 'agent')
  if (subtype === 'dns') {
    event.network_protocol = 'dns'
    event.dns_question_name = value(pairs, 'qname').toLowerCase()
    event.dns_question_type = value(pairs, 'qtype')
    event.dns_response_code = value(pairs, 'rcode')
    if (event.event_action === '') event.event_action = 'dns_query'
  }
}

/** Actions that are a log-in to the VPN, and whether it came through. */
const vpnLogins: ReadonlyMap<string, string> = new Map([
  ['ssl-login-fail', 'failure'],
  ['ssl-exit-error', 'failure'],
  ['tunnel-up', 'success'],
])

/** Administrators, users of the VPN, users whom a policy asks who they are, changes. */
function readEvent(event: Event, pairs: Pairs, subtype: string): void {
  const action = event.event_action
  const status = value(pairs, 'status')
  if (pairs.has('cfgpath')) {
    set(event, 'configuration', action, 'success')
    return
  }
  const vpn = vpnLogins.get(action)
  if (vpn !== undefined && (vpn === 'failure' || event.user_name !== '')) {
    set(event, 'authentication', 'vpn_login', vpn)
    put(event, 'fortigate.action', action)
  } else if (/log(?:out|off)/i.test(action)) {
    set(event, 'session', 'logout', '')
    put(event, 'fortigate.action', action)
  } else if (/^login$|log-?on|^authentication$/i.test(action)) {
    const outcome = loginOutcome(status) || loginOutcome(value(pairs, 'logdesc'))
    set(event, 'authentication', 'login', outcome || (/logon/i.test(action) ? 'success' : ''))
    put(event, 'fortigate.action', action)
  } else {
    set(event, subtype === 'vpn' ? 'network' : 'host', action, loginOutcome(status))
  }
}

/** `ssh(203.0.113.7)`, `GUI(203.0.113.7)`: where an administrator sits. */
function readInterface(ui: string): string {
  return toAddress(/\(([\da-fA-F:.]{2,45})\)$/.exec(ui)?.[1] ?? '')
}

/** What all logs have. */
function setCommon(event: Event, pairs: Pairs): void {
  event.observer_vendor = 'Fortinet'
  event.observer_product = 'FortiGate'
  const device = value(pairs, 'devname')
  if (device !== '') event.host_name = device
  event.log_level = value(pairs, 'level') || event.log_level
  event.event_code = value(pairs, 'logid')
  event.event_action = value(pairs, 'action')
  event.user_name = value(pairs, 'user') || value(pairs, 'xauthuser')
  event.source_ip = address(pairs, 'srcip', 'remip') || readInterface(value(pairs, 'ui'))
  event.destination_ip = address(pairs, 'dstip', 'locip')
  event.source_port = toPort(value(pairs, 'srcport') || value(pairs, 'remport'))
  event.destination_port = toPort(value(pairs, 'dstport') || value(pairs, 'locport'))
  event.network_transport = transportOf(value(pairs, 'proto'))
  event.network_protocol = protocols.get(value(pairs, 'service').toUpperCase()) ?? ''
  const most = Number.MAX_SAFE_INTEGER / 4
  event.network_bytes = asNumber(value(pairs, 'sentbyte'), most) + asNumber(value(pairs, 'rcvdbyte'), most)
}

const datasets: ReadonlyMap<string, string> = new Map([
  ['traffic', 'fortigate.traffic'],
  ['event', 'fortigate.event'],
])

/** FortiOS 5 wrote the name of the filter as the type. */
const filterTypes: ReadonlySet<string> = new Set([
  ...filters.keys(),
  'utm',
  'dns',
  'app-ctrl',
  'ssl',
  'ssh',
  'voip',
  'gtp',
])

/**
 * Read `date=2024-11-27 time=08:16:03 devname="fw" logid="0000000013" type="traffic" subtype="forward" srcip=203.0.113.7 …`; `miss` if it is no
 * log of FortiOS. Source: FortiOS 7.4 Log Message Reference.
 */
export function readFortigate(text: string, event: Event, context: ParseContext): Outcome {
  // Cheap, as every text that begins with these letters comes here.
  if (!/^(?:date|itime|logver|devname|devid|timestamp|eventtime|tz)=/.test(text)) return miss
  const { pairs, repeated } = readQuotedPairs(text)
  const type = pairs.get('type') ?? ''
  const dataset = datasets.get(type) ?? (filterTypes.has(type) ? 'fortigate.utm' : '')
  if (dataset === '') return miss
  if (!pairs.has('logid') && !pairs.has('log_id') && !pairs.has('devid')) return miss
  const subtype = value(pairs, 'subtype')
  event.dataset = dataset
  if (repeated) tag(event, 'repeated_keys')
  setTimes(event, pairs, context)
  setCommon(event, pairs)
  if (type === 'traffic') readTraffic(event, pairs)
  else if (type === 'event') readEvent(event, pairs, subtype)
  else readFilter(event, pairs, type === 'utm' ? subtype : type)
  put(event, 'fortigate.type', type)
  for (const key of pairs.keys()) {
    if (!taken.has(key)) put(event, names.get(key) ?? dotted('fortigate', key), value(pairs, key))
  }
  return ok
}

/** A parser for each dataset. All read every log, so that none is looked at twice. */
export const fortigate: readonly Parser[] = ['fortigate.traffic', 'fortigate.utm', 'fortigate.event'].map(
  (dataset) => ({
    format: dataset,
    parse: readFortigate,
  }),
)
