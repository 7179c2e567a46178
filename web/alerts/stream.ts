// How are changes told live? Server-sent events that go on where they left off (Last-Event-ID), cut for each viewer.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AlertApiError } from './errors.ts'

export interface LiveOptions<T> {
  readonly keyId: string
  /** Tells what has changed after an id, then everything as it comes, until the answered function is called. */
  readonly follow: (after: number | undefined, onChange: (change: Numbered<T>) => void) => () => void
  /** Id of the newest change that is known, -1 for none: what a viewer who begins now goes on from. */
  readonly last: () => number
  /** What a change is about: while a viewer is behind, a newer one takes the place of an older one. */
  readonly nameOf: (change: Numbered<T>) => string
  /** Name and data of the event (as JSON where many share it), or undefined for what this viewer may not see. */
  readonly show: (
    change: Numbered<T>,
  ) =>
    | { readonly event: string; readonly data: unknown }
    | { readonly event: string; readonly json: string }
    | undefined
  /** Asked now and then: the stream ends when it is false. */
  readonly allowed: () => boolean
}

type Numbered<T> = T & { readonly id: number }

export interface StreamLimits {
  readonly all?: number
  readonly ofAKey?: number
  /** A viewer who takes nothing for so long is cut off, milliseconds; so is one with this many things to be told. */
  readonly stallMs?: number
  readonly waiting?: number
  readonly beatMs?: number
  /** So much is handed to the socket of a viewer; the rest waits as references to what is in memory anyway. */
  readonly writtenBytes?: number
  /** What is thrown at whoever opens one too many; STREAMS_LIMITED of the API of alerts unless told. */
  readonly refusal?: () => Error
}

const MAX_STREAMS = 500
const MAX_STREAMS_OF_A_KEY = 20
/** A comment now and then keeps proxies and phones from closing a connection in a quiet hour. */
const BEAT_MS = 15_000
/** A viewer whose line is that slow is cut off; the browser comes back and gets what it missed, in its newest form. */
const STALL_MS = 60_000
const MAX_WAITING = 100_000
const MAX_WRITTEN_BYTES = 256 * 1024
const RETRY_MS = 3_000

/** A function that answers with a stream of events until the viewer leaves or the server closes. WHATWG HTML, section 9.2. Throws STREAMS_LIMITED. */
export function createLive<T>(
  limits: StreamLimits & { readonly onStreams: (open: number) => void },
): (request: FastifyRequest, reply: FastifyReply, options: LiveOptions<T>) => void {
  const { all = MAX_STREAMS, ofAKey = MAX_STREAMS_OF_A_KEY, onStreams } = limits
  const refusal = limits.refusal ?? (() => new AlertApiError('STREAMS_LIMITED', {}, 10))
  const streams = new Map<string, number>()
  let open = 0
  const count = (keyId: string, by: 1 | -1): void => {
    const own = (streams.get(keyId) ?? 0) + by
    if (own > 0) streams.set(keyId, own)
    else streams.delete(keyId)
    open += by
    onStreams(open)
  }
  return (request, reply, options) => {
    const { keyId } = options
    if (open >= all || (streams.get(keyId) ?? 0) >= ofAKey) throw refusal()
    count(keyId, 1)
    tell(request, reply, options, limits, () => count(keyId, -1))
  }
}

function tell<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { follow, last, nameOf, show, allowed }: LiveOptions<T>,
  { stallMs = STALL_MS, waiting: most = MAX_WAITING, beatMs = BEAT_MS, writtenBytes = MAX_WRITTEN_BYTES }: StreamLimits,
  onEnd: () => void,
): void {
  const headers = Object.entries({ ...reply.getHeaders() })
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...Object.fromEntries(headers.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const after = lastId(request)
  const from = after ?? last()
  raw.write(`retry: ${RETRY_MS}\n${after === undefined && from >= 0 ? `id: ${from}\n` : ''}\n`)

  /** What is still to be told, each thing once, in the order of its newest change. */
  const waiting = new Map<string, Numbered<T>>()
  let passed = -1
  let blockedSince: number | undefined
  const write = (text: string): void => {
    if (!raw.write(text)) blockedSince ??= performance.now()
  }
  const tellOne = (change: Numbered<T>): void => {
    const shown = show(change)
    passed = change.id
    if (shown === undefined) return
    // JSON holds no line breaks.
    write(
      `id: ${change.id}\nevent: ${shown.event}\ndata: ${'json' in shown ? shown.json : JSON.stringify(shown.data)}\n\n`,
    )
    passed = -1
  }
  /** An id without an event is remembered too, so that what is not for this viewer is not asked for again. */
  const tellPassed = (): void => {
    if (passed >= 0) write(`id: ${passed}\n\n`)
    passed = -1
  }
  const pump = (): void => {
    for (const [name, change] of waiting) {
      if (raw.writableLength > writtenBytes) return
      waiting.delete(name)
      tellOne(change)
    }
    tellPassed()
  }
  const stop = follow(after, (change) => {
    // Mostly nothing waits, and hundreds of viewers are told the same.
    if (waiting.size === 0 && raw.writableLength <= writtenBytes) {
      tellOne(change)
      tellPassed()
      return
    }
    const name = nameOf(change)
    waiting.delete(name)
    waiting.set(name, change)
    if (waiting.size > most) raw.destroy()
    else if (raw.writableLength <= writtenBytes) pump()
  })
  raw.on('drain', () => {
    blockedSince = undefined
    pump()
  })
  const beat = setInterval(() => {
    if (!allowed()) raw.end()
    else if (blockedSince === undefined) write(': \n\n')
    else if (performance.now() - blockedSince > stallMs) raw.destroy()
  }, beatMs)
  raw.once('close', () => {
    clearInterval(beat)
    stop()
    waiting.clear()
    onEnd()
  })
}

/** The id that the viewer has seen last; undefined for none or what is no id of ours. */
function lastId(request: FastifyRequest): number | undefined {
  const { 'last-event-id': header } = request.headers
  const query = request.query
  const asked = typeof query === 'object' && query !== null && 'after' in query ? String(query.after) : undefined
  const text = typeof header === 'string' ? header : asked
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
