// How quiet is Siaga, and who agrees to make it quieter? The policy in force, what of the configuration waits for two persons, and their agreement.
import type { FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isCentre } from '../../runtime/scope.ts'
import { Accepted, PolicyBody, PolicyItem, Refusal } from '../../schemas/alert-api.ts'
import { type AlertApi, accepted, acting, type Routes, reading, refusals } from './api.ts'
import type { DeskPolicy } from './desk.ts'
import { AlertApiError } from './errors.ts'
import { policyItem } from './items.ts'

export function policyRoutes(app: Routes, api: AlertApi): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const known = (): DeskPolicy => {
    const policy = api.desk.policy()
    if (policy === undefined) throw new AlertApiError('NOT_READY', {}, 2)
    return policy
  }
  /** Thresholds say how to stay beneath them: those of all regions are for the centre. */
  const centre = (request: FastifyRequest) => {
    const caller = api.caller(request)
    if (!isCentre(caller.room)) throw new AlertApiError('CENTRE_ONLY')
    return caller
  }
  routes.get(
    '/v1/alert-policy',
    {
      config: reading,
      schema: {
        summary: 'Which findings become alerts, and what waits for two persons; for the centre',
        response: { 200: PolicyItem, ...refusals },
      },
    },
    async (request) => {
      centre(request)
      return policyItem(known())
    },
  )
  routes.post(
    '/v1/alert-policy/approve',
    {
      config: acting,
      schema: {
        summary: 'Agree to what waits, as one of two persons of the centre',
        body: PolicyBody,
        headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
        response: { 200: PolicyItem, 202: Accepted, 409: Refusal, ...refusals },
      },
    },
    async (request, reply) => {
      const { actor } = centre(request)
      const request_id = api.requestId(request)
      const policy_id = request.body.id
      const answer = await api.ask({ kind: 'policy', request_id, at: api.now(), actor, policy_id })
      api.onAgreed(actor, `${actor.name} (${actor.room}) agreed to policy ${policy_id}, request ${request_id}`)
      if (answer === undefined) return reply.code(202).send(accepted(request_id))
      return policyItem(known())
    },
  )
}
