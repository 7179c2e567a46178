// How is Kafka spoken to? One client, in words of our own, with the traps of kafkajs closed (kafka-consume.ts reads, kafka-producer.ts writes).
import type { IHeaders, Producer, SASLOptions } from 'kafkajs'
import { type ClientTls, TLS_LEAST } from './client-tls.ts'
import { SiagaError } from './errors.ts'
import { connectAdmin } from './kafka-admin.ts'
import { consume } from './kafka-consume.ts'
import { joinGroup, type Member, type MemberOptions } from './kafka-member.ts'
import { createPartitioner } from './kafka-partitioner.ts'
import { ZSTD } from './kafka-produce.ts'
import { readAll } from './kafka-read-all.ts'
import type { RecordCursor } from './kafka-records.ts'
import { connectTransactional, type TransactionalProducer } from './kafka-transactions.ts'
import { kafkaRetry, loadKafka } from './kafkajs.ts'
import type { Log } from './log.ts'

const kafkajs = loadKafka()
const { logLevel } = kafkajs

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

interface Sasl {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  username: string
  password: string
}

/** How a cluster is reached. */
export interface KafkaConnection {
  brokers: string[]
  tls?: ClientTls
  sasl?: Sasl
}

export interface KafkaOptions extends KafkaConnection {
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

export interface TopicState {
  readonly topic: string
  /** `leader` -1: none. Numbers of copies. */
  readonly partitions: readonly { partition: number; leader: number; replicas: number; inSync: number }[]
  /** Every setting, also those of the broker. */
  readonly config: Readonly<Record<string, string>>
}

export interface KafkaState {
  /** Those that are there now. */
  readonly brokers: number
  readonly topics: readonly TopicState[]
}

/** One Kafka cluster. */
export interface KafkaClient {
  /** A new idempotent producer; one send in flight at a time is the caller's duty (see `createBatchingProducer`). */
  connectProducer(): Promise<Producer>
  /** Takes a transactional id over from whoever had it; see kafka-transactions.ts. */
  connectTransactional(transactionalId: string): Promise<TransactionalProducer>
  /** A connected admin client. Rejects with KAFKA_REFUSED if the brokers do not know the user or the password. */
  connectAdmin(): Promise<KafkaAdmin>
  /** Runs a consumer of one topic until `stop`. */
  consume(options: ConsumeOptions): Promise<RunningConsumer>
  /** Takes part in a group of which one member at a time has the only partition of a topic; see lease.ts. */
  join(options: MemberOptions): Promise<Member>
  /** Reads what is on a topic now, from the beginning or from the given offsets by partition, calls back for each message, and ends. */
  readAll(
    topic: string,
    onMessage: (message: KafkaMessage, partition: number) => void,
    from?: ReadonlyMap<number, number>,
  ): Promise<void>
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
  /** How many consumers take part in the group now; 0 if there is no such group. */
  members(groupId: string): Promise<number>
  /** Sets what a group without members has committed for a topic. */
  setCommitted(groupId: string, topic: string, offsets: readonly { partition: number; offset: number }[]): Promise<void>
  /** Forgets a group without members, and with it what it has committed; nothing if there is none. */
  forgetGroup(groupId: string): Promise<void>
  clusterId(): Promise<string>
  /** How the cluster is doing; topics that it does not have are left out. */
  describe(topics: readonly string[]): Promise<KafkaState>
  /** Gives topics these settings; any other that somebody has set goes back to the broker's. */
  alterTopics(topics: readonly Pick<TopicSettings, 'topic' | 'config'>[]): Promise<void>
  deleteTopic(topic: string): Promise<void>
  /** Deletes the records before these offsets. Rejects with KAFKA_FORBIDDEN if Siaga's user may not. */
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
  /** The broker waits until there is so much, as stored, or `maxWaitMs` have passed; by itself it answers at the first byte. */
  minBytes?: number
  /** Milliseconds. */
  maxWaitMs?: number
  concurrency: number
  onBatch(batch: IncomingBatch): Promise<void>
  /** After each fetch that brought something: up to this offset everything has been through `onBatch` or held no record for it, as marks of transactions and what they took back. */
  onPassed?(partition: number, lastOffset: number): void
  /** A new assignment: everything that is held from before must be given up. */
  onAssignment(generation: number, partitions: number[]): void
  /** The consumer is dead; end the process. */
  onCrash(error: unknown): void
}

export interface RunningConsumer {
  seek(partition: number, offset: number): void
  /** Nothing of the partition is fetched until `resume`; what is on its way still comes. It outlasts a rebalance. */
  pause(partition: number): void
  resume(partition: number): void
  stop(): Promise<void>
}

/** A client for one cluster. Nothing connects before it is used. */
export function createKafka(options: KafkaOptions): KafkaClient {
  const { log, brokers, clientId, tls, sasl } = options
  const kafka = new kafkajs.Kafka({
    brokers,
    clientId,
    ...(tls === undefined ? {} : { ssl: { ...tls, minVersion: TLS_LEAST } }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
    retry: kafkaRetry,
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
        retry: kafkaRetry,
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
    async connectAdmin() {
      try {
        return await connectAdmin(kafka.admin({ retry: kafkaRetry }))
      } catch (cause) {
        if (!(cause instanceof Error) || cause.name !== 'KafkaJSSASLAuthenticationError') throw cause
        throw new SiagaError('KAFKA_REFUSED', { detail: cause.message }, { cause })
      }
    },
    consume: (consumeOptions) => consume(kafka, consumeOptions, log),
    join: (memberOptions) => joinGroup(kafkajs, kafka, memberOptions),
    readAll: (topic, onMessage, from) => readAll(kafka, topic, onMessage, from),
  }
}

/** The same, as one of the kinds that kafkajs tells apart by type. */
function saslOf({ mechanism, ...login }: Sasl): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...login }
    case 'scram-sha-256':
      return { mechanism, ...login }
    case 'scram-sha-512':
      return { mechanism, ...login }
  }
}
