// What does the OpenSSH server report? Log-ins that succeeded or failed, and what scanners leave behind.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, tag } from '../values/fields.ts'

function set(event: Event, category: string, action: string, outcome: string, reason: string): Outcome {
  event.dataset = 'sshd'
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
  event.network_protocol = 'ssh'
  if (reason !== '') put(event, 'event.reason', reason)
  return ok
}

const login = (event: Event, outcome: string, reason: string): Outcome =>
  set(event, 'authentication', 'ssh_login', outcome, reason)
const probe = (event: Event, reason: string): Outcome => set(event, 'network', 'ssh_probe', 'unknown', reason)
const disconnect = (event: Event, reason: string): Outcome => set(event, 'network', 'ssh_disconnect', '', reason)

/** Address and port at `at`: `192.0.2.7 port 4711`, `192.0.2.7: …`, `[2001:db8::1]:4711`, `UNKNOWN port 65535`. */
function endpoint(event: Event, text: string, at: number): void {
  let end = text.indexOf(' ', at)
  if (end < 0) end = text.length
  let host = text.slice(at, end)
  const last = host.charCodeAt(host.length - 1)
  let address = toAddress(host)
  if (address === '' && (last === 58 || last === 44 || last === 46 || last === 59)) {
    host = host.slice(0, -1)
    address = toAddress(host)
  }
  if (address === '') {
    const colon = host.lastIndexOf(':')
    if (colon > 0) {
      address = toAddress(host.slice(0, colon))
      // `192.0.2.7:11:` in `Received disconnect from 192.0.2.7:11: …` is not a port; only brackets tell.
      if (address !== '' && host.charCodeAt(0) === 91) event.source_port = toPort(host.slice(colon + 1))
    }
  }
  if (address !== '') event.source_ip = address
  else if (host !== 'UNKNOWN') put(event, 'source.domain', host)
  if (text.startsWith(' port ', end)) readPort(event, text, end + 6)
}

function readPort(event: Event, text: string, from: number): void {
  let port = 0
  for (let i = from; i < from + 5; i++) {
    const d = text.charCodeAt(i) - 48
    if (!(d >= 0 && d <= 9)) break
    port = port * 10 + d
  }
  if (port <= 65_535) event.source_port = port
}

function setUser(event: Event, name: string): void {
  if (name.startsWith('invalid user ') || name.startsWith('illegal user ')) {
    event.user_name = name.slice(13)
    put(event, 'user.known', 'false')
  } else if (name !== 'invalid user' && name !== 'illegal user') {
    event.user_name = name
  }
}

/**
 * `[invalid user ]NAME from ADDRESS port N` at `at`. The name is the client's to choose and may hold ` from ` itself, so the last
 * one counts; only behind it does sshd write what it knows.
 */
function userFrom(event: Event, text: string, at: number, limit = text.length): boolean {
  const from = text.lastIndexOf(' from ', limit)
  if (from < at - 1) return false
  setUser(event, text.slice(at, Math.max(at, from)))
  endpoint(event, text, from + 6)
  return true
}

/** `NAME ADDRESS port N[…]` at `at`: the name may hold spaces, so it is read from the end. */
function userThenAddress(event: Event, text: string, at: number): void {
  const port = text.lastIndexOf(' port ')
  if (port < at) return
  const space = text.lastIndexOf(' ', port - 1)
  endpoint(event, text, space + 1)
  if (space >= at) event.user_name = text.slice(at, space)
}

/** `Connection closed by …`, `Connection reset by …`, `Disconnected from …`, `Disconnecting …` with the words at `at`. */
function end(event: Event, text: string, at: number, reason: string): Outcome {
  const invalid = text.startsWith('invalid user ', at)
  if (invalid || text.startsWith('authenticating user ', at)) {
    userThenAddress(event, text, at + (invalid ? 13 : 20))
    if (invalid) put(event, 'user.known', 'false')
    return login(event, 'failure', reason)
  }
  if (text.startsWith('user ', at)) userThenAddress(event, text, at + 5)
  else if (text.indexOf(' port ', at) < 0) endpoint(event, text, at)
  else endpoint(event, text, text.lastIndexOf(' ', text.lastIndexOf(' port ') - 1) + 1)
  return disconnect(event, reason)
}

/**
 * `METHOD for [invalid user ]NAME from ADDRESS port N ssh2[: DETAIL]` at `at`. The client chooses the name, and for some methods part of the
 * detail, and may write ` from ` into either. A user who got in has an ordinary name; passwords have no detail.
 */
function attempt(event: Event, text: string, at: number, outcome: string, reason: string): Outcome {
  const middle = text.indexOf(' for ', at)
  if (middle < 0 || middle - at > 40) return miss
  const first = text.indexOf(' from ', middle)
  if (first < 0) return miss
  const method = text.slice(at, middle)
  const detailed = outcome === 'success' || method === 'publickey' || method === 'hostbased' || text.includes(' ssh1: ')
  if (outcome !== 'success' && text.indexOf(' from ', first + 1) > 0) tag(event, 'client_ambiguous')
  userFrom(event, text, middle + 5, detailed ? first : text.length)
  put(event, 'ssh.method', method)
  return login(event, outcome, reason)
}

function fromA(event: Event, text: string): Outcome {
  if (text.startsWith('Accepted ')) return attempt(event, text, 9, 'success', '')
  if (text.startsWith('Address ')) {
    const to = text.indexOf(' ', 8)
    if (to < 0 || !text.includes(' BREAK-IN ATTEMPT')) return miss
    endpoint(event, text, 8)
    return set(event, 'network', 'ssh_reverse_mapping', 'unknown', 'reverse mapping does not match')
  }
  if (text.startsWith('Access denied for user ')) {
    const to = text.indexOf(' ', 23)
    event.user_name = text.slice(23, to < 0 ? text.length : to)
    return login(event, 'failure', 'access denied')
  }
  if (text.startsWith('Authentication tried for ')) {
    const to = text.indexOf(' ', 25)
    event.user_name = text.slice(25, to < 0 ? text.length : to)
    const ip = text.lastIndexOf('ip=')
    if (ip > 0) endpoint(event, text.replace(/[),]+/g, ' '), ip + 3)
    return login(event, 'failure', 'host not permitted')
  }
  if (text.startsWith('Authentication refused: '))
    return set(event, 'authentication', 'ssh_key_refused', 'failure', text.slice(24))
  return miss
}

function fromB(event: Event, text: string): Outcome {
  if (text.startsWith('Bad protocol version identification ')) {
    const from = text.lastIndexOf(' from ')
    if (from > 0) endpoint(event, text, from + 6)
    return probe(event, 'bad protocol version')
  }
  if (text.startsWith('Bad packet length ')) return probe(event, 'bad packet length')
  return miss
}

function fromC(event: Event, text: string): Outcome {
  if (text.startsWith('Connection closed by ')) return end(event, text, 21, 'connection closed')
  if (text.startsWith('Connection reset by ')) return end(event, text, 20, 'connection reset')
  if (text.startsWith('Connection from ')) {
    endpoint(event, text, 16)
    return set(event, 'network', 'ssh_connection', '', '')
  }
  if (text.startsWith('Close session: user ')) {
    userFrom(event, text, 20)
    return set(event, 'session', 'session_closed', 'success', '')
  }
  if (text.startsWith('Corrupted MAC on input')) return probe(event, 'corrupted MAC')
  return miss
}

function fromD(event: Event, text: string): Outcome {
  if (text.startsWith('Disconnected from ')) return end(event, text, 18, 'disconnected')
  if (text.startsWith('Disconnecting ')) {
    const colon = text.lastIndexOf(': ')
    return end(event, colon > 0 ? text.slice(0, colon) : text, 14, colon > 0 ? trimPreauth(text.slice(colon + 2)) : '')
  }
  if (text.startsWith('Disconnecting: ')) {
    const user = text.indexOf(' failures for ')
    if (user < 0) return disconnect(event, trimPreauth(text.slice(15)))
    setUser(event, trimPreauth(text.slice(user + 14)))
    return login(event, 'failure', 'too many authentication failures')
  }
  if (text.startsWith('Did not receive identification string from ')) {
    endpoint(event, text, 43)
    return probe(event, 'no identification')
  }
  return miss
}

function trimPreauth(text: string): string {
  return text.endsWith(' [preauth]') ? text.slice(0, -10) : text
}

/** `User NAME from HOST not allowed because …`, `User NAME not allowed because account is locked`. */
function notAllowed(event: Event, text: string): Outcome {
  const because = text.lastIndexOf(' not allowed because ')
  if (because < 5) return miss
  if (!userFrom(event, text, 5, because)) event.user_name = text.slice(5, because)
  return login(event, 'failure', trimPreauth(text.slice(because + 21)))
}

function fromU(event: Event, text: string): Outcome {
  if (text.startsWith('Unable to negotiate with ')) {
    endpoint(event, text, 25)
    const colon = text.indexOf(': ', 25)
    return set(event, 'network', 'ssh_probe', 'failure', colon < 0 ? '' : trimPreauth(text.slice(colon + 2).trimEnd()))
  }
  if (text.startsWith('User child is on pid')) return set(event, 'process', 'ssh_child', '', '')
  if (text.startsWith('User ')) return notAllowed(event, text)
  return miss
}

function fromR(event: Event, text: string): Outcome {
  if (text.startsWith('Received disconnect from ')) {
    endpoint(event, text, 25)
    return disconnect(event, 'received disconnect')
  }
  if (text.startsWith('ROOT LOGIN REFUSED FROM ')) {
    event.user_name = 'root'
    endpoint(event, text, 24)
    return login(event, 'failure', 'root login refused')
  }
  if (text.startsWith('Received signal ')) return set(event, 'process', 'ssh_server_stopped', '', '')
  return miss
}

/** `reverse mapping checking getaddrinfo for NAME [ADDRESS] failed - POSSIBLE BREAK-IN ATTEMPT!` */
function reverseMapping(event: Event, text: string): Outcome {
  const name = text.indexOf(' for ')
  const open = text.indexOf(' [', name)
  const close = text.indexOf(']', open)
  if (name > 0 && open > 0 && close > 0) {
    event.source_ip = toAddress(text.slice(open + 2, close))
    put(event, 'source.domain', text.slice(name + 5, open))
  }
  return set(event, 'network', 'ssh_reverse_mapping', 'unknown', 'reverse mapping failed')
}

/** `refused connect from NAME (ADDRESS)`, written by the TCP wrappers. */
function refused(event: Event, text: string): Outcome {
  const open = text.lastIndexOf('(')
  const host = open > 21 ? text.slice(21, open - 1) : text.slice(21)
  const address = toAddress(open > 0 ? text.slice(open + 1, text.lastIndexOf(')')) : host)
  event.source_ip = address
  if (toAddress(host) === '') put(event, 'source.domain', host)
  return set(event, 'network', 'ssh_connection', 'failure', 'refused by TCP wrappers')
}

/** `message repeated 3 times: [ MESSAGE]`, written by rsyslog for any program. */
function repeated(event: Event, text: string): Outcome {
  const open = text.indexOf(' times: [ ')
  if (open < 0 || open > 40) return miss
  const outcome = read(event, text.slice(open + 10, text.endsWith(']') ? -1 : text.length), 1)
  if (outcome === ok) put(event, 'event.repeat', text.slice(17, open))
  return outcome
}

/** `error: …` and `fatal: …`. */
function prefixed(event: Event, text: string, level: string, nesting: number): Outcome {
  const inner = text.slice(7)
  let outcome = miss
  if (inner.startsWith('maximum authentication attempts exceeded for ')) {
    userFrom(event, inner, 45)
    outcome = login(event, 'failure', 'maximum authentication attempts exceeded')
  } else if (inner.startsWith('PAM: ')) {
    const user = inner.indexOf(' for ')
    if (user > 0) userFrom(event, inner, user + 5)
    outcome = login(event, 'failure', user > 0 ? inner.slice(5, user) : inner.slice(5))
  } else if (inner.startsWith('Timeout before authentication for ')) {
    endpoint(event, inner, inner.startsWith('connection from ', 34) ? 50 : 34)
    outcome = probe(event, 'timeout before authentication')
  } else if (inner.startsWith('no matching ') || inner.startsWith('Unable to negotiate a key exchange ')) {
    outcome = probe(event, trimPreauth(inner))
  } else if (nesting < 2) {
    outcome = read(event, inner, nesting + 1)
  }
  if (outcome === miss) outcome = set(event, 'network', 'ssh_error', '', trimPreauth(inner))
  event.log_level = level
  return outcome
}

/** Lines that begin with a small letter. */
function small(event: Event, text: string, nesting: number): Outcome {
  if (text.startsWith('error: ')) return prefixed(event, text, 'error', nesting)
  if (text.startsWith('fatal: ')) return prefixed(event, text, 'critical', nesting)
  if (text.startsWith('reverse mapping checking ')) return reverseMapping(event, text)
  if (text.startsWith('input_userauth_request: ')) {
    setUser(event, trimPreauth(text.slice(24)))
    return login(event, 'unknown', 'invalid user')
  }
  if (text.startsWith('refused connect from ')) return refused(event, text)
  if (nesting === 0 && text.startsWith('message repeated ')) return repeated(event, text)
  if (text.startsWith('subsystem request for ')) {
    const by = text.indexOf(' by user ')
    if (by > 0) event.user_name = text.slice(by + 9)
    return set(event, 'session', 'ssh_subsystem', 'success', '')
  }
  if (text.startsWith('drop connection ')) {
    const from = text.indexOf(' from ')
    if (from > 0) endpoint(event, text, from + 6)
    return set(event, 'network', 'ssh_connection', 'failure', 'too many connections')
  }
  if (
    text.startsWith('banner exchange: Connection from ') ||
    text.startsWith('ssh_dispatch_run_fatal: Connection from ')
  ) {
    const from = text.indexOf(' from ')
    endpoint(event, text, from + 6)
    return probe(event, trimPreauth(text.slice(text.indexOf(': ', from) + 2)))
  }
  if (text.startsWith('kex_exchange_identification: ') || text.startsWith('kex_protocol_error: ')) {
    return probe(event, text.slice(text.indexOf(': ') + 2))
  }
  if (text.startsWith('srclimit_penalise: ')) return set(event, 'network', 'ssh_penalty', '', text.slice(19))
  return miss
}

/** `SSH: Server;Ltype: Authname;Remote: 192.0.2.7-4711;Name: root [preauth]`, written by HPN-SSH. */
function highPerformance(event: Event, text: string): Outcome {
  const remote = text.indexOf(';Remote: ')
  const dash = text.indexOf('-', remote)
  if (remote > 0 && dash > 0) {
    event.source_ip = toAddress(text.slice(remote + 9, dash))
    readPort(event, text, dash + 1)
  }
  const name = text.indexOf(';Name: ')
  if (name > 0) event.user_name = trimPreauth(text.slice(name + 7))
  return set(event, 'network', 'ssh_connection', '', '')
}

/** Lines that begin with a capital not handled apart. */
function other(event: Event, text: string): Outcome {
  if (text.startsWith('Postponed ')) return attempt(event, text, 10, 'unknown', 'postponed')
  if (text.startsWith('Partial ')) return attempt(event, text, 8, 'unknown', 'partial')
  if (text.startsWith('Protocol major versions differ for ')) {
    endpoint(event, text, 35)
    return probe(event, 'protocol versions differ')
  }
  if (text.startsWith('Magic value check failed ')) {
    const from = text.lastIndexOf(' from ')
    if (from > 0) endpoint(event, text, from + 6)
    return probe(event, 'bad obfuscated handshake')
  }
  if (text.startsWith('SSH: Server;')) return highPerformance(event, text)
  if (text.startsWith('Server listening on ')) return set(event, 'process', 'ssh_server_started', '', '')
  if (text.startsWith('Starting session: ')) {
    const user = text.indexOf(' for ')
    if (user > 0) userFrom(event, text, user + 5)
    return set(event, 'session', 'session_opened', 'success', '')
  }
  if (text.startsWith('Nasty PTR record ')) {
    const at = text.lastIndexOf(' for ')
    if (at > 0) endpoint(event, text, at + 5)
    return set(event, 'network', 'ssh_reverse_mapping', 'unknown', 'PTR record is an address')
  }
  if (text.startsWith('Timeout before authentication for ')) {
    endpoint(event, text, text.startsWith('connection from ', 34) ? 50 : 34)
    return probe(event, 'timeout before authentication')
  }
  return miss
}

function read(event: Event, text: string, nesting: number): Outcome {
  switch (text.charCodeAt(0)) {
    case 65:
      return fromA(event, text)
    case 66:
      return fromB(event, text)
    case 67:
      return fromC(event, text)
    case 68:
      return fromD(event, text)
    case 70:
      return text.startsWith('Failed ') ? attempt(event, text, 7, 'failure', '') : miss
    case 73:
      if (!text.startsWith('Invalid user ') && !text.startsWith('Illegal user ')) return miss
      if (!userFrom(event, text, 13)) return miss
      put(event, 'user.known', 'false')
      return login(event, 'failure', 'invalid user')
    case 82:
      return fromR(event, text)
    case 85:
      return fromU(event, text)
    default:
      return text.charCodeAt(0) >= 97 ? small(event, text, nesting) : other(event, text)
  }
}

/** The message behind sshd's syslog tag. */
export const sshd: Parser = {
  format: 'sshd',
  parse: (text, event) => read(event, text, 0),
}
