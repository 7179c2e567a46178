// Was it written before the process died? The end of the topic is read again, behind the place that was kept before writing.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KafkaClient, RunningConsumer } from '../../runtime/kafka.ts'
import { murmur2 } from '../../runtime/kafka-partitioner.ts'
import { decodeEnvelope, emptyEnvelope, RAW_HEADER, topics } from '../../schemas/raw-event.ts'
import type { ReadBack } from './reader.ts'
import type { TopicMark } from './state.ts'

const FETCH_BYTES = 4 * 1024 * 1024
/** What is not found in this time counts as not written. */
const MOST_MS = 60_000

/** Looks into the partition of the log's key, and no other. */
export function createReadBack(
  kafka: Pick<KafkaClient, 'connectAdmin' | 'consume'>,
  topic: string = topics.raw,
): ReadBack {
  async function ends(): Promise<TopicMark> {
    const admin = await kafka.connectAdmin()
    try {
      return (await admin.offsets(topic)).map(({ partition, high }) => ({ partition, offset: high }))
    } finally {
      await admin.disconnect()
    }
  }
  return {
    async mark(key) {
      const all = await ends()
      const partition = (murmur2(key) & 0x7fffffff) % all.length
      return all.filter((one) => one.partition === partition)
    },

    async since(mark, ids) {
      const found = new Set<string>()
      const now = await ends()
      const [begin] = mark
      const end = now.find(({ partition }) => partition === begin?.partition)?.offset ?? 0
      if (begin === undefined || end <= begin.offset) return found
      const wanted = new Set(ids)
      const envelope = emptyEnvelope()
      const { promise: done, resolve, reject } = Promise.withResolvers<void>()
      done.catch(() => undefined)
      let consumer: RunningConsumer | undefined
      let sought = false
      try {
        consumer = await kafka.consume({
          groupId: `siaga-read-back-${randomUUID()}`,
          topic,
          maxBytesPerPartition: FETCH_BYTES,
          concurrency: 1,
          onAssignment: () => {
            sought = false
          },
          onCrash: reject,
          async onBatch({ partition, records, resolve: readTo, heartbeat }) {
            // It can be told where to read only once it reads.
            if (consumer === undefined) return sleep(20)
            if (!sought) {
              sought = true
              for (const one of now)
                consumer.seek(one.partition, one.partition === begin.partition ? begin.offset : one.offset)
              return
            }
            if (partition !== begin.partition) return
            while (records.next()) {
              if (records.offset < begin.offset) continue
              decodeEnvelope(String(records.headers[RAW_HEADER] ?? ''), envelope)
              if (wanted.has(envelope.id)) found.add(envelope.id)
            }
            if (records.lastOffset < 0) return
            readTo(records.lastOffset)
            await heartbeat()
            if (records.lastOffset >= end - 1 || found.size === wanted.size) resolve()
          },
        })
        await Promise.race([done, sleep(MOST_MS, undefined, { ref: false })])
      } finally {
        await consumer?.stop().catch(() => undefined)
      }
      return found
    },
  }
}
