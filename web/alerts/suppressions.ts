// How are findings held back for a while? Suppressions and maintenance windows: made, listed, agreed to, ended.
import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { NATIONAL } from '../../runtime/reference.ts'
import { isCentre, within } from '../../runtime/scope.ts'
import type { Suppression } from '../../schemas/alert.ts'
import { Accepted, Refusal, SuppressionBody, SuppressionItem } from '../../schemas/alert-api.ts'
import type { Room } from '../../schemas/room.ts'
import { type AlertApi, accepted, acting, MAX_BODY_BYTES, type Routes, reading, refusals } from './api.ts'
import { AlertApiError } from './errors.ts'
import { suppressionItem } from './items.ts'

const headers = z.object({ 'idempotency-key': z.string().min(1).max(255).optional() })
const params = z.object({ id: z.string() })

/** A room sees its own and those that act on it from above; the centre sees all. */
export function maySeeSuppression(room: Room, { region, room: made }: Pick<Suppression, 'region' | 'room'>): boolean {
  return isCentre(room) || made === room.id || region === NATIONAL || within(room.region, region)
}

export function suppressionRoutes(app: Routes, api: AlertApi): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const item = (request: FastifyRequest, suppression: Suppression): SuppressionItem => {
    const { actor, mayAct } = api.caller(request)
    const { waits, verbs } = api.desk.standing(suppression, actor)
    return suppressionItem(suppression, { waits, verbs: mayAct ? verbs : [] })
  }
  routes.get(
    '/v1/suppressions',
    {
      config: reading,
      schema: {
        summary: 'Suppressions and maintenance windows, with what they have swallowed',
        response: { 200: z.object({ suppressions: z.array(SuppressionItem) }), ...refusals },
      },
    },
    async (request) => {
      const { room } = api.caller(request)
      const shown = [...api.desk.suppressions()].filter((suppression) => maySeeSuppression(room, suppression))
      return { suppressions: shown.map((suppression) => item(request, suppression)) }
    },
  )
  routes.post(
    '/v1/suppressions',
    {
      config: acting,
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        summary: 'Hold findings back for a while; it acts in the region of the room and beneath',
        body: SuppressionBody,
        headers,
        response: { 201: SuppressionItem, 202: Accepted, 409: Refusal, 422: Refusal, ...refusals },
      },
    },
    async (request, reply) => {
      const { room, actor } = api.caller(request)
      const request_id = api.requestId(request)
      const at = api.now()
      const { kind, owner, reason, from, until, match, max_severity } = request.body
      const suppression_id = `S-${request_id.replaceAll('-', '').slice(0, 20)}`
      const suppression: Suppression = {
        suppression_id,
        kind,
        owner,
        reason,
        from: from === undefined ? at : Date.parse(from),
        until: Date.parse(until),
        room: room.id,
        region: room.region,
        match,
        max_severity,
        made_at: at,
        made_by: actor,
        findings: 0,
        version: 0,
      }
      const answer = await api.ask({ kind: 'suppress', request_id, at, actor, suppression })
      const made = api.desk.suppression(suppression_id)
      if (answer === undefined || made === undefined) return reply.code(202).send(accepted(request_id))
      return reply.code(201).send(item(request, made))
    },
  )
  for (const what of ['approve', 'end'] as const) {
    routes.post(
      `/v1/suppressions/:id/${what}`,
      {
        config: acting,
        schema: {
          summary: what === 'approve' ? 'Agree to a suppression as the second person' : 'End a suppression early',
          params,
          headers,
          response: { 200: SuppressionItem, 202: Accepted, 409: Refusal, ...refusals },
        },
      },
      async (request, reply) => {
        const { room, actor } = api.caller(request)
        const { id } = request.params
        const known = api.desk.suppression(id)
        if (known === undefined || !maySeeSuppression(room, known))
          throw new AlertApiError('SUPPRESSION_UNKNOWN', { id })
        const request_id = api.requestId(request)
        const common = { kind: 'suppression', request_id, at: api.now(), actor, reason: '' } as const
        const answer = await api.ask({ ...common, suppression_id: id, what })
        if (answer === undefined) return reply.code(202).send(accepted(request_id))
        return item(request, api.desk.suppression(id) ?? known)
      },
    )
  }
}
