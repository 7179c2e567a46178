// How do shippers of Grafana Loki push lines? POST /loki/api/v1/push, snappy protobuf or JSON, answered 204; refusals are plain text, as Loki's.
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Held } from '../http/door.ts'
import { HttpError } from '../http/errors.ts'
import type { Shared, Shipper } from '../http/shipper.ts'
import { agreeOnSource } from '../http/source-name.ts'
import { createPayloads } from '../wire/payloads.ts'
import { ProtobufReader } from '../wire/protobuf.ts'
import { unpackSnappy } from '../wire/snappy.ts'
import { JsonWalker } from '../wire/walk.ts'
import { type LokiEntry, lokiPayload, readPushJson, readPushProtobuf } from './entries.ts'

/** Entries read at a time: other requests get their turn in between. */
const PIECE_ENTRIES = 500

export const loki: Shipper = {
  name: 'loki',
  prefix: '/loki/api/v1',
  formOf({ status, body }) {
    return {
      // Promtail and Alloy throw away what is answered with 400, and cut what is answered with 413: both say that.
      status,
      type: 'text/plain; charset=utf-8',
      payload: Buffer.from(`${body.message} ${body.action}\n`),
      headers: status === 401 ? { 'www-authenticate': 'Basic realm="siaga", Bearer realm="siaga"' } : {},
    }
  },
  routes(app, shared) {
    app.post('/push', { onRequest: shared.admit }, (request, reply) => push(request, reply, shared))
  },
}

function push(request: FastifyRequest, reply: FastifyReply, shared: Shared): Promise<FastifyReply> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const tenant = request.headers['x-scope-orgid']
  const { door } = shared
  const { source } = shared.senderOf(request)
  agreeOnSource(door.sources, typeof tenant === 'string' ? tenant : '', source)
  const take = async (held: Held, entries: Generator<LokiEntry>): Promise<FastifyReply> => {
    const payloads = createPayloads(door, held)
    const ids: string[] = []
    for (const entry of entries) {
      const kept = payloads.all.length
      payloads.add(lokiPayload(entry))
      // To Loki an entry is its labels, its time and its line: the same again is the same entry, and shippers rely on it.
      if (payloads.all.length > kept) ids.push(door.identify(source.id, entry.labels, entry.timestamp, entry.line))
      if (ids.length % PIECE_ENTRIES === 0) await turn()
    }
    const { all, tooLong } = payloads
    await shared.deliver(request, reply, held, {
      count: all.length,
      format: source.format,
      payload: (at) => all[at] ?? Buffer.alloc(0),
      ids,
    })
    if (tooLong > 0) {
      door.metrics.received(source.id, tooLong, 0)
      door.metrics.refused('loki_too_long', tooLong)
    }
    return reply.code(204).send()
  }
  if (type === 'application/json')
    return shared.receive(request, (held) => take(held, readPushJson(new JsonWalker(held.body))))
  // Some name the compression that the type implies, others do not.
  if (type === 'application/x-protobuf')
    return door.receive(request, 'identity', (held) => {
      const body = unpackSnappy(held.body, door.limits.max_decompressed_bytes, held.lease)
      return take(held, readPushProtobuf(new ProtobufReader(body)))
    })
  throw new HttpError('CONTENT_TYPE_UNSUPPORTED', { type: type === '' ? '(none)' : type })
}
