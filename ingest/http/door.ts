// How do events get in by HTTP, whatever the protocol? A key says whose they are, rate and memory how many, and Kafka confirms each of them.
import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { errorText } from '../../runtime/errors.ts'
import type { KeyRing } from '../../runtime/keys.ts'
import { BURST_SECONDS, createRateLimiter } from '../../runtime/rate.ts'
import type { Config } from '../../schemas/config.ts'
import type { CollectorMark } from '../../schemas/raw-event.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { CollectorDependencies, SourceRef, Unsealed } from '../collector.ts'
import { createSeenIds, type SeenIds } from '../seen.ts'
import { createBudget, decodeBody, type Encoding, type Lease, receiveBody } from './body.ts'
import { HttpError } from './errors.ts'
import { identify, peerOf } from './request.ts'

export interface DoorOptions {
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
/** How long a closing server waits for writes on their way. */
const CLOSE_MS = 2000

/** Who sends: known by the key. */
export interface Sender {
  readonly source: SourceRef
  readonly keyId: string
  readonly peer: string
}

/** A body that has been received and decoded; its memory is counted until it is let go. */
export interface Held {
  readonly body: Buffer
  /** Bytes as sent. */
  readonly sent: number
  readonly lease: Lease
  /** Set once a write holds the memory: it is then given back when that ends, however long the sender waits. */
  passedOn: boolean
}

/** Events to be written. Each is made when its piece is due, so that a large request is never there twice. */
export interface Batch {
  readonly count: number
  /** Format to parse them with; empty: recognise it. */
  readonly format: string
  payload(at: number): Buffer
  /** Id of an event; empty: the seal makes one. */
  id(at: number): string
  /** Marks of an event. */
  marks?(at: number): readonly CollectorMark[]
  /** Lines that went into the event of a line before them. */
  readonly joined?: number
}

export interface Door extends Pick<CollectorDependencies, 'log' | 'metrics' | 'sources'> {
  readonly limits: DoorOptions['limits']
  readonly now: () => number
  /** Ids that senders gave to events. */
  readonly seen: SeenIds
  /** The most events of one request. */
  readonly maxEvents: number
  /**
   * Lets a request in by its key, or throws HttpError. `named`: the source that the request names, if its protocol does; `place` says
   * in the audit trail where a key was refused.
   */
  admit(request: FastifyRequest, key: string, place: string, named?: string): Sender
  /**
   * Looks at the head of a request that was let in, before its body is read: throws BODY_TOO_LARGE, or RATE_LIMITED unless the answer
   * to that needs the body.
   */
  knock(request: FastifyRequest, sender: Sender, answersNeedBody?: boolean): void
  /** Receives and decodes the body and lets `use` have it. */
  receive<T>(request: FastifyRequest, encoding: Encoding, use: (held: Held) => Promise<T>): Promise<T>
  /**
   * Starts to write; what it answers settles with Kafka's word on all of the events. Everything is counted here. Throws BUSY or
   * RATE_LIMITED, and then nothing has begun.
   */
  write(sender: Sender, held: Held, batch: Batch, key?: string): Promise<void>
  /** Counts events that were written before, and so are not written again. */
  repeated(sender: Sender, held: Held, events: number): void
  /** Waits for a write as long as a sender should; throws KAFKA_UNAVAILABLE. */
  confirmed(written: Promise<void>): Promise<void>
  /**
   * What stands for something that a sender named: the same in every process of this installation, and keyed, so that an
   * identifier in it cannot be guessed.
   */
  identify(...parts: string[]): string
  close(): Promise<unknown>
}

/** One door for all protocols: they share the memory for bodies and the rate of a key. */
export function createDoor({ deps, keys, limits, audit, now = Date.now }: DoorOptions): Door {
  const { writer, seal, log, metrics, sources } = deps
  const budget = createBudget(limits.body_memory_bytes)
  const rate = createRateLimiter(limits.events_per_second, now)
  const pending = new Set<Promise<void>>()

  function admit(request: FastifyRequest, text: string, place: string, named?: string): Sender {
    const peer = peerOf(request)
    const key = keys.verify(text)
    if (key === undefined) {
      audit?.({ action: 'key_refused', outcome: 'failure', peer, message: `API key refused for ${place}` })
      throw new HttpError(text === '' ? 'KEY_MISSING' : 'KEY_REFUSED')
    }
    const id = named ?? key.source
    const source = sources.byId(id)
    if (source === undefined) throw new HttpError('SOURCE_UNKNOWN', { source: id })
    if (key.source !== source.id) {
      const message = `API key of source ${key.source} used for source ${source.id}`
      audit?.({ action: 'key_refused', outcome: 'failure', user: key.id, peer, message })
      throw new HttpError('KEY_OF_ANOTHER_SOURCE', { source: source.id })
    }
    if (source.loopbackOnly && !isLoopback(peer)) throw new HttpError('LOOPBACK_ONLY', { source: source.id })
    return { source, keyId: key.id, peer }
  }

  async function receive<T>(request: FastifyRequest, encoding: Encoding, use: (held: Held) => Promise<T>): Promise<T> {
    const lease = budget.lease()
    let held: Held | undefined
    try {
      const sent = await receiveBody(request.raw, limits.max_body_bytes, lease)
      const body = await decodeBody(sent, encoding, limits.max_decompressed_bytes, lease)
      held = { body, sent: sent.length, lease, passedOn: false }
      return await use(held)
    } finally {
      if (held?.passedOn !== true) lease.release()
    }
  }

  function slowDown(keyId: string, events: number): void {
    const seconds = rate.wait(keyId, events)
    if (seconds > 0) throw new HttpError('RATE_LIMITED', { rate: limits.events_per_second }, seconds)
  }

  function write(sender: Sender, held: Held, batch: Batch, key: string = randomUUID()): Promise<void> {
    const { source, keyId } = sender
    const { count } = batch
    held.lease.take(count * EVENT_OVERHEAD)
    slowDown(keyId, count)
    rate.take(keyId, count)
    const written = writeAll(sender, batch, key)
    metrics.received(source.id, count, held.sent)
    if (batch.joined !== undefined) metrics.joined(source.id, batch.joined)
    held.passedOn = true
    follow(written, held.lease, source.id, count)
    return written
  }

  /** Seals the events and writes them piece by piece. */
  async function writeAll({ source, peer }: Sender, batch: Batch, key: string): Promise<void> {
    const { count, format } = batch
    const receivedAt = now()
    const running = new Set<Promise<void>>()
    let failure: { error: unknown } | undefined
    for (let next = 0; next < count && failure === undefined; ) {
      const piece: Unsealed[] = []
      for (let bytes = 0; next < count && piece.length < PIECE_EVENTS && bytes < PIECE_BYTES; next++) {
        const payload = batch.payload(next)
        bytes += payload.length
        const event: Unsealed = { source: source.id, format, receivedAt, peer, id: batch.id(next), key, payload }
        if (batch.marks !== undefined) event.marks = [...batch.marks(next)]
        piece.push(event)
      }
      const one: Promise<void> = writer.write(seal(piece)).then(
        () => void running.delete(one),
        (error: unknown) => {
          running.delete(one)
          failure ??= { error }
        },
      )
      running.add(one)
      if (next >= count) break
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

  return {
    log,
    metrics,
    sources,
    limits,
    now,
    seen: createSeenIds(now),
    maxEvents: limits.events_per_second * BURST_SECONDS,
    admit,
    knock(request, { keyId }, answersNeedBody = false) {
      if (Number(request.headers['content-length'] ?? 0) > limits.max_body_bytes)
        throw new HttpError('BODY_TOO_LARGE', { limit: limits.max_body_bytes })
      if (!answersNeedBody) slowDown(keyId, 1)
    },
    receive,
    write,
    repeated({ source }, { sent, lease }, events) {
      metrics.received(source.id, events, sent)
      metrics.refused('idempotent_repeat', events)
      lease.release()
    },
    confirmed,
    identify: (...parts) => identify(seal, ...parts),
    close: () => Promise.race([Promise.allSettled(pending), new Promise((r) => setTimeout(r, CLOSE_MS).unref())]),
  }
}

function isLoopback(peer: string): boolean {
  return peer === '::1' || /^127\./.test(peer)
}
