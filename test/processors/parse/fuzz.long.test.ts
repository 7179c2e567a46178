// Does any changed line stop a worker? Ten minutes of lines, other ones each time. SIAGA_FUZZ_SECONDS: how long; SIAGA_FUZZ_SEED: the same lines again.
import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { fuzz, fuzzText, tooSlow } from './fuzz.ts'
import { corporaSeeds, ownSeeds } from './seeds.ts'

const seconds = Number(process.env.SIAGA_FUZZ_SECONDS ?? 600)
const seed = Number(process.env.SIAGA_FUZZ_SEED ?? randomInt(1_000_000))

test(`${seconds} seconds of changed lines`, () => {
  const real = corporaSeeds()
  if (real.length === 0) process.stdout.write('fuzz without real lines: ../shared/corpora is absent\n')
  const report = fuzz({ seeds: [...ownSeeds(), ...real], seed, seconds })
  process.stdout.write(fuzzText(report))
  expect(report.failures).toEqual([])
  expect(report.datasets).toBeGreaterThan(Math.min(40, seconds))
  expect(tooSlow(report)).toEqual([])
})
