import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addDistinct,
  countDistinct,
  createDistinct,
  type Distinct,
  decodeDistinct,
  encodeDistinct,
  encodedDistinct,
  isExact,
  mergeDistinct,
} from '../../../../sinks/alerts/group/distinct.ts'
import { hash53 } from '../../../../sinks/alerts/group/hash.ts'

/** Ids as the stream gives them, different for each `series`. */
const idOf = (series: number, n: number): string => `stream${series}-${n % 12}-${1_000_000 + n}-web_sqli`

function counted(series: number, from: number, until: number): Distinct {
  const distinct = createDistinct()
  for (let n = from; n < until; n++) addDistinct(distinct, hash53(idOf(series, n)))
  return distinct
}

test('a count is exact up to 512', () => {
  const distinct = counted(0, 0, 512)
  expect([countDistinct(distinct), isExact(distinct)]).toEqual([512, true])
  addDistinct(distinct, hash53(idOf(0, 3)))
  expect([countDistinct(distinct), isExact(distinct)]).toEqual([512, true])
  addDistinct(distinct, hash53('one more'))
  expect([countDistinct(distinct) >= 513, isExact(distinct)]).toEqual([true, false])
})

test('above it the standard error is that of 4096 registers, without bias', () => {
  for (const size of [600, 2_000, 10_000, 12_500, 40_000]) {
    const errors = Array.from({ length: 60 }, (_, series) => countDistinct(counted(series, 0, size)) / size - 1)
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
    // 1.04/√4096 = 1.63 %, and four standard errors of the mean and of the spread of 60.
    expect(Math.abs(mean)).toBeLessThan((4 * 0.0163) / Math.sqrt(60))
    expect(spread).toBeLessThan(0.0163 * 1.4)
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.0163 * 4.5)
  }
  expect(Math.abs(countDistinct(counted(7, 0, 1_500_000)) / 1_500_000 - 1)).toBeLessThan(0.0163 * 4)
})

test('counting twice, in another order, in parts or through a record changes nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 1_500 }),
      fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 1_500 }),
      (some, others) => {
        const whole = createDistinct()
        for (const n of [...others, ...some, ...others]) addDistinct(whole, hash53(idOf(1, n)))
        const [a, b] = [some, others].map((numbers) => {
          const distinct = createDistinct()
          for (const n of numbers) addDistinct(distinct, hash53(idOf(1, n)))
          const text = encodeDistinct(distinct)
          expect(text).toMatch(encodedDistinct)
          return decodeDistinct(text)
        })
        if (a === undefined || b === undefined) throw new Error('two')
        mergeDistinct(a, b)
        mergeDistinct(a, b)
        expect(a.exact).toEqual(whole.exact)
        expect(a.registers).toEqual(whole.registers)
      },
    ),
    { numRuns: 60 },
  )
})

test('hashes of ids that differ little do not collide', () => {
  const hashes = new Set<number>()
  for (let n = 0; n < 300_000; n++) hashes.add(hash53(idOf(0, n)))
  expect(hashes.size).toBe(300_000)
  for (const hash of [...hashes].slice(0, 1000)) expect(Number.isSafeInteger(hash)).toBe(true)
})
