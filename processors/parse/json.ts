// What does a JSON object of no known schema say? The names that programs commonly use become columns, the rest stays in `fields`.
import type { Event, EventColumn } from '../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../schemas/outcome.ts'
import { toAddress, toPort } from './address.ts'
import { put, putJson } from './fields.ts'
import {
  asNumber,
  asText,
  isObject,
  type JsonObject,
  looksLikeObject,
  type ObjectReader,
  readObject,
} from './json-guard.ts'
import type { ParseContext, Parser } from './parser.ts'
import { anyTime, setTime } from './time.ts'
import { httpVersion, setDomain, setUrl, statusOutcome } from './web.ts'

type TextColumn = {
  [C in EventColumn]: Event[C] extends string ? C : never
}[EventColumn]

/** Names whose text is a column as it stands, the better name first. Names with a dot look inside an object. */
const texts: readonly (readonly [column: TextColumn, names: readonly string[]])[] = [
  ['host_name', ['hostname', 'host_name', 'host.name', 'host', 'computer', 'Computer', 'node']],
  ['process_name', ['process.name', 'process_name', 'program', 'process', 'app', 'appname', 'logger', 'name']],
  [
    'user_name',
    [
      'user.name',
      'user.username',
      'user_name',
      'username',
      'userName',
      'user',
      'login',
      'account',
      'remote_user',
      'request.remote_user',
    ],
  ],
  ['http_method', ['http_method', 'request_method', 'requestMethod', 'method', 'request.method', 'req.method']],
  ['http_referrer', ['http_referer', 'http_referrer', 'referer', 'referrer', 'request.headers.Referer']],
  [
    'user_agent_original',
    [
      'http_user_agent',
      'user_agent',
      'userAgent',
      'useragent',
      'agent',
      'request.headers.User-Agent',
      'req.headers.user-agent',
    ],
  ],
  ['event_action', ['event.action', 'action', 'event_action', 'eventName', 'event_name', 'event', 'verb']],
  ['network_transport', ['transport', 'proto', 'protocol']],
  ['file_name', ['filename', 'file_name', 'file.name']],
]

const times = [
  'timestamp',
  '@timestamp',
  'time',
  'ts',
  'datetime',
  'date',
  'eventTime',
  'event_time',
  'stageTimestamp',
  'requestReceivedTimestamp',
  'time_iso8601',
  'time_local',
  'created_at',
  'asctime',
  '_time',
  't',
]
const levels = ['level', 'severity', 'log_level', 'loglevel', 'log.level', 'levelname', 'lvl']
const sources = [
  'source.ip',
  'src_ip',
  'source_ip',
  'srcip',
  'client_ip',
  'clientip',
  'clientIp',
  'client.ip',
  'remote_addr',
  'remoteAddr',
  'remote_ip',
  'remoteAddress',
  'remoteIp',
  'ipAddress',
  'ip_address',
  'sourceIPAddress',
  'sourceIPs',
  'ip',
  'src',
  'request.remote_ip',
  'req.remoteAddress',
  'request.client_ip',
  'rhost',
]
const destinations = ['destination.ip', 'dst_ip', 'dest_ip', 'destination_ip', 'dstip', 'server_addr', 'dst']
const sourcePorts = [
  'source.port',
  'src_port',
  'source_port',
  'srcport',
  'sport',
  'remote_port',
  'request.remote_port',
  'req.remotePort',
]
const destinationPorts = [
  'destination.port',
  'dst_port',
  'dest_port',
  'destination_port',
  'dstport',
  'dport',
  'server_port',
]
const urls = [
  'request_uri',
  'requestURI',
  'requestUrl',
  'url',
  'uri',
  'request.uri',
  'request.url',
  'req.url',
  'path',
  'request.path',
]
const domains = ['http_host', 'request.host', 'req.headers.host', 'vhost', 'server_name', 'domain']
const statuses = [
  'status',
  'status_code',
  'statusCode',
  'http_status',
  'response_code',
  'responseStatus.code',
  'res.statusCode',
]
const bytes = ['body_bytes_sent', 'bytes_sent', 'response_size', 'size', 'bytes']
const pids = ['pid', 'process.pid', 'process_id']
const outcomes = ['outcome', 'result', 'event.outcome', 'success']
const protocols = ['server_protocol', 'request.proto', 'http_version']

/** Levels of bunyan and pino. */
const numericLevels: Record<string, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warning',
  50: 'error',
  60: 'critical',
}

/** Where a value was found: the name, and the value. One shared object, valid until the next look-up. */
const found: { name: string; value: unknown } = { name: '', value: undefined }

/** Find the first of the names that holds a scalar (or a list that begins with one). */
function find(values: JsonObject, names: readonly string[]): boolean {
  for (const name of names) {
    let value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) {
      let inner: unknown = values
      let rest = name
      for (let dot = rest.indexOf('.'); dot > 0 && isObject(inner); dot = rest.indexOf('.')) {
        const key = rest.slice(0, dot)
        inner = Object.hasOwn(inner, key) ? inner[key] : undefined
        rest = rest.slice(dot + 1)
      }
      if (rest === name || !isObject(inner) || !Object.hasOwn(inner, rest)) continue
      value = inner[rest]
    }
    if (Array.isArray(value)) value = value[0]
    if (asText(value) === '') continue
    found.name = name
    found.value = value
    return true
  }
  return false
}

/** Put all leaves but those that columns hold. */
function putRest(event: Event, values: JsonObject, prefix: string, taken: ReadonlySet<string>): void {
  for (const key of Object.keys(values)) {
    const name = prefix === '' ? key : `${prefix}.${key}`
    if (taken.has(name)) continue
    const value = values[key]
    if (isObject(value)) putRest(event, value, name, taken)
    else putJson(event, name === 'msg' ? 'message' : name, value)
  }
}

/** Read a JSON object by the names that programs commonly use. */
export function readAnyJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const taken = new Set<string>()
  const take = (): void => {
    taken.add(found.name)
  }
  event.dataset = 'json'
  for (const name of times) {
    if (!find(values, [name])) continue
    const ms = anyTime(found.value, context)
    if (ms === 0) continue
    setTime(event, ms)
    take()
    break
  }
  if (find(values, levels)) {
    const level = asText(found.value).toLowerCase()
    event.log_level = (numericLevels[level] ?? level).slice(0, 32)
    take()
  }
  if (find(values, sources)) {
    event.source_ip = toAddress(asText(found.value))
    if (event.source_ip !== '') take()
  }
  if (find(values, destinations)) {
    event.destination_ip = toAddress(asText(found.value))
    if (event.destination_ip !== '') take()
  }
  if (find(values, sourcePorts)) {
    event.source_port = toPort(asText(found.value))
    take()
  }
  if (find(values, destinationPorts)) {
    event.destination_port = toPort(asText(found.value))
    take()
  }
  for (const [column, names] of texts) {
    if (!find(values, names)) continue
    event[column] = asText(found.value)
    take()
  }
  event.http_method = event.http_method.toUpperCase()
  event.network_transport = event.network_transport.toLowerCase()
  if (find(values, pids)) {
    event.process_pid = asNumber(found.value, 0xffff_ffff)
    take()
  }
  if (find(values, outcomes)) {
    const outcome = asText(found.value).toLowerCase()
    if (outcome === 'success' || outcome === 'true' || outcome === 'ok') event.event_outcome = 'success'
    else if (outcome === 'failure' || outcome === 'false' || outcome === 'failed') event.event_outcome = 'failure'
  }
  if (find(values, urls)) {
    take()
    setUrl(event, asText(found.value))
  }
  if (event.http_method !== '' || event.url_original !== '') readWeb(event, values, take)
  putRest(event, values, '', taken)
  return ok
}

/** Status, size, host and version, which mean the web's only beside a method or an address. */
function readWeb(event: Event, values: JsonObject, take: () => void): void {
  if (find(values, statuses)) {
    const status = asNumber(found.value, 999)
    if (status >= 100) {
      event.http_status_code = status
      take()
    }
  }
  if (event.http_method === '' || event.url_original === '') return
  event.event_category = 'web'
  event.network_protocol = 'http'
  if (event.event_action === '') event.event_action = 'http_request'
  if (event.event_outcome === '') event.event_outcome = statusOutcome(event.http_status_code)
  if (find(values, domains)) {
    setDomain(event, asText(found.value))
    take()
  }
  if (find(values, bytes)) {
    event.http_response_bytes = asNumber(found.value, Number.MAX_SAFE_INTEGER)
    take()
  }
  if (find(values, protocols)) {
    const protocol = asText(found.value)
    if (protocol.startsWith('HTTP/')) {
      event.http_version = httpVersion(protocol.slice(5))
      take()
    }
  }
}

/** Read JSON text with the reader that fits; text that is an array is one field. */
export function readJsonText(text: string, event: Event, context: ParseContext, reader: ObjectReader): Outcome {
  const outcome = readObject(text, event, context, reader)
  if (outcome !== miss || text.trimStart().charCodeAt(0) !== 91) return outcome
  try {
    JSON.parse(text)
  } catch {
    return miss
  }
  event.dataset = 'json'
  put(event, 'json', text)
  return ok
}

export const json: Parser = {
  format: 'json',
  parse(text, event, context) {
    if (!looksLikeObject(text) && text.trimStart().charCodeAt(0) !== 91) return miss
    return readJsonText(text, event, context, readAnyJson)
  },
}
