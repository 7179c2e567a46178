// How is a real ClickHouse server run from the npm package chdb? Its configuration, its command line, its health check.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SiagaError } from '../../runtime/errors.ts'
import { deriveSecret } from '../../runtime/secrets.ts'
import { accessFor } from '../clickhouse/access.ts'
import type { RoomScope } from '../clickhouse/rooms.ts'
import { TIERED } from '../clickhouse/tiers.ts'
import { usersXml } from '../clickhouse/users-xml.ts'
import { workloadsSql } from '../clickhouse/workloads.ts'
import { childEnv } from './environment.ts'
import { keepAliveQuery } from './keep-alive.ts'
import type { ServiceSpec } from './supervisor.ts'

export interface ClickHouseOptions {
  readonly dataDir: string
  readonly httpPort: number
  readonly tcpPort: number
  readonly masterKey: Buffer
  /** Operation Rooms that get a user; the server reads them once, when it starts. */
  readonly rooms?: readonly RoomScope[] | undefined
  /** Folder on a second disk for old events (deploy/clickhouse/tiers.ts). */
  readonly coldDir?: string | undefined
  /** The cluster that the server is part of; alone unless told. */
  readonly cluster?: EmbeddedCluster | undefined
}

/** What servers that form a cluster must be told; all of them have the same master key. */
export interface EmbeddedCluster {
  readonly name: string
  /** Native ports on 127.0.0.1: each is a shard. */
  readonly shards: readonly number[]
  /** `{shard}` and `{replica}` of this server, for `Replicated…` tables. */
  readonly macros: Readonly<Record<string, string>>
  /** `host:port` of ZooKeeper, where there is one, and a node there that is this server's own: all embedded servers go by the same id. */
  readonly zookeeper?: { readonly address: string; readonly root: string } | undefined
}

const MiB = 1024 ** 2
const serverEntry = fileURLToPath(new URL('./clickhouse-server.ts', import.meta.url))

// Workloads cannot be read from the configuration, so they are made before anybody is let in.
const keepAlive = keepAliveQuery(workloadsSql)

/**
 * What the supervisor runs. The process is clickhouse-local's main (chdb_query_cmdline) that is told to listen.
 * Throws CLICKHOUSE_UNSUPPORTED_PLATFORM.
 */
export function clickhouseService(options: ClickHouseOptions): ServiceSpec {
  const { dataDir, httpPort, tcpPort } = options
  const library = findLibrary()
  const folder = join(dataDir, 'clickhouse')
  const log = join(dataDir, 'logs', 'clickhouse.log')
  return {
    name: 'clickhouse',
    startTimeoutMs: 60_000,
    stopGraceMs: 3_000,
    log,
    async prepare() {
      mkdirSync(join(folder, 'config'), { recursive: true, mode: 0o700 })
      mkdirSync(dirname(log), { recursive: true, mode: 0o700 })
      const users = join(folder, 'config', 'users.xml')
      const config = join(folder, 'config', 'config.xml')
      keepColdDir(join(folder, 'config', 'cold-dir'), options.coldDir)
      const access = accessFor(options.rooms ?? [], { sharded: options.cluster !== undefined })
      writeFileSync(users, usersXml(options.masterKey, { access, embedded: true }), { mode: 0o600 })
      writeFileSync(config, configXml({ ...options, users, log }), { mode: 0o600 })
      shadowFileFunction(join(folder, 'data', 'user_defined'))
      // What the last run kept of its workloads is read in an order in which a child comes before its parent, and the server ends.
      rmSync(join(folder, 'data', 'workload'), { recursive: true, force: true })
      return {
        args: [
          serverEntry,
          library,
          JSON.stringify([folder, dirname(log), ...(options.coldDir === undefined ? [] : [options.coldDir])]),
          `--config-file=${config}`,
          `--path=${join(folder, 'data')}`,
          `--http_port=${httpPort}`,
          `--tcp_port=${tcpPort}`,
          '--listen_host=127.0.0.1',
          `--query=${keepAlive}`,
        ],
        // ClickHouse takes the server's time zone from TZ here; <timezone> is not read.
        env: { ...childEnv(), TZ: 'UTC' },
      }
    },
    async check() {
      const response = await fetch(`http://127.0.0.1:${httpPort}/ping`, { signal: AbortSignal.timeout(5_000) })
      return (await response.text()) === 'Ok.\n'
    },
  }
}

/**
 * clickhouse-local's function file() reads every file of this machine, for whoever may SELECT: no grant guards it, and its check of the path is left
 * out where there is no server. A SQL function of the same name is looked up first, in every place where a function may stand
 * (test/integration/access.test.ts). CREATE FUNCTION refuses the name, the server's own folder of functions does not.
 */
function shadowFileFunction(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const text = "CREATE FUNCTION file AS path -> throwIf(true, 'file() is not available')\n"
  writeFileSync(join(folder, 'function_file.sql'), text, { mode: 0o600 })
}

function findLibrary(): string {
  const platform = `${process.platform}-${process.arch}`
  const name = process.platform === 'linux' ? `${platform}-gnu` : platform
  try {
    const manifest = createRequire(import.meta.url).resolve(`@chdb/lib-${name}/package.json`)
    const library = join(dirname(manifest), 'libchdb.so')
    if (existsSync(library)) return library
  } catch {
    // Not installed: the optional dependencies cover glibc Linux and macOS on x64 and arm64.
  }
  throw new SiagaError('CLICKHOUSE_UNSUPPORTED_PLATFORM', { platform })
}

// Sized for a small machine that also runs Kafka and the pipeline.
function configXml(options: ClickHouseOptions & { users: string; log: string }): string {
  const { users, log, coldDir, cluster } = options
  const mergeThreads = availableParallelism() < 4 ? 2 : 4
  const memory = Math.floor(Math.min(4096 * MiB, totalmem() * 0.4))
  return `<clickhouse>
  <users_config>${escapeXml(users)}</users_config>
  <!-- clickhouse-local reads its level here, not from logger/level -->
  <log-level>warning</log-level>
  <logger>
    <level>warning</level>
    <log>${escapeXml(log)}</log>
    <size>5M</size>
    <count>2</count>
    <rotateOnOpen>false</rotateOnOpen>
    <!-- These write the text of a failed query, and with it what somebody looked for; whoever asked is told the error anyway. -->
    <levels>
      <logger><name>executeQuery</name><level>none</level></logger>
      <logger><name>DynamicQueryHandler</name><level>none</level></logger>
      <logger><name>HTTPHandler</name><level>none</level></logger>
      <logger><name>TCPHandler</name><level>none</level></logger>
    </levels>
  </logger>
${coldDir === undefined ? '' : tiersXml(coldDir)}${cluster === undefined ? '' : clusterXml(cluster, options.masterKey)}  <max_connections>1024</max_connections>
  <max_concurrent_queries>200</max_concurrent_queries>
  <max_server_memory_usage>${memory}</max_server_memory_usage>
  <merges_mutations_memory_usage_soft_limit>${Math.floor(memory / 3)}</merges_mutations_memory_usage_soft_limit>
  <mark_cache_size>${256 * MiB}</mark_cache_size>
  <primary_index_cache_size>${128 * MiB}</primary_index_cache_size>
  <index_mark_cache_size>${64 * MiB}</index_mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <compiled_expression_cache_size>${32 * MiB}</compiled_expression_cache_size>
  <!-- Eight slots; clickhouse-local's own 2 threads and 4 slots fall behind a busy events table. On few cores no more than two
       threads take turns with those that land and answer (docs/adr/0041). The free entries below keep a slot for small merges
       while large ones and mutations run, and must stay under those 8 slots. -->
  <background_pool_size>${mergeThreads}</background_pool_size>
  <background_merges_mutations_concurrency_ratio>${8 / mergeThreads}</background_merges_mutations_concurrency_ratio>
  <background_common_pool_size>2</background_common_pool_size>
  <background_schedule_pool_size>16</background_schedule_pool_size>
  <background_message_broker_schedule_pool_size>2</background_message_broker_schedule_pool_size>
  <background_distributed_schedule_pool_size>2</background_distributed_schedule_pool_size>
  <merge_tree>
    <!-- What is landed is on the disk before Kafka is told, and what it was merged into before it goes itself: machines lose their power (docs/adr/0048). -->
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <min_rows_to_fsync_after_merge>1</min_rows_to_fsync_after_merge>
    <min_compressed_bytes_to_fsync_after_merge>1</min_compressed_bytes_to_fsync_after_merge>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>4</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_mutation>3</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>4</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
  <!-- What people type stays in memory, and little of it; siaga.query_audit keeps who asked what, without the values. -->
  <query_log>
    <database>system</database>
    <table>query_log</table>
    <flush_interval_milliseconds>7500</flush_interval_milliseconds>
    <engine>ENGINE = Memory SETTINGS max_rows_to_keep = 4000, max_bytes_to_keep = ${32 * MiB}</engine>
  </query_log>
  <access_control_improvements>
    <users_without_row_policies_can_read_rows>false</users_without_row_policies_can_read_rows>
    <on_cluster_queries_require_cluster_grant>true</on_cluster_queries_require_cluster_grant>
    <select_from_system_db_requires_grant>true</select_from_system_db_requires_grant>
    <select_from_information_schema_requires_grant>true</select_from_information_schema_requires_grant>
    <settings_constraints_replace_previous>true</settings_constraints_replace_previous>
  </access_control_improvements>
</clickhouse>
`
}

/**
 * Makes the second disk's folder and notes it. A server that starts without it, or with another, would not see the events that lie there: throws
 * CONFIG_INVALID then.
 */
function keepColdDir(note: string, coldDir: string | undefined): void {
  const before = existsSync(note) ? readFileSync(note, 'utf8') : coldDir
  if (before !== coldDir) {
    const detail = `clickhouse.cold_dir must stay ${before}: old events lie there, and without it they would not be seen`
    throw new SiagaError('CONFIG_INVALID', { detail })
  }
  if (coldDir === undefined) return
  mkdirSync(coldDir, { recursive: true, mode: 0o700 })
  writeFileSync(note, coldDir, { mode: 0o600 })
}

const tiersXml = (coldDir: string): string => `  <storage_configuration>
    <disks><cold><type>local</type><path>${escapeXml(join(coldDir, '/'))}</path></cold></disks>
    <policies><${TIERED}>
      <volumes><default><disk>default</disk></default><cold><disk>cold</disk></cold></volumes>
      <!-- Parts move by age alone, never because the first disk fills up. -->
      <move_factor>0</move_factor>
    </${TIERED}></policies>
  </storage_configuration>
`

// With the secret a shard knows who asked, and rights, row policies and limits of that user hold there (docs/adr/0044).
function clusterXml({ name, shards, macros, zookeeper }: EmbeddedCluster, masterKey: Buffer): string {
  const parts = shards.map(
    (port) =>
      `<shard><internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>${port}</port></replica></shard>`,
  )
  const secret = `<secret>${deriveSecret(masterKey, `clickhouse-cluster/${name}`)}</secret>`
  const replicas = parts.map((part, index) => `<${name}_${index + 1}>${secret}${part}</${name}_${index + 1}>`)
  const own = Object.entries(macros).map(([macro, value]) => `<${macro}>${escapeXml(value)}</${macro}>`)
  const [host = '', port = ''] = (zookeeper?.address ?? '').split(':')
  const keeper = `  <zookeeper><node><host>${host}</host><port>${port}</port></node><root>${zookeeper?.root}</root></zookeeper>
  <!-- Must be named; nobody listens there, so no other replica can fetch a part. -->
  <interserver_http_host>127.0.0.1</interserver_http_host>
  <interserver_http_port>9</interserver_http_port>
`
  return `  <remote_servers>
    <${name}>${secret}${parts.join('')}</${name}>${replicas.join('')}
  </remote_servers>
  <macros>${own.join('')}</macros>
${zookeeper === undefined ? '' : keeper}`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
