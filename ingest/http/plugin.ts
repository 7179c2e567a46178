// How are events pushed over HTTP? POST /v1/events/{source}: lines or JSON, and an Idempotency-Key that makes a repeat harmless.
import { hash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { SourceFormat } from '../../schemas/config.ts'
import { envelopeFormat } from '../../schemas/raw-event.ts'
import { jsonForm, refuse } from './answer.ts'
import { type Encoding, encodingOf } from './body.ts'
import type { Batch, Door, Held, Sender } from './door.ts'
import { HttpError } from './errors.ts'
import { createIdempotencyMemory } from './idempotency.ts'
import { joinSpans } from './join-lines.ts'
import { keyOf } from './request.ts'
import { type BodyKind, bodyKinds, createSplitter } from './split.ts'

/** Bytes of a body split at a time: other requests get their turn in between. */
const PIECE_BYTES = 1024 * 1024

/** A request let in by its head. */
interface Admitted {
  sender: Sender
  format: string
  kind: BodyKind
  encoding: Encoding
  idempotencyKey: string | undefined
}

/**
 * The collector as a Fastify plugin, to be registered on the web server. Its parsers and its error handler are its own. Peers are
 * socket addresses, whatever a proxy header says.
 */
export function httpCollector(door: Door): FastifyPluginAsync {
  const memory = createIdempotencyMemory(door.now)
  const admitted = new WeakMap<FastifyRequest, Admitted>()

  function admit(request: FastifyRequest<{ Params: { source: string } }>): Admitted {
    const { headers, params } = request
    const sender = door.admit(request, keyOf(headers), `source ${params.source}`, params.source)
    const format = formatOf(request.query) ?? sender.source.format
    const kind = kindOf(headers['content-type'])
    const encoding = encodingOf(headers['content-encoding'])
    const idempotencyKey = idempotencyKeyOf(headers['idempotency-key'])
    door.knock(request, sender)
    return { sender, format: envelopeFormat(format), kind, encoding, idempotencyKey }
  }

  async function collect(request: FastifyRequest, reply: FastifyReply): Promise<{ accepted: number }> {
    const admission = admitted.get(request)
    if (admission === undefined) throw new HttpError('INTERNAL')
    return door.receive(request, admission.encoding, (held) => deliver(admission, held, reply))
  }

  async function deliver(
    { sender, format, kind, idempotencyKey }: Admitted,
    held: Held,
    reply: FastifyReply,
  ): Promise<{ accepted: number }> {
    const { body } = held
    const splitter = createSplitter(kind, body, door.maxEvents)
    while (!splitter.step(PIECE_BYTES)) await turn()
    const { spans } = splitter
    /** What the sender counts; lines that are joined are fewer events. */
    const accepted = spans.length / 2
    const joined = kind === 'lines' ? await joinSpans(spans, held, format) : undefined
    let identity: string | undefined
    const batch: Batch = {
      count: accepted,
      payload: (at) => body.subarray(spans[at * 2], spans[at * 2 + 1]),
      ...joined,
      format,
      id: (at) => (identity === undefined ? '' : `${identity}-${(joined?.number(at) ?? at).toString(36)}`),
    }
    if (idempotencyKey === undefined) {
      await door.confirmed(door.write(sender, held, batch))
      return { accepted }
    }
    const source = sender.source.id
    const bodyHash = `${hash('sha256', body, 'base64url')} ${format} ${kind}`
    const name = door.identify(source, idempotencyKey)
    const before = memory.look(source, name, bodyHash)
    if (before.kind === 'conflict') throw new HttpError('IDEMPOTENCY_KEY_REUSED')
    if (before.kind === 'repeat') {
      door.repeated(sender, held, batch.count)
      await door.confirmed(before.written)
      reply.header('Idempotent-Replayed', 'true')
      return { accepted: before.events }
    }
    // The body goes into the ids: a key used again for another body, days later, makes no twins.
    identity = door.identify(source, idempotencyKey, bodyHash)
    const written = door.write(sender, held, batch, identity)
    memory.begin(source, name, bodyHash, accepted, written)
    await door.confirmed(written)
    return { accepted }
  }

  return async (app) => {
    // The body is read by us, bounded, once the sender is known: no parser, of ours or of the root, touches it.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    app.setErrorHandler((error, request, reply) =>
      refuse(door, error, request, reply, admitted.get(request)?.sender.source.id ?? '', ({ status, body }) =>
        jsonForm(status, body, {
          ...(status === 401 && { 'www-authenticate': 'Bearer realm="siaga"' }),
          ...(status === 405 && { allow: 'POST' }),
        }),
      ),
    )
    app.addHook('onClose', () => door.close())
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

function idempotencyKeyOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(header)) throw new HttpError('IDEMPOTENCY_KEY_INVALID')
  return header
}
