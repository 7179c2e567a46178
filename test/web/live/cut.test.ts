// Is what a viewer is told live what its room's own ClickHouse user would be told, row policies and all, and nothing of others?
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../../runtime/log.ts'
import type { FeedItem, SituationNow } from '../../../schemas/situation-api.ts'
import { createHub } from '../../../web/live/hub.ts'
import { FEED_ITEMS, FEED_MS, FeedRow, FIGURES, feedQuestion, questions } from '../../../web/live/questions.ts'
import { fill, type LiveRig, rooms, startLiveRig } from './rig.ts'

let rig: LiveRig
const to = Date.now()

beforeAll(async () => {
  rig = await startLiveRig()
  await fill(rig.admin, 1, to)
  await fill(rig.admin, 2, to)
})
afterAll(() => rig?.stop())

/** The same questions put by the room's own user, summed up by region: nothing here knows who may read what. */
async function asked(id: string): Promise<Pick<SituationNow, 'regions' | 'feed'>> {
  const store = rig.of({ id })
  const regions = new Map<string, number[]>()
  for (const question of questions)
    for (const { region_code, figures } of await store.rows(question.row, question.sql, { to })) {
      const sum = regions.get(region_code) ?? new Array<number>(FIGURES).fill(0)
      for (const [index, figure] of figures.entries())
        sum[question.at + index] = (sum[question.at + index] ?? 0) + figure
      regions.set(region_code, sum)
    }
  const rows = await store.rows(FeedRow, feedQuestion, { after: to - FEED_MS, to, known: [] })
  const feed = rows.slice(0, FEED_ITEMS).map(
    ({ region_code, owner: _, ...row }): FeedItem => ({
      ...row,
      region: region_code,
      place: `name of ${region_code}`,
    }),
  )
  return {
    regions: Object.fromEntries(
      Array.from(regions, ([region, sum]) => [
        region,
        // Points of risk are told as whole numbers.
        sum.map((figure) => Math.round(figure)) as SituationNow['regions'][string],
      ]),
    ),
    feed,
  }
}

const hub = () =>
  createHub({
    clickhouse: rig.pipeline,
    log: createLog('error'),
    now: () => to,
    build: 'b',
    nameOf: (region) => `name of ${region}`,
  })

test.each(rooms.map(({ id }) => id))('room %s is told what its ClickHouse user is told', async (id) => {
  const room = rooms.find((each) => each.id === id)
  if (room === undefined) throw new Error(id)
  const cut = await hub().now(room)
  const own = await asked(id)
  expect(Object.keys(own.regions).length).toBeGreaterThan(0)
  expect(own.feed.length).toBeGreaterThan(0)
  expect(cut.regions).toEqual(own.regions)
  expect(cut.feed.map(({ landed }) => landed)).toEqual(own.feed.map(({ landed }) => landed))
  // Of events that landed in the same millisecond either may be the last that fits.
  const last = own.feed.at(-1)?.landed ?? 0
  const sure = (feed: readonly FeedItem[]) =>
    feed.filter(({ landed }) => landed > last).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  expect(sure(cut.feed)).toEqual(sure(own.feed))
})

test('rooms of different rights are told different figures', async () => {
  const shared = hub()
  const told = await Promise.all(rooms.map(async (room) => JSON.stringify((await shared.now(room)).regions)))
  expect(new Set(told).size).toBe(rooms.length)
})
