// Does every rollup say what the raw rows say, for any window, region and grouping, after whatever may happen while rows land?
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse, quote } from '../../runtime/clickhouse.ts'
import type { Event } from '../../schemas/event.ts'
import { type Rollup, rawQuestion, readRollups } from '../../sinks/clickhouse/rollups.ts'
import { rebuildRollups } from '../../sinks/clickhouse/rollups-rebuild.ts'
import { siaga } from '../cli/run.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { land, landAll, type Page, type Plan, pagesOf, regions } from './rollups-landing.ts'

const HOUR = 3_600_000
const until = Date.now() - HOUR
const plan = (seed: number, more: Partial<Plan> = {}): Plan => ({
  seed,
  streams: 4,
  pages: 8,
  rows: 60,
  until,
  ...more,
})
const Count = z.object({ n: z.coerce.number() })

// Hundreds of small queries on a machine of two cores that does other things too.
vi.setConfig({ testTimeout: 180_000 })

let services: OwnServices
let admin: ClickHouse
let pipeline: ClickHouse
let rollups: Rollup[]
beforeAll(async () => {
  services = await startOwnServices({ kafka: false })
  const { url, users } = services.clickhouse
  admin = createClickHouse({ url, ...users.admin })
  pipeline = createClickHouse({ url, ...users.pipeline })
  await migrate(admin)
  rollups = await readRollups(admin)
})
afterAll(async () => {
  await admin?.close()
  await pipeline?.close()
  await services?.stop()
})

const landed = (pages: readonly Page[]): Promise<number> =>
  countOf(`SELECT count() AS n FROM siaga.events WHERE _stream IN (${streamsOf(pages).map(quote).join(', ')})`)
const countOf = async (query: string): Promise<number> => (await admin.rows(Count, query))[0]?.n ?? -1

const streamsOf = (pages: readonly Page[]): string[] => [...new Set(pages.map(({ range }) => range.stream))]

/** What a rollup's view says of the raw rows of these streams, as a table: a view takes the rows of one. */
async function askRaw(rollup: Rollup, streams: readonly string[]): Promise<string> {
  const names = rollup.columns.map(({ name }) => name).join(', ')
  const landed = { from: 0, to: until + 24 * HOUR }
  const questions = streams.map(
    (stream) => `SELECT ${names} FROM (${rawQuestion(rollups, rollup, { stream, ...landed })})`,
  )
  await admin.command(`CREATE OR REPLACE TABLE siaga.raw_answer ENGINE = Memory AS ${questions.join(' UNION ALL ')}`)
  return 'SELECT * FROM siaga.raw_answer'
}

/** Of as many keys as a rollup may have. */
const all = Array.from({ length: 20 }, () => true)

/** A window of one of the times, regions, and some of the keys to group by. */
const question = fc.record({
  from: fc.oneof(fc.integer({ min: 0, max: 10 * 24 }), fc.integer({ min: 0, max: 3100 * 24 })),
  hours: fc.oneof(fc.integer({ min: 1, max: 48 }), fc.integer({ min: 48, max: 3100 * 24 })),
  byEvent: fc.boolean(),
  regions: fc.option(fc.subarray(regions, { minLength: 1 })),
  grouping: fc.array(fc.boolean(), { minLength: all.length, maxLength: all.length }),
})
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

function asked(
  { columns, slot, ttl }: Rollup,
  rows: string,
  { from, hours, byEvent, regions: some, grouping }: Question,
): string {
  const keys = columns.flatMap(({ name, how }) => (how === undefined ? [name] : []))
  const group = keys.filter((_, at) => grouping[at])
  const time = (byEvent ? keys.find((name) => name !== slot && /minute$|hour$/.test(name)) : undefined) ?? slot
  const start = Math.floor(until / 1000) - from * 3600
  const where = [`${time} >= toDateTime(${start}, 'UTC')`, `${time} < toDateTime(${start + hours * 3600}, 'UTC')`]
  // Rows that go soon may have gone on one side.
  if (ttl !== undefined) where.push(`${ttl} > now() + INTERVAL 1 DAY`)
  if (some !== null && keys.includes('region_code')) where.push(`region_code IN (${some.map(quote).join(', ')})`)
  const sums = columns.flatMap(({ name, how }) => (how === undefined ? [] : [`${how}(${name}) AS ${how}_${name}`]))
  const by = group.length === 0 ? '' : ` GROUP BY ${group.join(', ')}`
  return `SELECT ${[...group, ...sums].join(', ')} FROM (${rows}) WHERE ${where.join(' AND ')}${by} HAVING sum_events != 0`
}

/** Asks both sides the whole, and many random questions. */
async function expectEqual(pages: readonly Page[], numRuns = 15): Promise<void> {
  const seed = pages.length
  const streams = streamsOf(pages)
  const everything = { from: 3100 * 24, hours: 3101 * 24, byEvent: false, regions: null, grouping: all }
  for (const rollup of rollups) {
    const raw = await askRaw(rollup, streams)
    const recorded = `SELECT * FROM siaga.${rollup.target} WHERE _stream IN (${streams.map(quote).join(', ')})`
    for (const asking of [everything, ...fc.sample(question, { seed, numRuns })]) {
      const [here, there] = [asked(rollup, recorded, asking), asked(rollup, raw, asking)]
      const differing = await admin.rows(
        z.unknown(),
        `SELECT * FROM ((SELECT 'recorded', * FROM (${here} EXCEPT ${there})) UNION ALL (SELECT 'raw', * FROM (${there} EXCEPT ${here}))) LIMIT 4`,
      )
      expect(differing, `${rollup.target}: ${here}`).toEqual([])
      if (asking === everything) expect(await countOf(`SELECT count() AS n FROM (${here})`)).toBeGreaterThan(0)
    }
  }
}

test('those that this project has are found, each behind the one that it reads', () => {
  const names = rollups.map(({ target }) => target)
  for (const known of [
    'source_minutes',
    'ingest_lag',
    'entity_risk_hours',
    'activity_minutes',
    'activity_hours',
    'top_hours',
  ])
    expect(names).toContain(known)
  expect(names.indexOf('activity_hours')).toBeGreaterThan(names.indexOf('activity_minutes'))
  for (const { columns, slot } of rollups)
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['events', '_stream', '_partition', slot]))
})

test('late events, several streams and partitions at once, and every page twice', async () => {
  const pages = pagesOf(plan(11))
  await landAll(pipeline, pages)
  await expectEqual(pages)
  await Promise.all([landAll(pipeline, pages), landAll(pipeline, pages, true)])
  expect(await landed(pages)).toBe(pages.length * 60)
  await expectEqual(pages)
})

test('a view that refuses its rows while the others take theirs', async () => {
  const pages: Page[] = []
  for (const [at, { target }] of rollups.entries()) {
    await admin.command(`ALTER TABLE siaga.${target} ADD CONSTRAINT refused CHECK _stream NOT LIKE '%-stream-0'`)
    const mended: Promise<void>[] = []
    const mend = () => {
      if (mended.length === 0) mended.push(admin.command(`ALTER TABLE siaga.${target} DROP CONSTRAINT refused`))
    }
    const own = pagesOf(plan(100 + at, { streams: 1, pages: 2 }))
    for (const page of own) await land(pipeline, page, false, mend)
    await Promise.all(mended)
    expect(mended, `${target} refused nothing`).toHaveLength(1)
    pages.push(...own)
  }
  await expectEqual(pages)
})

test('rows that a rollup lost or has twice are made good when their range is in doubt', async () => {
  const pages: Page[] = []
  for (const [at, { target, columns }] of rollups.entries()) {
    const own = pagesOf(plan(200 + at, { streams: 1, pages: 2 }))
    await landAll(pipeline, own)
    const mine = `_stream = ${quote(streamsOf(own)[0] ?? '')}`
    const names = columns.map(({ name }) => name).join(', ')
    if (at % 2 === 0) await admin.command(`ALTER TABLE siaga.${target} DELETE WHERE ${mine}`, {}, { mutations_sync: 2 })
    else
      await admin.command(`INSERT INTO siaga.${target} (${names}) SELECT ${names} FROM siaga.${target} WHERE ${mine}`)
    await landAll(pipeline, own, true)
    pages.push(...own)
  }
  await expectEqual(pages)
})

test('a landing process that is killed, and the owner after it', async () => {
  const killed = plan(31, { pages: 6, rows: 400 })
  const pages = pagesOf(killed)
  const access = JSON.stringify({ url: services.clickhouse.url, ...services.clickhouse.users.pipeline })
  const child = fork(join(import.meta.dirname, 'rollups-process.ts'), [access, JSON.stringify(killed)], {
    stdio: 'inherit',
  })
  let told = 0
  child.on('message', () => {
    told += 1
    if (told === 7) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  // The next owner begins with the page that was on its way; here all are said again.
  await landAll(pipeline, pages, true)
  expect(await landed(pages)).toBe(pages.length * 400)
  await expectEqual(pages)
})

test('a server that is killed while rows land', async () => {
  const pages = pagesOf(plan(41, { pages: 6, rows: 400 }))
  let told = 0
  await landAll(pipeline, pages, false, () => {
    told += 1
    if (told === 5 || told === 15) services.embedded.clickhouse?.kill('SIGKILL')
  })
  expect(await landed(pages)).toBe(pages.length * 400)
  await expectEqual(pages)
})

test('events that landed before the rollups were made are filled in, once, by two at once and again', async () => {
  const made = ['activity_hours', 'activity_minutes', 'top_hours']
  for (const target of made) {
    await admin.command(`DROP TABLE siaga.${target}_mv SYNC`)
    await admin.command(`DROP TABLE siaga.${target} SYNC`)
  }
  const before = pagesOf(plan(51))
  await landAll(pipeline, before)
  await admin.command(
    "ALTER TABLE siaga.migrations DELETE WHERE match(file, '^(0016|0023)')",
    {},
    { mutations_sync: 2 },
  )
  expect(await migrate(admin)).toEqual(['0016_rollups.sql', '0023_projections.sql'])
  expect(await countOf('SELECT count() AS n FROM siaga.activity_hours')).toBe(0)
  const now = until + 3 * HOUR
  const since = until - 10 * 24 * HOUR
  const meanwhile = pagesOf(plan(52, { streams: 1, pages: 3 }))
  await Promise.all([
    rebuildRollups(admin, { now, since }),
    rebuildRollups(admin, { now }),
    landAll(pipeline, meanwhile, true),
  ])
  await expectEqual([...before, ...meanwhile])
  const sums = made.map((target) => `SELECT sum(events) AS n FROM siaga.${target}`).join(' UNION ALL ')
  const filled = await admin.rows(Count, sums)
  const rebuilt = await rebuildRollups(admin, { now })
  expect(rebuilt).toMatchObject({ open: 0, events: await countOf('SELECT count() AS n FROM siaga.events') })
  expect((await admin.rows(Count, sums)).map(({ n }) => n).sort()).toEqual(filled.map(({ n }) => n).sort())
})

test('sums stay when their events have gone, and the hour that is running is told', async () => {
  const hours = () => countOf('SELECT sum(events) AS n FROM siaga.activity_hours')
  const before = await hours()
  await admin.command("ALTER TABLE siaga.events DELETE WHERE startsWith(_stream, '33-')", {}, { mutations_sync: 2 })
  const newest = await countOf('SELECT toUnixTimestamp64Milli(max(ingested_at)) AS n FROM siaga.events')
  const rebuilt = await rebuildRollups(admin, { now: newest + 1, since: newest })
  expect(rebuilt.open).toBe(Math.floor(newest / HOUR) * HOUR)
  expect(await hours()).toBe(before)
})

test('siaga rollups rebuild says what the rollups hold, and what is no number of days', async () => {
  const { url, users } = services.clickhouse
  const access = new URL(url)
  access.username = users.admin.username
  access.password = users.admin.password
  const run = (...args: string[]) =>
    siaga(['rollups', 'rebuild', ...args], { cwd: services.dataDir, env: { CLICKHOUSE_URL: access.href } })
  const done = await run('--days', '3000')
  expect(done.stdout).toMatch(/^rollups hold [\d,]+ events of \d+ hours of landing\n/)
  expect(done.stderr).toContain('UTC')
  expect(done.code).toBe(0)
  const wrong = await run('--days', 'all')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('--days 7')
})

test('severities, errors and what the busiest values leave out, by another way than the views', async () => {
  const pages = pagesOf(plan(61, { streams: 1 }))
  await landAll(pipeline, pages)
  const events = pages.flatMap(({ events: rows }) => rows)
  const mine = `_stream = ${quote(streamsOf(pages)[0] ?? '')}`
  const [activity] = await admin.rows(
    z.record(z.string(), z.coerce.number()),
    `SELECT sum(events) AS total, sumIf(events, severity = 'medium') AS medium, sumIf(events, severity = 'none') AS none, sum(http_errors) AS http_errors,
       sum(failures) AS failures, sum(alerts_score) AS alerts, max(score_max) AS highest FROM siaga.activity_hours WHERE ${mine}`,
  )
  const count = (is: (event: Event) => boolean): number => events.filter(is).length
  expect(activity).toEqual({
    total: events.length,
    medium: count(({ score }) => score >= 40 && score < 70),
    none: count(({ score }) => score < 20),
    http_errors: count(({ http_status_code }) => http_status_code >= 500),
    failures: count(({ event_outcome }) => event_outcome === 'failure'),
    alerts: count(({ score }) => score >= 70),
    highest: Math.max(...events.map(({ score }) => score)),
  })
  const tops = await admin.rows(
    z.object({ kind: z.string(), value: z.string(), n: z.coerce.number(), points: z.coerce.number() }),
    `SELECT kind, value, sum(events) AS n, sum(points) AS points FROM siaga.top_hours WHERE ${mine} GROUP BY kind, value`,
  )
  const expectTop = (kind: string, value: string, is: (event: Event) => boolean): void => {
    const points = events.filter(is).reduce((sum, { score }) => sum + (score >= 20 ? score : 0), 0)
    const n = count(is)
    expect(tops.filter((top) => top.kind === kind && top.value === value)).toEqual(
      n === 0 ? [] : [{ kind, value, n, points }],
    )
  }
  const proven = (event: Event): boolean =>
    (event.score >= 20 || event.event_category === 'authentication') &&
    event.event_category !== 'network' &&
    !['udp', 'icmp'].includes(event.network_transport) &&
    !['loopback', 'link_local'].includes(event.source_scope)
  expectTop('source_ip', '203.0.113.9', (event) => event.source_ip === '203.0.113.9' && proven(event))
  expectTop(
    'source_ip',
    '2400:9800:1:2::/64',
    (event) => event.source_ip.startsWith('2400:9800:1:2::') && proven(event),
  )
  for (const name of ['root', 'u'.repeat(64)]) expectTop('user_name', name, (event) => event.user_name === name)
  for (const path of ['/hasil', `/${'p'.repeat(127)}`])
    expectTop('url_path', path, (event) => event.url_path === path && [200, 500].includes(event.http_status_code))
  expectTop('source_asn', '7713', ({ source_asn }) => source_asn === 7713)
  for (const { kind, value } of tops) {
    expect(value).not.toBe('')
    expect(value.length).toBeLessThanOrEqual({ source_ip: 45, user_name: 64, url_path: 128 }[kind] ?? 10)
  }
})
