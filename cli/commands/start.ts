// siaga start: everything on this machine, from Kafka to the status page, until Ctrl-C.
import { setTimeout as sleep } from 'node:timers/promises'
import { roomUsers } from '../../deploy/clickhouse/rooms.ts'
import { keepTiers } from '../../deploy/clickhouse/tiers.ts'
import { createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { InheritedSockets } from '../../runtime/inherited-sockets.ts'
import { createKafka } from '../../runtime/kafka.ts'
import { demoKey } from '../../runtime/keys.ts'
import { createLog } from '../../runtime/log.ts'
import { createMetrics } from '../../runtime/metrics.ts'
import { assertPortFree, assertUdpPortFree } from '../../runtime/ports.ts'
import { loadReference } from '../../runtime/reference.ts'
import { adoptMasterKey } from '../../runtime/secrets.ts'
import { ensureTopics, keepTopics, matchTopics, topicSettings } from '../../runtime/topics.ts'
import { keepReference } from '../../sinks/clickhouse/reference.ts'
import { alertLinks } from '../../web/alerts/links.ts'
import { isBuilt } from '../../web/page.ts'
import { createWebServer } from '../../web/server.ts'
import { createStatus } from '../../web/status.ts'
import { refuseHalfRestored } from '../backup/unfinished.ts'
import { clickHouseOptions, shardOptions } from '../clickhouse-access.ts'
import { openEventStores } from '../event-stores.ts'
import type { CliCommand, Frame } from '../frame.ts'
import { kafkaConnection, tellTrouble } from '../kafka-access.ts'
import { migrateSchema } from '../schema.ts'
import { serveAlerts, startAlertWork } from '../start/alerts.ts'
import { startCollectors } from '../start/collectors.ts'
import { configChange } from '../start/config-change.ts'
import { landFindings } from '../start/findings.ts'
import { cacheDir } from '../start/folders.ts'
import { feedPortOf, startIndicators } from '../start/indicators.ts'
import { waitingMessages } from '../start/jobs.ts'
import { serveNotices } from '../start/notices.ts'
import { startPage } from '../start/page.ts'
import { registerParts } from '../start/page-parts.ts'
import { configInForce, watchPolicy } from '../start/policy.ts'
import { createReadiness, metricsText } from '../start/readiness.ts'
import { readyText } from '../start/ready.ts'
import { startSchedule } from '../start/schedule.ts'
import { startServices } from '../start/services.ts'
import { takeSockets } from '../start/sockets.ts'
import { Teardown } from '../start/teardown.ts'
import { openWebPort } from '../start/web-port.ts'
import { prepareAddresses } from '../worker/addresses.ts'
import { startWorkers } from '../worker/pool.ts'
import { keepRules } from '../worker/rules.ts'

export const start: CliCommand = {
  name: 'start',
  summary: 'Start everything: Kafka, ClickHouse, collectors, processors, scheduler and status page.',
  ringkasan: 'Jalankan semuanya: Kafka, ClickHouse, pengumpul, pemroses, penjadwal, dan halaman status.',
  details:
    'With KAFKA_BROKERS and CLICKHOUSE_URL set it uses yours, otherwise it starts embedded ones in the data directory.\n' +
    'Ctrl-C stops it; the next start with the same data directory goes on where this one left off.',
  examples: [
    { run: 'siaga start', what: 'semuanya di mesin ini / everything on this machine' },
    { run: 'SIAGA_DATA_DIR=/srv/siaga SIAGA_HTTP_PORT=8081 siaga start', what: 'another data directory and port' },
  ],
  build(command, frame) {
    command.action(() => run(frame))
  },
}

/** How long a start under way may take to give up by itself. */
const GIVE_UP_MS = 5_000

async function run(frame: Frame): Promise<void> {
  const { config, baseDir } = frame.config()
  const progress = frame.progress()
  const teardown = new Teardown()
  const stopAsked = teardown.onSignal(() => progress.doing('stopping; a second Ctrl-C ends at once'))
  let failure: unknown
  try {
    const up = bringUp(config, baseDir, frame, progress, teardown)
    up.catch(() => undefined)
    // A service of yours that says nothing keeps a start waiting for minutes, and nobody who has asked it to stop.
    await Promise.race([up, stopAsked.then(() => sleep(GIVE_UP_MS, undefined, { ref: false }))])
    await Promise.race([stopAsked, teardown.failed])
  } catch (error) {
    failure = error
  }
  const began = performance.now()
  await teardown.run()
  progress.stop()
  if (failure !== undefined && !teardown.signalled) throw failure
  if (failure === undefined) progress.done(`stopped in ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

async function bringUp(
  config: ResolvedConfig,
  baseDir: string,
  frame: Frame,
  progress: ReturnType<Frame['progress']>,
  teardown: Teardown,
): Promise<void> {
  const { env } = frame
  refuseHalfRestored(config.data_dir)
  const sockets = takeSockets(config, env)
  await assertPortsFree(config, sockets)
  const log = createLog(config.log_level)
  const masterKey = adoptMasterKey(config.data_dir, env)
  const metrics = createMetrics()

  const services = await startServices(config, masterKey, progress, teardown.signal)
  teardown.add('services', 3, () => services.stop())

  progress.doing('ClickHouse: schema')
  const admin = createClickHouse(clickHouseOptions(config, env, 'admin'))
  const reference = loadReference(config, baseDir)
  const { url, cold_dir, cold_after_days } = config.clickhouse
  try {
    const applied = await migrateSchema(admin, config, env, () =>
      progress.doing('ClickHouse: another process is changing the schema'),
    )
    // Disks of a server of yours are yours to name.
    if (url === '') await keepTiers(admin, cold_dir === '' ? undefined : cold_after_days)
    await keepReference(admin, { reference, assets: config.assets, rooms: roomUsers(config.rooms) })
    if (applied.length > 0) progress.done(`schema brought up to date (${applied.length} migrations)`)
  } finally {
    await admin.close()
  }

  const connection = kafkaConnection(config, env)
  await tellTrouble(connection, progress)
  const kafka = createKafka({ ...connection, clientId: 'siaga', log })
  const settings = topicSettings(config, config.sources)
  const kafkaAdmin = await ensureTopics(kafka, settings)
  teardown.add('kafka admin', 2, () => kafkaAdmin.disconnect())
  if (config.kafka.brokers.length === 0) {
    const altered = await matchTopics(kafkaAdmin, settings)
    if (altered.length > 0) progress.done(`settings of topics brought up to date (${altered.join(', ')})`)
  }
  teardown.add('topics', 1, keepTopics(kafkaAdmin, settings, log))

  progress.doing('address databases (made once)')
  await prepareAddresses(cacheDir(config), teardown.signal)

  progress.doing('processors: starting')
  const pipelineAccess = clickHouseOptions(config, env, 'pipeline')
  const shards = shardOptions(config, env, 'pipeline')
  const inForce = await configInForce({ config, reference, kafka, log, say: (line) => progress.done(line) })
  const rules = keepRules(inForce, baseDir, log)
  teardown.add('rules', 0, async () => rules.stop())
  const { indicators, store } = await startIndicators(config, pipelineAccess, metrics, log, teardown)
  const workers = startWorkers(
    { config: inForce, baseDir, cacheDir: cacheDir(config), kafka: connection, clickhouse: pipelineAccess, shards },
    rules,
    indicators,
    metrics,
    log,
  )
  teardown.add('workers', 1, () => workers.stop(2_000))
  await Promise.race([workers.ready(), teardown.aborted])
  teardown.signal.throwIfAborted()
  const elsewhere = config.processors.workers === 0
  progress.done(
    elsewhere
      ? 'processors: none here (siaga process)'
      : `processors: ${workers.running} workers in one consumer group`,
  )

  const clickhouse = createClickHouse(pipelineAccess)
  teardown.add('clickhouse', 2, () => clickhouse.close())
  const findings = landFindings({ kafka, clickhouse, metrics, log })
  teardown.add('findings', 1, () => findings.stop())
  let notReady: () => Promise<string[]> = async () => ['starting']
  const healthy = () => notReady()
  const alerting = {
    config,
    baseDir,
    env,
    kafka,
    admin: kafkaAdmin,
    clickhouse,
    reference,
    rules,
    metrics,
    log,
    healthy,
  }
  const alerts = config.alerts.enabled ? startAlertWork(alerting) : undefined
  teardown.add('alerts', 1, async () => alerts?.stop())
  if (alerts !== undefined) {
    const unwatch = watchPolicy(inForce, alerts.policy, log)
    teardown.add('policy', 0, async () => unwatch())
  }
  const reader = clickHouseOptions(config, env, 'reader')
  const unhurried = createClickHouse({ ...pipelineAccess, priority: 'schedule' })
  teardown.add('clickhouse of the schedule', 2, () => unhurried.close())
  const stores = openEventStores(
    unhurried,
    shards.map((shard) => ({ ...shard, priority: 'schedule' })),
  )
  teardown.add('shards of the schedule', 2, () => stores.close())
  const history = startSchedule(
    {
      ...{
        config: inForce,
        baseDir,
        kafka,
        admin: kafkaAdmin,
        clickhouse: unhurried,
        stores,
        store,
        rules,
        metrics,
        log,
      },
      reader: { ...reader, priority: 'schedule' },
    },
    teardown,
  )

  let started = false
  teardown.add('readiness', 0, async () => {
    started = false
  })
  notReady = createReadiness({
    kafka: kafkaAdmin,
    clickhouse,
    ...(elsewhere ? {} : { workers }),
    started: () => started,
  })
  const status = createStatus(
    clickhouse,
    config.sources.map(({ id }) => id),
    () => waitingMessages(kafkaAdmin),
    healthy,
  )
  const app = createWebServer({
    http: config.http,
    notReady: healthy,
    metrics: () => metricsText(metrics, healthy),
    metricsContentType: metrics.registry.contentType,
    status,
  })
  // Before the collectors read the keys: whoever pastes the printed line at once must be let in.
  const key = await demoKey(config.data_dir)
  const feedPort = feedPortOf(store, indicators, history)
  const collectors = await startCollectors({
    config,
    baseDir,
    kafka,
    masterKey,
    log,
    metrics,
    app,
    role: 'start',
    sockets,
    outside: { feedPort, onProbes: alerts?.notices.onProbes },
  })
  teardown.add('collectors', 1, () => collectors.stop())
  if (alerts !== undefined) {
    await app.register(alertLinks(config.alerts.public_url, isBuilt()))
    await serveNotices(app, alerts.notices, log)
  }
  const { audit, reports } = collectors
  const page = await startPage(app, {
    ...{ config, baseDir, env, masterKey, clickhouse, reference, log, audit },
    register: (api, dependencies) =>
      registerParts(api, dependencies, {
        ...{ config, baseDir, env, masterKey, kafka, admin: kafkaAdmin, rules, audit, reports },
        serveAlerts:
          alerts &&
          (async (door, parts) => {
            const served = await serveAlerts(door, alerts.desk, parts, { config, reference, log, metrics, audit })
            teardown.add('alert API', 1, async () => served.stop())
          }),
      }),
  })
  teardown.add('page', 2, () => page.stop())
  await openWebPort(app, config.http, sockets)
  teardown.add('web', 0, () => app.close())
  for (const { name, addresses } of collectors.collectors) progress.done(`${name} ${addresses.join(', ')}`)

  const changed = configChange(config)
  if (changed !== undefined) {
    collectors.audit({
      action: 'config_changed',
      outcome: 'success',
      message: `the configuration has changed (digest ${changed})`,
    })
  }
  collectors.audit({ action: 'service_started', outcome: 'success', message: 'siaga start' })
  teardown.add('audit', 0, async () =>
    collectors.audit({ action: 'service_stopped', outcome: 'success', message: 'siaga start' }),
  )
  started = true
  progress.stop()
  frame.stdout.write(readyText(config, key, env, page.firstLink))
}

/** Asked before anything is started, so that a taken port leaves nothing half-started behind. Ports that we were handed are ours already. */
async function assertPortsFree(
  { http, syslog, relp, collectors }: ResolvedConfig,
  sockets: InheritedSockets,
): Promise<void> {
  if (!sockets.has('http')) await assertPortFree(http.port, 'SIAGA_HTTP_PORT', http.host)
  if (!collectors.enabled) return
  if (syslog.enabled) {
    const { host, port, tls_port } = syslog
    if (!sockets.has('syslog-tcp')) await assertPortFree(port, 'SIAGA_SYSLOG_PORT', host)
    if (!sockets.has('syslog-udp')) await assertUdpPortFree(port, 'SIAGA_SYSLOG_PORT', host)
    if (!sockets.has('syslog-tls')) await assertPortFree(tls_port, 'SIAGA_SYSLOG_TLS_PORT', host)
  }
  if (relp.enabled && !sockets.has('relp')) await assertPortFree(relp.port, 'SIAGA_RELP_PORT', relp.host)
}
