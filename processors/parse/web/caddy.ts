// What does Caddy log? Requests, and what its modules say, as JSON.
import type { Event } from '../../../schemas/event.ts'
import { type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, isObject, type JsonObject } from '../json/json-guard.ts'
import { headerOf, object } from '../json/json-values.ts'
import { objectParser } from '../json/object-parser.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, putJson } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { readRuleMessage } from './rule-message.ts'
import { httpVersion, setDomain, setUrl, statusOutcome } from './web.ts'

/** Loggers of Caddy's own modules: others that log with the same library name theirs otherwise. */
const loggers = /^(?:http|tls|pki|admin|events|layer4|dns)(?:\.|$)/

/** Whether a JSON object is a request that Caddy handled. */
export function isCaddyAccess(values: JsonObject): boolean {
  const { logger, request } = values
  return typeof logger === 'string' && logger.startsWith('http.log.access') && isObject(request)
}

/** Whether a JSON object is any line of Caddy's log. */
export function isCaddyLog(values: JsonObject): boolean {
  const { logger, level, ts, msg } = values
  return (
    typeof logger === 'string' &&
    typeof level === 'string' &&
    typeof msg === 'string' &&
    ts !== undefined &&
    loggers.test(logger)
  )
}

/** TLS versions by the number in a handshake. */
const tlsVersions: ReadonlyMap<number, string> = new Map([
  [0x0301, '1.0'],
  [0x0302, '1.1'],
  [0x0303, '1.2'],
  [0x0304, '1.3'],
])

/** Read the request in an access line or an error: who asked for what. */
function readRequest(event: Event, values: JsonObject): void {
  const request = object(values.request)
  // `client_ip` minds the proxies that are trusted; before 2.7 there is only the peer, before 2.5 with its port.
  const peer = asText(request.remote_ip)
  const old = asText(request.remote_addr)
  const colon = Math.max(0, old.lastIndexOf(':'))
  event.source_ip = toAddress(asText(request.client_ip) || peer || old.slice(0, colon))
  if (peer === '' && old !== '') event.source_port = toPort(old.slice(colon + 1))
  else if (toAddress(peer) === event.source_ip) event.source_port = toPort(asText(request.remote_port))
  else put(event, 'caddy.remote_ip', peer)
  event.user_name = asText(values.user_id)
  event.network_protocol = 'http'
  event.http_method = asText(request.method)
  setUrl(event, asText(request.uri))
  setDomain(event, asText(request.host))
  const protocol = asText(request.proto)
  event.http_version = protocol.startsWith('HTTP/') ? httpVersion(protocol.slice(5)) : ''
  event.http_referrer = headerOf(request.headers, 'referer')
  event.user_agent_original = headerOf(request.headers, 'user-agent')
  put(event, 'http.request.headers.x-forwarded-for', headerOf(request.headers, 'x-forwarded-for'))
  const tls = object(request.tls)
  event.tls_server_name = asText(tls.server_name)
  event.tls_version = tlsVersions.get(asNumber(tls.version, 0xffff)) ?? ''
  event.http_status_code = asNumber(values.status, 999)
  event.event_outcome = statusOutcome(event.http_status_code)
  event.http_response_bytes = asNumber(values.size, Number.MAX_SAFE_INTEGER)
  put(event, 'http.request.body.bytes', asText(values.bytes_read))
  if (typeof values.duration === 'number' && values.duration >= 0 && values.duration < 1e6) {
    put(event, 'event.duration', String(Math.round(values.duration * 1e9)))
  }
}

/** Level, time and logger, which every line has. */
function begin(values: JsonObject, event: Event, context: ParseContext, dataset: string, action: string): void {
  event.dataset = dataset
  event.event_category = 'web'
  event.event_action = action
  event.log_level = asText(values.level).toLowerCase()
  setTime(event, anyTime(values.ts, context))
  put(event, 'log.logger', asText(values.logger))
}

/** Read a request that was handled. Source: Caddy documentation, "How Logging Works" and the Caddyfile directive `log`. */
export function readCaddyAccess(values: JsonObject, event: Event, context: ParseContext): Outcome {
  begin(values, event, context, 'caddy.access', 'http_request')
  readRequest(event, values)
  return ok
}

const taken: ReadonlySet<string> = new Set(['level', 'ts', 'logger', 'msg', 'request', 'user_id', 'status', 'size'])
const errors: ReadonlySet<string> = new Set(['error', 'fatal', 'panic', 'dpanic'])

/** Read any other line: errors carry the request that they came of, the web application firewall Coraza its rule. */
export function readCaddyLog(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const message = asText(values.msg)
  const level = asText(values.level).toLowerCase()
  const failed = errors.has(level)
  begin(values, event, context, 'caddy.log', failed ? 'web_error' : 'web_log')
  if (isObject(values.request)) readRequest(event, values)
  if (failed) event.event_outcome = 'failure'
  put(event, failed ? 'error.message' : 'message', message)
  readRuleMessage(event, message, 0)
  for (const key in values) if (!taken.has(key)) putJson(event, key, values[key])
  return ok
}

export const caddy: readonly Parser[] = [
  objectParser('caddy.access', isCaddyAccess, readCaddyAccess),
  objectParser('caddy.log', (values) => isCaddyLog(values) && !isCaddyAccess(values), readCaddyLog),
]
