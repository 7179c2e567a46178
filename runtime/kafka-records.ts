// How are Kafka's records read without an object for each? Record batches stay packed until they are read, record by record, in place.
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { EachBatchPayload, IHeaders } from 'kafkajs'

/** Bytes before the records of a batch: base offset to number of records (Kafka protocol, RecordBatch, magic 2). */
const HEADER_BYTES = 61
/** Of these, the bytes that the field `batchLength` does not count. */
const UNCOUNTED_BYTES = 12
const MAGIC = 2

const CODEC_MASK = 0x07
const LOG_APPEND_TIME = 0x08
const TRANSACTIONAL = 0x10
const CONTROL = 0x20

/** In large pieces: a batch of logs unpacks to megabytes, and the default of 16 KiB would make a hundred buffers of it. What is small gets a small one. */
const CHUNK_BYTES = 1024 * 1024
const LEAST_CHUNK_BYTES = 4 * 1024
/** Logs unpack to about ten times as much. */
const USUAL_RATIO = 12
/** A batch is a megabyte on the wire at most. More than this is a bomb. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024
const nothing = Buffer.alloc(0)

/**
 * One record batch as the broker stored it. To kafkajs it is a message, so it has the properties that kafkajs looks at: the offset of its last
 * record, which is what a consumer goes on behind; whether it is a control record; its producer.
 */
export class RecordBatch {
  readonly #bytes: Buffer
  readonly #attributes: number
  /** Offset of the first record as it was produced; compaction may have removed it. */
  readonly baseOffset: number
  readonly lastOffset: number
  readonly batchContext: { producerId: string; inTransaction: boolean }

  /** `bytes` from the base offset to the end of the batch. Throws on a format older than Kafka 0.11. */
  constructor(bytes: Buffer) {
    const magic = bytes.readInt8(16)
    if (magic !== MAGIC) throw new Error(`Kafka record format ${magic} is not supported, only ${MAGIC}`)
    this.#bytes = bytes
    this.#attributes = bytes.readInt16BE(21)
    this.baseOffset = int64(bytes, 0)
    this.lastOffset = this.baseOffset + bytes.readInt32BE(23)
    this.batchContext = {
      producerId: bytes.readBigInt64BE(43).toString(),
      inTransaction: (this.#attributes & TRANSACTIONAL) !== 0,
    }
  }

  /** Offset of the last record, as kafkajs writes offsets. */
  get offset(): string {
    return String(this.lastOffset)
  }

  get isControlRecord(): boolean {
    return (this.#attributes & CONTROL) !== 0
  }

  /** The key of a control batch's one record says whether the transaction was aborted. */
  get key(): Buffer | null {
    if (!this.isControlRecord) return null
    const cursor = new RecordCursor([this], 0)
    return cursor.next() ? cursor.key : null
  }

  get count(): number {
    return this.#bytes.readInt32BE(57)
  }

  get firstTimestamp(): number {
    return int64(this.#bytes, 27)
  }

  /** Time at which the broker took the batch, if the topic keeps that rather than the producer's times; else undefined. */
  get appendTime(): number | undefined {
    return (this.#attributes & LOG_APPEND_TIME) === 0 ? undefined : int64(this.#bytes, 35)
  }

  /** Whether `unpack` makes new memory. */
  get isPacked(): boolean {
    return (this.#attributes & CODEC_MASK) !== 0
  }

  /** The records, unpacked. Throws on a codec other than none, gzip and zstd: topics are created with `compression.type=zstd`. */
  unpack(): Buffer {
    const packed = this.#bytes.subarray(HEADER_BYTES)
    const codec = this.#attributes & CODEC_MASK
    const chunkSize = Math.min(CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, packed.length * USUAL_RATIO))
    const options = { chunkSize, maxOutputLength: MAX_UNPACKED_BYTES }
    if (codec === 0) return packed
    if (codec === 1) return gunzipSync(packed, options)
    if (codec === 4) return zstdDecompressSync(packed, options)
    throw new Error(`Kafka compression codec ${codec} is not supported: set compression.type=zstd on the topic`)
  }
}

/**
 * Goes through the records of some batches in order, one at a time. The cursor itself is the record: its properties are those of the record
 * reached by the last `next()`. Buffers handed out are views of the unpacked batch: with `frees` they are gone with the batch, so copy what is kept.
 */
export class RecordCursor {
  /** Offset of this record. */
  offset = -1
  readonly #batches: readonly RecordBatch[]
  readonly #from: number
  readonly #frees: boolean
  #batch: RecordBatch | undefined
  #nextBatch = 0
  #left = 0
  #bytes: Buffer = nothing
  #position = 0
  #timestampDelta = 0
  #keyAt = 0
  #keyLength = -1
  #valueAt = 0
  #valueLength = -1
  #headersAt = 0
  #end = 0
  #value: Buffer | null | undefined

  /**
   * Records before offset `from` are skipped: the broker answers with whole batches. `frees`: the memory of a batch is given back as soon as the
   * cursor leaves it; left to the garbage collector, megabytes outside its heap make it mark the whole heap again and again.
   */
  constructor(batches: readonly RecordBatch[], from: number, frees = false) {
    this.#batches = batches
    this.#from = from
    this.#frees = frees
  }

  /** Offset behind which reading goes on; -1 without batches. Also counts records that compaction has removed. */
  get lastOffset(): number {
    return this.#batches.at(-1)?.lastOffset ?? -1
  }

  /** Back to before the first record. */
  rewind(): void {
    this.#nextBatch = 0
    this.#left = 0
    this.#value = undefined
  }

  /** Goes to the next record; false if there is none. */
  next(): boolean {
    do {
      while (this.#left === 0) {
        const batch = this.#batches[this.#nextBatch]
        if (batch === undefined) {
          this.#release()
          return false
        }
        this.#nextBatch += 1
        if (batch.lastOffset < this.#from) continue
        this.#release()
        this.#batch = batch
        this.#bytes = batch.unpack()
        this.#position = 0
        this.#left = batch.count
      }
      this.#left -= 1
      this.#readRecord()
    } while (this.offset < this.#from)
    return true
  }

  get timestamp(): number {
    const batch = this.#batch as RecordBatch
    return batch.appendTime ?? batch.firstTimestamp + this.#timestampDelta
  }

  get key(): Buffer | null {
    return this.#keyLength < 0 ? null : this.#bytes.subarray(this.#keyAt, this.#keyAt + this.#keyLength)
  }

  get value(): Buffer | null {
    this.#value ??=
      this.#valueLength < 0 ? null : this.#bytes.subarray(this.#valueAt, this.#valueAt + this.#valueLength)
    return this.#value
  }

  /** Value of the header `name` (ASCII) as one byte a character; undefined unless there is exactly one with a value. */
  header(name: string): string | undefined {
    let found: string | undefined
    this.#position = this.#headersAt
    for (let left = this.#varint(); left > 0; left -= 1) {
      const keyLength = this.#varint()
      const keyAt = this.#position
      this.#position += keyLength
      const length = this.#varint()
      const at = this.#position
      if (length > 0) this.#position += length
      if (!this.#isAt(name, keyAt, keyLength)) continue
      if (found !== undefined || length < 0) {
        found = undefined
        break
      }
      found = this.#bytes.toString('latin1', at, at + length)
    }
    this.#position = this.#end
    return found
  }

  /** All headers in an object of their own; one that comes several times as a list. */
  get headers(): IHeaders {
    const headers: IHeaders = {}
    this.#position = this.#headersAt
    for (let left = this.#varint(); left > 0; left -= 1) {
      const keyLength = this.#varint()
      const name = this.#bytes.toString('utf8', this.#position, this.#position + keyLength)
      this.#position += keyLength
      const length = this.#varint()
      const value = length < 0 ? undefined : this.#bytes.subarray(this.#position, this.#position + length)
      if (length > 0) this.#position += length
      const before = Object.hasOwn(headers, name) ? headers[name] : undefined
      const list = before === undefined ? undefined : [before, ...(value === undefined ? [] : [value])].flat()
      // Defined, not assigned: a sender chooses the names, and one of them is __proto__.
      Object.defineProperty(headers, name, {
        value: list ?? value,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    this.#position = this.#end
    return headers
  }

  /** Lets go of the unpacked bytes. */
  #release(): void {
    const { buffer, byteOffset } = this.#bytes
    // Never memory that others share: small buffers are cut from a pool, which is a little larger than its size says.
    if (this.#frees && this.#batch?.isPacked === true && byteOffset === 0 && buffer.byteLength > 2 * Buffer.poolSize) {
      if (buffer instanceof ArrayBuffer) buffer.transfer(0)
    }
    this.#bytes = nothing
  }

  /** Record => length attributes timestampDelta offsetDelta key value [headers], numbers as zigzag varints. */
  #readRecord(): void {
    const length = this.#varint()
    this.#end = this.#position + length
    if (length < 0 || this.#end > this.#bytes.length) throw new Error('a Kafka record is longer than its batch')
    this.#position += 1
    this.#timestampDelta = this.#varint()
    this.offset = (this.#batch as RecordBatch).baseOffset + this.#varint()
    this.#keyLength = this.#varint()
    this.#keyAt = this.#position
    if (this.#keyLength > 0) this.#position += this.#keyLength
    this.#valueLength = this.#varint()
    this.#valueAt = this.#position
    if (this.#valueLength > 0) this.#position += this.#valueLength
    this.#headersAt = this.#position
    this.#position = this.#end
    this.#value = undefined
  }

  /** A zigzag varint of up to 53 bits. */
  #varint(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#position++] as number
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let value = byte & 0x7f
    let factor = 0x80
    do {
      byte = bytes[this.#position++] as number
      value += (byte & 0x7f) * factor
      factor *= 0x80
    } while (byte >= 0x80)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #isAt(name: string, at: number, length: number): boolean {
    if (length !== name.length) return false
    for (let i = 0; i < length; i += 1) if (this.#bytes[at + i] !== name.charCodeAt(i)) return false
    return true
  }
}

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
}

/** What kafkajs hands to the decoder of a fetch answer: the bytes from the size of the record set on. */
interface Decoder {
  readInt32(): number
  canReadBytes(length: number): boolean
  readBytes(length: number): Buffer
}

/** The record batches of a fetch answer for one partition. The last one may be cut by the size of the answer and is then fetched again. */
export function decodeRecordSet(decoder: Decoder): Promise<RecordBatch[]> {
  const size = decoder.readInt32()
  const batches: RecordBatch[] = []
  if (size <= 0 || !decoder.canReadBytes(size)) return Promise.resolve(batches)
  const bytes = decoder.readBytes(size)
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) {
    const end = at + UNCOUNTED_BYTES + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    batches.push(new RecordBatch(bytes.subarray(at, end)))
    at = end
  }
  return Promise.resolve(batches)
}

/** kafkajs takes our record batches for messages and hands them on; the offset that it asked for is not in its types. */
export function cursorOf(batch: EachBatchPayload['batch'], frees = false): RecordCursor {
  const { messages, fetchedOffset } = batch as unknown as { messages: RecordBatch[]; fetchedOffset: string }
  return new RecordCursor(messages, Number(fetchedOffset), frees)
}
