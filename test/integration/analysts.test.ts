// Do rows go on landing while analysts run the heaviest queries they may, and do the limits stop those? Figures: npm run bench -- analysts.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { analystRooms, analystsAtWork, askAs, heavyQueries, seedEvents } from '../bench/heavy-queries.ts'
import { acceptToRow } from '../bench/latency.ts'
import { type Rig, startRig } from '../faults/rig.ts'

const ROWS = 300_000
let rig: Rig
beforeAll(async () => {
  rig = await startRig({ workers: 1, rooms: analystRooms })
  await seedEvents(rig.clickhouse, ROWS)
}, 120_000)
afterAll(() => rig?.stop())

const [centre, , , , province] = analystRooms

test('a question that cannot end is stopped by a limit, and the room is told by which', async () => {
  if (centre === undefined || province === undefined) throw new Error('no rooms')
  const ask = (sql: string) => askAs(rig.services, centre, sql)
  expect(await ask(`${heavyQueries['hash of numbers']} SETTINGS max_execution_time = 2`)).toBe('TIMEOUT_EXCEEDED')
  expect(await ask('SELECT groupArray(number) FROM numbers_mt(120000000)')).toBe('MEMORY_LIMIT_EXCEEDED')
  expect(await ask('SELECT sum(number) FROM numbers_mt(1000000001)')).toBe('TOO_MANY_ROWS')
  expect(await ask('SELECT number FROM numbers(2000000)')).toBe('TOO_MANY_ROWS_OR_BYTES')
  expect(await askAs(rig.services, province, 'SELECT uniqExact(event_id) FROM events')).toBe('done')
}, 120_000)

test('events land while ten analysts spare nobody', async () => {
  const stop = new AbortController()
  const work = analystsAtWork(rig.services, stop.signal)
  const waited = await acceptToRow(rig, 500, 10)
  stop.abort()
  const outcomes = await work
  // Each of the fifty batches was answered and is there whole: acceptToRow ends when it has seen every one.
  expect(waited).toHaveLength(50)
  expect(waited.filter(({ waitedMs }) => !Number.isFinite(waitedMs))).toEqual([])
  expect([...outcomes.keys()].length).toBeGreaterThan(3)
  const Row = z.object({ n: z.coerce.number() })
  const Rows = z.object({ landed: z.coerce.number(), seeded: z.coerce.number() })
  const rows = await rig.clickhouse.rows(
    Rows,
    "SELECT countIf(source_id = 'demo') AS landed, countIf(_stream = 'seeded') AS seeded FROM siaga.events",
  )
  expect(rows).toEqual([{ landed: 5_000, seeded: ROWS }])
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
}, 180_000)
