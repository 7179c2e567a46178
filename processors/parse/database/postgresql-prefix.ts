// What stands before the level of a PostgreSQL log line? `log_line_prefix` is free, so its parts are found by their shape.
import type { Event } from '../../../schemas/event.ts'
import type { ParseContext } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { put, tag } from '../values/fields.ts'
import { readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'

/** Minutes east of UTC of the zone names that can be told for sure; PostgreSQL writes a name where the zone has one. */
const zones: ReadonlyMap<string, number> = new Map([
  ['UTC', 0],
  ['GMT', 0],
  ['WIB', 420],
  ['WITA', 480],
  ['WIT', 540],
])

const zoneWord = / (?:([A-Z][A-Z]{1,5})|([+-])(\d\d)(?::?(\d\d))?)(?![A-Za-z0-9])/y

/** A time that was read, and the index behind it. */
interface PostgresTime {
  readonly ms: number
  readonly zoned: boolean
  readonly end: number
}

/**
 * Read `2024-11-27 08:16:03.123 WIB` at `at`; a zone of an unknown name is the source's own. Undefined if there is no such time: PostgreSQL
 * never writes a `T` there.
 */
export function readPostgresTime(text: string, at: number, context: ParseContext): PostgresTime | undefined {
  if (text.charCodeAt(at + 10) !== 32 || text.charCodeAt(at + 4) !== 45) return undefined
  if (!readIsoTime(text, at, context.zoneMinutes)) return undefined
  const { ms, end, zoned } = stamp
  if (zoned) return { ms, zoned, end }
  zoneWord.lastIndex = end
  const found = zoneWord.exec(text)
  if (found === null) return { ms, zoned, end }
  const [all, name, sign, hours = '0', minutes = '0'] = found
  const east = name === undefined ? (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1) : zones.get(name)
  const behind = end + all.length
  if (east === undefined || ms === 0) return { ms, zoned, end: behind }
  return { ms: Math.max(0, ms + (context.zoneMinutes - east) * 60_000), zoned: true, end: behind }
}

/** Set a time that was read. */
export function setPostgresTime(event: Event, time: PostgresTime | undefined): void {
  if (time === undefined) return
  if (time.zoned) setTime(event, time.ms)
  else setLocalTime(event, time.ms)
}

const pair = /(?:^|[\s,;([])(user|db|database|app|application|client|host|remote)=([^,\s\]]*)/g
const process = /\[(\d{1,10})(?:-\d{1,10})?\]/
// Names are looked for where a word begins, not at each of its letters.
const login = /(?<![^\s:,;=<>])([^\s:,;=<>]{1,256})@([^\s:,;=<>]{1,256})/
const remote = /(?<![\w.-])([\da-fA-F:.]{2,64}|[\w.-]{1,255})\((\d{1,5})\)/
const version4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g

function known(name: string): string {
  return name === '[unknown]' ? '' : name
}

/** Set the user and the database, in ECS names too. */
export function setLogin(event: Event, user: string, database: string): void {
  const name = known(user)
  if (name !== '') {
    event.user_name = name
    put(event, 'db.user', name)
  }
  put(event, 'db.name', known(database))
}

/** An address that may stand behind a colon: `:192.0.2.7`, `:2001:db8::1`. */
function address(text: string): string {
  return toAddress(text) || (text.charCodeAt(0) === 58 ? toAddress(text.slice(1)) : '')
}

/** Set the client; two different ones are marked, since a name may look like an address. */
function setClient(event: Event, text: string): void {
  const found = new Set<string>()
  const [all, host = '', port = ''] = remote.exec(text) ?? []
  if (all !== undefined) {
    const from = address(host)
    if (from !== '') found.add(from)
    else if (!/^[:.\d]+$/.test(host)) put(event, 'source.domain', host)
    event.source_port = toPort(port)
  }
  for (const [word] of text.matchAll(version4)) if (toAddress(word) !== '') found.add(toAddress(word))
  if (found.size === 0) {
    for (const word of text.split(/[\s,;=]+/)) {
      const from = word.includes(':') ? address(word) || address(word.replace(/:$/, '')) : ''
      if (from !== '') found.add(from)
    }
  }
  const [first] = found
  if (first !== undefined) event.source_ip = first
  if (found.size > 1) tag(event, 'client_ambiguous')
}

/**
 * Read what stands between time and level: process id, user, database, client. Forms: `[147] 192.0.2.7 user@db`, `[147] user@db` (Debian),
 * `:192.0.2.7(5432):user@db:[147]:` (RDS), `[147]: user=u,db=d,app=a,client=192.0.2.7` (pgBadger). `named`: the user that the message quotes,
 * which is more sure than what stands here.
 */
export function readPrefix(event: Event, text: string, named: string): void {
  // Names are the client's to choose: what the message quotes is no address, whatever it looks like.
  const prefix = named === '' ? text : text.replace(`${named}@`, 'x@').replace(`user=${named}`, 'user=x')
  const pid = Number(process.exec(prefix)?.[1] ?? 0)
  if (pid > 0 && pid <= 0xffff_ffff) event.process_pid = pid
  let user = ''
  let database = ''
  let client: string | undefined
  for (const [, key, value = ''] of prefix.matchAll(pair)) {
    if (key === 'user') user = value
    else if (key === 'db' || key === 'database') database = value
    else if (key === 'app' || key === 'application') put(event, 'postgresql.log.application_name', known(value))
    else client = value
  }
  if (user === '' && database === '') [, user = '', database = ''] = login.exec(prefix) ?? []
  setLogin(event, named === '' ? user : named, database)
  setClient(event, client ?? prefix)
}
