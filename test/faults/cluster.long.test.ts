// The fault test on two shards and three brokers in its large size: 200,000 events while everything is killed four times over.
import { afterAll, beforeAll, test } from 'vitest'
import { type ClusterRig, exactlyOnceOnCluster, startClusterRig } from './cluster.ts'

let rig: ClusterRig
beforeAll(async () => {
  rig = await startClusterRig()
}, 300_000)
afterAll(() => rig?.stop())

const seeds = (process.env.SIAGA_FAULT_SEEDS ?? '1,2').split(',').map(Number)

test.for(seeds)('200,000 accepted events land exactly once, seed %i', { timeout: 1_800_000 }, async (seed) => {
  await exactlyOnceOnCluster(rig, { events: 200_000, batch: 500, kills: 4, seed, gapMs: 6_000 })
})
