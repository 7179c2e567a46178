// Which topics does Siaga need, and with which settings? One table; made when missing, also when one is deleted under way.
import { availableParallelism } from 'node:os'
import type { Config, Source } from '../schemas/config.ts'
import { relayTopic, topics } from '../schemas/raw-event.ts'
import { errorText } from './errors.ts'
import type { KafkaAdmin, KafkaClient, TopicSettings } from './kafka.ts'
import type { Log } from './log.ts'

/** Consumer group of the processors: its commits say what has landed. */
export const PROCESSOR_GROUP = 'siaga-processors'

/** Consumer group that lands findings. */
export const FINDINGS_GROUP = 'siaga-findings'

/** Consumer groups of the alerts: what reads findings and requests, and what lands their log. */
export const ALERT_FINDINGS_GROUP = 'siaga-alerts-findings'
export const ALERT_REQUESTS_GROUP = 'siaga-alerts-requests'
export const ALERT_LOG_GROUP = 'siaga-alerts-log'

const HOUR_MS = 3_600_000

/** How many workers share the partitions, as far as this machine knows. */
export function workersOf({ workers }: Config['processors']): number {
  return workers === 'auto' ? availableParallelism() : workers
}

/** Settings of every topic. zstd for all: the broker then recompresses what foreign producers send in a codec that kafkajs cannot read. */
export function topicSettings(
  { kafka, processors }: Pick<Config, 'kafka' | 'processors'>,
  sources: readonly Pick<Source, 'id' | 'kafka'>[] = [],
): TopicSettings[] {
  const config = {
    'compression.type': 'zstd',
    'retention.ms': String(kafka.retention_hours * HOUR_MS),
    'max.message.bytes': String(4 * 1024 * 1024),
    'min.insync.replicas': kafka.replication >= 3 ? '2' : '1',
    // Where nobody else has a copy, what is acknowledged is on the disk: machines lose their power (docs/adr/0048).
    ...(kafka.replication === 1 ? { 'flush.messages': '1' } : {}),
  }
  // The last record of a key stays for good.
  const { 'retention.ms': _, ...lasting } = config
  // By the broker's clock: a producer's that is behind, or one that sends old lines with their own times, would have them deleted before they
  // are read. Not for the others: entries of the alert log and the alerts as they left them are known by one time (cli/backup/kafka-dump.ts).
  const received = { ...config, 'message.timestamp.type': 'LogAppendTime' }
  const { replication } = kafka
  // Each lands in inserts of its own, so that more than one for each worker only costs (docs/adr/0041).
  const partitions = kafka.partitions === 'auto' ? Math.max(1, workersOf(processors)) : kafka.partitions
  // These hold citizens' numbers: small segments, so that what was relayed and deleted leaves the disk soon.
  const passing = {
    ...received,
    'retention.ms': String(kafka.in_retention_hours * HOUR_MS),
    'segment.ms': String(HOUR_MS / 6),
    'segment.bytes': String(16 * 1024 * 1024),
  }
  return [
    { topic: topics.raw, partitions, replication, config: received },
    { topic: topics.deadLetters, partitions: 1, replication, config },
    { topic: topics.findings, partitions: 1, replication, config },
    { topic: topics.correlations, partitions: 1, replication, config: { ...lasting, 'cleanup.policy': 'compact' } },
    { topic: topics.alerts, partitions: 1, replication, config: { ...lasting, 'cleanup.policy': 'compact' } },
    { topic: topics.alertLog, partitions: 1, replication, config },
    { topic: topics.alertRequests, partitions: 1, replication, config },
    { topic: topics.leases, partitions: 1, replication, config: { ...lasting, 'cleanup.policy': 'compact' } },
    ...sources
      .filter((source) => source.kafka)
      .map(({ id }) => ({ topic: relayTopic(id), partitions, replication, config: passing })),
  ]
}

/**
 * Brings the settings of topics that are there to what is asked for. Only for a broker that Siaga brings along: one of your own may have been set otherwise
 * with good reason, and `siaga doctor` tells. Answers the names of those that were altered.
 */
export async function matchTopics(
  admin: Pick<KafkaAdmin, 'describe' | 'alterTopics'>,
  settings: readonly TopicSettings[],
): Promise<string[]> {
  const { topics: there } = await admin.describe(settings.map(({ topic }) => topic))
  const now = new Map(there.map(({ topic, config }) => [topic, config]))
  const others = settings.filter(({ topic, config }) => {
    const is = now.get(topic)
    return is !== undefined && Object.entries(config).some(([name, value]) => is[name] !== value)
  })
  if (others.length > 0) await admin.alterTopics(others)
  return others.map(({ topic }) => topic)
}

const WATCH_MS = 2_000

/** Makes missing topics again while it runs, so that collectors and processors find them. Answers a function that ends it. */
export function keepTopics(admin: KafkaAdmin, settings: TopicSettings[], log: Log): () => Promise<void> {
  let ended = false
  let busy: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    busy = busy.then(async () => {
      if (ended) return
      try {
        const made = await admin.ensureTopics(settings)
        if (made.length > 0) log.warn({ topics: made }, 'missing topics were made anew')
      } catch (error) {
        log.debug({ error: errorText(error) }, 'topics could not be checked')
      }
    })
  }, WATCH_MS)
  timer.unref()
  return async () => {
    ended = true
    clearInterval(timer)
  }
}

/** Connects an admin client and makes the topics that are missing; tries for minutes, since brokers may still be starting. */
export async function ensureTopics(kafka: KafkaClient, settings: TopicSettings[]): Promise<KafkaAdmin> {
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics(settings)
  return admin
}
