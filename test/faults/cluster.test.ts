// Two shards and three brokers, killed in a small seeded size, for every run of the tests; cluster.long.test.ts is the large one.
import { afterAll, beforeAll, test } from 'vitest'
import { type ClusterRig, exactlyOnceOnCluster, othersGoOn, startClusterRig } from './cluster.ts'

let rig: ClusterRig
beforeAll(async () => {
  rig = await startClusterRig()
}, 300_000)
afterAll(() => rig?.stop())

test('a shard that is away holds up its own partitions only', { timeout: 180_000 }, async () => {
  await othersGoOn(rig, 2_000)
})

test('every accepted event lands exactly once though workers, shards and brokers are killed', {
  timeout: 300_000,
}, async () => {
  await exactlyOnceOnCluster(rig, { events: 20_000, batch: 200, kills: 1, seed: 20_241_127, gapMs: 2_500 })
})
