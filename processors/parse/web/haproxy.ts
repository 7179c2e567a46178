// What does HAProxy log? Requests, TCP sessions, connections that failed, and what becomes of its servers.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber } from '../json/json-guard.ts'
import type { ParseContext, Parser, TextReader } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { accessTime, setLocalTime, stamp } from '../values/time.ts'
import { readAccessLine } from './access-line.ts'
import { readRequest, setDomain, statusOutcome } from './web.ts'

/** The longest `address:port`: IPv6 with a mapped IPv4 address and a port. */
const MAX_CLIENT = 52

/** What stands between the time and the captured headers: all of it is the proxy's own. */
interface Session {
  readonly words: readonly string[]
  /** Index of the first character behind them. */
  readonly end: number
}

/** The next `count` words, divided by single spaces; fewer where the line ends. */
function readWords(text: string, from: number, count: number): Session {
  const words: string[] = []
  let at = from
  while (words.length < count && at < text.length) {
    const space = text.indexOf(' ', at)
    const end = space < 0 ? text.length : space
    words.push(text.slice(at, end))
    at = end + 1
  }
  return { words, end: at }
}

/** Milliseconds of each part of `10/0/30/69/109`; `-1` is a phase that was not reached, `+` one that was not over. */
const timers = /^[+-]?\d{1,12}(?:\/[+-]?\d{1,12}){2,4}$/

/** Set `192.0.2.7:33317`, `2001:db8::7:33317` or `[2001:db8::7]:33317`; false if it is none. */
function setClient(event: Event, client: string): boolean {
  const colon = client.lastIndexOf(':')
  const address = toAddress(client.slice(0, colon))
  event.source_ip = address
  event.source_port = toPort(client.slice(colon + 1))
  return address !== ''
}

/** `frontend~` (the tilde: over TLS) and `backend/server`. */
function putProxies(event: Event, frontend: string, backend: string): void {
  const tls = frontend.endsWith('~')
  put(event, 'haproxy.frontend_name', tls ? frontend.slice(0, -1) : frontend)
  if (tls) put(event, 'haproxy.tls', 'true')
  const slash = backend.indexOf('/')
  put(event, 'haproxy.backend_name', slash < 0 ? backend : backend.slice(0, slash))
  const server = slash < 0 ? '' : backend.slice(slash + 1)
  if (server !== '<NOSRV>') put(event, 'haproxy.server_name', server)
}

function putDuration(event: Event, times: string): void {
  const total = asNumber(times.slice(times.lastIndexOf('/') + 1).replace('+', ''), 1e12)
  if (total > 0) put(event, 'event.duration', String(total * 1e6))
}

/**
 * `{captured|headers} {of|responses} "GET / HTTP/1.1" 0/0/0/0/0 name/TLSv1.3/cipher`. Quotes and braces of a client are written as `#22`, so the first
 * quote is the proxy's; a long line ends without the second.
 */
function readTail(event: Event, text: string, from: number): void {
  const quote = text.indexOf('"', from)
  put(event, 'haproxy.captured_headers', text.slice(from, quote < 0 ? text.length : quote).trim())
  if (quote < 0) return
  const close = text.indexOf('"', quote + 1)
  readRequest(event, text, quote + 1, close < 0 ? text.length : close)
  // `option httpslog` writes the name asked for and the version of TLS.
  const tls = close < 0 ? null : /^ \S{1,256} ([^\s/]{1,256})\/((?:TLS|SSL)v[\d.]{1,4})\//.exec(text.slice(close + 1))
  if (tls === null) return
  const [, name = '', version = ''] = tls
  event.tls_version = version.slice(4)
  if (name === '-') return
  event.tls_server_name = name.toLowerCase()
  if (event.url_domain === '') setDomain(event, name)
}

/** `fe be/srv 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 …` behind the time. */
function readHttp(text: string, from: number, event: Event): Outcome {
  const { words, end } = readWords(text, from, 10)
  const [frontend = '', backend = '', times = '', status = '', bytes = '', , , state = '', connections = ''] = words
  if (words.length < 10 || !timers.test(times) || !/^(?:-1|\d{3})$/.test(status) || state.length !== 4) return miss
  event.dataset = 'haproxy.http'
  event.event_category = 'web'
  event.event_action = 'http_request'
  event.network_protocol = 'http'
  putProxies(event, frontend, backend)
  putDuration(event, times)
  event.http_status_code = asNumber(status, 999)
  event.event_outcome = status === '-1' ? 'failure' : statusOutcome(event.http_status_code)
  event.http_response_bytes = asNumber(bytes.replace('+', ''), Number.MAX_SAFE_INTEGER)
  put(event, 'haproxy.termination_state', state)
  put(event, 'haproxy.connections', connections)
  readTail(event, text, end)
  return ok
}

/** Sessions that the proxy or the server ended; those that a client left are of unknown outcome. */
function sessionOutcome(state: string): string {
  const first = state.charAt(0)
  if (first === '-') return 'success'
  return first === 'C' || first === 'c' ? 'unknown' : 'failure'
}

/** `fe be/srv 0/0/5007 212 -- 0/0/0/0/3 0/0` behind the time. */
function readTcp(text: string, from: number, event: Event): Outcome {
  const { words } = readWords(text, from, 7)
  const [frontend = '', backend = '', times = '', bytes = '', state = '', connections = ''] = words
  if (words.length < 7 || !timers.test(times) || !/^\+?\d+$/.test(bytes) || state.length !== 2) return miss
  event.dataset = 'haproxy.tcp'
  event.event_category = 'network'
  event.event_action = 'connection'
  event.network_transport = 'tcp'
  event.event_outcome = sessionOutcome(state)
  putProxies(event, frontend, backend)
  putDuration(event, times)
  event.network_bytes = asNumber(bytes.replace('+', ''), Number.MAX_SAFE_INTEGER)
  put(event, 'haproxy.termination_state', state)
  put(event, 'haproxy.connections', connections)
  return ok
}

/** `fe/bind: SSL handshake failure` behind the time. */
function readError(text: string, from: number, event: Event): Outcome {
  const colon = text.indexOf(': ', from)
  const place = text.slice(from, Math.max(from, colon))
  if (!place.includes('/') || place.includes(' ')) return miss
  const message = text.slice(colon + 2)
  event.dataset = 'haproxy.log'
  event.event_category = 'network'
  event.event_action = 'connection_error'
  event.event_outcome = 'failure'
  event.network_transport = 'tcp'
  put(event, 'haproxy.frontend_name', place.slice(0, place.indexOf('/')))
  put(event, 'haproxy.bind_name', place.slice(place.indexOf('/') + 1))
  put(event, 'event.reason', message)
  if (message.startsWith('Stopped a ')) {
    event.event_category = 'intrusion_detection'
    event.event_action = 'attack_stopped'
    event.rule_name = message
    event.event_severity = 80
  }
  return ok
}

type SessionReader = (text: string, from: number, event: Event) => Outcome

/** A line that begins with a client and a time, by the first reader that knows what stands behind them. */
function readSession(text: string, event: Event, context: ParseContext, readers: readonly SessionReader[]): Outcome {
  const space = text.indexOf(' ')
  if (space < 4 || space > MAX_CLIENT || text.charCodeAt(space + 1) !== 91) return miss
  const time = accessTime(text, space + 2, context)
  const close = stamp.end
  if (time < 0 || text.charCodeAt(close) !== 93 || text.charCodeAt(close + 1) !== 32) return miss
  if (toAddress(text.slice(0, text.lastIndexOf(':', space))) === '') return miss
  for (const read of readers) {
    if (read(text, close + 2, event) === miss) continue
    setClient(event, text.slice(0, space))
    setLocalTime(event, time)
    return ok
  }
  return miss
}

/** What becomes of servers and proxies, by how the message begins and a word in it. */
const changes: readonly (readonly [begins: RegExp, action: string, outcome: string])[] = [
  [/^(?:Backup )?Server \S+ is DOWN\b/, 'server_down', 'failure'],
  [/^(?:Backup )?Server \S+ is UP\b/, 'server_up', 'success'],
  [/^(?:Backup )?Server \S+ /, 'server_change', ''],
  [/^[Bb]ackend \S+ has no server available/, 'no_server', 'failure'],
  [/^Health check for (?:backup )?server \S+ failed/, 'health_check', 'failure'],
  [/^Health check for (?:backup )?server \S+ succeeded/, 'health_check', 'success'],
  [/^Proxy \S+ started\b/, 'proxy_started', 'success'],
  [/^(?:Stopping|Pausing|Proxy|Stopped) \S+/, 'proxy_stopped', ''],
]

/** `Connect from 192.0.2.7:33312 to 198.51.100.1:80 (www/HTTP)`, what is written without a log format. */
const connect = /^Connect from (\S{3,52}) to (\S{3,52}) \((\S{1,256})\)$/

/** What HAProxy says of itself, its servers and connections. */
function readEvent(text: string, event: Event): Outcome {
  const [, client = '', server = '', place = ''] = connect.exec(text.slice(0, 512)) ?? []
  if (client !== '') {
    if (!setClient(event, client)) return miss
    event.dataset = 'haproxy.log'
    event.event_category = 'network'
    event.event_action = 'connection'
    event.network_transport = 'tcp'
    const colon = server.lastIndexOf(':')
    event.destination_ip = toAddress(server.slice(0, colon))
    event.destination_port = toPort(server.slice(colon + 1))
    put(event, 'haproxy.frontend_name', place.slice(0, place.indexOf('/')))
    return ok
  }
  const head = text.slice(0, 512)
  const change = changes.find(([begins]) => begins.test(head))
  if (change === undefined) return miss
  const [, action, outcome] = change
  event.dataset = 'haproxy.log'
  event.event_category = 'host'
  event.event_action = action
  event.event_outcome = outcome
  put(event, 'event.reason', text)
  return ok
}

const sessions: readonly SessionReader[] = [readHttp, readTcp, readError]

/** A line that shows by itself that it is HAProxy's: client, time and what comes of them. */
export const readHaproxySession: TextReader = (text, event, context) => readSession(text, event, context, sessions)

/** Requests, also as `option httplog clf` writes them. Source: HAProxy configuration manual, "Log formats". */
const haproxyHttp: Parser = {
  format: 'haproxy.http',
  parse(text, event, context) {
    const outcome = readSession(text, event, context, [readHttp])
    return outcome === miss ? readAccessLine(text, event, context, 'haproxy.http') : outcome
  },
}

const haproxyTcp: Parser = {
  format: 'haproxy.tcp',
  parse: (text, event, context) => readSession(text, event, context, [readTcp]),
}

const haproxyLog: Parser = {
  format: 'haproxy.log',
  parse(text, event, context) {
    const outcome = readSession(text, event, context, [readError])
    return outcome === miss ? readEvent(text, event) : outcome
  },
}

export const haproxy: readonly Parser[] = [haproxyHttp, haproxyTcp, haproxyLog]

/** What HAProxy sends to syslog. */
export const readHaproxySyslog: TextReader = (text, event, context) => {
  for (const { parse } of haproxy) {
    const outcome = parse(text, event, context)
    if (outcome !== miss) return outcome
  }
  return miss
}
