// What do MySQL and MariaDB log? Refused log-ins and errors, connections and statements of the general log.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asText, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { put, putSource, tag } from '../values/fields.ts'
import { anyTime, readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'

/** Set what an event of the server is. */
export function setMysql(event: Event, dataset: string, category: string, action: string, outcome: string): void {
  event.dataset = dataset
  event.network_protocol = 'mysql'
  event.event_category = category
  event.event_action = action
  event.event_outcome = outcome
}

/** Set the client; `localhost` is the socket of the machine itself. */
export function setMysqlClient(event: Event, user: string, host: string): void {
  if (user !== '' && user !== 'unauthenticated user' && user !== '[unauthenticated]') {
    event.user_name = user
    put(event, 'db.user', user)
  }
  if (host !== '' && host !== 'localhost' && host !== 'connecting host') putSource(event, host)
}

/** A time, and where the text goes on. */
interface LogTime {
  readonly ms: number
  readonly zoned: boolean
  readonly end: number
}

/**
 * `2024-11-27T01:16:03.861934Z` (5.7 and later), `2024-11-27  8:16:03` (MariaDB pads the hour with a space), `241127  8:16:03` (5.5 and before).
 * Undefined if there is none.
 */
function timeAt(text: string, zoneMinutes: number): LogTime | undefined {
  const padded = /^(?:\d{4}-\d\d-\d\d|\d{6}) (?: \d|\d\d):\d\d:\d\d/.exec(text)
  if (padded !== null) {
    const [all] = padded
    const day =
      all.charCodeAt(4) === 45 ? all.slice(0, 10) : `20${all.slice(0, 2)}-${all.slice(2, 4)}-${all.slice(4, 6)}`
    const rest = all.slice(all.charCodeAt(4) === 45 ? 11 : 7).replace(' ', '0')
    if (!readIsoTime(`${day} ${rest}`, 0, zoneMinutes)) return undefined
    return { ms: stamp.ms, zoned: false, end: all.length }
  }
  if (text.charCodeAt(10) !== 84 || !readIsoTime(text, 0, zoneMinutes)) return undefined
  return { ms: stamp.ms, zoned: stamp.zoned, end: stamp.end }
}

function take(event: Event, time: LogTime | undefined): void {
  if (time === undefined) return
  if (time.zoned) setTime(event, time.ms)
  else setLocalTime(event, time.ms)
}

/**
 * `Access denied for user 'root'@'203.0.113.7' (using password: YES)`. The name is the client's to choose and may hold `'@'`: what the server wrote
 * is the last, unless a database that the client chose as well stands behind.
 */
function denied(event: Event, dataset: string, text: string): boolean {
  if (!text.startsWith("Access denied for user '")) return false
  const password = / \(using password: (YES|NO)\)$/.exec(text)
  const at = password === null ? text.indexOf("'@'", 24) : text.lastIndexOf("'@'")
  if (at < 24) return false
  const close = text.indexOf("'", at + 3)
  const host = text.slice(at + 3, close < 0 ? undefined : close)
  const twice = text.indexOf("'@'", 24) !== text.lastIndexOf("'@'")
  if (twice) tag(event, 'client_ambiguous')
  setMysql(event, dataset, 'authentication', 'db_login', 'failure')
  setMysqlClient(event, text.slice(24, at), host)
  put(event, 'mysql.using_password', password?.[1]?.toLowerCase() ?? '')
  put(event, 'db.name', / to database '([^']{1,64})'$/.exec(text)?.[1] ?? '')
  put(event, 'event.reason', 'access denied')
  return true
}

/** `Aborted connection 31 to db: 'dpt' user: 'siti' host: '203.0.113.7' (Got an error reading communication packets)` */
const aborted =
  /^Aborted connection (\d{1,20}) to db: '(.{0,128}?)' user: '(.{0,256}?)' host: '([^']{0,255})' \((.{0,256})\)\.?$/s
const blocked =
  /^Host '([^']{1,255})' (?:\([^)]{1,255}\) )?is (?:blocked because of many connection errors|not allowed to connect)/

/** Read a message of the error log. */
function message(event: Event, text: string): void {
  const dataset = 'mysql.error'
  if (denied(event, dataset, text)) return
  const lost = aborted.exec(text)
  if (lost !== null) {
    const [, connection = '', database = '', user = '', host = '', reason = ''] = lost
    setMysql(event, dataset, 'database', 'db_disconnect', 'failure')
    setMysqlClient(event, user, host)
    put(event, 'mysql.thread_id', connection)
    if (database !== 'unconnected') put(event, 'db.name', database)
    put(event, 'event.reason', reason)
    return
  }
  const host = blocked.exec(text)
  if (host !== null) {
    setMysql(event, dataset, 'authentication', 'db_login', 'failure')
    setMysqlClient(event, '', host[1] ?? '')
    put(event, 'event.reason', text.slice(0, 1024))
    return
  }
  const failed = event.log_level === 'error'
  setMysql(event, dataset, 'database', failed ? 'db_error' : 'db_log', failed ? 'failure' : '')
  put(event, failed ? 'error.message' : 'event.reason', text.slice(0, 1024))
}

/** ` 344 [Note] [MY-010926] [Server] message`; MySQL 5.5 and old MariaDB write no thread, 5.6 has its process id there. */
const head =
  /^\s{0,4}(\d{1,20})? ?\[(Note|Warning|ERROR|Error|System|Information)\] (?:\[(MY-\d{6})\] )?(?:\[([A-Za-z ]{1,30})\] )?/

function readErrorLine(text: string, event: Event, context: ParseContext): Outcome {
  const time = timeAt(text, context.zoneMinutes)
  const from = time?.end ?? 0
  const found = head.exec(text.slice(from, from + 128))
  if (found === null || (time === undefined && found[3] === undefined)) return miss
  const [all, thread = '', level = '', code = '', subsystem = ''] = found
  event.log_level = level.toLowerCase()
  event.event_code = code
  message(event, text.slice(from + all.length))
  if (thread !== '0') put(event, 'mysql.thread_id', thread)
  put(event, 'mysql.subsystem', subsystem)
  take(event, time)
  return ok
}

/** Whether a JSON object is of MySQL 8's log_sink_json. */
export function isMysqlJson(values: JsonObject): boolean {
  return (
    typeof values.prio === 'number' &&
    typeof values.err_code === 'number' &&
    typeof values.msg === 'string' &&
    typeof values.time === 'string'
  )
}

const priorities: Readonly<Record<string, string>> = { '0': 'system', '1': 'error', '2': 'warning', '3': 'note' }

/** Read a line of log_sink_json. Source: MySQL 8.4 manual, "Error Log Output Format". */
export function readMysqlJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  event.log_level = asText(values.label).toLowerCase() || (priorities[asText(values.prio)] ?? '')
  message(event, asText(values.msg))
  setTime(event, anyTime(values.time, context))
  event.event_code = `MY-${String(values.err_code).padStart(6, '0')}`
  const thread = asText(values.thread)
  if (thread !== '0') put(event, 'mysql.thread_id', thread)
  put(event, 'mysql.subsystem', asText(values.subsystem))
  put(event, 'mysql.sql_state', asText(values.SQL_state))
  put(event, 'mysql.symbol', asText(values.err_symbol))
  if (event.user_name === '' && asText(values.user) !== '') {
    setMysqlClient(event, asText(values.user), asText(values.host))
  }
  return ok
}

/** A line of the error log, as text or JSON. Source: MySQL manual, "The Error Log"; MariaDB documentation, "Error Log". */
export const mysqlError: Parser = {
  format: 'mysql.error',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return readErrorLine(text, event, context)
    return readObject(text, event, context, (values) =>
      isMysqlJson(values) ? readMysqlJson(values, event, context) : miss,
    )
  },
}

/** `\t   14 Query\tselect 1`, behind a time or, of the same second, behind tabs. */
const general =
  /^[\t ]{1,12}(\d{1,20}) (Connect|Query|Quit|Init DB|Field List|Create DB|Drop DB|Refresh|Shutdown|Statistics|Processlist|Connect Out|Kill|Debug|Ping|Time|Delayed insert|Change user|Binlog Dump|Table Dump|Register Slave|Prepare|Execute|Long Data|Close stmt|Reset stmt|Set option|Fetch|Daemon|Reset Connection)(?:[\t ]+|$)/

/** `siti@203.0.113.7 on dpt using TCP/IP`, `… as anonymous on dpt`: tried, not yet let in. */
const connecting = /^(.{0,256})@([^\s@]{0,255}) (?:as anonymous )?on (.{0,128}?)(?: using ([\w/ ]{1,30}))?$/s

/** A line of the general query log. Source: MySQL manual, "The General Query Log". */
export const mysqlGeneral: Parser = {
  format: 'mysql.general',
  parse(text, event, context) {
    const time = timeAt(text, context.zoneMinutes)
    const from = time?.end ?? 0
    const found = general.exec(text.slice(from, from + 80))
    if (found === null) return miss
    const [all, thread = '', command = ''] = found
    const argument = text.slice(from + all.length)
    if (!denied(event, 'mysql.general', argument)) {
      setMysql(event, 'mysql.general', 'database', 'db_statement', '')
      if (command === 'Connect' || command === 'Change user') {
        event.event_action = 'db_connect'
        const [, user = '', host = '', database = '', transport = ''] = connecting.exec(argument) ?? []
        // User and database are the client's to choose: two places that look like the client's own are no address.
        const ambiguous = argument.indexOf('@') !== argument.lastIndexOf('@')
        if (ambiguous) tag(event, 'client_ambiguous')
        setMysqlClient(event, user, ambiguous ? '' : host)
        put(event, 'db.name', database)
        put(event, 'mysql.transport', transport)
      } else if (command === 'Quit') event.event_action = 'db_disconnect'
      else if (command === 'Init DB') put(event, 'db.name', argument)
      else if (command === 'Query' || command === 'Prepare' || command === 'Execute')
        put(event, 'db.statement', argument)
      else event.event_action = 'db_command'
    }
    put(event, 'mysql.command', command)
    put(event, 'mysql.thread_id', thread)
    take(event, time)
    return ok
  },
}

const slowUser =
  /^# User@Host: ([^[\n]{0,256})\[([^\]\n]{0,256})\] @ {1,2}([^\s[]{0,255}) {0,2}\[([^\]\n]{0,64})\](?: {1,4}Id: {1,12}(\d{1,20}))?/m
const slowTimes =
  /^# Query_time: {1,4}([\d.]{1,20}) {1,4}Lock_time: {1,4}([\d.]{1,20}) Rows_sent: {1,4}(\d{1,20}) {1,4}Rows_examined: {1,4}(\d{1,20})/m
const slowClock = /^# Time: (\S{8,40}(?: {1,2}\d{1,2}:\d\d:\d\d)?)/m
const epoch = /^SET timestamp=(\d{9,11})(?:\.\d{1,6})?;/m
/** Statements stand on lines of their own where nobody joined the lines. */
const statement =
  /^(?:SET timestamp=\d{9,11}|use [^;\s]{1,64}|(?:select|insert|update|delete|replace|call|with|create|alter|drop|commit|load|show)\s.{1,524288});?$/is

/**
 * An entry of the slow query log, whole (lines divided by line ends) or line by line. Source: MySQL manual, "The Slow Query Log".
 */
export const mysqlSlow: Parser = {
  format: 'mysql.slow',
  parse(text, event, context) {
    const marked = text.startsWith('# Time: ') || text.startsWith('# User@Host: ') || text.startsWith('# Query_time: ')
    if (!marked && !statement.test(text)) return miss
    setMysql(event, 'mysql.slow', 'database', 'db_statement', 'success')
    const clock = slowClock.exec(text)?.[1] ?? ''
    const time = timeAt(clock, context.zoneMinutes)
    const at = Number(epoch.exec(text)?.[1] ?? 0) * 1000
    if (time !== undefined) take(event, time)
    else setTime(event, at)
    const [, , user = '', host = '', address = '', thread = ''] = slowUser.exec(text) ?? []
    setMysqlClient(event, user, address || host)
    put(event, 'mysql.thread_id', thread)
    const [, query = '', lock = '', sent = '', examined = ''] = slowTimes.exec(text) ?? []
    // ECS counts in nanoseconds.
    if (query !== '') put(event, 'event.duration', String(Math.round(Number(query) * 1e9)))
    put(event, 'mysql.lock_time', lock)
    put(event, 'mysql.rows_sent', sent)
    put(event, 'mysql.rows_examined', examined)
    put(event, 'db.statement', statementOf(text))
    return ok
  },
}

/** The lines of an entry that are neither its head nor the time and database that are set before. */
function statementOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('# ') && !line.startsWith('SET timestamp=') && !/^use [^;\s]{1,64};$/.test(line))
    .join('\n')
    .trim()
}
