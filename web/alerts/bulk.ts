// How is the same done to several alerts at once? Each is asked for and answered by itself: what one refuses, the others have done.
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { createRateLimiter } from '../../runtime/rate.ts'
import { BulkAnswer, BulkBody } from '../../schemas/alert-page-api.ts'
import { type AlertApi, acting, MAX_BODY_BYTES, type Routes, refusals } from './api.ts'
import { AlertApiError } from './errors.ts'

/** Alerts acted on by one person in a second, bursts of ten seconds. */
const ACTS_PER_SECOND = 30

type Answer = BulkAnswer['answers'][number]

export function bulkRoutes(app: Routes, api: AlertApi): void {
  const rate = createRateLimiter(ACTS_PER_SECOND, api.now)
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/alerts/bulk',
    {
      config: acting,
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        summary: 'Act on several alerts, each answered by itself',
        body: BulkBody,
        headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
        response: { 200: BulkAnswer, ...refusals },
      },
    },
    async (request) => {
      const { room, actor, keyId } = api.caller(request)
      const { ids, verb, reason, assignee, other } = request.body
      const wait = rate.wait(keyId, ids.length)
      if (wait > 0) throw new AlertApiError('RATE_LIMITED', {}, wait)
      rate.take(keyId, ids.length)
      const one = async (id: string): Promise<Answer> => {
        try {
          api.visible(room, id)
          const request_id = api.requestId(request, `${verb}\n${id}`)
          const asked = { request_id, at: api.now(), actor, reason, assignee, other, dedup_key: '' }
          const answer = await api.ask({ kind: 'act', verb, alert_id: id, ...asked })
          return { id, outcome: answer === undefined ? 'accepted' : 'done', alert: api.item(api.visible(room, id)) }
        } catch (error) {
          if (!(error instanceof AlertApiError)) throw error
          return { id, outcome: 'refused', refusal: error.body }
        }
      }
      return { answers: await Promise.all([...new Set(ids)].map(one)) }
    },
  )
}
