// How much of an answer's body is taken? So many bytes as sent and so many after decompression, whatever either claims.
import type http from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { FetchFailure } from './failure.ts'

export interface BodyLimits {
  /** Most bytes of the body, after decompression. */
  readonly maxBytes: number
  /** What more bytes do: the body is cut (`truncated`), or it fails (`too_large`). Default: it fails. */
  readonly whenLarge?: 'cut' | 'fail'
}

/** Compressed bytes may be more than what they hold: streams of empty blocks, which would go on for ever. This much more than the limit. */
const SENT_MORE_BYTES = 64 * 1024
/** Windows of zstd are memory that the sender chooses: 8 MiB, as RFC 9659 has it for the web. */
const ZSTD_WINDOW_LOG = 23

/** Reads the body; what was begun and not read is thrown away with its connection. Rejects with FetchFailure or what the stream threw. */
export async function readBody(
  response: http.IncomingMessage,
  { maxBytes, whenLarge = 'fail' }: BodyLimits,
): Promise<{ bytes: Buffer; truncated: boolean }> {
  const encoding = (response.headers['content-encoding'] ?? '').trim().toLowerCase()
  const chunks: Buffer[] = []
  let size = 0
  let over = false
  const take = (chunk: Buffer): void => {
    const left = maxBytes - size
    over ||= chunk.length > left
    const kept = chunk.length > left ? chunk.subarray(0, left) : chunk
    chunks.push(kept)
    size += kept.length
  }
  try {
    for await (const chunk of decoded(response, encoding, maxBytes + SENT_MORE_BYTES, () => {
      over = true
    })) {
      take(chunk)
      if (over) break
    }
  } catch (error) {
    // Cut in the middle of its compression, by us.
    if (!over) throw error
  } finally {
    response.destroy()
  }
  if (over && whenLarge === 'fail') throw new FetchFailure('too_large', `more than ${maxBytes} bytes`)
  return { bytes: Buffer.concat(chunks), truncated: over }
}

async function* decoded(
  response: http.IncomingMessage,
  encoding: string,
  maxSent: number,
  onOver: () => void,
): AsyncGenerator<Buffer> {
  let sent = 0
  const pieces: AsyncIterableIterator<Buffer> = response[Symbol.asyncIterator]()
  const first = await pieces.next()
  // No body at all, as of HEAD, 204 and 304, is no broken compression.
  if (first.done === true) return
  const decoder = decoderOf(encoding, first.value)
  const feed = async function* (): AsyncGenerator<Buffer> {
    for (let piece: IteratorResult<Buffer, unknown> = first; piece.done !== true; piece = await pieces.next()) {
      sent += piece.value.length
      if (sent > maxSent) {
        onOver()
        return
      }
      yield piece.value
    }
  }
  if (decoder === undefined) {
    yield* feed()
    return
  }
  const into = decoder
  const feeding = pump(feed(), into)
  try {
    const out: Readable = into
    for await (const chunk of out) yield chunk
  } finally {
    into.destroy()
    await feeding
  }
}

/** Writes all pieces at the pace of the decoder; a failure of the pieces is the decoder's. */
async function pump(pieces: AsyncIterable<Buffer>, into: Duplex): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (into.destroyed) return
      if (!into.write(piece)) await drained(into)
    }
    into.end()
  } catch (error) {
    into.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

function drained(into: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      into.off('drain', done).off('close', done)
      resolve()
    }
    if (into.destroyed) resolve()
    else into.once('drain', done).once('close', done)
  })
}

function decoderOf(encoding: string, first: Buffer): Duplex | undefined {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      // RFC 9110 means zlib's format; many servers send it bare. The low four bits of zlib's first byte are 8.
      return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } })
    default:
      return undefined
  }
}
