// What is new to a round? Beginnings, topics made anew, failures in the middle, and what is forgotten. On a real ClickHouse.
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createCorrelator, createMemoryStore } from '../../../processors/correlate/round.ts'
import { correlationsOf, createRig, DAY, eventOf, HOUR, MINUTE, type Rig, rulesNamed } from './rig.ts'

const correlations = correlationsOf(
  [
    'title: t\nid: corr-t\ncorrelation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 1h, condition: {gte: 3}}',
  ],
  rulesNamed('failed'),
)
const now = Date.now()
const failed = (ip: string, timestamp = now) => eventOf(['failed'], timestamp, { source_ip: ip })

let rig: Rig
const rigs: Rig[] = []
beforeEach(async () => {
  rig = await createRig(2)
  rigs.push(rig)
})
afterAll(async () => {
  for (const one of rigs) await one.drop()
})

function engine(store = createMemoryStore(), clock = () => now) {
  const correlator = createCorrelator({
    clickhouse: rig.pipeline,
    store,
    correlations: () => correlations,
    watermark: clock,
    graceMs: 0,
    keepMs: 10 * DAY,
    tables: rig.tables,
  })
  return { round: async () => (await correlator.round()).findings.map(({ entity }) => entity) }
}

test('the very first round takes what landed within the hour for new; what is older is known, and counts', async () => {
  await rig.land([failed('old'), failed('old'), failed('old'), failed('half'), failed('half')], {
    ingestedAt: now - 2 * HOUR,
  })
  await rig.land([failed('young'), failed('young'), failed('young')], { partition: 1, ingestedAt: now - MINUTE })
  const { round } = engine()
  expect(await round()).toEqual(['source_ip:young'])
  expect(await round()).toEqual([])
  await rig.land([failed('half')])
  expect(await round()).toEqual(['source_ip:half'])
})

test('a topic made anew is read from its beginning, together with what landed before', async () => {
  const { round } = engine()
  await rig.land(Array.from({ length: 50 }, () => failed('198.51.100.1')))
  await rig.land([failed('a'), failed('a')], { partition: 1 })
  expect(await round()).toEqual(['source_ip:198.51.100.1'])
  await rig.restart(0)
  expect(await round()).toEqual([])
  await rig.land([failed('a')])
  expect(await round()).toEqual(['source_ip:a'])
  // Twice, so that the old stream has been given up.
  expect(await round()).toEqual([])
  await rig.land([failed('b'), failed('b'), failed('b')])
  await rig.land([failed('c'), failed('c'), failed('c')], { partition: 1 })
  expect((await round()).sort()).toEqual(['source_ip:b', 'source_ip:c'])
})

test('a round that fails in the middle leaves nothing half remembered', async () => {
  const { round } = engine()
  await round()
  await rig.land([failed('a'), failed('a'), failed('a')])
  await rig.clickhouse.command(`RENAME TABLE ${rig.tables.events} TO ${rig.tables.events}_away`)
  await expect(round()).rejects.toMatchObject({ code: 'CLICKHOUSE_REFUSED' })
  await rig.clickhouse.command(`RENAME TABLE ${rig.tables.events}_away TO ${rig.tables.events}`)
  expect(await round()).toEqual(['source_ip:a'])
  expect(await round()).toEqual([])
})

test('windows are forgotten when events of their time are gone as well', async () => {
  const store = createMemoryStore()
  let clock = now
  const { round } = engine(store, () => clock)
  await rig.land([failed('a'), failed('a'), failed('a')])
  expect(await round()).toEqual(['source_ip:a'])
  const windows = async () => (await store.open()).windows('corr-t', [{ from: 0, to: now + DAY }])
  clock = now + 9 * DAY
  await round()
  expect(await windows()).toHaveLength(1)
  clock = now + 11 * DAY
  await round()
  expect(await windows()).toEqual([])
})
