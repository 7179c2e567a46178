// How is a document of a feed got? From a server by the guard, or from a file: bounded, unpacked, only if it changed.
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { errorText } from '../../runtime/errors.ts'
import { FetchFailure } from '../../runtime/guard/failure.ts'
import { createGuard } from '../../runtime/guard/fetch.ts'
import type { Feed } from '../../schemas/feed.ts'

/** Why a feed could not be taken: a word for counters, a sentence for people. */
export class FeedFailure extends Error {
  readonly reason: string

  constructor(reason: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'FeedFailure'
    this.reason = reason
  }
}

/** What a document was when it was got last; both may be empty. */
export interface Validators {
  readonly etag: string
  readonly last_modified: string
}

export interface Got extends Validators {
  readonly bytes: Buffer
  /** When TAXII added the last of the objects that it answered. */
  readonly dateAddedLast: string
}

export interface ReadOptions {
  readonly since?: Validators
  readonly accept?: string
  readonly maxBytes: number
}

export interface Reader {
  /** A document by its address or path. `same`: it has not changed. Rejects with FeedFailure. */
  read(where: string, options: ReadOptions): Promise<Got | 'same'>
}

export interface ReaderOptions {
  /** Folder that paths start from. */
  readonly baseDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of one request, body included. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const TIMEOUT_MS = 300_000
const unpack = promisify(gunzip)

/** A reader of the documents of one feed. */
export function createReader(feed: Pick<Feed, 'headers' | 'allow_private'>, options: ReaderOptions): Reader {
  const { baseDir, env, timeoutMs = TIMEOUT_MS, signal } = options
  const guard = createGuard({ allowPrivate: feed.allow_private })

  async function fromServer(url: string, { since, accept, maxBytes }: ReadOptions): Promise<Got | 'same'> {
    const answer = await guard
      .fetch(url, {
        headers: {
          'user-agent': 'Siaga',
          ...(accept === undefined ? {} : { accept }),
          ...(since?.etag ? { 'if-none-match': since.etag } : {}),
          ...(since?.last_modified ? { 'if-modified-since': since.last_modified } : {}),
          ...headersOf(feed.headers, env),
        },
        timeoutMs,
        maxBytes,
        ...(signal === undefined ? {} : { signal }),
      })
      .catch((error: unknown) => {
        if (!(error instanceof FetchFailure)) throw error
        throw new FeedFailure(error.kind, `${shown(url)}: ${error.message}`, { cause: error })
      })
    const { status, headers, body } = answer
    if (status === 304 && since !== undefined) return 'same'
    if (status >= 300 && status < 400) {
      const to = typeof headers.location === 'string' ? `to ${shown(headers.location)}` : 'elsewhere'
      throw new FeedFailure(
        'redirect',
        `${shown(url)} redirects ${to}; redirects are not followed: if you trust that address, set it as url`,
      )
    }
    if (status !== 200) throw new FeedFailure(`http_${status}`, `${shown(url)} answers ${status}`)
    return {
      bytes: await unpacked(body, maxBytes, url),
      etag: one(headers.etag),
      last_modified: one(headers['last-modified']),
      dateAddedLast: one(headers['x-taxii-date-added-last']),
    }
  }

  async function fromFile(path: string, { since, maxBytes }: ReadOptions): Promise<Got | 'same'> {
    const file = resolve(baseDir, path)
    try {
      const { size, mtimeMs } = await stat(file)
      const etag = `${size}-${mtimeMs}`
      if (since?.etag === etag) return 'same'
      if (size > maxBytes) throw new FeedFailure('too_large', `${path} has more than ${maxBytes} bytes`)
      return { bytes: await unpacked(await readFile(file), maxBytes, path), etag, last_modified: '', dateAddedLast: '' }
    } catch (error) {
      if (error instanceof FeedFailure) throw error
      throw new FeedFailure('file', errorText(error), { cause: error })
    }
  }

  return {
    read: (where, options) => (isWebAddress(where) ? fromServer(where, options) : fromFile(where, options)),
  }
}

export function isWebAddress(where: string): boolean {
  return /^https?:\/\//i.test(where)
}

/** An address without what may be a secret in it: user, password, query. */
export function shown(where: string): string {
  if (!isWebAddress(where)) return where
  if (!URL.canParse(where)) return where.slice(0, 100).replace(/[?#@].*/s, '')
  const { origin, pathname } = new URL(where)
  return `${origin}${pathname}`
}

async function unpacked(bytes: Buffer, maxBytes: number, where: string): Promise<Buffer> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return await unpack(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    if (
      error instanceof RangeError ||
      (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
    )
      throw new FeedFailure('too_large', `${shown(where)} has more than ${maxBytes} bytes when it is unpacked`)
    throw new FeedFailure('bad_gzip', `${shown(where)} cannot be unpacked: ${errorText(error)}`, { cause: error })
  }
}

function one(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? ''
}

/** Headers of the settings with `$NAME` and `${NAME}` from the environment. What comes of it is never shown. */
function headersOf(
  headers: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, text]) => [
      name.toLowerCase(),
      text.replace(
        /\$(?:\{([A-Za-z_]\w{0,99})\}|([A-Za-z_]\w{0,99}))/g,
        (_, braced: string | undefined, bare: string) => {
          const value = env[braced ?? bare]
          if (value === undefined || value === '')
            throw new FeedFailure(
              'variable',
              `header ${name}: the variable ${braced ?? bare} of the environment is not set`,
            )
          return value.trim()
        },
      ),
    ]),
  )
}
