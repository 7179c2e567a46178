// How is a request refused so that its sender can read why? In the form of its protocol, counted, also while its body is still arriving.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorText } from '../../runtime/errors.ts'
import type { Door } from './door.ts'
import { HttpError } from './errors.ts'
import { hasBody, lingering } from './request.ts'

/** An answer in the form of a protocol. */
export interface AnswerForm {
  readonly status: number
  readonly type: string
  readonly payload: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers an error that a route threw. `source`: the one let in, if any. */
export function refuse(
  { log, metrics }: Pick<Door, 'log' | 'metrics'>,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  source: string,
  formOf: (refusal: HttpError) => AnswerForm,
): void {
  const refusal = asHttpError(error)
  if (refusal.code === 'INTERNAL') log.error({ cause: errorText(error) }, 'HTTP collector failed')
  answerRefusal(metrics, refusal, formOf(refusal), request, reply, source)
}

/** Counts a refusal and answers it in a form, whatever table of errors it is from. */
export function answerRefusal(
  metrics: Door['metrics'],
  { code, retryAfter }: { readonly code: string; readonly retryAfter?: number | undefined },
  { status, type, payload, headers = {} }: AnswerForm,
  request: FastifyRequest,
  reply: FastifyReply,
  source: string,
): void {
  // Their events were not counted yet, or not refused but still on their way.
  if (code !== 'KAFKA_UNAVAILABLE') {
    metrics.received(source, 1, 0)
    metrics.refused(code, 1)
  }
  reply.code(status).type(type).header('content-length', payload.length).headers(headers)
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (request.raw.complete || request.raw.destroyed || !hasBody(request.raw)) reply.send(payload)
  else reply.header('connection', 'close').send(lingering(request.raw, payload))
}

/** A JSON answer. */
export function jsonForm(status: number, body: unknown, headers: Record<string, string> = {}): AnswerForm {
  return { status, type: 'application/json; charset=utf-8', payload: Buffer.from(JSON.stringify(body)), headers }
}

function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  // Fastify's own: a Content-Type that is none, an address that cannot be decoded.
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 415) return new HttpError('CONTENT_TYPE_UNSUPPORTED', { type: '(unreadable)' })
  if (typeof status === 'number' && status < 500) return new HttpError('REQUEST_INVALID', { detail: errorText(error) })
  return new HttpError('INTERNAL')
}
