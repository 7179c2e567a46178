// Which runs were missed? Compared with node-cron asked second by second.
import fc from 'fast-check'
import cron from 'node-cron'
import { expect, test } from 'vitest'
import { missedRuns } from '../../runtime/missed.ts'

const at = (text: string): number => Date.parse(text)
const texts = (when: string, after: string, until: string, limit = 10): string[] =>
  missedRuns(when, at(after), at(until), limit).map((run) => new Date(run).toISOString())

test.each([
  [
    'daily, over three nights',
    '0 0 * * *',
    '2024-11-25T10:00:00Z',
    '2024-11-28T09:00:00Z',
    10,
    3,
    '2024-11-26T00:00:00.000Z',
  ],
  ['the latest of them', '0 0 * * *', '2024-11-25T10:00:00Z', '2024-11-28T09:00:00Z', 1, 1, '2024-11-28T00:00:00.000Z'],
  ['none between', '0 0 * * *', '2024-11-28T00:00:00Z', '2024-11-28T23:59:59Z', 10, 0, undefined],
  [
    'the end counts, the beginning does not',
    '0 0 * * *',
    '2024-11-27T00:00:00Z',
    '2024-11-28T00:00:00Z',
    10,
    1,
    '2024-11-28T00:00:00.000Z',
  ],
  ['with seconds', '*/20 * * * * *', '2024-11-27T00:00:00Z', '2024-11-27T00:01:00Z', 10, 3, '2024-11-27T00:00:20.000Z'],
  ['yearly', '0 0 1 1 *', '2023-06-01T00:00:00Z', '2024-05-01T00:00:00Z', 10, 1, '2024-01-01T00:00:00.000Z'],
  ['leap day', '0 12 29 2 *', '2024-01-01T00:00:00Z', '2024-05-01T00:00:00Z', 10, 1, '2024-02-29T12:00:00.000Z'],
  ['on Sundays', '30 17 * * sun', '2024-11-20T00:00:00Z', '2024-12-05T00:00:00Z', 10, 2, '2024-11-24T17:30:00.000Z'],
  [
    'longer ago than a year',
    '0 0 1 1 *',
    '2020-01-02T00:00:00Z',
    '2022-05-01T00:00:00Z',
    10,
    1,
    '2022-01-01T00:00:00.000Z',
  ],
  ['a clock that was ahead', '0 0 * * *', '2024-11-29T00:00:00Z', '2024-11-28T00:00:00Z', 10, 0, undefined],
] as const)('%s', (_name, when, after, until, limit, count, first) => {
  const found = texts(when, after, until, limit)
  expect([found.length, found[0]]).toEqual([count, first])
})

test('any schedule, any stretch: the same as asking for every second', () => {
  const field = (max: number, min = 0) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
      fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 }).map((list) => list.join(',')),
    )
  const expression = fc.tuple(
    field(59),
    field(59),
    fc.constantFrom('*', '23', '0', '0,23'),
    field(31, 1),
    fc.constant('*'),
    field(6),
  )
  const start = at('2024-11-26T22:30:00Z')
  fc.assert(
    fc.property(
      expression,
      fc.integer({ min: 0, max: 3_600 }),
      fc.integer({ min: 1, max: 5_400 }),
      fc.integer({ min: 1, max: 200 }),
      (parts, offset, length, limit) => {
        const when = parts.join(' ')
        const after = start + offset * 1000
        const until = after + length * 1000
        const task = cron.createTask(when, () => undefined, { timezone: 'UTC' })
        const all: number[] = []
        for (let second = after + 1000; second <= until; second += 1000)
          if (task.match(new Date(second))) all.push(second)
        void task.destroy()
        expect(missedRuns(when, after, until, limit)).toEqual(all.slice(-limit))
      },
    ),
    { numRuns: 40 },
  )
})
