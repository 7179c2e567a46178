// What can be done with alerts over HTTP? Everything under /v1/alerts, live changes, and the OpenAPI document of it all.
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
import { mayRead } from '../../runtime/scope.ts'
import type { AlertAnswer } from '../../schemas/alert.ts'
import { AlertFilter } from '../../schemas/alert-api.ts'
import type { Room } from '../../schemas/room.ts'
import { type Caller, createAdmit } from './admit.ts'
import { alertRoutes } from './alerts.ts'
import { type AlertApi, reading } from './api.ts'
import { bulkRoutes } from './bulk.ts'
import type { AlertDesk, DeskChange } from './desk.ts'
import { AlertApiError, answerError } from './errors.ts'
import { evidenceRoutes } from './evidence.ts'
import { alertItem } from './items.ts'
import { noticeRoutes } from './notices.ts'
import { policyRoutes } from './policy.ts'
import { type Filter, fitting } from './select.ts'
import { createLive, type StreamLimits } from './stream.ts'
import { maySeeSuppression, suppressionRoutes } from './suppressions.ts'
import { timelineRoutes } from './timeline.ts'

export interface AlertApiOptions extends Pick<AlertApi, 'clickhouseOf' | 'onAgreed'> {
  readonly desk: AlertDesk
  readonly keys: Pick<KeyRing, 'verify'>
  readonly rooms: readonly Room[]
  readonly reference: Pick<Reference, 'regions'>
  readonly log: Log
  readonly version: string
  /** A key that was refused. */
  readonly onRefused: (peer: string, message: string) => void
  readonly onStreams: (open: number) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  /** Longest wait for the answer to a request, milliseconds. */
  readonly answerMs?: number
  readonly streams?: StreamLimits
}

/** How long a request waits for its answer before it is told that it is on its way. */
const ANSWER_MS = 10_000

/**
 * The API as a plugin for the web server. Keys of rooms are let in by itself; behind the page's door (web/door.ts) so is whoever is logged in.
 */
export function alertApi(options: AlertApiOptions): FastifyPluginAsync {
  const { desk, rooms, reference, log, now = Date.now, answerMs = ANSWER_MS, clickhouseOf, onAgreed } = options
  const admit = createAdmit({ keys: options.keys, rooms, now, onRefused: options.onRefused })
  const callers = new WeakMap<FastifyRequest, Caller>()
  const live = createLive<DeskChange>({ onStreams: options.onStreams, ...options.streams })
  let isReady = false
  void desk.ready.then(() => {
    isReady = true
  })

  const places = { regions: reference.regions, deadline: desk.deadline, judul: desk.judul }
  const api: AlertApi = {
    ...{ desk, places, log, now, clickhouseOf, onAgreed },
    caller(request) {
      const caller = callers.get(request)
      if (caller === undefined) throw new AlertApiError('KEY_MISSING')
      return caller
    },
    visible(room, id) {
      const alert = desk.alert(id)
      if (alert === undefined || !mayRead(room, alert)) throw new AlertApiError('ALERT_UNKNOWN', { alert: id })
      return alert
    },
    item: (alert) => alertItem(alert, places),
    async ask(request) {
      const answer = await desk.ask(request, answerMs)
      if (answer !== undefined && !answer.ok) throw refusalOf(answer)
      return answer
    },
    requestId(request, about = '') {
      const own = request.headers['idempotency-key']
      if (typeof own !== 'string') return randomUUID()
      // The same key for something else is another request: it must not be answered as if that had been done.
      return createHash('sha256')
        .update(`${api.caller(request).keyId}\n${request.url}\n${own}\n${about}`)
        .digest('hex')
        .slice(0, 32)
    },
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
    app.get('/v1/alerts/openapi.json', { config: { access: 'open' }, schema: { hide: true } }, async () =>
      app.swagger(),
    )

    await app.register(async (door) => {
      door.addHook('onRequest', async (request, reply) => {
        callers.set(request, admit(request))
        if (!isReady) throw new AlertApiError('NOT_READY', {}, 2)
        reply.header('cache-control', 'no-store')
      })
      const routes = door.withTypeProvider<ZodTypeProvider>()
      alertRoutes(routes, api)
      bulkRoutes(routes, api)
      evidenceRoutes(routes, api)
      timelineRoutes(routes, api)
      routes.get(
        '/v1/alerts/stream',
        {
          config: reading,
          schema: {
            summary:
              'Changes as they happen: server-sent events alert, case and suppression; resumes behind Last-Event-ID. With a filter, alerts that do not fit are told as other',
            querystring: AlertFilter.extend({ after: z.string().optional() }),
          },
        },
        (request, reply) => {
          const { after: _, ...filter } = request.query
          stream(request, reply, filter)
        },
      )
      suppressionRoutes(routes, api)
      policyRoutes(routes, api)
      noticeRoutes(routes, api, reference)
    })

    function stream(request: FastifyRequest, reply: FastifyReply, filter: Filter): void {
      const { room, keyId, stillIn } = api.caller(request)
      live(request, reply, {
        keyId,
        last: desk.last,
        follow: desk.follow,
        nameOf,
        allowed: stillIn,
        show(change) {
          if (filter.id !== undefined && change.kind !== 'alert') return undefined
          switch (change.kind) {
            case 'alert': {
              if (!mayRead(room, change.alert)) return undefined
              if (filter.id !== undefined && filter.id !== change.alert.alert_id) return undefined
              const fits = fitting(filter, { deadline: desk.deadline, judul: desk.judul, now: now() })(change.alert)
              return { event: fits ? 'alert' : 'other', data: api.item(change.alert) }
            }
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

function refusalOf({ code, message }: AlertAnswer): AlertApiError {
  const params = z.record(z.string(), z.string()).safeParse(JSON.parse(message === '' ? '{}' : message))
  return AlertApiError.of(code, params.data ?? {})
}
