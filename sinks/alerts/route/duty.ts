// Who is on duty in a room at a moment, and when is somebody next? Rosters and quiet hours in local time.
import type { Reference } from '../../../runtime/reference.ts'
import { type TimeZone, zoneOffsetHours } from '../../../schemas/place.ts'
import type { Room } from '../../../schemas/room.ts'
import { Weekday } from '../../../schemas/roster.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Rosters repeat every week. */
const HORIZON_DAYS = 8

/** Hours such as `20:00-06:00`: milliseconds after local midnight at which they begin and end, the end behind the beginning. */
interface DayHours {
  readonly from: number
  readonly to: number
}

/** Hours that do not end later than they begin go over midnight; of equal ones, a whole day is meant. */
function readHours(hours: string): DayHours {
  const [from = 0, to = 0] = hours.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number)
    return (hour * 60 + minute) * 60_000
  })
  return { from, to: to > from ? to : to + DAY_MS }
}

/** Day of the local calendar since 1970 and milliseconds since its midnight. */
function localClock(ms: number, offset: number): { day: number; time: number } {
  const day = Math.floor((ms + offset) / DAY_MS)
  return { day, time: ms + offset - day * DAY_MS }
}

const offsetOf = (zone: TimeZone): number => zoneOffsetHours[zone] * HOUR_MS

/** The end of the quiet hours that a moment lies in; the moment itself if it lies in none. `hours` empty: there are none. */
export function quietEnd(ms: number, hours: string, zone: TimeZone): number {
  if (hours === '') return ms
  const { from, to } = readHours(hours)
  const { time } = localClock(ms, offsetOf(zone))
  if (time + DAY_MS < to) return ms - time - DAY_MS + to
  return time >= from && time < to ? ms - time + to : ms
}

/** A roster entry as it is asked for. */
interface Shift extends DayHours {
  /** For each day of the week, Monday first, whether it begins then. */
  readonly days: readonly boolean[]
  readonly offset: number
  readonly recipients: readonly string[]
}

/** Whether a shift begins on a local day; 1 January 1970 was a Thursday. */
function beginsOn({ days }: Shift, day: number): boolean {
  return days[(day + 3) % 7] === true
}

function isOn(shift: Shift, now: number): boolean {
  const { day, time } = localClock(now, shift.offset)
  if (time >= shift.from && time < shift.to && beginsOn(shift, day)) return true
  // That of yesterday, over midnight.
  return time + DAY_MS < shift.to && beginsOn(shift, day - 1)
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
  const compiled = new WeakMap<RosteredRoom, readonly Shift[]>()
  const shiftsOf = (room: RosteredRoom): readonly Shift[] => {
    const before = compiled.get(room)
    if (before !== undefined) return before
    const shifts = room.roster.map(({ days, hours, zone, recipients }) => ({
      ...readHours(hours),
      days: Weekday.options.map((day) => days.includes(day)),
      offset: offsetOf(zone ?? zoneOf(room.region)),
      recipients: recipients.filter((id) => known.has(id)),
    }))
    compiled.set(room, shifts)
    return shifts
  }
  const onDuty = (room: RosteredRoom, now: number): readonly string[] => {
    const there = shiftsOf(room).filter((shift) => isOn(shift, now))
    return [...new Set(there.flatMap(({ recipients }) => recipients))]
  }
  /** The next beginning of a shift after `now`. */
  const nextShift = (room: RosteredRoom, now: number): number => {
    let next = Number.POSITIVE_INFINITY
    for (const shift of shiftsOf(room)) {
      const { day, time } = localClock(now, shift.offset)
      for (let ahead = 0; ahead <= HORIZON_DAYS; ahead += 1) {
        const begins = now - time + ahead * DAY_MS + shift.from
        if (begins <= now || !beginsOn(shift, day + ahead)) continue
        next = Math.min(next, begins)
        break
      }
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
