// Is what is kept all there, however much it is, and does one bad record hold up nothing? On real Kafka.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createKafka, type KafkaClient } from '../../runtime/kafka.ts'
import { createKafkaState } from '../../runtime/kafka-state.ts'
import { silentLog } from '../../runtime/log.ts'
import { topicSettings } from '../../runtime/topics.ts'
import { Config } from '../../schemas/config.ts'
import { topics } from '../../schemas/raw-event.ts'
import { getServices } from '../services.ts'

async function made(): Promise<{ kafka: KafkaClient; topic: string }> {
  const { brokers } = await getServices()
  const kafka = createKafka({ brokers, clientId: 'state-test', log: silentLog })
  const topic = `state-${randomBytes(5).toString('hex')}`
  const admin = await kafka.connectAdmin()
  const settings = topicSettings(Config.parse({})).filter((one) => one.topic === topics.alerts)
  await admin.ensureTopics(settings.map((one) => ({ ...one, topic })))
  await admin.disconnect()
  return { kafka, topic }
}

/** Nothing that compresses: as the evidence of somebody who wants it to be large. */
const noise = (bytes: number): string => randomBytes(bytes).toString('base64')

test('more than the largest batch of a topic is kept in one transaction', async () => {
  const { kafka, topic } = await made()
  const state = createKafkaState({ kafka, topic, transactionalId: topic })
  await state.open()
  await state.commit(Array.from({ length: 800 }, (_, n) => [`alert/${n}`, { text: noise(9_000) }] as const))
  expect((await state.open()).size).toBe(800)
  await state.close()
}, 60_000)

test('a record that Kafka never takes is no matter of trying again', async () => {
  const { kafka, topic } = await made()
  const state = createKafkaState({ kafka, topic, transactionalId: topic })
  await state.open()
  await expect(state.commit([['alert/1', { text: noise(5_000_000) }]])).rejects.toThrow('MESSAGE_TOO_LARGE')
  await state.close()
}, 60_000)

test('a record that is no JSON is passed over and told', async () => {
  const { kafka, topic } = await made()
  const producer = await kafka.connectProducer()
  await producer.send({ topic, messages: [{ key: 'alert/1', value: '{"half":' }] })
  await producer.disconnect()
  const unreadable: string[] = []
  const onUnreadable = (key: string) => unreadable.push(key)
  const state = createKafkaState({ kafka, topic, transactionalId: topic, onUnreadable })
  await state.open()
  await state.commit([['alert/2', { whole: true }]])
  expect(await state.open()).toEqual(new Map([['alert/2', { whole: true }]]))
  expect(new Set(unreadable)).toEqual(new Set(['alert/1']))
  await state.close()
}, 60_000)
