// Does a cluster answer as one server does? The same rows in both, and every rollup, view, shipped hunt and question of the page asked of both.
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readHunts, SHIPPED_HUNTS } from '../../cli/hunt/read.ts'
import { huntValues } from '../../cli/hunt/values.ts'
import { migrateCluster, pendingOnCluster } from '../../deploy/clickhouse/cluster.ts'
import { SHARD_DATABASE, shardedTables } from '../../deploy/clickhouse/sharded.ts'
import { tableAccess } from '../../deploy/clickhouse/tables.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { loadReference } from '../../runtime/reference.ts'
import { keepReference } from '../../sinks/clickhouse/reference.ts'
import { type Rollup, readRollups } from '../../sinks/clickhouse/rollups.ts'
import { questions } from '../../web/live/questions.ts'
import { attackersOf, riskOf, spans, targetsOf, trendOf } from '../../web/situation/questions.ts'
import { cases } from '../cli/hunt/cases.ts'
import { beginOf, fill } from '../cli/hunt/rig.ts'
import { land, pagesOf } from '../deploy/rollups-landing.ts'
import { type OwnServices, startOwnServices } from '../services.ts'
import { type Cluster, ownServicesOf, startCluster } from './services.ts'

const now = Math.floor(Date.now() / 1000) * 1000
let single: OwnServices
let cluster: Cluster
let one: ClickHouse
let many: ClickHouse
let second: ClickHouse
let rollups: readonly Rollup[]

beforeAll(async () => {
  ;[single, cluster] = await Promise.all([startOwnServices({ kafka: false, migrated: true }), startCluster()])
  // Two at once, as two processes that start together.
  const schema = () => migrateCluster(cluster.home, cluster.schema())
  const applied = (await Promise.all([schema(), schema()])).flat()
  expect(applied.length).toBe(new Set(applied).size)
  expect(await schema()).toEqual([])
  expect(await pendingOnCluster(cluster.home, cluster.schema())).toEqual([])

  const { url, users } = single.clickhouse
  const admin = createClickHouse({ url, ...users.admin })
  await fill(admin, cases, now)
  await keepReference(admin, {
    reference: loadReference({ calendars: ['pilkada-2024'], regions: [] }, '.'),
    assets: [],
    rooms: [],
  })
  const plan = { seed: 20_241_127, streams: 4, pages: 6, rows: 120, until: now - 3_600_000 }
  for (const page of pagesOf(plan)) await land(admin, page)
  rollups = await readRollups(admin)
  await copyAll(admin)
  await admin.close()
  // As the page and hunts ask.
  one = createClickHouse({ url, ...users.reader, database: 'siaga' })
  const there = ownServicesOf(cluster).clickhouse
  many = createClickHouse({ url: there.url, ...there.users.reader, database: 'siaga' })
  const url2 = cluster.nodes[1]?.clickhouse?.url ?? ''
  second = createClickHouse({ url: url2, ...there.users.reader, database: 'siaga' })
}, 240_000)
afterAll(async () => {
  await Promise.all([one?.close(), many?.close(), second?.close()])
  await Promise.all([single?.stop(), cluster?.stop()])
})

/** Events go to the shards row by row, as no Kafka would spread them: an answer may not rest on what lies together. */
async function copyAll(from: ClickHouse): Promise<void> {
  const filled = rollups.map(({ target }) => target)
  for (const [table, { kind }] of Object.entries(tableAccess)) {
    if (kind === 'view' || filled.includes(table) || /_mv$|^migrations$|^query_audit$/.test(table)) continue
    if (kind === 'common' && ['regions', 'elections'].includes(table)) continue
    if (table === 'events') {
      for (const [nth, shard] of cluster.admins.entries())
        await copy(
          from,
          `SELECT * FROM siaga.events WHERE sipHash64(event_id, message, timestamp) % 2 = ${nth}`,
          shard,
          `${SHARD_DATABASE}.events`,
        )
    } else await copy(from, `SELECT * FROM siaga.${table}`, cluster.home, `siaga.${table}`)
  }
}

async function copy(from: ClickHouse, query: string, to: ClickHouse, table: string): Promise<void> {
  const body = await buffer(await from.stream(`${query} FORMAT Native`))
  if (body.length === 0) return
  await to.insert({
    statement: `INSERT INTO ${table} FORMAT Native`,
    body: [body],
    queryId: `copy-${table}-${Math.random()}`,
    settings: { insert_deduplicate: 0, max_partitions_per_insert_block: 0, max_execution_time: 0 },
    timeoutMs: 60_000,
  })
}

/** Rows as texts, in no order: sums of floats to nine digits, and lists whose order nobody promised in one. */
function plain(rows: readonly unknown[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(row, (_key, value: unknown) => {
        if (typeof value === 'number') return Number(value.toPrecision(9))
        return Array.isArray(value) ? value.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)) : value
      }),
    )
    .sort()
}

/** Columns that hold any few of many, or any of several: which ones, no server promises. */
const anyOfMany: Readonly<Record<string, readonly string[]>> = {
  dns_generated_names: ['examples'],
  dns_tunnel: ['examples'],
  night_login_quiet_days: ['phase'],
  silent_after_attack: ['asset_id'],
}

async function expectSame(
  sql: string,
  params: Record<string, string | number> = {},
  without: readonly string[] = [],
): Promise<number> {
  const Row = z.record(z.string(), z.unknown()).transform((row) => {
    return Object.fromEntries(Object.entries(row).filter(([name]) => !without.includes(name)))
  })
  const [here, there] = await Promise.all([one.rows(Row, sql, params), many.rows(Row, sql, params)])
  expect(plain(there)).toEqual(plain(here))
  return here.length
}

test('the tables that are spread are events and all that is counted from them', () => {
  expect(['events', ...rollups.map(({ target }) => target)].sort()).toEqual([...shardedTables].sort())
})

test('both shards have rows', async () => {
  for (const shard of cluster.admins) {
    const [row] = await shard.rows(
      z.object({ n: z.coerce.number() }),
      `SELECT count() AS n FROM ${SHARD_DATABASE}.events`,
    )
    expect(row?.n).toBeGreaterThan(1_000)
  }
})

test('every event is the same', async () => {
  const sql = 'SELECT count() AS n, sum(cityHash64(*)) AS hash, uniqExact(event_id) AS ids FROM siaga.events'
  expect(await expectSame(sql)).toBe(1)
})

test.each(shardedTables.filter((table) => table !== 'events'))('rollup %s', async (table) => {
  const columns = rollups.find(({ target }) => target === table)?.columns ?? []
  const keys = columns.flatMap(({ name, how }) => (how === undefined ? [name] : []))
  const sums = columns.flatMap(({ name, how }) => (how === undefined ? [] : [`${how}(t.${name}) AS total_${name}`]))
  // What is about to go by age goes when parts are merged.
  const young = keys.includes('hour') && table === 'entity_risk_hours' ? 'WHERE t.hour > now() - INTERVAL 40 DAY' : ''
  const sql = `SELECT ${[...keys, ...sums].join(', ')} FROM siaga.${table} AS t ${young} GROUP BY ${keys.join(', ')}`
  expect(await expectSame(sql)).toBeGreaterThan(10)
})

/** Views that are asked with parameters, or that look at the clock by themselves. */
const asked: Readonly<Record<string, string>> = {
  entity_risk: `entity_risk_at(at = toDateTime(${now / 1000}, 'UTC'), half_life_hours = 24)`,
  entity_risk_at: `entity_risk_at(at = toDateTime(${now / 1000 - 86_400}, 'UTC'), half_life_hours = 6)`,
  perbandingan_tahapan:
    "perbandingan_tahapan(pemilihan = 'pilkada-2024', sebelumnya = 'pemilu-2019', tahapan = 'masa_tenang', wilayah = '')",
  phase_comparison:
    "phase_comparison(election = 'pilkada-2024', earlier = 'pemilu-2019', phase = 'masa_tenang', region = '')",
}
const views = Object.entries(tableAccess).flatMap(([name, { kind }]) => (kind === 'view' ? [name] : []))

test.each(views)('view %s, asked of any server', async (view) => {
  const sql = `SELECT * FROM siaga.${asked[view] ?? view}`
  await expectSame(sql)
  expect(plain(await second.rows(z.unknown(), sql))).toEqual(plain(await many.rows(z.unknown(), sql)))
})

test('names by dictionary, which each shard looks up by itself', async () => {
  await expectSame(
    "SELECT dictGet('siaga.regions', 'name', region_code) AS name, count() AS n FROM siaga.events GROUP BY name",
  )
})

const { hunts } = readHunts([SHIPPED_HUNTS])

test.each([...hunts.values()].map((hunt) => ({ id: hunt.id, hunt })))('hunt $id', async ({ hunt }) => {
  const tried = cases.filter((tried) => tried.hunt === hunt.id)
  for (const tried_ of [undefined, ...tried]) {
    const begin = tried_ === undefined ? now - 30 * 86_400_000 : beginOf(tried_, cases.indexOf(tried_), now)
    const end = begin + (tried_?.hours ?? 30 * 24) * 3_600_000
    const { params } = huntValues(hunt, { params: tried_?.params ?? {} }, end)
    const since = new Date(begin).toISOString().slice(0, 19).replace('T', ' ')
    const found = await expectSame(hunt.query, { ...params, since }, anyOfMany[hunt.id])
    // Of rows that go by age some hunts ask for what is gone by now.
    if (tried_ !== undefined && tried_.recent === undefined && hunt.id !== 'entities_rising')
      expect(found).toBeGreaterThan(0)
  }
})

describe('questions of the page', () => {
  test.each(questions.map(({ name, sql }) => ({ name, sql })))('live: $name', async ({ sql }) => {
    await expectSame(sql, { to: now })
  })

  test.each(Object.keys(spans))('the picture of %s', async (name) => {
    const span = z.enum(['1h', '6h', '24h', '7d']).parse(name)
    for (const region of [undefined, '32']) {
      const ask = async (store: ClickHouse): Promise<unknown[]> => [
        await trendOf(store, region, span, now),
        await targetsOf(store, region, span, now),
        await attackersOf(store, region, span, now),
        await riskOf(store, region, 48, now),
      ]
      const [here, there] = await Promise.all([ask(one), ask(many)])
      expect(plain(there)).toEqual(plain(here))
    }
  })
})
