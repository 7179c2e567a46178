// Has anything arrived? The first event of a source since a moment, as its parser read it, or the dead letter that it became.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type EventColumn, eventColumns } from '../../schemas/event.ts'
import { Id } from '../../schemas/room.ts'
import { Arrival, ArrivalQuery } from '../../schemas/sources-api.ts'
import { typed } from '../door.ts'
import { viewerOf } from '../viewer.ts'
import { letterView } from './letters.ts'
import type { SourceParts } from './parts.ts'
import { sourceOf } from './plugin.ts'

const write = { area: 'sources', verb: 'write' } as const
/** Set for every event, and nothing about the line. */
const given: ReadonlySet<EventColumn> = new Set([
  ...(['timestamp', 'message', 'event_id', 'source_id', 'received_at', 'ingested_at', 'retain_until'] as const),
  ...(['dataset', 'tags', 'fields', 'factors', 'rule_ids', 'score_version'] as const),
  ...(['_stream', '_partition', '_offset'] as const),
])
const shown = Object.entries(eventColumns).flatMap(([name, { type }]) =>
  [...given].some((one) => one === name) || type.startsWith('Array') || type.startsWith('Map') ? [] : [name],
)
const MAX_TEXT = 4_000

const Counted = z.object({ events: z.coerce.number() })
const First = z.object({
  id: z.string(),
  at: z.coerce.number(),
  landed: z.coerce.number(),
  format: z.string(),
  line: z.string(),
  marks: z.array(z.string()),
  columns: z.array(z.tuple([z.string(), z.string()])),
  rest: z.record(z.string(), z.string()),
})

export function arrivalRoute(app: FastifyInstance, parts: SourceParts): void {
  const { clickhouse, clickhouseOf, letters, now } = parts
  typed(app).get(
    '/api/sources/by-id/:id/arrival',
    {
      config: { access: write },
      schema: { params: z.object({ id: Id }), querystring: ArrivalQuery, response: { 200: Arrival } },
    },
    async (request) => {
      const viewer = viewerOf(request)
      const { id } = sourceOf(parts, viewer, request.params.id)
      // Somebody who leaves the page open asks for hours: an hour back is enough.
      const since = Math.max(request.query.since, now() - 3_600_000)
      const [counted, list] = await Promise.all([
        // The counters are cheap to ask every two seconds; the room's own user has a quota.
        clickhouse.rows(
          Counted,
          `SELECT sum(events) AS events FROM siaga.source_minutes
           WHERE source_id = {id:String} AND minute >= toStartOfMinute(fromUnixTimestamp64Milli({since:Int64})) AND last_ingested_at >= fromUnixTimestamp64Milli({since:Int64})`,
          { id, since },
        ),
        letters.list().catch(() => ({ letters: [] })),
      ])
      const events = counted[0]?.events ?? 0
      const letter = list.letters.find((one) => one.source === id && one.at >= since && !one.replayed)
      const [first] =
        events === 0
          ? []
          : await clickhouseOf(viewer).rows(
              First,
              `SELECT event_id AS id, toUnixTimestamp64Milli(timestamp) AS at, toUnixTimestamp64Milli(ingested_at) AS landed, dataset AS format,
                 substringUTF8(message, 1, ${MAX_TEXT}) AS line, tags AS marks,
                 arrayFilter(one -> one.2 NOT IN ('', '0'), [${shown.map((name) => `('${name}', substringUTF8(toString(${name}), 1, 300))`).join(', ')}]) AS columns,
                 mapApply((name, value) -> (name, substringUTF8(value, 1, 300)), fields) AS rest
               FROM siaga.events WHERE source_id = {id:String} AND ingested_at >= fromUnixTimestamp64Milli({since:Int64})
               ORDER BY ingested_at, _partition, _offset LIMIT 1`,
              { id, since },
              { max_execution_time: 10 },
            )
      return {
        at: now(),
        events,
        first:
          first === undefined
            ? null
            : {
                event_id: first.id,
                at: first.at,
                landed: first.landed,
                dataset: first.format,
                message: first.line,
                tags: first.marks,
                columns: [
                  ...first.columns.map(([name, value]) => ({ name, value })),
                  ...Object.entries(first.rest).map(([name, value]) => ({ name, value })),
                ].slice(0, 120),
              },
        letter: letter === undefined ? null : letterView(letter),
      }
    },
  )
}
