// Does any changed line stop a worker? A few seconds of the fuzz, always the same lines; ten minutes of it are in fuzz.long.test.ts.
import { expect, test } from 'vitest'
import { EventFormat } from '../../../schemas/config.ts'
import { fuzz, fuzzText, tooSlow } from './fuzz.ts'
import { ownSeeds } from './seeds.ts'

const seeds = ownSeeds()

test('there are lines of every format', () => {
  const without = EventFormat.options.filter((name) => name !== 'auto' && !seeds.some(({ format }) => format === name))
  expect(without).toEqual([])
})

test('changed lines have an outcome, an event that fits, and a time in proportion to their length', () => {
  const report = fuzz({ seeds, seed: 1, seconds: 4 })
  process.stdout.write(fuzzText(report))
  expect(report.failures).toEqual([])
  expect(report.lines).toBeGreaterThan(200)
  expect(tooSlow(report)).toEqual([])
})
