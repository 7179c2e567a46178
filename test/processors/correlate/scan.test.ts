// Are the windows the right ones? The sliding scan against one that tries every window, and the countries' distances.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leastDistance } from '../../../processors/correlate/countries.ts'
import { mergeSpans } from '../../../processors/correlate/evaluate.ts'
import { holds, type Pattern } from '../../../processors/correlate/rule.ts'
import { deviation, findMatches, type Row } from '../../../processors/correlate/scan.ts'

const T = 10

const rowOf = (t: number, n: number, role: number, value: string): Row => ({
  t,
  event: `e${n}`,
  role,
  value,
  carried: [],
  region: '',
  owner: '',
  asset: '',
  country: '',
  asn: 0,
  score: 0,
  source: '',
})
const rows = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 9 })), {
    maxLength: 25,
  })
  .map((list) => list.map(([t, role, value], n) => rowOf(t, n, role, String(value))))

const bounds = fc
  .tuple(fc.constantFrom('gt', 'gte', 'eq'), fc.integer({ min: 1, max: 6 }))
  .map(([operator, value]) => [{ operator, value } as const])

/** What a pattern says of a set of rows, reckoned from scratch. */
function measured(pattern: Pattern, window: readonly Row[]): boolean {
  const numbers = window.map(({ value }) => Number(value)).sort((a, b) => a - b)
  const sum = numbers.reduce((total, value) => total + value, 0)
  switch (pattern.type) {
    case 'event_count':
      return holds(pattern.condition, new Set(window.map(({ event }) => event)).size)
    case 'value_count':
      return holds(pattern.condition, new Set(window.map(({ value }) => value)).size)
    case 'value_sum':
      return numbers.length > 0 && holds(pattern.condition, sum)
    case 'value_avg':
      return numbers.length > 0 && holds(pattern.condition, sum / numbers.length)
    case 'value_percentile':
      return (
        numbers.length > 0 &&
        holds(pattern.condition, numbers[Math.max(0, Math.ceil((pattern.percentile / 100) * numbers.length) - 1)] ?? 0)
      )
    case 'temporal':
      return new Set(window.map(({ role }) => role)).size === 3
    case 'temporal_ordered':
      return window.some((a) =>
        window.some((b) =>
          window.some((c) => a.role === 1 && b.role === 2 && c.role === 3 && a.t <= b.t && b.t <= c.t),
        ),
      )
    default:
      return false
  }
}

/** The first moment at which a window of T holds, then again from behind what it covers. */
function slowly(pattern: Pattern, all: readonly Row[]): { start: number; at: number }[] {
  const sorted = all.toSorted((a, b) => a.t - b.t || a.role - b.role)
  const found: { start: number; at: number }[] = []
  let free = Number.NEGATIVE_INFINITY
  for (let end = 0; end < sorted.length; end += 1) {
    const at = sorted[end]?.t ?? 0
    const window = sorted.slice(0, end + 1).filter(({ t }) => t > free && t >= at - T)
    if (at <= free || !measured(pattern, window)) continue
    const start =
      pattern.type === 'temporal_ordered'
        ? Math.max(
            ...window
              .filter(({ t }) =>
                measured(
                  pattern,
                  window.filter((row) => row.t >= t),
                ),
              )
              .map(({ t }) => t),
          )
        : (window[0]?.t ?? at)
    found.push({ start, at })
    free = start + T
  }
  return found
}

describe('sliding windows are those that a slow search finds', () => {
  const patterns: fc.Arbitrary<Pattern> = fc.oneof(
    bounds.map((condition) => ({ type: 'event_count', condition }) as const),
    bounds.map((condition) => ({ type: 'value_count', condition, fields: ['f'] }) as const),
    bounds.map((condition) => ({ type: 'value_sum', condition, fields: ['f'] }) as const),
    bounds.map((condition) => ({ type: 'value_avg', condition, fields: ['f'] }) as const),
    fc.tuple(bounds, fc.integer({ min: 0, max: 100 })).map(([condition, percentile]) => {
      return { type: 'value_percentile', condition, fields: ['f'], percentile } as const
    }),
    fc.constant({ type: 'temporal', condition: [] } as const),
    fc.constant({ type: 'temporal_ordered' } as const),
  )

  test('whatever the pattern', () => {
    fc.assert(
      fc.property(patterns, rows, (pattern, list) => {
        const quick = findMatches(pattern, T, 3, list, []).map(({ start, at }) => ({ start, at }))
        expect(quick).toEqual(slowly(pattern, list))
      }),
      { numRuns: 3_000 },
    )
  })

  test('no match overlaps a window that has fired, and looking again finds nothing', () => {
    fc.assert(
      fc.property(
        patterns,
        rows,
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 3 }),
        (pattern, list, fired) => {
          const covers = fired.map((from) => ({ from, to: from + T }))
          const matches = findMatches(pattern, T, 3, list, covers)
          for (const { start, at } of matches) {
            expect(at - start).toBeLessThanOrEqual(T)
            expect(covers.some(({ from, to }) => start <= to && at >= from)).toBe(false)
            covers.push({ from: start, to: start + T })
          }
          expect(findMatches(pattern, T, 3, list, covers)).toEqual([])
        },
      ),
    )
  })
})

test('an event that is two steps at once does not hide the step of another', () => {
  const list = [rowOf(0, 0, 1, ''), rowOf(1, 1, 1, ''), rowOf(1, 1, 2, '')]
  expect(findMatches({ type: 'temporal_ordered' }, T, 2, list, [])).toMatchObject([{ start: 0, at: 1 }])
  expect(findMatches({ type: 'temporal_ordered' }, T, 2, list.slice(1), [])).toEqual([])
})

test('countries are never farther apart than they are', () => {
  for (const [one, other] of [
    ['ID', 'SG'],
    ['ID', 'AU'],
    ['ID', 'TL'],
    ['US', 'CA'],
    ['RU', 'JP'],
    ['RU', 'PL'],
    ['FR', 'DE'],
    ['CN', 'VN'],
    ['CN', 'TW'],
    ['ES', 'MA'],
    ['ID', 'ID'],
    ['ID', '??'],
  ] as const)
    expect(leastDistance(one, other)).toBeLessThan(320)
  expect(leastDistance('ID', 'NL')).toBeGreaterThan(8_000)
  expect(leastDistance('ID', 'NL')).toBeLessThan(10_500)
  expect(leastDistance('SG', 'NG')).toBeGreaterThan(8_000)
  expect(leastDistance('NL', 'ID')).toBe(leastDistance('ID', 'NL'))
})

test('a baseline is not moved by one wild week, and a steady one not by one event more', () => {
  const spec = { deviations: 6, direction: 'above', minimum: 20 } as const
  expect(deviation(120, [40, 45, 38, 42, 300, 41], spec)).toMatchObject({ usual: 41.5 })
  expect(deviation(60, [40, 45, 38, 42, 300, 41], spec)).toBeUndefined()
  expect(deviation(101, [100, 100, 100, 100], spec)).toBeUndefined()
  expect(deviation(19, [0, 0, 0, 0], spec)).toBeUndefined()
  expect(deviation(0, [100, 90, 110], { ...spec, direction: 'below' })).toMatchObject({ usual: 100 })
  expect(deviation(0, [100, 90, 110], spec)).toBeUndefined()
})

test('stretches of time are joined where they touch, and the nearest where there are too many', () => {
  const span = (from: number, to: number) => ({ from, to })
  expect(mergeSpans([span(5, 9), span(1, 5), span(20, 30)])).toEqual([span(1, 9), span(20, 30)])
  expect(mergeSpans([span(0, 1), span(10, 11), span(13, 14), span(50, 51)], 2)).toEqual([span(0, 14), span(50, 51)])
})
