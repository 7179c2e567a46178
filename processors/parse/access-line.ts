// What does a line of a web access log say? Common, combined and vhost variants, shared by nginx, Apache and everything like them.
import type { Event } from '../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../schemas/outcome.ts'
import { toAddress } from './address.ts'
import { put } from './fields.ts'
import { ACCESS_TIME_LENGTH, accessTime, setTime } from './time.ts'
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

/** Who asked whom: `[vhost[:port]] address ident user`, the user perhaps with spaces or missing. */
function readHead(event: Event, head: string): void {
  let first = head.indexOf(' ')
  if (first < 0) first = head.length
  let client = head.slice(0, first)
  let rest = first + 1
  let address = toAddress(client)
  if (head.charCodeAt(rest) !== 45 || head.charCodeAt(rest + 1) !== 32 || address === '') {
    // Not `address - …`: a virtual host may stand first.
    let second = head.indexOf(' ', rest)
    if (second < 0) second = head.length
    const candidate = toAddress(head.slice(rest, second))
    if (candidate !== '') {
      setDomain(event, client)
      client = head.slice(rest, second)
      address = candidate
      rest = second + 1
    } else if (client.endsWith(',')) {
      // A forwarded-for chain in the place of the address: said by the client, so not trusted.
      let end = rest
      while (end < head.length && head.charCodeAt(end) !== 45) end = head.indexOf(' ', end) + 1 || head.length
      put(event, 'http.request.headers.x-forwarded-for', head.slice(0, end).trim())
      client = ''
      rest = end
    }
  }
  if (address !== '') event.source_ip = address
  else if (client !== '' && client !== '-') put(event, 'source.domain', client)
  const user = head.indexOf(' ', rest)
  if (user < 0) return
  if (user - rest > 1) put(event, 'client.ident', head.slice(rest, user))
  const name = head.slice(user + 1)
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
export function readAccessLine(text: string, event: Event, dataset: string): Outcome {
  let bracket = text.indexOf(' [')
  let time = -1
  for (let i = 0; bracket > 0 && i < MAX_BRACKETS; i++) {
    time = accessTime(text, bracket + 2)
    if (time >= 0) break
    bracket = text.indexOf(' [', bracket + 2)
  }
  if (time < 0) return miss
  const open = bracket + 2 + ACCESS_TIME_LENGTH
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

  event.dataset = dataset
  event.event_category = 'web'
  event.event_action = 'http_request'
  event.network_protocol = 'http'
  setTime(event, time)
  readHead(event, text.slice(0, bracket))
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
