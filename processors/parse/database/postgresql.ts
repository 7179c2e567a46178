// What does a PostgreSQL server log? Log-ins, connections, statements and errors, as text, CSV or JSON.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asNumber, asText, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { plain } from '../plain.ts'
import { beginsAsSyslog } from '../syslog/syslog-header.ts'
import { toAddress, toPort } from '../values/address.ts'
import { readCsv } from '../values/csv.ts'
import { put } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { readMessageText, userOf } from './postgresql-message.ts'
import { readPostgresTime, readPrefix, setLogin, setPostgresTime } from './postgresql-prefix.ts'

/** Levels as the server writes them, two spaces behind the colon. */
const level =
  /(?:^|[\s:>\]|,)])(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE): {2}/
const levels: ReadonlySet<string> = new Set(
  'DEBUG DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5 LOG INFO NOTICE WARNING ERROR FATAL PANIC'.split(' '),
)

/** A prefix is short; what comes later is the message of something else. */
const MAX_PREFIX = 512

function begin(event: Event, severity: string): void {
  event.dataset = 'postgresql'
  event.event_category = 'database'
  event.network_protocol = 'postgresql'
  event.log_level = severity.toLowerCase()
}

/** Read `PREFIX LEVEL:  message` behind a time that was read; `miss` without a level. */
function readLine(text: string, from: number, event: Event): Outcome {
  const found = level.exec(text.slice(from, from + MAX_PREFIX))
  if (found === null) return miss
  const [all, severity = ''] = found
  const message = text.slice(from + found.index + all.length)
  begin(event, severity)
  readPrefix(event, text.slice(from, from + found.index + 1), userOf(message))
  readMessageText(event, severity, message)
  return ok
}

/** Set the client of csvlog and jsonlog: `192.0.2.7`, `db.example`, `[local]`. */
function setRemote(event: Event, host: string, port: string): void {
  const address = toAddress(host)
  if (address !== '') event.source_ip = address
  else if (host !== '[local]') put(event, 'source.domain', host)
  event.source_port = toPort(port)
}

interface LogRecord {
  readonly user: string
  readonly database: string
  readonly severity: string
  readonly state: string
  readonly message: string
  readonly statement: string
  readonly detail: string
  readonly application: string
  readonly command: string
}

/** What csvlog and jsonlog have in common. */
function readRecord(event: Event, record: LogRecord): void {
  begin(event, record.severity)
  if (record.state !== '00000') event.event_code = record.state
  put(event, 'db.statement', record.statement)
  put(event, 'postgresql.log.detail', record.detail)
  put(event, 'postgresql.log.application_name', record.application)
  put(event, 'postgresql.log.command_tag', record.command)
  const named = userOf(record.message)
  setLogin(event, named === '' ? record.user : named, record.database)
  readMessageText(event, record.severity, record.message)
}

/** csvlog behind its time. Columns: PostgreSQL documentation, "Using CSV-Format Log Output". */
function readCsvLog(text: string, from: number, event: Event): Outcome {
  const columns = readCsv(text, from, 26)
  const [user = '', database = '', pid = '', client = '', , , command = '', , , , severity = '', state = ''] = columns
  const [message = '', detail = '', , , , , statement = '', , , application = ''] = columns.slice(12)
  if (!levels.has(severity) || state.length !== 5) return miss
  event.process_pid = asNumber(pid, 0xffff_ffff)
  const colon = client.lastIndexOf(':')
  setRemote(event, colon < 0 ? client : client.slice(0, colon), colon < 0 ? '' : client.slice(colon + 1))
  readRecord(event, { user, database, severity, state, message, statement, detail, application, command })
  return ok
}

/** Whether a JSON object is a line of jsonlog. */
export function isPostgresJson(values: JsonObject): boolean {
  const { error_severity: severity, timestamp } = values
  return typeof severity === 'string' && typeof timestamp === 'string' && levels.has(severity)
}

/** Read a line of jsonlog. Keys: PostgreSQL documentation, "Using JSON-Format Log Output". */
export function readPostgresJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const timestamp = asText(values.timestamp)
  const time = readPostgresTime(timestamp, 0, context)
  if (time === undefined) setTime(event, anyTime(timestamp, context))
  else setPostgresTime(event, time)
  event.process_pid = asNumber(values.pid, 0xffff_ffff)
  setRemote(event, asText(values.remote_host), asText(values.remote_port))
  readRecord(event, {
    user: asText(values.user),
    database: asText(values.dbname),
    severity: asText(values.error_severity),
    state: asText(values.state_code),
    message: asText(values.message),
    statement: asText(values.statement),
    detail: asText(values.detail),
    application: asText(values.application_name),
    command: asText(values.ps),
  })
  return ok
}

/**
 * Read what the server gave to syslog: `[3-1] PREFIX LEVEL:  message`, with or without a time of its own. Parts of a message behind the first
 * (`[3-2] …`) are a `miss`.
 */
export function readPostgresSyslog(text: string, event: Event, context: ParseContext): Outcome {
  const part = /^\[\d{1,10}-(\d{1,10})\] ?/.exec(text)
  if (part !== null && part[1] !== '1') return miss
  const from = part === null ? 0 : part[0].length
  const time = readPostgresTime(text, from, context)
  const outcome = readLine(text, time?.end ?? from, event)
  if (outcome === ok) setPostgresTime(event, time)
  return outcome
}

/**
 * A line of the server's log: stderr with any `log_line_prefix`, csvlog or jsonlog. Lines that go on (they begin with a tab) are plain. Without a
 * time first, only the level tells. Source: PostgreSQL 17 documentation, "Error Reporting and Logging".
 */
export const postgresql: Parser = {
  format: 'postgresql',
  parse(text, event, context) {
    if (text.charCodeAt(0) === 9) return plain.parse(text, event, context)
    if (looksLikeObject(text)) {
      return readObject(text, event, context, (values) =>
        isPostgresJson(values) ? readPostgresJson(values, event, context) : miss,
      )
    }
    if (beginsAsSyslog(text)) return miss
    // Older packages set `< %m >`.
    const time = readPostgresTime(text, text.startsWith('< ') ? 2 : 0, context)
    const from = time?.end ?? 0
    const csv = time !== undefined && text.charCodeAt(from) === 44
    const outcome = csv ? readCsvLog(text, from + 1, event) : readLine(text, from, event)
    if (outcome === ok) setPostgresTime(event, time)
    return outcome
  },
}
