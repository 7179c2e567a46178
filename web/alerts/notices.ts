// How do rooms tell the owner of a system, and see what came of it? Notices: made, listed, withdrawn, confirmed by hand.
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Reference } from '../../runtime/reference.ts'
import { mayRead } from '../../runtime/scope.ts'
import { Accepted, Refusal } from '../../schemas/alert-api.ts'
import { endedNotices, type Notice, noticeIdOf } from '../../schemas/notice.ts'
import { NoticeBody, NoticeItem, NoticeQuery, NoticeReason } from '../../schemas/notice-api.ts'
import { type AlertApi, accepted, acting, type Routes, reading, refusals } from './api.ts'
import { AlertApiError } from './errors.ts'

const headers = z.object({ 'idempotency-key': z.string().min(1).max(255).optional() })
const params = z.object({ id: z.string() })

export function noticeRoutes(app: Routes, api: AlertApi, places: Pick<Reference, 'regions'>): void {
  const routes = app.withTypeProvider<ZodTypeProvider>()
  const answers = { 202: Accepted, 409: Refusal, 422: Refusal, ...refusals }
  routes.get(
    '/v1/notices',
    {
      config: reading,
      schema: {
        summary: 'Notices to owners about alerts of the room, newest change first',
        querystring: NoticeQuery,
        response: { 200: z.object({ notices: z.array(NoticeItem) }), ...refusals },
      },
    },
    async (request) => {
      const { room } = api.caller(request)
      const { state, alert, asset, all } = request.query
      const shown = [...api.desk.notices()].filter(
        (notice) =>
          mayRead(room, notice) &&
          (state === undefined ? all || !endedNotices.has(notice.state) : notice.state === state) &&
          (alert === undefined || notice.alert_id === alert) &&
          (asset === undefined || notice.asset_id === asset),
      )
      const sorted = shown.sort((a, b) => b.changed_at - a.changed_at)
      return { notices: sorted.map((notice) => noticeItem(notice, places)) }
    },
  )
  routes.post(
    '/v1/alerts/:id/notice',
    {
      config: acting,
      schema: {
        summary: 'Tell the contacts of the asset that an alert is about',
        params,
        body: NoticeBody.nullish(),
        headers,
        response: { 201: NoticeItem, ...answers },
      },
    },
    async (request, reply) => {
      const { room, actor } = api.caller(request)
      const { id } = request.params
      const alert = api.desk.alert(id)
      if (alert === undefined || !mayRead(room, alert)) throw new AlertApiError('ALERT_UNKNOWN', { alert: id })
      const request_id = api.requestId(request)
      const notice_id = noticeIdOf(request_id)
      const text = request.body?.text ?? ''
      const common = {
        kind: 'notice',
        what: 'make',
        request_id,
        at: api.now(),
        actor,
        token_hash: '',
        fixed_at: 0,
      } as const
      const answer = await api.ask({ ...common, alert_id: id, notice_id, text })
      const made = api.desk.notice(notice_id)
      if (answer === undefined || made === undefined) return reply.code(202).send(accepted(request_id))
      return reply.code(201).send(noticeItem(made, places))
    },
  )
  for (const [path, what] of [
    ['withdraw', 'withdraw'],
    ['verify', 'verified'],
  ] as const) {
    routes.post(
      `/v1/notices/:id/${path}`,
      {
        config: acting,
        schema: {
          summary:
            path === 'withdraw'
              ? 'Withdraw a notice: nothing more is asked of the owner'
              : 'Confirm by hand that what the owner calls fixed is fixed',
          params,
          body: NoticeReason,
          headers,
          response: { 200: NoticeItem, ...answers },
        },
      },
      async (request, reply) => {
        const { room, actor } = api.caller(request)
        const { id } = request.params
        const known = api.desk.notice(id)
        if (known === undefined || !mayRead(room, known)) throw new AlertApiError('NOTICE_UNKNOWN', { notice: id })
        const request_id = api.requestId(request)
        const common = { kind: 'notice', what, request_id, at: api.now(), actor, token_hash: '', fixed_at: 0 } as const
        const answer = await api.ask({ ...common, alert_id: known.alert_id, notice_id: id, text: request.body.reason })
        if (answer === undefined) return reply.code(202).send(accepted(request_id))
        return noticeItem(api.desk.notice(id) ?? known, places)
      },
    )
  }
}

/** A notice for a room: names of contacts without their addresses, nothing of tokens. */
function noticeItem(notice: Notice, { regions }: Pick<Reference, 'regions'>): NoticeItem {
  const iso = (ms: number): string => new Date(ms).toISOString()
  const when = <K extends string>(name: K, ms: number) => (ms === 0 ? {} : { [name]: iso(ms) })
  return {
    id: notice.notice_id,
    alert: notice.alert_id,
    asset: notice.asset_id,
    asset_name: notice.asset_name,
    region: notice.region_code,
    region_name: regions.get(notice.region_code)?.name ?? '',
    owner: notice.owner,
    severity: notice.severity,
    title: notice.title,
    state: notice.state,
    text: notice.text,
    made_by: notice.made_by.name,
    contacts: notice.contacts.map(({ name, channel }) => ({ name, channel })),
    sent_at: iso(notice.sent_at),
    ...when('received_at', notice.received_at),
    ...when('answered_at', notice.answered_at),
    ...when('fixed_at', notice.fixed_at),
    ...when('checked_at', notice.checked_at),
    ...when('ended_at', notice.ended_at),
    answer_by: iso(notice.answer_by),
    changed_at: iso(notice.changed_at),
    answers: notice.answers.map(({ at, by, text }) => ({ at: iso(at), by, text })),
    by_probe: notice.by_probe,
    reminders: notice.reminders,
    climbed: notice.climbed,
    version: notice.version,
  }
}
