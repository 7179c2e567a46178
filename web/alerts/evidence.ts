// What does an alert rest on? The raw lines of its worst findings, read as the room's own ClickHouse user, with what matched marked in them.

import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { Alert } from '../../schemas/alert.ts'
import { EvidencePage } from '../../schemas/alert-page-api.ts'
import type { Room } from '../../schemas/room.ts'
import { type AlertApi, type Routes, reading, refusals } from './api.ts'
import { marksIn } from './marks.ts'

/** Characters of a line, and of everything else that is shown of it. */
const MAX_LINE = 8_000
const MAX_VALUE = 500
const MAX_FIELDS = 60
const DAY_MS = 86_400_000

/** What is shown of an event, where it has it, in this order. */
const shown = [
  ...(['source_ip', 'source_port', 'source_country', 'source_as_name', 'source_scanner'] as const),
  ...(['user_name', 'user_target_name', 'host_name', 'process_name', 'process_command_line'] as const),
  ...(['destination_ip', 'destination_port', 'url_domain', 'url_path', 'http_method', 'http_status_code'] as const),
  ...(['user_agent_original', 'dns_question_name', 'tls_server_name', 'file_name', 'file_hash', 'rule_name'] as const),
  ...(['event_category', 'event_action', 'event_outcome', 'event_code', 'asset_id', 'phase'] as const),
] as const
/** Those that name somebody or something. */
const observables = [
  ...(['source_ip', 'destination_ip', 'user_name', 'user_target_name', 'url_domain', 'dns_question_name'] as const),
  ...(['file_name', 'file_hash'] as const),
] as const

const Row = z.object({
  event_id: z.string(),
  at: z.coerce.number(),
  source_id: z.string(),
  dataset: z.string(),
  region_code: z.string(),
  score: z.number(),
  line: z.string(),
  is_cut: z.number(),
  factors: z.array(z.object({ name: z.string(), points: z.number(), detail: z.string() })),
  fields: z.record(z.string(), z.string()),
  shown: z.array(z.string()),
})
type Row = z.infer<typeof Row>

export function evidenceRoutes(app: Routes, api: AlertApi): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/alerts/:id/evidence',
    {
      config: reading,
      schema: {
        summary: 'Raw lines of the worst findings of an alert, with what matched marked in them',
        params: z.object({ id: z.string() }),
        response: { 200: EvidencePage, ...refusals },
      },
    },
    async (request) => {
      const { room } = api.caller(request)
      return evidenceOf(api.visible(room, request.params.id), room, api)
    },
  )
}

async function evidenceOf(alert: Alert, room: Room, api: AlertApi): Promise<EvidencePage> {
  const ids = [...new Set(alert.worst.map(({ event_id }) => event_id).filter((id) => id !== ''))]
  if (ids.length === 0) return { known: true, events: [], missing: 0 }
  const times = alert.worst.map(({ at }) => at)
  const rows = await api
    .clickhouseOf({ room })
    .rows(
      Row,
      `SELECT event_id, toUnixTimestamp64Milli(timestamp) AS at, source_id, dataset, region_code, score, substringUTF8(message, 1, ${MAX_LINE}) AS line,
         lengthUTF8(message) > ${MAX_LINE} AS is_cut, factors, fields, [${shown.map((column) => `toString(${column})`).join(', ')}] AS shown
       FROM siaga.events
       WHERE event_id IN ({ids:Array(String)}) AND timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND timestamp < fromUnixTimestamp64Milli({until:Int64})
       ORDER BY event_id, _offset LIMIT 1 BY event_id`,
      { ids, from: Math.min(...times) - DAY_MS, until: Math.max(...times) + DAY_MS },
      { output_format_json_named_tuples_as_objects: 1 },
    )
    .catch((error: unknown) => {
      if (!(error instanceof SiagaError)) throw error
      api.log.warn({ error: errorText(error) }, 'events of an alert cannot be read')
      return undefined
    })
  if (rows === undefined) return { known: false, events: [], missing: 0 }
  const byId = new Map(rows.map((row) => [row.event_id, row]))
  // In the order of the findings: the worst first.
  const events = ids.flatMap((id) => byId.get(id) ?? []).map((row) => eventItem(row, alert, api))
  return { known: true, events, missing: ids.length - events.length }
}

function eventItem(row: Row, alert: Alert, { desk }: AlertApi): EvidencePage['events'][number] {
  const { event_id, at, source_id, dataset, region_code, score, line, is_cut, factors } = row
  const values = new Map(shown.map((column, n) => [column, row.shown[n] ?? '']))
  const findings = alert.worst.filter((finding) => finding.event_id === event_id)
  const entity = alert.entity.slice(alert.entity.indexOf(':') + 1)
  const marks = marksIn(line, {
    evidence: findings.flatMap(({ rule_id, evidence }) =>
      evidence.map(({ field, value }) => ({ field, value, literals: desk.literals(rule_id) })),
    ),
    observables: [
      ...observables.map((field) => ({ field, value: values.get(field) ?? '' })),
      { field: 'entity', value: entity },
    ],
  })
  const filled = Array.from(values, ([field, value]) => ({ field, value })).filter(
    ({ value }) => value !== '' && value !== '0',
  )
  const more = Object.entries(row.fields).map(([field, value]) => ({ field, value }))
  return {
    id: event_id,
    at: new Date(at).toISOString(),
    source: source_id,
    dataset,
    region: region_code,
    score,
    message: line,
    cut: is_cut > 0,
    marks,
    factors: factors.map((factor) => ({ ...factor, words: desk.factorWords(factor, alert) })),
    fields: [...filled, ...more]
      .slice(0, MAX_FIELDS)
      .map(({ field, value }) => ({ field, value: value.slice(0, MAX_VALUE).toWellFormed() })),
  }
}
