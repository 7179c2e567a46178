// Losses and restores in a small size; backup.long.test.ts is the large one.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { topics } from '../../schemas/raw-event.ts'
import { report } from '../e2e/siaga.ts'
import {
  backUp,
  findingsOf,
  landed,
  landFindings,
  ledgerOf,
  loseTables,
  loseTopics,
  restoreInto,
  send,
  withTarget,
} from './backup.ts'
import { type Rig, startRig } from './rig.ts'

let rig: Rig
let findings: { stop(): Promise<void> } | undefined
beforeAll(async () => {
  rig = await startRig()
})
afterEach(async () => {
  await findings?.stop()
  findings = undefined
})
afterAll(() => rig?.stop())

test('ClickHouse is lost, Kafka lives on: what landed after the back-up lands again, each event and finding once', {
  timeout: 240_000,
}, async () => {
  await withTarget(async (target) => {
    const run = 'hidup-'
    findings = landFindings(rig)
    await send(rig, run, 0, 1_000)
    await landed(rig, run, 1_000)
    const { folder, manifest } = await backUp(rig, target)
    await send(rig, run, 1_000, 1_000)
    await landed(rig, run, 2_000)
    await expect.poll(async () => (await findingsOf(rig)).events, { timeout: 60_000 }).toBeGreaterThanOrEqual(200)
    const before = await findingsOf(rig)
    await rig.workers().stop()
    await findings?.stop()
    await loseTables(rig)

    const filled = await restoreInto(rig, folder)
    expect(filled.get(topics.raw)).toBeUndefined()
    expect((await ledgerOf(rig, run)).rows).toBe(1_000)
    expect(manifest.clickhouse.kind).toBe('parts')
    await rig.startWorkers().ready()
    findings = landFindings(rig)
    await landed(rig, run, 2_000)
    expect(await ledgerOf(rig, run)).toMatchObject({ rows: 2_000, numbers: 2_000, offsets: 2_000 })
    await expect.poll(() => findingsOf(rig), { timeout: 60_000 }).toEqual(before)
    await send(rig, run, 2_000, 100)
    await landed(rig, run, 2_100)
    expect(await ledgerOf(rig, run)).toMatchObject({ rows: 2_100, numbers: 2_100, offsets: 2_100 })
  })
})

test('both are lost: what had been accepted when the back-up ended is there once, landed or not, sums and findings too', {
  timeout: 240_000,
}, async () => {
  await withTarget(async (target) => {
    const run = 'mati-'
    findings = landFindings(rig)
    await send(rig, run, 0, 1_000)
    await landed(rig, run, 1_000)
    const first = await backUp(rig, target)
    // The processors stand still: these wait in Kafka.
    await rig.workers().stop()
    await send(rig, run, 1_000, 500)
    const { folder, linked, written } = await backUp(rig, target, first.folder)
    report(`backup: ${written} bytes written, ${linked} linked`)
    expect(linked).toBeGreaterThan(0)
    const before = await findingsOf(rig)
    await findings?.stop()
    await loseTables(rig)
    await loseTopics(rig)

    const filled = await restoreInto(rig, folder)
    expect(filled.get(topics.raw)).toBe(500)
    expect((await ledgerOf(rig, run)).rows).toBe(1_000)
    await rig.startWorkers().ready()
    findings = landFindings(rig)
    await landed(rig, run, 1_500)
    expect(await ledgerOf(rig, run)).toMatchObject({ rows: 1_500, numbers: 1_500, offsets: 1_500 })
    const [streams] = await rig.clickhouse.rows(
      z.object({ n: z.coerce.number() }),
      'SELECT uniqExact(_stream) AS n FROM siaga.events WHERE position(message, {run:String}) > 0',
      { run },
    )
    expect(streams?.n).toBeGreaterThan(1)
    await expect.poll(async () => (await findingsOf(rig)).events, { timeout: 60_000 }).toBe(before.events + 50)
    const after = await findingsOf(rig)
    expect(after.ids).toBe(after.rows)
  })
})

test('a page is on its way while both are backed up: nothing is there twice', { timeout: 240_000 }, async () => {
  await withTarget(async (target) => {
    const run = 'arus-'
    let going = true
    let sent = 0
    const sending = (async () => {
      for (; going; sent += 20) await send(rig, run, sent, 20)
    })()
    await landed(rig, run, 200)
    const acceptedBefore = sent
    const { folder } = await backUp(rig, target)
    going = false
    await sending
    await landed(rig, run, sent)
    await rig.workers().stop()
    await loseTables(rig)
    await loseTopics(rig)
    await restoreInto(rig, folder)
    await rig.startWorkers().ready()
    await landed(rig, run, acceptedBefore)
    const ledger = await ledgerOf(rig, run)
    expect(ledger.numbers).toBeLessThanOrEqual(sent)
    expect(ledger.rows).toBe(ledger.numbers)
    expect(ledger.offsets).toBe(ledger.rows)
  })
})
