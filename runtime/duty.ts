// When must an Operation Room report, nothing included? Each day at one local time, every few hours on voting day.

import { type TimeZone, zoneOffsetHours } from '../schemas/place.ts'
import type { ReportSchedule, Room } from '../schemas/room.ts'
import { phaseAt, type Reference } from './reference.ts'

/** A time at which a room must have reported. Milliseconds since 1970 UTC. */
export interface Due {
  readonly at: number
  /** Reports after this and up to `until` count for it: those that are nearer to it than to any other due time, and within its grace. */
  readonly after: number
  readonly until: number
  readonly votingDay: boolean
}

export interface DutySchedule {
  readonly zone: TimeZone
  /** Due times after `from` and up to `to`, in order. */
  between(from: number, to: number): Due[]
  /** The due time that a report of this moment is nearest to; undefined if there is none within two days. */
  nearest(now: number): Due | undefined
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A due time without a neighbour is reported for half a day ahead. */
const LONE_MS = 12 * HOUR_MS

/** The schedule of a room, by the zone and the calendar of its region. */
export function dutySchedule(
  { region }: Pick<Room, 'region'>,
  settings: ReportSchedule,
  reference: Pick<Reference, 'regions' | 'phases'>,
): DutySchedule {
  const zone = reference.regions.get(region)?.zone ?? 'WIB'
  const offset = zoneOffsetHours[zone] * HOUR_MS
  const [hours = '20', minutes = '0'] = settings.nihil_time.split(':')
  const ordinary = (Number(hours) * 60 + Number(minutes)) * 60_000

  /** Due times of the local day that begins at `midnight`; those of voting day end with its midnight. */
  const ofDay = (midnight: number): { at: number; votingDay: boolean }[] => {
    const phase = phaseAt(reference, region, midnight)?.phase
    if (phase === 'pemungutan') {
      const every = settings.voting_day_hours * HOUR_MS
      return Array.from({ length: DAY_MS / every }, (_, n) => ({ at: midnight + (n + 1) * every, votingDay: true }))
    }
    if (phase === undefined && settings.days === 'election') return []
    return [{ at: midnight + ordinary, votingDay: false }]
  }
  /** All of the days that touch the stretch, and one day more on either side. */
  const around = (from: number, to: number): { at: number; votingDay: boolean }[] => {
    const all = new Map<number, { at: number; votingDay: boolean }>()
    const first = Math.floor((from + offset) / DAY_MS) - 1
    const last = Math.floor((to + offset) / DAY_MS) + 1
    // Two voting days in a row, or 00:00 as the ordinary time: one due time, not two.
    for (let day = first; day <= last; day += 1)
      for (const due of ofDay(day * DAY_MS - offset)) if (!all.has(due.at)) all.set(due.at, due)
    return [...all.values()].sort((a, b) => a.at - b.at)
  }
  const between = (from: number, to: number): Due[] => {
    const all = around(from, to)
    return all.flatMap(({ at, votingDay }, n) => {
      if (at <= from || at > to) return []
      const before = all[n - 1]?.at ?? at - 2 * LONE_MS
      const behind = all[n + 1]?.at ?? at + 2 * LONE_MS
      return {
        at,
        votingDay,
        after: Math.max(Math.floor((before + at) / 2), at - LONE_MS),
        until: Math.min(Math.floor((at + behind) / 2), at + settings.grace_minutes * 60_000),
      }
    })
  }
  return {
    zone,
    between,
    nearest(now) {
      const all = between(now - 2 * DAY_MS, now + 2 * DAY_MS)
      const distance = ({ at }: Due): number => Math.abs(at - now)
      return all.reduce<Due | undefined>(
        (best, due) => (best === undefined || distance(due) < distance(best) ? due : best),
        undefined,
      )
    },
  }
}
