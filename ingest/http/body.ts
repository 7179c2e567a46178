// How does a body come in without hurting anyone? Bounded as sent, bounded after decompression, all of them bounded together.
import type { IncomingMessage } from 'node:http'
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'
import pLimit from 'p-limit'
import { HttpError } from './errors.ts'

/** What the sender should wait when the memory for bodies is taken. */
const BUSY_RETRY_SECONDS = 2

/**
 * Decoders at work at one time. Their windows (zstd and brotli: up to 8 and 16 MiB) are memory that a sender chooses, so a decoder
 * starts only when its body has arrived whole: slow senders hold none.
 */
const DECODERS = 2
const ZSTD_WINDOW_LOG = 23

const encodings = ['identity', 'gzip', 'x-gzip', 'br', 'zstd'] as const
export type Encoding = (typeof encodings)[number]

/** The encoding that a Content-Encoding names, none if there is no such header. Throws CONTENT_ENCODING_UNSUPPORTED. */
export function encodingOf(contentEncoding: string | undefined): Encoding {
  const name = contentEncoding?.trim().toLowerCase() || 'identity'
  const encoding = encodings.find((known) => known === name)
  if (encoding === undefined) throw new HttpError('CONTENT_ENCODING_UNSUPPORTED', { encoding: name })
  return encoding
}

/** Memory shared by all bodies. A lease counts what one request holds and gives it back whole. */
export interface BodyBudget {
  lease(): Lease
  readonly used: number
}

export interface Lease {
  /** Takes bytes, or throws BUSY. */
  take(bytes: number): void
  give(bytes: number): void
  release(): void
}

export function createBudget(limit: number): BodyBudget {
  let used = 0
  return {
    get used() {
      return used
    },
    lease() {
      let held = 0
      function give(bytes: number): void {
        used -= bytes
        held -= bytes
      }
      return {
        take(bytes) {
          if (used + bytes > limit) throw new HttpError('BUSY', {}, BUSY_RETRY_SECONDS)
          used += bytes
          held += bytes
        },
        give,
        release: () => give(held),
      }
    },
  }
}

/**
 * The body as sent. Memory is taken as it arrives, so that a slow sender holds no more than it has sent. Rejects with
 * BODY_TOO_LARGE, BUSY, or REQUEST_CUT when the connection ends early.
 */
export function receiveBody(request: IncomingMessage, maxBytes: number, lease: Lease): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const fail = (error: unknown): void => {
      stop()
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      try {
        if (size > maxBytes) throw new HttpError('BODY_TOO_LARGE', { limit: maxBytes })
        lease.take(chunk.length)
        chunks.push(chunk)
      } catch (error) {
        fail(error)
      }
    }
    const onEnd = (): void => {
      stop()
      try {
        resolve(join(chunks, size, lease))
      } catch (error) {
        reject(error)
      }
    }
    const onCut = (): void => fail(new HttpError('REQUEST_CUT'))
    function stop(): void {
      request.off('data', onData).off('end', onEnd).off('close', onCut).off('error', onCut)
    }
    if (request.destroyed) onCut()
    else request.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut)
  })
}

const decoding = pLimit(DECODERS)

/** The body as it was before compression. Stops at `maxBytes`, however much more the stream would unfold to. */
export function decodeBody(body: Buffer, encoding: Encoding, maxBytes: number, lease: Lease): Promise<Buffer> {
  if (encoding === 'identity') {
    if (body.length > maxBytes) return Promise.reject(new HttpError('DECOMPRESSED_TOO_LARGE', { limit: maxBytes }))
    return Promise.resolve(body)
  }
  return decoding(() => decode(body, encoding, maxBytes, lease))
}

async function decode(
  body: Buffer,
  encoding: Exclude<Encoding, 'identity'>,
  maxBytes: number,
  lease: Lease,
): Promise<Buffer> {
  const decoder = createDecoder(encoding)
  const chunks: Buffer[] = []
  let size = 0
  decoder.end(body)
  try {
    for await (const chunk of decoder) {
      if (!Buffer.isBuffer(chunk)) continue
      size += chunk.length
      if (size > maxBytes) throw new HttpError('DECOMPRESSED_TOO_LARGE', { limit: maxBytes })
      lease.take(chunk.length)
      chunks.push(chunk)
    }
    // Brotli and zstd pass over what comes after their stream: events there would be confirmed and lost.
    if (decoder.bytesWritten < body.length) throw new HttpError('BODY_BROKEN', { encoding })
  } catch (error) {
    throw error instanceof HttpError ? error : new HttpError('BODY_BROKEN', { encoding })
  } finally {
    decoder.destroy()
  }
  lease.give(body.length)
  return join(chunks, size, lease)
}

function createDecoder(encoding: Exclude<Encoding, 'identity'>) {
  if (encoding === 'br') return createBrotliDecompress()
  if (encoding === 'zstd') return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } })
  return createGunzip()
}

/** For a moment the chunks and the whole are both there; the lease counts both. */
function join(chunks: Buffer[], size: number, lease: Lease): Buffer {
  const [only] = chunks
  if (chunks.length === 1 && only !== undefined) return only
  lease.take(size)
  const whole = Buffer.concat(chunks, size)
  lease.give(size)
  return whole
}
