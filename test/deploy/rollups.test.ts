// Does every rollup say what the raw rows say, for any window, region and grouping, after whatever may happen while rows land?
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse, quote } from '../../runtime/clickhouse.ts'
import { type Rollup, rawQuestion, readRollups } from '../../sinks/clickhouse/rollups.ts'
import { rebuildRollups } from '../../sinks/clickhouse/rollups-rebuild.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { land, landAll, type Plan, pagesOf, regions } from './rollups-landing.ts'

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

const countOf = async (query: string): Promise<number> => (await admin.rows(Count, query))[0]?.n ?? -1

/** The question of a rollup on the raw rows, for all streams: a view takes the rows of one. */
async function rawRows(rollup: Rollup): Promise<string> {
  const streams = await admin.rows(
    z.object({ stream: z.string() }),
    'SELECT DISTINCT _stream AS stream FROM siaga.events',
  )
  const names = rollup.columns.map(({ name }) => name).join(', ')
  const landed = { from: 0, to: until + 24 * HOUR }
  return streams
    .map(({ stream }) => `SELECT ${names} FROM (${rawQuestion(rollups, rollup, { stream, ...landed })})`)
    .join(' UNION ALL ')
}

/** A window of one of the times, regions, and some of the keys to group by. */
const question = fc.record({
  from: fc.integer({ min: 0, max: 3100 * 24 }),
  hours: fc.oneof(fc.integer({ min: 1, max: 48 }), fc.integer({ min: 48, max: 3100 * 24 })),
  byEvent: fc.boolean(),
  regions: fc.option(fc.subarray(regions, { minLength: 1 })),
  grouping: fc.infiniteStream(fc.boolean()),
})
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

function asked(
  { columns, slot, ttl }: Rollup,
  rows: string,
  { from, hours, byEvent, regions: some, grouping }: Question,
): string {
  const keys = columns.flatMap(({ name, how }) => (how === undefined ? [name] : []))
  const group = keys.filter(() => grouping.next().value === true)
  const time = (byEvent ? keys.find((name) => name !== slot && /minute$|hour$/.test(name)) : undefined) ?? slot
  const start = Math.floor(until / 1000) - from * 3600
  const where = [`${time} >= toDateTime(${start}, 'UTC')`, `${time} < toDateTime(${start + hours * 3600}, 'UTC')`]
  // Rows that go soon may have gone on one side.
  if (ttl !== undefined) where.push(`${ttl} > now() + INTERVAL 1 DAY`)
  if (some !== null && keys.includes('region_code')) where.push(`region_code IN (${some.map(quote).join(', ')})`)
  const sums = columns.flatMap(({ name, how }) => (how === undefined ? [] : [`${how}(${name}) AS ${how}_${name}`]))
  const by = group.length === 0 ? '' : ` GROUP BY ${group.join(', ')}`
  return `SELECT ${[...group, ...sums].join(', ')} FROM (${rows})${by} HAVING sum_events != 0`
}

/** Asks both sides many random questions. */
async function expectEqual(seed: number, numRuns = 12): Promise<void> {
  for (const rollup of rollups) {
    const raw = await rawRows(rollup)
    const recorded = `SELECT * FROM siaga.${rollup.target}`
    const whole: Question = {
      from: 3100 * 24,
      hours: 3101 * 24,
      byEvent: false,
      regions: null,
      grouping: fc.sample(fc.infiniteStream(fc.constant(true)), 1)[0] ?? fail(),
    }
    for (const asking of [whole, ...fc.sample(question, { seed, numRuns })]) {
      // The stream of booleans is drawn once and asked of both.
      const flags = Array.from({ length: 20 }, () => asking.grouping.next().value === true)
      const of = (rows: string) => asked(rollup, rows, { ...asking, grouping: fc.stream(flags.values()) })
      const query = `SELECT count() AS n FROM ((${of(recorded)} EXCEPT ${of(raw)}) UNION ALL (${of(raw)} EXCEPT ${of(recorded)}))`
      expect(await countOf(query), `${rollup.target}: ${of(recorded)}`).toBe(0)
      if (asking === whole) expect(await countOf(`SELECT count() AS n FROM (${of(recorded)})`)).toBeGreaterThan(0)
    }
  }
}

function fail(): never {
  throw new Error('fast-check gave no sample')
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
  await expectEqual(1)
  await Promise.all([landAll(pipeline, pages), landAll(pipeline, pages, true)])
  expect(await countOf('SELECT count() AS n FROM siaga.events')).toBe(pages.length * 60)
  await expectEqual(2)
})

test('a view that refuses its rows while the others take theirs', async () => {
  for (const [at, { target }] of rollups.entries()) {
    await admin.command(`ALTER TABLE siaga.${target} ADD CONSTRAINT refused CHECK _stream NOT LIKE '%-stream-0'`)
    const tried: Promise<void>[] = []
    const mend = () => {
      if (tried.length === 0) tried.push(admin.command(`ALTER TABLE siaga.${target} DROP CONSTRAINT refused`))
    }
    for (const page of pagesOf(plan(100 + at, { streams: 1, pages: 2 }))) await land(pipeline, page, false, mend)
    await Promise.all(tried)
    expect(tried, `${target} refused nothing`).toHaveLength(1)
  }
  await expectEqual(3)
})

test('rows that a rollup lost, has twice, or never had are made good when their range is in doubt', async () => {
  for (const [at, { target, columns }] of rollups.entries()) {
    const [page, ...rest] = pagesOf(plan(200 + at, { streams: 1, pages: 2 }))
    if (page === undefined) throw new Error('no page')
    await landAll(pipeline, [page, ...rest])
    const mine = `_stream = ${quote(page.range.stream)}`
    if (at % 2 === 0) await admin.command(`ALTER TABLE siaga.${target} DELETE WHERE ${mine}`, {}, { mutations_sync: 2 })
    else {
      const names = columns.map(({ name }) => name).join(', ')
      await admin.command(`INSERT INTO siaga.${target} (${names}) SELECT ${names} FROM siaga.${target} WHERE ${mine}`)
    }
    for (const doubted of [page, ...rest]) await land(pipeline, doubted, true)
  }
  await expectEqual(4)
})

test('a landing process that is killed, and the owner after it', async () => {
  const killed = plan(31, { pages: 25, rows: 400 })
  const pages = pagesOf(killed)
  const access = JSON.stringify({ url: services.clickhouse.url, ...services.clickhouse.users.pipeline })
  const child = fork(join(import.meta.dirname, 'rollups-process.ts'), [access, JSON.stringify(killed)], {
    stdio: 'inherit',
  })
  let told = 0
  child.on('message', () => {
    told += 1
    if (told === 9) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  // The next owner begins with the page that was on its way; here all are said again.
  await landAll(pipeline, pages, true)
  expect(await countOf("SELECT count() AS n FROM siaga.events WHERE startsWith(_stream, '1f-')")).toBe(
    pages.length * 400,
  )
  await expectEqual(5)
})

test('a server that is killed while rows land', async () => {
  const pages = pagesOf(plan(41, { pages: 25, rows: 400 }))
  let landed = 0
  const kill = () => {
    landed += 1
    if (landed === 12 || landed === 50) services.embedded.clickhouse?.kill('SIGKILL')
  }
  await landAll(pipeline, pages, false, kill)
  expect(await countOf("SELECT count() AS n FROM siaga.events WHERE startsWith(_stream, '29-')")).toBe(
    pages.length * 400,
  )
  await expectEqual(6)
}, 120_000)

test('events that landed before the rollups were made are filled in, once, by two at once and again', async () => {
  const made = ['activity_hours', 'activity_minutes', 'top_hours']
  for (const target of made) {
    await admin.command(`DROP TABLE siaga.${target}_mv SYNC`)
    await admin.command(`DROP TABLE siaga.${target} SYNC`)
  }
  await landAll(pipeline, pagesOf(plan(51)))
  await admin.command("ALTER TABLE siaga.migrations DELETE WHERE startsWith(file, '0016')", {}, { mutations_sync: 2 })
  expect(await migrate(admin)).toEqual(['0016_rollups.sql'])
  expect(await countOf('SELECT count() AS n FROM siaga.activity_hours')).toBe(0)
  const now = until + 3 * HOUR
  // While others land.
  await Promise.all([
    rebuildRollups(admin, { now }),
    rebuildRollups(admin, { now }),
    landAll(pipeline, pagesOf(plan(52, { pages: 3 })), true),
  ])
  await expectEqual(7)
  const before = await admin.rows(
    Count,
    'SELECT sum(events) AS n FROM siaga.top_hours UNION ALL SELECT count() FROM siaga.top_hours',
  )
  const rebuilt = await rebuildRollups(admin, { now })
  expect(rebuilt).toMatchObject({ open: 0, events: await countOf('SELECT count() AS n FROM siaga.events') })
  expect(
    await admin.rows(
      Count,
      'SELECT sum(events) AS n FROM siaga.top_hours UNION ALL SELECT count() FROM siaga.top_hours',
    ),
  ).toEqual(before)
  await expectEqual(8)
}, 120_000)

test('sums stay when their events have gone', async () => {
  const total = () => countOf('SELECT sum(events) AS n FROM siaga.activity_hours')
  const before = await total()
  await admin.command("ALTER TABLE siaga.events DELETE WHERE startsWith(_stream, '33-')", {}, { mutations_sync: 2 })
  await rebuildRollups(admin, { now: until + 3 * HOUR })
  expect(await total()).toBe(before)
})
