// What does a message of the PostgreSQL server say, behind its level?
import type { Event } from '../../../schemas/event.ts'
import { toPort } from '../values/address.ts'
import { readCsv } from '../values/csv.ts'
import { put, putSource } from '../values/fields.ts'
import { setLogin } from './postgresql-prefix.ts'

/** Refusals that quote the user: up to the last quote, since a name may hold quotes itself. */
const refusals: readonly RegExp[] = [
  /^[\w -]{0,40}authentication failed for user "(.*)"/s,
  /^(?:no pg_hba\.conf entry|pg_hba\.conf rejects).{0,40}? host "[^"]*", user "(.*?)"(?:, |$)/s,
  /^role "(.*)" (?:does not exist|is not permitted to log in)/s,
  /^too many connections for role "(.*)"/s,
]

/** Other reasons for which a client does not get in, as the server writes them at level FATAL. */
const unquoted = [
  'empty password returned by client',
  'no pg_hba.conf entry',
  'pg_hba.conf rejects',
  'permission denied for database',
  'password has expired',
  'connection requires a valid client certificate',
  'unsupported authentication method',
]

/** What scanners that do not speak the protocol make the server write. */
const probes = [
  'invalid length of startup packet',
  'unsupported frontend protocol',
  'incomplete startup packet',
  'invalid startup packet layout',
  'could not accept SSL connection',
]

/** The user that a message quotes or names, '' if it does none. */
export function userOf(message: string): string {
  for (const refusal of refusals) {
    const found = refusal.exec(message)
    if (found !== null) return found[1] ?? ''
  }
  const at = message.indexOf(' authorized: user=')
  if (at < 0 || at > 40) return ''
  const from = at + 18
  const to = message.indexOf(' database=', from)
  return to < 0 ? (message.slice(from).split(' ', 1)[0] ?? '') : message.slice(from, to)
}

function set(event: Event, category: string, action: string, outcome: string): void {
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
}

/** Word behind the last `key`, up to a space. */
function last(message: string, key: string): string {
  const at = message.lastIndexOf(key)
  if (at < 0) return ''
  const from = at + key.length
  const end = message.indexOf(' ', from)
  return message.slice(from, end < 0 ? undefined : end)
}

/** `host=192.0.2.7 port=4711`; `host=[local]` has no port. */
function setEndpoint(event: Event, message: string): void {
  const host = last(message, ' host=')
  if (host !== '' && host !== '[local]') putSource(event, host)
  const port = toPort(last(message, ' port='))
  if (port !== 0) event.source_port = port
}

/** `connection authorized: user=u database=d application_name=a SSL enabled (protocol=TLSv1.3, …)` */
function authorized(event: Event, message: string): void {
  set(event, 'authentication', 'db_login', 'success')
  const from = message.indexOf(' database=')
  const database = from < 0 ? '' : (message.slice(from + 10).split(' ', 1)[0] ?? '')
  setLogin(event, userOf(message), database)
  const application = / application_name=(.{1,256}?)(?: SSL enabled \(| GSS \(|$)/s.exec(message)?.[1] ?? ''
  put(event, 'postgresql.log.application_name', application)
  const at = message.indexOf('(protocol=TLSv')
  if (at > 0) event.tls_version = message.slice(at + 14, message.indexOf(',', at)).slice(0, 8)
}

/** pgaudit: `AUDIT: SESSION,1,1,DDL,CREATE TABLE,TABLE,public.t,create table …,<none>`. */
function audited(event: Event, message: string): void {
  const [kind = '', , , group = '', command = '', objectType = '', objectName = '', statement = ''] = readCsv(
    message,
    7,
    9,
  )
  set(event, 'database', 'db_statement', 'success')
  put(event, 'postgresql.audit.type', kind)
  put(event, 'postgresql.audit.class', group)
  put(event, 'postgresql.audit.command', command)
  put(event, 'postgresql.audit.object_type', objectType)
  put(event, 'postgresql.audit.object_name', objectName)
  put(event, 'db.statement', statement)
}

const statement = /^(?:duration: (\d+(?:\.\d+)?) ms(?: {2}|$))?(?:(?:statement|(?:execute|parse|bind) [^:]{1,128}): )?/

/** `statement: …`, `execute <unnamed>: …`, `duration: 12.3 ms  statement: …`, `duration: 12.3 ms`. Answers whether it is one. */
function executed(event: Event, message: string): boolean {
  const [all = '', milliseconds] = statement.exec(message) ?? []
  if (all === '') return false
  set(event, 'database', 'db_statement', 'success')
  // ECS counts in nanoseconds.
  if (milliseconds !== undefined) put(event, 'event.duration', String(Math.round(Number(milliseconds) * 1e6)))
  put(event, 'db.statement', message.slice(all.length))
  return true
}

/** `host "192.0.2.7"` of a refusal by pg_hba.conf. */
function setRefusedHost(event: Event, message: string): void {
  const host = /^.{0,80}? host "([^"]{1,255})"/.exec(message)?.[1] ?? ''
  if (host !== '' && host !== '[local]') putSource(event, host)
  const database = /", database "([^"]{1,255})"/.exec(message.slice(0, 1024))?.[1] ?? ''
  put(event, 'db.name', database)
}

function failed(event: Event, severity: string, message: string): void {
  const refused =
    refusals.some((refusal) => refusal.test(message)) || unquoted.some((reason) => message.includes(reason))
  const noDatabase = message.startsWith('database "') && message.includes('" does not exist')
  if (severity === 'FATAL' && (refused || noDatabase)) {
    set(event, 'authentication', 'db_login', 'failure')
    put(event, 'event.reason', message)
    setRefusedHost(event, message)
  } else {
    set(event, 'database', 'db_error', 'failure')
    put(event, 'error.message', message)
  }
}

/** Read a message into an event that knows its prefix. */
export function readMessageText(event: Event, severity: string, text: string): void {
  // A message is judged by its head: the rest may be a query of any length.
  const head = text.slice(0, 1024)
  if (severity === 'ERROR' || severity === 'FATAL' || severity === 'PANIC') {
    failed(event, severity, head)
  } else if (severity === 'STATEMENT' || severity === 'QUERY') {
    set(event, 'database', 'db_statement', 'failure')
    put(event, 'db.statement', text)
  } else if (head.startsWith('connection received: ')) {
    set(event, 'database', 'db_connect', '')
    setEndpoint(event, head)
  } else if (head.startsWith('connection authenticated: ')) {
    // The log-in itself is the line behind, `connection authorized`.
    set(event, 'database', 'db_authenticated', 'success')
    const identity = /identity="([^"]{1,256})"/.exec(head)?.[1] ?? ''
    setLogin(event, identity, '')
    put(event, 'postgresql.log.method', last(head, ' method='))
  } else if (head.startsWith('connection authorized: ') || head.startsWith('replication connection authorized: ')) {
    authorized(event, head)
  } else if (head.startsWith('disconnection: ')) {
    set(event, 'database', 'db_disconnect', '')
    setEndpoint(event, head)
    setLogin(event, last(head, ' user='), last(head, ' database='))
  } else if (probes.some((probe) => head.startsWith(probe))) {
    set(event, 'database', 'db_probe', 'failure')
  } else if (head.startsWith('AUDIT: ')) {
    audited(event, text)
  } else if (!executed(event, text)) {
    event.event_action = 'db_log'
    put(event, 'event.reason', head)
  }
}
