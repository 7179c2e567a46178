// How are messages written as Kafka's records without an object for each? One buffer for a partition's records, packed as a whole.
import { createRequire } from 'node:module'
import { packZstd } from './zstd.ts'

const require = createRequire(import.meta.url)
const crc32c = require('kafkajs/src/protocol/recordBatch/crc32C') as (bytes: Buffer) => number

type HeaderValue = Buffer | string | null | undefined

/** A message as kafkajs hands it on. */
interface Message {
  readonly key: string | Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
}

/** The part of a produce request that goes to one partition. */
interface PartitionData {
  readonly partition: number
  readonly messages: readonly Message[]
  /** Sequence number of the first message, from which the broker knows a repeat. */
  readonly firstSequence: number
}

/** What kafkajs' producer asks of the protocol. */
export interface ProduceOptions {
  readonly acks: number
  /** Milliseconds in which the broker must have what it needs to acknowledge. */
  readonly timeout: number
  readonly transactionalId?: string | null
  readonly producerId: unknown
  readonly producerEpoch: number
  readonly compression: number
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionData[] }[]
}

/** What kafkajs copies into its requests: it looks at these names alone. */
interface Encoded {
  readonly buf: Buffer
  readonly buffer: Buffer
  size(): number
}

const API_KEY_PRODUCE = 0
/** Bytes of a batch before its records (Kafka protocol, RecordBatch, magic 2); of these `batchLength` does not count the first twelve. */
const HEADER_BYTES = 61
const UNCOUNTED_BYTES = 12
/** The checksum covers what stands behind it, from the attributes on. */
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const MAGIC = 2
const TRANSACTIONAL = 0x10
const PLAIN = 0
/** Number of the codec in which all of us pack records. */
export const ZSTD = 4
/** Lengths, deltas and counts of a record, each at its longest. */
const RECORD_OVERHEAD = 40
const STRING_OVERHEAD = 10

/**
 * A produce request, version 3 to 8 (they differ in the answer): the same as kafkajs' own, which makes of each record two buffers of 512 bytes
 * and several big integers. Records are stamped with the time at which they are encoded.
 */
export function produceRequest(options: ProduceOptions) {
  const { acks } = options
  return {
    apiKey: API_KEY_PRODUCE,
    apiVersion: 3,
    apiName: 'Produce',
    expectResponse: () => acks !== 0,
    encode: () => encode(options),
  }
}

async function encode(options: ProduceOptions): Promise<Encoded> {
  const { acks, timeout, transactionalId = null, topicData } = options
  const parts: Buffer[] = [nullableString(transactionalId), int16(acks), int32(timeout), int32(topicData.length)]
  for (const { topic, partitions } of topicData) {
    parts.push(nullableString(topic), int32(partitions.length))
    for (const data of partitions) {
      const batch = await encodeBatch(data, options)
      parts.push(int32(data.partition), int32(batch.length), batch)
    }
  }
  const buffer = Buffer.concat(parts)
  return { buf: buffer, buffer, size: () => buffer.length }
}

/** Buffers of records that wait for the next request: megabytes outside the heap would make V8 mark the whole heap time and again. */
const spare: Buffer[] = []
const MAX_SPARE = 2
const MAX_SPARE_BYTES = 8 * 1024 * 1024

async function encodeBatch(data: PartitionData, options: ProduceOptions): Promise<Buffer> {
  const { messages, firstSequence } = data
  const { compression, transactionalId, producerId, producerEpoch } = options
  if (compression !== PLAIN && compression !== ZSTD)
    throw new Error(`records are packed with zstd or not at all, not with codec ${compression}`)
  const now = BigInt(Date.now())
  const room = roomFor(messages)
  const plain = takeRoom(room)
  let batch: Buffer
  try {
    const length = writeRecords(plain, messages)
    const records = plain.subarray(0, length)
    const packed = compression === PLAIN ? records : await packZstd(records)
    batch = Buffer.allocUnsafe(HEADER_BYTES + packed.length)
    packed.copy(batch, HEADER_BYTES)
  } finally {
    giveBack(plain)
  }
  batch.writeBigInt64BE(0n, 0)
  batch.writeInt32BE(batch.length - UNCOUNTED_BYTES, 8)
  batch.writeInt32BE(0, 12) // epoch of the partition's leader: the broker writes it
  batch.writeInt8(MAGIC, 16)
  batch.writeInt16BE(compression | (transactionalId ? TRANSACTIONAL : 0), ATTRIBUTES_AT)
  batch.writeInt32BE(messages.length - 1, 23)
  batch.writeBigInt64BE(now, 27)
  batch.writeBigInt64BE(now, 35)
  batch.writeBigInt64BE(BigInt(String(producerId)), 43)
  batch.writeInt16BE(producerEpoch, 51)
  batch.writeInt32BE(firstSequence, 53)
  batch.writeInt32BE(messages.length, 57)
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
  return batch
}

function takeRoom(bytes: number): Buffer {
  const at = spare.findIndex(({ length }) => length >= bytes)
  return at < 0 ? Buffer.allocUnsafeSlow(bytes) : (spare.splice(at, 1)[0] as Buffer)
}

function giveBack(buffer: Buffer): void {
  if (buffer.length > MAX_SPARE_BYTES) return
  spare.push(buffer)
  if (spare.length <= MAX_SPARE) return
  // The smallest goes: what is large enough for it is large enough for all.
  spare.sort((a, b) => b.length - a.length)
  spare.pop()
}

/** Bytes that the records take at most: a UTF-16 unit is three bytes of UTF-8 at the longest. */
function roomFor(messages: readonly Message[]): number {
  let bytes = 0
  for (const { key, value, headers } of messages) {
    bytes += RECORD_OVERHEAD + lengthAtMost(key) + (value?.length ?? 0)
    for (const name in headers) {
      const found = headers[name]
      bytes += (STRING_OVERHEAD + name.length * 3) * (Array.isArray(found) ? found.length : 1)
      if (Array.isArray(found)) for (const one of found) bytes += STRING_OVERHEAD + lengthAtMost(one)
      else bytes += STRING_OVERHEAD + lengthAtMost(found as HeaderValue)
    }
  }
  return bytes
}

function lengthAtMost(value: HeaderValue): number {
  return typeof value === 'string' ? value.length * 3 : (value?.length ?? 0)
}

/** Writes the records one behind the other; answers where they end. */
function writeRecords(into: Buffer, messages: readonly Message[]): number {
  let at = 0
  for (let n = 0; n < messages.length; n += 1) {
    const { key, value, headers } = messages[n] as Message
    // A record stands behind its length, which is known once it is written: it is written behind the longest length and moved.
    let end = at + MAX_VARINT
    into[end++] = 0 // attributes: none are defined
    into[end++] = 0 // milliseconds after the first record
    end = varint(into, end, n)
    end = writeBytes(into, end, key)
    end = writeBytes(into, end, value)
    end = writeHeaders(into, end, headers)
    const start = varint(into, at, end - at - MAX_VARINT)
    into.copyWithin(start, at + MAX_VARINT, end)
    at = start + (end - at - MAX_VARINT)
  }
  return at
}

const MAX_VARINT = 5

function writeHeaders(into: Buffer, from: number, headers: Message['headers']): number {
  let count = 0
  for (const name in headers) count += Array.isArray(headers[name]) ? headers[name].length : 1
  let at = varint(into, from, count)
  for (const name in headers) {
    const found = headers[name]
    for (const value of Array.isArray(found) ? (found as readonly HeaderValue[]) : [found as HeaderValue]) {
      at = writeBytes(into, at, name)
      at = writeBytes(into, at, value)
    }
  }
  return at
}

/** Length and bytes; length -1 for what is not there. */
function writeBytes(into: Buffer, from: number, value: HeaderValue): number {
  if (value === null || value === undefined) return varint(into, from, -1)
  if (typeof value !== 'string') {
    const at = varint(into, from, value.length)
    into.set(value, at)
    return at + value.length
  }
  // Mostly ASCII, whose bytes are as many as its characters.
  const at = varint(into, from, value.length)
  const written = into.write(value, at, 'utf8')
  if (written === value.length) return at + written
  const behind = varint(into, from, written)
  return behind + into.write(value, behind, 'utf8')
}

/** A number of 32 bits, zigzag, seven bits a byte; answers where it ends. */
function varint(into: Buffer, from: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let at = from
  while (rest >= 0x80) {
    into[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  into[at++] = rest
  return at
}

function nullableString(text: string | null): Buffer {
  if (text === null) return int16(-1)
  const bytes = Buffer.from(text)
  return Buffer.concat([int16(bytes.length), bytes])
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value)
  return bytes
}
