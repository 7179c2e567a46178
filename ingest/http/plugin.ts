// How are events pushed over HTTP? POST /v1/events/{source}: who may, how much, written once, answered after Kafka has confirmed.
import { hash, randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { errorText } from '../../runtime/errors.ts'
import type { KeyRing } from '../../runtime/keys.ts'
import { type Config, SourceFormat } from '../../schemas/config.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { CollectorDependencies, SourceRef, Unsealed } from '../collector.ts'
import { createBudget, decodeBody, type Encoding, encodings, type Lease, receiveBody } from './body.ts'
import { HttpError } from './errors.ts'
import { createIdempotencyMemory } from './idempotency.ts'
import { BURST_SECONDS, createRateLimiter } from './rate.ts'
import { hasBody, identify, keyOf, LINGER_MS, lingering, peerOf } from './request.ts'
import { type BodyKind, bodyKinds, createSplitter } from './split.ts'

export interface HttpCollectorOptions {
  deps: CollectorDependencies
  keys: Pick<KeyRing, 'verify'>
  limits: Pick<
    Config['http'],
    'max_body_bytes' | 'max_decompressed_bytes' | 'events_per_second' | 'body_memory_bytes' | 'send_timeout_seconds'
  >
  audit?: (entry: AuditEntry) => void
  /** Milliseconds since 1970 UTC. */
  now?: () => number
}

/** Events sealed and handed to Kafka at a time: other requests get their turn in between. */
const PIECE_EVENTS = 2000
const PIECE_BYTES = 1024 * 1024
/** Pieces of one request on their way to Kafka at a time. */
const PIECES = 4
/** Rough memory of an event on its way, beside its bytes. */
const EVENT_OVERHEAD = 64
const KAFKA_RETRY_SECONDS = 5

/** A request let in by its head. */
interface Admitted {
  source: SourceRef
  keyId: string
  format: string
  kind: BodyKind
  encoding: Encoding
  idempotencyKey: string | undefined
}

/**
 * The collector as a Fastify plugin, to be registered on the web server. Its parsers and its error handler are its own. Peers are
 * socket addresses, whatever a proxy header says.
 */
export function httpCollector({ deps, keys, limits, audit, now = Date.now }: HttpCollectorOptions): FastifyPluginAsync {
  const { writer, seal, log, metrics, sources } = deps
  const budget = createBudget(limits.body_memory_bytes)
  const rate = createRateLimiter(limits.events_per_second, now)
  const memory = createIdempotencyMemory(now)
  const maxEvents = limits.events_per_second * BURST_SECONDS
  const admitted = new WeakMap<FastifyRequest, Admitted>()
  const pending = new Set<Promise<void>>()

  function admit(request: FastifyRequest<{ Params: { source: string } }>): Admitted {
    const peer = peerOf(request)
    const text = keyOf(request.headers)
    const key = keys.verify(text)
    if (key === undefined) {
      audit?.({
        action: 'key_refused',
        outcome: 'failure',
        peer,
        message: `API key refused for source ${request.params.source}`,
      })
      throw new HttpError(text === '' ? 'KEY_MISSING' : 'KEY_REFUSED')
    }
    const source = sources.byId(request.params.source)
    if (source === undefined) throw new HttpError('SOURCE_UNKNOWN', { source: request.params.source })
    if (key.source !== source.id) {
      const message = `API key of source ${key.source} used for source ${source.id}`
      audit?.({ action: 'key_refused', outcome: 'failure', user: key.id, peer, message })
      throw new HttpError('KEY_OF_ANOTHER_SOURCE', { source: source.id })
    }
    if (source.loopbackOnly && !isLoopback(peer)) throw new HttpError('LOOPBACK_ONLY', { source: source.id })
    const { headers } = request
    const format = formatOf(request.query) ?? source.format
    const kind = kindOf(headers['content-type'])
    const encoding = encodingOf(headers['content-encoding'])
    const idempotencyKey = idempotencyKeyOf(headers['idempotency-key'])
    if (Number(headers['content-length'] ?? 0) > limits.max_body_bytes) {
      throw new HttpError('BODY_TOO_LARGE', { limit: limits.max_body_bytes })
    }
    slowDown(key.id, 1)
    return { source, keyId: key.id, format: format === 'auto' ? '' : format, kind, encoding, idempotencyKey }
  }

  function slowDown(keyId: string, events: number): void {
    const seconds = rate.wait(keyId, events)
    if (seconds > 0) throw new HttpError('RATE_LIMITED', { rate: limits.events_per_second }, seconds)
  }

  async function collect(request: FastifyRequest, reply: FastifyReply): Promise<{ accepted: number }> {
    const admission = admitted.get(request)
    if (admission === undefined) throw new HttpError('INTERNAL')
    const { source, keyId, format, kind, encoding, idempotencyKey } = admission
    const lease = budget.lease()
    let written: Promise<void> | undefined
    try {
      const sent = await receiveBody(request.raw, limits.max_body_bytes, lease)
      const body = await decodeBody(sent, encoding, limits.max_decompressed_bytes, lease)
      const splitter = createSplitter(kind, body, maxEvents)
      while (!splitter.step(PIECE_BYTES)) await turn()
      const { spans } = splitter
      const events = spans.length / 2
      lease.take(events * EVENT_OVERHEAD)

      if (idempotencyKey !== undefined) {
        const bodyHash = `${hash('sha256', body, 'base64url')} ${format} ${kind}`
        const name = identify(seal, source.id, idempotencyKey)
        const before = memory.look(source.id, name, bodyHash)
        if (before.kind === 'conflict') throw new HttpError('IDEMPOTENCY_KEY_REUSED')
        if (before.kind === 'repeat') {
          metrics.received(source.id, events, sent.length)
          metrics.refused('idempotent_repeat', events)
          lease.release()
          await confirmed(before.written)
          reply.header('Idempotent-Replayed', 'true')
          return { accepted: before.events }
        }
        slowDown(keyId, events)
        rate.take(keyId, events)
        // The body goes into the ids: a key used again for another body, days later, makes no twins.
        written = write(admission, body, spans, peerOf(request), identify(seal, source.id, idempotencyKey, bodyHash))
        memory.begin(source.id, name, bodyHash, events, written)
      } else {
        slowDown(keyId, events)
        rate.take(keyId, events)
        written = write(admission, body, spans, peerOf(request), undefined)
      }
      metrics.received(source.id, events, sent.length)
      follow(written, lease, source.id, events)
      await confirmed(written)
      return { accepted: events }
    } finally {
      // Once the write has begun the memory is given back when it ends, however long the sender waits.
      if (written === undefined) lease.release()
    }
  }

  /** Seals the events and writes them piece by piece. */
  async function write(
    { source, format }: Admitted,
    body: Buffer,
    spans: number[],
    peer: string,
    identity: string | undefined,
  ): Promise<void> {
    const key = identity ?? randomUUID()
    const receivedAt = now()
    const running = new Set<Promise<void>>()
    let failure: { error: unknown } | undefined
    for (let next = 0; next < spans.length && failure === undefined; ) {
      const piece: Unsealed[] = []
      for (let bytes = 0; next < spans.length && piece.length < PIECE_EVENTS && bytes < PIECE_BYTES; next += 2) {
        const payload = body.subarray(spans[next], spans[next + 1])
        bytes += payload.length
        const id = identity === undefined ? '' : `${identity}-${(next / 2).toString(36)}`
        piece.push({ source: source.id, format, receivedAt, peer, id, key, payload })
      }
      const one: Promise<void> = writer.write(seal(piece)).then(
        () => void running.delete(one),
        (error: unknown) => {
          running.delete(one)
          failure ??= { error }
        },
      )
      running.add(one)
      if (next >= spans.length) break
      await turn()
      if (running.size >= PIECES) await Promise.race(running)
    }
    await Promise.all(running)
    if (failure !== undefined) throw failure.error
  }

  /** Sees a write to its end, also when the sender no longer waits for it. */
  function follow(written: Promise<void>, lease: Lease, source: string, events: number): void {
    const end = written
      .then(
        () => metrics.accepted(source, events),
        (error: unknown) => {
          metrics.refused('KAFKA_UNAVAILABLE', events)
          log.warn({ source, events, cause: errorText(error) }, 'events pushed over HTTP could not be written')
        },
      )
      .finally(() => {
        lease.release()
        pending.delete(end)
      })
    pending.add(end)
  }

  async function confirmed(written: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new HttpError('KAFKA_UNAVAILABLE', {}, KAFKA_RETRY_SECONDS)),
        limits.send_timeout_seconds * 1000,
      )
    })
    try {
      await Promise.race([written, late])
    } catch (error) {
      throw error instanceof HttpError ? error : new HttpError('KAFKA_UNAVAILABLE', {}, KAFKA_RETRY_SECONDS)
    } finally {
      clearTimeout(timer)
    }
  }

  function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = asHttpError(error)
    if (refusal.code === 'INTERNAL') log.error({ cause: errorText(error) }, 'HTTP collector failed')
    const admission = admitted.get(request)
    // Their events were not counted yet, or not refused but still on their way.
    if (refusal.code !== 'KAFKA_UNAVAILABLE') {
      metrics.received(admission?.source.id ?? '', 1, 0)
      metrics.refused(refusal.code, 1)
    }
    const payload = Buffer.from(JSON.stringify(refusal.body))
    reply.code(refusal.status).type('application/json; charset=utf-8').header('content-length', payload.length)
    if (refusal.retryAfter !== undefined) reply.header('retry-after', refusal.retryAfter)
    if (refusal.status === 401) reply.header('www-authenticate', 'Bearer realm="siaga"')
    if (refusal.status === 405) reply.header('allow', 'POST')
    if (request.raw.complete || request.raw.destroyed || !hasBody(request.raw)) reply.send(payload)
    else reply.header('connection', 'close').send(lingering(request.raw, payload))
  }

  return async (app) => {
    // The body is read by us, bounded, once the sender is known: no parser, of ours or of the root, touches it.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
    app.addHook('onClose', () =>
      Promise.race([Promise.allSettled(pending), new Promise((r) => setTimeout(r, LINGER_MS).unref())]),
    )
    app.post<{ Params: { source: string } }>(
      '/v1/events/:source',
      { onRequest: async (request) => void admitted.set(request, admit(request)) },
      async (request, reply) => {
        const answer = await collect(request, reply)
        reply.code(202)
        return answer
      },
    )
    app.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: '/v1/events/:source',
      onRequest: async () => {
        throw new HttpError('METHOD_NOT_ALLOWED')
      },
      handler: () => {},
    })
  }
}

function isLoopback(peer: string): boolean {
  return peer === '::1' || /^127\./.test(peer)
}

function formatOf(query: unknown): SourceFormat | undefined {
  if (typeof query !== 'object' || query === null || !('format' in query)) return undefined
  const parsed = SourceFormat.safeParse(query.format)
  if (parsed.success) return parsed.data
  throw new HttpError('FORMAT_UNKNOWN', {
    format: String(query.format).slice(0, 40),
    known: SourceFormat.options.join(', '),
  })
}

function kindOf(contentType: string | undefined): BodyKind {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  for (const [known, kind] of Object.entries(bodyKinds)) if (known === type) return kind
  throw new HttpError('CONTENT_TYPE_UNSUPPORTED', { type: type === '' ? '(none)' : type })
}

function encodingOf(contentEncoding: string | undefined): Encoding {
  const name = contentEncoding?.trim().toLowerCase() || 'identity'
  const encoding = encodings.find((known) => known === name)
  if (encoding === undefined) throw new HttpError('CONTENT_ENCODING_UNSUPPORTED', { encoding: name })
  return encoding
}

function idempotencyKeyOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(header)) throw new HttpError('IDEMPOTENCY_KEY_INVALID')
  return header
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  // Fastify's own: a Content-Type that is none, an address that cannot be decoded.
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 415) return new HttpError('CONTENT_TYPE_UNSUPPORTED', { type: '(unreadable)' })
  if (typeof status === 'number' && status < 500) return new HttpError('REQUEST_INVALID', { detail: errorText(error) })
  return new HttpError('INTERNAL')
}
