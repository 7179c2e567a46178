// What did a visitor of an OpenCanary do? One JSON object for each contact, told apart by its type.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, isObject, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { dotted, put, putJson } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setDomain, setUrl } from '../web/web.ts'
import { setContact, setHoneypotLogin } from './honeypot.ts'

type Depth = 'login' | 'attempt' | 'contact'

/** Types of contact: what was done, by which protocol, how far it went. Source: opencanary/logger.py 0.9. */
const types: ReadonlyMap<number, readonly [action: string, protocol: string, depth: Depth]> = new Map([
  [2000, ['ftp_login', 'ftp', 'login']],
  [2001, ['ftp_auth', 'ftp', 'contact']],
  [3000, ['http_get', 'http', 'contact']],
  [3001, ['http_login', 'http', 'login']],
  [3002, ['http_method', 'http', 'attempt']],
  [3003, ['http_redirect', 'http', 'contact']],
  [4000, ['ssh_connect', 'ssh', 'contact']],
  [4001, ['ssh_version', 'ssh', 'contact']],
  [4002, ['ssh_login', 'ssh', 'login']],
  [5000, ['smb_file_open', 'smb', 'attempt']],
  [5001, ['port_scan_syn', '', 'attempt']],
  [5002, ['port_scan_nmap_os', '', 'attempt']],
  [5003, ['port_scan_nmap_null', '', 'attempt']],
  [5004, ['port_scan_nmap_xmas', '', 'attempt']],
  [5005, ['port_scan_nmap_fin', '', 'attempt']],
  [6001, ['telnet_login', 'telnet', 'login']],
  [6002, ['telnet_connect', 'telnet', 'contact']],
  [7001, ['proxy_login', 'http', 'login']],
  [8001, ['mysql_login', 'mysql', 'login']],
  [9001, ['mssql_login', 'mssql', 'login']],
  [9002, ['mssql_windows_login', 'mssql', 'login']],
  [9003, ['mysql_connect', 'mysql', 'contact']],
  [10_001, ['tftp_request', 'tftp', 'attempt']],
  [11_001, ['ntp_monlist', 'ntp', 'attempt']],
  [12_001, ['vnc_login', 'vnc', 'login']],
  [13_001, ['snmp_request', 'snmp', 'attempt']],
  [14_001, ['rdp_login', 'rdp', 'login']],
  [15_001, ['sip_request', 'sip', 'attempt']],
  [16_001, ['git_clone', 'git', 'attempt']],
  [17_001, ['redis_command', 'redis', 'attempt']],
  [18_001, ['tcp_connect', '', 'contact']],
  [18_002, ['tcp_connect', '', 'contact']],
  [18_003, ['tcp_secret', '', 'attempt']],
  [18_004, ['tcp_data', '', 'attempt']],
  [18_005, ['tcp_data', '', 'attempt']],
  [19_001, ['llmnr_response', 'llmnr', 'attempt']],
  [20_001, ['mongodb_login', 'mongodb', 'login']],
])

/** Types below this are what the program says about itself. */
const FIRST_CONTACT = 2000

/** What is told by columns, and passwords, which may be a citizen's own: they stay in the message alone. */
const taken: ReadonlySet<string> = new Set([
  'USERNAME',
  'USER',
  'HOSTNAME',
  'PATH',
  'USERAGENT',
  'FILENAME',
  'PASSWORD',
])

/** Whether a JSON object is an event of OpenCanary. */
export function isOpenCanary({ logtype, node_id: node, local_time: time }: JsonObject): boolean {
  return typeof logtype === 'number' && typeof node === 'string' && typeof time === 'string'
}

/** Its times are UTC though they name no zone, `local_time` as well. */
function timeOf(values: JsonObject, context: ParseContext): number {
  return anyTime(asText(values.utc_time) || asText(values.local_time), { ...context, zoneMinutes: 0 })
}

/** What is known of this kind of contact. */
function readData(event: Event, data: JsonObject, http: boolean): void {
  if (http) {
    setDomain(event, asText(data.HOSTNAME))
    const path = asText(data.PATH)
    if (path !== '') setUrl(event, path)
    event.user_agent_original = asText(data.USERAGENT).replace(/^<not supplied>$/, '')
  }
  event.file_name = asText(data.FILENAME)
  for (const key in data) {
    if (!taken.has(key) && !/pass(?:word|wd)/i.test(key)) putJson(event, dotted('opencanary.logdata', key), data[key])
  }
}

/** Read an event of OpenCanary. */
export function readOpenCanary(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const type = asNumber(values.logtype, 1e6)
  const data = isObject(values.logdata) ? values.logdata : {}
  const [action, protocol, depth] = types.get(type) ?? ['contact', '', 'contact']
  event.dataset = 'opencanary'
  event.observer_vendor = 'Thinkst'
  event.observer_product = 'OpenCanary'
  const node = asText(values.node_id)
  if (event.host_name === '') event.host_name = node
  event.event_code = String(type)
  setTime(event, timeOf(values, context))
  event.source_ip = toAddress(asText(values.src_host))
  event.source_port = asNumber(values.src_port, 65_535)
  event.destination_ip = toAddress(asText(values.dst_host))
  event.destination_port = asNumber(values.dst_port, 65_535)
  event.network_protocol = protocol
  if (type < FIRST_CONTACT) {
    event.event_category = 'host'
    event.event_action = 'opencanary_message'
  } else if (depth === 'login') {
    setHoneypotLogin(event, asText(data.USERNAME).replace(/^<not supplied>$/, ''), 'failure')
  } else {
    setContact(event, `honeypot_${action}`, depth)
    event.user_name = asText(data.USER) || asText(data.USERNAME)
  }
  if (type === 3000) event.http_method = 'GET'
  if (type === 3001) event.http_method = 'POST'
  put(event, 'opencanary.node', node)
  put(event, 'opencanary.logtype', String(type))
  put(event, 'opencanary.kind', action)
  readData(event, data, protocol === 'http')
  return ok
}

export const openCanary: Parser = {
  format: 'opencanary',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) =>
      isOpenCanary(values) ? readOpenCanary(values, event, context) : miss,
    )
  },
}
