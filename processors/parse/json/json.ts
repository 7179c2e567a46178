// What does a JSON object of no known schema say? The names that programs commonly use become columns, the rest stays in `fields`.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put, putJson } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { httpVersion, setDomain, setUrl, statusOutcome } from '../web/web.ts'
import { asNumber, asText, isObject, type JsonObject, looksLikeObject, readObject } from './json-guard.ts'

/**
 * What a value can be to an event, and the names that programs give it, the best first. Names with a dot are a key inside an object.
 * A name belongs to one role.
 */
const roles = {
  time: [
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
  ],
  level: ['level', 'severity', 'log_level', 'loglevel', 'log.level', 'levelname', 'lvl'],
  source: [
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
  ],
  sourcePort: [
    'source.port',
    'src_port',
    'source_port',
    'srcport',
    'sport',
    'remote_port',
    'request.remote_port',
    'req.remotePort',
  ],
  destination: ['destination.ip', 'dst_ip', 'dest_ip', 'destination_ip', 'dstip', 'server_addr', 'dst'],
  destinationPort: ['destination.port', 'dst_port', 'dest_port', 'destination_port', 'dstport', 'dport', 'server_port'],
  transport: ['transport', 'proto'],
  host: ['hostname', 'host_name', 'host.name', 'host', 'computer', 'Computer', 'node'],
  process: ['process.name', 'process_name', 'program', 'process', 'appname', 'app', 'logger'],
  pid: ['pid', 'process.pid', 'process_id'],
  user: [
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
    'user_id',
  ],
  action: ['event.action', 'action', 'event_action', 'eventName', 'event_name', 'event', 'verb'],
  outcome: ['outcome', 'event.outcome', 'result', 'success'],
  file: ['filename', 'file_name', 'file.name'],
  method: ['http_method', 'request_method', 'requestMethod', 'method', 'request.method', 'req.method'],
  url: ['request_uri', 'requestURI', 'requestUrl', 'url', 'uri', 'request.uri', 'request.url', 'req.url'],
  path: ['path', 'request.path'],
  domain: ['http_host', 'request.host', 'req.headers.host', 'vhost', 'server_name', 'domain'],
  status: [
    'status',
    'status_code',
    'statusCode',
    'http_status',
    'response_code',
    'responseStatus.code',
    'res.statusCode',
  ],
  bytes: ['body_bytes_sent', 'bytes_sent', 'response_size', 'size', 'bytes'],
  version: ['server_protocol', 'request.proto', 'http_version'],
  referrer: ['http_referer', 'http_referrer', 'referer', 'referrer', 'request.headers.Referer'],
  agent: [
    'http_user_agent',
    'user_agent',
    'userAgent',
    'useragent',
    'request.headers.User-Agent',
    'req.headers.user-agent',
  ],
} as const

type Role = keyof typeof roles

const known: ReadonlyMap<string, { readonly role: Role; readonly rank: number }> = new Map(
  (Object.keys(roles) as Role[]).flatMap((role) => roles[role].map((name, rank) => [name, { role, rank }] as const)),
)

/** Levels of bunyan and pino. */
const numericLevels: ReadonlyMap<string, string> = new Map([
  ['10', 'trace'],
  ['20', 'debug'],
  ['30', 'info'],
  ['40', 'warning'],
  ['50', 'error'],
  ['60', 'critical'],
])

const outcomes: ReadonlyMap<string, string> = new Map([
  ['success', 'success'],
  ['true', 'success'],
  ['ok', 'success'],
  ['failure', 'failure'],
  ['failed', 'failure'],
  ['false', 'failure'],
])

interface Leaf {
  readonly name: string
  readonly value: unknown
  readonly rank: number
}

/** Whether a value can play a role; a name alone does not prove it. */
function fits(role: Role, text: string, value: unknown, context: ParseContext): boolean {
  switch (role) {
    case 'time':
      return anyTime(value, context) !== 0
    case 'source':
    case 'destination':
      return toAddress(text) !== ''
    case 'sourcePort':
    case 'destinationPort':
      return toPort(text) !== 0
    case 'status':
      return asNumber(value, 999) >= 100
    case 'transport':
      return text.length < 12
    default:
      return true
  }
}

/** Collect the leaves of an object: the best one for each role, and all in their order. */
function collect(
  values: JsonObject,
  prefix: string,
  context: ParseContext,
  best: Map<Role, Leaf>,
  all: Map<string, unknown>,
): void {
  for (const key in values) {
    const value = values[key]
    const name = dotted(prefix, key)
    if (isObject(value)) {
      collect(value, name, context, best, all)
      continue
    }
    all.set(name, value)
    const place = known.get(name)
    if (place === undefined) continue
    const first: unknown = Array.isArray(value) ? value[0] : value
    const text = asText(first)
    if (text === '' || !fits(place.role, text, first, context)) continue
    const present = best.get(place.role)
    if (present === undefined || place.rank < present.rank)
      best.set(place.role, { name, value: first, rank: place.rank })
  }
}

/** Read a JSON object by the names that programs commonly use. */
export function readAnyJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const best = new Map<Role, Leaf>()
  const all = new Map<string, unknown>()
  collect(values, '', context, best, all)
  /** Text of the best leaf for a role, which then needs no entry in `fields`. */
  const take = (role: Role): string => {
    const leaf = best.get(role)
    if (leaf === undefined) return ''
    all.delete(leaf.name)
    return asText(leaf.value)
  }
  event.dataset = 'json'
  const time = best.get('time')
  if (time !== undefined) {
    setTime(event, anyTime(time.value, context))
    all.delete(time.name)
  }
  const level = take('level').toLowerCase().slice(0, 32)
  if (level !== '') event.log_level = numericLevels.get(level) ?? level
  event.source_ip = toAddress(take('source'))
  event.source_port = toPort(take('sourcePort'))
  event.destination_ip = toAddress(take('destination'))
  event.destination_port = toPort(take('destinationPort'))
  event.network_transport = take('transport').toLowerCase()
  event.host_name = take('host') || event.host_name
  event.process_name = take('process') || event.process_name
  event.process_pid = asNumber(take('pid'), 0xffff_ffff) || event.process_pid
  event.user_name = take('user')
  event.event_action = take('action')
  event.event_outcome = outcomes.get(asText(best.get('outcome')?.value).toLowerCase()) ?? ''
  event.file_name = take('file')
  event.http_method = take('method').toUpperCase()
  event.http_referrer = take('referrer')
  event.user_agent_original = take('agent')
  // A path alone is mostly a file's: it is a request's only beside a method. So it is with status, size and host.
  const url = take('url') || (event.http_method === '' ? '' : take('path'))
  if (url !== '') setUrl(event, url)
  if (url !== '' && event.http_method !== '') {
    event.event_category = 'web'
    event.network_protocol = 'http'
    event.http_status_code = asNumber(take('status'), 999)
    event.http_response_bytes = asNumber(take('bytes'), Number.MAX_SAFE_INTEGER)
    setDomain(event, take('domain'))
    const version = take('version')
    event.http_version = httpVersion(version.startsWith('HTTP/') ? version.slice(5) : version)
    if (event.event_action === '') event.event_action = 'http_request'
    if (event.event_outcome === '') event.event_outcome = statusOutcome(event.http_status_code)
  }
  for (const [name, value] of all) putJson(event, name === 'msg' ? 'message' : name, value)
  return ok
}

/** An array is one field: collectors split arrays into events before they come here. */
function readArray(text: string, event: Event, context: ParseContext): Outcome {
  // The limits are those of an object around it.
  const outcome = readObject(`{"json":${text}}`, event, context, () => ok)
  if (outcome !== ok) return outcome
  event.dataset = 'json'
  put(event, 'json', text)
  return ok
}

export const json: Parser = {
  format: 'json',
  parse(text, event, context) {
    if (looksLikeObject(text)) return readObject(text, event, context, readAnyJson)
    return text.charCodeAt(0) === 91 ? readArray(text, event, context) : miss
  },
}
