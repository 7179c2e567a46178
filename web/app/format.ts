// How are numbers and times written? The Indonesian way, times in the zone of the viewer's region with its name beside them.
import { language } from './language.ts'
import { session } from './session.ts'

export type Zone = 'WIB' | 'WITA' | 'WIT'

export const isZone = (text: string | undefined): text is Zone => text === 'WIB' || text === 'WITA' || text === 'WIT'

/** Hours east of UTC; Indonesia has no daylight saving. */
const zoneHours: Readonly<Record<Zone, number>> = { WIB: 7, WITA: 8, WIT: 9 }

/** Milliseconds that the clocks of a zone are ahead of UTC: added to a time, its UTC fields read as local ones. */
export const aheadOfUtc = (where: Zone): number => zoneHours[where] * 3_600_000

/** `2024-11-27T14:05:09.000` on the clocks of a zone, cut to so many characters. */
export const localIso = (ms: number, where: Zone, length: number): string =>
  new Date(ms + aheadOfUtc(where)).toISOString().slice(0, length)

const zoneNames: Record<Zone, string> = { WIB: 'Asia/Jakarta', WITA: 'Asia/Makassar', WIT: 'Asia/Jayapura' }
const locale = (): string => (language.value === 'en' ? 'en-GB' : 'id-ID')
const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${locale()}${JSON.stringify(options)}`
  const known = formats.get(key)
  if (known instanceof Intl.NumberFormat) return known
  const made = new Intl.NumberFormat(locale(), options)
  formats.set(key, made)
  return made
}

function timeFormat(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `t${locale()}${zone}${JSON.stringify(options)}`
  const known = formats.get(key)
  if (known instanceof Intl.DateTimeFormat) return known
  const made = new Intl.DateTimeFormat(locale(), { timeZone: zoneNames[zone], ...options })
  formats.set(key, made)
  return made
}

/** 12.345,6 (id), 12,345.6 (en). */
export const number = (value: number, digits = 0): string =>
  numberFormat({ maximumFractionDigits: digits }).format(value)
/** 12,3 rb (id), 12.3K (en). */
export const short = (value: number): string =>
  numberFormat({ notation: 'compact', maximumFractionDigits: 1 }).format(value)
export const percent = (share: number, digits = 1): string =>
  numberFormat({ style: 'percent', maximumFractionDigits: digits }).format(share)

/** Zone of the viewer's region. */
export const zone = (): Zone => {
  const named = session.value?.room.zone
  return named === 'WITA' || named === 'WIT' ? named : 'WIB'
}

/** 27 Nov 2024 14.05 WIB. Milliseconds since 1970 UTC. */
export function dateTime(ms: number, where: Zone = zone()): string {
  return `${timeFormat(where, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms)} ${where}`
}

/** 14.05.09 WIB. */
export function clock(ms: number, where: Zone = zone()): string {
  return `${timeFormat(where, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(ms)} ${where}`
}

/** 27 Nov 2024, 14.05.09,123 WIB: rows of one second stand side by side. The year only where it is not this one. */
export function exactTime(ms: number, where: Zone = zone()): string {
  const year = localIso(ms, where, 4) === localIso(Date.now(), where, 4) ? {} : ({ year: 'numeric' } as const)
  const date = timeFormat(where, { day: 'numeric', month: 'short', ...year }).format(ms)
  const time = timeFormat(where, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(ms)
  return `${date}, ${time} ${where}`
}

/** Rabu, 27 November 2024. */
export function day(ms: number, where: Zone = zone()): string {
  return timeFormat(where, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(ms)
}

/** "5 menit lalu", "dalam 2 hari". */
export function ago(ms: number, now: number): string {
  const seconds = Math.round((ms - now) / 1000)
  const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ]
  const [unit, size] = steps.find(([, least]) => Math.abs(seconds) >= least) ?? ['second', 1]
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

/** 4 mnt 12 dtk, 2 jam 05 mnt, 3 hari 04 jam. Milliseconds. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3_600) % 24, (seconds / 60) % 60].map(Math.floor)
  const two = (value = 0): string => String(value).padStart(2, '0')
  const [day, hour, minute, second] = language.value === 'en' ? ['d', 'h', 'min', 's'] : ['hari', 'jam', 'mnt', 'dtk']
  if (days) return `${days} ${day} ${two(hours)} ${hour}`
  if (hours) return `${hours} ${hour} ${two(minutes)} ${minute}`
  return minutes ? `${minutes} ${minute} ${two(seconds % 60)} ${second}` : `${seconds} ${second}`
}

/** 21 Nov 2026, of a day that is written as `2026-11-21` and is of no zone; what is no such day stays as it is. */
export function dayOf(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return text
  const ms = Date.parse(`${text}T00:00:00Z`) - aheadOfUtc('WIB')
  return Number.isNaN(ms) ? text : timeFormat('WIB', { day: 'numeric', month: 'short', year: 'numeric' }).format(ms)
}
