// How do alerts run beside everything else? One process holds them, every process shows them and takes requests, and all of it lands.
import type { FastifyInstance } from 'fastify'
import type { Audit } from '../../ingest/audit/audit.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText } from '../../runtime/errors.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { openKeyRing } from '../../runtime/keys.ts'
import { keepLease } from '../../runtime/lease.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { Reference } from '../../runtime/reference.ts'
import { loadMasterKey } from '../../runtime/secrets.ts'
import { closedStatuses } from '../../schemas/alert.ts'
import { Severity } from '../../schemas/detection.ts'
import { type AlertBoard, startAlertBoard } from '../../sinks/alerts/board.ts'
import type { ChannelSender } from '../../sinks/alerts/channels/channel.ts'
import { createChannel } from '../../sinks/alerts/channels/index.ts'
import { secretReader } from '../../sinks/alerts/channels/secrets.ts'
import { createDispatcher } from '../../sinks/alerts/deliver/dispatcher.ts'
import { createEngine, type Engine } from '../../sinks/alerts/engine.ts'
import { createRenderer } from '../../sinks/alerts/render.ts'
import { holdAlerts } from '../../sinks/alerts/run.ts'
import { type Beat, startWatchdog, withPulse } from '../../sinks/alerts/watchdog.ts'
import { startAlertLogSink } from '../../sinks/clickhouse/alert-log.ts'
import { appendVerdict } from '../../sinks/clickhouse/verdicts.ts'
import type { AlertDesk } from '../../web/alerts/desk.ts'
import { alertApi } from '../../web/alerts/plugin.ts'
import type { PartDependencies } from '../../web/parts.ts'
import { version } from '../frame.ts'
import type { RulesInForce } from '../worker/rules.ts'
import { createDesk } from './alert-desk.ts'
import { type NoticeWork, noticeLinks, startNoticeWork } from './notices.ts'
import { roomsOfPage } from './page-rooms.ts'
import { createRuleLiterals } from './rule-literals.ts'
import { createRuleTexts } from './rule-texts.ts'
import { sharedThings } from './shared-things.ts'

export interface AlertWorkParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly env: NodeJS.ProcessEnv
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  readonly clickhouse: ClickHouse
  readonly reference: Reference
  readonly rules: RulesInForce
  readonly metrics: Metrics
  readonly log: Log
  /** Why this process is not well; the outside watchdog is called only while it is. */
  readonly healthy: () => Promise<readonly string[]>
}

export interface AlertWork {
  /** What the API shows and asks. */
  readonly desk: AlertDesk
  readonly notices: NoticeWork
  /** The policy in force and what of it waits, as far as it is known yet. */
  readonly policy: AlertBoard['policy']
  stop(): Promise<void>
}

/** Starts everything about alerts. */
export function startAlertWork(parts: AlertWorkParts): AlertWork {
  const { config, baseDir, kafka, admin, clickhouse, reference, metrics, log, env } = parts
  const producer = createBatchingProducer(kafka, log)
  const board = startAlertBoard({ kafka, admin, producer, log })
  const landing = startAlertLogSink({
    kafka,
    clickhouse,
    producer,
    log,
    metrics: {
      done({ landed, dead }) {
        metrics.alertRows.inc(landed)
        metrics.alertRowsDead.inc(dead)
      },
      retried: () => metrics.alertRowsRetries.inc(),
      lag: (messages) => metrics.alertRowsLag.set(messages),
    },
    onVerdict: (act, target) => appendVerdict(clickhouse, act, target),
  })
  const shared = sharedThings(config, baseDir, reference)
  const channels = new Map<string, { sender: ChannelSender; settings: (typeof config.alerts.channels)[number] }>()
  const secret = secretReader(env, baseDir)
  for (const settings of config.alerts.channels) {
    const sender = createChannel(settings, { secret, dataDir: config.data_dir, baseDir, now: Date.now })
    channels.set(settings.id, { sender, settings })
  }
  const links = noticeLinks(config, loadMasterKey(config.data_dir, env))
  const texts = createRuleTexts(parts.rules)
  const render = createRenderer(config, reference, texts, links.link)
  const notices = startNoticeWork({ config, board, clickhouse, reference, rules: texts, log })
  const lease = keepLease(kafka, {
    name: 'alerts',
    now: Date.now,
    log,
    onHeld: (held) => metrics.leaseHeld.set({ lease: 'alerts' }, held ? 1 : 0),
    async hold({ signal, onWorking }) {
      const { watchdog } = config.alerts
      const onBeat = (outcome: Beat) => metrics.watchdogBeats.inc({ outcome })
      const pulse = withPulse(parts.healthy)
      const dog = watchdog && startWatchdog({ settings: watchdog, secret, healthy: pulse.healthy, log, onBeat })
      try {
        await holdAlerts(
          {
            kafka,
            log,
            // Without a room of the centre in the configuration its accounts act all the same; nobody of it is on duty.
            engine: () =>
              createEngine({
                config: { ...config, rooms: [...roomsOfPage(config)] },
                assets: config.assets,
                reference,
                shared,
                tokens: links.tokens,
              }),
            dispatcher: (attempted) =>
              createDispatcher({
                channels,
                render,
                onAttempt: attempted,
                now: Date.now,
                random: Math.random,
                log,
                metrics: {
                  attempted: (channel, outcome) => metrics.alertDeliveries.inc({ channel, outcome }),
                  waiting(channel, messages, oldest) {
                    metrics.alertMessagesWaiting.set({ channel }, messages)
                    metrics.alertOldestMessage.set({ channel }, oldest)
                  },
                },
              }),
            onCounts(engine) {
              pulse.beat()
              countAlerts(engine, metrics)
            },
            onWorking,
          },
          signal,
        )
      } finally {
        await dog?.stop()
      }
    },
  })
  return {
    policy: board.policy,
    desk: createDesk({
      ...{ board, clickhouse, config, reference, rules: texts },
      literals: createRuleLiterals(parts.rules),
    }),
    notices,
    async stop() {
      await notices.stop()
      await lease.stop()
      await Promise.all([board.stop(), landing.stop()])
      await Promise.all(Array.from(channels.values(), ({ sender }) => sender.close()))
      await producer.close(500)
    },
  }
}

function countAlerts(engine: Engine, metrics: Metrics): void {
  metrics.alertsUnrouted.set(engine.unrouted())
  const open = new Map<string, number>(Severity.options.map((severity) => [severity, 0]))
  for (const { status, severity } of engine.alerts())
    if (!closedStatuses.has(status)) open.set(severity, (open.get(severity) ?? 0) + 1)
  for (const [severity, alerts] of open) metrics.alertsOpen.set({ severity }, alerts)
}

export interface AlertServerParts extends Pick<AlertWorkParts, 'config' | 'reference' | 'log' | 'metrics'> {
  readonly audit: Audit
}

/**
 * Puts the API of alerts on the web server, before it listens. Behind the page's door people who are logged in use it too; there the page's part of things has
 * a store for each room.
 */
export async function serveAlerts(
  app: FastifyInstance,
  desk: AlertDesk,
  { clickhouseOf, rooms }: Pick<PartDependencies, 'clickhouseOf' | 'rooms'>,
  { config, reference, log, metrics, audit }: AlertServerParts,
): Promise<{ stop(): void }> {
  const keys = await openKeyRing(config.data_dir, {
    onProblem: (error) => log.error({ error: errorText(error) }, 'keys cannot be read'),
  })
  await app.register(
    alertApi({
      desk,
      keys,
      rooms,
      clickhouseOf,
      reference,
      log,
      version: version(),
      onRefused: (peer, message) => audit({ action: 'key_refused', outcome: 'failure', peer, message }),
      onAgreed: ({ key, from, name }, message) =>
        audit({ action: 'policy_approved', outcome: 'success', user: key ?? name, peer: from, message }),
      onStreams: (open) => metrics.alertStreams.set(open),
    }),
  )
  return keys
}
