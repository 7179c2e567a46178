// What does a back-up of an election year cost, and the one of the night after? Measured, and restored to the last row.
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { daysOf } from '../bench/election-year/world.ts'
import { keepAll, makeYear } from '../bench/election-year/year.ts'
import { report } from '../e2e/siaga.ts'
import { backUp, landed, ledgerOf, loseTables, loseTopics, restoreInto, send, withTarget } from './backup.ts'
import { type Rig, startRig } from './rig.ts'

const EVENTS = Number(process.env.SIAGA_BACKUP_EVENTS ?? 5_000_000)
const MiB = 1024 ** 2

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
  await keepAll(rig.clickhouse)
  await makeYear(rig.clickhouse, daysOf(EVENTS), 1, () => undefined)
}, 3_600_000)
afterAll(() => rig?.stop())

const Sum = z.object({ rows: z.coerce.number(), sum: z.string() })
const sumOf = async () =>
  (
    await rig.clickhouse.rows(
      Sum,
      'SELECT count() AS rows, toString(sum(cityHash64(event_id, message, timestamp, score))) AS sum FROM siaga.events',
      {},
      { max_execution_time: 600 },
    )
  )[0]

test(`a year of ${EVENTS} events: the first back-up, the next one, total loss, restore`, async () => {
  await withTarget(async (target) => {
    const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const began = performance.now()
      const done = await work()
      report(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
      return done
    }
    const first = await timed('first back-up', () => backUp(rig, target))
    report(`${(first.written / MiB).toFixed(0)} MiB in ${first.manifest.files.length} files`)
    await send(rig, 'malam-', 0, 10_000)
    await landed(rig, 'malam-', 10_000)
    const next = await timed('the next one, behind 10,000 events', () => backUp(rig, target, first.folder))
    report(`${(next.written / MiB).toFixed(1)} MiB written, ${(next.linked / MiB).toFixed(0)} MiB linked`)
    expect(next.written).toBeLessThan(first.written / 10)
    // Whole in itself.
    await rm(first.folder, { recursive: true })
    const before = await sumOf()
    await rig.workers().stop()
    await loseTables(rig)
    await loseTopics(rig)
    await timed('restore', () => restoreInto(rig, next.folder))
    expect(await sumOf()).toEqual(before)
    await rig.startWorkers().ready()
    await send(rig, 'pagi-', 0, 1_000)
    await landed(rig, 'pagi-', 1_000)
    expect(await ledgerOf(rig, 'malam-')).toMatchObject({ rows: 10_000, numbers: 10_000 })
  })
})
