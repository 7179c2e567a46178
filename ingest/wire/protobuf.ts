// How is a protobuf message read without a library? Field by field, in place (Protocol Buffers, "Encoding"): bounded, and nothing is built.
import { HttpError } from '../http/errors.ts'

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/**
 * Goes through the fields of a message. The reader itself is the field reached by the last `next()`; unknown ones are passed over by
 * asking nothing of them. Throws BODY_BROKEN for bytes that are no message.
 */
export class ProtobufReader {
  /** Number of the field. */
  field = 0
  private readonly bytes: Buffer
  private readonly end: number
  private at: number
  private type = -1
  private valueAt = 0
  private valueEnd = 0

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = start
    this.end = end
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.at >= this.end) return false
    const tag = Number(this.varint())
    this.field = Math.floor(tag / 8)
    this.type = tag % 8
    if (this.field === 0) throw broken()
    let length = 0
    this.valueAt = this.at
    if (this.type === VARINT) this.varint()
    else if (this.type === FIXED64) length = 8
    else if (this.type === FIXED32) length = 4
    else if (this.type === BYTES) {
      length = Number(this.varint())
      this.valueAt = this.at
    } else throw broken()
    if (length > this.end - this.at) throw broken()
    this.at += length
    this.valueEnd = this.at
    return true
  }

  /** The message in this field. */
  message(): ProtobufReader {
    this.expect(BYTES)
    return new ProtobufReader(this.bytes, this.valueAt, this.valueEnd)
  }

  text(): string {
    this.expect(BYTES)
    return this.bytes.toString('utf8', this.valueAt, this.valueEnd)
  }

  data(): Buffer {
    this.expect(BYTES)
    return this.bytes.subarray(this.valueAt, this.valueEnd)
  }

  /** int64, uint64, int32, bool or an enum, as 64 bits with a sign. */
  integer(): bigint {
    this.expect(VARINT)
    const after = this.at
    this.at = this.valueAt
    const value = BigInt.asIntN(64, this.varint())
    this.at = after
    return value
  }

  fixed64(): bigint {
    this.expect(FIXED64)
    return this.bytes.readBigUInt64LE(this.valueAt)
  }

  fixed32(): number {
    this.expect(FIXED32)
    return this.bytes.readUInt32LE(this.valueAt)
  }

  double(): number {
    this.expect(FIXED64)
    return this.bytes.readDoubleLE(this.valueAt)
  }

  private expect(type: number): void {
    if (this.type !== type) throw broken()
  }

  private varint(): bigint {
    let low = 0
    let factor = 1
    for (let bytes = 0; bytes < 10 && this.at < this.end; bytes++) {
      const byte = this.bytes[this.at++] ?? 0
      // Up to 49 bits fit a number; the three bytes beyond are rare.
      if (bytes === 7) return this.longVarint(BigInt(low), byte)
      low += (byte & 0x7f) * factor
      if (byte < 0x80) return BigInt(low)
      factor *= 0x80
    }
    throw broken()
  }

  private longVarint(low: bigint, eighth: number): bigint {
    let value = low
    let byte = eighth
    for (let shift = 49n; shift < 70n; shift += 7n) {
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
      if (this.at >= this.end) break
      byte = this.bytes[this.at++] ?? 0
    }
    throw broken()
  }
}

function broken(): HttpError {
  return new HttpError('BODY_BROKEN', { encoding: 'protobuf' })
}

/** Writes the few fields that answers have. */
export function protobufField(field: number, value: number | string): Buffer {
  if (typeof value === 'number') return Buffer.from([...varintOf(field * 8 + VARINT), ...varintOf(value)])
  const text = Buffer.from(value)
  return Buffer.concat([Buffer.from([...varintOf(field * 8 + BYTES), ...varintOf(text.length)]), text])
}

/** A message inside a message. */
export function protobufMessage(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varintOf(field * 8 + BYTES), ...varintOf(content.length)]), content])
}

function varintOf(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return bytes
}
