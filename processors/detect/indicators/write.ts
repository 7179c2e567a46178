// How does a table of indicators come about? Indicators are added one by one, their texts go to the file at once, the arrays behind them at the end.
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { emptyAddress } from '../../../runtime/address.ts'
import type { Indicator, IndicatorType } from '../../../schemas/indicator.ts'
import { createHasher, type Hash, tags } from './hash.ts'
import { fullLength, readNetwork } from './network.ts'
import { filterBits, MAGIC, MARK, type TableMeta } from './table.ts'

export interface TableWriter {
  /** Adds an indicator; false if its value is not of its type, and it is left out. */
  add(indicator: Indicator): boolean
  /** Writes what waits; call it now and then. */
  flush(): Promise<void>
  /** Puts the file in its place and answers what it holds. */
  finish(): Promise<TableMeta>
  /** Removes what was written. */
  abandon(): Promise<void>
}

const MAX_TEXTS = 0xffff_ffff

/** Begins a table at `file` for about `expected` indicators; more are taken. */
export async function createTableWriter(file: string, version: string, expected: number): Promise<TableWriter> {
  const seed = randomBytes(4).readInt32LE()
  const hasher = createHasher(seed)
  const hash: Hash = { position: 0, print: 0 }
  const part = `${file}.${process.pid}.part`
  const handle = await open(part, 'w')
  let hashes = new Uint32Array(2 * Math.max(1024, expected))
  let texts = new Uint32Array(Math.max(1024, expected) + 1)
  const address = emptyAddress()
  const marks = new Set<string>()
  const lengths = { 4: new Set<number>(), 6: new Set<number>() }
  const counts: Partial<Record<IndicatorType, number>> = {}
  let count = 0
  let size = 0
  let written = 0
  let waiting: Buffer[] = []

  const network = (value: string, single: boolean): boolean => {
    const length = readNetwork(value, address)
    if (length < 0 || address.family === 0 || (single && length !== fullLength(address.family))) return false
    lengths[address.family].add(length)
    hasher.network(address, length, hash)
    return true
  }

  /** Leaves the numbers of a value in `hash`. */
  const hashOf = ({ type, value }: Indicator): boolean => {
    switch (type) {
      case 'ip':
        return network(value, true)
      case 'network':
        return network(value, false)
      case 'url': {
        const host = /^[^/?]+/.exec(value)?.[0]
        if (host === undefined) return false
        marks.add(host.replace(/:\d+$/, ''))
        hasher.text(value, tags.url, hash)
        return true
      }
      default:
        hasher.text(value, tagOf[type], hash)
        return true
    }
  }

  return {
    add(indicator) {
      if (!hashOf(indicator)) return false
      if (count + 1 >= texts.length) {
        hashes = grown(hashes)
        texts = grown(texts)
      }
      const text = Buffer.from(JSON.stringify(indicator))
      if (size + text.length > MAX_TEXTS) throw new RangeError('the indicators take more than 4 GiB')
      hashes[2 * count] = hash.position
      hashes[2 * count + 1] = hash.print
      texts[count] = size
      waiting.push(text)
      size += text.length
      count += 1
      counts[indicator.type] = (counts[indicator.type] ?? 0) + 1
      return true
    },
    flush,
    async finish() {
      texts[count] = size
      await flush()
      const slots = powerOfTwo(2 * (count + marks.size))
      const arrays = fillSlots(slots, count, hashes)
      const filter = new Uint32Array(slots / 8)
      for (let n = 0; n < count; n++) pass(filter, hashes[2 * n] as number, hashes[2 * n + 1] as number)
      for (const host of marks) {
        hasher.text(host, tags.urlHost, hash)
        mark(arrays.slots, slots, hash)
        pass(filter, hash.position, hash.print)
      }
      const at = { filter: written, slots: 0, next: 0, texts: 0, end: 0 }
      await writeAll(bytesOf(filter))
      at.slots = written
      await writeAll(bytesOf(arrays.slots))
      at.next = written
      await writeAll(bytesOf(arrays.next))
      at.texts = written
      await writeAll(bytesOf(texts.subarray(0, count + 1)))
      at.end = written
      const descending = (set: Set<number>): number[] => [...set].sort((a, b) => b - a)
      const meta: TableMeta = {
        version,
        seed,
        count,
        counts,
        slots,
        filter: filter.length,
        lengths4: descending(lengths[4]),
        lengths6: descending(lengths[6]),
        at,
      }
      const described = Buffer.from(JSON.stringify(meta))
      const foot = Buffer.alloc(8)
      foot.writeUInt32LE(described.length, 0)
      foot.writeUInt32LE(MAGIC, 4)
      await writeAll(Buffer.concat([described, foot]))
      await handle.sync()
      await handle.close()
      await rename(part, file)
      return meta
    },
    async abandon() {
      await handle.close()
      await rm(part, { force: true })
    },
  }

  async function flush(): Promise<void> {
    const bytes = Buffer.concat(waiting)
    waiting = []
    await writeAll(bytes)
  }

  async function writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at)
      at += bytesWritten
    }
    written += bytes.length
  }
}

const tagOf: Readonly<Record<Exclude<IndicatorType, 'ip' | 'network' | 'url'>, number>> = {
  domain: tags.domain,
  file_hash: tags.fileHash,
  email: tags.email,
  ja3: tags.tls,
  ja4: tags.tls,
}

/** Slots of all records, and for each record the one before it under the same hash. */
function fillSlots(slots: number, count: number, hashes: Uint32Array): { slots: Uint32Array; next: Uint32Array } {
  const table = new Uint32Array(2 * slots)
  const next = new Uint32Array(count)
  const mask = slots - 1
  for (let record = 0; record < count; record++) {
    const print = hashes[2 * record + 1] as number
    let slot = (hashes[2 * record] as number) & mask
    while (table[2 * slot + 1] !== 0 && table[2 * slot] !== print) slot = (slot + 1) & mask
    next[record] = table[2 * slot + 1] as number
    table[2 * slot] = print
    table[2 * slot + 1] = record + 1
  }
  return { slots: table, next }
}

function mark(table: Uint32Array, slots: number, { position, print }: Hash): void {
  const mask = slots - 1
  let slot = position & mask
  while (table[2 * slot + 1] !== 0 && table[2 * slot] !== print >>> 0) slot = (slot + 1) & mask
  if (table[2 * slot + 1] !== 0) return
  table[2 * slot] = print
  table[2 * slot + 1] = MARK
}

function pass(filter: Uint32Array, position: number, print: number): void {
  const word = (position >>> 8) & (filter.length - 1)
  filter[word] = (filter[word] as number) | filterBits(print)
}

function powerOfTwo(least: number): number {
  return 2 ** Math.max(4, Math.ceil(Math.log2(least + 1)))
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}

function bytesOf(array: Uint32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}
