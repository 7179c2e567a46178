// Which is the first day that is reported on? That of the first event, for every zone, so that the centre's report waits for none.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dailyParts } from '../../../cli/start/daily.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { dayBounds, dayOf } from '../../../runtime/local-day.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { Config } from '../../../schemas/config.ts'
import { makeDue } from '../../../sinks/daily/make.ts'
import { daysOf } from '../../../web/reports/daily/report.ts'
import { type OwnServices, startOwnServices } from '../../services.ts'
import { DAY, eventOf, HOUR, landPages, rooms } from './day.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

const { assets: _, ...config } = Config.parse({ calendars: ['pilkada-2024'], rooms })
const reference = loadReference(config, '.')
const day = dayOf(Date.now() - 3 * DAY, 'WIB')
const { ends } = dayBounds(day, 'WIB')

let services: OwnServices
let clickhouse: ClickHouse
beforeAll(async () => {
  services = await startOwnServices({ kafka: false, migrated: true, rooms })
  const { url, users } = services.clickhouse
  clickhouse = createClickHouse({ url, database: 'siaga', ...users.pipeline })
  // Half past eleven in the evening in Jakarta: further east the next day has begun.
  const at = ends - HOUR / 2
  const event = eventOf({ timestamp: at, event_id: 'first', region_code: '32', event_category: 'web' })
  await landPages(clickhouse, [[{ event, ingestedAt: at + 1_000 }]], 'first')
})
afterAll(async () => {
  await clickhouse?.close()
  await services?.stop()
})

test('the day of the first event is told of for all zones as soon as six in the morning has come there', async () => {
  const parts = dailyParts({ config, reference, clickhouse })
  const reader = { clickhouse, reference }
  const centre = rooms.find(({ region }) => region === '00')
  if (centre === undefined) throw new Error('no room of the centre')
  const six = ends + 6 * HOUR
  expect(await makeDue(parts, six - 60_000)).toBe(2)
  expect(await daysOf(centre, reader)).toEqual([])
  expect(await makeDue(parts, six)).toBe(1)
  expect(await daysOf(centre, reader)).toEqual([day])
  expect(await makeDue(parts, six + 60_000)).toBe(0)
})
