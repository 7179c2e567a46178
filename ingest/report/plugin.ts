// How does an Operation Room report? POST /v1/reports and /v1/reports/nihil, attachments before them: the region is the key's, the answer a receipt.
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { errorText } from '../../runtime/errors.ts'
import type { KeyRing } from '../../runtime/keys.ts'
import { createRateLimiter } from '../../runtime/rate.ts'
import { MAX_ATTACHMENT_BYTES, type ReportAnswer, Sha256 } from '../../schemas/report.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { CollectorDependencies } from '../collector.ts'
import { answerRefusal, jsonForm } from '../http/answer.ts'
import { createBudget, receiveBody } from '../http/body.ts'
import { hasBody, keyOf, peerOf } from '../http/request.ts'
import { asReportError, ReportError } from './errors.ts'
import { type Desk, MAX_REPORT_BYTES, type ReportDesk, type ReportKind } from './filing.ts'
import type { Piece, ReportStore } from './store.ts'

export interface ReportCollectorOptions {
  readonly deps: Omit<CollectorDependencies, 'sources'>
  readonly keys: Pick<KeyRing, 'verify'>
  readonly reports: ReportDesk
  readonly store: Pick<ReportStore, 'receive'>
  readonly audit?: (entry: AuditEntry) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
}

/** All reports being received at one time. */
const REPORT_MEMORY_BYTES = 32 * 1024 * 1024
/** Requests of one key in a second, bursts of ten seconds. */
const REQUESTS_PER_SECOND = 10
const UPLOADS_AT_ONCE = 4
const BUSY_RETRY_SECONDS = 2

/** The report collector as a Fastify plugin, to be registered on the web server. Peers are socket addresses, whatever a proxy header says. */
export function reportCollector(options: ReportCollectorOptions): FastifyPluginAsync {
  const { deps, keys, reports, store, audit, now = Date.now } = options
  const { log, metrics } = deps
  const budget = createBudget(REPORT_MEMORY_BYTES)
  const rate = createRateLimiter(REQUESTS_PER_SECOND, now)
  const admitted = new WeakMap<FastifyRequest, Desk>()
  const uploads = new Map<string, number>()

  function admit(request: FastifyRequest): Desk {
    const peer = peerOf(request)
    const text = keyOf(request.headers)
    const key = keys.verify(text)
    if (key === undefined) {
      audit?.({ action: 'key_refused', outcome: 'failure', peer, message: 'API key refused for reports' })
      throw new ReportError(text === '' ? 'KEY_MISSING' : 'KEY_REFUSED')
    }
    if (key.room === undefined) {
      const message = `API key of source ${key.source} used for reports`
      audit?.({ action: 'key_refused', outcome: 'failure', user: key.id, peer, message })
      throw new ReportError('KEY_NOT_OF_A_ROOM', { source: key.source })
    }
    const desk = reports.desk(key.room)
    if (desk === undefined) throw new ReportError('ROOM_UNKNOWN', { room: key.room })
    admitted.set(request, desk)
    const seconds = rate.wait(key.id, 1)
    if (seconds > 0) throw new ReportError('RATE_LIMITED', {}, { retryAfter: seconds })
    rate.take(key.id, 1)
    if (request.headers['content-encoding'] !== undefined) throw new ReportError('CONTENT_ENCODING_UNSUPPORTED')
    return desk
  }

  function admitReport(request: FastifyRequest): void {
    admit(request)
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
    if (type !== 'application/json' && hasBody(request.raw))
      throw new ReportError('CONTENT_TYPE_UNSUPPORTED', { type: type === '' ? '(none)' : (type ?? '') })
    if (Number(request.headers['content-length'] ?? 0) > MAX_REPORT_BYTES)
      throw new ReportError('BODY_TOO_LARGE', { limit: MAX_REPORT_BYTES })
  }

  async function file(kind: ReportKind, request: FastifyRequest, reply: FastifyReply): Promise<ReportAnswer> {
    const desk = deskAt(request)
    const lease = budget.lease()
    try {
      const bytes = await receiveBody(request.raw, MAX_REPORT_BYTES, lease)
      const idempotencyKey = idempotencyKeyOf(request)
      const { answer, repeated } = await reports.file({ desk, kind, bytes, idempotencyKey, peer: peerOf(request) })
      reply.code(repeated ? 200 : 201)
      if (repeated) reply.header('Idempotent-Replayed', 'true')
      return answer
    } finally {
      lease.release()
    }
  }

  async function receiveAttachment(
    request: FastifyRequest<{ Params: { sha256: string } }>,
    reply: FastifyReply,
  ): Promise<{ sha256: string; bytes: number }> {
    const { room } = deskAt(request)
    const { sha256 } = request.params
    const piece = pieceOf(request)
    const running = uploads.get(room.id) ?? 0
    if (running >= UPLOADS_AT_ONCE) throw new ReportError('BUSY', {}, { retryAfter: BUSY_RETRY_SECONDS })
    uploads.set(room.id, running + 1)
    try {
      const body = request.raw.iterator({ destroyOnReturn: false })
      const { bytes, complete } = await store.receive(room.id, sha256, body, piece)
      reply.code(complete ? 201 : 202)
      return { sha256, bytes }
    } catch (error) {
      // A stream that is destroyed must not hide why: the answer goes out first.
      throw error instanceof ReportError || request.raw.complete ? error : new ReportError('REQUEST_CUT')
    } finally {
      uploads.set(room.id, (uploads.get(room.id) ?? 1) - 1)
    }
  }

  function deskAt(request: FastifyRequest): Desk {
    const desk = admitted.get(request)
    if (desk === undefined) throw new ReportError('INTERNAL')
    return desk
  }

  function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = asReportError(error)
    if (refusal.code === 'INTERNAL') log.error({ cause: errorText(error) }, 'report collector failed')
    const headers: Record<string, string> = {}
    if (refusal.status === 401) headers['www-authenticate'] = 'Bearer realm="siaga"'
    if (refusal.status === 405) headers.allow = 'POST, PUT'
    const form = jsonForm(refusal.status, refusal.body, headers)
    answerRefusal(metrics, refusal, form, request, reply, admitted.get(request)?.room.id ?? '')
  }

  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
    app.addHook('onClose', () => reports.settle())
    const onRequest = async (request: FastifyRequest) => admitReport(request)
    app.post('/v1/reports', { onRequest }, (request, reply) => file('incident', request, reply))
    app.post('/v1/reports/nihil', { onRequest }, (request, reply) => file('nihil', request, reply))
    app.put<{ Params: { sha256: string } }>(
      '/v1/reports/attachments/:sha256',
      {
        onRequest: async (request) => {
          admit(request)
          if (!Sha256.safeParse(request.params.sha256).success) throw new ReportError('ATTACHMENT_HASH_INVALID')
          if (Number(request.headers['content-length'] ?? 0) > MAX_ATTACHMENT_BYTES)
            throw new ReportError('ATTACHMENT_TOO_LARGE', { limit: MAX_ATTACHMENT_BYTES })
        },
      },
      (request, reply) => receiveAttachment(request, reply),
    )
    const others: [url: string, method: string[]][] = [
      ['/v1/reports', ['GET', 'PUT', 'PATCH', 'DELETE']],
      ['/v1/reports/nihil', ['GET', 'PUT', 'PATCH', 'DELETE']],
      ['/v1/reports/attachments/:sha256', ['GET', 'POST', 'PATCH', 'DELETE']],
    ]
    for (const [url, method] of others) {
      app.route({
        method,
        url,
        onRequest: async () => {
          throw new ReportError('METHOD_NOT_ALLOWED')
        },
        handler: () => {},
      })
    }
  }
}

function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  if (typeof header !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(header))
    throw new ReportError('IDEMPOTENCY_KEY_INVALID')
  return header
}

/** The piece that a request brings (RFC 9110 §14.4), so that a slow line needs no long request; undefined: the whole. */
function pieceOf({ headers }: FastifyRequest): Piece | undefined {
  const range = headers['content-range']
  if (range === undefined) return undefined
  const [, from = '', to = '', total = ''] = /^bytes (\d{1,9})-(\d{1,9})\/(\d{1,9})$/.exec(range) ?? []
  const piece = { from: Number(from), total: Number(total) }
  if (total === '' || Number(to) < piece.from || Number(to) >= piece.total) throw new ReportError('RANGE_INVALID')
  if (piece.total > MAX_ATTACHMENT_BYTES) throw new ReportError('ATTACHMENT_TOO_LARGE', { limit: MAX_ATTACHMENT_BYTES })
  return piece
}
