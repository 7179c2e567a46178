// How is Kafka spoken to? Connections, consumer of one topic, admin, with the traps of kafkajs closed (kafka-producer.ts writes).
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, EachBatchPayload, IHeaders, Producer } from 'kafkajs'
import { errorText, SiagaError } from './errors.ts'
import { joinGroup, type Member, type MemberOptions } from './kafka-member.ts'
import { createPartitioner } from './kafka-partitioner.ts'
import { ZSTD } from './kafka-produce.ts'
import { type RecordBatch, RecordCursor } from './kafka-records.ts'
import { connectTransactional, type TransactionalProducer } from './kafka-transactions.ts'
import { loadKafka } from './kafkajs.ts'
import type { Log } from './log.ts'

const kafkajs = loadKafka()
const { logLevel } = kafkajs
type Kafka = InstanceType<typeof kafkajs.Kafka>

export type { IHeaders }

/** A record as it is read by hand: one object for one message. */
export interface KafkaMessage {
  offset: number
  /** Milliseconds since 1970 UTC. */
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  headers: IHeaders
}

export interface KafkaOptions {
  brokers: string[]
  clientId: string
  log: Log
}

/** A message to be produced. The key is never empty: a retry of an unkeyed message could change its partition. */
export interface OutgoingMessage {
  key: string
  value: Buffer | null
  headers: IHeaders
}

export interface TopicSettings {
  topic: string
  partitions: number
  replication: number
  config: Record<string, string>
}

/** One Kafka cluster. */
export interface KafkaClient {
  /** A new idempotent producer; one send in flight at a time is the caller's duty (see `createBatchingProducer`). */
  connectProducer(): Promise<Producer>
  /** Takes a transactional id over from whoever had it; see kafka-transactions.ts. */
  connectTransactional(transactionalId: string): Promise<TransactionalProducer>
  /** A connected admin client. */
  connectAdmin(): Promise<KafkaAdmin>
  /** Runs a consumer of one topic until `stop`. */
  consume(options: ConsumeOptions): Promise<RunningConsumer>
  /** Takes part in a group of which one member at a time has the only partition of a topic; see lease.ts. */
  join(options: MemberOptions): Promise<Member>
  /** Reads what is on a topic now, from the beginning or the given offsets, calls back for each message, and ends. */
  readAll(topic: string, onMessage: (message: KafkaMessage, partition: number) => void): Promise<void>
}

export interface PartitionOffsets {
  partition: number
  low: number
  high: number
}

export interface KafkaAdmin {
  /** Creates the topics that are missing; answers the names of those it made. */
  ensureTopics(topics: TopicSettings[]): Promise<string[]>
  /** Earliest offset and end offset of each partition. */
  offsets(topic: string): Promise<PartitionOffsets[]>
  /** What the group has committed for a partition; offset -1 if nothing. */
  committed(groupId: string, topic: string): Promise<{ partition: number; offset: number; metadata: string }[]>
  clusterId(): Promise<string>
  deleteTopic(topic: string): Promise<void>
  /** Deletes the records before these offsets. */
  deleteRecords(topic: string, offsets: readonly { partition: number; offset: number }[]): Promise<void>
  disconnect(): Promise<void>
}

/** Commits an offset with metadata in the generation of the batch; rejects if the group has moved on. */
export type Commit = (offset: number, metadata: string) => Promise<void>

export interface IncomingBatch {
  partition: number
  /** The records that were fetched, none before the offset that was asked for. Their buffers are gone with their batch. */
  records: RecordCursor
  /** End offset of the partition when the batch was fetched. */
  highWatermark: number
  /** Increases with every assignment this member receives. */
  generation: number
  /** True while the generation of this batch is still the current one. */
  isCurrent(): boolean
  commit: Commit
  /** The next fetch starts behind this offset. */
  resolve(offset: number): void
  heartbeat(): Promise<void>
}

export interface ConsumeOptions {
  groupId: string
  topic: string
  /** Largest answer per partition and fetch, in bytes as stored. */
  maxBytesPerPartition: number
  concurrency: number
  onBatch(batch: IncomingBatch): Promise<void>
  /** A new assignment: everything that is held from before must be given up. */
  onAssignment(generation: number, partitions: number[]): void
  /** The consumer is dead; end the process. */
  onCrash(error: unknown): void
}

export interface RunningConsumer {
  seek(partition: number, offset: number): void
  stop(): Promise<void>
}

const SESSION_TIMEOUT_MS = 10_000
const HEARTBEAT_INTERVAL_MS = 1_000
/** About five minutes in all; after that the batch is given up. */
const retry = { initialRetryTime: 100, maxRetryTime: 1_500, multiplier: 1.6, factor: 0.2, retries: 200 }

/** A client for one cluster. Nothing connects before it is used. */
export function createKafka(options: KafkaOptions): KafkaClient {
  const { log } = options
  const kafka = new kafkajs.Kafka({
    brokers: options.brokers,
    clientId: options.clientId,
    retry,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    logLevel: logLevel.ERROR,
    logCreator:
      () =>
      ({ namespace, log: entry }) => {
        // Connection errors repeat while a broker is away; whoever waits for the broker reports it, once.
        log.debug({ namespace, ...entry }, 'kafkajs')
      },
  })

  return {
    async connectProducer() {
      const producer = kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner,
        retry,
      })
      await producer.connect()
      return producer
    },
    connectTransactional: (transactionalId) =>
      connectTransactional(kafka, {
        transactionalId,
        compression: ZSTD,
        createPartitioner,
      }),
    connectAdmin: () => connectAdmin(kafka.admin({ retry })),
    consume: (consumeOptions) => consume(kafka, consumeOptions, log),
    join: (memberOptions) => joinGroup(kafkajs, kafka, memberOptions),
    readAll: (topic, onMessage) => readAll(kafka, topic, onMessage),
  }
}

async function connectAdmin(admin: Admin): Promise<KafkaAdmin> {
  await admin.connect()
  return {
    async ensureTopics(topics) {
      const existing = new Set(await admin.listTopics())
      const made: string[] = []
      for (const { topic, partitions, replication, config } of topics) {
        if (existing.has(topic)) continue
        const created = await admin.createTopics({
          // kafkajs gives up at once if the broker it asks has not heard of the new topic yet; `leadersOf` waits.
          waitForLeaders: false,
          topics: [
            {
              topic,
              numPartitions: partitions,
              replicationFactor: replication,
              configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
            },
          ],
        })
        if (created) made.push(topic)
      }
      if (made.length > 0) await leadersOf(admin, made)
      return made
    },
    async offsets(topic) {
      const rows = await admin.fetchTopicOffsets(topic)
      return rows.map((row) => ({ partition: row.partition, low: Number(row.low), high: Number(row.high) }))
    },
    async committed(groupId, topic) {
      const [row] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return (row?.partitions ?? []).map((p) => ({
        partition: p.partition,
        offset: Number(p.offset),
        metadata: p.metadata ?? '',
      }))
    },
    async clusterId() {
      return (await admin.describeCluster()).clusterId
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async deleteRecords(topic, offsets) {
      // kafkajs deletes only from topics that it has asked about before.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({
        topic,
        partitions: offsets.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
      })
    },
    disconnect: () => admin.disconnect(),
  }
}

function isGroupLoading(error: Error): boolean {
  return 'type' in error && error.type === 'GROUP_LOAD_IN_PROGRESS'
}

const LEADERS_WAIT_MS = 15_000

/** Resolves when every partition of the topics has a leader. */
async function leadersOf(admin: Admin, topics: string[]): Promise<void> {
  const deadline = Date.now() + LEADERS_WAIT_MS
  for (;;) {
    try {
      const { topics: found } = await admin.fetchTopicMetadata({ topics })
      if (found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)))
        return
    } catch (error) {
      if (Date.now() > deadline || !(error instanceof Error && 'retriable' in error && error.retriable === true))
        throw error
    }
    if (Date.now() > deadline)
      throw new SiagaError('KAFKA_UNAVAILABLE', { detail: `no leader for ${topics.join(', ')}` })
    await sleep(100)
  }
}

async function consume(kafka: Kafka, options: ConsumeOptions, log: Log): Promise<RunningConsumer> {
  const consumer = kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: 20_000,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    maxBytesPerPartition: options.maxBytesPerPartition,
    maxBytes: options.maxBytesPerPartition * 8,
    maxWaitTimeInMs: 250,
    metadataMaxAge: 10_000,
    // `restart: false`: after a crash the process ends and its supervisor starts a new one; a dead consumer in a live process helps nobody.
    // But a broker that has just started answers the first to join that it is still reading its groups, and kafkajs takes that for a crash.
    retry: { ...retry, restartOnFailure: async (error) => generation === 0 && isGroupLoading(error) },
  })
  let generation = 0
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    generation += 1
    options.onAssignment(generation, payload.memberAssignment[options.topic] ?? [])
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    log.debug({ error: errorText(payload.error), restart: payload.restart }, 'consumer crashed')
    if (!payload.restart) options.onCrash(payload.error)
  })
  await consumer.connect()
  await consumer.subscribe({ topics: [options.topic], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: options.concurrency,
    eachBatch: (payload) => options.onBatch(incoming(payload, options.topic, generation, () => generation)),
  })
  return {
    seek: (partition, offset) => consumer.seek({ topic: options.topic, partition, offset: String(offset) }),
    stop: async () => {
      await consumer.stop()
      await consumer.disconnect()
    },
  }
}

function incoming(payload: EachBatchPayload, topic: string, generation: number, current: () => number): IncomingBatch {
  const { batch } = payload
  return {
    partition: batch.partition,
    records: cursorOf(batch, true),
    highWatermark: Number(batch.highWatermark),
    generation,
    isCurrent: () => current() === generation && payload.isRunning(),
    async commit(offset, metadata) {
      // Not consumer.commitOffsets: that retries across a rebalance and would then commit in a generation that this batch never saw.
      if (current() !== generation)
        throw new SiagaError('KAFKA_UNAVAILABLE', { detail: 'the partition has moved to another worker' })
      const partitions = [{ partition: batch.partition, offset: String(offset), metadata }]
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] })
    },
    resolve: (offset) => payload.resolveOffset(String(offset)),
    heartbeat: payload.heartbeat,
  }
}

/** kafkajs takes our record batches for messages and hands them on; the offset that it asked for is not in its types. */
function cursorOf(batch: EachBatchPayload['batch'], frees = false): RecordCursor {
  const { messages, fetchedOffset } = batch as unknown as { messages: RecordBatch[]; fetchedOffset: string }
  return new RecordCursor(messages, Number(fetchedOffset), frees)
}

const LOOK_AGAIN_MS = 2_000

async function readAll(
  kafka: Kafka,
  topic: string,
  onMessage: (message: KafkaMessage, partition: number) => void,
): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic)).filter((p) => p.low !== p.high).map((p) => [p.partition, Number(p.high)]),
  )
  if (ends.size === 0) return admin.disconnect()
  const groupId = `siaga-read-${process.pid}-${Date.now()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 })
  let timer: NodeJS.Timeout | undefined
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        // A coordinator that is still loading is tried again by kafkajs itself.
        if (!payload.restart) reject(payload.error)
      })
      // Also raised for what `eachBatch` does not get to see: aborted transactions and the marks of their ends.
      consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        if (Number(lastOffset) >= (ends.get(partition) ?? 0) - 1) ends.delete(partition)
        if (ends.size === 0) resolve()
      })
      // What is deleted meanwhile, or whose time runs out, never comes. A look that fails is made again.
      const look = async (): Promise<void> => {
        for (const { partition, low } of await admin.fetchTopicOffsets(topic))
          if (Number(low) >= (ends.get(partition) ?? Number.POSITIVE_INFINITY)) ends.delete(partition)
        if (ends.size === 0) resolve()
      }
      timer = setInterval(() => {
        look().catch(() => undefined)
      }, LOOK_AGAIN_MS)
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            const end = ends.get(batch.partition)
            if (end === undefined) return
            const records = cursorOf(batch)
            while (records.next() && records.offset < end) {
              const { offset, timestamp, key, value, headers } = records
              onMessage({ offset, timestamp, key, value, headers }, batch.partition)
            }
          },
        })
        .catch(reject)
    })
  } finally {
    clearInterval(timer)
    await consumer.disconnect()
    await admin.deleteGroups([groupId]).catch(() => undefined)
    await admin.disconnect()
  }
}
