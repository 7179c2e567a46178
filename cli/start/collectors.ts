// Which collectors run, and what do they share? One writer, one seal, one directory of sources, one set of counters.
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { createAudit } from '../../ingest/audit/audit.ts'
import type { Collector, CollectorDependencies, CollectorMetrics, Seal } from '../../ingest/collector.ts'
import { elastic } from '../../ingest/elastic/elastic.ts'
import type { FeedPort } from '../../ingest/feeds/feeds.ts'
import { startFiles } from '../../ingest/file/files.ts'
import { type HeartbeatWriter, startHeartbeat } from '../../ingest/heartbeat/heartbeat.ts'
import { hec } from '../../ingest/hec/hec.ts'
import { createDoor } from '../../ingest/http/door.ts'
import { httpCollector } from '../../ingest/http/plugin.ts'
import { type Shipper, shipperPlugin } from '../../ingest/http/shipper.ts'
import { loki } from '../../ingest/loki/loki.ts'
import { otlp } from '../../ingest/otlp/otlp.ts'
import { createSourceDirectory } from '../../ingest/peer.ts'
import { watchPlugin } from '../../ingest/probe/plugin.ts'
import { createRawWriter } from '../../ingest/raw-writer.ts'
import { startRelay } from '../../ingest/relay/relay.ts'
import { startRelp } from '../../ingest/relp/relp.ts'
import { createReportDesk, type ReportDesk } from '../../ingest/report/filing.ts'
import { reportCollector } from '../../ingest/report/plugin.ts'
import { createReportStore } from '../../ingest/report/store.ts'
import { createSeal } from '../../ingest/seal.ts'
import { startSyslog } from '../../ingest/syslog/syslog.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import { type InheritedSockets, socketOf } from '../../runtime/inherited-sockets.ts'
import type { KafkaClient } from '../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { openKeyRing } from '../../runtime/keys.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { loadReference } from '../../runtime/reference.ts'
import { deriveKey } from '../../runtime/secrets.ts'
import { type OutsideParts, startOutside } from './outside.ts'

export interface CollectorSet {
  collectors: readonly Collector[]
  /** Writes to the pipeline's own audit trail. */
  audit: ReturnType<typeof createAudit>
  /** Files reports that come another way than by a key: from the page. */
  reports: ReportDesk
  producer: BatchingProducer
  /** Closes the doors, then waits for what Kafka has not acknowledged yet, at most about two seconds. */
  stop(): Promise<void>
}

export interface CollectorSetOptions {
  config: ResolvedConfig
  baseDir: string
  kafka: KafkaClient
  masterKey: Buffer
  log: Log
  metrics: Metrics
  /** The web server; the HTTP collector registers its route there before it listens. */
  app: FastifyInstance
  /** Sockets that the service manager has opened. */
  sockets?: InheritedSockets
  /** The command that runs them: with the machine's name and the web port it tells collector processes apart. Without it no heartbeats are written. */
  role?: 'start' | 'ingest'
  /** Look outside too: probes, look-alikes, certificate logs and feeds. In one place only, or everything is asked and told twice. */
  outside?: { readonly feedPort: FeedPort; readonly onProbes?: OutsideParts['onProbes'] }
}

/** Starts every collector that the configuration asks for; if one cannot start, those before it are stopped again. */
export async function startCollectors(options: CollectorSetOptions): Promise<CollectorSet> {
  const { config, baseDir, kafka, masterKey, log, metrics, app, sockets = new Map() } = options
  const reference = loadReference(config, baseDir)
  const producer = createBatchingProducer(kafka, log)
  let heartbeat: HeartbeatWriter | undefined
  const dependencies: CollectorDependencies = {
    writer: createRawWriter(producer),
    seal: counting(
      createSeal({
        hashKey: deriveKey(masterKey, 'payload-hash'),
        tokenKey: deriveKey(masterKey, 'identifier-token'),
      }),
      metrics,
    ),
    sources: createSourceDirectory(config.sources),
    log,
    metrics: collectorMetrics(metrics, (source) => heartbeat?.heard(source)),
  }
  const keys = await openKeyRing(config.data_dir, {
    onProblem: (error) => log.error({ error: errorText(error) }, 'keys cannot be read'),
  })
  const audit = createAudit(dependencies)
  const reportStore = createReportStore(config.data_dir, Date.now)
  const reports = createReportDesk({
    deps: dependencies,
    config,
    reference,
    limits: config.http,
    store: reportStore,
    audit,
    now: Date.now,
  })
  const started: Collector[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((collector) => collector.stop()))
    await heartbeat?.stop()
    await audit.stop()
    keys.stop()
    await producer.close(2_000)
  }
  try {
    const door = createDoor({ deps: dependencies, keys, limits: config.http, audit })
    await app.register(httpCollector(door))
    for (const shipper of shippersOf(config)) await app.register(shipperPlugin(door, shipper))
    await app.register(reportCollector({ deps: dependencies, keys, reports, store: reportStore, audit }))
    const devices = config.collectors.enabled
    if (devices && config.syslog.enabled)
      started.push(await startSyslog(config.syslog, dependencies, config.data_dir, sockets))
    if (devices && config.relp.enabled)
      started.push(await startRelp({ ...config.relp, ...socketOf(sockets, 'relp') }, dependencies))
    if (devices && config.sources.some(({ files }) => files.length > 0)) {
      started.push(await startFiles(config.sources, dependencies, { dataDir: config.data_dir }))
    }
    if (devices && config.sources.some((source) => source.kafka))
      started.push(
        startRelay(config.sources, dependencies, { kafka, onKept: (source) => metrics.relayKept.inc({ source }) }),
      )
    await app.register(watchPlugin({ deps: dependencies, keys, config, audit }))
    if (options.outside !== undefined) {
      const { feedPort, onProbes } = options.outside
      const parts = { config, baseDir, reference, deps: dependencies, audit, kafka, metrics, feedPort, onProbes }
      await startOutside(parts, (collector) => started.push(collector))
    }
    if (options.role !== undefined) {
      heartbeat = startHeartbeat(dependencies, {
        host: hostname(),
        role: `${options.role}-${config.http.port}`,
        kinds: () => ['HTTP', ...started.map(({ name }) => name)],
        everyMs: config.alerts.silence.heartbeat_seconds * 1000,
      })
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { collectors: started, audit, reports, producer, stop }
}

function shippersOf({ shippers }: Pick<ResolvedConfig, 'shippers'>): Shipper[] {
  return [
    ...(shippers.elastic.enabled ? [elastic(shippers.elastic.prefix)] : []),
    ...(shippers.hec.enabled ? [hec] : []),
    ...(shippers.otlp.enabled ? [otlp] : []),
    ...(shippers.loki.enabled ? [loki] : []),
  ]
}

/** Counts what had to be marked: cut, tokenised, of an unknown peer. */
function counting(seal: Seal, metrics: Metrics): Seal {
  return (events) => {
    const sealed = seal(events)
    for (const { marks } of sealed) for (const mark of marks) metrics.marked.inc({ mark })
    return sealed
  }
}

function collectorMetrics(metrics: Metrics, heard: (source: string) => void): CollectorMetrics {
  return {
    received(source, events, bytes) {
      metrics.received.inc({ source }, events)
      metrics.receivedBytes.inc({ source }, bytes)
    },
    joined: (source, lines) => metrics.joined.inc({ source }, lines),
    accepted(source, events) {
      metrics.accepted.inc({ source }, events)
      heard(source)
    },
    refused: (reason, events) => metrics.refused.inc({ reason }, events),
    lost: (reason, events) => metrics.lost.inc({ reason }, events),
    answered: (protocol, status) => metrics.shipperAnswers.inc({ protocol, status }),
  }
}
