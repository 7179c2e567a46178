// What does a web application firewall write to its audit log? ModSecurity's native parts; JSON of ModSecurity and Coraza is modsecurity-json.ts.
import type { Event } from '../../../schemas/event.ts'
import { formatHeader, miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { accessTime, setTime, stamp } from '../values/time.ts'
import { isAuditJson, readAuditJson } from './modsecurity-json.ts'
import { parseRuleMessage, type RuleHit, setHits } from './rule-message.ts'
import { readRequest, setDomain, statusOutcome } from './web.ts'

/** `--a7c9c73c-A--`: the boundary is drawn by lot for each transaction, so that no body can hold it. */
const boundary = /^--([\w@-]{1,64})-([A-K]|Z)--\r?(?:\n|$)/

/** Lines of a part that are looked at. */
const MAX_LINES = 512

/** Parts by their letters. */
type Parts = ReadonlyMap<string, string>

/** Divide a text that begins with a boundary. A text may hold some parts only; what it holds twice counts once. */
function divide(text: string, mark: string): Parts {
  const parts = new Map<string, string>()
  const start = `--${mark}-`
  let at = 0
  while (at >= 0) {
    const letter = text.charAt(at + start.length)
    const lineEnd = text.indexOf('\n', at)
    const next = text.indexOf(`\n${start}`, at)
    if (lineEnd < 0) break
    if (!parts.has(letter)) parts.set(letter, text.slice(lineEnd + 1, next < lineEnd + 1 ? text.length : next))
    at = next < 0 ? -1 : next + 1
  }
  return parts
}

function linesOf(part: string): string[] {
  return part.split('\n', MAX_LINES).map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

/** Value of the first header of a name, given in small letters, among the lines of a part. */
function headerAmong(lines: readonly string[], name: string): string {
  for (const line of lines) {
    if (line.charCodeAt(name.length) === 58 && line.slice(0, name.length).toLowerCase() === name) {
      return line.slice(name.length + 1).trim()
    }
  }
  return ''
}

/** Read part A, `[27/Nov/2024:08:16:03 +0700] id 192.0.2.7 51234 198.51.100.1 443`; false if the text is none. */
function readHeader(event: Event, text: string, context: ParseContext): boolean {
  const time = text.charCodeAt(0) === 91 ? accessTime(text, 1, context) : -1
  if (time < 0 || !text.startsWith('] ', stamp.end)) return false
  const [id = '', client = '', clientPort = '', server = '', serverPort = ''] =
    text
      .slice(stamp.end + 2, stamp.end + 400)
      .split('\n', 1)[0]
      ?.trim()
      .split(' ') ?? []
  if (toAddress(client) === '') return false
  setTime(event, time)
  event.source_ip = toAddress(client)
  event.source_port = toPort(clientPort)
  event.destination_ip = toAddress(server)
  event.destination_port = toPort(serverPort)
  put(event, 'modsecurity.unique_id', id)
  return true
}

/** Read part B: request line and headers. */
function readRequestPart(event: Event, part: string): void {
  const [first = '', ...headers] = linesOf(part)
  const port = event.destination_port
  readRequest(event, first, 0, first.length)
  const host = headerAmong(headers, 'host')
  if (host !== '') setDomain(event, host)
  if (port !== 0) event.destination_port = port
  event.user_agent_original = headerAmong(headers, 'user-agent')
  event.http_referrer = headerAmong(headers, 'referer')
  put(event, 'http.request.headers.x-forwarded-for', headerAmong(headers, 'x-forwarded-for'))
}

/** Set the status in `HTTP/1.1 403 Forbidden`. */
function readResponsePart(event: Event, part: string): void {
  if (!part.startsWith('HTTP/')) return
  event.http_status_code = asNumber(part.slice(0, 64).split(' ', 2)[1]?.slice(0, 3), 999)
}

/** Where the words of a rule begin in a line of part H, -1 if it holds none. Version 3 writes no `Message: `. */
function messageAt(line: string): number {
  if (line.startsWith('Message: ')) return 9
  const said = line.indexOf('ModSecurity: ')
  return said === 0 || (said > 0 && said < 64 && line.startsWith('[client ')) ? said + 13 : -1
}

/** Read part H: the rules that matched and what was done. */
function readTrailer(event: Event, part: string): void {
  const hits: RuleHit[] = []
  let intercepted = false
  for (const line of linesOf(part)) {
    const at = messageAt(line)
    if (at >= 0) {
      const hit = parseRuleMessage(line, at)
      if (hit.id !== '' || hit.message !== '') hits.push(hit)
    } else if (line.startsWith('Action: Intercepted')) intercepted = true
    else if (line.startsWith('Producer: ')) put(event, 'modsecurity.producer', line.slice(10))
    else if (line.startsWith('Engine-Mode: ')) put(event, 'modsecurity.engine_mode', line.slice(13).replaceAll('"', ''))
  }
  setHits(event, hits, intercepted)
}

function begin(event: Event): void {
  event.dataset = 'modsecurity.audit'
  event.event_category = 'web'
  event.event_action = 'http_request'
  event.network_protocol = 'http'
  event.observer_product = 'ModSecurity'
}

/**
 * Read a transaction of the native format, its parts in one text; also some parts alone. A boundary alone says nothing.
 * Source: ModSecurity 2 Data Formats, "Audit Log".
 */
export function readNativeAudit(text: string, event: Event, context: ParseContext): Outcome {
  const [, mark = ''] = boundary.exec(text) ?? []
  if (mark === '') return miss
  const parts = divide(text, mark)
  if ([...parts.values()].every((part) => part.trim() === '')) return formatHeader
  begin(event)
  readHeader(event, parts.get('A') ?? '', context)
  readRequestPart(event, parts.get('B') ?? '')
  readResponsePart(event, parts.get('F') ?? '')
  event.event_outcome = statusOutcome(event.http_status_code)
  readTrailer(event, parts.get('H') ?? '')
  if (event.event_action === 'waf_block') event.event_outcome = 'failure'
  return ok
}

/** A line of part A or H that a collector handed on alone. */
function readLoneLine(text: string, event: Event, context: ParseContext): Outcome {
  const isHeader = readHeader(event, text, context)
  if (!isHeader && !(messageAt(text) >= 0 && text.includes('[id "'))) return miss
  begin(event)
  if (!isHeader) readTrailer(event, text)
  if (event.event_action === 'waf_block') event.event_outcome = 'failure'
  return ok
}

export const modsecurityAudit: Parser = {
  format: 'modsecurity.audit',
  parse(text, event, context) {
    if (looksLikeObject(text)) {
      return readObject(text, event, context, (values) =>
        isAuditJson(values) ? readAuditJson(values, event, context) : miss,
      )
    }
    const outcome = readNativeAudit(text, event, context)
    return outcome === miss ? readLoneLine(text, event, context) : outcome
  },
}
