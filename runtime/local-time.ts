// What does a clock in Indonesia show? A time in one of its zones, with the zone named.
import { type TimeZone, zoneOffsetHours } from '../schemas/place.ts'

/** A time in a zone of Indonesia, with the zone named: `2024-11-27 08:00:00 WIB`. Milliseconds since 1970 UTC. */
export function localTime(ms: number, zone: TimeZone = 'WIB'): string {
  if (!Number.isFinite(ms)) return '-'
  const shifted = new Date(ms + zoneOffsetHours[zone] * 3_600_000)
  return `${shifted.toISOString().slice(0, 19).replace('T', ' ')} ${zone}`
}

const written =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(?:(WIB|WITA|WIT)|(Z|UTC)|([+-]\d\d):?(\d\d))?$/i

/**
 * A time as people write it: `2024-11-27 08:00`, with seconds, with a zone word (`WITA`) or an offset (`+07:00`); without either it is of
 * the given zone. `undefined` for what is no time. Milliseconds since 1970 UTC.
 */
export function readLocalTime(text: string, zone: TimeZone): number | undefined {
  const [, date, time, word, utc, hours, minutes] = written.exec(text.trim()) ?? []
  if (date === undefined || time === undefined) return undefined
  const clock = Date.parse(`${date}T${time}${time.length === 5 ? ':00' : ''}Z`)
  // Date.parse takes the 31st of any month for the day behind its last.
  if (Number.isNaN(clock) || new Date(clock).toISOString().slice(0, 10) !== date) return undefined
  const named = zones.find((name) => name === word?.toUpperCase())
  if (hours !== undefined) {
    const east = Math.abs(Number(hours)) * 60 + Number(minutes)
    return clock - (hours.startsWith('-') ? -east : east) * 60_000
  }
  return clock - (utc === undefined ? zoneOffsetHours[named ?? zone] : 0) * 3_600_000
}

const zones: readonly TimeZone[] = ['WIB', 'WITA', 'WIT']
