// The fault test in a small seeded size, for every run of the tests; exactly-once.long.test.ts is the large one.
import { afterAll, beforeAll, test } from 'vitest'
import { exactlyOnceUnderKills, topicMadeAnew } from './exactly-once.ts'
import { type Rig, startRig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stop())

test('every accepted event lands exactly once though worker, ClickHouse and Kafka are killed', {
  timeout: 180_000,
}, async () => {
  await exactlyOnceUnderKills(rig, { events: 20_000, batch: 200, kills: 1, seed: 20_241_127, gapMs: 2_500 })
})

test('a topic deleted under way loses nothing that comes after', { timeout: 180_000 }, async () => {
  await topicMadeAnew(rig, 500)
})
