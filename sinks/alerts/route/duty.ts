// Who is on duty in a room at a moment, and when is somebody next? Rosters and quiet hours in local time.
import type { Reference } from '../../../runtime/reference.ts'
import { type TimeZone, zoneOffsetHours } from '../../../schemas/place.ts'
import type { Room } from '../../../schemas/room.ts'
import { type RosterEntry, Weekday } from '../../../schemas/roster.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Rosters repeat every week. */
const HORIZON_DAYS = 8

/** Days of the week since the local 1 January 1970, a Thursday. */
const weekdayOf = (day: number): Weekday => Weekday.options[(day + 3) % 7] ?? 'mon'

interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Hours such as `20:00-06:00` on the local day (days since 1970), as a stretch of time in milliseconds since 1970 UTC, `to` excluded. Hours
 * that do not end later than they begin go over midnight; of equal ones, a whole day is meant.
 */
function stretchOf(hours: string, day: number, zone: TimeZone): Stretch {
  const [from = 0, to = 0] = hours.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number)
    return (hour * 60 + minute) * 60_000
  })
  const midnight = day * DAY_MS - zoneOffsetHours[zone] * HOUR_MS
  return { from: midnight + from, to: midnight + (to > from ? to : to + DAY_MS) }
}

function localDay(ms: number, zone: TimeZone): number {
  return Math.floor((ms + zoneOffsetHours[zone] * HOUR_MS) / DAY_MS)
}

/** The end of the quiet hours that a moment lies in; the moment itself if it lies in none. `hours` empty: there are none. */
export function quietEnd(ms: number, hours: string, zone: TimeZone): number {
  if (hours === '') return ms
  const day = localDay(ms, zone)
  for (const stretch of [stretchOf(hours, day - 1, zone), stretchOf(hours, day, zone)])
    if (ms >= stretch.from && ms < stretch.to) return stretch.to
  return ms
}

/** What is asked of a room here. */
export type RosteredRoom = Pick<Room, 'region' | 'roster'>

export interface Duty {
  /** Ids of the recipients who are on duty in a room at a moment, each once, in the order of the roster. */
  onDuty(room: RosteredRoom, now: number): readonly string[]
  /**
   * The first moment from `now` on at which somebody is on duty and no quiet hours of the region are (`quiet` empty: there are none);
   * undefined if there is none within a week.
   */
  available(room: RosteredRoom, now: number, quiet: string): number | undefined
  /** Zone of a region; of an unknown one that of the centre. */
  zoneOf(region: string): TimeZone
}

/** Rosters by the zones of the regions. `known`: recipients that exist; others are nobody. */
export function createDuty(reference: Pick<Reference, 'regions'>, known: ReadonlySet<string>): Duty {
  const zoneOf = (region: string): TimeZone =>
    (reference.regions.get(region) ?? reference.regions.get(region.slice(0, 2)))?.zone ?? 'WIB'
  const stretches = (entry: RosterEntry, zone: TimeZone, first: number, last: number): Stretch[] => {
    const all: Stretch[] = []
    for (let day = first; day <= last; day += 1)
      if (entry.days.includes(weekdayOf(day))) all.push(stretchOf(entry.hours, day, zone))
    return all
  }
  const onDuty = ({ region, roster }: RosteredRoom, now: number): readonly string[] => {
    const there = roster.filter((entry) => {
      const zone = entry.zone ?? zoneOf(region)
      const day = localDay(now, zone)
      return stretches(entry, zone, day - 1, day).some(({ from, to }) => now >= from && now < to)
    })
    return [...new Set(there.flatMap(({ recipients }) => recipients))].filter((id) => known.has(id))
  }
  /** The next beginning of a shift after `now`. */
  const nextShift = ({ region, roster }: RosteredRoom, now: number): number => {
    let next = Number.POSITIVE_INFINITY
    for (const entry of roster) {
      const zone = entry.zone ?? zoneOf(region)
      const day = localDay(now, zone)
      for (const { from } of stretches(entry, zone, day, day + HORIZON_DAYS)) if (from > now && from < next) next = from
    }
    return next
  }
  return {
    onDuty,
    zoneOf,
    available(room, now, quiet) {
      let at = quietEnd(now, quiet, zoneOf(room.region))
      while (at <= now + HORIZON_DAYS * DAY_MS) {
        if (onDuty(room, at).length > 0) return at
        at = quietEnd(nextShift(room, at), quiet, zoneOf(room.region))
      }
      return undefined
    },
  }
}
