// What does an event of each of Zeek's logs mean, and which of its values are columns?
import type { Event } from '../../../schemas/event.ts'
import { asNumber } from '../json/json-guard.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, putSource } from '../values/fields.ts'
import { httpVersion, setDomain, setUrl, statusOutcome } from '../web/web.ts'

/** The value under one of Zeek's names, '' if it is unset. */
type Value = (name: string) => string

function set(event: Event, category: string, action: string, outcome: string): void {
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
}

/** Outcome of a boolean that was written as text, '' if it is unset. */
function outcomeOf(text: string): string {
  return text === '' ? '' : text === 'T' || text === 'true' ? 'success' : 'failure'
}

/** The first value of a list. */
function first(text: string): string {
  return text.split(',', 1)[0] ?? ''
}

/** Connections that were answered, and those that never came about. Source: Zeek, conn.log, `conn_state`. */
const states: ReadonlyMap<string, string> = new Map([
  ...['SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR'].map((state) => [state, 'success'] as const),
  ...['S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH', 'SHR'].map((state) => [state, 'failure'] as const),
])

function conn(event: Event, value: Value): void {
  set(event, 'network', 'network_flow', states.get(value('conn_state')) ?? '')
  const service = value('service')
  event.network_protocol = service === 'ssl' ? 'tls' : service
  const most = Number.MAX_SAFE_INTEGER / 4
  event.network_bytes = asNumber(value('orig_bytes'), most) + asNumber(value('resp_bytes'), most)
}

function dns(event: Event, value: Value): void {
  const code = value('rcode_name')
  event.network_protocol = 'dns'
  event.dns_question_name = value('query').toLowerCase()
  event.dns_question_type = value('qtype_name')
  event.dns_response_code = code
  put(event, 'dns.answers.data', value('answers'))
  set(
    event,
    'network',
    code === '' ? 'dns_query' : 'dns_answer',
    code === '' ? '' : code === 'NOERROR' ? 'success' : 'failure',
  )
}

function http(event: Event, value: Value): void {
  event.network_protocol = 'http'
  event.http_method = value('method').toUpperCase()
  setDomain(event, value('host'))
  const uri = value('uri')
  if (uri !== '') setUrl(event, uri)
  event.http_status_code = asNumber(value('status_code'), 999)
  event.http_response_bytes = asNumber(value('response_body_len'), Number.MAX_SAFE_INTEGER)
  event.user_agent_original = value('user_agent')
  event.http_referrer = value('referrer')
  event.http_version = httpVersion(value('version'))
  event.user_name = value('username')
  event.file_name = first(value('resp_filenames'))
  set(event, 'web', 'http_request', statusOutcome(event.http_status_code))
}

/** `TLSv12` is 1.2, `SSLv3` stays. */
function tlsVersion(text: string): string {
  const found = /^TLSv(\d)(\d)$/.exec(text)
  return found === null ? text : `${found[1]}.${found[2]}`
}

function ssl(event: Event, value: Value): void {
  event.network_protocol = 'tls'
  event.tls_server_name = value('server_name').toLowerCase()
  event.tls_version = tlsVersion(value('version'))
  event.tls_ja3 = value('ja3') || value('ja4')
  set(event, 'network', 'tls_handshake', outcomeOf(value('established')))
}

/** Zeek tells from the lengths of packets whether a log-in came through; where it can't, this is a connection. */
function ssh(event: Event, value: Value): void {
  const outcome = outcomeOf(value('auth_success'))
  event.network_protocol = 'ssh'
  if (outcome === '') set(event, 'network', 'ssh_connection', '')
  else set(event, 'authentication', 'ssh_login', outcome)
}

/** Notices that name an attack; the others tell of the network's or Zeek's own health. */
const attack =
  /scan|guess|brute|inject|attack|exploit|malware|shell|vulnerab|cve|heartbleed|traceroute|blocked_host|watched_country|interesting_hostname|sensitive/i

function notice(event: Event, value: Value): void {
  set(event, 'intrusion_detection', 'ids_alert', '')
  event.rule_name = value('note')
  event.event_severity = attack.test(event.rule_name.slice(0, 128)) ? 50 : 10
  event.source_ip = toAddress(value('src')) || event.source_ip
  event.destination_ip = toAddress(value('dst')) || event.destination_ip
  event.destination_port = toPort(value('p')) || event.destination_port
  put(event, 'message', value('msg'))
}

function files(event: Event, value: Value): void {
  set(event, 'file', 'file_seen', '')
  if (event.source_ip === '') event.source_ip = toAddress(first(value('tx_hosts')))
  if (event.destination_ip === '') event.destination_ip = toAddress(first(value('rx_hosts')))
  event.network_protocol = value('source').toLowerCase()
  event.file_name = value('filename')
  event.file_hash = value('sha256') || value('sha1') || value('md5')
}

/** `siti/KPU.EXAMPLE` is siti. */
function kerberos(event: Event, value: Value): void {
  event.network_protocol = 'kerberos'
  const [user = '', realm = ''] = value('client').split('/', 2)
  event.user_name = user
  put(event, 'user.domain', realm)
  const action = value('request_type') === 'TGS' ? 'kerberos_ticket' : 'kerberos_login'
  set(event, 'authentication', action, outcomeOf(value('success')))
}

function ntlm(event: Event, value: Value): void {
  event.user_name = value('username')
  put(event, 'user.domain', value('domainname'))
  put(event, 'source.domain', value('hostname'))
  set(event, 'authentication', 'ntlm_login', outcomeOf(value('success')))
}

function radius(event: Event, value: Value): void {
  const result = value('result')
  event.network_protocol = 'radius'
  event.user_name = value('username')
  set(event, 'authentication', 'radius_login', result === 'success' ? 'success' : result === '' ? '' : 'failure')
}

function rdp(event: Event, value: Value): void {
  event.network_protocol = 'rdp'
  event.user_name = value('cookie')
  set(event, 'network', 'rdp_connection', '')
}

/** Zeek logs the commands that move files, and log-ins where it is told to. */
function ftp(event: Event, value: Value): void {
  const code = value('reply_code')
  event.network_protocol = 'ftp'
  event.user_name = value('user')
  if (code === '230' || code === '530')
    set(event, 'authentication', 'ftp_login', code === '230' ? 'success' : 'failure')
  else set(event, 'network', 'ftp_command', '')
}

function smtp(event: Event, value: Value): void {
  event.network_protocol = 'smtp'
  set(event, 'email', 'mail_seen', /^[45]\d\d/.test(value('last_reply')) ? 'failure' : '')
  put(event, 'email.from.address', value('mailfrom'))
  put(event, 'email.to.address', value('rcptto'))
  put(event, 'email.subject', value('subject'))
}

function smbFiles(event: Event, value: Value): void {
  event.network_protocol = 'smb'
  event.file_name = value('name')
  set(event, 'file', value('action').replace('SMB::', '').toLowerCase() || 'smb_file', '')
}

function mysql(event: Event, value: Value): void {
  event.network_protocol = 'mysql'
  const login = value('cmd') === 'login'
  set(event, login ? 'authentication' : 'database', login ? 'db_login' : 'db_command', outcomeOf(value('success')))
  if (login) event.user_name = value('arg')
}

function dhcp(event: Event, value: Value): void {
  event.network_protocol = 'dhcp'
  event.source_ip = toAddress(value('assigned_addr')) || toAddress(value('client_addr'))
  event.destination_ip = toAddress(value('server_addr'))
  put(event, 'source.mac', value('mac'))
  put(event, 'source.domain', value('host_name'))
  set(event, 'network', 'dhcp_lease', '')
}

function intel(event: Event, value: Value): void {
  set(event, 'intrusion_detection', 'ids_alert', '')
  event.rule_name = `Intel: ${value('seen.indicator')}`.slice(0, 300)
  event.event_severity = 50
}

function signatures(event: Event, value: Value): void {
  set(event, 'intrusion_detection', 'ids_alert', '')
  event.rule_name = value('sig_id')
  event.event_severity = 50
  event.source_ip = toAddress(value('src_addr'))
  event.source_port = toPort(value('src_port'))
  event.destination_ip = toAddress(value('dst_addr'))
  event.destination_port = toPort(value('dst_port'))
}

/** A host that was seen, with a service or program. */
function seen(event: Event, value: Value): void {
  putSource(event, value('host') || '-')
  event.source_port = toPort(value('host_p') || value('port_num'))
}

type Kind = readonly [read: (event: Event, value: Value) => void, taken: readonly string[]]

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['conn', [conn, ['service']]],
  ['dns', [dns, ['query', 'qtype_name', 'rcode_name', 'answers']]],
  [
    'http',
    [
      http,
      ['method', 'host', 'uri', 'status_code', 'response_body_len', 'user_agent', 'referrer', 'version', 'username'],
    ],
  ],
  ['ssl', [ssl, ['server_name', 'version', 'ja3']]],
  ['ssh', [ssh, []]],
  ['notice', [notice, ['note', 'msg', 'src', 'dst', 'p']]],
  ['files', [files, ['filename', 'sha256']]],
  ['kerberos', [kerberos, ['client']]],
  ['ntlm', [ntlm, ['username', 'domainname', 'hostname']]],
  ['radius', [radius, ['username']]],
  ['rdp', [rdp, ['cookie']]],
  ['ftp', [ftp, ['user']]],
  ['smtp', [smtp, ['mailfrom', 'rcptto', 'subject']]],
  ['smb_files', [smbFiles, []]],
  ['mysql', [mysql, []]],
  ['dhcp', [dhcp, ['mac', 'host_name', 'assigned_addr', 'server_addr']]],
  ['intel', [intel, []]],
  ['signatures', [signatures, ['src_addr', 'src_port', 'dst_addr', 'dst_port', 'sig_id']]],
  ['weird', [(event) => set(event, 'network', 'protocol_anomaly', ''), []]],
  ['dpd', [(event) => set(event, 'network', 'protocol_anomaly', ''), []]],
  ['software', [seen, ['host', 'host_p']]],
  ['known_hosts', [seen, ['host']]],
  ['known_services', [seen, ['host', 'port_num']]],
])

const takenBy: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [...kinds].map(([log, [, taken]]) => [log, new Set(taken)]),
)
const nothing: ReadonlySet<string> = new Set()

/** Set the columns of an event by its log; answers the names whose values need no field any more. */
export function readKind(event: Event, log: string, value: Value): ReadonlySet<string> {
  kinds.get(log)?.[0](event, value)
  return takenBy.get(log) ?? nothing
}
