// How does the Linux audit system write a record? Its header, its pairs of name and value, what it encodes as hex, its socket addresses.
import { toAddress } from '../values/address.ts'

/** Where and of which event a record is. */
export interface AuditHeader {
  /** Name, or number as the kernel prints it. */
  readonly type: string
  readonly node: string
  /** `1732670163.123:456`, the same in all records of an event; '' where journald took it off. */
  readonly id: string
  /** Index behind the header. */
  readonly end: number
}

/** `node=h type=SYSCALL msg=audit(1732670163.123:456): `, as auditd and its plugins write. */
const header =
  /^(?:node=(\S{1,255}) )?type=([A-Z][A-Z0-9_-]{1,40}|UNKNOWN\[\d{1,5}\]) msg=audit\((\d{1,12}\.\d{1,3}:\d{1,20})\): ?/
/** `audit: type=1400 audit(1732670163.123:456): `, as the kernel prints where no auditd listens. */
const printed = /^(?:\[ *\d{1,9}\.\d{1,9}\] )?(?:audit: )?type=(\d{4}) audit\((\d{1,12}\.\d{1,3}:\d{1,20})\): ?/
/** `USER_LOGIN pid=…` and `<audit-1112> pid=…`, as journald writes behind the program `audit`. */
const journal = /^(?:<audit-(\d{4})>|([A-Z][A-Z0-9_]{1,40})) (?=[a-z_]{1,40}=|avc: )/

/**
 * Index of the record in a further line of an event: records that came as messages of their own are joined with the syslog headers that they had. 0 where none
 * stands behind anything.
 */
export function recordAt(line: string): number {
  const id = line.indexOf(' msg=audit(')
  const type = id < 0 ? -1 : line.lastIndexOf('type=', id)
  if (type <= 0) return 0
  const node = line.lastIndexOf(' ', type - 2) + 1
  return line.startsWith('node=', node) ? node : type
}

/** The header of a record, undefined if the line has none. `bare`: headers without an id count too, as the program told what it is. */
export function auditHeader(line: string, bare: boolean): AuditHeader | undefined {
  const full = header.exec(line)
  if (full !== null) return { node: full[1] ?? '', type: full[2] ?? '', id: full[3] ?? '', end: full[0].length }
  const kernel = printed.exec(line)
  if (kernel !== null) return { node: '', type: kernel[1] ?? '', id: kernel[2] ?? '', end: kernel[0].length }
  const logged = bare ? journal.exec(line) : null
  if (logged === null) return undefined
  return { node: '', type: logged[1] ?? logged[2] ?? '', id: '', end: logged[0].length }
}

/** Values of a record that whoever caused it could choose: in quotes, or as hex where they hold more than plain characters. */
const untrusted =
  /^(?:a\d{1,6}(?:\[\d{1,6}\])?|proctitle|comm|ocomm|exe|name|cwd|acct|cmd|key|path|dir|data|grp|new_group)$/

/** Upper-case hex of bytes as text of UTF-8, or the text itself if it is none. */
function fromHex(text: string): string {
  return text.length >= 2 && text.length % 2 === 0 && /^[0-9A-F]+$/.test(text)
    ? Buffer.from(text, 'hex').toString('utf8')
    : text
}

/** Index of the end of a word that begins at `from`. ENRICHED records have a group separator where the names begin. */
function wordEnd(text: string, from: number): number {
  let at = from
  for (let c = text.charCodeAt(at); at < text.length && c !== 32 && c !== 29 && c !== 10; c = text.charCodeAt(++at)) {}
  return at
}

/** Index of the first `=` or separator from `from` on. */
function nameEnd(text: string, from: number): number {
  let at = from
  for (let c = text.charCodeAt(at); at < text.length && c !== 61 && c !== 32 && c !== 29 && c !== 10; ) {
    c = text.charCodeAt(++at)
  }
  return at
}

/** The value that begins at `from`, and the index behind it. */
function valueAt(text: string, from: number, name: string): { value: string; end: number; quoted: boolean } {
  const first = text.charAt(from)
  const close =
    first === '"'
      ? text.indexOf('"', from + 1)
      : first === '{'
        ? text.indexOf('}', from + 1)
        : first === "'"
          ? name === 'msg'
            ? lastQuote(text, from)
            : text.indexOf("'", from + 1)
          : 0
  if (close === 0) {
    const end = wordEnd(text, from)
    return { value: text.slice(from, end), end, quoted: false }
  }
  return close < 0
    ? { value: text.slice(from + 1), end: text.length, quoted: true }
    : { value: text.slice(from + 1, close), end: close + 1, quoted: true }
}

/** The quote that closes what a program reported: the last before the names of an ENRICHED record, since the report may hold quotes. */
function lastQuote(text: string, from: number): number {
  const separator = text.indexOf('\u001d', from)
  const close = text.lastIndexOf("'", separator < 0 ? text.length : separator)
  return close > from ? close : -1
}

/** `(null)`, `(none)`, `?` and what is unset. */
function isUnset(value: string): boolean {
  return value === '' || value === '(null)' || value === '(none)' || value === '?'
}

/**
 * Add the pairs of a record to `pairs`, untrusted values decoded; the first of a name stays. What a program reported stands in `msg='…'` and is
 * added behind the kernel's own pairs, which it so cannot forge (`inside`: this is such a report). Words without a value are skipped. Source:
 * linux-audit documentation, "Audit event fields"; kernel/audit.c for what is encoded.
 */
export function readPairs(text: string, from: number, pairs: Map<string, string>, inside = false): void {
  let report = ''
  let at = from
  while (at < text.length) {
    const c = text.charCodeAt(at)
    if (c === 32 || c === 29 || c === 10) {
      at++
      continue
    }
    const equals = nameEnd(text, at)
    if (text.charCodeAt(equals) !== 61) {
      at = equals
      continue
    }
    const name = text.slice(at, equals)
    const { value, end, quoted } = valueAt(text, equals + 1, name)
    at = end
    if (name === 'msg' && quoted && !inside) report = value
    else if (!isUnset(value) && !pairs.has(name)) {
      pairs.set(name, !quoted && untrusted.test(name) ? fromHex(value) : value)
    }
  }
  if (report !== '') readPairs(report, 0, pairs, true)
}

/** Arguments of the records EXECVE in their order. Long ones come in parts: `a1[0]=… a1[1]=…`. */
export function readArguments(pairs: ReadonlyMap<string, string>, into: Map<number, string>): void {
  for (const [name, value] of pairs) {
    const found = /^a(\d{1,6})(?:\[\d{1,6}\])?$/.exec(name)
    if (found === null) continue
    const number = Number(found[1])
    into.set(number, (into.get(number) ?? '') + value)
  }
}

/** What a socket address says. */
export interface SocketAddress {
  readonly ip: string
  readonly port: number
  /** Path of a Unix socket. */
  readonly path: string
}

/** The socket address of a record SOCKADDR, hex of `struct sockaddr` as x86 and ARM lay it out. */
export function socketAddress(hex: string): SocketAddress | undefined {
  if (hex.length < 4 || hex.length > 512 || !/^[0-9A-Fa-f]+$/.test(hex)) return undefined
  const bytes = Buffer.from(hex, 'hex')
  const family = bytes.readUInt16LE(0)
  if (family === 2 && bytes.length >= 8) {
    return { ip: bytes.subarray(4, 8).join('.'), port: bytes.readUInt16BE(2), path: '' }
  }
  if (family === 10 && bytes.length >= 24) {
    const groups = Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(8 + 2 * n).toString(16))
    return { ip: toAddress(groups.join(':')), port: bytes.readUInt16BE(2), path: '' }
  }
  if (family !== 1) return undefined
  // The first byte of an abstract name is 0.
  const [path = ''] = bytes.subarray(2).toString('utf8').replace(/^\0/, '@').split('\0', 1)
  return { ip: '', port: 0, path }
}
