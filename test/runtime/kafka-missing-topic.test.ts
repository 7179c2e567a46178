// Does a broker that makes topics when they are asked for (Kafka's default) make none for Siaga, whose topics have settings of their own?
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKafka, type KafkaAdmin, type KafkaClient } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { loadKafka } from '../../runtime/kafkajs.ts'
import { silentLog } from '../../runtime/log.ts'
import { type SecureKafka, startSecureKafka } from './secure-kafka.ts'

let broker: SecureKafka
let kafka: KafkaClient
let admin: KafkaAdmin
beforeAll(async () => {
  broker = await startSecureKafka('localhost', 'localhost', 1, { 'auto.create.topics.enable': 'true' })
  kafka = createKafka({ brokers: [broker.inner], clientId: 'missing-test', log: silentLog })
  admin = await kafka.connectAdmin()
}, 90_000)
afterAll(async () => {
  await admin?.disconnect()
  await broker?.stop()
})

const isThere = async (topic: string): Promise<boolean> => (await admin.describe([topic])).topics.length > 0
/** Who asks has asked; the broker makes a topic within moments. */
const MOMENTS_MS = 1_500

/** Each asks for the topic for as long as it lives, or until it gives up; answers what ends it. */
const ways: Readonly<Record<string, (topic: string) => Promise<() => Promise<unknown>>>> = {
  async 'a consumer of a group'(topic) {
    const nothing = () => undefined
    const consumer = kafka.consume({
      ...{ groupId: `group-${topic}`, topic, maxBytesPerPartition: 1024, concurrency: 1 },
      ...{ onBatch: async () => undefined, onAssignment: nothing, onCrash: nothing },
    })
    await Promise.race([consumer.catch(nothing), sleep(MOMENTS_MS)])
    return () => consumer.then(({ stop }) => stop(), nothing)
  },
  async 'a member for a lease'(topic) {
    const nothing = () => undefined
    const member = kafka.join({
      ...{ groupId: `group-${topic}`, topic, now: Date.now, onChange: nothing, onCrash: nothing },
    })
    await Promise.race([member.catch(nothing), sleep(MOMENTS_MS)])
    return () => member.then(({ leave }) => leave(), nothing)
  },
  async 'offsets and metadata'(topic) {
    const own = await kafka.connectAdmin()
    const asked = Promise.all([own.offsets(topic), own.describe([topic]), own.committed('nobody', topic)])
    asked.catch(() => undefined)
    await sleep(MOMENTS_MS)
    return () => own.disconnect()
  },
}

test('the broker makes one for whoever allows it, as kafkajs does unless told', async () => {
  const { Kafka, logLevel } = loadKafka()
  const stranger = new Kafka({ brokers: [broker.inner], logLevel: logLevel.NOTHING }).consumer({ groupId: 'stranger' })
  await stranger.connect()
  await stranger.subscribe({ topics: ['missing-stranger'] }).catch(() => undefined)
  await expect.poll(() => isThere('missing-stranger'), { timeout: 10_000 }).toBe(true)
  await stranger.disconnect()
})

describe('a topic that is not there is not made by', () => {
  test.each(Object.keys(ways))('%s', async (way) => {
    const topic = `missing-${way.replaceAll(' ', '-')}`
    const end = await ways[way]?.(topic)
    await sleep(MOMENTS_MS)
    expect(await isThere(topic)).toBe(false)
    await end?.()
  })

  test('whoever reads all of a topic that is deleted meanwhile', async () => {
    const topic = 'missing-read-all'
    await admin.ensureTopics([{ topic, partitions: 1, replication: 1, config: {} }])
    const producer = createBatchingProducer(kafka, silentLog)
    await producer.send(topic, [{ key: 'k', value: Buffer.from('v'), headers: {} }])
    await producer.close()
    const reading = kafka.readAll(topic, () => undefined)
    reading.catch(() => undefined)
    await sleep(50)
    await admin.deleteTopic(topic)
    await sleep(5_000)
    expect(await isThere(topic)).toBe(false)
  })
})
