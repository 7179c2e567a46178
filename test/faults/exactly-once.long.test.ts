// The fault test in its large size: 200,000 events while everything is killed four times over.
import { afterAll, beforeAll, test } from 'vitest'
import { exactlyOnceUnderKills } from './exactly-once.ts'
import { type Rig, startRig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stop())

const seeds = (process.env.SIAGA_FAULT_SEEDS ?? '1,2').split(',').map(Number)

test.for(seeds)('200,000 accepted events land exactly once, seed %i', { timeout: 1_800_000 }, async (seed) => {
  await exactlyOnceUnderKills(rig, { events: 200_000, batch: 500, kills: 4, seed, gapMs: 6_000 })
})
