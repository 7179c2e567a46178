// Does what we write reach Kafka as kafkajs would have written it? Held byte by byte against its own encoder, which this process leaves in place.
import { createRequire } from 'node:module'
import { zstdDecompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { createPartitioner, groupByPartition, murmur2 } from '../../runtime/kafka-partitioner.ts'
import { type ProduceOptions, produceRequest, ZSTD } from '../../runtime/kafka-produce.ts'
import { RecordBatch, RecordCursor } from '../../runtime/kafka-records.ts'

const require = createRequire(import.meta.url)
const kafkajsRequest = require('kafkajs/src/protocol/requests/produce/v3/request')
const kafkajsGroups = require('kafkajs/src/producer/groupMessagesPerPartition')
const kafkajsMurmur2 = require('kafkajs/src/producer/partitioners/default/murmur2')
const kafkajsPartitioner = require('kafkajs/src/producer/partitioners/default')

const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }))
const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array))
// kafkajs mixes up names such as __proto__, and so does an object.
const name = fc.string({ minLength: 1, maxLength: 8 }).filter((found) => !(found in {}))
const message = fc.record({
  key: text,
  value: fc.option(bytes),
  headers: fc.dictionary(name, fc.oneof(text, bytes, fc.array(text, { minLength: 1, maxLength: 3 })), { maxKeys: 3 }),
})
const options = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(60_000),
  transactionalId: fc.option(fc.string({ minLength: 1, maxLength: 10 })),
  producerId: fc.nat().map(String),
  producerEpoch: fc.nat(1_000),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 12 }),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(11),
          firstSequence: fc.nat(),
          messages: fc.array(message, { minLength: 1, maxLength: 150 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
})

test('a produce request is the same as that of kafkajs, byte by byte', async () => {
  vi.useFakeTimers({ now: 1_732_665_600_123, toFake: ['Date'] })
  try {
    await fc.assert(
      fc.asyncProperty(options, async (found) => {
        const all = { ...found, compression: 0 }
        const ours = produceRequest(all)
        const theirs = kafkajsRequest(all)
        expect([ours.apiKey, ours.apiVersion, ours.apiName, ours.expectResponse()]).toEqual([
          theirs.apiKey,
          theirs.apiVersion,
          theirs.apiName,
          theirs.expectResponse(),
        ])
        const [mine, other] = await Promise.all([ours.encode(), theirs.encode()])
        expect(mine.size()).toBe(other.size())
        expect(mine.buffer.equals(other.buffer)).toBe(true)
      }),
      { numRuns: 200 },
    )
  } finally {
    vi.useRealTimers()
  }
})

test('packed records are read back whole, also when many requests are written at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(message, { minLength: 1, maxLength: 40 }), { maxLength: 8 }), async (groups) => {
      const requests = groups.map((messages) => produceRequest(produceOf(messages)).encode())
      for (const [n, request] of requests.entries()) {
        const cursor = new RecordCursor([batchIn((await request).buffer)], 0)
        const found: unknown[] = []
        while (cursor.next()) found.push([cursor.key?.toString(), cursor.value, Object.keys(cursor.headers)])
        expect(found).toEqual(
          groups[n]?.map(({ key, value, headers }) => [Buffer.from(key).toString(), value, Object.keys(headers)]),
        )
      }
    }),
    { numRuns: 100 },
  )
})

test('a page of logs is packed, and its checksum is that of what was packed', async () => {
  const value = Buffer.from('203.0.113.7 - - [27/Nov/2024:08:00:00 +0700] "GET /hasil HTTP/1.1" 200 512\n'.repeat(40))
  const messages = Array.from({ length: 500 }, (_, n) => ({ key: `k${n}`, value, headers: { siaga: `${n}` } }))
  const { buffer } = await produceRequest(produceOf(messages)).encode()
  expect(buffer.length).toBeLessThan(value.length * 50)
  const packed = batchBytes(buffer)
  const crc32c = require('kafkajs/src/protocol/recordBatch/crc32C')
  expect(packed.readUInt32BE(17)).toBe(crc32c(packed.subarray(21)))
  expect(zstdDecompressSync(packed.subarray(61)).length).toBeGreaterThan(value.length * 500)
})

test('a codec that the broker would not read is refused', async () => {
  const request = produceRequest({ ...produceOf([{ key: 'a', value: null, headers: {} }]), compression: 2 })
  await expect(request.encode()).rejects.toThrow('not with codec 2')
})

test('a key has the partition that Java and kafkajs give it', () => {
  // From the tests of Apache Kafka's Utils.murmur2.
  expect(murmur2('21')).toBe(-973_932_308)
  expect(murmur2('foobar')).toBe(-790_332_482)
  expect(murmur2('a-little-bit-long-string')).toBe(-985_981_536)
  const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({ partitionId, leader: 1 }))
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ maxLength: 2_000, unit: 'grapheme' })), (key) => {
      expect(murmur2(key)).toBe(kafkajsMurmur2(key))
      const assignment = { topic: 't', partitionMetadata, message: { key } }
      expect(createPartitioner()(assignment)).toBe(kafkajsPartitioner()(assignment))
    }),
    { numRuns: 500 },
  )
})

test('messages are grouped as kafkajs groups them', () => {
  const partitionMetadata = Array.from({ length: 5 }, (_, partitionId) => ({ partitionId, leader: 1 }))
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const asked = { topic: 't', partitionMetadata, messages, partitioner: createPartitioner() }
      expect(groupByPartition(asked)).toEqual(kafkajsGroups(asked))
    }),
  )
  expect(groupByPartition({ topic: 't', partitionMetadata: [], messages: [1], partitioner: () => 0 })).toEqual({})
})

type Messages = ProduceOptions['topicData'][number]['partitions'][number]['messages']

function produceOf(messages: Messages): ProduceOptions {
  return {
    acks: -1,
    timeout: 30_000,
    producerId: '7',
    producerEpoch: 0,
    compression: ZSTD,
    topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages }] }],
  }
}

/** The one batch of a request for topic `t`: behind id, acks, timeout, topics, name, partitions, partition and size. */
function batchBytes(request: Buffer): Buffer {
  return request.subarray(2 + 2 + 4 + 4 + 3 + 4 + 4 + 4)
}

function batchIn(request: Buffer): RecordBatch {
  return new RecordBatch(batchBytes(request))
}
