// Does ZooKeeper take every replicated table that the migrations make, each at a path of its own? What comes after that needs servers that replicas can reach.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { readMigrations, replicatedEngine, statements } from '../../deploy/clickhouse/migrate.ts'
import { SHARD_DATABASE } from '../../deploy/clickhouse/sharded.ts'
import { type Cluster, startCluster } from './services.ts'

let cluster: Cluster
const made: string[] = []
beforeAll(async () => {
  cluster = await startCluster({ shards: 1, replicated: true })
  await cluster.home.command(`CREATE DATABASE ${SHARD_DATABASE}`)
  for (const { sql } of readMigrations())
    for (const statement of statements(sql, { database: SHARD_DATABASE, replicated: true })) {
      const [, table] = /^CREATE TABLE IF NOT EXISTS \w+\.(\w+)/.exec(statement) ?? []
      if (table === undefined) continue
      await cluster.home.command(statement)
      made.push(table)
    }
}, 120_000)
afterAll(() => cluster?.stop())

const Replica = z.object({ table: z.string(), path: z.string(), replica: z.string(), readonly: z.number() })
const replicas = () =>
  cluster.home.rows(
    Replica,
    'SELECT table, zookeeper_path AS path, replica_name AS replica, toUInt8(is_readonly) AS readonly FROM system.replicas ORDER BY table',
  )

test('every table is registered under its name, its shard and its replica', async () => {
  const registered = await replicas()
  expect(registered.map(({ table }) => table)).toEqual(made.toSorted())
  expect(made.length).toBeGreaterThan(30)
  for (const { table, path, replica } of registered)
    expect({ path, replica }).toEqual({ path: `/clickhouse/tables/1/${SHARD_DATABASE}/${table}`, replica: 'r1' })
})

test('a table that takes the name of another keeps its own path, so that a third can be made', async () => {
  const table = `${SHARD_DATABASE}.source_states`
  const step = `ENGINE = ${replicatedEngine('MergeTree')} ORDER BY (region_code, owner, source_id, changed_at)`
  await cluster.home.command(`CREATE TABLE ${table}__to_1 AS ${table} ${step}`)
  await cluster.home.command(`RENAME TABLE ${table} TO ${table}__from_1`)
  await cluster.home.command(`RENAME TABLE ${table}__to_1 TO ${table}`)
  const paths = (await replicas()).filter((one) => one.table.startsWith('source_states')).map(({ path }) => path)
  expect(paths).toEqual([
    `/clickhouse/tables/1/${SHARD_DATABASE}/source_states__to_1`,
    `/clickhouse/tables/1/${SHARD_DATABASE}/source_states`,
  ])
})

test('the embedded server cannot be a replica: it has no address for others, so its replicated tables are never written', async () => {
  // The day this fails, migrateCluster and landing can be tried here as on a cluster of replicas (replicas.test.ts).
  for (const { table, readonly } of await replicas()) expect({ table, readonly }).toEqual({ table, readonly: 1 })
})
