// What does one processor worker do? Reads its partitions of siaga.raw, runs the pipeline, and lands each partition exactly once.
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import type { DetectionContent } from '../../processors/detect/index.ts'
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import {
  createKafka,
  type IncomingBatch,
  type KafkaAdmin,
  type KafkaConnection,
  type OutgoingMessage,
} from '../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import { ensureTopics, PROCESSOR_GROUP, topicSettings } from '../../runtime/topics.ts'
import { decodeEnvelope, emptyEnvelope, RAW_HEADER, topics } from '../../schemas/raw-event.ts'
import type { EventStores } from '../../sinks/clickhouse/event-stores.ts'
import { LandingAbandoned, PartitionWriter, ShardAway } from '../../sinks/clickhouse/partition-writer.ts'
import { openEventStores } from '../event-stores.ts'
import { type Counts, emptyCounts } from './counts.ts'
import { createProcessor, type Held } from './processor.ts'
import { createSetAside } from './set-aside.ts'
import { watchTopic } from './watchdog.ts'

export interface WorkerOptions {
  config: ResolvedConfig
  baseDir: string
  cacheDir: string
  detection: DetectionContent
  /** File of the table of indicators that is in force; undefined: none yet. */
  indicators: string | undefined
  kafka: KafkaConnection
  clickhouse: ClickHouseOptions
  /** How to log in at each shard of a cluster, in their order; empty: events land where everything else is. */
  shards?: ClickHouseOptions[]
  log: Log
  /** The worker cannot go on; its process ends and a new one takes over. */
  onCrash(error: unknown): void
}

export interface Worker {
  /** Lands what is held, gives the partitions back, disconnects. */
  stop(): Promise<void>
  /** What was counted since the last call. */
  takeCounts(): Counts
  /** From the next event on, these rules. */
  useRules(content: DetectionContent): void
  /** Loads a table of indicators beside the work, and uses it from the next event on. Rejects if the file can't be read; what was in force stays. */
  useIndicators(file: string): Promise<void>
}

/** Compressed bytes per fetch and partition; logs unpack to about eight times as much, one record batch at a time. */
const FETCH_BYTES = 128 * 1024
/**
 * A fetch costs the broker and the worker the same whether it brings ten messages or a thousand, and with fifty posts a second there were thirty: it waits
 * for so much. What that adds to the way of an event is little beside the time for which a page is filled.
 */
const FETCH_LEAST_BYTES = 32 * 1024
const FETCH_WAIT_MS = 150
const FLUSH_BYTES = 12 * 1024 * 1024
/** Messages between two looks at the event loop, so that sockets and timers are served. */
const SLICE = 2_000
const HEARTBEAT_MS = 2_000
const PING_MS = 5_000
/** On a cluster these are of one server: that it is away, or not what the configuration says. */
const awayCodes: ReadonlySet<string> = new Set(['CLICKHOUSE_UNAVAILABLE', 'CONFIG_INVALID'])

/** Connects and begins to consume; resolves when the group has been joined. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { config, log, onCrash } = options
  const kafka = createKafka({ ...options.kafka, clientId: `siaga-processor-${process.pid}`, log })
  const asProcessor = { application: 'siaga-processor', priority: 'live' } as const
  const clickhouse = createClickHouse({ ...options.clickhouse, ...asProcessor })
  const shards = options.shards ?? []
  const stores = openEventStores(
    clickhouse,
    shards.map((shard) => ({ ...shard, ...asProcessor })),
  )
  const admin = await ensureTopics(kafka, topicSettings(config))
  const producer = createBatchingProducer(kafka, log)
  const { process: process_, useRules, useIndicators } = createProcessor(options)
  // Before the first event: a restart must not let matches pass.
  if (options.indicators !== undefined) {
    await useIndicators(options.indicators).catch((error: unknown) =>
      log.error({ error: errorText(error) }, 'indicators cannot be loaded; what passes now is looked for in history'),
    )
  }
  const totals = emptyCounts()
  const held = new Map<number, Held>()
  let assigned: readonly number[] = []
  let stopping = false

  const hold = (partition: number): Held => {
    const known = held.get(partition)
    if (known !== undefined) return known
    const fresh = createHeld(partition, {
      ...{ config, clickhouse, stores, admin, producer, log, totals },
      onLanded: () => aside.landed(partition),
      onFailure: (error) => {
        if (isAway(error)) void putAside(partition, fresh, error)
      },
    })
    held.set(partition, fresh)
    return fresh
  }
  const release = async (partition: number, held_: Held): Promise<void> => {
    if (held.get(partition) === held_) held.delete(partition)
    await held_.writer.abandon()
  }

  const aside = createSetAside(
    () => consumer,
    async (partition) => {
      try {
        const { clickhouse: server } = await stores.of(topics.raw, partition)
        return await Promise.race([server.ping(), sleep(PING_MS, false)])
      } catch (error) {
        log.warn({ partition, error: errorText(error) }, 'the server of the partition is not there yet')
        return false
      }
    },
  )
  const isAway = (error: unknown): boolean =>
    stores.sharded && (error instanceof ShardAway || (error instanceof SiagaError && awayCodes.has(error.code)))
  const putAside = async (partition: number, held_: Held, error: unknown, fallback = 0): Promise<void> => {
    if (held.get(partition) !== held_) return
    log.warn({ partition, error: errorText(error) }, 'the server of the partition is away; others go on')
    aside.add(partition, held_.writer.firstUnlanded(fallback))
    await release(partition, held_)
  }

  const consumer = await kafka.consume({
    groupId: PROCESSOR_GROUP,
    topic: topics.raw,
    maxBytesPerPartition: FETCH_BYTES,
    minBytes: FETCH_LEAST_BYTES,
    maxWaitMs: FETCH_WAIT_MS,
    concurrency: 4,
    onCrash,
    onAssignment(_generation, partitions) {
      assigned = partitions
      aside.clear()
      for (const partition of totals.lag.keys()) if (!partitions.includes(partition)) totals.lag.delete(partition)
      // Whatever was held is read again from what the group has committed.
      for (const [partition, held_] of [...held]) void release(partition, held_)
    },
    async onBatch(batch) {
      // What was on its way when the partition was set aside is fetched again.
      if (stopping || aside.has(batch.partition)) return
      const held_ = hold(batch.partition)
      const beat = setInterval(() => batch.heartbeat().catch(() => undefined), HEARTBEAT_MS)
      try {
        await take(batch, held_)
      } catch (error) {
        if (isAway(error) && batch.isCurrent())
          return await putAside(batch.partition, held_, error, firstOf(batch).offset)
        await release(batch.partition, held_)
        if (!(error instanceof LandingAbandoned)) throw error
        // Looked up anew with the next batch; the seek brings one even if the topic is quiet.
        if (batch.isCurrent()) consumer.seek(batch.partition, held_.writer.firstUnlanded(firstOf(batch).offset))
      } finally {
        clearInterval(beat)
      }
    },
  })

  const take = async (batch: IncomingBatch, held_: Held): Promise<void> => {
    const { writer } = held_
    const { records } = batch
    const isOurs = () => batch.isCurrent() && held.get(batch.partition) === held_
    if (!held_.opened) {
      const first = firstOf(batch)
      if (first.offset < 0) {
        // Nothing but records that compaction has removed.
        batch.resolve(records.lastOffset)
        return
      }
      const opened = await writer.open(batch, first)
      if (opened.kind === 'seek') {
        consumer.seek(batch.partition, opened.offset)
        return
      }
      held_.opened = true
    }
    writer.use(batch)
    records.rewind()
    for (let n = 1; records.next(); n += 1) {
      const { offset } = records
      if (offset < writer.next) continue
      if (writer.mustFlushBefore(offset)) await writer.flush()
      process_(records, batch.partition, held_)
      if (writer.isFull) await writer.flush()
      if (n % SLICE === 0) {
        await breathe()
        if (!isOurs()) return
      }
    }
    await breathe()
    if (!isOurs()) return
    totals.lag.set(batch.partition, Math.max(0, batch.highWatermark - writer.next))
    batch.resolve(records.lastOffset)
  }

  const stopWatching = watchTopic({
    admin,
    topic: topics.raw,
    log,
    progress: () =>
      new Map(
        assigned
          .filter((partition) => !aside.has(partition))
          .map((partition) => [partition, held.get(partition)?.writer.next ?? -1]),
      ),
    busy: () => [...held.values()].some(({ writer }) => writer.isLanding),
    onStale(reason) {
      if (!stopping) onCrash(new Error(reason))
    },
  })

  return {
    async stop() {
      stopping = true
      stopWatching()
      aside.clear()
      await Promise.all(
        [...held.values()].map(async ({ writer }) => {
          await writer.drain().catch((error: unknown) => log.debug({ error: errorText(error) }, 'drain'))
        }),
      )
      await consumer.stop()
      await producer.close()
      await admin.disconnect()
      await stores.close()
      await clickhouse.close()
    },
    takeCounts() {
      const taken = {
        ...totals,
        dropped: { ...totals.dropped },
        dead: { ...totals.dead },
        findings: { ...totals.findings },
        lag: new Map(totals.lag),
      }
      Object.assign(totals, emptyCounts(), { lag: totals.lag })
      return taken
    },
    useRules,
    useIndicators,
  }
}

/** Offset and event id of the first record of a batch; -1 without one. */
function firstOf({ records }: IncomingBatch): { offset: number; eventId: string } {
  records.rewind()
  if (!records.next()) return { offset: -1, eventId: '' }
  const envelope = emptyEnvelope()
  decodeEnvelope(records.header(RAW_HEADER) ?? '', envelope)
  return { offset: records.offset, eventId: envelope.id }
}

interface HeldDependencies {
  config: ResolvedConfig
  clickhouse: ClickHouse
  stores: EventStores
  onFailure(error: unknown): void
  onLanded(): void
  admin: KafkaAdmin
  producer: BatchingProducer
  log: Log
  totals: Counts
}

function createHeld(partition: number, dependencies: HeldDependencies): Held {
  const { config, clickhouse, stores, admin, producer, log, totals, onFailure } = dependencies
  const held: Held = {
    opened: false,
    deadLetters: [],
    findings: [],
    counts: emptyCounts(),
    writer: new PartitionWriter<Counts>({
      clickhouse,
      stores,
      onFailure,
      admin,
      log,
      groupId: PROCESSOR_GROUP,
      topic: topics.raw,
      partition,
      flushRows: config.processors.flush_rows,
      flushBytes: FLUSH_BYTES,
      flushMs: config.processors.flush_ms,
      onRetry: () => {
        totals.insertRetries += 1
      },
      // Called as the page is closed: what the next page brings goes into new lists.
      async settle() {
        const { deadLetters, findings, counts } = held
        held.deadLetters = []
        held.findings = []
        held.counts = emptyCounts()
        await deliver(producer, topics.deadLetters, deadLetters, log)
        await deliver(producer, topics.findings, findings, log)
        return counts
      },
      onLanded(rows, milliseconds, counts) {
        dependencies.onLanded()
        totals.landed += rows
        totals.consumed += counts.consumed
        for (const name of ['dropped', 'dead', 'findings'] as const) {
          for (const [reason, n] of Object.entries(counts[name])) totals[name][reason] = (totals[name][reason] ?? 0) + n
        }
        totals.insertMs.push(milliseconds)
      },
    }),
  }
  return held
}

/** Sends until Kafka takes it: the range does not count as done before. */
async function deliver(
  producer: BatchingProducer,
  topic: string,
  messages: OutgoingMessage[],
  log: Log,
): Promise<void> {
  for (let attempt = 0; messages.length > 0; attempt += 1) {
    try {
      return await producer.send(topic, messages)
    } catch (error) {
      if (attempt % 20 === 0) log.warn({ topic, error: errorText(error) }, 'not delivered yet, tried again')
      await sleep(500)
    }
  }
}
