// How does an Operation Room report? POST /v1/reports and /v1/reports/nihil, attachments before them: the region is the key's, the answer a receipt.
import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { type DutySchedule, dutySchedule } from '../../runtime/duty.ts'
import { errorText } from '../../runtime/errors.ts'
import type { KeyRing } from '../../runtime/keys.ts'
import { createRateLimiter } from '../../runtime/rate.ts'
import { makeReceipt } from '../../runtime/receipt.ts'
import type { Reference } from '../../runtime/reference.ts'
import type { Config } from '../../schemas/config.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import { MAX_ATTACHMENT_BYTES, type ReportAnswer, ReportRecord, Sha256 } from '../../schemas/report.ts'
import type { Room } from '../../schemas/room.ts'
import type { AuditEntry } from '../audit/audit.ts'
import type { CollectorDependencies } from '../collector.ts'
import { answerRefusal, jsonForm } from '../http/answer.ts'
import { createBudget, receiveBody } from '../http/body.ts'
import { hasBody, keyedHash, keyOf, LINGER_MS, peerOf } from '../http/request.ts'
import { asReportError, ReportError } from './errors.ts'
import { readIncident, readNihil } from './fields.ts'
import { answerOf, type Filing, incidentRecord, nihilRecord } from './record.ts'
import { createReportStore, type Piece } from './store.ts'

export interface ReportCollectorOptions {
  readonly deps: Omit<CollectorDependencies, 'sources'>
  readonly keys: Pick<KeyRing, 'verify'>
  readonly config: Pick<Config, 'data_dir' | 'reports'> & { readonly rooms: readonly Room[] }
  readonly reference: Pick<Reference, 'regions' | 'phases'>
  readonly limits: Pick<Config['http'], 'send_timeout_seconds'>
  readonly audit?: (entry: AuditEntry) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
}

/** Tokens are longer than what they replace: a report of this size is still one event when all of it has become tokens. */
const MAX_REPORT_BYTES = 256 * 1024
/** All reports being received at one time. */
const REPORT_MEMORY_BYTES = 32 * 1024 * 1024
/** Requests of one key in a second, bursts of ten seconds. */
const REQUESTS_PER_SECOND = 10
const UPLOADS_AT_ONCE = 4
const KAFKA_RETRY_SECONDS = 5
const BUSY_RETRY_SECONDS = 2

/** A room as requests of its keys need it. */
interface Desk {
  readonly room: Room
  readonly regionName: string
  readonly duty: DutySchedule
}

type Kind = ReportRecord['kind']

/** A report on its way: what it is told when it is there. */
interface Pending {
  readonly bodyHash: string
  readonly done: Promise<ReportAnswer>
}

/** The report collector as a Fastify plugin, to be registered on the web server. Peers are socket addresses, whatever a proxy header says. */
export function reportCollector(options: ReportCollectorOptions): FastifyPluginAsync {
  const { deps, keys, config, reference, limits, audit, now = Date.now } = options
  const { writer, seal, log, metrics } = deps
  const desks = new Map(config.rooms.map((room) => [room.id, deskOf(room, config.reports, reference)]))
  const store = createReportStore(config.data_dir, now)
  const budget = createBudget(REPORT_MEMORY_BYTES)
  const rate = createRateLimiter(REQUESTS_PER_SECOND, now)
  const admitted = new WeakMap<FastifyRequest, Desk>()
  const pending = new Map<string, Pending>()
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
    const desk = desks.get(key.room)
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

  async function file(kind: Kind, request: FastifyRequest, reply: FastifyReply): Promise<ReportAnswer> {
    const desk = deskAt(request)
    const lease = budget.lease()
    try {
      const bytes = await receiveBody(request.raw, MAX_REPORT_BYTES, lease)
      const body = bytes.length === 0 && kind === 'nihil' ? {} : parseBody(bytes)
      refuseForgery(body, desk, request)
      const at = now()
      const due = desk.duty.nearest(at)
      const bodyHash = hash('sha256', bytes, 'base64url')
      // Without a key of the request, the same words are the same report, and nihil is one for each due time.
      const own = idempotencyKeyOf(request) ?? (kind === 'nihil' ? `${due?.at} ${bodyHash}` : bodyHash)
      const identity = Buffer.from(keyedHash(seal, [desk.room.id, kind, own]), 'base64url')
        .toString('hex')
        .slice(0, 32)

      const filed = await store.look(identity)
      // Nothing is awaited from here to `pending.set`: of two that come at once, one is the repeat of the other.
      const before =
        pending.get(identity) ?? (filed && { bodyHash: filed.bodyHash, done: Promise.resolve(filed.answer) })
      if (before !== undefined) {
        if (before.bodyHash !== bodyHash) throw new ReportError('IDEMPOTENCY_KEY_REUSED')
        metrics.received(desk.room.id, 1, bytes.length)
        metrics.refused('idempotent_repeat', 1)
        reply.code(200).header('Idempotent-Replayed', 'true')
        return await inTime(before.done)
      }
      const receiptHash = Buffer.from(keyedHash(seal, [desk.room.id, kind, own, bodyHash]), 'base64url')
      const filing: Filing = {
        receipt: makeReceipt(kind === 'incident' ? 'LAP' : 'NIL', desk.room.region, receiptHash),
        room: desk.room,
        regionName: desk.regionName,
        zone: desk.duty.zone,
        reportedAt: at,
      }
      const done = write(filing, identity, bodyHash, peerOf(request), () => recordOf(kind, body, filing, desk))
      pending.set(identity, { bodyHash, done })
      done.catch(() => undefined).finally(() => pending.delete(identity))
      reply.code(201)
      return await inTime(done)
    } finally {
      lease.release()
    }
  }

  async function recordOf(kind: Kind, body: unknown, filing: Filing, { duty, room }: Desk): Promise<ReportRecord> {
    if (kind === 'nihil') {
      const { value, problems } = readNihil(body)
      const due = duty.nearest(filing.reportedAt)
      if (value === undefined) throw new ReportError('REPORT_INVALID', {}, { fields: problems })
      const nobody = { at: filing.reportedAt, after: 0, until: filing.reportedAt, votingDay: false }
      return nihilRecord(filing, value, due ?? nobody)
    }
    const { value, problems } = readIncident(body, duty.zone, filing.reportedAt)
    if (value === undefined) throw new ReportError('REPORT_INVALID', {}, { fields: problems })
    const attachments = await store.attach(room.id, filing.receipt, value.input.attachments)
    return incidentRecord(filing, value.input, value.discovered, attachments)
  }

  /** Writes one report and remembers its answer; what is remembered and answered is what travels, tokens for numbers. */
  async function write(
    filing: Filing,
    identity: string,
    bodyHash: string,
    peer: string,
    make: () => Promise<ReportRecord>,
  ): Promise<ReportAnswer> {
    const { id } = filing.room
    const payload = Buffer.from(JSON.stringify(await make()))
    metrics.received(id, 1, payload.length)
    const { receipt, reportedAt } = filing
    const sealed = seal([
      { source: id, format: REPORT_FORMAT, receivedAt: reportedAt, peer, id: receipt, key: receipt, payload },
    ])
    const answer = answerOf(filing, ReportRecord.parse(JSON.parse(sealed[0]?.value.toString() ?? '')))
    try {
      await writer.write(sealed)
    } catch (error) {
      metrics.refused('KAFKA_UNAVAILABLE', 1)
      log.warn({ room: id, cause: errorText(error) }, 'a report could not be written')
      throw new ReportError('KAFKA_UNAVAILABLE', {}, { retryAfter: KAFKA_RETRY_SECONDS })
    }
    metrics.accepted(id, 1)
    // It is filed; what can't be remembered only makes a repeat travel again, under the same receipt.
    await store.remember(identity, { bodyHash, answer }, id).catch((error: unknown) => {
      log.error({ room: id, cause: errorText(error) }, 'the answer to a report could not be kept')
    })
    return answer
  }

  async function inTime<T>(done: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const refusal = new ReportError('KAFKA_UNAVAILABLE', {}, { retryAfter: KAFKA_RETRY_SECONDS })
      timer = setTimeout(() => reject(refusal), limits.send_timeout_seconds * 1000)
    })
    try {
      return await Promise.race([done, late])
    } finally {
      clearTimeout(timer)
    }
  }

  function refuseForgery(body: unknown, { room }: Desk, request: FastifyRequest): void {
    const named = typeof body === 'object' && body !== null && 'region' in body ? body.region : undefined
    if (named === undefined || named === room.region) return
    audit?.({
      action: 'report_refused',
      outcome: 'failure',
      user: room.id,
      peer: peerOf(request),
      message: `a report of room ${room.id} named another region than its own`,
    })
    throw new ReportError('REGION_OF_ANOTHER', { region: String(named).slice(0, 20), own: room.region })
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
    app.addHook('onClose', () =>
      Promise.race([
        Promise.allSettled([...pending.values()].map(({ done }) => done)),
        new Promise((resolve) => setTimeout(resolve, LINGER_MS).unref()),
      ]),
    )
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

function deskOf(room: Room, reports: Config['reports'], reference: ReportCollectorOptions['reference']): Desk {
  return {
    room,
    regionName: reference.regions.get(room.region)?.name ?? room.region,
    duty: dutySchedule(room, reports, reference),
  }
}

function parseBody(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
    throw new ReportError('JSON_INVALID', { detail: 'it is another value' })
  } catch (error) {
    // The parser's own words quote the body.
    throw error instanceof ReportError ? error : new ReportError('JSON_INVALID', { detail: 'it cannot be parsed' })
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
