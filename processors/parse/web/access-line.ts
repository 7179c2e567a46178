// What does a line of a web access log say? Common, combined and vhost variants, shared by nginx, Apache and everything like them.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { ParseContext } from '../parser.ts'
import { toAddress } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { accessTime, setTime, stamp } from '../values/time.ts'
import { readRequest, setDomain, statusOutcome } from './web.ts'

/** How many ` [` may stand before the time: a user name may hold some, a hostile line thousands. */
const MAX_BRACKETS = 8

/** Where the quoted text that begins behind `from` ends: the first quote that no backslash escapes, or -1. */
function quoteEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let back = at - 1
    while (back >= from && text.charCodeAt(back) === 92) back--
    if (((at - back) & 1) === 1) return at
  }
  return -1
}

/**
 * End of the request: the first unescaped quote that a status follows, since old servers do not escape quotes in it. -1 if none.
 */
function requestEnd(text: string, from: number): number {
  for (let at = quoteEnd(text, from); at >= 0; at = quoteEnd(text, at + 1)) {
    const c = text.charCodeAt(at + 2)
    if (text.charCodeAt(at + 1) === 32 && ((c >= 48 && c <= 57) || c === 45)) return at
  }
  return -1
}

/** Value of text[from, to) if it is all digits, else -1. */
function number(text: string, from: number, to: number): number {
  if (from >= to || to - from > 15) return -1
  let value = 0
  for (let i = from; i < to; i++) {
    const d = text.charCodeAt(i) - 48
    if (d < 0 || d > 9) return -1
    value = value * 10 + d
  }
  return value
}

function dash(value: string): string {
  return value === '-' ? '' : value
}

/** Index of the space behind the word that begins at `from`, or the end. */
function wordEnd(text: string, from: number): number {
  const space = text.indexOf(' ', from)
  return space < 0 ? text.length : space
}

/** Whether the word at `from` is a dash. */
function isDash(text: string, from: number): boolean {
  const next = text.charCodeAt(from + 1)
  return text.charCodeAt(from) === 45 && (next === 32 || Number.isNaN(next))
}

/** Who asked: where in the head of the line the parts are. One shared object, valid until the next call. */
const head = { vhostEnd: 0, clientFrom: 0, clientEnd: 0, address: '', chain: false }

/**
 * Find the parts of `[vhost[:port] ]client ident user`. Answers false for what cannot be such a head, as a syslog header: the
 * client must be an address, or a name before a dash.
 */
function findHead(text: string): boolean {
  const first = wordEnd(text, 0)
  head.vhostEnd = 0
  head.clientFrom = 0
  head.clientEnd = first
  head.chain = false
  head.address = toAddress(text.slice(0, first))
  if (head.address !== '' && isDash(text, first + 1)) return true
  if (text.charCodeAt(first - 1) === 44) {
    // A forwarded-for chain in the place of the address: `198.51.100.1, 10.0.0.1 - -`.
    let end = first
    while (text.charCodeAt(end - 1) === 44 && end < text.length) end = wordEnd(text, end + 1)
    head.clientEnd = end
    head.chain = true
    return isDash(text, end + 1)
  }
  const second = wordEnd(text, first + 1)
  const address = toAddress(text.slice(first + 1, second))
  if (address !== '' || (head.address === '' && !isDash(text, first + 1) && isDash(text, second + 1) && isName(text))) {
    head.vhostEnd = first
    head.clientFrom = first + 1
    head.clientEnd = second
    head.address = address
    return true
  }
  return head.address !== '' || isDash(text, first + 1)
}

/** Whether the text begins with a letter, as host names do and times and priorities do not. */
function isName(text: string): boolean {
  const c = text.charCodeAt(0) | 32
  return c >= 97 && c <= 122
}

/** Write who asked whom; the user may hold spaces or be missing. */
function takeHead(event: Event, text: string): void {
  const client = text.slice(head.clientFrom, head.clientEnd)
  if (head.vhostEnd > 0) setDomain(event, text.slice(0, head.vhostEnd))
  if (head.chain) put(event, 'http.request.headers.x-forwarded-for', client)
  else if (head.address !== '') event.source_ip = head.address
  else if (client !== '-') put(event, 'source.domain', client)
  const ident = head.clientEnd + 1
  const user = text.indexOf(' ', ident)
  if (user < 0) return
  if (user - ident > 1) put(event, 'client.ident', text.slice(ident, user))
  const name = text.slice(user + 1)
  if (name !== '-' && name !== '' && name !== '""') event.user_name = name
}

/** What a server's own log format adds behind the standard fields: kept as it is; an address list is a forwarded-for header. */
function readExtra(event: Event, extra: string): void {
  put(event, 'web.extra', extra)
  let at = extra.indexOf('"')
  for (let i = 0; i < 8 && at >= 0; i++) {
    const end = extra.indexOf('"', at + 1)
    if (end < 0) return
    const value = extra.slice(at + 1, end)
    const comma = value.indexOf(',')
    if (toAddress(comma < 0 ? value : value.slice(0, comma)) !== '') {
      put(event, 'http.request.headers.x-forwarded-for', value)
      return
    }
    at = extra.indexOf('"', end + 1)
  }
}

/**
 * Read a line of Apache's `common`, `combined` or `vhost_combined` format or nginx's `combined`, with any fields behind.
 * Sources: httpd.apache.org/docs/2.4/mod/mod_log_config.html, nginx.org/en/docs/http/ngx_http_log_module.html.
 */
export function readAccessLine(text: string, event: Event, context: ParseContext, dataset: string): Outcome {
  let bracket = text.indexOf(' [')
  let time = -1
  for (let i = 0; bracket > 0 && i < MAX_BRACKETS; i++) {
    time = accessTime(text, bracket + 2, context)
    if (time >= 0) break
    bracket = text.indexOf(' [', bracket + 2)
  }
  if (time < 0) return miss
  const open = stamp.end
  if (text.charCodeAt(open) !== 93 || text.charCodeAt(open + 1) !== 32 || text.charCodeAt(open + 2) !== 34) return miss
  const from = open + 3
  const to = requestEnd(text, from)
  if (to < 0) return miss
  const statusFrom = to + 2
  let statusTo = text.indexOf(' ', statusFrom)
  if (statusTo < 0) statusTo = text.length
  const status = number(text, statusFrom, statusTo)
  const noStatus = statusTo - statusFrom === 1 && text.charCodeAt(statusFrom) === 45
  if ((status < 0 && !noStatus) || status > 999) return miss

  const who = text.slice(0, bracket)
  if (!findHead(who)) return miss

  event.dataset = dataset
  event.event_category = 'web'
  event.event_action = 'http_request'
  event.network_protocol = 'http'
  setTime(event, time)
  takeHead(event, who)
  readRequest(event, text, from, to)
  if (status > 0) {
    event.http_status_code = status
    event.event_outcome = statusOutcome(status)
  }

  let at = statusTo + 1
  let bytesTo = text.indexOf(' ', at)
  if (bytesTo < 0) bytesTo = text.length
  const bytes = number(text, at, bytesTo)
  if (bytes >= 0) event.http_response_bytes = bytes
  if (bytes >= 0 || (bytesTo - at === 1 && text.charCodeAt(at) === 45)) at = bytesTo + 1
  if (text.charCodeAt(at) === 34) {
    const referrerEnd = quoteEnd(text, at + 1)
    if (referrerEnd > 0) {
      event.http_referrer = dash(text.slice(at + 1, referrerEnd))
      at = referrerEnd + 2
      if (text.charCodeAt(at) === 34) {
        // A line that was cut may end inside the agent.
        const agentEnd = quoteEnd(text, at + 1)
        event.user_agent_original = dash(text.slice(at + 1, agentEnd < 0 ? text.length : agentEnd))
        at = agentEnd < 0 ? text.length : agentEnd + 2
      }
    }
  }
  if (at < text.length) readExtra(event, text.slice(at))
  return ok
}
