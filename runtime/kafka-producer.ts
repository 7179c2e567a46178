// How do many senders share one connection to Kafka? What they bring while a request is on its way travels together in the next one.
import type { Producer } from 'kafkajs'
import { errorText, SiagaError } from './errors.ts'
import type { KafkaClient, OutgoingMessage } from './kafka.ts'
import { ZSTD } from './kafka-produce.ts'
import type { Log } from './log.ts'

export interface BatchingProducer {
  /** Resolves when all messages are acknowledged by all in-sync replicas. */
  send(topic: string, messages: OutgoingMessage[]): Promise<void>
  /** Waits for what is queued, at most `graceMs`, then disconnects. */
  close(graceMs?: number): Promise<void>
}

/** Messages of one produce request at most. */
const MAX_GROUP_MESSAGES = 10_000

interface Waiting {
  topic: string
  messages: OutgoingMessage[]
  bytes: number
  resolve: () => void
  reject: (error: SiagaError) => void
}

/** Bytes that may wait; beyond that `send` rejects at once so that memory stays bounded. */
const MAX_QUEUED_BYTES = 128 * 1024 * 1024
/** Bytes of one produce request at most: what a topic takes as one batch (topics.ts), should it not pack at all. */
const MAX_GROUP_BYTES = 4 * 1024 * 1024

/**
 * A producer with group commit: while one produce request is in flight, further `send` calls wait and then travel together.
 *
 * One request in flight, always: kafkajs rolls its sequence back after a failed send, so a second batch could take the number of the
 * first, and the broker would acknowledge and drop it. For the same reason a producer that has given up is thrown away.
 */
export function createBatchingProducer(client: KafkaClient, log: Log): BatchingProducer {
  const queue: Waiting[] = []
  let queuedBytes = 0
  let running: Promise<void> | undefined
  let producer: Producer | undefined
  let closed = false

  const takeGroup = (): Waiting[] => {
    const group: Waiting[] = []
    let bytes = 0
    let count = 0
    while (queue.length > 0) {
      const next = queue[0] as Waiting
      if (
        group.length > 0 &&
        (bytes + next.bytes > MAX_GROUP_BYTES || count + next.messages.length > MAX_GROUP_MESSAGES)
      )
        break
      bytes += next.bytes
      count += next.messages.length
      group.push(next)
      queue.shift()
    }
    return group
  }

  const sendGroup = async (group: Waiting[]): Promise<void> => {
    const byTopic = new Map<string, OutgoingMessage[]>()
    for (const { topic, messages } of group) {
      const list = byTopic.get(topic)
      if (list === undefined) byTopic.set(topic, group.length === 1 ? messages : [...messages])
      else for (const message of messages) list.push(message)
    }
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }))
    try {
      producer ??= await client.connectProducer()
      await producer.sendBatch({ acks: -1, compression: ZSTD, topicMessages })
    } catch (error) {
      const failed = producer
      producer = undefined
      failed?.disconnect().catch(() => undefined)
      throw error
    }
  }

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      const group = takeGroup()
      try {
        await sendGroup(group)
        for (const waiting of group) waiting.resolve()
      } catch (error) {
        log.error({ error: errorText(error), requests: group.length }, 'Kafka did not take a batch')
        const failure = new SiagaError('KAFKA_UNAVAILABLE', { detail: errorText(error) }, { cause: error })
        for (const waiting of group) waiting.reject(failure)
      } finally {
        for (const waiting of group) queuedBytes -= waiting.bytes
      }
    }
    // In the same turn in which the queue was seen empty: a later one would let a new send believe that somebody is at work.
    running = undefined
  }

  const enqueue = (topic: string, messages: OutgoingMessage[]): Promise<void> => {
    if (messages.length === 0) return Promise.resolve()
    let bytes = 0
    for (const message of messages) bytes += bytesOf(message)
    if (closed || queuedBytes + bytes > MAX_QUEUED_BYTES) {
      const detail = closed ? 'shutting down' : 'too much is waiting for Kafka'
      return Promise.reject(new SiagaError('KAFKA_UNAVAILABLE', { detail }))
    }
    queuedBytes += bytes
    return new Promise<void>((resolve, reject) => {
      queue.push({ topic, messages, bytes, resolve, reject })
      if (running === undefined) {
        // `run` gives up the turn before it looks at the queue, so that it cannot end before `running` is set.
        running = Promise.resolve().then(run)
      }
    })
  }

  return {
    async send(topic, messages) {
      await Promise.all(partsOf(messages).map((part) => enqueue(topic, part)))
    },
    async close(graceMs = 3_000) {
      closed = true
      if (running !== undefined)
        await Promise.race([running, new Promise((resolve) => setTimeout(resolve, graceMs).unref())])
      await producer?.disconnect().catch(() => undefined)
    },
  }
}

/** About what a message takes: its value, and what comes with it. */
function bytesOf({ value }: OutgoingMessage): number {
  return (value?.length ?? 0) + 256
}

/** The messages in lists of which each fits one request, so that a broker takes them however badly they pack. */
function partsOf(messages: OutgoingMessage[]): OutgoingMessage[][] {
  const parts: OutgoingMessage[][] = []
  let from = 0
  let bytes = 0
  for (let n = 0; n < messages.length; n += 1) {
    const more = bytesOf(messages[n] as OutgoingMessage)
    if (n > from && (bytes + more > MAX_GROUP_BYTES || n - from === MAX_GROUP_MESSAGES)) {
      parts.push(messages.slice(from, n))
      from = n
      bytes = 0
    }
    bytes += more
  }
  if (from === 0) return [messages]
  parts.push(messages.slice(from))
  return parts
}
