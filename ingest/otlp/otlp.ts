// How do OpenTelemetry's exporters push log records? POST /v1/logs, protobuf or JSON, answered in the same (OTLP specification, "OTLP/HTTP").
import { setImmediate as turn } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AnswerForm, jsonForm } from '../http/answer.ts'
import { HttpError, type HttpErrorCode } from '../http/errors.ts'
import type { Shared, Shipper } from '../http/shipper.ts'
import { createPayloads } from '../wire/payloads.ts'
import { ProtobufReader, protobufField, protobufMessage } from '../wire/protobuf.ts'
import { JsonWalker } from '../wire/walk.ts'
import { readJson } from './from-json.ts'
import { readProtobuf } from './from-protobuf.ts'
import { payloadOf } from './record.ts'

/** Records read at a time: other requests get their turn in between. */
const PIECE_RECORDS = 500

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

/** Codes of google.rpc.Code; any other refusal is an invalid argument. */
const codes: Partial<Record<HttpErrorCode, number>> = {
  KEY_MISSING: 16,
  KEY_REFUSED: 16,
  KEY_OF_ANOTHER_SOURCE: 7,
  LOOPBACK_ONLY: 7,
  RATE_LIMITED: 8,
  BODY_TOO_LARGE: 8,
  DECOMPRESSED_TOO_LARGE: 8,
  TOO_MANY_EVENTS: 8,
  BUSY: 14,
  KAFKA_UNAVAILABLE: 14,
  INTERNAL: 13,
}
const INVALID_ARGUMENT = 3

export const otlp: Shipper = {
  name: 'otlp',
  prefix: '',
  formOf({ code, status, body }, request) {
    const message = `${body.message} ${body.action}`
    const rpc = codes[code] ?? INVALID_ARGUMENT
    const headers: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer realm="siaga"' } : {}
    if (typeOf(request) !== PROTOBUF) return jsonForm(status, { code: rpc, message }, headers)
    return protobufForm(status, Buffer.concat([protobufField(1, rpc), protobufField(2, message)]), headers)
  },
  routes(app, shared) {
    app.post('/v1/logs', { onRequest: shared.admit }, (request, reply) => take(request, reply, shared))
  },
}

function take(request: FastifyRequest, reply: FastifyReply, shared: Shared): Promise<FastifyReply> {
  const type = typeOf(request)
  if (type !== PROTOBUF && type !== JSON_TYPE)
    throw new HttpError('CONTENT_TYPE_UNSUPPORTED', { type: type === '' ? '(none)' : type })
  return shared.receive(request, async (held) => {
    const { body } = held
    const { door } = shared
    const { source } = shared.senderOf(request)
    const payloads = createPayloads(door, held)
    let read = 0
    for (const [record, group] of type === PROTOBUF
      ? readProtobuf(new ProtobufReader(body))
      : readJson(new JsonWalker(body))) {
      payloads.add(payloadOf(record, group))
      if (++read % PIECE_RECORDS === 0) await turn()
    }
    const { all, tooLong } = payloads
    await shared.deliver(request, reply, held, {
      count: all.length,
      format: source.format,
      payload: (at) => all[at] ?? Buffer.alloc(0),
    })
    if (tooLong > 0) {
      door.metrics.received(source.id, tooLong, 0)
      door.metrics.refused('otlp_too_long', tooLong)
    }
    const form = successForm(type, tooLong)
    return reply.code(200).type(form.type).send(form.payload)
  })
}

/** An empty message, unless some records were refused for good. */
function successForm(type: string, rejected: number): AnswerForm {
  const errorMessage = rejected === 0 ? '' : 'a log record may have 512 KiB'
  if (type === JSON_TYPE)
    return jsonForm(
      200,
      rejected === 0 ? {} : { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage } },
    )
  const partial = Buffer.concat([protobufField(1, rejected), protobufField(2, errorMessage)])
  return protobufForm(200, rejected === 0 ? Buffer.alloc(0) : protobufMessage(1, partial), {})
}

function protobufForm(status: number, payload: Buffer, headers: Record<string, string>): AnswerForm {
  return { status, type: PROTOBUF, payload, headers }
}

function typeOf({ headers }: FastifyRequest): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
