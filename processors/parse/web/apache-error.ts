// What does Apache write to its error log? The forms of 2.2 and 2.4, with what ModSecurity puts into them.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, putSource } from '../values/fields.ts'
import { readAscTime, readIsoTime, setLocalTime, stamp } from '../values/time.ts'
import { readRuleMessage } from './rule-message.ts'
import { setUrl } from './web.ts'

const failures = new Set(['error', 'crit', 'alert', 'emerg'])
const levels = new Set([...failures, 'warn', 'notice', 'info', 'debug'])

/** `192.0.2.7:50229`, `192.0.2.7`, `2001:db8::1:50229` (2.4 always writes the port, without brackets). */
function setClient(event: Event, client: string): void {
  const colon = client.lastIndexOf(':')
  const address = colon > 0 ? toAddress(client.slice(0, colon)) : ''
  if (address === '') {
    putSource(event, client)
    return
  }
  event.source_ip = address
  event.source_port = toPort(client.slice(colon + 1))
}

/** mod_auth_basic and mod_authz: `user NAME not found: /`, `user NAME: authentication failure for "/": Password Mismatch`. */
function readAuthentication(event: Event, message: string): void {
  if (!message.startsWith('user ')) return
  const marks = [
    ' not found: ',
    ': authentication failure for ',
    ': password mismatch: ',
    ' not found',
    ': authorization failure for ',
  ]
  for (const mark of marks) {
    const at = message.indexOf(mark, 5)
    if (at < 0) continue
    event.event_category = 'authentication'
    event.event_action = 'http_auth'
    event.event_outcome = 'failure'
    event.user_name = message.slice(5, at)
    const path = message.slice(at + mark.length).split('"', 3)
    const target = path.length === 3 ? path[1] : path[0]
    if (target?.startsWith('/')) setUrl(event, target.split(', ', 1)[0] ?? '')
    return
  }
}

/** Index of the first character from `at` that is no space. */
function skipSpaces(text: string, at: number): number {
  let i = at
  while (text.charCodeAt(i) === 32) i++
  return i
}

/**
 * `[Sun Dec 04 04:47:44 2005] [error] [client 192.0.2.7] message` (2.2) and
 * `[Thu Oct 13 12:24:49.880562 2022] [auth_basic:error] [pid 10:tid 14] (70014)…: [client 192.0.2.7:50229] AH01618: message` (2.4).
 * Behind a syslog header the time may be missing (`timeless`). Source: httpd.apache.org/docs/2.4/mod/core.html#errorlogformat.
 */
export function readApacheError(text: string, event: Event, context: ParseContext, timeless: boolean): Outcome {
  if (text.charCodeAt(0) !== 91) return miss
  let ms = 0
  let at = 0
  if (readAscTime(text, 1, context) || readIsoTime(text, 1, context.zoneMinutes)) {
    ms = stamp.ms
    if (text.charCodeAt(stamp.end) !== 93) return miss
    at = skipSpaces(text, stamp.end + 1)
  } else if (!timeless) return miss
  const levelTo = text.indexOf(']', at)
  if (text.charCodeAt(at) !== 91 || levelTo < 0 || levelTo - at > 64) return miss
  const [module, level] = split(text.slice(at + 1, levelTo))
  if (timeless && !levels.has(level)) return miss
  event.dataset = 'apache.error'
  event.event_category = 'web'
  event.event_action = 'web_error'
  event.log_level = level
  event.event_outcome = failures.has(level) ? 'failure' : ''
  if (event.process_name === '') event.process_name = 'httpd'
  setLocalTime(event, ms)
  put(event, 'apache.module', module)
  at = skipSpaces(text, levelTo + 1)
  if (text.startsWith('[pid ', at)) {
    const to = text.indexOf(']', at)
    if (to > 0) {
      const [pid, tid] = text.slice(at + 5, to).split(':tid ', 2)
      event.process_pid = Number(pid) >>> 0
      put(event, 'process.thread.id', tid ?? '')
      at = skipSpaces(text, to + 1)
    }
  }
  // An error of the system may stand before the client. What a client can write comes behind it.
  let system = ''
  const client =
    text.startsWith('[client ', at) || text.startsWith('[remote ', at)
      ? at
      : text.charCodeAt(at) === 40
        ? text.indexOf(': [client ', at) + 2
        : 1
  if (client > 1) {
    const bracketed = text.charCodeAt(client + 8) === 91
    const to = text.indexOf(']', bracketed ? text.indexOf(']', client) + 1 : client)
    if (to > 0) {
      setClient(event, text.slice(client + 8, to))
      event.network_protocol = 'http'
      if (client > at) system = text.slice(at, client - 2)
      at = skipSpaces(text, to + 1)
      if (text.startsWith('[client ', at)) at = skipSpaces(text, text.indexOf(']', at) + 1)
    }
  }
  if (text.startsWith('AH', at) && text.charCodeAt(at + 7) === 58) {
    event.event_code = text.slice(at, at + 7)
    at = skipSpaces(text, at + 8)
  }
  if (readRuleMessage(event, text, at)) return ok
  const referrer = text.lastIndexOf(', referer: ')
  const message = text.slice(at, referrer > at ? referrer : text.length)
  if (referrer > at) event.http_referrer = text.slice(referrer + 11)
  put(event, 'error.message', system === '' ? message : `${system}: ${message}`)
  readAuthentication(event, message)
  return ok
}

export const apacheError: Parser = {
  format: 'apache.error',
  parse: (text, event, context) => readApacheError(text, event, context, false),
}

/** Module and level of `auth_basic:error`, `:error` or `error`. */
function split(text: string): [string, string] {
  const colon = text.indexOf(':')
  return colon < 0 ? ['', text] : [text.slice(0, colon), text.slice(colon + 1)]
}
