// Who did what? The audit trail of people and programs, and the questions that were asked of ClickHouse, for those who look after accounts.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AuditKind, AuditPage, AuditRow } from '../../schemas/accounts-api.ts'
import { AUDIT_SOURCE } from '../../schemas/raw-event.ts'
import { typed } from '../door.ts'
import { WebError } from '../errors.ts'
import type { PartDependencies } from '../parts.ts'
import { viewerOf } from '../viewer.ts'

const PAGE = 100
/** Of a question to ClickHouse, so that a wide span ends with a refusal and not with a busy store. */
const limits = { max_execution_time: 20 }

const Text = z.string().trim().max(100).optional()
const Asked = z.object({
  kind: AuditKind.default('trail'),
  person: Text,
  action: Text,
  outcome: z.enum(['success', 'failure']).optional(),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  /** `next` of the page before. */
  after: z
    .string()
    .regex(/^\d{13}~[\w.:-]{1,128}$/)
    .optional(),
})

const contains = (column: string, name: string): string =>
  `({${name}:String} = '' OR positionCaseInsensitiveUTF8(${column}, {${name}:String}) > 0)`

/** What both sources have; the newest first, behind the last of the page before. */
const asked = `WHERE at BETWEEN {from:Int64} AND {to:Int64}
  AND ({after_at:Int64} = 0 OR (at, id) < ({after_at:Int64}, {after_id:String}))
  AND ${contains('person', 'person')} AND ({action:String} = '' OR action = {action:String}) AND ({outcome:String} = '' OR outcome = {outcome:String})
  ORDER BY at DESC, id DESC LIMIT {most:UInt32}`

const queries: Readonly<Record<AuditKind, string>> = {
  trail: `SELECT * FROM (
    SELECT toUnixTimestamp64Milli(timestamp) AS at, event_id AS id, user_name AS person, event_action AS action, event_outcome AS outcome,
      source_ip AS address, message AS text, 0 AS duration_ms, 0 AS read_rows
    FROM siaga.events
    WHERE region_code = '00' AND source_id = {source:String}
      AND timestamp BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  ) ${asked}`,
  queries: `SELECT * FROM (
    SELECT toUnixTimestamp64Milli(q.at) AS at, query_id AS id, if(q.person = '', q.user, concat(q.person, ' (', q.user, ')')) AS person,
      arrayStringConcat(tables, ', ') AS action, if(q.outcome = 'finished', 'success', 'failure') AS outcome,
      from_address AS address, q.query AS text, q.duration_ms AS duration_ms, q.read_rows AS read_rows
    FROM siaga.query_audit AS q
    WHERE q.at BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  ) ${asked}`,
}

export function auditRoutes(app: FastifyInstance, { clickhouseOf }: Pick<PartDependencies, 'clickhouseOf'>): void {
  typed(app).get(
    '/api/audit',
    {
      config: { access: { area: 'audit', verb: 'read' } },
      schema: { querystring: Asked, response: { 200: AuditPage } },
    },
    async (request) => {
      const { kind, person = '', action = '', outcome = '', from, to, after } = request.query
      const [afterAt = '0', ...afterId] = (after ?? '0').split('~')
      if (Date.parse(to) < Date.parse(from)) throw new WebError('BAD_REQUEST', { detail: 'to lies before from' })
      const rows = await clickhouseOf(viewerOf(request)).rows(
        AuditRow,
        queries[kind],
        {
          source: AUDIT_SOURCE,
          person,
          action,
          outcome,
          from: Date.parse(from),
          to: Date.parse(to),
          after_at: Number(afterAt),
          after_id: afterId.join('~'),
          most: PAGE + 1,
        },
        limits,
      )
      const shown = rows.slice(0, PAGE)
      const last = shown.at(-1)
      return { rows: shown, next: rows.length > PAGE && last !== undefined ? `${last.at}~${last.id}` : null }
    },
  )
}
