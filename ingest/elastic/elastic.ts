// How do shippers of Elasticsearch push events? POST <prefix>/_bulk: each document is an event, the answer has a line for each.
import { hash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { jsonForm } from '../http/answer.ts'
import type { Door, Held, Sender } from '../http/door.ts'
import type { HttpErrorCode } from '../http/errors.ts'
import type { Shared, Shipper } from '../http/shipper.ts'
import { agreeOnSource } from '../http/source-name.ts'
import { type BulkItem, type BulkRefusal, createBulkReader } from './bulk.ts'
import { addHandshake, sayProduct } from './handshake.ts'

/** Bytes of a body read at a time: other requests get their turn in between. */
const PIECE_BYTES = 512 * 1024
/** Items hashed, or answered, at a time. */
const PIECE_ITEMS = 2000

/** Names of exceptions by which shippers tell what to do; any other refusal is an illegal argument. */
const types: Partial<Record<HttpErrorCode, string>> = {
  KEY_MISSING: 'security_exception',
  KEY_REFUSED: 'security_exception',
  KEY_OF_ANOTHER_SOURCE: 'security_exception',
  LOOPBACK_ONLY: 'security_exception',
  RATE_LIMITED: 'es_rejected_execution_exception',
  BUSY: 'es_rejected_execution_exception',
  KAFKA_UNAVAILABLE: 'unavailable_shards_exception',
  BODY_TOO_LARGE: 'content_too_long_exception',
  DECOMPRESSED_TOO_LARGE: 'content_too_long_exception',
  TOO_MANY_EVENTS: 'content_too_long_exception',
  SOURCE_UNKNOWN: 'index_not_found_exception',
  INTERNAL: 'exception',
}

const itemRefusals: Readonly<Record<BulkRefusal, { status: number; error: { type: string; reason: string } }>> = {
  unsupported: {
    status: 400,
    error: { type: 'illegal_argument_exception', reason: 'events are evidence: only index and create are possible' },
  },
  too_long: {
    status: 413,
    error: { type: 'content_too_long_exception', reason: 'the document is longer than 512 KiB' },
  },
}

/** Refusals that pass: the same documents are welcome later. */
const passing: ReadonlySet<HttpErrorCode> = new Set<HttpErrorCode>(['RATE_LIMITED', 'BUSY', 'KAFKA_UNAVAILABLE'])

/** Elasticsearch's protocol under `prefix`. */
export function elastic(prefix: string): Shipper {
  const read = new WeakMap<FastifyRequest, readonly BulkItem[]>()
  return {
    name: 'elastic',
    prefix,
    answersNeedBody: true,
    formOf(refusal, request) {
      const { code, status, body } = refusal
      const reason = `${body.message} ${body.action}`
      const error = { type: types[code] ?? 'illegal_argument_exception', reason }
      // omelasticsearch looks at the items alone, and throws away the lines of an answer without them.
      const items = passing.has(code) ? read.get(request) : undefined
      const each = items?.map(({ operation, index, id }) => ({
        [operation]: { _index: index, _id: id ?? null, status, error },
      }))
      return jsonForm(
        status,
        { error: { root_cause: [error], ...error }, status, ...(each && { took: 0, errors: true, items: each }) },
        {
          'x-elastic-product': 'Elasticsearch',
          ...(status === 401 && { 'www-authenticate': 'Basic realm="siaga", ApiKey, Bearer realm="siaga"' }),
        },
      )
    },
    routes(app, shared) {
      app.addHook('onSend', async (_request, reply) => sayProduct(reply))
      app.addHook('onRequest', shared.admit)
      addHandshake(app)
      for (const method of ['POST', 'PUT'] as const) {
        app.route({ method, url: '/_bulk', handler: (request, reply) => bulk(request, reply, '', shared, read) })
        app.route<{ Params: { index: string } }>({
          method,
          url: '/:index/_bulk',
          handler: (request, reply) => bulk(request, reply, request.params.index, shared, read),
        })
      }
      app.setNotFoundHandler((_request, reply) => {
        const error = { type: 'resource_not_found_exception', reason: 'Siaga takes events by _bulk, and nothing else' }
        return reply.code(404).send({ error: { root_cause: [error], ...error }, status: 404 })
      })
    },
  }
}

function bulk(
  request: FastifyRequest,
  reply: FastifyReply,
  index: string,
  shared: Shared,
  read: WeakMap<FastifyRequest, readonly BulkItem[]>,
): Promise<FastifyReply> {
  const began = performance.now()
  return shared.receive(request, async (held) => {
    const { body } = held
    const { door } = shared
    const sender = shared.senderOf(request)
    const reader = createBulkReader(body, index, door.maxEvents)
    while (!reader.step(PIECE_BYTES)) await turn()
    const { items } = reader
    read.set(request, items)
    for (const name of new Set([index, ...items.map((item) => item.index)]))
      agreeOnSource(door.sources, name, sender.source)
    const taken = items.filter(({ refused }) => refused === undefined)
    const ids = await identities(door, sender, held, taken)
    await shared.deliver(request, reply, held, {
      count: taken.length,
      format: sender.source.format,
      payload: (at) => body.subarray(taken[at]?.start, taken[at]?.end),
      ids,
    })
    const refused = items.length - taken.length
    if (refused > 0) {
      door.metrics.received(sender.source.id, refused, 0)
      for (const item of items) if (item.refused !== undefined) door.metrics.refused(`elastic_${item.refused}`, 1)
    }
    reply.type('application/json; charset=utf-8')
    return reply.send(await answer(items, Math.round(performance.now() - began)))
  })
}

/**
 * Ids of events from the ids that the sender gave: the same document under the same id is the same event, another document under
 * it is another event, for evidence is never written over.
 */
async function identities(
  { identify }: Door,
  { source }: Sender,
  { body }: Held,
  items: readonly BulkItem[],
): Promise<(string | undefined)[]> {
  const ids: (string | undefined)[] = []
  for (const { index, id, start, end } of items) {
    if (ids.length % PIECE_ITEMS === 0) await turn()
    ids.push(
      id === undefined
        ? undefined
        : identify(source.id, index, id, hash('sha256', body.subarray(start, end), 'base64url')),
    )
  }
  return ids
}

/** The answer for each item. A document that was there before is answered as it was then. */
async function answer(items: readonly BulkItem[], took: number): Promise<string> {
  const parts: string[] = []
  let errors = false
  for (const [at, { operation, index, id, refused }] of items.entries()) {
    if (at % PIECE_ITEMS === 0) await turn()
    const target = { _index: index, _id: id ?? null }
    if (refused === undefined) {
      parts.push(
        JSON.stringify({
          [operation]: { ...target, _version: 1, result: 'created', _seq_no: at, _primary_term: 1, status: 201 },
        }),
      )
    } else {
      errors = true
      parts.push(JSON.stringify({ [operation]: { ...target, ...itemRefusals[refused] } }))
    }
  }
  return `{"took":${took},"errors":${errors},"items":[${parts.join(',')}]}`
}
