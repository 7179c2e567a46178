// How is the schema brought up to date on what the configuration names: on one server, or on a cluster?
import { type ClickHouseCluster, migrateCluster, pendingOnCluster } from '../deploy/clickhouse/cluster.ts'
import { migrate, pendingMigrations } from '../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../runtime/config.ts'
import { shardOptions } from './clickhouse-access.ts'

type Settings = Pick<ResolvedConfig, 'clickhouse' | 'data_dir'>

/** Applies what is outstanding; answers the files that were applied now. `onWait` is called every two seconds while another process does so. */
export function migrateSchema(
  admin: ClickHouse,
  config: Settings,
  env: NodeJS.ProcessEnv,
  onWait: () => void,
): Promise<string[]> {
  return onCluster(config, env, (cluster) =>
    cluster === undefined
      ? migrate(admin, undefined, undefined, onWait)
      : migrateCluster(admin, cluster, undefined, onWait),
  )
}

/** Names of migrations that are outstanding, on any server. */
export function pendingSchema(admin: ClickHouse, config: Settings, env: NodeJS.ProcessEnv): Promise<string[]> {
  return onCluster(config, env, (cluster) =>
    cluster === undefined ? pendingMigrations(admin) : pendingOnCluster(admin, cluster),
  )
}

async function onCluster<T>(
  config: Settings,
  env: NodeJS.ProcessEnv,
  work: (cluster: ClickHouseCluster | undefined) => Promise<T>,
): Promise<T> {
  const { cluster } = config.clickhouse
  if (cluster === undefined) return work(undefined)
  const shards = shardOptions(config, env, 'admin').map(createClickHouse)
  try {
    return await work({ name: cluster.name, replicated: cluster.replicated, shards })
  } finally {
    await Promise.all(shards.map((shard) => shard.close()))
  }
}
