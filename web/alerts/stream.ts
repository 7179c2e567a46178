// How are changes told live? Server-sent events that go on where they left off (Last-Event-ID), cut for each viewer.
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface LiveOptions<T> {
  /** Tells what has changed after an id, then everything as it comes, until the answered function is called. */
  readonly follow: (after: number | undefined, onChange: (change: T & { readonly id: number }) => void) => () => void
  /** Name and data of the event, or undefined for what this viewer may not see. */
  readonly show: (change: T) => { readonly event: string; readonly data: unknown } | undefined
  /** Asked now and then: a key that was taken away must not go on reading. */
  readonly mayGoOn: () => boolean
  readonly onEnd: () => void
  readonly heartbeatMs?: number
}

/** A comment now and then keeps proxies and phones from closing a connection in a quiet hour. */
const HEARTBEAT_MS = 15_000
/** A viewer whose line is slower than the news gets no more until it has read this, and then what it missed, in its newest form. */
const MAX_WAITING_BYTES = 256 * 1024
const RETRY_MS = 3_000

/** Answers with a stream of events until the viewer leaves or the server closes. WHATWG HTML, section 9.2. */
export function live<T>(request: FastifyRequest, reply: FastifyReply, options: LiveOptions<T>): void {
  const { follow, show, mayGoOn, onEnd, heartbeatMs = HEARTBEAT_MS } = options
  const headers = { ...reply.getHeaders() }
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write(`retry: ${RETRY_MS}\n\n`)
  let last = lastId(request)
  let behind = false
  const onChange = (change: T & { readonly id: number }): void => {
    if (behind) return
    const shown = show(change)
    // JSON holds no line breaks. An id without an event is remembered too, so that what is not for this viewer is not asked for again.
    raw.write(
      shown === undefined
        ? `id: ${change.id}\n\n`
        : `id: ${change.id}\nevent: ${shown.event}\ndata: ${JSON.stringify(shown.data)}\n\n`,
    )
    last = change.id
    behind = raw.writableLength > MAX_WAITING_BYTES
  }
  let stop = follow(last, onChange)
  raw.on('drain', () => {
    if (!behind) return
    behind = false
    stop()
    stop = follow(last, onChange)
  })
  const beat = setInterval(() => {
    if (!mayGoOn()) raw.destroy()
    else if (!behind) raw.write(': \n\n')
  }, heartbeatMs)
  raw.once('close', () => {
    clearInterval(beat)
    stop()
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
