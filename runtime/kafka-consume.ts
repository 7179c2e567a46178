// How is one topic consumed as a member of a group? Fetched batches, offsets committed in their generation.
import type { EachBatchPayload, Kafka } from 'kafkajs'
import { errorText, SiagaError } from './errors.ts'
import type { ConsumeOptions, IncomingBatch, RunningConsumer } from './kafka.ts'
import { cursorOf } from './kafka-records.ts'
import { consumerSettings, kafkaRetry } from './kafkajs.ts'
import type { Log } from './log.ts'

const SESSION_TIMEOUT_MS = 10_000
const HEARTBEAT_INTERVAL_MS = 1_000
const MAX_WAIT_MS = 500

/** Runs a consumer until `stop`. */
export async function consume(kafka: Kafka, options: ConsumeOptions, log: Log): Promise<RunningConsumer> {
  const consumer = kafka.consumer({
    ...consumerSettings,
    groupId: options.groupId,
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: 20_000,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    maxBytesPerPartition: options.maxBytesPerPartition,
    maxBytes: options.maxBytesPerPartition * 8,
    minBytes: options.minBytes ?? 1,
    maxWaitTimeInMs: options.maxWaitMs ?? MAX_WAIT_MS,
    // `restart: false`: after a crash the process ends and its supervisor starts a new one; a dead consumer in a live process helps nobody.
    // But a broker that has just started answers the first to join that it is still reading its groups, and kafkajs takes that for a crash.
    retry: { ...kafkaRetry, restartOnFailure: async (error) => generation === 0 && isGroupLoading(error) },
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
  const { onPassed } = options
  if (onPassed !== undefined)
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
      onPassed(payload.partition, Number(payload.lastOffset)),
    )
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
    pause: (partition) => consumer.pause([{ topic: options.topic, partitions: [partition] }]),
    resume: (partition) => consumer.resume([{ topic: options.topic, partitions: [partition] }]),
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

function isGroupLoading(error: Error): boolean {
  return 'type' in error && error.type === 'GROUP_LOAD_IN_PROGRESS'
}
