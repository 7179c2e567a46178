// What does BIND's name server log? Queries, what it refused, what policy rewrote, and what it says about itself.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { ParseContext, Parser, TextReader } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put } from '../values/fields.ts'
import { readDashTime, readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'

/** Categories that `print-category` puts before a message. Source: BIND 9.18 Administrator Reference Manual, "The category Phrase". */
const categories: ReadonlySet<string> = new Set(
  'client cname config database default delegation-only dispatch dnssec dnstap edns-disabled general lame-servers network notify nsid queries query-errors rate-limit resolver rpz rpz-passthru security serve-stale spill sslkeylog trust-anchor-telemetry unmatched update update-policy update-security xfer-in xfer-out zoneload'.split(
    ' ',
  ),
)
const level = /^(critical|error|warning|notice|info|dynamic|debug)(?: \d{1,3})?: /

/** First letters of lines without a time: a category, a severity or the client itself. */
export const bindBegins = [...new Set([...categories, 'error', 'warning', 'info'].map((word) => word.charAt(0)))].join(
  '',
)

/** Behind an optional id: address, port, key, the name asked for (spaces and brackets in it are escaped), view. */
const client =
  /^client (?:@0x[\da-f]{1,16} )?([\da-fA-F.:]{2,45}(?:%\w{1,16})?)#(\d{1,5})(?:\/key (\S{1,255}))?(?: \((\S{1,1024})\))?: (?:view (\S{1,64}): )?/

/** How BIND writes a query: name, class, type, flags, the address that it came to. */
const query = /^query: (\S{1,1024}) (\S{1,16}) (\S{1,16}) ([-+]\S{0,32})(?: \(([\da-fA-F.:]{2,45})\))?/

/** What a reader of a message learns about a question: name, type, and what became of it. */
interface Answer {
  readonly action: string
  readonly name?: string | undefined
  readonly type?: string | undefined
  readonly code?: string | undefined
  readonly reason?: string | undefined
}

type Found = readonly (string | undefined)[]

/** Messages behind the client. Names hold neither spaces nor unescaped brackets, quotes they may hold. */
const messages: readonly (readonly [shape: RegExp, read: (found: Found) => Answer])[] = [
  [
    /^query (?:\(cache\) )?'(\S{1,1024})\/(\S{1,16})\/\S{1,16}' denied(?: \((.{1,200})\))?/,
    ([, name, type, reason]) => ({ action: 'dns_query', name, type, code: 'REFUSED', reason }),
  ],
  [
    /^(?:bad )?zone transfer (?:request: )?'(\S{1,1024}?)(?:\/([AI]XFR))?\/[A-Z]{2,5}'(?:: (.{1,200})| denied)/,
    ([, name, type = 'AXFR', reason]) => ({ action: 'zone_transfer', name, type, code: 'REFUSED', reason }),
  ],
  [
    /^update (?:forwarding )?'(\S{1,1024})\/[A-Z]{2,5}' denied/,
    ([, name]) => ({ action: 'dns_update', name, type: 'SOA', code: 'REFUSED' }),
  ],
  [
    /^query failed \(([^()]{1,40})\) for (\S{1,1024})\/[A-Z]{2,5}\/(\S{1,16}) at /,
    ([, code, name, type]) => ({ action: 'dns_answer', name, type, code: code === 'failure' ? 'SERVFAIL' : code }),
  ],
  [
    /^rate limit (drop|slip) (\S{1,16} )?response to \S{1,64} for (\S{1,1024})/,
    ([, , kind = '', name]) => ({ action: 'dns_rate_limit', name, code: kind.startsWith('NX') ? 'NXDOMAIN' : '' }),
  ],
  [
    /^rpz (\S{1,16}) (\S{1,16})(?: Local-Data)? rewrite (\S{1,1024})\/(\S{1,16})\/[A-Z]{2,5} via (\S{1,1024})/,
    ([, , policy, name, type, zone]) => ({ action: 'dns_block', name, type, code: policy, reason: zone }),
  ],
  [
    /^transfer of '(\S{1,1024})\/[A-Z]{2,5}': ([AI]XFR) (?:started|ended)/,
    ([, name, type]) => ({ action: 'zone_transfer', name, type, code: 'NOERROR' }),
  ],
  [/^request has invalid signature: (.{1,200})/, ([, reason]) => ({ action: 'dns_query', code: 'NOTAUTH', reason })],
]

/** The category and severity at the head of a line, and where the message behind them begins. */
function readPrefix(text: string, from: number): { category: string; severity: string; at: number } {
  const colon = from + text.slice(from, from + 34).indexOf(': ')
  const named = colon > from && categories.has(text.slice(from, colon))
  const at = named ? colon + 2 : from
  const found = level.exec(text.slice(at, at + 24))
  return {
    category: named ? text.slice(from, colon) : '',
    severity: found?.[1] ?? '',
    at: at + (found?.[0].length ?? 0),
  }
}

function setQuestion(event: Event, name: string, type: string): void {
  event.dns_question_name = (name === '.' ? name : name.replace(/\.$/, '')).toLowerCase()
  event.dns_question_type = type
}

function readQuery(event: Event, found: Found): void {
  const [, name = '', kind = '', type = '', flags = '', server = ''] = found
  event.event_action = 'dns_query'
  setQuestion(event, name, type)
  event.destination_ip = toAddress(server)
  event.network_transport = flags.includes('T') ? 'tcp' : 'udp'
  put(event, 'dns.question.class', kind)
  put(event, 'bind.flags', flags)
}

function readAnswer(event: Event, answer: Answer): void {
  const { action, name = '', type = '', code = '', reason = '' } = answer
  event.event_action = action
  if (name !== '') setQuestion(event, name, type)
  event.dns_response_code = code
  event.event_outcome = code === 'NOERROR' ? 'success' : 'failure'
  if (action === 'dns_block') event.rule_name = reason
  else put(event, 'event.reason', reason)
}

/** Read what the server says about a client; false if the text is no such message. */
function readClient(head: string, event: Event): boolean {
  const found = client.exec(head)
  const address = toAddress(found?.[1] ?? '')
  if (found === null || address === '') return false
  const [all, , port = '', key = '', asked = '', view = ''] = found
  const message = head.slice(all.length)
  event.event_category = 'network'
  event.network_protocol = 'dns'
  event.source_ip = address
  event.source_port = toPort(port)
  put(event, 'bind.key', key)
  put(event, 'bind.view', view)
  const queried = query.exec(message)
  if (queried !== null) {
    readQuery(event, queried)
    return true
  }
  if (asked !== '') setQuestion(event, asked, '')
  for (const [shape, read] of messages) {
    const matched = shape.exec(message)
    if (matched === null) continue
    readAnswer(event, read(matched))
    break
  }
  return true
}

/** Longest message that is looked at for its meaning. */
const MAX_MESSAGE = 8192

/** Read a message from `from` on. `sure`: it is BIND's whatever it says; else only what is about a client is. */
function readMessage(text: string, from: number, event: Event, sure: boolean): Outcome {
  const { category, severity, at } = readPrefix(text, from)
  if (!readClient(text.slice(at, at + MAX_MESSAGE), event)) {
    if (!sure && !(category !== '' && severity !== '')) return miss
    event.event_category = 'host'
  }
  event.dataset = 'bind'
  if (severity !== '') event.log_level = severity
  put(event, 'bind.category', category)
  return ok
}

/** What `named` gave to syslog. */
export const readNamed: TextReader = (text, event) => readMessage(text, 0, event, true)

/**
 * A line of BIND's log: `19-Oct-2022 05:34:02.425 queries: info: client @0x7f65100ee4d8 203.0.113.7#3076 (kpu.example): query: kpu.example IN A +
 * (192.0.2.1)`, each part before the client as configured. Source: BIND 9.18 Administrator Reference Manual, "logging"; lib/ns/client.c.
 */
export const bind: Parser = {
  format: 'bind',
  parse(text, event, { zoneMinutes }: ParseContext) {
    const iso = text.charCodeAt(10) === 84 && readIsoTime(text, 0, zoneMinutes)
    const timed = iso || readDashTime(text, 0, zoneMinutes)
    const { ms, end, zoned } = stamp
    // What begins with a digit and is no time is quickly told: access lines come here.
    if (timed ? text.charCodeAt(end) !== 32 : text.charCodeAt(0) <= 57) return miss
    const outcome = readMessage(text, timed ? end + 1 : 0, event, false)
    if (outcome !== ok || !timed) return outcome
    if (zoned) setTime(event, ms)
    else setLocalTime(event, ms)
    return ok
  },
}
