// Is the risk of an entity what the raw events say, does it fall to zero, and fall at once when somebody calls them false?
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { silentLog } from '../../runtime/log.ts'
import { type Event, emptyEvent } from '../../schemas/event.ts'
import type { Verdict } from '../../schemas/verdict.ts'
import { insertOnce, type LandingRange } from '../../sinks/clickhouse/insert.ts'
import { createRowBuffer } from '../../sinks/clickhouse/rows.ts'
import { recordVerdict, type VerdictTarget } from '../../sinks/clickhouse/verdicts.ts'
import { blocksOf, readDocument } from '../docs/markdown.ts'
import { getServices } from '../services.ts'

let admin: ClickHouse
let pipeline: ClickHouse
let reader: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  const as = (user: 'admin' | 'pipeline' | 'reader') =>
    createClickHouse({ url: clickhouse.url, ...clickhouse.users[user] })
  ;[admin, pipeline, reader] = [as('admin'), as('pipeline'), as('reader')]
  await migrate(admin)
})
afterAll(() => Promise.all([admin, pipeline, reader].map((client) => client?.close())))

const HOUR = 3_600_000
const DAY = 24 * HOUR
const now = Math.floor(Date.now() / HOUR) * HOUR + 30 * 60_000

interface Landed {
  readonly range: LandingRange
  readonly rows: Buffer[]
}

/** Encodes events for one insert of a stream of their own. */
function prepared(events: readonly Partial<Event>[], range: Partial<LandingRange> = {}): Landed {
  const whole = {
    stream: randomBytes(8).toString('hex'),
    partition: 1,
    first: 0,
    last: events.length - 1,
    ingestedAt: now,
    ...range,
  }
  const buffer = createRowBuffer()
  events.forEach((fields, at) => {
    const event = Object.assign(emptyEvent(), { timestamp: now, received_at: now }, fields)
    Object.assign(event, {
      retain_until: now + DAY * 200,
      _stream: whole.stream,
      _partition: 1,
      _offset: whole.first + at,
    })
    buffer.append(event, null)
  })
  buffer.stamp(whole.ingestedAt)
  // A copy: the buffer's memory is its own.
  return { range: whole, rows: buffer.view().map((part) => Buffer.from(part)) }
}

async function land({ range, rows }: Landed, doubtful = false): Promise<string> {
  const dependencies = { clickhouse: pipeline, log: silentLog, isCurrent: () => true, heartbeat: async () => undefined }
  await insertOnce(range, rows, doubtful, dependencies)
  return range.stream
}

const Risk = z.object({
  entity_type: z.string(),
  entity: z.string(),
  region_code: z.string(),
  owner: z.string(),
  points: z.number(),
  risk: z.number(),
  events: z.coerce.number(),
})
type Risk = z.infer<typeof Risk>

const dateTime = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** Risk in one owner's data; every test has an owner of its own. */
const riskOf = (owner: string, at = now, halfLife = 24): Promise<Risk[]> =>
  reader.rows(
    Risk,
    `SELECT entity_type, entity, region_code, owner, points, risk, events
     FROM siaga.entity_risk_at(at = '${dateTime(at)}', half_life_hours = ${halfLife})
     WHERE owner = {owner:String} ORDER BY entity_type, entity, region_code`,
    { owner },
  )

/** The same asked of the raw rows. */
const rawRisk = (owner: string, at = now, halfLife = 24): Promise<Risk[]> =>
  reader.rows(
    Risk,
    `SELECT e.1 AS entity_type, e.2 AS entity, region_code, owner,
       sum(score * exp2(-greatest(0, toUnixTimestamp(toDateTime('${dateTime(at)}', 'UTC')) - toUnixTimestamp(toStartOfHour(timestamp))) / 3600 / ${halfLife})) AS points,
       100 * points / (100 + points) AS risk, count() AS events
     FROM siaga.events
     ARRAY JOIN [('source_ip', source_ip), ('user', user_name), ('asset', asset_id), ('region', toString(region_code))] AS e
     WHERE owner = {owner:String} AND score >= 20 AND e.2 != ''
       AND toStartOfHour(timestamp) > toDateTime('${dateTime(at)}', 'UTC') - INTERVAL 45 DAY
       AND toStartOfHour(timestamp) <= toDateTime('${dateTime(at)}', 'UTC')
       AND (_stream, _partition, _offset) NOT IN (
         SELECT _stream, _partition, _offset FROM siaga.verdicts
         GROUP BY _stream, _partition, _offset HAVING argMax(verdict, (marked_at, verdict_id)) = 'false')
     GROUP BY entity_type, entity, region_code, owner ORDER BY entity_type, entity, region_code`,
    { owner },
  )

function expectSame(found: readonly Risk[], expected: readonly Risk[]): void {
  const whole = (rows: readonly Risk[]) => rows.map(({ points: _, risk: __, ...rest }) => rest)
  expect(whole(found)).toEqual(whole(expected))
  found.forEach(({ points, risk }, at) => {
    expect(points / (expected[at]?.points ?? 0)).toBeCloseTo(1, 9)
    expect(risk).toBeCloseTo(expected[at]?.risk ?? -1, 6)
  })
}

const ownerName = (): string => `risk-${randomBytes(6).toString('hex')}`

/** Events of several days, addresses, users, assets, regions; a third of them below the floor. */
function mixed(owner: string): Partial<Event>[] {
  return Array.from({ length: 600 }, (_, at) => ({
    event_id: `${owner}-${at}`,
    owner,
    timestamp: now - (at % 97) * 47 * 60_000,
    score: at % 3 === 0 ? at % 20 : 20 + (at % 81),
    source_ip: at % 5 === 0 ? '' : `203.0.113.${at % 7}`,
    user_name: at % 4 === 0 ? 'root' : '',
    asset_id: at % 2 === 0 ? 'sirekap' : '',
    region_code: ['31.71', '32', '00', ''][at % 4] ?? '',
  }))
}

let marked = 0
/** Every act is a second later than the one before. */
function mark(verdict: Verdict, target: VerdictTarget, id = randomBytes(8).toString('hex')): Promise<number> {
  marked += 1
  const act = { id, at: now + marked * 1_000, by: 'siti', verdict, reason: 'uji', subject: 'alert:1' }
  return recordVerdict(pipeline, act, target)
}

describe('risk', () => {
  test('equals the same query on the raw rows, for any time and half-life', async () => {
    const owner = ownerName()
    await land(prepared(mixed(owner)))
    const found = await riskOf(owner)
    // Seven addresses, one user, one asset and three regions, each in the regions where it was seen.
    expect(new Set(found.map(({ entity_type, entity }) => `${entity_type}:${entity}`)).size).toBe(7 + 1 + 1 + 3)
    expectSame(found, await rawRisk(owner))
    expectSame(await riskOf(owner, now + 3 * DAY, 6), await rawRisk(owner, now + 3 * DAY, 6))
    expectSame(await riskOf(owner, now - DAY, 100), await rawRisk(owner, now - DAY, 100))
  })

  test('leaves out what scores below the floor and what has no name', async () => {
    const owner = ownerName()
    await land(
      prepared([
        { owner, score: 19, source_ip: '203.0.113.1', region_code: '31' },
        { owner, score: 20 },
      ]),
    )
    expect(await riskOf(owner)).toEqual([])
  })

  test('is halved with every half-life and falls to nothing', async () => {
    const owner = ownerName()
    const hour = Math.floor(now / HOUR) * HOUR
    await land(prepared([{ owner, score: 80, source_ip: '203.0.113.1' }]))
    const points = async (at: number, halfLife?: number) => (await riskOf(owner, at, halfLife))[0]?.points
    expect(await points(hour)).toBe(80)
    expect(await points(hour + DAY)).toBe(40)
    expect(await points(hour + 3 * DAY)).toBe(10)
    expect(await points(hour + 3 * DAY, 72)).toBe(40)
    expect(await points(hour + 44 * DAY)).toBeLessThan(1e-10)
    expect(await riskOf(owner, hour + 45 * DAY)).toEqual([])
    expect(await riskOf(owner, hour - HOUR)).toEqual([])
  })

  test('of now is the risk at this moment with a half-life of a day', async () => {
    const owner = ownerName()
    await land(prepared([{ owner, score: 60, source_ip: '203.0.113.1', timestamp: now - DAY }]))
    const [row] = await reader.rows(
      Risk,
      'SELECT * EXCEPT newest_hour FROM siaga.entity_risk WHERE owner = {owner:String}',
      {
        owner,
      },
    )
    expect(row).toMatchObject({ entity_type: 'source_ip', entity: '203.0.113.1', events: 1 })
    // Landed an hour ago at most, however long the test waits for its turn.
    expect(row?.points).toBeGreaterThan(25)
    expect(row?.points).toBeLessThan(31)
  })

  test('is told apart by region and owner, so that rows can be granted', async () => {
    const [kpu, pemda] = [ownerName(), ownerName()]
    const event = { score: 50, source_ip: '203.0.113.9' }
    await land(
      prepared([
        { ...event, owner: kpu, region_code: '31.71' },
        { ...event, owner: kpu, region_code: '32.73' },
        { ...event, owner: pemda, region_code: '31.71' },
      ]),
    )
    const addresses = (await riskOf(kpu)).filter(({ entity_type: type }) => type === 'source_ip')
    expect(addresses.map(({ region_code: region, events }) => [region, events])).toEqual([
      ['31.71', 1],
      ['32.73', 1],
    ])
    expect((await riskOf(pemda)).length).toBe(2)
  })

  test('survives merges and any order of landing', async () => {
    const owner = ownerName()
    const stream = randomBytes(8).toString('hex')
    const events = mixed(owner)
    for (const [first, last] of [
      [0, 199],
      [200, 399],
      [400, 599],
    ] as const) {
      await land(prepared(events.slice(first, last + 1), { stream, first, last, ingestedAt: now - first }))
    }
    const before = await riskOf(owner)
    await admin.command('OPTIMIZE TABLE siaga.entity_risk_hours FINAL')
    expectSame(await riskOf(owner), before)
    expectSame(before, await rawRisk(owner))
  })
})

test('that an alert was nothing takes all of its findings out at once: those that it does not show too, and none of another region, owner or time', async () => {
  const owner = ownerName()
  const dedup = `web_login|${owner}`
  const events = Array.from({ length: 300 }, (_, at) => ({
    ...{ event_id: `${owner}-${at}`, owner, score: 60, source_ip: '203.0.113.9' },
    ...{ region_code: at < 280 ? '32.04' : '51.03', timestamp: now - HOUR - at },
  }))
  const early = { ...events[0], event_id: `${owner}-early`, timestamp: now - 5 * HOUR }
  await land(prepared([...events, early]))
  const findings = [...events, early].map(({ event_id = '', region_code = '', timestamp = 0 }) => ({
    ...{ finding_id: `f-${event_id}`, rule_id: 'web_login', title: '', severity: 'high', attack: [], source_id: '' },
    ...{ event_id, region_code, owner, asset_id: '', entity: 'source_ip:203.0.113.9', evidence: [], score: 60 },
    ...{ dedup_key: dedup, window_start: timestamp, window_end: timestamp, landed_at: now },
  }))
  const times = ['window_start', 'window_end', 'landed_at'].map(
    (column) => `fromUnixTimestamp64Milli(${column}, 'UTC')`,
  )
  await admin.insert({
    statement: `INSERT INTO siaga.findings_rows SELECT * REPLACE (${times.map((time) => `${time} AS ${time.slice(25, -8)}`).join(', ')})
      FROM input('finding_id String, rule_id String, title String, severity String, attack Array(String), event_id String, source_id String,
        region_code String, owner String, asset_id String, entity String, evidence Array(Tuple(field String, value String)),
        window_start Int64, window_end Int64, score UInt8, dedup_key String, landed_at Int64') FORMAT JSONEachRow`,
    body: [Buffer.from(findings.map((row) => JSON.stringify(row)).join('\n'))],
    queryId: randomBytes(8).toString('hex'),
    settings: {},
    timeoutMs: 30_000,
  })
  const matter = { dedupKey: dedup, region: '32.04', owner, from: now - HOUR - 300, to: now - HOUR }
  const shown = events.slice(0, 20).map(({ event_id }) => event_id)
  expect(await mark('false', { eventIds: shown, matter })).toBe(280)
  const left = (await riskOf(owner)).filter(({ entity_type: type }) => type === 'source_ip')
  expect(left.map(({ region_code: region, events: count }) => [region, count])).toEqual([
    ['32.04', 1],
    ['51.03', 20],
  ])
  expectSame(await riskOf(owner), await rawRisk(owner))
  expect(await mark('withdrawn', { eventIds: shown, matter })).toBe(280)
  expect((await riskOf(owner)).find(({ region_code: region }) => region === '32.04')?.events).toBe(281)
})

describe('exactly once', () => {
  test('a range that two owners insert at once counts once', async () => {
    const owner = ownerName()
    const page = prepared(mixed(owner))
    await Promise.all([land(page), land(page, true)])
    expectSame(await riskOf(owner), await rawRisk(owner))
    expect((await riskOf(owner)).length).toBeGreaterThan(0)
  })

  test('the repair fills in what the view missed, and takes out what it got twice', async () => {
    const owner = ownerName()
    const page = prepared(mixed(owner))
    const stream = await land(page)
    const whole = await riskOf(owner)
    await admin.command(
      'ALTER TABLE siaga.entity_risk_hours DELETE WHERE _stream = {stream:String}',
      { stream },
      { mutations_sync: '2' },
    )
    expect(await riskOf(owner)).toEqual([])
    await land(page, true)
    expectSame(await riskOf(owner), whole)
    // The server lost the rows but remembers the token: the views get theirs again under a new one.
    await admin.command(
      'ALTER TABLE siaga.events DELETE WHERE _stream = {stream:String}',
      { stream },
      { mutations_sync: '2' },
    )
    await land(page, true)
    expectSame(await riskOf(owner), whole)
    expectSame(whole, await rawRisk(owner))
  })
})

describe('verdicts', () => {
  test('a false positive takes its events out at once; the latest verdict holds', async () => {
    const owner = ownerName()
    await land(prepared(mixed(owner)))
    const before = await riskOf(owner)
    const ids = mixed(owner).flatMap(({ event_id: id = '', source_ip: ip }) => (ip === '203.0.113.3' ? [id] : []))
    expect(await mark('false', { eventIds: ids })).toBe(ids.length)
    const after = await riskOf(owner)
    expectSame(after, await rawRisk(owner))
    expect(after.some(({ entity }) => entity === '203.0.113.3')).toBe(false)
    expect(after.find(({ entity }) => entity === 'root')?.points).toBeLessThan(
      before.find(({ entity }) => entity === 'root')?.points ?? 0,
    )
    // Marked twice is marked once.
    await mark('false', { eventIds: ids.slice(0, 3) })
    expectSame(await riskOf(owner), after)
    await mark('true', { eventIds: ids.slice(0, 10) })
    expectSame(await riskOf(owner), await rawRisk(owner))
    expect((await riskOf(owner)).some(({ entity }) => entity === '203.0.113.3')).toBe(true)
    await mark('withdrawn', { eventIds: ids })
    expectSame(await riskOf(owner), before)
  })

  test('falls to nothing, not below, and events under the floor take nothing away', async () => {
    const owner = ownerName()
    const event = { owner, source_ip: '203.0.113.1' }
    await land(
      prepared([
        { ...event, event_id: `${owner}-a`, score: 40 },
        { ...event, event_id: `${owner}-b`, score: 5 },
        { ...event, event_id: `${owner}-c`, score: 70, timestamp: now - 60 * DAY },
      ]),
    )
    await mark('false', { eventIds: [`${owner}-b`, `${owner}-c`] })
    expect((await riskOf(owner)).map(({ events }) => events)).toEqual([1])
    await mark('false', { eventIds: [`${owner}-a`] })
    expect(await riskOf(owner)).toEqual([])
  })

  test('about an entity covers what still weighs on it', async () => {
    const owner = ownerName()
    const address = `2001:db8::${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}`
    await land(
      prepared([
        { owner, source_ip: address, score: 40 },
        { owner, source_ip: address, score: 90, user_name: 'root' },
        { owner, source_ip: '203.0.113.1', score: 90 },
      ]),
    )
    expect(await mark('false', { entity: 'source_ip', value: address })).toBe(2)
    expect((await riskOf(owner)).map(({ entity }) => entity)).toEqual(['203.0.113.1'])
  })

  test('about an entity may be of a span of time: the window of a finding', async () => {
    const owner = ownerName()
    const user = randomBytes(6).toString('hex')
    const hour = (back: number) => ({ owner, user_name: user, score: 40, timestamp: now - back * HOUR })
    await land(prepared([hour(0), hour(1), hour(2), hour(3)]))
    expect(await mark('false', { entity: 'user', value: user, from: now - 2 * HOUR, to: now - HOUR })).toBe(2)
    expectSame(await riskOf(owner), await rawRisk(owner))
    expect((await riskOf(owner)).map(({ events }) => events)).toEqual([2])
  })

  test('an act that is sent twice is one, and every act stays on record', async () => {
    const owner = ownerName()
    await land(prepared([{ owner, event_id: owner, score: 40, source_ip: '203.0.113.1' }]))
    const id = randomBytes(8).toString('hex')
    await mark('false', { eventIds: [owner] }, id)
    expect(await mark('false', { eventIds: [owner] }, id)).toBe(1)
    await mark('true', { eventIds: [owner] })
    const kept = await reader.rows(
      z.object({ verdict: z.string(), marked_by: z.string(), reason: z.string() }),
      'SELECT verdict, marked_by, reason FROM siaga.verdicts WHERE owner = {owner:String} ORDER BY marked_at',
      { owner },
    )
    const act = { marked_by: 'siti', reason: 'uji' }
    expect(kept).toEqual([
      { verdict: 'false', ...act },
      { verdict: 'true', ...act },
    ])
  })

  test('the reader cannot write one', async () => {
    await expect(reader.command("INSERT INTO siaga.verdicts (verdict) VALUES ('false')")).rejects.toThrow(
      /readonly|privileges/i,
    )
  })
})

const queries = blocksOf(readDocument('docs/scoring.md')).filter(({ language }) => language === 'sql')

test.each(queries.map((query) => ({ ...query, first: query.text.split('\n')[0] })))(
  'docs/scoring.md line $line runs: $first',
  async ({ text: query }) => {
    const answer = await text(await reader.stream(`${query} FORMAT TSVWithNames`))
    expect(answer.split('\n')[0]).not.toBe('')
    expect(answer).not.toContain('Exception')
  },
)
