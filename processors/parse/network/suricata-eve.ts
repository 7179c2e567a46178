// What does Suricata see? Its EVE JSON: alerts, protocol transactions, flows, files, anomalies.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, isObject, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { dotted, put, putJson } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { httpVersion, setDomain, setUrl, statusOutcome } from '../web/web.ts'

/** Points of a hundred for the priorities 1 (worst) to 4. */
export const prioritySeverity: readonly number[] = [0, 80, 50, 25, 10]

const none: JsonObject = Object.freeze({})

function object(value: unknown): JsonObject {
  return isObject(value) ? value : none
}

/** Put what no column took under `suricata.<name>`. */
function putRest(event: Event, name: string, values: JsonObject, taken: ReadonlySet<string>): void {
  const prefix = dotted('suricata', name)
  for (const key in values) {
    if (!taken.has(key)) putJson(event, dotted(prefix, key), values[key])
  }
}

const nothing: ReadonlySet<string> = new Set()
const topTaken = new Set([
  'timestamp',
  'event_type',
  'src_ip',
  'src_port',
  'dest_ip',
  'dest_port',
  'proto',
  'app_proto',
  'host',
  'alert',
  'http',
  'dns',
  'tls',
  'ssh',
  'flow',
  'fileinfo',
  'anomaly',
  'packet',
  'packet_info',
])
const alertTaken = new Set(['signature', 'signature_id', 'severity'])
const httpTaken = new Set([
  'hostname',
  'url',
  'http_method',
  'status',
  'length',
  'http_user_agent',
  'http_refer',
  'protocol',
  'http_port',
])
const dnsTaken = new Set(['rrname', 'rrtype', 'rcode'])
const tlsTaken = new Set(['sni', 'version'])
const fileTaken = new Set(['filename', 'sha256'])

function readHttp(event: Event, http: JsonObject): void {
  event.network_protocol = 'http'
  event.http_method = asText(http.http_method)
  setDomain(event, asText(http.hostname))
  const url = asText(http.url)
  if (url !== '') setUrl(event, url)
  event.http_status_code = asNumber(http.status, 999)
  event.http_response_bytes = asNumber(http.length, Number.MAX_SAFE_INTEGER)
  event.user_agent_original = asText(http.http_user_agent)
  event.http_referrer = asText(http.http_refer)
  const protocol = asText(http.protocol)
  if (protocol.startsWith('HTTP/')) event.http_version = httpVersion(protocol.slice(5))
  putRest(event, 'http', http, httpTaken)
}

/** First entry of a list of DNS records. */
function record(value: unknown): JsonObject {
  return Array.isArray(value) ? object(value[0]) : none
}

/** DNS in the shapes of version 1 (`rrname` beside `type`), 2 (`answers`) and 3 (`queries`). */
function readDns(event: Event, dns: JsonObject): void {
  event.network_protocol = 'dns'
  const query = record(dns.queries ?? dns.query)
  const answer = record(dns.answers ?? dns.answer)
  event.dns_question_name = asText(dns.rrname ?? query.rrname ?? answer.rrname)
  event.dns_question_type = asText(dns.rrtype ?? query.rrtype ?? answer.rrtype)
  event.dns_response_code = asText(dns.rcode)
  putRest(event, 'dns', dns, dnsTaken)
}

function readTls(event: Event, tls: JsonObject): void {
  event.network_protocol = 'tls'
  event.tls_server_name = asText(tls.sni).toLowerCase()
  event.tls_version = asText(tls.version).replace('TLS ', '').replace('TLSv', '')
  const ja3 = object(tls.ja3)
  event.tls_ja3 = asText(ja3.hash) || asText(tls.ja4)
  putRest(event, 'tls', tls, tlsTaken)
}

function readFile(event: Event, file: JsonObject): void {
  event.file_name = asText(file.filename)
  event.file_hash = asText(file.sha256) || asText(file.sha1) || asText(file.md5)
  putRest(event, 'fileinfo', file, fileTaken)
}

function readAlert(event: Event, alert: JsonObject): void {
  event.event_category = 'intrusion_detection'
  event.event_action = asText(alert.action) === 'blocked' ? 'ids_block' : 'ids_alert'
  event.event_outcome = ''
  event.rule_name = asText(alert.signature)
  event.event_code = asText(alert.signature_id)
  event.event_severity = prioritySeverity[asNumber(alert.severity, 255)] ?? 5
  putRest(event, 'alert', alert, alertTaken)
}

/** Whether a JSON object is one of Suricata's. */
export function isEve(values: JsonObject): boolean {
  return typeof values.event_type === 'string' && typeof values.timestamp === 'string' && values.event_type.length < 64
}

/** Read an EVE object. Source: Suricata User Guide, EVE JSON Format. */
export function readEve(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const type = asText(values.event_type)
  event.dataset = 'suricata.eve'
  event.observer_vendor = 'OISF'
  event.observer_product = 'Suricata'
  event.event_category = 'network'
  event.event_action = type
  setTime(event, anyTime(values.timestamp, context))
  event.source_ip = toAddress(asText(values.src_ip))
  event.source_port = asNumber(values.src_port, 65_535)
  event.destination_ip = toAddress(asText(values.dest_ip))
  event.destination_port = asNumber(values.dest_port, 65_535)
  event.network_transport = asText(values.proto).toLowerCase()
  const protocol = asText(values.app_proto)
  if (protocol !== 'failed') event.network_protocol = protocol
  const host = asText(values.host)
  if (host !== '') event.host_name = host

  if (isObject(values.http)) readHttp(event, values.http)
  if (isObject(values.dns)) readDns(event, values.dns)
  if (isObject(values.tls)) readTls(event, values.tls)
  if (isObject(values.ssh)) {
    event.network_protocol = 'ssh'
    putRest(event, 'ssh', values.ssh, nothing)
  }
  if (isObject(values.fileinfo)) readFile(event, values.fileinfo)
  if (isObject(values.flow)) {
    const { flow } = values
    event.network_bytes =
      asNumber(flow.bytes_toserver, Number.MAX_SAFE_INTEGER) + asNumber(flow.bytes_toclient, Number.MAX_SAFE_INTEGER)
    putRest(event, 'flow', flow, nothing)
  }
  if (isObject(values.anomaly)) putRest(event, 'anomaly', values.anomaly, nothing)

  switch (type) {
    case 'alert':
      readAlert(event, object(values.alert))
      break
    case 'http':
      event.event_category = 'web'
      event.event_action = 'http_request'
      event.event_outcome = statusOutcome(event.http_status_code)
      break
    case 'dns':
      event.event_action = event.dns_response_code === '' ? 'dns_query' : 'dns_answer'
      if (event.dns_response_code !== '')
        event.event_outcome = event.dns_response_code === 'NOERROR' ? 'success' : 'failure'
      break
    case 'tls':
      event.event_action = 'tls_handshake'
      break
    case 'flow':
    case 'netflow':
      event.event_action = 'network_flow'
      break
    case 'fileinfo':
      event.event_category = 'file'
      event.event_action = 'file_seen'
      break
    case 'ssh':
      event.event_action = 'ssh_connection'
      break
    case 'anomaly':
      event.event_action = 'protocol_anomaly'
      break
    case 'stats':
      event.event_category = 'host'
      event.event_action = 'stats'
      break
    default:
  }
  for (const key in values) {
    if (!topTaken.has(key)) putJson(event, dotted('suricata', key), values[key])
  }
  if (!isObject(values.alert) && values.alert !== undefined) putJson(event, 'suricata.alert', values.alert)
  put(event, 'suricata.event_type', type)
  return ok
}

export const suricataEve: Parser = {
  format: 'suricata.eve',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) => (isEve(values) ? readEve(values, event, context) : miss))
  },
}
