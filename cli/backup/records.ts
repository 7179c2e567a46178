// How are records of Kafka kept in a file? One JSON line each, packed with zstd in pieces; written at once, since who reads a topic does not wait.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createZstdDecompress, zstdCompressSync } from 'node:zlib'
import { z } from 'zod'
import { makeFolder } from '../../runtime/folders.ts'
import type { KafkaMessage } from '../../runtime/kafka.ts'
import { readFileBytes } from './files.ts'

/** A record as it was on its topic. */
const Kept = z.strictObject({
  partition: z.int().min(0),
  offset: z.int().min(0),
  /** Milliseconds since 1970 UTC. */
  at: z.number(),
  key: z.string(),
  /** base64; null takes a record back on a compacted topic. */
  value: z.base64().nullable(),
  /** base64 */
  headers: z.record(z.string(), z.base64()),
})
export type Kept = z.infer<typeof Kept>

const PIECE_BYTES = 1024 * 1024

export interface RecordFile {
  add(message: KafkaMessage, partition: number): void
  readonly records: number
  close(): void
}

/** Makes the file, for nobody but us to read. */
export function createRecordFile(file: string): RecordFile {
  makeFolder(dirname(file), 0o700)
  const fd = openSync(file, 'wx', 0o600)
  let lines: string[] = []
  let waiting = 0
  let records = 0
  const flush = (): void => {
    const packed = zstdCompressSync(lines.map((line) => `${line}\n`).join(''))
    for (let done = 0; done < packed.length; ) done += writeSync(fd, packed, done)
    lines = []
    waiting = 0
  }
  return {
    add({ offset, timestamp, key, value, headers }, partition) {
      const kept: Kept = {
        partition,
        offset,
        at: timestamp,
        key: key?.toString('utf8') ?? '',
        value: value === null ? null : value.toString('base64'),
        headers: textHeaders(headers),
      }
      const line = JSON.stringify(kept)
      lines.push(line)
      waiting += line.length
      records += 1
      if (waiting >= PIECE_BYTES) flush()
    },
    get records() {
      return records
    },
    close() {
      // Also of nothing: an empty file is no zstd.
      flush()
      fsyncSync(fd)
      closeSync(fd)
    },
  }
}

/** Headers of which a name comes once; Siaga writes no others. */
function textHeaders(headers: KafkaMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const one = Array.isArray(value) ? value[0] : value
      return one === undefined ? [] : [[name, Buffer.from(one).toString('base64')]]
    }),
  )
}

/** A record is 4 MiB at most (runtime/topics.ts), in base64. */
const MAX_LINE = 16 * 1024 * 1024

/** The records of a file, in the order in which they were added. Throws on what is none. */
export async function* readRecords(file: string): AsyncGenerator<Kept> {
  const plain = createZstdDecompress()
  // Who reads is told of a failure too: it destroys `plain` with it.
  pipeline(Readable.from(copies(file)), plain, () => undefined)
  let rest = ''
  plain.setEncoding('utf8')
  for await (const piece of plain) {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) throw new RangeError(`a line of ${file} is longer than any record`)
    for (const line of lines) yield Kept.parse(JSON.parse(line))
  }
  if (rest !== '') yield Kept.parse(JSON.parse(rest))
}

/** Whoever reads a file uses its buffer again. */
async function* copies(file: string): AsyncGenerator<Buffer> {
  for await (const piece of readFileBytes(file)) yield Buffer.from(piece)
}
