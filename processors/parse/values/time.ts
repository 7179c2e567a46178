// When did it happen? The timestamps that logs carry, read digit by digit; `Date.parse` is too slow and too forgiving.
import type { Event } from '../../../schemas/event.ts'
import type { ParseContext } from '../parser.ts'

const DAY = 86_400_000

/**
 * Where a reader stopped, and what it read. One shared object, valid until the next call: the hot path must not allocate.
 * `ms` is 0 where the shape was right and the date was not (31 February, hour 25).
 */
export const stamp = { ms: 0, end: 0, zoned: false, yearGuessed: false }

/** Days since 1970-01-01 of a civil date (Howard Hinnant's algorithm). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yoe = y - era * 400
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719_468
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

const monthDays = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false
  return day <= (monthDays[month] ?? 0) || (month === 2 && day === 29 && isLeap(year))
}

/** Milliseconds UTC of a civil time `zoneMinutes` east of UTC, 0 for what no calendar has and for years before 1970. */
function civil(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
  zoneMinutes: number,
): number {
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 60 || year > 9999) return 0
  const at = daysFromCivil(year, month, day) * DAY + ((hour * 60 + minute - zoneMinutes) * 60 + second) * 1000 + ms
  return Math.max(at, 0)
}

/** Value of the digit at `at`, or -1. */
function digit(text: string, at: number): number {
  const c = text.charCodeAt(at) - 48
  return c >= 0 && c <= 9 ? c : -1
}

/** Two digits at `at`, or -1. */
function two(text: string, at: number): number {
  const a = text.charCodeAt(at) - 48
  const b = text.charCodeAt(at + 1) - 48
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : -1
}

/** Four digits at `at`, or -1. */
function four(text: string, at: number): number {
  const a = two(text, at)
  const b = two(text, at + 2)
  return a < 0 || b < 0 ? -1 : a * 100 + b
}

/** Number 1–12 of the English month abbreviation at `at`, 0 if there is none. */
export function monthAt(text: string, at: number): number {
  const key =
    ((text.charCodeAt(at) | 32) << 16) | ((text.charCodeAt(at + 1) | 32) << 8) | (text.charCodeAt(at + 2) | 32)
  switch (key) {
    case 0x6a616e:
      return 1
    case 0x666562:
      return 2
    case 0x6d6172:
      return 3
    case 0x617072:
      return 4
    case 0x6d6179:
      return 5
    case 0x6a756e:
      return 6
    case 0x6a756c:
      return 7
    case 0x617567:
      return 8
    case 0x736570:
      return 9
    case 0x6f6374:
      return 10
    case 0x6e6f76:
      return 11
    case 0x646563:
      return 12
    default:
      return 0
  }
}

/** Milliseconds of a fraction `.123456` or `,123` at `at`; sets `stamp.end` behind it. */
function fraction(text: string, at: number): number {
  const c = text.charCodeAt(at)
  if ((c !== 46 && c !== 44) || digit(text, at + 1) < 0) {
    stamp.end = at
    return 0
  }
  let ms = 0
  let scale = 100
  let i = at + 1
  for (let d = digit(text, i); d >= 0; d = digit(text, ++i)) {
    ms += d * scale
    scale = scale >= 10 ? scale / 10 : 0
  }
  stamp.end = i
  return ms
}

/** Zone `Z`, `+07`, `+0700`, `+07:00` at `at` in minutes east, or NaN; sets `stamp.end` behind it. */
function zone(text: string, at: number): number {
  const c = text.charCodeAt(at)
  if (c === 90 || c === 122) {
    stamp.end = at + 1
    return 0
  }
  if (c !== 43 && c !== 45) return Number.NaN
  const hours = two(text, at + 1)
  if (hours < 0 || hours > 18) return Number.NaN
  let minutes = 0
  let end = at + 3
  const colon = text.charCodeAt(end) === 58 ? 1 : 0
  const m = two(text, end + colon)
  if (m >= 0 && m < 60) {
    minutes = m
    end += colon + 2
  }
  stamp.end = end
  return c === 45 ? -(hours * 60 + minutes) : hours * 60 + minutes
}

/**
 * ISO 8601 / RFC 3339 at `at`: `2024-11-27T08:16:03.123456+07:00`, also with a space, a comma, no seconds or no zone, and with
 * slashes between the parts of the date. Answers whether the shape is right.
 */
export function readIsoTime(text: string, at: number, zoneMinutes: number): boolean {
  const year = four(text, at)
  if (year < 0) return false
  const separator = text.charCodeAt(at + 4)
  if ((separator !== 45 && separator !== 47) || text.charCodeAt(at + 7) !== separator) return false
  const month = two(text, at + 5)
  const day = two(text, at + 8)
  if (month < 0 || day < 0) return false
  const t = text.charCodeAt(at + 10)
  if (t !== 84 && t !== 32 && t !== 116) return false
  const hour = two(text, at + 11)
  const minute = two(text, at + 14)
  if (hour < 0 || minute < 0 || text.charCodeAt(at + 13) !== 58) return false
  let second = 0
  let ms = 0
  stamp.end = at + 16
  if (text.charCodeAt(at + 16) === 58) {
    second = two(text, at + 17)
    if (second < 0) return false
    ms = fraction(text, at + 19)
  }
  // A zone may stand behind one space (`2022-07-10 23:50:05 +0000`), but a minus there is a dash.
  let offset = zone(text, stamp.end)
  if (Number.isNaN(offset) && text.charCodeAt(stamp.end) === 32 && text.charCodeAt(stamp.end + 1) === 43) {
    offset = zone(text, stamp.end + 1)
  }
  stamp.zoned = !Number.isNaN(offset)
  stamp.yearGuessed = false
  stamp.ms = civil(year, month, day, hour, minute, second, ms, stamp.zoned ? offset : zoneMinutes)
  return true
}

/**
 * Access-log time at `at`, `27/Nov/2024:08:16:03 +0700`, also without the zone and with a fraction of a second (HAProxy, ModSecurity);
 * milliseconds, 0 for an impossible date, -1 if the text there is something else. Sets `stamp.end` behind it.
 */
export function accessTime(text: string, at: number, context: ParseContext): number {
  if (text.charCodeAt(at + 2) !== 47 || text.charCodeAt(at + 6) !== 47 || text.charCodeAt(at + 11) !== 58) return -1
  const day = two(text, at)
  const month = monthAt(text, at + 3)
  const year = four(text, at + 7)
  const hour = two(text, at + 12)
  const minute = two(text, at + 15)
  const second = two(text, at + 18)
  if (day < 0 || month === 0 || year < 0 || hour < 0 || minute < 0 || second < 0) return -1
  const ms = fraction(text, at + 20)
  const { end } = stamp
  if (text.charCodeAt(end) !== 32) return civil(year, month, day, hour, minute, second, ms, context.zoneMinutes)
  const sign = text.charCodeAt(end + 1)
  const zoneHours = two(text, end + 2)
  const zoneMinutes = two(text, end + 4)
  stamp.end = end + 6
  if ((sign !== 43 && sign !== 45) || zoneHours < 0 || zoneMinutes < 0) return -1
  const offset = zoneHours * 60 + zoneMinutes
  return civil(year, month, day, hour, minute, second, ms, sign === 45 ? -offset : offset)
}

let yearDay = -1
let yearOfDay = 1970

/** Year of a day counted from 1970; consecutive lines share it. */
function yearOf(days: number): number {
  if (days !== yearDay) {
    yearDay = days
    yearOfDay = new Date(days * DAY).getUTCFullYear()
  }
  return yearOfDay
}

/**
 * Time without a year: the latest year in which it is at most 24 hours after `receivedAt`. 29 February goes back to the latest
 * leap year. 0 if the date does not exist.
 */
function guessYear(
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  ms: number,
  context: ParseContext,
): number {
  const year = yearOf(Math.floor((context.receivedAt + context.zoneMinutes * 60_000) / DAY))
  for (let y = year + 1; y >= year - 8; y--) {
    const at = civil(y, month, day, hour, minute, second, ms, context.zoneMinutes)
    if (at !== 0 && at <= context.receivedAt + DAY) return at
    if (at === 0 && !(month === 2 && day === 29)) return 0
  }
  return 0
}

/**
 * RFC 3164 time at `at`: `Nov  2 15:40:14`, `Nov 2 15:40:14.123`, also with the year behind the day (`Nov 02 2024 15:40:14`) or
 * behind the time. Answers whether the shape is right.
 */
export function readBsdTime(text: string, at: number, context: ParseContext): boolean {
  const month = monthAt(text, at)
  if (month === 0 || text.charCodeAt(at + 3) !== 32) return false
  let i = at + 4
  if (text.charCodeAt(i) === 32) i++
  let day = digit(text, i++)
  if (day < 0) return false
  const more = digit(text, i)
  if (more >= 0) {
    day = day * 10 + more
    i++
  }
  if (text.charCodeAt(i++) !== 32) return false
  let year = -1
  if (text.charCodeAt(i + 4) === 32) {
    year = four(text, i)
    if (year < 0) return false
    i += 5
  }
  const hour = two(text, i)
  const minute = two(text, i + 3)
  const second = two(text, i + 6)
  if (hour < 0 || minute < 0 || second < 0) return false
  if (text.charCodeAt(i + 2) !== 58 || text.charCodeAt(i + 5) !== 58) return false
  const ms = fraction(text, i + 8)
  if (year < 0 && text.charCodeAt(stamp.end) === 32) {
    const behind = four(text, stamp.end + 1)
    const next = text.charCodeAt(stamp.end + 5)
    if (behind >= 1970 && behind < 2200 && (next === 32 || next === 93 || Number.isNaN(next))) {
      year = behind
      stamp.end += 5
    }
  }
  stamp.zoned = false
  stamp.yearGuessed = year < 0
  stamp.ms =
    year < 0
      ? guessYear(month, day, hour, minute, second, ms, context)
      : civil(year, month, day, hour, minute, second, ms, context.zoneMinutes)
  return true
}

/** `Sun Dec 04 04:47:44.123456 2005` at `at` (asctime, Apache error logs). Answers whether the shape is right. */
export function readAscTime(text: string, at: number, context: ParseContext): boolean {
  if (text.charCodeAt(at + 3) !== 32) return false
  return readBsdTime(text, at + 4, context)
}

/** `19-Oct-2022 05:34:02.425` at `at` (BIND, Oracle). Answers whether the shape is right. */
export function readDashTime(text: string, at: number, zoneMinutes: number): boolean {
  const day = two(text, at)
  const month = monthAt(text, at + 3)
  const year = four(text, at + 7)
  if (day < 0 || month === 0 || year < 0 || text.charCodeAt(at + 2) !== 45 || text.charCodeAt(at + 11) !== 32)
    return false
  const hour = two(text, at + 12)
  const minute = two(text, at + 15)
  const second = two(text, at + 18)
  if (hour < 0 || minute < 0 || second < 0 || text.charCodeAt(at + 14) !== 58) return false
  const ms = fraction(text, at + 20)
  stamp.zoned = false
  stamp.yearGuessed = false
  stamp.ms = civil(year, month, day, hour, minute, second, ms, zoneMinutes)
  return true
}

/** `07/11/2022-10:29:01.860293` at `at` (Suricata fast.log, month first). Answers whether the shape is right. */
export function readFastTime(text: string, at: number, zoneMinutes: number): boolean {
  const month = two(text, at)
  const day = two(text, at + 3)
  const year = four(text, at + 6)
  if (month < 0 || day < 0 || year < 0 || text.charCodeAt(at + 10) !== 45) return false
  const hour = two(text, at + 11)
  const minute = two(text, at + 14)
  const second = two(text, at + 17)
  if (hour < 0 || minute < 0 || second < 0 || text.charCodeAt(at + 13) !== 58) return false
  const ms = fraction(text, at + 19)
  stamp.zoned = false
  stamp.yearGuessed = false
  stamp.ms = civil(year, month, day, hour, minute, second, ms, zoneMinutes)
  return true
}

/** Milliseconds of an epoch number in seconds, milliseconds, microseconds or nanoseconds (told by its size), else 0. */
function epochTime(value: number): number {
  if (!(value >= 1e8) || value >= 1e20) return 0
  if (value < 1e11) return Math.round(value * 1000)
  if (value < 1e14) return Math.round(value)
  if (value < 1e17) return Math.round(value / 1e3)
  return Math.round(value / 1e6)
}

/** Time in a field of a structured event: ISO, epoch, access-log, `Nov 27 2024 08:16:03`, asctime. 0 if it is none of them. */
export function anyTime(value: unknown, context: ParseContext): number {
  if (typeof value === 'number') return epochTime(value)
  if (typeof value !== 'string' || value.length < 9 || value.length > 64) return 0
  if (readIsoTime(value, 0, context.zoneMinutes)) return stamp.ms
  const c = value.charCodeAt(0)
  if (c >= 48 && c <= 57) {
    const access = accessTime(value, 0, context)
    if (access >= 0) return access
    if (readDashTime(value, 0, context.zoneMinutes)) return stamp.ms
    return epochTime(Number(value))
  }
  if (readBsdTime(value, 0, context)) {
    const at = stamp.end + 1
    // `GMT`, `GMT+07:00`, `+0700`.
    const named = value.startsWith('UTC', at) || value.startsWith('GMT', at)
    const offset = named && value.length === at + 3 ? 0 : zone(value, named ? at + 3 : at)
    return stamp.ms === 0 || Number.isNaN(offset) ? stamp.ms : stamp.ms + (context.zoneMinutes - offset) * 60_000
  }
  return readAscTime(value, 0, context) ? stamp.ms : 0
}

/** Put the time just read into the event, with its mark. */
export function takeTime(event: Event): void {
  setTime(event, stamp.ms)
  if (stamp.yearGuessed && stamp.ms !== 0) event.tags.push('year_guessed')
}

/** Set a time that names its zone and year: it outranks what an outer layer guessed. */
export function setTime(event: Event, ms: number): void {
  if (ms === 0) return
  event.timestamp = ms
  const guessed = event.tags.indexOf('year_guessed')
  if (guessed >= 0) event.tags.splice(guessed, 1)
}

/** Set a time without a zone: a syslog layer's time is kept, unless its year was a guess. */
export function setLocalTime(event: Event, ms: number): void {
  if (event.timestamp === 0 || event.tags.includes('year_guessed')) setTime(event, ms)
}
