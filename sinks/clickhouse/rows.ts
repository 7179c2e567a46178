// How does an event become bytes? A RowBinary encoder compiled from the column table, writing into one growing buffer.
import { type Event, type EventColumn, eventColumns, type Factor } from '../../schemas/event.ts'

const INITIAL_BYTES = 1024 * 1024

/** Column list of the INSERT statement, in the order in which the encoder writes. */
export const insertColumns = Object.keys(eventColumns).join(', ')

/** Rows of one insert, encoded one behind the other. Reused: `clear` keeps the memory. */
export interface RowBuffer {
  /** Encodes an event. `message`, if given, is written as the message column in place of `event.message`. */
  append(event: Event, message: Buffer | null): void
  readonly rows: number
  readonly bytes: number
  /** Writes the landing time into every row: it is known only when the insert begins. */
  stamp(ingestedAt: number): void
  /** The encoded rows; valid until the next `append` or `clear`. */
  view(): Buffer
  clear(): void
}

/** Writes values of the RowBinary format at a position of a buffer. */
class RowWriter {
  buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  position = 0

  /** Makes room for n more bytes, and for all columns of fixed width behind them. */
  reserve(n: number): void {
    const end = this.position + n + FIXED_WIDTHS
    if (end <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, end))
    this.buffer.copy(grown, 0, 0, this.position)
    this.buffer = grown
  }

  varint(value: number): void {
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

  uint8(value: number): void {
    this.buffer[this.position++] = value
  }

  uint16(value: number): void {
    this.buffer[this.position++] = value & 0xff
    this.buffer[this.position++] = (value >>> 8) & 0xff
  }

  uint32(value: number): void {
    const { buffer } = this
    buffer[this.position++] = value & 0xff
    buffer[this.position++] = (value >>> 8) & 0xff
    buffer[this.position++] = (value >>> 16) & 0xff
    buffer[this.position++] = (value >>> 24) & 0xff
  }

  /** A whole number up to 2^53, also negative. */
  int64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000)
    this.uint32(value - high * 0x1_0000_0000)
    this.uint32(high)
  }

  strings(values: readonly string[]): void {
    this.reserve(5)
    this.varint(values.length)
    for (const value of values) this.string(value)
  }

  map(values: ReadonlyMap<string, string>): void {
    this.reserve(5)
    this.varint(values.size)
    if (values.size === 0) return
    for (const [key, value] of values) {
      this.string(key)
      this.string(value)
    }
  }

  factors(values: readonly Factor[]): void {
    this.reserve(5)
    this.varint(values.length)
    for (const { name, points, detail } of values) {
      this.string(name)
      this.uint32(points)
      this.string(detail)
    }
  }
}

/** More than all columns of fixed width of a row need: whoever writes something variable reserves this too, so that they need not ask. */
const FIXED_WIDTHS = Object.keys(eventColumns).length * 8

const writes: Record<(typeof eventColumns)[EventColumn]['type'], (column: string) => string> = {
  String: (c) => `w.string(e.${c})`,
  'LowCardinality(String)': (c) => `w.string(e.${c})`,
  UInt8: (c) => `w.uint8(e.${c})`,
  UInt16: (c) => `w.uint16(e.${c})`,
  UInt32: (c) => `w.uint32(e.${c})`,
  UInt64: (c) => `w.int64(e.${c})`,
  "DateTime64(3, 'UTC')": (c) => `w.int64(e.${c})`,
  DateTime: (c) => `w.uint32(e.${c} / 1000)`,
  'Array(String)': (c) => `w.strings(e.${c})`,
  'Map(String, String)': (c) => `w.map(e.${c})`,
  'Array(Tuple(name String, points Int32, detail String))': (c) => `w.factors(e.${c})`,
}

/** Where `ingested_at` lies in a row: the columns before it have a fixed width. */
const INGESTED_AT_OFFSET = fixedOffset('ingested_at')

function fixedOffset(column: EventColumn): number {
  let offset = 0
  for (const [name, { type }] of Object.entries(eventColumns)) {
    if (name === column) return offset
    if (type !== "DateTime64(3, 'UTC')")
      throw new Error(`${name} stands before ${column} and has no fixed width of 8 bytes`)
    offset += 8
  }
  throw new Error(`no column ${column}`)
}

/** One function with a line for each column: a loop over the table would cost as much again in property look-ups. */
const encode = compileEncoder()

function compileEncoder(): (w: RowWriter, e: Event, message: Buffer | null) => void {
  const names = Object.keys(eventColumns) as EventColumn[]
  const lines = names.map((name) => {
    return name === 'message'
      ? 'if (m === null) w.string(e.message); else w.raw(m)'
      : writes[eventColumns[name].type](name)
  })
  return new Function('w', 'e', 'm', ['w.reserve(0)', ...lines].join('\n')) as (
    w: RowWriter,
    e: Event,
    m: Buffer | null,
  ) => void
}

/** An empty row buffer. */
export function createRowBuffer(): RowBuffer {
  const writer = new RowWriter()
  let starts = new Uint32Array(1024)
  let rows = 0
  return {
    append(event, message) {
      if (rows === starts.length) {
        const grown = new Uint32Array(rows * 2)
        grown.set(starts)
        starts = grown
      }
      starts[rows] = writer.position
      encode(writer, event, message)
      rows += 1
    },
    stamp(ingestedAt) {
      const end = writer.position
      for (let row = 0; row < rows; row += 1) {
        writer.position = (starts[row] as number) + INGESTED_AT_OFFSET
        writer.int64(ingestedAt)
      }
      writer.position = end
    },
    get rows() {
      return rows
    },
    get bytes() {
      return writer.position
    },
    view: () => writer.buffer.subarray(0, writer.position),
    clear() {
      writer.position = 0
      rows = 0
    },
  }
}
