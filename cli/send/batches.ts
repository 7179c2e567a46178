// How do files of any size become batches of lines? Streaming, in bounded memory, each line with its file and number.
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { errorText } from '../../runtime/errors.ts'
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'

const MAX_BATCH_BYTES = 1024 * 1024
export const MAX_BATCH_LINES = 5_000

/** Lines of a pipe wait no longer than this for others. */
const LINGER_MS = 500

// Larger pieces than the default of 16 KiB: each costs a round through the event loop.
const decompression = { chunkSize: 256 * 1024 }

export interface Line {
  /** Without its line break. */
  readonly bytes: Buffer
  readonly file: string
  /** From 1. */
  readonly number: number
}

export type Batch = readonly Line[]

/** `access.log:12`. */
export const placeOf = (line: Pick<Line, 'file' | 'number'>): string => `${line.file}:${line.number}`

export interface ReadCounters {
  /** Lines that are not blank. */
  lines: number
  blank: number
  /** Bytes taken from the files, before decompression. */
  bytesRead: number
}

export interface BatchOptions {
  readonly inputs: readonly Input[]
  readonly maxLines: number
  readonly counters: ReadCounters
  /** A line that cannot be sent; reading goes on. */
  refuse(line: Pick<Line, 'file' | 'number'>, why: string): void
  /** The rest of a file that cannot be read; the next file follows. */
  broken(file: string, afterLine: number, why: string): void
}

export interface Input {
  /** As people named it; `-` is standard input. */
  readonly name: string
  open(): Readable
  /** True for pipes and terminals: lines that are there are sent without waiting for more. */
  readonly live: boolean
}

/** Reads the inputs one after the other. Blank lines are counted and left out; over-long ones refused. */
export async function* readBatches(options: BatchOptions): AsyncGenerator<Batch> {
  let batch: Line[] = []
  let batchBytes = 0
  const take = (): Batch => {
    const taken = batch
    batch = []
    batchBytes = 0
    return taken
  }
  for (const input of options.inputs) {
    const lines = new LineSplitter(input.name, options)
    try {
      for await (const chunk of chunksOf(input, options.counters)) {
        for (const line of chunk === 'quiet' ? [] : lines.push(chunk)) {
          if (batch.length > 0 && batchBytes + line.bytes.length + 1 > MAX_BATCH_BYTES) yield take()
          batch.push(line)
          batchBytes += line.bytes.length + 1
          if (batch.length >= options.maxLines) yield take()
        }
        if (chunk === 'quiet' && batch.length > 0) yield take()
      }
      const last = lines.end()
      if (last) {
        if (batch.length > 0 && batchBytes + last.bytes.length + 1 > MAX_BATCH_BYTES) yield take()
        batch.push(last)
        batchBytes += last.bytes.length + 1
      }
    } catch (error) {
      if (error instanceof UnreadableText) options.broken(input.name, lines.complete, error.message)
      else if (isReadError(error)) options.broken(input.name, lines.complete, errorText(error))
      else throw error
    }
  }
  if (batch.length > 0) yield take()
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

class UnreadableText extends Error {}

/** What the file system or a decompressor says; anything else is a mistake of ours. */
function isReadError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

/** Cuts chunks at line breaks (LF or CRLF). Keeps at most one unfinished line, and of an over-long one only its length. */
class LineSplitter {
  /** Lines that have ended. */
  complete = 0
  readonly #file: string
  readonly #options: Pick<BatchOptions, 'counters' | 'refuse'>
  #rest: Buffer[] = []
  #restBytes = 0

  constructor(file: string, options: Pick<BatchOptions, 'counters' | 'refuse'>) {
    this.#file = file
    this.#options = options
  }

  *push(chunk: Buffer): Generator<Line> {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = this.#finish(chunk.subarray(from, at))
      from = at + 1
      if (line) yield line
    }
    this.#keep(chunk.subarray(from))
  }

  /** The last line of a file that does not end with a line break. */
  end(): Line | undefined {
    return this.#restBytes > 0 ? this.#finish(Buffer.alloc(0)) : undefined
  }

  #keep(part: Buffer): void {
    this.#restBytes += part.length
    if (this.#restBytes > MAX_PAYLOAD_BYTES + 1) this.#rest = []
    else if (part.length > 0) this.#rest.push(part)
  }

  #finish(part: Buffer): Line | undefined {
    this.complete += 1
    const { counters, refuse } = this.#options
    const place = { file: this.#file, number: this.complete }
    let bytes = part
    let length = part.length
    if (this.#restBytes > 0) {
      length += this.#restBytes
      bytes = length > MAX_PAYLOAD_BYTES + 1 ? part : Buffer.concat([...this.#rest, part])
      this.#rest = []
      this.#restBytes = 0
    }
    // A byte order mark belongs to the file, not to its first line.
    if (this.complete === 1 && bytes.length >= 3 && bytes.subarray(0, 3).equals(byteOrderMark)) {
      bytes = bytes.subarray(3)
      length -= 3
    }
    if (bytes.at(-1) === 13) {
      bytes = bytes.subarray(0, -1)
      length -= 1
    }
    if (length > MAX_PAYLOAD_BYTES) {
      counters.lines += 1
      refuse(place, `is ${(length / 1024).toFixed(0)} KiB long; a line may have ${MAX_PAYLOAD_BYTES / 1024} KiB`)
      return undefined
    }
    if (isBlank(bytes)) {
      counters.blank += 1
      return undefined
    }
    counters.lines += 1
    return { bytes, ...place }
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 32 && byte !== 9 && byte !== 13) return false
  return true
}

/** Decompressed chunks of an input; `quiet` when a live one has said nothing for a while. */
async function* chunksOf(input: Input, counters: ReadCounters): AsyncGenerator<Buffer | 'quiet'> {
  const raw = input.open()
  raw.on('data', () => {})
  raw.pause()
  const iterator = counted(raw, counters)
  const first = await iterator.next()
  if (first.done) return
  const magic = first.value.subarray(0, 4)
  if (magic[0] === 0xff && magic[1] === 0xfe) {
    throw new UnreadableText('it is UTF-16; convert it first: iconv -f UTF-16 -t UTF-8')
  }
  const whole = restOf(first.value, iterator)
  const decompressor =
    magic[0] === 0x1f && magic[1] === 0x8b
      ? createGunzip(decompression)
      : magic.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
        ? createZstdDecompress(decompression)
        : undefined
  if (decompressor) {
    const source = Readable.from(whole, { objectMode: false })
    source.on('error', (error) => decompressor.destroy(error))
    yield* asBuffers(source.pipe(decompressor))
  } else if (input.live) yield* withPauses(whole)
  else yield* whole
}

async function* asBuffers(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* stream
}

async function* counted(stream: AsyncIterable<Buffer>, counters: ReadCounters): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    counters.bytesRead += chunk.length
    yield chunk
  }
}

async function* restOf(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

async function* withPauses(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer | 'quiet'> {
  for (;;) {
    const next = chunks.next()
    const timer = Promise.withResolvers<'quiet'>()
    const handle = setTimeout(() => timer.resolve('quiet'), LINGER_MS)
    const result = await Promise.race([next, timer.promise])
    clearTimeout(handle)
    if (result === 'quiet') yield 'quiet'
    const chunk = result === 'quiet' ? await next : result
    if (chunk.done) return
    yield chunk.value
  }
}

/** Size of a file and whether it is one that ends; undefined size for pipes. */
export async function inspect(
  path: string,
): Promise<{ readonly size: number | undefined; readonly directory: boolean }> {
  const handle = await open(path, 'r')
  try {
    const info = await handle.stat()
    return { size: info.isFile() ? info.size : undefined, directory: info.isDirectory() }
  } finally {
    await handle.close()
  }
}
