// What can be done with alerts over HTTP? The verbs of the command line under /v1/alerts, live changes, and the OpenAPI document of it all.
import { createHash, randomUUID } from 'node:crypto'
import swagger from '@fastify/swagger'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import type { KeyRing } from '../../runtime/keys.ts'
import type { Log } from '../../runtime/log.ts'
import type { Reference } from '../../runtime/reference.ts'
import { isCentre, mayRead } from '../../runtime/scope.ts'
import { type Actor, type Alert, type AlertAnswer, type AlertRequest, AlertVerb } from '../../schemas/alert.ts'
import {
  Accepted,
  ActAnswer,
  ActBody,
  AlertDetail,
  AlertPage,
  AlertQuery,
  CaseDetail,
  HeldPage,
  Refusal,
} from '../../schemas/alert-api.ts'
import type { Room } from '../../schemas/room.ts'
import { bearerOf, type Caller, createAdmit } from './admit.ts'
import type { AlertDesk, DeskChange } from './desk.ts'
import { AlertApiError, answerError } from './errors.ts'
import { alertDetail, alertItem } from './items.ts'
import { noticeRoutes } from './notices.ts'
import { policyRoutes } from './policy.ts'
import { select } from './select.ts'
import { createLive, type StreamLimits } from './stream.ts'
import { maySeeSuppression, suppressionRoutes } from './suppressions.ts'

export interface AlertApiOptions {
  readonly desk: AlertDesk
  readonly keys: Pick<KeyRing, 'verify'>
  readonly rooms: readonly Room[]
  readonly reference: Pick<Reference, 'regions'>
  readonly log: Log
  readonly version: string
  /** A key that was refused. */
  readonly onRefused: (peer: string, message: string) => void
  /** Somebody agreed to the policy that waits; `message` says who and to which. */
  readonly onAgreed: (actor: Actor, message: string) => void
  readonly onStreams: (open: number) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  /** Longest wait for the answer to a request, milliseconds. */
  readonly answerMs?: number
  readonly streams?: StreamLimits
}

/** How long a request waits for its answer before it is told that it is on its way. */
const ANSWER_MS = 10_000
/** Of a request. */
export const MAX_BODY_BYTES = 64 * 1024
const HOUR_MS = 3_600_000

/** What every route of the API needs. */
export interface AlertApi {
  readonly desk: AlertDesk
  readonly caller: (request: FastifyRequest) => Caller
  readonly now: () => number
  /** Asks, waits, and answers or refuses. */
  ask(request: AlertRequest): Promise<AlertAnswer | undefined>
  requestId(request: FastifyRequest): string
  readonly onAgreed: AlertApiOptions['onAgreed']
}

/** The answers that every route may give beside its own. */
export const refusals = { 400: Refusal, 401: Refusal, 403: Refusal, 404: Refusal, 429: Refusal, 503: Refusal }

/** The API as a plugin for the web server. */
export function alertApi(options: AlertApiOptions): FastifyPluginAsync {
  const { desk, rooms, reference, log, now = Date.now, answerMs = ANSWER_MS } = options
  const admit = createAdmit({ keys: options.keys, rooms, now, onRefused: options.onRefused })
  const callers = new WeakMap<FastifyRequest, Caller>()
  const live = createLive<DeskChange>({ onStreams: options.onStreams, ...options.streams })
  let isReady = false
  void desk.ready.then(() => {
    isReady = true
  })

  const api: AlertApi = {
    desk,
    now,
    caller(request) {
      const caller = callers.get(request)
      if (caller === undefined) throw new AlertApiError('KEY_MISSING')
      return caller
    },
    async ask(request) {
      const answer = await desk.ask(request, answerMs)
      if (answer !== undefined && !answer.ok) throw refusalOf(answer)
      return answer
    },
    onAgreed: options.onAgreed,
    requestId(request) {
      const own = request.headers['idempotency-key']
      if (typeof own !== 'string') return randomUUID()
      // The same key for something else is another request: it must not be answered as if that had been done.
      return createHash('sha256')
        .update(`${api.caller(request).keyId}\n${request.url}\n${own}`)
        .digest('hex')
        .slice(0, 32)
    },
  }
  /** A key that is revoked ends its streams. */
  const stillAdmitted = (request: FastifyRequest, keyId: string): boolean =>
    options.keys.verify(bearerOf(request))?.id === keyId
  const visible = (room: Room, id: string): Alert => {
    const alert = desk.alert(id)
    if (alert === undefined || !mayRead(room, alert)) throw new AlertApiError('ALERT_UNKNOWN', { alert: id })
    return alert
  }

  return async (plain) => {
    const app = plain.withTypeProvider<ZodTypeProvider>()
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Siaga: alerts',
          description: 'Alerts of an Operation Room and everything that can be done about them. Times are UTC.',
          version: options.version,
        },
        components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
        security: [{ key: [] }],
      },
      transform: jsonSchemaTransform,
      transformObject: jsonSchemaTransformObject,
    })
    app.setErrorHandler((error, _request, reply) => {
      const refusal = answerError(error, hasZodFastifySchemaValidationErrors(error))
      if (refusal.status === 500) log.error({ cause: errorText(error) }, 'API of alerts failed')
      if (refusal.retryAfter > 0) reply.header('retry-after', refusal.retryAfter)
      return reply.code(refusal.status).type('application/json').serializer(JSON.stringify).send(refusal.body)
    })
    app.get('/v1/alerts/openapi.json', { schema: { hide: true } }, async () => app.swagger())

    await app.register(async (door) => {
      door.addHook('onRequest', async (request) => {
        callers.set(request, admit(request))
        if (!isReady) throw new AlertApiError('NOT_READY', {}, 2)
      })
      const routes = door.withTypeProvider<ZodTypeProvider>()
      routes.get(
        '/v1/alerts',
        {
          schema: { summary: 'Alerts of the room', querystring: AlertQuery, response: { 200: AlertPage, ...refusals } },
        },
        async (request) => {
          const { room } = api.caller(request)
          const all = Array.from(desk.alerts()).filter((alert) => mayRead(room, alert))
          const { alerts, total, next } = select(all, request.query)
          return { alerts: alerts.map((alert) => alertItem(alert, reference)), total, ...(next && { next }) }
        },
      )
      routes.get(
        '/v1/alerts/stream',
        {
          schema: {
            summary:
              'Changes as they happen: server-sent events alert, case and suppression; resumes behind Last-Event-ID',
            querystring: z.strictObject({ after: z.string().optional() }),
          },
        },
        (request, reply) => stream(request, reply),
      )
      routes.get(
        '/v1/alerts/held',
        {
          schema: {
            summary: 'Findings that made no alert, and why; for the centre',
            querystring: z.strictObject({ hours: z.coerce.number().int().min(1).max(720).default(24) }),
            response: { 200: HeldPage, ...refusals },
          },
        },
        async (request) => {
          if (!isCentre(api.caller(request).room)) throw new AlertApiError('CENTRE_ONLY')
          const from = now() - request.query.hours * HOUR_MS
          const held = await desk.held(from)
          return {
            from: new Date(from).toISOString(),
            held: held.map(({ region_code, ...count }) => ({ ...count, region: region_code })),
          }
        },
      )
      routes.get(
        '/v1/alerts/:id',
        {
          schema: {
            summary: 'One alert: findings, score, actions, deliveries',
            params: z.object({ id: z.string() }),
            response: { 200: AlertDetail, ...refusals },
          },
        },
        async (request) => {
          const { room } = api.caller(request)
          const alert = visible(room, request.params.id)
          // What is known without ClickHouse is shown without it.
          const attempts = await desk.attempts(alert.alert_id).catch((error: unknown) => {
            log.warn({ error: errorText(error) }, 'deliveries of an alert cannot be read')
            return undefined
          })
          const waiting = [...desk.notifications()].filter(({ alert_id }) => alert_id === alert.alert_id)
          const guidance = desk.guidance(alert)
          const centre = isCentre(room)
          return alertDetail(alert, { places: reference, attempts, waiting, centre, guidance })
        },
      )
      for (const verb of AlertVerb.options) {
        routes.post(
          `/v1/alerts/:id/${verb.replace('_', '-')}`,
          {
            bodyLimit: MAX_BODY_BYTES,
            schema: {
              summary: `${verb} an alert`,
              params: z.object({ id: z.string() }),
              body: ActBody.nullish(),
              headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
              response: { 200: ActAnswer, 202: Accepted, 409: Refusal, 422: Refusal, ...refusals },
            },
          },
          async (request, reply) => {
            const { room, actor } = api.caller(request)
            const { id } = request.params
            visible(room, id)
            const { reason = '', assignee = '', other = '' } = request.body ?? {}
            const request_id = api.requestId(request)
            const asked = { request_id, at: now(), actor, reason, assignee, other, dedup_key: '' }
            const answer = await api.ask({ kind: 'act', verb, alert_id: id, ...asked })
            if (answer === undefined) return reply.code(202).send(accepted(request_id))
            return { alert: alertItem(visible(room, id), reference) }
          },
        )
      }
      routes.get(
        '/v1/cases/:id',
        {
          schema: {
            summary: 'A case: alerts of the room, and what it may know of the rest',
            params: z.object({ id: z.string() }),
            response: { 200: CaseDetail, ...refusals },
          },
        },
        async (request) => {
          const { room } = api.caller(request)
          const found = desk.case(request.params.id)
          const sight = found === undefined ? undefined : desk.sight(room, found)
          if (found === undefined || sight === undefined)
            throw new AlertApiError('CASE_UNKNOWN', { case: request.params.id })
          return {
            id: found.case_id,
            title: sight.title,
            kind: found.kind,
            severity: found.severity,
            regions: found.regions.length,
            region_codes: [...sight.regions],
            attack: [...sight.attack],
            indicators: [...sight.indicators],
            alerts: sight.alerts.map((alert) => alertItem(alert, reference)),
            first_seen: new Date(sight.first_seen).toISOString(),
            last_seen: new Date(sight.last_seen).toISOString(),
          }
        },
      )
      suppressionRoutes(routes, api)
      policyRoutes(routes, api)
      noticeRoutes(routes, api, reference)
    })

    function stream(request: FastifyRequest, reply: FastifyReply): void {
      const { room, keyId } = api.caller(request)
      live(request, reply, {
        keyId,
        last: desk.last,
        follow: desk.follow,
        nameOf,
        allowed: () => stillAdmitted(request, keyId),
        show(change) {
          switch (change.kind) {
            case 'alert':
              return mayRead(room, change.alert)
                ? { event: 'alert', data: alertItem(change.alert, reference) }
                : undefined
            case 'case':
              return desk.sight(room, change.case) !== undefined
                ? { event: 'case', data: { id: change.case.case_id } }
                : undefined
            case 'suppression':
              return maySeeSuppression(room, change.suppression)
                ? { event: 'suppression', data: { id: change.suppression.suppression_id } }
                : undefined
          }
        },
      })
    }
  }
}

/** What a change is about: of several changes of one thing the newest is told. */
function nameOf(change: DeskChange): string {
  switch (change.kind) {
    case 'alert':
      return `alert ${change.alert.alert_id}`
    case 'case':
      return `case ${change.case.case_id}`
    case 'suppression':
      return `suppression ${change.suppression.suppression_id}`
  }
}

/** What a request is told that nobody has answered yet. */
export function accepted(request_id: string): z.infer<typeof Accepted> {
  return {
    request_id,
    message:
      'Kept, and carried out as soon as the alerts are held by a process again. Repeat it with the same Idempotency-Key to hear what came of it.',
    pesan:
      'Tersimpan, dan dijalankan begitu peringatan dipegang lagi oleh sebuah proses. Ulangi dengan Idempotency-Key yang sama untuk mengetahui hasilnya.',
  }
}

function refusalOf({ code, message }: AlertAnswer): AlertApiError {
  const params = z.record(z.string(), z.string()).safeParse(JSON.parse(message === '' ? '{}' : message))
  return AlertApiError.of(code, params.data ?? {})
}
