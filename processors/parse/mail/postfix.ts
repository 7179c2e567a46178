// What did the mail server Postfix do? Connections, refusals, log-ins and deliveries, as its daemons write to syslog.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, tag } from '../values/fields.ts'

/** `kpu.example[203.0.113.7]:4711`; the name is what DNS says of the address, `unknown` if nothing. Postscreen writes no name. */
const endpoint = /([\w.-]{0,255})\[([\da-fA-F:.]{2,45})\](?::(\d{1,5}))?/y

/** Read an endpoint at `at` as the client or the server; index behind it, or -1. */
function endpointAt(event: Event, text: string, at: number, side: 'source' | 'destination'): number {
  endpoint.lastIndex = at
  const found = endpoint.exec(text)
  const [all = '', name = '', host = '', port = ''] = found ?? []
  // Older servers write `IPv6:` before the address.
  const address = toAddress(host)
  if (address === '') return -1
  if (side === 'source') {
    event.source_ip = address
    event.source_port = toPort(port)
  } else {
    event.destination_ip = address
    event.destination_port = toPort(port)
  }
  if (name !== '' && name !== 'unknown') put(event, `${side}.domain`, name)
  return at + all.length
}

function set(event: Event, category: string, action: string, outcome: string, reason = ''): Outcome {
  event.dataset = 'postfix'
  event.network_protocol = 'smtp'
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
  put(event, 'event.reason', reason)
  return ok
}

/** Text of `key<…>` from `from` on. */
function bracketed(text: string, key: string, from: number): string {
  const at = text.indexOf(key, from)
  const close = at < 0 ? -1 : text.indexOf('>', at + key.length)
  return close < 0 ? '' : text.slice(at + key.length, close)
}

/** Sender, recipient and greeting stand at the end. All are the client's words: a second `; from=<` in them is marked. */
function setEnvelope(event: Event, text: string): number {
  const from = text.indexOf('; from=<')
  if (from < 0) return text.length
  if (text.indexOf('; from=<', from + 1) > 0) tag(event, 'client_ambiguous')
  put(event, 'email.from.address', bracketed(text, '; from=<', from))
  put(event, 'email.to.address', bracketed(text, ' to=<', from))
  put(event, 'postfix.helo', bracketed(text, ' helo=<', from))
  return from
}

/** `RCPT from host[address]: 554 5.7.1 <a@b>: Relay access denied; from=<…> to=<…> proto=ESMTP helo=<…>` behind `reject: `. */
function rejected(event: Event, text: string, action: string): Outcome {
  const from = text.indexOf(' from ')
  if (from < 0 || from > 40) return miss
  const at = endpointAt(event, text, from + 6, 'source')
  if (at < 0) return miss
  put(event, 'postfix.stage', text.slice(0, from))
  const end = setEnvelope(event, text)
  const reply = text.startsWith(': ', at) ? text.slice(at + 2, Math.max(at + 2, end)) : ''
  const code = /^(\d{3})(?: (\d\.\d{1,3}\.\d{1,3}))? /.exec(reply)
  if (code !== null) {
    event.event_code = code[1] ?? ''
    put(event, 'postfix.dsn', code[2] ?? '')
  }
  return set(event, 'email', action, 'failure', reply.slice(code?.[0].length ?? 0))
}

/** What is done with a message or a command, by the word behind the queue id. */
const verdicts: Readonly<Record<string, string>> = {
  reject: 'mail_reject',
  'milter-reject': 'mail_reject',
  'proxy-reject': 'mail_reject',
  reject_warning: 'mail_reject_warning',
  'milter-hold': 'mail_hold',
  hold: 'mail_hold',
  discard: 'mail_discard',
  'milter-discard': 'mail_discard',
}

/** `host[address]: SASL LOGIN authentication failed: reason, sasl_username=siti`: the name comes last. */
function saslFailed(event: Event, text: string, at: number): Outcome {
  const method = /^: SASL ([\w-]{1,40}) authentication (?:failed|aborted)(?:: )?/.exec(text.slice(at, at + 120))
  if (method === null) return miss
  put(event, 'postfix.sasl_method', method[1] ?? '')
  const rest = text.slice(at + method[0].length)
  const name = rest.indexOf('sasl_username=')
  if (name >= 0) event.user_name = rest.slice(name + 14)
  return set(
    event,
    'authentication',
    'mail_login',
    'failure',
    rest.slice(0, name < 0 ? undefined : name).replace(/, $/, ''),
  )
}

/** Warnings about a client, by the words before its endpoint. */
const warnings: readonly (readonly [begins: string, action: string])[] = [
  ['non-SMTP command from ', 'mail_probe'],
  ['non-E/SMTP command from ', 'mail_probe'],
  ['Illegal address syntax from ', 'mail_probe'],
  ['malformed request from ', 'mail_probe'],
]

/** `Connection rate limit exceeded: 61 from host[address] for service smtp` */
const limit =
  /^(?:Connection|Message delivery request|Recipient address|New TLS session|AUTH command) (?:rate|concurrency) limit exceeded: \d{1,9} from /

function warned(event: Event, text: string): Outcome {
  event.log_level = 'warning'
  const direct = endpointAt(event, text, 0, 'source')
  if (direct > 0) {
    const outcome = saslFailed(event, text, direct)
    return outcome === miss ? set(event, 'email', 'mail_warning', '', text.slice(direct).replace(/^: /, '')) : outcome
  }
  for (const [begins, action] of warnings) {
    if (!text.startsWith(begins)) continue
    const at = endpointAt(event, text, begins.length, 'source')
    return set(event, 'network', action, 'failure', at < 0 ? text : begins.slice(0, -6) + text.slice(at))
  }
  const over = limit.exec(text)
  if (over !== null) {
    endpointAt(event, text, over[0].length, 'source')
    return set(event, 'network', 'mail_rate_limit', 'failure', text.slice(0, over[0].length - 6))
  }
  const unresolved =
    /^hostname ([\w.-]{1,255}) (?:does not resolve to address|verification failed:?) ([\da-fA-F:.]{2,45}?)(?::? |:?$)/.exec(
      text,
    )
  if (unresolved !== null) {
    event.source_ip = toAddress(unresolved[2] ?? '')
    put(event, 'source.domain', unresolved[1] ?? '')
    return set(event, 'network', 'mail_reverse_mapping', 'unknown', 'host name does not resolve to the address')
  }
  return set(event, 'email', 'mail_warning', '', text)
}

/** Lines about a connection: the words before the endpoint, what they mean, how it ended. */
const connections: readonly (readonly [begins: string, category: string, action: string, outcome: string])[] = [
  ['connect from ', 'network', 'mail_connect', ''],
  ['disconnect from ', 'network', 'mail_disconnect', ''],
  ['SSL_accept error from ', 'network', 'mail_tls_error', 'failure'],
  ['CONNECT from ', 'network', 'mail_connect', ''],
  ['DISCONNECT ', 'network', 'mail_disconnect', ''],
  ['PASS OLD ', 'network', 'postscreen_pass', 'success'],
  ['PASS NEW ', 'network', 'postscreen_pass', 'success'],
  ['WHITELISTED ', 'network', 'postscreen_pass', 'success'],
  ['ALLOWLISTED ', 'network', 'postscreen_pass', 'success'],
  ['BLACKLISTED ', 'network', 'postscreen_block', 'failure'],
  ['DENYLISTED ', 'network', 'postscreen_block', 'failure'],
  ['WHITELIST VETO ', 'network', 'postscreen_block', 'failure'],
  ['ALLOWLIST VETO ', 'network', 'postscreen_block', 'failure'],
]

/** `lost connection after AUTH from host[address]`, and what postscreen saw before the server's greeting. */
const broken =
  /^(lost connection after \S{1,40}|timeout after \S{1,40}|too many errors after \S{1,40}|improper command pipelining after \S{1,40}|PREGREET \d{1,9} after [\d.]{1,12}|HANGUP after [\d.]{1,12}|COMMAND (?:PIPELINING|TIME LIMIT|COUNT LIMIT|LENGTH LIMIT)|BARE NEWLINE|NON-SMTP COMMAND)(?: \([^)]{0,60}\))? from /

/** `disconnect from … auth=0/1`: of the log-ins that were tried fewer succeeded. Each has a line of its own if the server got to check it. */
function loginsFailed(text: string, at: number): boolean {
  const [, good, all] = / auth=(?:(\d{1,6})\/)?(\d{1,6})(?: |$)/.exec(text.slice(at)) ?? []
  return good !== undefined && Number(good) < Number(all)
}

function connection(event: Event, text: string): Outcome {
  for (const [begins, category, action, outcome] of connections) {
    if (!text.startsWith(begins)) continue
    const at = endpointAt(event, text, begins.length, 'source')
    if (at < 0) return miss
    if (text.startsWith(' to ', at)) endpointAt(event, text, at + 4, 'destination')
    else put(event, 'event.reason', text.slice(at).replace(/^:? /, ''))
    return set(event, category, action, loginsFailed(text, at) ? 'failure' : outcome)
  }
  const rank = /^DNSBL rank (\d{1,9}) for /.exec(text)
  if (rank !== null && endpointAt(event, text, rank[0].length, 'source') > 0) {
    put(event, 'postfix.dnsbl_rank', rank[1] ?? '')
    return set(event, 'network', 'postscreen_block', 'failure', 'on block lists')
  }
  const end = broken.exec(text)
  if (end !== null && endpointAt(event, text, end[0].length, 'source') > 0) {
    const [, what = ''] = end
    const probe = /^[A-Z]/.test(what) || what.startsWith('improper')
    return set(event, 'network', probe ? 'mail_probe' : 'mail_disconnect', 'failure', what)
  }
  const tls = /^(Anonymous|Untrusted|Trusted|Verified) TLS connection established (from|to) /.exec(text)
  if (tls === null) return miss
  const at = endpointAt(event, text, tls[0].length, tls[2] === 'from' ? 'source' : 'destination')
  if (at < 0) return miss
  event.tls_version = (/^: (?:TLSv|SSLv)([\d.]{1,5})/.exec(text.slice(at, at + 20)) ?? [])[1] ?? ''
  return set(event, 'network', 'mail_tls', 'success')
}

const outcomes: Readonly<Record<string, string>> = {
  sent: 'success',
  delivered: 'success',
  bounced: 'failure',
  deferred: 'failure',
  expired: 'failure',
  undeliverable: 'failure',
  deliverable: 'success',
}

/** `to=<a@b>, relay=mx[address]:25, delay=0.5, dsn=2.0.0, status=sent (250 Ok)`: what the other server said stands last. */
function delivered(event: Event, text: string): Outcome {
  const status = / status=([a-z-]{1,20})(?: |$)/.exec(text)
  if (status === null) return miss
  const [, word = ''] = status
  put(event, 'email.to.address', bracketed(text, 'to=<', 0))
  put(event, 'postfix.orig_to', bracketed(text, ' orig_to=<', 0))
  const relay = text.indexOf(', relay=')
  if (relay > 0 && relay < status.index) {
    const end = text.indexOf(',', relay + 8)
    put(event, 'postfix.relay', text.slice(relay + 8, end < 0 ? undefined : end))
    endpointAt(event, text, relay + 8, 'destination')
  }
  put(event, 'postfix.dsn', / dsn=(\d\.\d{1,3}\.\d{1,3}),/.exec(text)?.[1] ?? '')
  put(event, 'postfix.delay', / delay=([\d.]{1,12}),/.exec(text)?.[1] ?? '')
  put(event, 'postfix.status', word)
  const said = text.slice(status.index + status[0].length)
  return set(event, 'email', 'mail_delivery', outcomes[word] ?? '', said.replace(/^\((.*)\)$/s, '$1'))
}

/** `client=host[address], sasl_method=PLAIN, sasl_username=siti`: with a name somebody has logged in. */
function accepted(event: Event, text: string): Outcome {
  const at = endpointAt(event, text, 7, 'source')
  if (at < 0) return miss
  const name = text.indexOf(', sasl_username=', at)
  if (name < 0) return set(event, 'email', 'mail_accept', 'success')
  put(event, 'postfix.sasl_method', /^, sasl_method=([\w-]{1,40})/.exec(text.slice(at, at + 60))?.[1] ?? '')
  const sender = text.lastIndexOf(', sasl_sender=')
  event.user_name = text.slice(name + 16, sender > name ? sender : undefined)
  return set(event, 'authentication', 'mail_login', 'success')
}

/** Lines that begin with the id of a message in the queue: short hex, long ids, or NOQUEUE. */
const queue = /^([0-9A-F]{5,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,20}|NOQUEUE): /

function queued(event: Event, id: string, text: string): Outcome {
  const word = /^([a-z_-]{4,20}): /.exec(text)?.[1] ?? ''
  if (Object.hasOwn(verdicts, word)) return rejected(event, text.slice(word.length + 2), verdicts[word] ?? '')
  if (text.startsWith('client=')) return accepted(event, text)
  if (text.startsWith('to=<')) return delivered(event, text)
  if (text.startsWith('message-id=')) {
    put(event, 'email.message_id', text.slice(11).replace(/^<(.*)>$/s, '$1'))
    return set(event, 'email', 'mail_message', '')
  }
  if (text.startsWith('from=<')) {
    put(event, 'email.from.address', bracketed(text, 'from=<', 0))
    put(event, 'postfix.size', /, size=(\d{1,15}),/.exec(text)?.[1] ?? '')
    put(event, 'postfix.recipients', /, nrcpt=(\d{1,9})/.exec(text)?.[1] ?? '')
    return set(event, 'email', text.includes(', status=expired') ? 'mail_expired' : 'mail_queued', '')
  }
  if (text === 'removed') return set(event, 'email', 'mail_removed', '')
  const local = /^uid=(\d{1,10}) from=<([^>]{0,320})>/.exec(text)
  if (local !== null) {
    put(event, 'user.id', local[1] ?? '')
    put(event, 'email.from.address', local[2] ?? '')
    return set(event, 'email', 'mail_pickup', '')
  }
  return id === 'NOQUEUE' && word === '' ? miss : set(event, 'email', 'mail_log', '', text)
}

function read(text: string, event: Event): Outcome {
  const id = queue.exec(text)
  if (id !== null) {
    const [all, name = ''] = id
    const outcome = queued(event, name, text.slice(all.length))
    if (outcome === ok && name !== 'NOQUEUE') put(event, 'postfix.queue_id', name)
    return outcome
  }
  if (text.startsWith('warning: ')) return warned(event, text.slice(9))
  return connection(event, text)
}

/** Daemons of Postfix whose names others have too count only with its name before them: `postfix/smtp`. */
export function readPostfixSyslog(text: string, event: Event): Outcome {
  const own = event.process_name.startsWith('postfix')
  if (!own && !event.process_name.endsWith('smtpd') && !event.process_name.endsWith('postscreen')) return miss
  const outcome = read(text, event)
  return outcome === miss && own ? set(event, 'email', 'mail_log', '', text) : outcome
}

/** Whether words that any program may write stand first: then only the program's name tells. */
function isCommon(text: string): boolean {
  return text.startsWith('warning: ') && !text.includes('SASL ') && !text.includes('SMTP command from ')
}

/** The message behind the tag of a daemon of Postfix. Source: Postfix' source, smtpd(8), qmgr(8), postscreen(8); bounce(5). */
export const postfix: Parser = {
  format: 'postfix',
  parse: (text, event) => (isCommon(text) ? miss : read(text, event)),
}
