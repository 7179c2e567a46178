// How is what is on a topic now read to its end, once?
import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import type { KafkaMessage } from './kafka.ts'
import { cursorOf } from './kafka-records.ts'
import { consumerSettings } from './kafkajs.ts'

const LOOK_AGAIN_MS = 2_000

/** Calls back for each message, from the beginning or, of the partitions that `from` names, from that offset; resolves at what was the end when it began. */
export async function readAll(
  kafka: Kafka,
  topic: string,
  onMessage: (message: KafkaMessage, partition: number) => void,
  from: ReadonlyMap<number, number> = new Map(),
): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic))
      .filter((p) => Number(p.high) > Math.max(Number(p.low), from.get(p.partition) ?? 0))
      .map((p) => [p.partition, Number(p.high)]),
  )
  if (ends.size === 0) return admin.disconnect()
  // Of its own for each reading: two in one group are given each other's partitions, and wait for what never comes.
  const groupId = `siaga-read-${randomUUID()}`
  const consumer = kafka.consumer({ ...consumerSettings, groupId, maxWaitTimeInMs: 100 })
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
            const first = from.get(batch.partition) ?? 0
            while (records.next() && records.offset < end) {
              if (records.offset < first) continue
              const { offset, timestamp, key, value, headers } = records
              onMessage({ offset, timestamp, key, value, headers }, batch.partition)
            }
          },
        })
        .then(() => {
          for (const [partition, offset] of from) {
            if (ends.has(partition)) consumer.seek({ topic, partition, offset: String(offset) })
          }
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
