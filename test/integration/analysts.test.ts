// Do rows go on landing while analysts run the heaviest queries they may, and do the limits stop those? For longer: analysts.long.test.ts. Figures: npm run bench -- analysts.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { analystRooms, askAs, heavyQueries } from '../bench/heavy-queries.ts'
import type { Rig } from '../faults/rig.ts'
import { landBesideAnalysts, startAnalystsRig } from './analysts.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startAnalystsRig()
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

test('events land while ten analysts spare nobody', () => landBesideAnalysts(rig, 4), 180_000)
