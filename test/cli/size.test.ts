// Does `siaga size` add up, and does more load never ask for less?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimate, type Load } from '../../cli/size/estimate.ts'
import { siagaLine } from './host.ts'

const load = fc.record({
  peak: fc.integer({ min: 1, max: 500_000 }),
  average: fc.integer({ min: 1, max: 500_000 }),
  days: fc.integer({ min: 1, max: 2_000 }),
  kafkaHours: fc.integer({ min: 1, max: 5_000 }),
  replication: fc.integer({ min: 1, max: 5 }),
  copies: fc.integer({ min: 1, max: 4 }),
  viewers: fc.integer({ min: 1, max: 10_000 }),
})
const settings = ['peak', 'average', 'days', 'kafkaHours', 'replication', 'copies', 'viewers'] as const

test('more of anything never asks for less of a machine', () => {
  fc.assert(
    fc.property(load, fc.constantFrom(...settings), fc.integer({ min: 1, max: 100_000 }), (small, what, more) => {
      const large: Load = { ...small, [what]: small[what] + more }
      const [before, after] = [estimate(small), estimate(large)]
      expect(after.partitions).toBeGreaterThanOrEqual(before.partitions)
      for (const [index, need] of before.needs.entries()) {
        const other = after.needs[index]
        expect(other?.role).toBe(need.role)
        for (const figure of ['count', 'cores', 'memory', 'disk'] as const)
          expect(other?.[figure], `${need.role} ${figure}`).toBeGreaterThanOrEqual(need[figure])
      }
    }),
  )
})

test('what two cores were measured to carry is not said to need less than two, nor many times as much', () => {
  // npm run bench -- viewers --rate 5000: all on two AMD cores that are busy all the time.
  const { needs } = estimate({
    ...{ peak: 5_000, average: 5_000, days: 1, kafkaHours: 1, replication: 1, copies: 1, viewers: 300 },
  })
  const cores = needs.reduce((sum, need) => sum + need.cores, 0)
  expect(cores).toBeGreaterThan(2)
  expect(cores).toBeLessThan(8)
})

test('days are what disk is made of: a year of 1,000 events a second in bytes an event', () => {
  const year = { peak: 5_000, average: 1_000, days: 365, kafkaHours: 1, replication: 1, copies: 1, viewers: 1 }
  const disk = estimate(year).needs.find(({ role }) => role === 'clickhouse')?.disk ?? 0
  const each = disk / (365 * 86_400 * 1_000)
  // 207.5 packed as measured, with room for merges.
  expect(each).toBeGreaterThan(207.5)
  expect(each).toBeLessThan(207.5 * 1.6)
})

test('is asked on the command line, in both languages and as JSON', async () => {
  const id = await siagaLine(['size', '--peak', '5000', '--lang', 'id'])
  expect(id).toMatchObject({ code: 0, stderr: '' })
  expect(id.stdout).toMatch(
    /Puncak 5\.000 kejadian\/detik[\s\S]*pengumpul \(siaga ingest\)[\s\S]*Setel kafka\.partitions ke 2/,
  )
  const en = await siagaLine(['size', '--peak', '5000', '--lang', 'en'])
  expect(en.stdout).toMatch(/all of it/)
  const json: unknown = JSON.parse((await siagaLine(['size', '--peak', '5000', '--days', '30', '--json'])).stdout)
  expect(json).toMatchObject({ load: { peak: 5_000, average: 1_000, days: 30 }, partitions: 2 })
})

test.each([
  [['--peak', '0'], /--peak is not a number from 1/],
  [['--peak', '5e3'], /--peak is not a number/],
  [['--peak', '10', '--average', '11'], /--average is above --peak/],
  [[], /--peak/],
])('%j is refused with what to do', async (args, words) => {
  const run = await siagaLine(['size', ...args])
  expect(run.code).toBe(2)
  expect(run.stderr).toMatch(words)
})
