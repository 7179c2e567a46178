// Who did what in MariaDB? Lines of its audit plugin: log-ins, statements, the tables that they touched.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { put, tag } from '../values/fields.ts'
import { readIsoTime, setLocalTime, stamp } from '../values/time.ts'
import { mysqlError, setMysql, setMysqlClient } from './mysql.ts'

/** Connection, query and operation: the only part of a line whose shape is its own. */
const operation =
  /,(\d{1,20}),(\d{1,20}),(CONNECT|DISCONNECT|FAILED_CONNECT|CHANGEUSER|QUERY|QUERY_DDL|QUERY_DML|QUERY_DML_NO_SELECT|QUERY_DCL|READ|WRITE|CREATE|ALTER|RENAME|DROP),/g

const start = /^(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d),/

/** Text of an object in quotes with backslashes, or as it is. */
function unquoted(text: string): string {
  const inner = text.startsWith("'") ? text.slice(1, text.endsWith("'") && text.length > 1 ? -1 : undefined) : text
  return inner.includes('\\') ? inner.replace(/\\(['"\\])/g, '$1') : inner
}

/** `dpt,'select 1',0`, `dpt,,1045`, `dpt,pemilih,`: database, object and result behind the operation. The result stands last. */
function readRest(event: Event, kind: string, rest: string): void {
  const first = rest.indexOf(',')
  const last = rest.lastIndexOf(',')
  put(event, 'db.name', rest.slice(0, first < 0 ? undefined : first))
  const object = first < 0 || last <= first ? '' : unquoted(rest.slice(first + 1, last))
  const code = last < 0 ? '' : rest.slice(last + 1)
  const outcome = code === '' ? '' : code === '0' ? 'success' : 'failure'
  if (/^\d{1,6}$/.test(code) && code !== '0') event.event_code = code
  const statement = kind.startsWith('QUERY')
  put(event, statement ? 'db.statement' : 'db.table', object)
  if (kind === 'CONNECT' || kind === 'FAILED_CONNECT' || kind === 'CHANGEUSER') {
    const failed = kind === 'FAILED_CONNECT' || outcome === 'failure'
    setMysql(event, 'mysql.audit', 'authentication', 'db_login', failed ? 'failure' : 'success')
  } else if (kind === 'DISCONNECT') setMysql(event, 'mysql.audit', 'database', 'db_disconnect', '')
  else
    setMysql(event, 'mysql.audit', 'database', statement ? 'db_statement' : `db_table_${kind.toLowerCase()}`, outcome)
}

/**
 * Read `server,user,host,connection,query,operation,database,object,result`. Names are not quoted, and those of user and database are the client's
 * to choose: if two parts of a line look like an operation, the last result counts and no address is taken over.
 */
function readFields(event: Event, text: string): Outcome {
  const head = text.slice(0, 4096)
  const [first, second] = head.matchAll(operation)
  if (first === undefined) return miss
  const [all, connection = '', query = '', kind = ''] = first
  const from = text.slice(0, first.index)
  const server = from.indexOf(',')
  if (server < 0) return miss
  const client = from.slice(server + 1)
  const comma = client.lastIndexOf(',')
  if (comma < 0) return miss
  readRest(event, kind, text.slice(first.index + all.length))
  // What a statement says may look like anything, but stands in quotes before the result; of a log-in that field is empty.
  const ambiguous = second !== undefined && !(kind.startsWith('QUERY') && /',\d{1,6}$/.test(text))
  if (ambiguous) tag(event, 'client_ambiguous')
  setMysqlClient(event, client.slice(0, comma), ambiguous ? '' : client.slice(comma + 1))
  event.host_name ||= from.slice(0, server)
  put(event, 'mysql.thread_id', connection)
  if (query !== '0') put(event, 'mysql.query_id', query)
  put(event, 'mysql.command', kind)
  return ok
}

/** What the server gave to syslog or the journal; the plugin writes under a name of its own, without a time. */
export function readMysqlSyslog(text: string, event: Event, context: ParseContext): Outcome {
  return event.process_name === 'mysql-server_auditing'
    ? readFields(event, text.trimStart())
    : mysqlError.parse(text, event, context)
}

/** A line of the plugin's own file. Source: MariaDB documentation, "MariaDB Audit Plugin - Log Format". */
export const mariadbAudit: Parser = {
  format: 'mysql.audit',
  parse(text, event, context) {
    const found = start.exec(text)
    if (found === null) return miss
    const [all, year = '', month = '', day = '', time = ''] = found
    if (!readIsoTime(`${year}-${month}-${day} ${time}`, 0, context.zoneMinutes)) return miss
    const { ms } = stamp
    const outcome = readFields(event, text.slice(all.length))
    if (outcome === ok) setLocalTime(event, ms)
    return outcome
  },
}
