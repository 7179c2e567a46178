// What do the protocols of shippers share? A place on the web server, a form for refusals, and repeats that are written once.
import { hash, randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { type AnswerForm, refuse } from './answer.ts'
import { encodingOf } from './body.ts'
import { keyFrom } from './credentials.ts'
import type { Batch, Door, Held, Sender } from './door.ts'
import { HttpError } from './errors.ts'

const REMEMBER_MS = 10 * 60_000
/** Requests without an answer that are remembered. */
const MAX_UNANSWERED = 10_000

/** Events that a protocol has found in a body. `ids`: those that the sender gave, by place; the others get one of their request. */
export interface Parcel {
  readonly count: number
  readonly format: string
  payload(at: number): Buffer
  readonly ids?: readonly (string | undefined)[]
}

/** A way in for the protocol of a shipper. */
export interface Shipper {
  readonly name: string
  /** Path that its routes begin with; empty: none. */
  readonly prefix: string
  /** Its refusals speak of each event, so that it reads the body of a request that comes too fast. */
  readonly answersNeedBody?: boolean
  formOf(refusal: HttpError, request: FastifyRequest): AnswerForm
  routes(app: FastifyInstance, shared: Shared): void
}

export interface Shared {
  readonly door: Door
  /** The sender of a request, once `onRequest` has let it in. */
  senderOf(request: FastifyRequest): Sender
  /** Lets a request in by its key alone. */
  readonly admit: (request: FastifyRequest) => Promise<void>
  /** Receives a body, as its Content-Encoding says. */
  receive<T>(request: FastifyRequest, use: (held: Held) => Promise<T>): Promise<T>
  /** Writes events and resolves when Kafka has them all; throws HttpError. */
  deliver(request: FastifyRequest, reply: FastifyReply, held: Held, parcel: Parcel): Promise<void>
}

/** A request that its sender has no answer of, and so will send again. */
interface Unanswered {
  readonly written: Promise<void>
  readonly identity: string
  readonly count: number
  readonly at: number
}

/** The protocol as a Fastify plugin, to be registered on the web server. */
export function shipperPlugin(door: Door, shipper: Shipper): FastifyPluginAsync {
  const senders = new WeakMap<FastifyRequest, Sender>()
  const unanswered = new Map<string, Unanswered>()

  const senderOf = (request: FastifyRequest): Sender => {
    const sender = senders.get(request)
    if (sender === undefined) throw new HttpError('INTERNAL')
    return sender
  }

  function remember(name: string, entry: Unanswered): void {
    const oldest = unanswered.keys().next()
    if (unanswered.size >= MAX_UNANSWERED && oldest.done === false) unanswered.delete(oldest.value)
    unanswered.set(name, entry)
  }

  /** The first try of the same request, if its sender never had an answer. */
  function firstTry(name: string): Unanswered | undefined {
    const entry = unanswered.get(name)
    return entry !== undefined && door.now() - entry.at < REMEMBER_MS ? entry : undefined
  }

  /** Resolves with Kafka's word; until the answer has left, the same request sent again is taken for a repeat of this one. */
  async function answered(name: string, entry: Unanswered, reply: FastifyReply): Promise<void> {
    let confirmed = false
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) remember(name, entry)
      else if (confirmed) unanswered.delete(name)
    })
    try {
      await door.confirmed(entry.written)
      confirmed = true
    } catch (error) {
      remember(name, entry)
      throw error
    }
  }

  async function deliver(request: FastifyRequest, reply: FastifyReply, held: Held, parcel: Parcel): Promise<void> {
    const sender = senderOf(request)
    const { count, format, ids = [] } = parcel
    const name = hash('sha256', `${sender.keyId} ${sender.peer} ${request.url} ${hash('sha256', held.body)}`)
    const before = firstTry(name)
    // One that failed is written again under the ids it had: a part of it may have reached Kafka.
    const failed = before !== undefined && (await outcomeOf(before.written)) === 'failed'
    if (before !== undefined && !failed) {
      door.repeated(sender, held, count)
      return answered(name, { ...before, at: door.now() }, reply)
    }
    const identity = before?.identity ?? randomUUID()
    const fresh: number[] = []
    const freshIds = new Set<string>()
    const others = new Set<Promise<void>>()
    for (let at = 0; at < count; at++) {
      const id = ids[at]
      if (id !== undefined && freshIds.has(id)) continue
      const known = id === undefined ? undefined : door.seen.look(id)
      if (known === undefined) {
        fresh.push(at)
        if (id !== undefined) freshIds.add(id)
      } else if (known !== true) others.add(known)
    }
    const batch: Batch = {
      count: fresh.length,
      format,
      payload: (n) => parcel.payload(fresh[n] ?? 0),
      id: (n) => ids[fresh[n] ?? 0] ?? `${identity}-${(fresh[n] ?? 0).toString(36)}`,
    }
    const own = door.write(sender, held, batch, identity)
    door.seen.begin([...freshIds], own)
    if (fresh.length < count) {
      door.metrics.received(sender.source.id, count - fresh.length, 0)
      door.metrics.refused('idempotent_repeat', count - fresh.length)
    }
    const written = Promise.all([own, ...others]).then(() => undefined)
    // Whoever waits for it hears of a failure; nobody may be waiting.
    written.catch(() => undefined)
    return answered(name, { written, identity, count, at: door.now() }, reply)
  }

  const shared: Shared = {
    door,
    senderOf,
    deliver,
    admit: async (request) => {
      const sender = door.admit(request, keyFrom(request.headers), shipper.name)
      senders.set(request, sender)
      door.knock(request, sender, shipper.answersNeedBody)
    },
    receive: (request, use) => door.receive(request, encodingOf(request.headers['content-encoding']), use),
  }

  return async (app) => {
    // The body is read by us, bounded, once the sender is known: no parser, of ours or of the root, touches it.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    app.setErrorHandler((error, request, reply) =>
      refuse(door, error, request, reply, senders.get(request)?.source.id ?? '', (refusal) =>
        shipper.formOf(refusal, request),
      ),
    )
    app.addHook('onResponse', async (_request, reply) => door.metrics.answered(shipper.name, reply.statusCode))
    await app.register(async (routes) => shipper.routes(routes, shared), { prefix: shipper.prefix })
  }
}

async function outcomeOf(written: Promise<void>): Promise<'pending' | 'done' | 'failed'> {
  const outcome = written.then(
    () => 'done' as const,
    () => 'failed' as const,
  )
  return Promise.race([outcome, new Promise<'pending'>((resolve) => setImmediate(resolve, 'pending'))])
}
