import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HeldCount, HeldHour } from '../../../../schemas/alert-log.ts'
import { createHeldTally } from '../../../../sinks/alerts/policy/held-tally.ts'

const HOUR = 3_600_000
type Added = readonly [now: number, held: Omit<HeldCount, 'findings'>, n: number]
const one = (changed: Partial<HeldCount> = {}) => {
  return {
    reason: 'below_threshold' as const,
    detail: 'shipped: attempts',
    rule_id: 'r-1',
    region_code: '32.04',
    ...changed,
  }
}
const tallied = (all: readonly Added[]) => {
  const tally = createHeldTally()
  for (const [now, held, n] of all) tally.add(now, held, n)
  return tally
}

test('counts by the hour in which they were processed', () => {
  const tally = tallied([
    [HOUR, one(), 1],
    [2 * HOUR - 1, one(), 2],
    [2 * HOUR, one(), 4],
  ])
  expect(tally.take().map(({ hour, counts }) => [hour, counts])).toEqual([
    [HOUR, [{ ...one(), findings: 3 }]],
    [2 * HOUR, [{ ...one(), findings: 4 }]],
  ])
  expect(tally.take()).toEqual([])
})

test('a summary says how many and why, most first, for [from, to)', () => {
  const tally = tallied([
    [HOUR, one(), 5],
    [2 * HOUR, one({ reason: 'suppressed', detail: 'S-1', region_code: '51' }), 7],
    [2 * HOUR, one({ region_code: '33' }), 4],
    [3 * HOUR, one(), 100],
  ])
  expect(tally.summary(HOUR, 3 * HOUR)).toEqual({
    from: HOUR,
    to: 3 * HOUR,
    counts: [
      { reason: 'below_threshold', detail: 'shipped: attempts', findings: 9 },
      { reason: 'suppressed', detail: 'S-1', findings: 7 },
    ],
  })
  expect(tally.forget(2 * HOUR)).toEqual([HOUR])
  expect(tally.summary(0, 3 * HOUR).counts[1]).toMatchObject({ findings: 4 })
})

describe('with more than it can tell', () => {
  const flood = (n: number, of: (n: number) => Partial<HeldCount>) =>
    tallied(Array.from({ length: n }, (_, at): Added => [0, one(of(at)), 1])).take()[0]

  test.each<[string, (n: number) => Partial<HeldCount>, number]>([
    ['places become provinces', (n) => ({ region_code: `${11 + (n % 9)}.${10 + (n % 80)}` }), 1],
    ['then are not told', (n) => ({ region_code: `${10 + (n % 70)}.01`, rule_id: `r-${n % 11}` }), 2],
    ['rules are not told', (n) => ({ rule_id: `r-${n}` }), 3],
    ['details are not told', (n) => ({ detail: `S-${n}` }), 4],
  ])('%s', (_what, of, level) => {
    const hour = flood(5_000, of)
    expect(hour?.level).toBe(level)
    expect(hour?.counts.length).toBeLessThanOrEqual(300)
    expect(hour?.counts.reduce((sum, { findings }) => sum + findings, 0)).toBe(5_000)
  })

  test('a summary tells the rest by reason', () => {
    const all = Array.from({ length: 150 }, (_, n): Added => [0, one({ reason: 'suppressed', detail: `S-${n}` }), 1])
    const { counts } = tallied(all).summary(0, HOUR)
    expect(counts).toHaveLength(101)
    expect(counts.at(-1)).toEqual({ reason: 'suppressed', detail: '*', findings: 50 })
  })
})

test('order never matters, and neither does a restart in between', () => {
  const added = fc.tuple(
    fc.constantFrom(0, HOUR),
    fc.record({
      reason: fc.constantFrom('below_threshold' as const, 'storm' as const),
      detail: fc.constantFrom('a', 'b'),
      rule_id: fc.nat(40).map((n) => `r-${n}`),
      region_code: fc.nat(40).map((n) => `${11 + (n % 20)}.${10 + n}`),
    }),
    fc.integer({ min: 1, max: 9 }),
  )
  fc.assert(
    fc.property(fc.array(added, { maxLength: 900, size: 'max' }), fc.nat(900), (all, at) => {
      const straight = tallied(all)
      const kept = tallied(all.slice(at)).take()
      const again = createHeldTally()
      for (const hour of kept) again.restore(HeldHour.parse(JSON.parse(JSON.stringify(hour))))
      for (const [now, held, n] of all.slice(0, at).reverse()) again.add(now, held, n)
      expect(again.summary(0, 2 * HOUR)).toEqual(straight.summary(0, 2 * HOUR))
      const hours = new Map([...kept, ...again.take()].map((hour) => [hour.hour, hour]))
      for (const hour of straight.take()) expect(hours.get(hour.hour)).toEqual(hour)
    }),
    { numRuns: 50 },
  )
})
