// Do rows go on landing while ten analysts run the heaviest queries they may? For a short time or a long one.
import { expect } from 'vitest'
import { z } from 'zod'
import { analystRooms, analystsAtWork, seedEvents } from '../bench/heavy-queries.ts'
import { acceptToRow } from '../bench/latency.ts'
import { type Rig, startRig } from '../faults/rig.ts'

const ROWS = 300_000

/** A rig with the rooms of the analysts and rows for them to read. */
export async function startAnalystsRig(): Promise<Rig> {
  const rig = await startRig({ workers: 1, rooms: analystRooms })
  await seedEvents(rig.clickhouse, ROWS)
  return rig
}

/** 500 events a second for so many seconds, all of which must land, and afterwards nobody's question may be left. */
export async function landBesideAnalysts(rig: Rig, seconds: number): Promise<void> {
  const stop = new AbortController()
  const work = analystsAtWork(rig.services, stop.signal)
  const waited = await acceptToRow(rig, 500, seconds)
  stop.abort()
  const outcomes = await work
  // Each batch of a hundred was answered and is there whole: acceptToRow ends when it has seen every one.
  expect(waited).toHaveLength(5 * seconds)
  expect(waited.filter(({ waitedMs }) => !Number.isFinite(waitedMs))).toEqual([])
  expect([...outcomes.keys()].length).toBeGreaterThan(3)
  const Row = z.object({ n: z.coerce.number() })
  const Rows = z.object({ landed: z.coerce.number(), seeded: z.coerce.number() })
  const rows = await rig.clickhouse.rows(
    Rows,
    "SELECT countIf(source_id = 'demo') AS landed, countIf(_stream = 'seeded') AS seeded FROM siaga.events",
  )
  expect(rows).toEqual([{ landed: 500 * seconds, seeded: ROWS }])
  // Who left is not worked for any more: their places are free for whoever asks next.
  await expect
    .poll(
      async () => {
        const [left] = await rig.clickhouse.rows(
          Row,
          "SELECT count() AS n FROM system.processes WHERE startsWith(user, 'siaga_room_')",
        )
        return left?.n
      },
      { timeout: 60_000 },
    )
    .toBe(0)
}
