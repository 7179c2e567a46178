import { describe, expect, test } from 'vitest'
import { expectedAt, isBusy, isQuiet, limitOf, type SilenceSettings } from '../../../processors/silence/judge.ts'
import { DAY_MS, dayNumber, HOUR_MS, learn, MINUTE_MS, type Rhythm } from '../../../processors/silence/rhythm.ts'
import { allObserved, at, bursty, eventsOf, historyOf, type Rate, rates, WIB } from './rhythms.ts'

const settings: SilenceSettings = { floorMs: 90_000, maxMs: 26 * HOUR_MS }
const LEARN = 28

const learnt = (rate: Rate, days = LEARN, seed = 1): Rhythm =>
  learn(historyOf(eventsOf(rate, days, seed), days), allObserved(days), WIB)

/** How long after its last event at this moment a source is told. */
const toldAfter = (rhythm: Rhythm, from: number): number => limitOf(rhythm, from, settings).at - from

/** Silences of the weeks behind the learnt ones that would be told although the source goes on as ever. */
function falselyTold(rate: Rate, rhythm: Rhythm, days: number, seed: number, first = LEARN): number[] {
  const times = eventsOf(rate, first + days, seed).filter((time) => time >= at(first - 1, 0))
  return times.filter((time, n) => {
    const next = times[n + 1]
    return next !== undefined && next - time > settings.floorMs && next >= limitOf(rhythm, time, settings).at
  })
}

describe('a source that goes on as ever is not told in the two weeks after', () => {
  test.each([
    ['busy', rates.busy],
    ['office hours', rates.office],
    ['nightly batch', rates.batch],
    ['quiet at weekends', rates.weekendQuiet],
    ['three lines an hour', rates.trickle],
    ['quiet at night', rates.nightQuiet],
    ['bursts', bursty(2 * LEARN, 7)],
  ] as const)('%s', (_name, rate) => {
    for (const seed of [1, 2]) expect(falselyTold(rate, learnt(rate, LEARN, seed), LEARN / 2, seed)).toEqual([])
  })
})

describe('a source that is killed is told', () => {
  test('at the floor, if it is busy around the clock', () => {
    const rhythm = learnt(rates.busy)
    for (const hour of [0, 3.5, 10.99, 23.9]) expect(toldAfter(rhythm, at(LEARN + 1, hour))).toBe(90_000)
    const least = { ...settings, floorMs: 10_000 }
    expect(limitOf(rhythm, at(LEARN + 1, 12), least).at).toBe(at(LEARN + 1, 12) + 10_000)
  })

  test('after so little as one week within two minutes', () => {
    const rhythm = learnt(rates.busy, 7)
    for (const hour of [0, 10.99]) expect(toldAfter(rhythm, at(8, hour))).toBeLessThan(120_000)
  })

  test('within two minutes in its hours, if it is quiet at night; in the night not before the next morning', () => {
    const rhythm = learnt(rates.nightQuiet)
    expect(toldAfter(rhythm, at(LEARN + 1, 12))).toBeLessThan(120_000)
    const morning = limitOf(rhythm, at(LEARN + 1, 22), settings)
    expect(morning.why).toBe('rhythm')
    expect(morning.at).toBeGreaterThanOrEqual(at(LEARN + 2, 6.5))
    expect(morning.at).toBeLessThan(at(LEARN + 2, 7))
  })

  test('in office hours within minutes, on Friday evening not before Monday morning', () => {
    const rhythm = learnt(rates.office)
    expect(toldAfter(rhythm, at(LEARN + 1, 11))).toBeLessThan(3 * MINUTE_MS)
    const friday = limitOf(rhythm, at(LEARN + 4, 17), settings).at
    expect(friday).toBeGreaterThan(at(LEARN + 7, 8.4))
    expect(friday).toBeLessThan(at(LEARN + 7, 10))
  })

  test('a batch that does not come: when the longest silence is over', () => {
    const rhythm = learnt(rates.batch)
    expect(rhythm.recurringGapMs / HOUR_MS).toBeCloseTo(23.8, 0)
    const told = limitOf(rhythm, at(LEARN, 1.15), settings)
    expect(told).toEqual({ at: at(LEARN, 1.15) + 1.25 * rhythm.recurringGapMs, why: 'longest' })
  })

  test('three lines an hour: after hours, not after five minutes', () => {
    const after = toldAfter(learnt(rates.trickle), at(LEARN + 2, 12))
    expect(after).toBeGreaterThan(2.5 * HOUR_MS)
    expect(after).toBeLessThan(7 * HOUR_MS)
  })

  test('bursts: after what no pause between them has lasted', () => {
    const after = toldAfter(learnt(bursty(LEARN, 7)), at(LEARN + 2, 12))
    expect(after).toBeGreaterThan(3 * HOUR_MS)
    expect(after).toBeLessThan(14 * HOUR_MS)
  })
})

describe('little history', () => {
  test('a source of some hours is told after an hour, or four times its longest silence', () => {
    const hours = 5
    const times = eventsOf(rates.busy, 1, 1).filter((time) => time < at(0, hours))
    const rhythm = learn(historyOf(times, 1), allObserved(1).fill(0, hours * 60), WIB)
    expect(limitOf(rhythm, at(0, hours), settings)).toEqual({ at: at(0, hours + 1), why: 'new' })
    const paused = times.filter((time) => time < at(0, 2) || time > at(0, 2.5))
    const slower = learn(historyOf(paused, 1), allObserved(1).fill(0, hours * 60), WIB)
    expect(toldAfter(slower, at(0, hours))).toBeCloseTo(2 * HOUR_MS, -6)
  })

  test('one that spoke a few times only: not before the longest silence', () => {
    const rhythm = learn(historyOf([at(0, 1), at(0, 1.5)], 1), allObserved(1), WIB)
    expect(limitOf(rhythm, at(0, 1.5), settings)).toEqual({ at: at(0, 27.5), why: 'longest' })
  })

  test('the first weekend of an office is not known: nothing is told on it', () => {
    const rhythm = learnt(rates.office, 5)
    expect(limitOf(rhythm, at(4, 17), settings).at).toBeGreaterThan(at(7, 8))
  })

  test('one that was always busy is judged also in hours of a kind that is new', () => {
    expect(toldAfter(learnt(rates.busy, 3), at(5, 10))).toBeLessThan(3 * MINUTE_MS)
  })

  test('no history at all', () => {
    const rhythm = learn(historyOf([], 1), allObserved(1), WIB)
    expect(limitOf(rhythm, at(1, 0), settings)).toEqual({ at: at(2, 2), why: 'longest' })
  })
})

describe('odd days', () => {
  const quietOn =
    (rate: Rate, days: readonly number[]): Rate =>
    (when) =>
      days.includes(when.day) ? 0 : rate(when)

  test('a holiday in the history does not make later silence usual', () => {
    const usual = toldAfter(learnt(rates.office), at(LEARN + 1, 11))
    const after = toldAfter(learnt(quietOn(rates.office, [8])), at(LEARN + 1, 11))
    expect(after).toBeLessThan(usual + 2 * MINUTE_MS)
  })

  test('nor does one outage of a busy source', () => {
    const outage: Rate = (when) => (when.day === 15 && when.hour >= 10 && when.hour < 12.5 ? 0 : rates.busy(when))
    const rhythm = learnt(outage)
    // Also at the same hour of the same weekday.
    for (const day of [1, 2]) expect(toldAfter(rhythm, at(LEARN + day, 10.5))).toBeLessThan(120_000)
  })

  test('nor do three minutes in which a busy source was restarted: told as if they had not been', () => {
    const restart: Rate = (when) =>
      when.day === 15 && when.minute % 1440 >= 620 && when.minute % 1440 < 623 ? 0 : rates.busy(when)
    const moment = at(LEARN + 1, 10.5)
    expect(toldAfter(learnt(restart), moment)).toBe(toldAfter(learnt(rates.busy), moment))
  })

  test('a busy source that pauses for three minutes at this hour each week is not told for it', () => {
    const weekly: Rate = (when) =>
      when.weekday === 1 && when.minute % 1440 >= 620 && when.minute % 1440 < 623 ? 0 : rates.busy(when)
    expect(toldAfter(learnt(weekly), at(LEARN + 1, 10.4))).toBeGreaterThan(3 * MINUTE_MS)
  })

  test('a holiday that is known is as quiet as a Sunday; one that is not is told in the morning', () => {
    const times = eventsOf(rates.office, LEARN, 1)
    const known = { ...WIB, holidays: new Set([dayNumber(new Date(at(LEARN + 2, 12)).toISOString().slice(0, 10))]) }
    const evening = at(LEARN + 1, 17)
    const unknown = limitOf(learnt(rates.office), evening, settings).at
    expect(unknown).toBeGreaterThan(at(LEARN + 2, 8))
    expect(unknown).toBeLessThan(at(LEARN + 2, 10))
    const rhythm = learn(historyOf(times, LEARN), allObserved(LEARN), known)
    expect(limitOf(rhythm, evening, settings).at).toBeGreaterThan(at(LEARN + 3, 8))
  })

  test('voting day: busier than ever, also at night, tells nothing; killed then it is told as on any day', () => {
    const voting: Rate = (when) => (when.day === LEARN + 2 ? 600 : rates.nightQuiet(when))
    const rhythm = learnt(rates.nightQuiet)
    expect(falselyTold(voting, rhythm, 4, 1)).toEqual([])
    expect(toldAfter(rhythm, at(LEARN + 2, 15))).toBeLessThan(120_000)
  })
})

describe('what Siaga did not see', () => {
  test('minutes in which Siaga was down teach nothing', () => {
    const blind: Rate = (when) => (when.hour >= 10 && when.hour < 11 && when.day % 2 === 0 ? 0 : rates.busy(when))
    const times = eventsOf(blind, LEARN, 1)
    const observed = allObserved(LEARN)
    for (let day = 0; day < LEARN; day += 2) observed.fill(0, day * 1440 + 600, day * 1440 + 660)
    const rhythm = learn(historyOf(times, LEARN), observed, WIB)
    expect(toldAfter(rhythm, at(LEARN + 1, 10.5))).toBeLessThan(120_000)
    expect(rhythm.hours).toBeCloseTo(LEARN * 24 - 14, 0)
  })
})

describe('quiet is not silent', () => {
  test('at night, and when it is expected again', () => {
    const rhythm = learnt(rates.nightQuiet)
    const last = at(LEARN + 1, 22)
    expect(isQuiet(rhythm, last, last + 10 * MINUTE_MS)).toBe(false)
    expect(isQuiet(rhythm, last, last + 2 * HOUR_MS)).toBe(true)
    expect(expectedAt(rhythm, last + 2 * HOUR_MS)).toBe(at(LEARN + 2, 6))
    expect(isQuiet(rhythm, at(LEARN + 2, 9), at(LEARN + 2, 9) + HOUR_MS)).toBe(false)
    expect([isBusy(rhythm, at(LEARN + 1, 12)), isBusy(rhythm, at(LEARN + 1, 2))]).toEqual([true, false])
    expect(isQuiet(learnt(rates.trickle), last, last + 2 * HOUR_MS)).toBe(false)
  })

  test('an office on a weekend: on Monday', () => {
    expect(expectedAt(learnt(rates.office), at(LEARN + 5, 12))).toBe(at(LEARN + 7, 8))
  })
})

test('a limit never lies before the floor, whatever the rhythm and the moment', () => {
  for (const rate of Object.values(rates)) {
    const rhythm = learnt(rate, 14)
    for (let hour = 0; hour < 7 * 24; hour += 1.7) {
      const from = at(14, hour)
      const limit = limitOf(rhythm, from, settings).at
      expect(limit - from).toBeGreaterThanOrEqual(settings.floorMs)
      expect(limit - from).toBeLessThanOrEqual(9 * DAY_MS)
    }
  }
})
