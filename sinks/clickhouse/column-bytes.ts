// How are values written as ClickHouse's Native format wants them? One growing buffer for each stream of a column.

/** The bytes of one stream of a column: its values one behind the other, little-endian, strings with a varint length before them. */
export class ColumnBytes {
  buffer: Buffer
  position = 0
  /** False while every row so far was blank: nothing has been written then. */
  used = false
  /** Elements in an array column so far; its offsets count them. */
  elements = 0
  /** Bytes of a blank value. */
  readonly width: number

  constructor(width: number) {
    this.width = width
    this.buffer = Buffer.allocUnsafeSlow(1024)
  }

  clear(): void {
    this.position = 0
    this.elements = 0
    this.used = false
  }

  /** Writes the blank values of the rows before the first one that is not. */
  begin(rows: number): void {
    const bytes = rows * this.width
    this.reserve(bytes)
    this.buffer.fill(0, this.position, this.position + bytes)
    this.position += bytes
    this.used = true
  }

  reserve(n: number): void {
    const end = this.position + n
    if (end <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, end))
    this.buffer.copy(grown, 0, 0, this.position)
    this.buffer = grown
  }

  varint(value: number): void {
    this.reserve(5)
    let rest = value
    while (rest >= 0x80) {
      this.buffer[this.position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[this.position++] = rest
  }

  string(value: string): void {
    const length = value.length
    this.reserve(length * 3 + 5)
    if (length < 24) {
      // Short values are mostly ASCII words; a loop is cheaper than a call into the engine.
      const { buffer } = this
      const start = this.position + 1
      let i = 0
      for (; i < length; i += 1) {
        const code = value.charCodeAt(i)
        if (code > 0x7f) break
        buffer[start + i] = code
      }
      if (i === length) {
        buffer[this.position] = length
        this.position = start + length
        return
      }
    }
    const at = this.position
    this.varint(length)
    const start = this.position
    const written = this.buffer.write(value, start)
    if (written === length) {
      this.position = start + written
      return
    }
    // Not ASCII: the length prefix may be longer than reserved for; write both again.
    this.position = at
    this.varint(written)
    this.position += this.buffer.write(value, this.position)
  }

  raw(value: Buffer): void {
    this.reserve(value.length + 5)
    this.varint(value.length)
    value.copy(this.buffer, this.position)
    this.position += value.length
  }

  /** The first `length` bytes of a buffer as they are. */
  bytes(source: Buffer, length: number): void {
    this.reserve(length)
    source.copy(this.buffer, this.position, 0, length)
    this.position += length
  }

  uint8(value: number): void {
    this.reserve(1)
    this.buffer[this.position++] = value
  }

  uint16(value: number): void {
    this.reserve(2)
    this.buffer[this.position++] = value & 0xff
    this.buffer[this.position++] = (value >>> 8) & 0xff
  }

  uint32(value: number): void {
    this.reserve(4)
    const { buffer } = this
    buffer[this.position++] = value & 0xff
    buffer[this.position++] = (value >>> 8) & 0xff
    buffer[this.position++] = (value >>> 16) & 0xff
    buffer[this.position++] = (value >>> 24) & 0xff
  }

  /** A whole number up to 2^53, also negative, in 64 bits. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.uint32(value - high * 0x1_0000_0000)
    this.uint32(high)
  }

  /** The end of an array with `count` elements more than the one before. */
  offset(count: number): void {
    this.elements += count
    this.int64(this.elements)
  }
}
