// How does the schema come about on a cluster? The same migrations: what is spread over the shards is made on each of them, the rest on the first server.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { at, quote, whole } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { acquireLock } from './lock.ts'
import {
  type Migration,
  type MigrationMacros,
  migrate,
  pendingMigrations,
  readMigrations,
  replicatedEngine,
} from './migrate.ts'
import { mirrorHome, readShards } from './mirror.ts'
import { SHARD_DATABASE, shardedTables } from './sharded.ts'

export interface ClickHouseCluster {
  /** Name in `remote_servers` of every server; `<name>_1` there is the first shard alone. */
  readonly name: string
  /** True if a shard is more than one server: tables are replicated among the servers of cluster `<name>_<number of the shard>`. */
  readonly replicated: boolean
  /** False if each statement is to reach one server only, also of replicated tables: the embedded server has no ON CLUSTER. */
  readonly onCluster?: boolean
  /** One server of each shard, in an order that never changes; all as the user that makes the schema. */
  readonly shards: readonly ClickHouse[]
}

const object =
  /^(?:CREATE TABLE IF NOT EXISTS|CREATE MATERIALIZED VIEW IF NOT EXISTS|ALTER TABLE|REORDER TABLE)\s+\w+\.(\w+)/

/** True for what is made on every shard: a table that is spread over them, or a view that fills one. */
function isSharded(statement: string): boolean {
  const name = object.exec(statement)?.[1] ?? ''
  return shardedTables.includes(name.replace(/_mv$/, ''))
}

const macrosOf = (
  { name, replicated, onCluster = replicated }: ClickHouseCluster,
  shard: number,
  database: string,
) => ({
  database,
  replicated,
  cluster: onCluster ? `${name}_${shard}` : undefined,
  applies: database === SHARD_DATABASE ? isSharded : (statement: string) => !isSharded(statement),
})

const onClusterOf = (cluster: ClickHouseCluster, shard: number): string => {
  const replicas = macrosOf(cluster, shard, 'siaga').cluster
  return replicas === undefined ? '' : `ON CLUSTER ${quote(replicas)}`
}

/**
 * Brings all servers to the newest schema; answers the files that were applied now, anywhere. Safe to run again and by several at once, also when a
 * shard has been added. Rejects with CONFIG_INVALID if a server has another place than the configuration says, or if `home` holds events itself.
 *
 * @param home the server that holds everything else, of the first shard; its database `siaga` has every name, those of sharded tables for reading
 * @param onWait called every two seconds while another process changes the schema
 */
export async function migrateCluster(
  home: ClickHouse,
  cluster: ClickHouseCluster,
  migrations: readonly Migration[] = readMigrations(),
  onWait: () => void = () => undefined,
): Promise<string[]> {
  const lock = await acquireLock(home, 'siaga-migrate-cluster', async () => {
    onWait()
    return true
  })
  if (lock === undefined) return []
  try {
    await refuseEventsAt(home)
    const applied = new Set<string>()
    const made = await Promise.allSettled(
      cluster.shards.map(async (shard, index) => {
        const macros = macrosOf(cluster, index + 1, SHARD_DATABASE)
        for (const file of await migrate(shard, macros, migrations)) applied.add(file)
        await keepPlace(shard, index + 1, macros)
      }),
    )
    for (const one of made) if (one.status === 'rejected') throw one.reason
    lock.check()
    const [first, ...others] = cluster.shards
    if (first !== undefined) await readShards(home, first, cluster.name, onClusterOf(cluster, 1))
    await comparePlaces(home, cluster.shards.length)
    for (const file of await migrate(home, macrosOf(cluster, 1, 'siaga'), migrations)) applied.add(file)
    for (const [index, shard] of others.entries()) {
      lock.check()
      const on = onClusterOf(cluster, index + 2)
      await readShards(shard, shard, cluster.name, on)
      await mirrorHome(home, shard, cluster.name, on)
    }
    return [...applied].sort()
  } finally {
    await lock.release()
  }
}

/** Names of migrations that some server of the cluster lacks. */
export async function pendingOnCluster(home: ClickHouse, cluster: ClickHouseCluster): Promise<string[]> {
  const pending = [
    ...(await pendingMigrations(home, macrosOf(cluster, 1, 'siaga'))),
    ...(await Promise.all(
      cluster.shards.map((shard, index) => pendingMigrations(shard, macrosOf(cluster, index + 1, SHARD_DATABASE))),
    )),
  ]
  return [...new Set(pending.flat())].sort()
}

const Table = z.object({ name: z.string(), engine: z.string(), rows: z.coerce.number() })

/** Tables of a single server would be hidden behind those of the cluster. */
async function refuseEventsAt(home: ClickHouse): Promise<void> {
  const tables = await home.rows(
    Table,
    `SELECT name, engine, ifNull(total_rows, 0) AS rows FROM system.tables
     WHERE database = 'siaga' AND name IN {names:Array(String)} AND engine LIKE '%MergeTree'`,
    { names: [...shardedTables] },
  )
  const [first] = tables
  if (first === undefined) return
  const detail = `database siaga at clickhouse.url was made for one server (${first.name} is ${first.engine}); a cluster begins with servers that have no database siaga (docs/operations.md)`
  throw new SiagaError('CONFIG_INVALID', { detail })
}

const Place = z.object({ shard: z.coerce.number() })

/** A shard knows its number: with two of them exchanged, what has landed would be looked for in the wrong place. */
async function keepPlace(shard: ClickHouse, number: number, macros: MigrationMacros): Promise<void> {
  const { cluster, replicated } = macros
  const on = cluster === undefined ? '' : `ON CLUSTER ${quote(cluster)}`
  const engine = replicated === true ? replicatedEngine('MergeTree') : 'MergeTree'
  await shard.command(
    `CREATE TABLE IF NOT EXISTS ${SHARD_DATABASE}.shard_place ${on} (shard UInt16, made_at DateTime64(3, 'UTC'))
     ENGINE = ${engine} ORDER BY made_at COMMENT 'Number of this shard in the cluster'`,
  )
  const places = await shard.rows(Place, `SELECT shard FROM ${SHARD_DATABASE}.shard_place ORDER BY made_at LIMIT 1`)
  if (places.length === 0)
    await shard.command(`INSERT INTO ${SHARD_DATABASE}.shard_place SELECT ${whole(number)}, ${at(Date.now())}`)
  else if (places[0]?.shard !== number) throw outOfOrder(number, places[0]?.shard ?? 0)
}

function outOfOrder(expected: number, found: number): SiagaError {
  const detail = `the server at place ${expected} of clickhouse.cluster.shards is shard ${found}; addresses stay in their order, new ones come last`
  return new SiagaError('CONFIG_INVALID', { detail })
}

/** The servers that `siaga` reads are those that rows go to, each once. */
async function comparePlaces(home: ClickHouse, shards: number): Promise<void> {
  const places = await home.rows(Place, 'SELECT shard FROM siaga.shard_place ORDER BY shard')
  const expected = Array.from({ length: shards }, (_, index) => index + 1)
  if (places.map(({ shard }) => shard).join() === expected.join()) return
  const detail = `ClickHouse reads the shards ${places.map(({ shard }) => shard).join(', ')} as its cluster, and clickhouse.cluster.shards names ${shards}: remote_servers of every server must name the same shards`
  throw new SiagaError('CONFIG_INVALID', { detail })
}
