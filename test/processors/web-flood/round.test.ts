// Does ClickHouse count what the reference counts, and do minutes become findings once? On a real ClickHouse.
import { randomBytes } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { usualOf } from '../../../processors/web-flood/features.ts'
import { loadNetworks } from '../../../processors/web-flood/networks.ts'
import { createWebFloods } from '../../../processors/web-flood/round.ts'
import { type FloodTables, keepRequests, minuteQuery, partsQuery } from '../../../processors/web-flood/sql.ts'
import { MINUTE_MS, Minute, Part } from '../../../processors/web-flood/traffic.ts'
import { Finding } from '../../../schemas/detection.ts'
import { createRig, type Rig } from '../correlate/rig.ts'
import { floods } from './attacks.ts'
import { eventOfRequest } from './events.ts'
import { crowdHour, ordinary, type Request, type Site } from './generate.ts'
import { T0 } from './hours.ts'
import { randomOf } from './people.ts'
import { minuteOf, partsOf, tell } from './reference.ts'
import { secondCrowds, secondFloods } from './second-set.ts'

const site: Site = { name: 'portal.kpu.example', statics: 6, http2: 0.85, referrers: true, app: 0.1 }
const place = { site: 'asset:portal', region: '31', owner: 'kpu' }

const rigs: { rig: Rig; tables: FloodTables }[] = []
async function setUp(): Promise<{ rig: Rig; tables: FloodTables }> {
  const rig = await createRig(1)
  const suffix = randomBytes(5).toString('hex')
  const tables = {
    events: rig.tables.events,
    minutes: `siaga.flood_minutes_${suffix}`,
    verdicts: `siaga.flood_verdicts_${suffix}`,
    requests: 'siaga.web_flood_requests',
  }
  await rig.clickhouse.command(`CREATE TABLE ${tables.minutes} AS siaga.web_flood_minutes`)
  await rig.clickhouse.command(`CREATE TABLE ${tables.verdicts} AS siaga.web_flood_verdicts`)
  rigs.push({ rig, tables })
  return { rig, tables }
}
afterAll(async () => {
  for (const { rig, tables } of rigs) {
    await rig.clickhouse.command(`DROP TABLE ${tables.minutes}`)
    await rig.clickhouse.command(`DROP TABLE ${tables.verdicts}`)
    await rig.drop()
  }
})

/** Fourteen minutes of a crowd, the last six of them with a flood. */
function withFlood(seed: number, flood: string, crowd: string): Request[] {
  const random = randomOf(seed)
  const settings = secondCrowds[crowd]?.(random)
  if (settings === undefined) throw new Error(crowd)
  const requests = crowdHour(random, site, { ...settings, shape: 'steady' }, T0, 14)
  ;(floods[flood] ?? secondFloods[flood])?.(random, site, T0 + 8 * MINUTE_MS, T0 + 14 * MINUTE_MS, 6, requests)
  return requests.sort((a, b) => a.t - b.t)
}

const inOrder = (a: { part: string }, b: { part: string }): number => (a.part < b.part ? -1 : 1)

test.each([
  ['slow bodies', 'hundreds of voters behind each address'],
  ['cache buster', 'reloading until the result stands'],
  ['API scraper', 'schools and offices'],
  ['voter roll asked through from a few servers', 'workers in Malaysia, Taiwan and Hong Kong'],
])('ClickHouse counts what the reference counts: %s among %s', async (flood, crowd) => {
  const { rig, tables } = await setUp()
  const requests = withFlood(flood.length, flood, crowd)
  await rig.land(requests.map((request) => eventOfRequest(request)))
  // Nothing of these is a request to the site.
  const [other] = requests
  if (other === undefined) throw new Error('no requests')
  await rig.land([
    eventOfRequest({ ...other, t: T0 + 12.5 * MINUTE_MS }, { dataset: 'siaga.probe' }),
    eventOfRequest({ ...other, t: T0 + 12.5 * MINUTE_MS }, { dataset: 'paloalto.threat' }),
    eventOfRequest({ ...other, t: T0 + 12.5 * MINUTE_MS }, { asset_id: 'another' }),
    eventOfRequest({ ...other, t: T0 + 12.5 * MINUTE_MS }, { owner: 'bawaslu' }),
  ])
  const told = tell(requests)
  const networks = loadNetworks()
  const known = ['/', '/hasil', '/cek-tps', '/api/hasil', "/it's\\odd"]
  for (const window of [T0 + 9 * MINUTE_MS, T0 + 12 * MINUTE_MS]) {
    const run = randomBytes(8).toString('hex')
    const elsewhere = { ...place, site: 'asset:another' }
    await rig.pipeline.command(
      keepRequests(tables, networks, run, window, [
        { n: 0, site: elsewhere, sample: 1 },
        { n: 1, site: place, sample: 1 },
      ]),
    )
    const parts = await rig.pipeline.rows(Part, partsQuery(tables, run, 1, { chrome: 131, known }))
    expect(await rig.pipeline.rows(Part, partsQuery(tables, run, 2, { chrome: 131, known }))).toEqual([])
    await rig.pipeline.command(`ALTER TABLE ${tables.requests} DROP PARTITION '${run}'`)
    const expected = partsOf(told, window, 131, known).map(({ part }) => part)
    expect(expected.length).toBeGreaterThan(40)
    expect(parts.toSorted(inOrder)).toEqual(expected.toSorted(inOrder))
    const [minute] = await rig.pipeline.rows(Minute, minuteQuery(tables, networks, window, 30))
    const reference = minuteOf(told, window)
    const { paths, event, ...counts } = minute ?? minuteOf([], 0)
    const { paths: pathsExpected, event: _, ...countsExpected } = reference
    expect(counts).toEqual({
      ...countsExpected,
      ...place,
      asset: 'portal',
      criticality: 'high',
      phase: 'pemungutan',
      election: 'pilkada-2024',
      source: 'nginx-1',
    })
    expect(event).not.toBe('')
    expect(new Set(paths).isSupersetOf(new Set(pathsExpected.slice(0, 5)))).toBe(true)
  }
})

test('of many clients some are looked at, whole sessions of them', async () => {
  const { rig, tables } = await setUp()
  const requests = withFlood(3, 'cache buster', 'first results in the evening')
  await rig.land(requests.map((request) => eventOfRequest(request)))
  const window = T0 + 12 * MINUTE_MS
  const ask = async (sample: number) => {
    const run = randomBytes(8).toString('hex')
    await rig.pipeline.command(keepRequests(tables, loadNetworks(), run, window, [{ n: 0, site: place, sample }]))
    const parts = await rig.pipeline.rows(Part, partsQuery(tables, run, 0, { chrome: 131, known: [] }))
    await rig.pipeline.command(`ALTER TABLE ${tables.requests} DROP PARTITION '${run}'`)
    return parts
  }
  const [every, some] = [(await ask(1))[0], (await ask(3))[0]]
  const ratio = (some?.requests ?? 0) / (every?.requests ?? 1)
  expect(ratio).toBeGreaterThan(0.15)
  expect(ratio).toBeLessThan(0.55)
  expect((some?.statics_long ?? 0) / (some?.pages_long ?? 1)).toBeCloseTo(
    (every?.statics_long ?? 0) / (every?.pages_long ?? 1),
    0,
  )
})

const Row = z.object({
  minute: z.number(),
  verdict: z.string(),
  outage: z.number(),
  told: z.number(),
  score: z.number(),
  part: z.string(),
  reasons: z.array(z.string()),
})

/** Ordinary traffic of the day before and its verdicts, then what comes. */
async function play(requests: readonly Request[], values: Partial<Parameters<typeof eventOfRequest>[1]> = {}) {
  const { rig, tables } = await setUp()
  const sent: Finding[] = []
  const judge = createWebFloods({
    clickhouse: rig.pipeline,
    minRate: 10,
    zoneOf: () => 'WIB',
    tables,
    send: async (findings) => {
      sent.push(...findings.map((finding) => Finding.parse(finding)))
    },
  })
  const before = T0 - 24 * 60 * MINUTE_MS
  await rig.land(ordinary(randomOf(77), site, before, 30).map((request) => eventOfRequest(request)))
  for (let n = 0; n < 30; n += 1) await judge.judge(before + n * MINUTE_MS)
  expect(sent).toEqual([])
  await rig.land(requests.map((request) => eventOfRequest(request, values)))
  for (let n = 10; n < 14; n += 1) await judge.judge(T0 + n * MINUTE_MS)
  const rows = () =>
    rig.pipeline.rows(
      Row,
      `SELECT toUnixTimestamp64Milli(window_start) AS minute, verdict, outage, told, score, part, reasons_en AS reasons FROM ${tables.verdicts} FINAL ORDER BY window_start`,
    )
  return { judge, sent, rows, rig, tables }
}

test('a crowd of voters leaves as a crowd, below every threshold', async () => {
  const { sent, rows } = await play(crowdHour(randomOf(5), site, { ...voters(), shape: 'steady' }, T0, 14))
  expect((await rows()).map(({ verdict, told }) => ({ verdict, told }))).toEqual(
    Array(4).fill({ verdict: 'crowd', told: 0 }),
  )
  expect(sent.map(({ rule_id, severity }) => `${rule_id} ${severity}`)).toEqual(
    Array(4).fill('siaga-web-flood-crowd informational'),
  )
  expect(Math.max(...sent.map(({ score }) => score))).toBeLessThanOrEqual(15)
  expect(new Set(sent.map(({ dedup_key }) => dedup_key)).size).toBe(1)
  expect(new Set(sent.map(({ finding_id }) => finding_id)).size).toBe(4)
})

function voters() {
  const settings = secondCrowds['hundreds of voters behind each address']?.(randomOf(1))
  if (settings === undefined) throw new Error('no such crowd')
  return settings
}

test('a flood inside a crowd is told with its reasons, once a minute whatever is judged again', async () => {
  const { judge, sent, rows } = await play(withFlood(8, 'cache buster', 'hundreds of voters behind each address'))
  const judged = await rows()
  expect(judged.map(({ verdict }) => verdict)).toEqual(Array(4).fill('mixed'))
  // The first suspicious minute may wait for a second one.
  expect(judged.slice(1).map(({ told }) => told)).toEqual([1, 1, 1])
  const attacks = sent.filter(({ rule_id }) => rule_id === 'siaga-web-flood-attack')
  expect(attacks.length).toBeGreaterThanOrEqual(3)
  expect(new Set(attacks.map(({ dedup_key }) => dedup_key)).size).toBe(1)
  const finding = attacks.at(-1)
  expect(finding?.attack).toEqual(['T1498', 'T1499'])
  expect(finding?.severity).toBe('high')
  expect(finding?.score).toBeGreaterThan(50)
  expect(finding?.title).toMatch(
    /^Serangan di tengah keramaian: \d+ permintaan per detik, .* \/ A flood inside a crowd: /,
  )
  const points = (finding?.factors ?? []).reduce((sum, factor) => sum + factor.points, 0)
  // Its factors are the score, as far as ten of them go.
  expect(Math.abs(100 / (1 + Math.exp(-points / 10)) - (finding?.score ?? 0))).toBeLessThan(15)
  expect(finding?.evidence.filter(({ field }) => field === 'siaga.web_flood.alasan').length).toBeGreaterThan(3)
  const ids = new Set(sent.map(({ finding_id }) => finding_id))
  await judge.judge(T0 + 12 * MINUTE_MS)
  expect(new Set(sent.map(({ finding_id }) => finding_id))).toEqual(ids)
  expect(await rows()).toEqual(judged)
})

test('errors of the server are an outage, also without a rush, and also of a crowd', async () => {
  const crowd = await play(crowdHour(randomOf(6), site, { ...voters(), shape: 'steady', errors: 0.6 }, T0, 14))
  expect((await crowd.rows()).map(({ verdict, outage }) => ({ verdict, outage }))).toEqual(
    Array(4).fill({ verdict: 'crowd', outage: 1 }),
  )
  expect(
    crowd.sent.filter(({ rule_id }) => rule_id === 'siaga-web-flood-outage').map(({ severity }) => severity),
  ).toEqual(Array(4).fill('critical'))
  const quiet = await play(crowdHour(randomOf(7), site, { ...voters(), rate: 5, shape: 'steady', errors: 0.6 }, T0, 14))
  expect((await quiet.rows()).map(({ verdict, outage }) => ({ verdict, outage }))).toEqual(
    Array(4).fill({ verdict: 'ordinary', outage: 1 }),
  )
  expect(quiet.sent.map(({ rule_id }) => rule_id)).toEqual(Array(4).fill('siaga-web-flood-outage'))
})

test('a site that nobody reaches is an outage by its probes; when all probes fail, it is their network', async () => {
  const probe = (asset: string, failure: boolean, n: number) =>
    eventOfRequest(
      { ...empty(), t: T0 + n * MINUTE_MS },
      {
        dataset: 'siaga.probe',
        event_action: 'page_probe',
        event_outcome: failure ? 'failure' : 'success',
        http_status_code: failure ? 0 : 200,
        asset_id: asset,
      },
    )
  const { rig, judge, sent } = await play([])
  const beats = [5, 8, 11]
  await rig.land(['a', 'b', 'c', 'd', 'e'].flatMap((asset) => beats.map((n) => probe(asset, asset === 'a', n))))
  await judge.judge(T0 + 12 * MINUTE_MS)
  expect(sent.map(({ rule_id, entity }) => `${rule_id} ${entity}`)).toEqual(['siaga-web-flood-outage asset:a'])
  const all = await play([])
  await all.rig.land(['a', 'b', 'c', 'd', 'e'].flatMap((asset) => beats.map((n) => probe(asset, true, n))))
  await all.judge.judge(T0 + 12 * MINUTE_MS)
  expect(all.sent).toEqual([])
})

function empty(): Request {
  const [first] = ordinary(randomOf(1), site, T0, 1)
  if (first === undefined) throw new Error('no request')
  return first
}

test('rounds judge each complete minute once, in order, and go on where the last process stopped', async () => {
  const { rig, tables } = await setUp()
  const minutes: number[] = []
  const start = () =>
    createWebFloods({
      clickhouse: rig.pipeline,
      minRate: 1,
      zoneOf: () => 'WIB',
      tables,
      send: async (findings) => {
        minutes.push(...findings.map(({ window_start }) => (window_start - T0) / MINUTE_MS))
      },
    })
  await rig.land(
    crowdHour(randomOf(9), site, { ...voters(), rate: 8, shape: 'steady' }, T0, 8).map((request) =>
      eventOfRequest(request),
    ),
  )
  const first = start()
  await first.round(T0 + 3 * MINUTE_MS + 20_000)
  await first.round(T0 + 3 * MINUTE_MS + 50_000)
  await first.round(T0 + 4 * MINUTE_MS + 10_000)
  expect(minutes).toEqual([2])
  await start().round(T0 + 6 * MINUTE_MS + 15_000)
  expect(minutes).toEqual([2, 3, 4, 5])
})

test('of a site hardly known nothing is held against its requests', () => {
  expect(usualOf([]).requests).toBe(0)
  expect(usualOf([]).paths).toEqual([])
})
