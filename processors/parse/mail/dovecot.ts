// Who read mail with Dovecot? Log-ins by IMAP and POP3, what its authentication says, deliveries.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, putSource, tag } from '../values/fields.ts'
import { readIsoTime, setLocalTime, stamp } from '../values/time.ts'

/** Level that Dovecot writes where it writes its own files. */
const levels: Readonly<Record<string, string>> = {
  Debug: 'debug',
  Info: 'info',
  Warning: 'warning',
  Error: 'error',
  Fatal: 'critical',
  Panic: 'critical',
}

/** Protocols by the service that speaks them. */
const protocols: Readonly<Record<string, string>> = {
  'imap-login': 'imap',
  imap: 'imap',
  'pop3-login': 'pop3',
  pop3: 'pop3',
  'managesieve-login': 'managesieve',
  managesieve: 'managesieve',
  'submission-login': 'smtp',
  submission: 'smtp',
  lmtp: 'lmtp',
}

function set(event: Event, category: string, action: string, outcome: string, reason = ''): Outcome {
  event.dataset = 'dovecot'
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
  put(event, 'event.reason', reason)
  return ok
}

/** Value of `, key=` from `from` on, up to the next comma. */
function pair(text: string, key: string, from: number): string {
  const at = text.indexOf(key, from)
  if (at < 0) return ''
  const value = at + key.length
  const comma = text.indexOf(',', value)
  return text.slice(value, comma < 0 ? undefined : comma)
}

/**
 * `Disconnected (auth failed, 1 attempts in 6 secs): user=<siti>, method=PLAIN, rip=203.0.113.7, lip=…`. The name is the client's to choose and
 * may hold `>, rip=`: the address that Dovecot wrote is the last.
 */
function login(event: Event, text: string): Outcome {
  const remote = Math.max(text.lastIndexOf(', rip='), text.lastIndexOf(': rip='))
  if (remote < 0) return miss
  if (text.indexOf(' rip=') !== remote + 1) tag(event, 'client_ambiguous')
  const user = text.indexOf(': user=<')
  const named = user >= 0 && user < remote
  // Without a name `method` or the address itself stands first.
  const bare = text.indexOf(': method=')
  const what = text.slice(0, named ? user : bare >= 0 && bare < remote ? bare : remote)
  const close = named ? text.lastIndexOf('>', remote) : -1
  event.user_name = close > user ? text.slice(user + 8, close) : ''
  putSource(event, pair(text, ' rip=', remote))
  event.source_port = toPort(pair(text, ', rport=', remote))
  event.destination_ip = toAddress(pair(text, ', lip=', remote))
  event.destination_port = toPort(pair(text, ', lport=', remote))
  put(event, 'dovecot.method', pair(text.slice(Math.max(close, 0), remote), ' method=', 0))
  put(event, 'dovecot.session', /, session=<([^>]{1,64})>/.exec(text.slice(remote))?.[1] ?? '')
  if (what === 'Login') return set(event, 'authentication', 'mail_login', 'success')
  if (what.includes('auth failed')) return set(event, 'authentication', 'mail_login', 'failure', what)
  return set(event, 'network', what.includes('no auth attempts') ? 'mail_probe' : 'mail_disconnect', 'failure', what)
}

/** `pam(siti,203.0.113.7,<session>): reason` of the authentication service, also behind `conn unix:auth-worker (…): auth-worker<4>: `. */
const database =
  /(?:^|: )(pam|sql|passwd-file|passwd|shadow|ldap|static|lua|imap|oauth2|checkpassword|policy|vpopmail|bsdauth|cache|login|auth)\(/

function authentication(event: Event, text: string): Outcome {
  const found = database.exec(text)
  if (found === null) return miss
  const from = found.index + found[0].length
  const close = text.indexOf('): ', from)
  if (close < 0) return miss
  const parts = text.slice(from, close).split(',')
  // The session stands last, empty where there is none.
  if (parts.length > 2 && /^(?:<[^>]{1,64}>)?$/.test(parts.at(-1) ?? '')) {
    put(event, 'dovecot.session', parts.pop()?.slice(1, -1) ?? '')
  }
  const address = parts.length > 1 ? (parts.pop() ?? '') : ''
  const reason = text.slice(close + 3)
  const name = parts.join(',')
  if (name !== '?') event.user_name = name
  if (address !== '') putSource(event, address)
  put(event, 'dovecot.passdb', found[1] ?? '')
  // A password that was given may stand behind the reason (auth_verbose_passwords): it is not taken over.
  const given = reason.search(/ ?\((?:SHA1 of )?given password: /)
  const why = given < 0 ? reason : reason.slice(0, given)
  if (
    /^(?:unknown user|.{0,200}(?:ailed|ailure|mismatch|not found|not known|invalid credentials|disabled|expired))/i.test(
      why,
    )
  ) {
    if (why.startsWith('unknown user')) put(event, 'user.known', 'false')
    return set(event, 'authentication', 'mail_login', 'failure', why)
  }
  return set(event, 'authentication', 'mail_auth', '', why)
}

/** `lmtp(siti)<1><session>: msgid=<a@b>: saved mail to INBOX`, `imap(siti)<…>: Disconnected: Logged out in=1 out=2`. */
function session(event: Event, service: string, user: string, text: string): Outcome {
  event.user_name = user
  const message = /(?:^|: )msgid=(?:<([^>]{1,512})>|[^:]{0,80}): (.{0,2000})/s.exec(text)
  if (message !== null) {
    const [, id = '', what = ''] = message
    put(event, 'email.message_id', id)
    return set(event, 'email', 'mail_delivery', /^(?:saved|stored|forwarded)/.test(what) ? 'success' : 'failure', what)
  }
  if (/^(?:Disconnected|Logged out|Connection closed)/.test(text))
    return set(event, 'session', 'session_closed', '', text)
  return set(event, 'email', service.startsWith('lmtp') ? 'mail_delivery_log' : 'mail_log', '', text)
}

/** The service before the first colon, with the user or the process in brackets behind it. */
const head = /^([a-z][a-z0-9-]{1,30})(?:\(([^()]{0,320})\))?(?:<\d{1,10}>)?(?:<[^<>]{1,64}>)?: /

function readService(event: Event, service: string, owner: string, text: string): Outcome {
  const level = /^([A-Z][a-z]{3,6}): /.exec(text)?.[1] ?? ''
  const known = Object.hasOwn(levels, level)
  if (known) event.log_level = levels[level] ?? ''
  const message = known ? text.slice(level.length + 2) : text
  if (Object.hasOwn(protocols, service)) event.network_protocol = protocols[service] ?? ''
  if (service.endsWith('-login')) {
    const outcome = login(event, message)
    return outcome === miss ? set(event, 'network', 'mail_log', '', message) : outcome
  }
  if (service === 'auth' || service === 'auth-worker') {
    const outcome = authentication(event, message)
    return outcome === miss ? set(event, 'authentication', 'mail_auth', '', message) : outcome
  }
  const [user = ''] = owner.split(',', 1)
  if (Object.hasOwn(protocols, service) && user !== '' && !/^\d+$/.test(user))
    return session(event, service, user, message)
  return set(event, 'email', 'mail_log', '', message)
}

/** Names that other programs have too: in Dovecot's own files a level stands behind them. */
const common: ReadonlySet<string> = new Set(['auth', 'imap', 'pop3'])

/** Behind the program `dovecot`, or behind a service that writes under its own name into Dovecot's files. */
export function readDovecotSyslog(text: string, event: Event): Outcome {
  const program = event.process_name
  if (program !== 'dovecot') {
    const [service = '', owner = ''] = program.split('(', 2)
    if (common.has(service) && !/^(?:Debug|Info|Warning|Error|Fatal|Panic): /.test(text)) return miss
    return readService(event, service, owner.replace(/\)$/, ''), text)
  }
  const message = text.startsWith('dovecot: ') ? text.slice(9) : text
  const found = head.exec(message)
  return found === null ? miss : readService(event, found[1] ?? '', found[2] ?? '', message.slice(found[0].length))
}

/** Services that only Dovecot has. */
const own = /^(?:imap-login|pop3-login|managesieve-login|submission-login|auth-worker\([a-z0-9]{1,20}\)): /

/** The message behind Dovecot's tag, or a line of its own files. Source: doc.dovecot.org, "Logging"; login_log_format_elements. */
export const dovecot: Parser = {
  format: 'dovecot',
  parse(text, event, context) {
    const timed =
      text.charCodeAt(10) === 32 && readIsoTime(text, 0, context.zoneMinutes) && text.charCodeAt(stamp.end) === 32
    const { ms, end } = stamp
    const line = timed ? text.slice(end + 1) : text
    const message = line.startsWith('dovecot: ') ? line.slice(9) : line
    const found = own.test(message) || message !== line ? head.exec(message) : null
    if (found === null) return miss
    if (timed) setLocalTime(event, ms)
    return readService(event, found[1] ?? '', found[2] ?? '', message.slice(found[0].length))
  },
}
