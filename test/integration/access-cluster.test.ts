// Does a room's user get a row of others on a cluster, where its question goes to servers that have nothing of it but its name?
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { migrateCluster } from '../../deploy/clickhouse/cluster.ts'
import { SHARD_DATABASE, shardedTables } from '../../deploy/clickhouse/sharded.ts'
import { tableAccess, tablesFor } from '../../deploy/clickhouse/tables.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { mayRead } from '../../runtime/scope.ts'
import { type Cluster, ownServicesOf, startCluster } from '../cluster/services.ts'
import { attacks } from './access/attacks.ts'
import {
  type AccessRig,
  type Attempt,
  accessRig,
  attacker,
  attemptsAt,
  foreignIn,
  places,
  ROWS,
  rooms,
} from './access/rig.ts'

let cluster: Cluster
/** The first server, which rooms know, and the second, which somebody may try as well. */
let home: AccessRig
let second: AccessRig
let secondAsFirst: Pick<AccessRig, 'attempt'>
let turn = 0
beforeAll(async () => {
  cluster = await startCluster({ rooms })
  await migrateCluster(cluster.home, cluster.schema())
  const holders = cluster.admins.map((admin) => ({ admin, database: SHARD_DATABASE }))
  const services = ownServicesOf(cluster)
  home = await accessRig(services, cluster.home, holders)
  const { url = '' } = cluster.nodes[1]?.clickhouse ?? {}
  const there = { ...services, clickhouse: { ...services.clickhouse, url } }
  second = { ...home, ...attemptsAt(there, SHARD_DATABASE) }
  secondAsFirst = attemptsAt(there)
}, 300_000)
afterAll(async () => {
  await home?.stop()
  await cluster?.stop()
})

/** As one of many users with the attacker's rights. */
const attempt = (sql: string, rig: Pick<AccessRig, 'attempt'> = home): Promise<Attempt> => {
  turn += 1
  return rig.attempt(`penguji-${turn % 24}`, sql)
}

async function expectSame(text: string, server: ClickHouse, sql: string): Promise<void> {
  const expected = await server.rows(z.record(z.string(), z.unknown()), sql)
  expect(text.split('\t')).toEqual(expected.flatMap((row) => Object.values(row)).map(String))
}

/** What is otherwise than on one server, and harmless: a shard does not tell its part from another's, and `merge` does not read what reads shards. */
const otherwise: Readonly<Record<string, 'refused' | 'answered'>> = {
  'SELECT uniqExact(_part, _part_offset) FROM events': 'answered',
  "SELECT count() FROM merge('siaga', '^events$')": 'refused',
  "SELECT event_id FROM merge('siaga', '^(events|verdicts)$')": 'refused',
}

test('questions whose parts ask other servers do not wait for one another, however many come at once', async () => {
  // Parts of these come back to the server that was asked; with a few places for all analysts the first would hold them, and wait for more.
  const joined = `SELECT count() FROM (SELECT region_code FROM events) AS e
    LEFT JOIN (SELECT region_code, count() AS n FROM findings_rows GROUP BY region_code) AS f USING region_code`
  const answers = await Promise.all(Array.from({ length: 12 }, () => attempt(joined)))
  expect(answers.filter(({ answered }) => !answered)).toEqual([])
}, 30_000)

describe('a room of region 32 that sees kpu', () => {
  test.each(attacks)('$way: $sql', async ({ sql, outcome }) => {
    // The second server knows every name too, so that questions sent to it can be answered: it must hold as the first one does.
    for (const rig of [home, { ...second, ...secondAsFirst }]) {
      const wanted = otherwise[sql] ?? (rig !== home && sql.includes("merge('siaga'") ? 'refused' : outcome)
      const { answered, text } = await attempt(sql, rig)
      expect(foreignIn(attacker, text)).toEqual([])
      expect(answered, answered ? '' : text.slice(0, 600)).toBe(wanted !== 'refused')
      if (typeof wanted !== 'string') await expectSame(text, cluster.home, wanted.same)
    }
  })

  test('and every other room sees its own of all shards, one of the centre everything', async () => {
    for (const room of rooms.slice(0, 5)) {
      const { text } = await home.attempt(room.id, 'SELECT count(), groupUniqArray(message) FROM events')
      const expected = places.filter((place) => mayRead(room, place)).length * (ROWS / places.length)
      expect(Number(text.split('\t')[0]), room.id).toBe(expected)
      expect(foreignIn(room, text), room.id).toEqual([])
    }
  })
})

describe('the database that holds the rows of a shard', () => {
  const there = attacks.filter(
    ({ sql, outcome }) => typeof outcome !== 'string' && !/alerts|findings|source_states/.test(sql),
  )
  const onShard = (sql: string): string =>
    sql
      .replaceAll(/\b(FROM|JOIN) (?:siaga\.)?(events|entity_risk_hours)\b/g, `$1 ${SHARD_DATABASE}.$2`)
      .replaceAll("merge('siaga'", `merge('${SHARD_DATABASE}'`)

  test('has attacks of its own', () => expect(there.length).toBeGreaterThan(30))

  test.each(there)('$way: $sql', async ({ sql, outcome }) => {
    if (typeof outcome === 'string') return
    for (const [rig, admin] of [
      [home, cluster.admins[0]],
      [second, cluster.admins[1]],
    ] as const) {
      const { answered, text } = await attempt(onShard(sql), rig)
      expect(foreignIn(attacker, text)).toEqual([])
      expect(answered, text.slice(0, 600)).toBe(true)
      if (admin !== undefined) await expectSame(text, admin, onShard(outcome.same))
    }
  })

  test.each(shardedTables)('shows a room its own of %s, or refuses it, at every server', async (table) => {
    const granted = tablesFor({ centre: false }).includes(table)
    for (const rig of [home, second]) {
      const { answered, text } = await attempt(`SELECT * FROM ${SHARD_DATABASE}.${table}`, rig)
      expect({ answered, denied: text.includes('ACCESS_DENIED') }).toEqual({ answered: granted, denied: !granted })
      expect(foreignIn(attacker, text)).toEqual([])
      if (tableAccess[table]?.kind !== 'regional') continue
      for (const { region_code, owner } of places.filter((place) => mayRead(attacker, place)))
        expect(text).toContain(`R[${region_code}|${owner}]`)
    }
  })

  test.each([
    `SELECT * FROM ${SHARD_DATABASE}.shard_place`,
    'SELECT * FROM siaga.shard_place',
    'SELECT * FROM siaga.partition_shards',
    `SELECT * FROM ${SHARD_DATABASE}.migrations`,
    `SELECT * FROM cluster('siaga', '${SHARD_DATABASE}', 'events')`,
    `SELECT * FROM clusterAllReplicas('siaga', '${SHARD_DATABASE}', 'events')`,
    `SELECT * FROM remote('127.0.0.1', '${SHARD_DATABASE}', 'events')`,
    `SELECT * FROM clusterAllReplicas('siaga', system.processes)`,
    `INSERT INTO ${SHARD_DATABASE}.events (event_id) VALUES ('x')`,
    "SELECT count() FROM events SETTINGS distributed_product_mode = 'allow'",
    'SELECT count() FROM events SETTINGS prefer_global_in_and_join = 0',
    'SELECT count() FROM events SETTINGS skip_unavailable_shards = 1',
    'SELECT count() FROM events SETTINGS serialize_query_plan = 1',
  ])('and refuses %s', async (sql) => {
    for (const rig of [home, second]) expect(await attempt(sql, rig)).toMatchObject({ answered: false })
  })

  test('tells no size and no name of a column', async () => {
    for (const rig of [home, second]) {
      const { text } = await attempt('SELECT sum(total_rows), sum(total_bytes) FROM system.tables', rig)
      expect(text).toBe('\\N\t\\N')
      for (const table of ['tables', 'columns']) {
        const named = await attempt(`SELECT count() FROM system.${table} WHERE database = '${SHARD_DATABASE}'`, rig)
        expect(named.text).toBe('0')
      }
      const index = await attempt(`SELECT count() FROM mergeTreeIndex('${SHARD_DATABASE}', 'events')`, rig)
      expect(index.text).toBe('0')
    }
  })
})

test('only the shards take rows: what reads all of them refuses an insert, whoever asks', async () => {
  await expect(cluster.home.command("INSERT INTO siaga.events (event_id) VALUES ('x')")).rejects.toThrow()
})

test('the trail of queries names a question once, however many servers answered it', async () => {
  await home.attempt('dki', 'SELECT count() FROM events WHERE _offset = 77123')
  for (const admin of cluster.admins) await admin.command('SYSTEM FLUSH LOGS query_log')
  const rows = await cluster.home.rows(
    z.object({ outcome: z.string(), read_rows: z.number() }),
    "SELECT outcome, read_rows FROM siaga.query_audit WHERE query LIKE '%_offset = ?' AND user LIKE '%dki'",
  )
  expect(rows).toEqual([{ outcome: 'finished', read_rows: expect.any(Number) }])
})
