// Are records kept for their time from when they came, whatever time their producer gave? Against a real Kafka that looks for old ones all the time.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKafka, type KafkaAdmin, type KafkaClient, type KafkaMessage } from '../../runtime/kafka.ts'
import { silentLog } from '../../runtime/log.ts'
import { matchTopics, topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { relayTopic, topics } from '../../schemas/raw-event.ts'
import { type SecureKafka, startSecureKafka } from './secure-kafka.ts'

const DAY_MS = 86_400_000
const settings = topicSettings(Config.parse({}), [{ id: 'x', kafka: true }])
const byProducers = 'by-producers'
let broker: SecureKafka
let kafka: KafkaClient
let admin: KafkaAdmin

beforeAll(async () => {
  const often = { 'log.retention.check.interval.ms': '200', 'log.initial.task.delay.ms': '200' }
  broker = await startSecureKafka('localhost', 'localhost', 1, often)
  kafka = createKafka({ brokers: [broker.inner], clientId: 'retention-test', log: silentLog })
  admin = await kafka.connectAdmin()
  const config = { 'retention.ms': String(3 * DAY_MS) }
  await admin.ensureTopics([...settings, { topic: byProducers, partitions: 1, replication: 1, config }])
}, 90_000)
afterAll(async () => {
  await admin?.disconnect()
  await broker?.stop()
})

/** Sends a record at what a producer takes for the time: one whose clock is wrong, or that sends old lines with their own times. */
async function send(topic: string, at: number): Promise<void> {
  const producer = await kafka.connectProducer()
  vi.useFakeTimers({ now: at, toFake: ['Date'] })
  try {
    await producer.send({ topic, messages: [{ key: 'k', value: 'baris lama', partition: 0 }] })
  } finally {
    vi.useRealTimers()
    await producer.disconnect()
  }
}

test.each([topics.raw, relayTopic('x')])('%s keeps a record of last year and one of next year', async (topic) => {
  const began = Date.now()
  await send(topic, began - 365 * DAY_MS)
  await send(byProducers, began - 365 * DAY_MS)
  const left = async (name: string) => (await admin.offsets(name)).reduce((sum, { low, high }) => sum + high - low, 0)
  await expect.poll(() => left(byProducers), { timeout: 30_000 }).toBe(0)
  expect(await left(topic)).toBe(1)
  await send(topic, began + 365 * DAY_MS)
  const read: KafkaMessage[] = []
  await kafka.readAll(topic, (message) => read.push(message))
  for (const { timestamp } of read) expect(Math.abs(timestamp - began)).toBeLessThan(60_000)
  expect(read.length).toBe(2)
})

test('topics of an older version, or of a configuration before, get the settings that are asked for now; others keep their own', async () => {
  const before = settings.map((one) => ({ ...one, topic: `before.${one.topic}` }))
  const config = { 'retention.ms': '1000000', 'cleanup.policy': 'delete' }
  await admin.ensureTopics(before.map((one) => ({ ...one, config })))
  await admin.ensureTopics(settings)
  const configs = async () => {
    const { topics: found } = await admin.describe([...before, ...settings].map(({ topic }) => topic))
    return new Map(found.map((one) => [one.topic, one.config]))
  }
  const asked = [...before, ...settings]
  expect((await matchTopics(admin, asked)).sort()).toEqual(before.map(({ topic }) => topic).sort())
  await expect.poll(() => matchTopics(admin, asked)).toEqual([])
  const now = await configs()
  for (const { topic, config: wanted } of asked) expect(now.get(topic)).toMatchObject(wanted)
})
