// What was written is found again in a real Kafka: behind the mark, in the partition of the log, and nothing else.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createReadBack } from '../../../ingest/certificate-log/read-back.ts'
import { createRawWriter } from '../../../ingest/raw-writer.ts'
import { createKafka, type KafkaAdmin, type KafkaClient } from '../../../runtime/kafka.ts'
import { type BatchingProducer, createBatchingProducer } from '../../../runtime/kafka-producer.ts'
import { silentLog } from '../../../runtime/log.ts'
import type { RawEvent } from '../../../schemas/raw-event.ts'
import { getServices } from '../../services.ts'

const topic = `siaga.read-back.${randomBytes(4).toString('hex')}`
let kafka: KafkaClient
let producer: BatchingProducer
let admin: KafkaAdmin
beforeAll(async () => {
  const { brokers } = await getServices()
  kafka = createKafka({ brokers, clientId: 'read-back-test', log: silentLog })
  producer = createBatchingProducer(kafka, silentLog)
  admin = await kafka.connectAdmin()
  await admin.ensureTopics([{ topic, partitions: 4, replication: 1, config: { 'compression.type': 'zstd' } }])
})
afterAll(async () => {
  await admin.deleteTopic(topic)
  await admin.disconnect()
  await producer.close()
})

const event = (id: string, key: string): RawEvent => ({
  source: 'siaga-certificate',
  format: 'siaga.certificate',
  receivedAt: 1,
  peer: '',
  id,
  hash: '',
  marks: [],
  key,
  value: Buffer.from('{}'),
})

test('finds the events that came behind the mark', async () => {
  const writer = createRawWriter(producer, topic)
  const readBack = createReadBack(kafka, topic)
  const key = 'certificate-log-one'
  await writer.write([event('ct.1', key), ...Array.from({ length: 50 }, (_, n) => event(`x.${n}`, `other-${n}`))])
  const mark = await readBack.mark(key)
  expect(mark).toHaveLength(1)
  expect(await readBack.since(mark, ['ct.1', 'ct.2'])).toEqual(new Set())
  await writer.write([
    ...Array.from({ length: 50 }, (_, n) => event(`y.${n}`, `other-${n}`)),
    event('ct.2', key),
    event('ct.3', key),
  ])
  expect(await readBack.since(mark, ['ct.1', 'ct.2', 'ct.3', 'ct.4'])).toEqual(new Set(['ct.2', 'ct.3']))
})
