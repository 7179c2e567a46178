// Does everything arrive that is sent, whatever its size, and is a send refused once too much waits? Against a real Kafka.
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../runtime/config.ts'
import { createKafka, type KafkaAdmin, type KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { silentLog } from '../../runtime/log.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { getServices } from '../services.ts'

let kafka: KafkaClient
let admin: KafkaAdmin

beforeAll(async () => {
  const { brokers } = await getServices()
  kafka = createKafka({ brokers, clientId: 'producer-test', log: silentLog })
  admin = await kafka.connectAdmin()
})
afterAll(() => admin.disconnect())

/** A topic like those of the pipeline, with one partition. */
async function newTopic(): Promise<string> {
  const [like] = topicSettings(loadConfig({ env: {}, cwd: tmpdir() }).config)
  const topic = `producer-${process.pid}-${Date.now()}`
  await admin.ensureTopics([{ topic, partitions: 1, replication: 1, config: like?.config ?? {} }])
  return topic
}

test('values that do not pack are sent in requests that the broker takes, in order', async () => {
  const topic = await newTopic()
  const producer = createBatchingProducer(kafka, silentLog)
  const values = Array.from({ length: 24 }, () => randomBytes(500 * 1024))
  await producer.send(
    topic,
    values.map((value, n) => ({ key: 'k', value, headers: { n: String(n) } })),
  )
  await producer.close()
  const found: string[] = []
  await kafka.readAll(topic, ({ value, headers }) => {
    expect(value?.equals(values[Number(headers.n)] as Buffer)).toBe(true)
    found.push(String(headers.n))
  })
  expect(found).toEqual(values.map((_, n) => String(n)))
})

test('many small ones of many senders at once arrive once each', async () => {
  const topic = await newTopic()
  const producer = createBatchingProducer(kafka, silentLog)
  const sends = Array.from({ length: 40 }, (_, s) =>
    producer.send(
      topic,
      Array.from({ length: s === 0 ? 25_000 : 50 }, (_unused, n) => ({
        key: `k${n % 7}`,
        value: Buffer.from(`${s}-${n}`),
        headers: {},
      })),
    ),
  )
  await Promise.all(sends)
  await producer.close()
  const found = new Set<string>()
  let all = 0
  await kafka.readAll(topic, ({ value }) => {
    found.add(String(value))
    all += 1
  })
  expect([found.size, all]).toEqual([25_000 + 39 * 50, 25_000 + 39 * 50])
})

test('what would be too much to hold is refused at once, and so is everything after the end', async () => {
  const topic = await newTopic()
  const producer = createBatchingProducer(kafka, silentLog)
  const value = Buffer.alloc(400 * 1024, 'x')
  const messages = Array.from({ length: 100 }, () => ({ key: 'k', value, headers: {} }))
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => producer.send(topic, messages)))
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason.message)] : []))
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThan(5)
  for (const reason of refused) expect(reason).toContain('too much is waiting for Kafka')
  await producer.close()
  await expect(producer.send(topic, messages.slice(0, 1))).rejects.toThrow('shutting down')
})
