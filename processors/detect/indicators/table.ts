// How are a million indicators held in a few dozen megabytes? An open-addressing table of hashes in memory; what an indicator says stays in its file.
import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { z } from 'zod'
import { Indicator, IndicatorType } from '../../../schemas/indicator.ts'
import { createHasher, type Hash, type Hasher } from './hash.ts'

/** The last bytes of a file: length of the description before them, and this word. */
export const MAGIC = 0x53474931
/** Record of a slot that only says that URLs of a host are known. */
export const MARK = 0xffffffff

/** What stands where in a file: texts first, then the arrays, then this. */
export const TableMeta = z.object({
  /** Which state of the feeds it was made of. */
  version: z.string(),
  seed: z.int(),
  count: z.int().min(0),
  counts: z.partialRecord(IndicatorType, z.int()),
  /** Slots: a power of two. */
  slots: z.int().min(1),
  lengths4: z.array(z.int()),
  lengths6: z.array(z.int()),
  /** Words of the filter: a power of two. */
  filter: z.int().min(1),
  at: z.object({ filter: z.int(), slots: z.int(), next: z.int(), texts: z.int(), end: z.int() }),
})
export type TableMeta = z.infer<typeof TableMeta>

export interface IndicatorTable {
  readonly meta: TableMeta
  readonly hasher: Hasher
  /** First record under a hash, -1 if there is none. It may be of another value that has the same hash: look at what it says. */
  find(hash: Hash): number
  /** The next record of the same hash, -1 at the end. */
  next(record: number): number
  /** What a record says; read from the file, the last ones remembered. */
  read(record: number): Indicator
  /** Bytes held in memory. */
  readonly bytes: number
  /** Lets go of the file. */
  close(): void
}

/** Records remembered after they were read. */
const REMEMBERED = 4096
const CHUNK = 8 * 1024 * 1024

/** Reads the arrays of a file made by `createTableWriter`; the file stays open for what its records say, also when its name is removed. */
export async function openTable(file: string): Promise<IndicatorTable> {
  const handle = await open(file, 'r')
  try {
    const meta = await readMeta(handle)
    const filter = await readWords(handle, meta.at.filter, meta.filter)
    const slots = await readWords(handle, meta.at.slots, meta.slots * 2)
    const next = await readWords(handle, meta.at.next, meta.count)
    const texts = await readWords(handle, meta.at.texts, meta.count + 1)
    return tableOf(meta, { filter, slots, next, texts }, handle)
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** What a file holds, without loading it. */
export async function describeTable(file: string): Promise<TableMeta> {
  const handle = await open(file, 'r')
  try {
    return await readMeta(handle)
  } finally {
    await handle.close()
  }
}

const FOOT = 8

async function readMeta(handle: FileHandle): Promise<TableMeta> {
  const { size } = await handle.stat()
  const foot = size < FOOT ? Buffer.alloc(FOOT) : await readAt(handle, size - FOOT, FOOT)
  const length = foot.readUInt32LE(0)
  if (foot.readUInt32LE(4) !== MAGIC || length > size - FOOT) throw new Error('this is not a table of indicators')
  return TableMeta.parse(JSON.parse((await readAt(handle, size - FOOT - length, length)).toString()))
}

/** `filter`: two bits for each hash, small enough to stay in a core's cache: nearly all look-ups end there. `slots`: print and record + 1 of each slot. `next`: record + 1 of the same hash. `texts`: where what a record says begins. */
interface Arrays {
  readonly filter: Uint32Array
  readonly slots: Uint32Array
  readonly next: Uint32Array
  readonly texts: Uint32Array
}

function tableOf(meta: TableMeta, { filter, slots, next, texts }: Arrays, handle: FileHandle): IndicatorTable {
  const mask = meta.slots - 1
  const last = meta.filter - 1
  const remembered = new Map<number, Indicator>()
  let closed = false
  return {
    meta,
    hasher: createHasher(meta.seed),
    bytes: filter.byteLength + slots.byteLength + next.byteLength + texts.byteLength,
    find({ position, print }) {
      const bits = filterBits(print)
      if (((filter[(position >>> 8) & last] as number) & bits) !== bits) return -1
      const wanted = print >>> 0
      for (let slot = position & mask; ; slot = (slot + 1) & mask) {
        const record = slots[2 * slot + 1] as number
        if (record === 0) return -1
        if (slots[2 * slot] === wanted) return record - 1
      }
    },
    next: (record) => (next[record] as number) - 1,
    read(record) {
      const known = remembered.get(record)
      if (known !== undefined) return known
      const from = texts[record] as number
      const bytes = Buffer.allocUnsafe((texts[record + 1] as number) - from)
      // Read where it is needed: a hit is rare, and the file is in the page cache.
      readSync(handle.fd, bytes, 0, bytes.length, from)
      const indicator = Indicator.parse(JSON.parse(bytes.toString()))
      if (remembered.size >= REMEMBERED) remembered.clear()
      remembered.set(record, indicator)
      return indicator
    },
    close() {
      if (closed) return
      closed = true
      void handle.close()
    },
  }
}

/** The two bits of a hash in its word of the filter. */
export function filterBits(print: number): number {
  return (1 << (print & 31)) | (1 << ((print >>> 5) & 31))
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, length))
  await fill(handle, bytes, position)
  return bytes
}

async function readWords(handle: FileHandle, position: number, words: number): Promise<Uint32Array> {
  const array = new Uint32Array(words)
  await fill(handle, Buffer.from(array.buffer), position)
  return array
}

/** In pieces: whoever reads goes on with other work in between. */
async function fill(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, at, Math.min(CHUNK, bytes.length - at), position + at)
    if (bytesRead === 0) throw new Error('a table of indicators ends too early')
    at += bytesRead
  }
}
