// Are records read as the broker stored them? Held against kafkajs' own encoder and decoder, and against a real Kafka with transactions.
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test, vi } from 'vitest'
import { createKafka, type KafkaMessage } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import { RecordBatch, RecordCursor } from '../../runtime/kafka-records.ts'
import { loadKafka } from '../../runtime/kafkajs.ts'
import { silentLog } from '../../runtime/log.ts'
import { getServices } from '../services.ts'

const require = createRequire(import.meta.url)
const Decoder = require('kafkajs/src/protocol/decoder')
const Long = require('kafkajs/src/utils/long')
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0')
const { RecordBatch: encodeBatch } = require('kafkajs/src/protocol/recordBatch/v0')
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder')

interface Sent {
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, Buffer | Buffer[]>
}

/** A record batch by kafkajs' encoder, its records packed by us: kafkajs brings no zstd. */
async function batchOf(sent: Sent[], baseOffset: number, timestamp: number, codec: 0 | 1 | 4): Promise<Buffer> {
  const records = sent.map(({ key, value, headers }, i) =>
    encodeRecord({ offsetDelta: i, timestampDelta: i * 7, key, value, headers }),
  )
  const plain: Buffer = (
    await encodeBatch({
      firstOffset: Long.fromValue(baseOffset),
      firstTimestamp: timestamp,
      maxTimestamp: timestamp,
      lastOffsetDelta: sent.length - 1,
      records,
    })
  ).buffer
  if (codec === 0) return plain
  const packed = codec === 1 ? gzipSync(plain.subarray(61)) : zstdCompressSync(plain.subarray(61))
  const batch = Buffer.concat([plain.subarray(0, 61), packed])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE(codec, 21)
  return batch
}

/** Everything that is left of a cursor. */
function rest(cursor: RecordCursor): KafkaMessage[] {
  const all: KafkaMessage[] = []
  while (cursor.next()) {
    const { offset, timestamp, key, value, headers } = cursor
    all.push({ offset, timestamp, key, value, headers })
  }
  return all
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const sent = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(
    fc.string({ maxLength: 8 }),
    fc.oneof(bytes, fc.array(bytes, { minLength: 2, maxLength: 3 })),
    {
      maxKeys: 3,
    },
  ),
})

test('the version of kafkajs whose parts are replaced', () => {
  expect(require('kafkajs/package.json').version).toBe('2.2.4')
  const kafkajs = loadKafka()
  expect(kafkajs.Kafka).toBe(Kafka)
  const { parse } = require('kafkajs/src/protocol/requests/fetch/v11/response')
  expect(parse).toBeTypeOf('function')
  expect(String(require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages'))).toContain('RecordBatch(')
  expect(require('kafkajs/src/protocol/requests/produce/v3/request').name).toBe('produceRequest')
  expect(require('kafkajs/src/producer/groupMessagesPerPartition').name).toBe('groupByPartition')
})

test('every record is read as kafkajs would read it, whatever it holds and however it is packed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sent, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 2 ** 52 }),
      fc.integer({ min: 1, max: 8e15 }),
      fc.constantFrom(0 as const, 1 as const, 4 as const),
      async (records, baseOffset, timestamp, codec) => {
        const plain = await batchOf(records, baseOffset, timestamp, 0)
        const expected = (await decodeBatch(new Decoder(plain))).records.map((record: Record<string, unknown>) => ({
          offset: Number(record.offset),
          timestamp: Number(record.timestamp),
          key: record.key,
          value: record.value,
        }))
        const batch = new RecordBatch(await batchOf(records, baseOffset, timestamp, codec))
        const found = rest(new RecordCursor([batch], 0))
        expect(found.map(({ headers: _, ...record }) => record)).toEqual(expected)
        // Not held against kafkajs, which mixes up names such as valueOf and __proto__.
        expect(found.map(({ headers }) => Object.entries(headers))).toEqual(
          records.map(({ headers }) => Object.entries(headers)),
        )
        expect(batch.offset).toBe(String(baseOffset + records.length - 1))
      },
    ),
    { numRuns: 300 },
  )
})

test('a header that is there once is text, one that is missing, double or empty of value is not', async () => {
  const headers = { once: Buffer.from('a\tb'), twice: [Buffer.from('1'), Buffer.from('2')], onc: Buffer.from('x') }
  const cursor = new RecordCursor(
    [new RecordBatch(await batchOf([{ key: null, value: Buffer.from('v'), headers }], 5, 1, 4))],
    0,
  )
  expect(cursor.next()).toBe(true)
  expect(cursor.header('once')).toBe('a\tb')
  expect(cursor.header('twice')).toBeUndefined()
  expect(cursor.header('never')).toBeUndefined()
  expect(cursor.value?.toString()).toBe('v')
  expect(cursor.next()).toBe(false)
})

test('reading begins at the offset asked for, goes over batch ends, and can be repeated', async () => {
  const of = (from: number, n: number) =>
    batchOf(
      Array.from({ length: n }, (_, i) => ({ key: null, value: Buffer.from(String(from + i)), headers: {} })),
      from,
      1,
      4,
    )
  const batches = [await of(10, 5), await of(15, 5), await of(30, 2)].map((batch) => new RecordBatch(batch))
  const cursor = new RecordCursor(batches, 17)
  const first = rest(cursor).map(({ value }) => String(value))
  expect(first).toEqual(['17', '18', '19', '30', '31'])
  expect(cursor.lastOffset).toBe(31)
  cursor.rewind()
  expect(rest(cursor).map(({ value }) => String(value))).toEqual(first)
})

test('a batch that is cut, unpacks without end or is packed with another codec is an error and no memory', async () => {
  const good = await batchOf([{ key: null, value: Buffer.alloc(100), headers: {} }], 0, 1, 0)
  const cut = Buffer.from(good.subarray(0, good.length - 20))
  expect(() => rest(new RecordCursor([new RecordBatch(cut)], 0))).toThrow('longer than its batch')
  const bomb = Buffer.concat([good.subarray(0, 61), zstdCompressSync(Buffer.alloc(200 * 1024 * 1024))])
  bomb.writeInt16BE(4, 21)
  expect(() => rest(new RecordCursor([new RecordBatch(bomb)], 0))).toThrow()
  const snappy = Buffer.from(good)
  snappy.writeInt16BE(2, 21)
  expect(() => rest(new RecordCursor([new RecordBatch(snappy)], 0))).toThrow('compression.type=zstd')
})

test('from a real Kafka: null and empty values, many fetches, transactions kept and aborted', async () => {
  const { brokers } = await getServices()
  const topic = `records-${process.pid}-${Date.now()}`
  const kafka = createKafka({ brokers, clientId: 'records-test', log: silentLog })
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics([{ topic, partitions: 1, replication: 1, config: { 'compression.type': 'zstd' } }])
  const producer = createBatchingProducer(kafka, silentLog)
  await producer.send(
    topic,
    Array.from({ length: 5_000 }, (_, i) => ({
      key: `k${i}`,
      value: i % 100 === 0 ? null : i % 100 === 1 ? Buffer.alloc(0) : Buffer.from(`v${i}-${'x'.repeat(i % 500)}`),
      headers: { n: String(i) },
    })),
  )
  // Two transactions that overlap, one of them aborted, by kafkajs itself.
  const foreign = new Kafka({ brokers, clientId: 'records-foreign', logLevel: logLevel.NOTHING })
  const [keep, drop] = ['keep', 'drop'].map((name) =>
    foreign.producer({ transactionalId: `${topic}-${name}`, idempotent: true, maxInFlightRequests: 1 }),
  )
  if (keep === undefined || drop === undefined) throw new Error('two producers were asked for')
  await Promise.all([keep.connect(), drop.connect()])
  const [kept, dropped] = [await keep.transaction(), await drop.transaction()]
  for (let i = 0; i < 3; i += 1) {
    await dropped.send({ topic, messages: [{ key: 'aborted', value: `no ${i}` }] })
    await kept.send({ topic, messages: [{ key: 'committed', value: `yes ${i}` }] })
  }
  await dropped.abort()
  await kept.commit()
  await Promise.all([keep.disconnect(), drop.disconnect()])
  await producer.send(topic, [{ key: 'last', value: Buffer.from('last'), headers: {} }])

  // The broker ends transactions after it has answered: six records, two markers, and the last one.
  await expect.poll(async () => (await admin.offsets(topic))[0]?.high, { timeout: 20_000 }).toBe(5_009)
  const seen: KafkaMessage[] = []
  await kafka.readAll(topic, (message) => seen.push(message))
  await producer.close()
  await admin.deleteTopic(topic)
  await admin.disconnect()

  const ours = seen.slice(0, 5_000)
  expect(ours.map(({ offset }) => offset)).toEqual(Array.from({ length: 5_000 }, (_, i) => i))
  for (const [i, message] of ours.entries()) {
    expect(String(message.key)).toBe(`k${i}`)
    expect(message.value === null ? null : message.value.length).toBe(
      i % 100 === 0 ? null : i % 100 === 1 ? 0 : `v${i}-`.length + (i % 500),
    )
    expect(String(message.headers.n)).toBe(String(i))
  }
  expect(seen.slice(5_000).map(({ value }) => String(value))).toEqual(['yes 0', 'yes 1', 'yes 2', 'last'])
})

test('two topics are read at the same moment, each to its end', async () => {
  const { brokers } = await getServices()
  const names = ['one', 'other'].map((name) => `at-once-${process.pid}-${Date.now()}-${name}`)
  const kafka = createKafka({ brokers, clientId: 'at-once-test', log: silentLog })
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics(names.map((topic) => ({ topic, partitions: 1, replication: 1, config: {} })))
  const producer = createBatchingProducer(kafka, silentLog)
  for (const topic of names) await producer.send(topic, [{ key: 'k', value: Buffer.from(topic), headers: {} }])
  // The clock stands still: what is told apart by the time alone would be one.
  vi.useFakeTimers({ toFake: ['Date'] })
  const read = names.map(async (topic) => {
    const seen: string[] = []
    await kafka.readAll(topic, ({ value }) => seen.push(String(value)))
    return seen
  })
  const all = await Promise.all(read).finally(() => vi.useRealTimers())
  expect(all).toEqual(names.map((topic) => [topic]))
  await producer.close()
  for (const topic of names) await admin.deleteTopic(topic)
  await admin.disconnect()
})

test('reading all of a topic ends although its records are deleted meanwhile', async () => {
  const { brokers } = await getServices()
  const topic = `deleted-${process.pid}-${Date.now()}`
  const kafka = createKafka({ brokers, clientId: 'deleted-test', log: silentLog })
  const admin = await kafka.connectAdmin()
  await admin.ensureTopics([{ topic, partitions: 1, replication: 1, config: { 'compression.type': 'zstd' } }])
  const producer = createBatchingProducer(kafka, silentLog)
  await producer.send(topic, [{ key: 'k', value: Buffer.from('v'), headers: {} }])
  const reading = kafka.readAll(topic, () => undefined)
  // Joining a group takes longer than to ask where the topic ends.
  await sleep(50)
  await admin.deleteRecords(topic, [{ partition: 0, offset: 1 }])
  await reading
  expect(await admin.offsets(topic)).toEqual([{ partition: 0, low: 1, high: 1 }])
  await producer.close()
  await admin.deleteTopic(topic)
  await admin.disconnect()
})

test('a cursor that frees gives the memory of each batch back, and one that does not leaves its views alone', async () => {
  const of = (from: number) =>
    batchOf(
      Array.from({ length: 100 }, (_, i) => ({ key: null, value: Buffer.alloc(2_000, from + i), headers: {} })),
      from,
      1,
      4,
    )
  const batches = [await of(0), await of(100)].map((batch) => new RecordBatch(batch))
  const views: Buffer[] = []
  const kept = new RecordCursor(batches, 0)
  while (kept.next()) if (kept.value !== null) views.push(kept.value)
  expect(views.every((view, i) => view.length === 2_000 && view[7] === i)).toBe(true)

  const freed: Buffer[] = []
  const cursor = new RecordCursor(batches, 0, true)
  while (cursor.next()) {
    expect(cursor.value?.[7]).toBe(cursor.offset)
    if (cursor.value !== null) freed.push(cursor.value)
  }
  expect(freed.every(({ length }) => length === 0)).toBe(true)
  // Read again from the packed bytes, which are not touched.
  cursor.rewind()
  expect(cursor.next() && cursor.value?.[7]).toBe(0)
})

test('a cursor that frees leaves the memory alone that small batches share with everybody', async () => {
  const batches: RecordBatch[] = []
  for (let size = 100; size < 40_000; size = Math.ceil(size * 1.2))
    batches.push(new RecordBatch(await batchOf([{ key: null, value: Buffer.alloc(size, 7), headers: {} }], 0, 1, 4)))
  // Whichever batch is first in a new piece of the pool begins where that begins.
  for (let turn = 0; turn < 50; turn += 1)
    for (const batch of batches) {
      const cursor = new RecordCursor([batch], 0, true)
      expect(cursor.next() && cursor.value?.at(-1)).toBe(7)
      const others = Buffer.allocUnsafe(3_000).fill(turn)
      expect(cursor.next()).toBe(false)
      expect(others.every((byte) => byte === turn)).toBe(true)
    }
})
