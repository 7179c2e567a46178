// What is asked about alerts and done to them, one by one? Lists, counts, one with everything known of it, every verb, its case.
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { errorText } from '../../runtime/errors.ts'
import { isCentre, mayRead } from '../../runtime/scope.ts'
import { type Alert, AlertVerb } from '../../schemas/alert.ts'
import {
  Accepted,
  ActAnswer,
  ActBody,
  AlertDetail,
  AlertFilter,
  AlertPage,
  AlertQuery,
  CaseDetail,
  HeldPage,
  Refusal,
} from '../../schemas/alert-api.ts'
import { AlertCounts } from '../../schemas/alert-page-api.ts'
import type { Room } from '../../schemas/room.ts'
import { type AlertApi, accepted, acting, MAX_BODY_BYTES, type Routes, reading, refusals } from './api.ts'
import { countAlerts } from './counts.ts'
import { AlertApiError } from './errors.ts'
import { alertDetail } from './items.ts'
import { select } from './select.ts'

const HOUR_MS = 3_600_000
const params = z.object({ id: z.string() })

export function alertRoutes(app: Routes, api: AlertApi): void {
  const { desk, log, places, now } = api
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const seen = (room: Room): Alert[] => Array.from(desk.alerts()).filter((alert) => mayRead(room, alert))
  routes.get(
    '/v1/alerts',
    {
      config: reading,
      schema: { summary: 'Alerts of the room', querystring: AlertQuery, response: { 200: AlertPage, ...refusals } },
    },
    async (request) => {
      const { room } = api.caller(request)
      const parts = { deadline: desk.deadline, judul: desk.judul, now: now() }
      const { alerts, total, next } = select(seen(room), request.query, parts)
      return { alerts: alerts.map(api.item), total, ...(next && { next }) }
    },
  )
  routes.get(
    '/v1/alerts/counts',
    {
      config: reading,
      schema: {
        summary: 'How many alerts fit, by severity, and what there is to choose from',
        querystring: AlertFilter,
        response: { 200: AlertCounts, ...refusals },
      },
    },
    async (request) =>
      countAlerts(seen(api.caller(request).room), request.query, {
        deadline: desk.deadline,
        judul: desk.judul,
        now: now(),
        regions: places.regions,
      }),
  )
  routes.get(
    '/v1/alerts/held',
    {
      config: reading,
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
      config: reading,
      schema: {
        summary: 'One alert: findings, score, actions, deliveries',
        params,
        response: { 200: AlertDetail, ...refusals },
      },
    },
    async (request) => {
      const { room, mayAct } = api.caller(request)
      const alert = api.visible(room, request.params.id)
      // What is known without ClickHouse is shown without it.
      const attempts = await desk.attempts(alert.alert_id).catch((error: unknown) => {
        log.warn({ error: errorText(error) }, 'deliveries of an alert cannot be read')
        return undefined
      })
      const waiting = [...desk.notifications()].filter(({ alert_id }) => alert_id === alert.alert_id)
      const verbs = mayAct ? desk.verbs(alert) : []
      return alertDetail(alert, {
        ...{ places, attempts, waiting, verbs, centre: isCentre(room), guidance: desk.guidance(alert) },
        words: (factor) => desk.factorWords(factor, alert),
      })
    },
  )
  for (const verb of AlertVerb.options) {
    routes.post(
      `/v1/alerts/:id/${verb.replace('_', '-')}`,
      {
        config: acting,
        bodyLimit: MAX_BODY_BYTES,
        schema: {
          summary: `${verb} an alert`,
          params,
          body: ActBody.nullish(),
          headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
          response: { 200: ActAnswer, 202: Accepted, 409: Refusal, 422: Refusal, ...refusals },
        },
      },
      async (request, reply) => {
        const { room, actor } = api.caller(request)
        const { id } = request.params
        api.visible(room, id)
        const { reason = '', assignee = '', other = '' } = request.body ?? {}
        const request_id = api.requestId(request)
        const asked = { request_id, at: now(), actor, reason, assignee, other, dedup_key: '' }
        const answer = await api.ask({ kind: 'act', verb, alert_id: id, ...asked })
        if (answer === undefined) return reply.code(202).send(accepted(request_id))
        return { alert: api.item(api.visible(room, id)) }
      },
    )
  }
  routes.get(
    '/v1/cases/:id',
    {
      config: reading,
      schema: {
        summary: 'A case: alerts of the room, and what it may know of the rest',
        params,
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
        alerts: sight.alerts.map(api.item),
        first_seen: new Date(sight.first_seen).toISOString(),
        last_seen: new Date(sight.last_seen).toISOString(),
      }
    },
  )
}
