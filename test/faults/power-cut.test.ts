// Does the ledger stay exact when a broker loses the end of its log and keeps the commits behind it, as a machine without power does? The log of a real broker is cut while it is dead.
import { globSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { topics } from '../../schemas/raw-event.ts'
import { expectRollupsAgree, ledgerOf, settled } from './exactly-once.ts'
import { push, type Rig, startRig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stop())

const RUN = 'listrik-'
let sent = 0

async function send(count: number): Promise<void> {
  for (const end = sent + count; sent < end; sent += 25) {
    const lines = Array.from({ length: 25 }, (_, n) => `${RUN}${sent + n} level=info`)
    await push(rig, `${RUN}${sent}`, lines, Date.now() + 60_000)
  }
}

/** Kills the broker and takes the last fifth of what it has written to each partition of siaga.raw, the last batch in its middle. */
async function loseTheEnd(): Promise<number> {
  const before = await rig.admin.offsets(topics.raw)
  rig.services.embedded.kafka?.kill('SIGKILL')
  const logs = globSync(join(rig.services.dataDir, 'kafka', '**', `${topics.raw}-*`, '0*.log'))
  expect(logs.length).toBe(before.length)
  // The next broker takes a second to look at them.
  for (const log of logs) truncateSync(log, Math.floor(statSync(log).size * 0.8))
  let lost = 0
  await expect
    .poll(
      async () => {
        const after = await rig.admin.offsets(topics.raw).catch(() => [])
        lost = before.reduce((sum, { high }, n) => sum + high - (after[n]?.high ?? high), 0)
        return lost
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThan(50)
  return lost
}

async function expectExact(): Promise<void> {
  await settled(rig, RUN, sent, Date.now() + 60_000)
  expect(await ledgerOf(rig, RUN)).toEqual({ rows: sent, numbers: sent, offsets: sent })
  await expectRollupsAgree(rig, 'a power cut')
}

test('new events fill the gap before anybody looks, or after: each is there once, and none of those before it twice', {
  timeout: 240_000,
}, async () => {
  await send(1_000)
  await expectExact()
  await rig.workers().stop()
  const lost = await loseTheEnd()
  // More than were lost: the commit lies within them.
  await send(lost + 500)
  await rig.startWorkers().ready()
  await expectExact()

  await rig.workers().stop()
  await loseTheEnd()
  await rig.startWorkers().ready()
  await send(25)
  await expectExact()
})
