// How do events become bytes? A block of ClickHouse's Native format, column by column, by an encoder compiled from the column table.
import { type Event, type EventColumn, eventColumns } from '../../schemas/event.ts'
import { ColumnBytes } from './column-bytes.ts'

/** Column list of the INSERT statement; columns that are blank in every row are not sent at all. */
export const insertColumns = Object.keys(eventColumns).join(', ')

/** Rows of one insert. Reused: `clear` keeps the memory. */
export interface RowBuffer {
  /** Encodes an event. `message`, if given, is written as the message column in place of `event.message`. */
  append(event: Event, message: Buffer | null): void
  readonly rows: number
  /** Size in bytes, exact every 64 rows, counting messages only in between. */
  readonly bytes: number
  /** Writes the landing time into every row: it is known only when the insert begins. */
  stamp(ingestedAt: number): void
  /** The rows as one Native block, in pieces to be sent one behind the other; valid until the next `append` or `clear`. */
  view(): Buffer[]
  clear(): void
}

type Type = (typeof eventColumns)[EventColumn]['type']

/** How values of a type are written: bytes of a blank one, what a blank one looks like, and the streams behind the offsets of an array. */
interface Encoding {
  readonly width: number
  /** JavaScript that is true for a value `v` that is not blank. */
  readonly filled: string
  /** JavaScript that writes `v` to the stream `c` (and, of an array, to `d`, `k` …). */
  readonly write: string
  /** Streams behind the first one. */
  readonly inner: number
  /** Name of the type on the wire; the server turns strings into dictionary columns itself. */
  readonly wire?: string
}

const text = { width: 1, filled: `v !== ''`, write: 'c.string(v)', inner: 0 }
const time = { width: 8, filled: 'v !== 0', write: 'c.int64(v)', inner: 0 }

const encodings: Record<Type, Encoding> = {
  String: text,
  'LowCardinality(String)': { ...text, wire: 'String' },
  UInt8: { width: 1, filled: 'v !== 0', write: 'c.uint8(v)', inner: 0 },
  UInt16: { width: 2, filled: 'v !== 0', write: 'c.uint16(v)', inner: 0 },
  UInt32: { width: 4, filled: 'v !== 0', write: 'c.uint32(v)', inner: 0 },
  UInt64: time,
  "DateTime64(3, 'UTC')": time,
  DateTime: { width: 4, filled: 'v !== 0', write: 'c.uint32(v / 1000)', inner: 0 },
  'Array(String)': {
    width: 8,
    filled: 'v.length !== 0',
    write: 'c.offset(v.length); for (let i = 0; i < v.length; i += 1) d.string(v[i])',
    inner: 1,
  },
  'Map(String, String)': {
    width: 8,
    filled: 'v.size !== 0',
    write: 'c.offset(v.size); if (v.size !== 0) for (const [key, value] of v) { d.string(key); k.string(value) }',
    inner: 2,
  },
  'Array(Tuple(name String, points Int32, detail String))': {
    width: 8,
    filled: 'v.length !== 0',
    write:
      'c.offset(v.length); for (let i = 0; i < v.length; i += 1) { const f = v[i]; d.string(f.name); k.uint32(f.points); l.string(f.detail) }',
    inner: 3,
  },
}

const SMALL_BYTES = 32 * 1024
const names = Object.keys(eventColumns) as EventColumn[]

/** Bytes of the landing time, which `stamp` writes into a column of its own accord. */
const STAMPED: EventColumn = 'ingested_at'

/** The streams of a block: for each column the values (or offsets), then those of the elements. */
type Streams = readonly (readonly ColumnBytes[])[]

function makeStreams(): Streams {
  return names.map((name) => {
    const { width, inner } = encodings[eventColumns[name].type]
    return [new ColumnBytes(width), ...Array.from({ length: inner }, () => new ColumnBytes(0))]
  })
}

/** One function with a line for each column: a loop over the table would cost as much again in property look-ups. */
function compileEncoder(streams: Streams): (event: Event, message: Buffer | null, row: number) => void {
  const lines = names.map((name, n) => {
    if (name === STAMPED) return ''
    if (name === 'message') return `if (m === null) s${n}_0.string(e.message); else s${n}_0.raw(m)`
    const { filled, write } = encodings[eventColumns[name].type]
    const bind = ['c', 'd', 'k', 'l'].slice(0, streams[n]?.length).map((alias, i) => `${alias} = s${n}_${i}`)
    return `{ const v = e.${name}, ${bind.join(', ')}; if (c.used || ${filled}) { if (!c.used) c.begin(r); ${write} } }`
  })
  const constants = streams.flatMap((list, n) => list.map((_, i) => `const s${n}_${i} = streams[${n}][${i}];`))
  const body = `${constants.join('\n')}\nreturn (e, m, r) => {\n${lines.join('\n')}\n}`
  return new Function('streams', body)(streams) as (event: Event, message: Buffer | null, row: number) => void
}

/** An empty row buffer. */
export function createRowBuffer(): RowBuffer {
  const streams = makeStreams()
  const all = streams.flat()
  const encode = compileEncoder(streams)
  const stamped = streams[names.indexOf(STAMPED)]?.[0] as ColumnBytes
  const message = streams[names.indexOf('message')]?.[0] as ColumnBytes
  const header = new ColumnBytes(0)
  let rows = 0
  let bytes = 0

  /** Name, type and streams of a column that is not blank in every row. */
  const block = (): Buffer[] => {
    const sent = names.flatMap((name, n) => {
      const list = streams[n] ?? []
      return list[0]?.used === true ? [{ name, list }] : []
    })
    const parts: Buffer[] = []
    const take = (): void => {
      if (header.position > 0) parts.push(Buffer.from(header.buffer.subarray(0, header.position)))
      header.clear()
    }
    header.varint(sent.length)
    header.varint(rows)
    for (const { name, list } of sent) {
      const { type } = eventColumns[name]
      header.string(name)
      header.string(encodings[type].wire ?? type)
      for (const { buffer, position } of list) {
        // Small columns travel together; a copy of the large ones would cost as much memory again.
        if (position < SMALL_BYTES) header.bytes(buffer, position)
        else {
          take()
          parts.push(buffer.subarray(0, position))
        }
      }
    }
    take()
    return parts
  }

  return {
    append(event, raw) {
      message.used = true
      encode(event, raw, rows)
      rows += 1
      // Messages are most of it and may be long; the rest is looked up now and then.
      bytes += raw === null ? event.message.length : raw.length
      if ((rows & 63) === 0) bytes = all.reduce((sum, { position }) => sum + position, 0)
    },
    stamp(ingestedAt) {
      stamped.clear()
      stamped.used = true
      for (let row = 0; row < rows; row += 1) stamped.int64(ingestedAt)
    },
    get rows() {
      return rows
    },
    get bytes() {
      return bytes
    },
    view: block,
    clear() {
      for (const stream of all) stream.clear()
      rows = 0
      bytes = 0
    },
  }
}
