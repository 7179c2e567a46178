// How does Traefik log a request? Its common format with what it adds, or JSON.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, putJson, putSource } from '../values/fields.ts'
import { accessTime, anyTime, setTime, stamp } from '../values/time.ts'
import { readAccessLine } from './access-line.ts'
import { httpVersion, readRequest, setDomain, setUrl, statusOutcome } from './web.ts'

function begin(event: Event): void {
  event.dataset = 'traefik.access'
  event.event_category = 'web'
  event.event_action = 'http_request'
  event.network_protocol = 'http'
}

function setStatus(event: Event, status: unknown): void {
  event.http_status_code = asNumber(status, 999)
  event.event_outcome = statusOutcome(event.http_status_code)
}

/** Name and server of the router may be long where routers are chained. */
const MAX_ADDED = 2048
const added = / (?:\d{1,19}|-) "([^"]{1,1024})" "([^"]{1,512})" (\d{1,12})ms$/

/** How many ` [` may stand before the time. */
const MAX_BRACKETS = 8

/** Index of the ` [` before the time, whose milliseconds are left in `stamp`; -1 if there is none. */
function findTime(text: string, context: ParseContext): number {
  let bracket = text.indexOf(' [')
  for (let i = 0; bracket > 0 && i < MAX_BRACKETS; i++) {
    const time = accessTime(text, bracket + 2, context)
    if (time >= 0) {
      stamp.ms = time
      return bracket
    }
    bracket = text.indexOf(' [', bracket + 2)
  }
  return -1
}

/** Status and size behind the request; no request holds a space behind a quote, since its parts are divided by spaces. */
const answered = /" (\d{3}|-) (\d{1,15}|-) "/

/**
 * Read `192.0.2.7 - - [27/Nov/2024:08:16:03 +0700] "GET / HTTP/1.1" 200 12 "referrer" "agent" 240 "router@docker" "http://198.51.100.3:80" 0ms`.
 * Traefik escapes no quotes: what it adds is found from the end, the rest from the start. Source: Traefik documentation, "Access logs".
 */
export function readTraefikLine(text: string, event: Event, context: ParseContext): Outcome {
  if (!text.endsWith('ms')) return miss
  const tailFrom = Math.max(0, text.length - MAX_ADDED)
  const tail = added.exec(text.slice(tailFrom))
  if (tail === null) return miss
  const bracket = findTime(text, context)
  const { ms, end: close } = stamp
  if (bracket < 0 || !text.startsWith('] "', close)) return miss
  const found = answered.exec(text.slice(close + 3))
  if (found === null) return miss
  const [all, status = '', size = ''] = found
  const [client = '', ident = '', ...user] = text.slice(0, bracket).split(' ')
  const [, router = '', server = '', duration = ''] = tail
  const from = close + 3 + found.index + all.length
  const to = tailFrom + tail.index - 1
  // A syslog header has no dash in that place.
  if (user.length === 0 || ident !== '-' || to <= from) return miss
  begin(event)
  setTime(event, ms)
  putSource(event, client)
  event.user_name = user.join(' ') === '-' ? '' : user.join(' ')
  readRequest(event, text, close + 3, close + 3 + found.index)
  setStatus(event, status)
  event.http_response_bytes = asNumber(size, Number.MAX_SAFE_INTEGER)
  const headers = text.slice(from, to)
  const between = headers.indexOf('" "')
  const [referrer, agent] = between < 0 ? ['', headers] : [headers.slice(0, between), headers.slice(between + 3)]
  event.http_referrer = referrer === '-' ? '' : referrer
  event.user_agent_original = agent === '-' ? '' : agent
  if (router !== '-') put(event, 'traefik.router_name', router)
  if (server !== '-') put(event, 'traefik.service_url', server)
  put(event, 'event.duration', String(Number(duration) * 1e6))
  return ok
}

/** Whether a JSON object is a request as Traefik logs it. */
export function isTraefik(values: JsonObject): boolean {
  return typeof values.RequestMethod === 'string' && ('DownstreamStatus' in values || 'OriginStatus' in values)
}

/** Names that have a column. */
const taken: ReadonlySet<string> = new Set([
  'ClientAddr',
  'ClientHost',
  'ClientPort',
  'ClientUsername',
  'RequestMethod',
  'RequestPath',
  'RequestHost',
  'RequestProtocol',
  'DownstreamStatus',
  'DownstreamContentSize',
  'Duration',
  'StartUTC',
  'StartLocal',
  'time',
  'level',
  'msg',
  'request_User-Agent',
  'request_Referer',
])

/** Read a request as JSON. Durations are nanoseconds. */
export function readTraefikJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  begin(event)
  setTime(event, anyTime(values.StartUTC ?? values.StartLocal ?? values.time, context))
  event.log_level = asText(values.level)
  const peer = asText(values.ClientAddr)
  const colon = Math.max(0, peer.lastIndexOf(':'))
  const host = asText(values.ClientHost)
  putSource(event, host === '' ? peer.slice(0, colon) : host)
  // The port is the peer's: where a forwarded-for header names the client, it is another's.
  if (toAddress(peer.slice(0, colon)) === event.source_ip) event.source_port = toPort(peer.slice(colon + 1))
  const user = asText(values.ClientUsername)
  if (user !== '-') event.user_name = user
  event.http_method = asText(values.RequestMethod)
  setUrl(event, asText(values.RequestPath))
  setDomain(event, asText(values.RequestHost))
  const protocol = asText(values.RequestProtocol)
  event.http_version = protocol.startsWith('HTTP/') ? httpVersion(protocol.slice(5)) : ''
  setStatus(event, values.DownstreamStatus ?? values.OriginStatus)
  event.http_response_bytes = asNumber(values.DownstreamContentSize, Number.MAX_SAFE_INTEGER)
  event.http_referrer = asText(values.request_Referer)
  event.user_agent_original = asText(values['request_User-Agent'])
  event.tls_version = asText(values.TLSVersion)
  put(event, 'traefik.router_name', asText(values.RouterName))
  put(event, 'traefik.service_url', asText(values.ServiceAddr))
  put(event, 'event.duration', asText(values.Duration))
  for (const key in values) if (!taken.has(key)) putJson(event, key, values[key])
  return ok
}

export const traefik: Parser = {
  format: 'traefik.access',
  parse(text, event, context) {
    if (looksLikeObject(text)) {
      return readObject(text, event, context, (values) =>
        isTraefik(values) ? readTraefikJson(values, event, context) : miss,
      )
    }
    const outcome = readTraefikLine(text, event, context)
    return outcome === miss ? readAccessLine(text, event, context, 'traefik.access') : outcome
  },
}
