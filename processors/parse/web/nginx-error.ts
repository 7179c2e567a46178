// What does nginx write to its error log?
import type { Event } from '../../../schemas/event.ts'
import { miss, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { toPort } from '../values/address.ts'
import { put, putSource, tag } from '../values/fields.ts'
import { readIsoTime, setLocalTime, stamp } from '../values/time.ts'
import { readRuleMessage } from './rule-message.ts'
import { readRequest, setDomain, setUrl } from './web.ts'

const failures = new Set(['error', 'crit', 'alert', 'emerg'])

/** Value of `, key: value` behind `at`, up to the next comma. */
function bare(text: string, key: string, at: number): string {
  const found = text.indexOf(key, at)
  if (found < 0) return ''
  const from = found + key.length
  const to = text.indexOf(',', from)
  return text.slice(from, to < 0 ? text.length : to)
}

/** Value of `, key: "value"` behind `at`. nginx does not escape quotes there, so a value ends where the next pair or the line does. */
function quoted(text: string, key: string, at: number): string {
  const found = text.indexOf(key, at)
  if (found < 0) return ''
  const from = found + key.length
  for (let to = text.indexOf('"', from); to >= 0; to = text.indexOf('"', to + 1)) {
    if (to + 1 >= text.length || text.startsWith(', ', to + 1)) return text.slice(from, to)
  }
  return text.slice(from)
}

/** Index of the `, client: ` that nginx wrote itself: parts of paths and referrers may imitate it. */
function clientAt(event: Event, text: string, from: number): number {
  const first = text.indexOf(', client: ', from)
  if (first < 0) return -1
  const referrer = text.indexOf(', referrer: "', first)
  const last = text.lastIndexOf(', client: ', referrer < 0 ? text.length : referrer)
  if (text.indexOf(', client: ', first + 1) >= 0) tag(event, 'client_ambiguous')
  return last
}

/** Whether text[from, to) is all digits. */
function digits(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!(text.charCodeAt(i) >= 48 && text.charCodeAt(i) <= 57)) return false
  return to > from
}

/**
 * `2024/11/27 08:16:03 [error] 31#31: *46 message, client: 192.0.2.7, server: localhost, request: "GET / HTTP/1.1", host: "…"`.
 * Source: ngx_log_error_core and ngx_http_log_error in nginx's src/core/ngx_log.c and src/http/ngx_http_request.c.
 */
export const nginxError: Parser = {
  format: 'nginx.error',
  parse(text, event, context) {
    if (text.charCodeAt(4) !== 47 || !readIsoTime(text, 0, context.zoneMinutes)) return miss
    const open = stamp.end
    if (!text.startsWith(' [', open)) return miss
    const close = text.indexOf('] ', open)
    if (close < 0 || close - open > 12) return miss
    const hash = text.indexOf('#', close)
    const colon = text.indexOf(': ', close)
    if (hash < 0 || colon < 0 || hash > colon || !digits(text, close + 2, hash) || !digits(text, hash + 1, colon))
      return miss
    const level = text.slice(open + 2, close)
    event.dataset = 'nginx.error'
    event.event_category = 'web'
    event.event_action = 'web_error'
    event.event_outcome = failures.has(level) ? 'failure' : ''
    event.log_level = level
    event.process_pid = Number(text.slice(close + 2, hash)) >>> 0
    if (event.process_name === '') event.process_name = 'nginx'
    setLocalTime(event, stamp.ms)
    let message = colon + 2
    if (text.charCodeAt(message) === 42) {
      const space = text.indexOf(' ', message)
      if (space > 0 && digits(text, message + 1, space)) {
        put(event, 'nginx.connection_id', text.slice(message + 1, space))
        message = space + 1
      }
    }
    const client = clientAt(event, text, message)
    const said = text.slice(message, client < 0 ? text.length : client)
    // ModSecurity 3 and Coraza write through nginx.
    if (!readRuleMessage(event, said, 0)) put(event, 'error.message', said)
    if (client < 0) return ok
    event.network_protocol = 'http'
    const host = bare(text, ', client: ', client)
    // The last pair in a stream server is `client: 192.0.2.7:4711`.
    const port = host.indexOf(':') === host.lastIndexOf(':') ? host.indexOf(':') : -1
    putSource(event, port > 0 ? host.slice(0, port) : host)
    if (port > 0) event.source_port = toPort(host.slice(port + 1))
    const request = quoted(text, ', request: "', client)
    if (request !== '') readRequest(event, request, 0, request.length)
    const name = quoted(text, ', host: "', client)
    setDomain(event, name === '' ? bare(text, ', server: ', client).trim() : name)
    if (request.startsWith('GET http') && event.url_domain === '') setUrl(event, event.url_original)
    event.http_referrer = quoted(text, ', referrer: "', client)
    put(event, 'nginx.upstream', quoted(text, ', upstream: "', client))
    return ok
  },
}
