// Which rhythms are there to try? Generated sources: their minutes, event by event, from a seed.
import { DAY_MS, type History, HOUR_MS, type LocalCalendar, MINUTE_MS } from '../../../processors/silence/rhythm.ts'

/** A Monday, 0:00 WIB. */
const MONDAY = Date.parse('2024-10-28T00:00:00+07:00')
export const WIB: LocalCalendar = { offsetMs: 7 * HOUR_MS, holidays: new Set() }

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Events a minute at a moment; local hour (with its fraction), weekday (Monday 0), day from the beginning. */
export type Rate = (at: { hour: number; weekday: number; day: number; minute: number }) => number

/** Times of events of a source over so many days, at most one a second: more say nothing more. */
export function eventsOf(rate: Rate, days: number, seed: number): number[] {
  const next = random(seed)
  const times: number[] = []
  for (let minute = 0; minute < days * 1440; minute += 1) {
    const day = Math.floor(minute / 1440)
    const perMinute = rate({ hour: (minute % 1440) / 60, weekday: day % 7, day, minute })
    if (perMinute <= 0) continue
    const chance = 1 - Math.exp(-perMinute / 60)
    for (let second = 0; second < 60; second += 1)
      if (next() < chance) times.push(MONDAY + minute * MINUTE_MS + second * 1000 + Math.floor(next() * 1000))
  }
  return times
}

/** What is known of these events at the end of so many days. */
export function historyOf(times: readonly number[], days: number): History {
  const active = new Uint8Array(days * 1440)
  const events = new Float64Array(days * 24)
  for (const time of times) {
    const minute = Math.floor((time - MONDAY) / MINUTE_MS)
    if (minute < 0 || minute >= active.length) continue
    active[minute] = 1
    const hour = Math.floor(minute / 60)
    events[hour] = (events[hour] ?? 0) + 1
  }
  return { from: MONDAY, active, events }
}

export const allObserved = (days: number): Uint8Array => new Uint8Array(days * 1440).fill(1)

export const at = (day: number, hour: number): number => MONDAY + day * DAY_MS + hour * HOUR_MS

/** Something between 0 and 1 that is the same for the same day. */
const ofDay = (day: number, salt: number): number => random(day * 1000 + salt)()

export const rates = {
  /** Twenty events a second by day, five by night. */
  busy: ({ hour }) => (hour >= 6 && hour < 22 ? 1200 : 300),
  /** Workdays from about eight to about five. */
  office: ({ hour, weekday, day }) => {
    const begin = 8 + (ofDay(day, 1) - 0.5) / 3
    const end = 17 + (ofDay(day, 2) - 0.5) / 3
    return weekday < 5 && hour >= begin && hour < end ? 60 : 0
  },
  /** A batch at one at night that takes about ten minutes. */
  batch: ({ hour, day }) => (hour >= 1 && hour < 1 + (8 + 4 * ofDay(day, 3)) / 60 ? 200 : 0),
  /** Busy on workdays around the clock, nothing at weekends. */
  weekendQuiet: ({ weekday }) => (weekday < 5 ? 120 : 0),
  /** Three lines an hour. */
  trickle: () => 3 / 60,
  /** Quiet every night from 22 to 6. */
  nightQuiet: ({ hour }) => (hour >= 6 && hour < 22 ? 300 : 0),
} satisfies Record<string, Rate>

/** Bursts: about half an hour of traffic, about half an hour without, by chance. */
export function bursty(days: number, seed: number): Rate {
  const next = random(seed)
  const on = new Uint8Array(days * 1440)
  let speaks = true
  for (let minute = 0; minute < on.length; minute += 1) {
    if (next() < 1 / 30) speaks = !speaks
    on[minute] = speaks ? 1 : 0
  }
  return ({ minute }) => (on[minute] === 1 ? 30 : 0)
}
