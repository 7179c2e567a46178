// What do the fault tests run against? Real Kafka, ClickHouse, worker processes and an HTTP collector, all of which they may kill.

import { setTimeout as sleep } from 'node:timers/promises'
import { startCollectors } from '../../cli/start/collectors.ts'
import { keepIndicators } from '../../cli/worker/indicators.ts'
import { startWorkers, type WorkerPool } from '../../cli/worker/pool.ts'
import { keepRules } from '../../cli/worker/rules.ts'
import type { RoomScope } from '../../deploy/clickhouse/rooms.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import { loadConfig } from '../../runtime/config.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { createKey } from '../../runtime/keys.ts'
import { createLog } from '../../runtime/log.ts'
import { createMetrics, type Metrics } from '../../runtime/metrics.ts'
import { ensureTopics, keepTopics, topicSettings } from '../../runtime/topics.ts'
import { createIndicatorStore } from '../../sinks/clickhouse/indicators.ts'
import { createWebServer } from '../../web/server.ts'
import { type Cluster, ownServicesOf } from '../cluster/services.ts'
import { startOwnServices } from '../services.ts'

export type Rig = Awaited<ReturnType<typeof startRig>>

export interface RigOptions {
  workers?: number
  flushMs?: number
  autoStart?: boolean
  /** Folders of rules in place of the shipped ones. */
  ruleFolders?: string[]
  /** Operation Rooms that get a ClickHouse user. */
  rooms?: readonly RoomScope[]
  /** Several servers and brokers, with their tables; the caller stops them. */
  cluster?: Cluster
}

/** Starts everything for one test alone. */
export async function startRig(options: RigOptions = {}) {
  const { cluster } = options
  const services = await (cluster === undefined
    ? startOwnServices({ migrated: true, rooms: options.rooms ?? [] })
    : ownServicesOf(cluster))
  const { dataDir, brokers, clickhouse, masterKey } = services
  const { config: loaded, baseDir } = loadConfig({ env: { SIAGA_DATA_DIR: dataDir }, cwd: dataDir })
  const config = {
    ...loaded,
    http: { ...loaded.http, port: 0, events_per_second: 1_000_000 },
    kafka: cluster === undefined ? loaded.kafka : { ...loaded.kafka, partitions: 4, replication: 3 },
    syslog: { ...loaded.syslog, enabled: false },
    relp: { ...loaded.relp, enabled: false },
    rules:
      options.ruleFolders === undefined
        ? loaded.rules
        : { ...loaded.rules, shipped: false, folders: options.ruleFolders },
    processors: { ...loaded.processors, workers: options.workers || 2, flush_ms: options.flushMs ?? 200 },
  }
  const log = createLog(process.env.SIAGA_LOG_LEVEL ?? 'silent')
  const metrics = createMetrics()
  const schema = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  const kafka = createKafka({ brokers, clientId: 'rig', log })
  const settings = topicSettings(config)
  const admin = await ensureTopics(kafka, settings)
  const stopKeeping = keepTopics(admin, settings, log)
  const access = { url: clickhouse.url, ...clickhouse.users.pipeline }
  const shards = cluster?.access(access.username) ?? []
  let pool: WorkerPool | undefined
  const rules = keepRules(config, baseDir, log)
  const store = createIndicatorStore(schema)
  const indicators = await keepIndicators({
    version: () => store.current(),
    clickhouse: access,
    folder: `${dataDir}/cache/indicators`,
    metrics,
    log,
  })
  const launch = (workers = config.processors.workers, counted: Metrics = metrics) => {
    const own = { ...config, processors: { ...config.processors, workers } }
    pool = startWorkers(
      { config: own, baseDir, cacheDir: `${dataDir}/cache`, kafka: { brokers }, clickhouse: access, shards },
      rules,
      indicators,
      counted,
      log,
    )
    return pool
  }
  if (options.autoStart !== false) await launch().ready()
  const { text: key } = await createKey(dataDir, 'demo')
  const app = createWebServer({
    http: config.http,
    notReady: async () => [],
    metrics: () => metrics.registry.metrics(),
    metricsContentType: metrics.registry.contentType,
    status: async () => ({}),
  })
  const collectors = await startCollectors({ config, baseDir, kafka, masterKey, log, metrics, app })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    services,
    startWorkers: launch,
    workers(): WorkerPool {
      if (pool === undefined) throw new Error('no workers were started')
      return pool
    },
    metrics,
    store,
    indicators,
    /** Resolves when every worker uses the indicators that are in force. */
    async indicatorsInForce(): Promise<void> {
      while (pool?.uses(indicators.current) !== true) await sleep(20)
    },
    admin,
    kafka,
    clickhouse: schema,
    url,
    key,
    async stop() {
      await app.close()
      await pool?.stop()
      rules.stop()
      await indicators.stop()
      await collectors.stop()
      await stopKeeping()
      await admin.disconnect()
      await schema.close()
      await services.stop()
    },
  }
}

/** Sends lines and repeats, under the same Idempotency-Key, what was not answered with 202. Resolves when it was accepted. */
export async function push(
  { url, key }: Pick<Rig, 'url' | 'key'>,
  id: string,
  lines: string[],
  deadline: number,
): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/plain', 'idempotency-key': id }
  for (;;) {
    try {
      const response = await fetch(`${url}/v1/events/demo`, {
        method: 'POST',
        headers,
        body: lines.join('\n'),
        signal: AbortSignal.timeout(15_000),
      })
      const answer: unknown = await response.json()
      if (response.status === 202) return
      if (response.status < 500 && response.status !== 429)
        throw new Error(`refused for good: ${JSON.stringify(answer)}`)
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('refused')) throw error
    }
    if (Date.now() > deadline) throw new Error(`not accepted in time: ${id}`)
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 300))
  }
}
