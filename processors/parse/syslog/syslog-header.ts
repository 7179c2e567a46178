// What does a syslog header say, and where does the message begin? RFC 3164, RFC 5424 and rsyslog's ISO lines, with or without PRI.
import type { Event } from '../../../schemas/event.ts'
import type { ParseContext } from '../parser.ts'
import { put } from '../values/fields.ts'
import { monthAt, readBsdTime, readIsoTime, stamp, takeTime } from '../values/time.ts'

const facilities = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const

const levels = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const

/** RFC 5424 allows 48 for the application name and 255 for the host; real ones are longer, hostile ones much longer. */
const MAX_TAG = 128
const MAX_HOST = 255

function isSpace(c: number): boolean {
  return c === 32 || c === 9
}

/** Length of `<PRI>` at the start of the text, 0 if there is none; a PRI is at most 191. */
function priLength(text: string): number {
  if (text.charCodeAt(0) !== 60) return 0
  let value = 0
  for (let i = 1; i < 5; i++) {
    const c = text.charCodeAt(i)
    if (c === 62) return i > 1 && value <= 191 ? i + 1 : 0
    if (c < 48 || c > 57) return 0
    value = value * 10 + c - 48
  }
  return 0
}

function setPri(event: Event, text: string, length: number): void {
  if (length === 0) return
  const pri = Number(text.slice(1, length - 1))
  put(event, 'log.syslog.facility.name', facilities[pri >> 3] ?? '')
  event.log_level = levels[pri & 7] ?? ''
}

function setPid(event: Event, pid: string): void {
  const value = Number(pid)
  if (value > 0 && value <= 0xffff_ffff && Number.isInteger(value)) event.process_pid = value
  else if (value !== 0 && pid !== '-') put(event, 'log.syslog.procid', pid)
}

/** Index behind the structured data that begins at `at` (RFC 5424 section 6.3), or -1 if it is broken. */
function readStructuredData(event: Event, text: string, at: number): number {
  if (text.charCodeAt(at) === 45) return at + 1
  let i = at
  while (text.charCodeAt(i) === 91) {
    let end = i + 1
    for (let c = text.charCodeAt(end); c !== 32 && c !== 93; c = text.charCodeAt(++end)) if (!(c > 32)) return -1
    const id = text.slice(i + 1, end)
    i = end
    while (text.charCodeAt(i) === 32) {
      const equals = text.indexOf('="', i)
      if (equals < 0) return -1
      const name = text.slice(i + 1, equals)
      let escaped = false
      let close = equals + 2
      for (let c = text.charCodeAt(close); c !== 34; c = text.charCodeAt(++close)) {
        if (c === 92) {
          escaped = true
          close++
        }
        if (close >= text.length) return -1
      }
      const value = text.slice(equals + 2, close)
      put(event, `log.syslog.structured_data.${id}.${name}`, escaped ? value.replace(/\\(["\\\]])/g, '$1') : value)
      i = close + 1
    }
    if (text.charCodeAt(i) !== 93) return -1
    i++
  }
  return i > at ? i : -1
}

/** RFC 5424 behind the version: `TIMESTAMP HOST APP PROCID MSGID SD [MSG]`. Index of the message or -1. */
function read5424(text: string, at: number, pri: number, event: Event, context: ParseContext): number {
  const nil = text.charCodeAt(at) === 45 && text.charCodeAt(at + 1) === 32
  if (!nil && !readIsoTime(text, at, context.zoneMinutes)) return -1
  const hostFrom = (nil ? at + 1 : stamp.end) + 1
  if (text.charCodeAt(hostFrom - 1) !== 32) return -1
  const appFrom = text.indexOf(' ', hostFrom) + 1
  const pidFrom = appFrom > 0 ? text.indexOf(' ', appFrom) + 1 : 0
  const idFrom = pidFrom > 0 ? text.indexOf(' ', pidFrom) + 1 : 0
  const sdFrom = idFrom > 0 ? text.indexOf(' ', idFrom) + 1 : 0
  if (sdFrom <= 0 || appFrom - hostFrom > MAX_HOST + 1 || sdFrom - appFrom > 512) return -1
  const c = text.charCodeAt(sdFrom)
  if (c !== 45 && c !== 91) return -1
  if (!nil) takeTime(event)
  setPri(event, text, pri)
  const host = text.slice(hostFrom, appFrom - 1)
  const app = text.slice(appFrom, pidFrom - 1)
  const id = text.slice(idFrom, sdFrom - 1)
  if (host !== '-') event.host_name = host
  if (app !== '-') event.process_name = app
  setPid(event, text.slice(pidFrom, idFrom - 1))
  if (id !== '-') put(event, 'log.syslog.msgid', id)
  let message = readStructuredData(event, text, sdFrom)
  // Broken structured data is part of the message.
  if (message < 0) return sdFrom
  if (text.charCodeAt(message) === 32) message++
  if (text.charCodeAt(message) === 0xfeff) message++
  return message
}

/** End of the tag name that begins at `at`: the index of its `[` or `:`, or -1 if there is no tag. */
function tagEnd(text: string, at: number): number {
  const limit = Math.min(text.length, at + MAX_TAG)
  for (let i = at; i < limit; i++) {
    const c = text.charCodeAt(i)
    if (c === 58 || c === 91) return i > at ? i : -1
    // A tag is made of printable characters other than space, quote, comma, equals, angle and curly brackets.
    if (c <= 32 || c > 126 || c === 34 || c === 44 || c === 61 || c === 60 || c === 62 || c === 123 || c === 125)
      return -1
  }
  return -1
}

/** Read `program[pid]: ` at `at`; index of the message. Without a tag everything is message. */
function readTag(text: string, at: number, event: Event): number {
  if (text.startsWith('CEF:', at)) return at
  const end = tagEnd(text, at)
  if (end < 0) return at
  let i = end
  if (text.charCodeAt(i) === 91) {
    const close = text.indexOf(']', i)
    if (close < 0 || close - i > 64) return at
    const next = text.charCodeAt(close + 1)
    if (next !== 58 && next !== 32 && !Number.isNaN(next)) return at
    setPid(event, text.slice(i + 1, close))
    i = close + 1
  }
  if (text.charCodeAt(i) === 58) {
    const next = text.charCodeAt(i + 1)
    // `http://…` and `a:b` are messages, not tags; `kernel:[12.3] …` is one.
    if (i === end && !isSpace(next) && next !== 91 && !Number.isNaN(next)) return at
    i++
  }
  event.process_name = text.slice(at, end)
  while (isSpace(text.charCodeAt(i))) i++
  return i
}

/** Whether the word at [from, to) can be a host. A bare number is none: it is a thread id in databases' logs. With a comma it is CSV. */
function isHost(text: string, from: number, to: number): boolean {
  if (to <= from || to - from > MAX_HOST) return false
  let digits = true
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i)
    if (c <= 32 || c === 34 || c === 91 || c === 123 || c === 40 || c === 44) return false
    if (c < 48 || c > 57) digits = false
  }
  return !digits
}

/** `HOST TAG: message` behind a time; index of the message or -1. `strict`: the time alone does not prove that this is syslog. */
function readHostAndTag(text: string, at: number, event: Event, strict: boolean): number {
  let from = at
  while (text.charCodeAt(from) === 32) from++
  if (strict && from !== at) return -1
  let to = text.indexOf(' ', from)
  if (to < 0) to = text.length
  const last = text.charCodeAt(to - 1)
  // The host may be missing: `Nov  2 15:40:14 sshd[28179]: …`.
  if (last === 58 || (last === 93 && tagEnd(text, from) > 0)) {
    return strict && last !== 58 ? -1 : readTag(text, from, event)
  }
  if (!isHost(text, from, to)) return strict ? -1 : from
  if (strict) {
    const c = text.charCodeAt(to + 1)
    if (Number.isNaN(c) || isSpace(c)) return -1
    // Databases write a zone or level where syslog writes a host.
    const word = text.slice(from, to)
    if (word.length < 9 && word === word.toUpperCase() && word !== word.toLowerCase() && tagEnd(text, to + 1) < 0)
      return -1
  }
  event.host_name = text.slice(from, to)
  let tag = to + 1
  while (isSpace(text.charCodeAt(tag))) tag++
  return readTag(text, tag, event)
}

/**
 * Read a syslog header into the event: host, program, process id, level and facility of the PRI, time, structured data. Answers the
 * index at which the message begins, or -1 if the text has no syslog header (the event is then untouched).
 * Sources: RFC 3164 section 4, RFC 5424 section 6.
 */
export function readSyslogHeader(text: string, event: Event, context: ParseContext): number {
  const pri = priLength(text)
  let at = pri
  if (pri > 0 && text.charCodeAt(at) === 32) at++
  const c = text.charCodeAt(at)
  if (c >= 48 && c <= 57) {
    if (c === 49 && text.charCodeAt(at + 1) === 32) {
      const message = read5424(text, at + 2, pri, event, context)
      if (message >= 0) return message
    }
    const t = text.charCodeAt(at + 10)
    if ((pri > 0 || t === 84) && readIsoTime(text, at, context.zoneMinutes) && text.charCodeAt(stamp.end) === 32) {
      const { end, ms, yearGuessed } = stamp
      const message = readHostAndTag(text, end + 1, event, pri === 0)
      if (message >= 0) {
        setPri(event, text, pri)
        stamp.ms = ms
        stamp.yearGuessed = yearGuessed
        takeTime(event)
        return message
      }
    }
  } else if (monthAt(text, at) > 0 && readBsdTime(text, at, context)) {
    const next = text.charCodeAt(stamp.end)
    if (next === 32 || next === 58) {
      takeTime(event)
      setPri(event, text, pri)
      // Cisco writes a colon behind the time and no host.
      return readHostAndTag(text, stamp.end + 1, event, false)
    }
  }
  if (pri > 0) {
    setPri(event, text, pri)
    return readTag(text, at, event)
  }
  return -1
}

/** Whether a text begins as a syslog header does. Formats without a beginning of their own are then read behind it. */
export function beginsAsSyslog(text: string): boolean {
  const bsd = monthAt(text, 0) > 0 && text.charCodeAt(3) === 32
  return bsd || (text.charCodeAt(4) === 45 && text.charCodeAt(10) === 84) || priLength(text) > 0
}

/** Read `program[123]: message` without time or host (as a container or `journalctl -o cat` writes); index of the message or -1. */
export function readBareTag(text: string, event: Event): number {
  const end = tagEnd(text, 0)
  if (end < 0 || text.charCodeAt(end) !== 91) return -1
  const close = text.indexOf(']', end)
  if (close < 0 || close - end > 12 || text.charCodeAt(close + 1) !== 58 || text.charCodeAt(close + 2) !== 32) return -1
  for (let i = end + 1; i < close; i++) {
    const c = text.charCodeAt(i)
    if (c < 48 || c > 57) return -1
  }
  return readTag(text, 0, event)
}
