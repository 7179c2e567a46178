// What did whoever an alert is about do, hour by hour? Events and findings, read as the room's own ClickHouse user.
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Alert } from '../../schemas/alert.ts'
import { EntityTimeline, TimelineQuery } from '../../schemas/alert-page-api.ts'
import { Severity, severityRank } from '../../schemas/detection.ts'
import { type AlertApi, type Routes, reading, refusals } from './api.ts'

const HOUR_MS = 3_600_000
const MAX_RULES = 50

/** Columns of events by which an entity is found. */
const columns: Readonly<Record<string, string>> = {
  source_ip: 'source_ip',
  user: 'user_name',
  asset: 'asset_id',
  source: 'source_id',
  domain: 'url_domain',
}

const EventHour = z.object({ hour: z.coerce.number(), events: z.coerce.number(), score: z.number() })
const FindingHour = z.object({
  hour: z.coerce.number(),
  rule_id: z.string(),
  title: z.string(),
  severity: Severity,
  findings: z.coerce.number(),
  first: z.coerce.number(),
  last: z.coerce.number(),
})

export function timelineRoutes(app: Routes, api: AlertApi): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/v1/alerts/:id/timeline',
    {
      config: reading,
      schema: {
        summary: 'Events and findings about the entity of an alert, hour by hour',
        params: z.object({ id: z.string() }),
        querystring: TimelineQuery,
        response: { 200: EntityTimeline, ...refusals },
      },
    },
    async (request) => {
      const { room } = api.caller(request)
      const alert = api.visible(room, request.params.id)
      const until = Math.floor(alert.last_seen / HOUR_MS) * HOUR_MS + HOUR_MS
      const from = until - request.query.hours * HOUR_MS
      const store = api.clickhouseOf({ room })
      const { entity, column, value, findingsBy } = subjectOf(alert)
      const span = { from, until }
      const [events, findings] = await Promise.all([
        column === undefined
          ? []
          : store.rows(
              EventHour,
              `SELECT toUnixTimestamp(toStartOfHour(timestamp)) AS hour, count() AS events, max(score) AS score FROM siaga.events
               WHERE ${column} = {value:String} AND timestamp >= fromUnixTimestamp64Milli({from:Int64}) AND timestamp < fromUnixTimestamp64Milli({until:Int64})
               GROUP BY hour`,
              { ...span, value },
            ),
        store.rows(
          FindingHour,
          `SELECT toUnixTimestamp(toStartOfHour(window_end)) AS hour, rule_id, any(findings.title) AS title, argMax(findings.severity, findings.score) AS severity, count() AS findings,
             toUnixTimestamp64Milli(min(window_end)) AS first, toUnixTimestamp64Milli(max(window_end)) AS last
           FROM siaga.findings AS findings
           WHERE ${findingsBy} = {subject:String} AND window_end >= fromUnixTimestamp64Milli({from:Int64}) AND window_end < fromUnixTimestamp64Milli({until:Int64})
           GROUP BY hour, rule_id`,
          { ...span, subject: findingsBy === 'entity' ? entity : value },
        ),
      ])
      return timeline({ entity, from, until, eventsKnown: column !== undefined, events, findings })
    },
  )
}

interface Subject {
  readonly entity: string
  readonly column: string | undefined
  readonly value: string
  readonly findingsBy: 'entity' | 'asset_id'
}

/** Whom it is about; where it is about nobody, its asset. */
function subjectOf({ entity, asset_id }: Pick<Alert, 'entity' | 'asset_id'>): Subject {
  if (entity === '' && asset_id !== '')
    return { entity: `asset:${asset_id}`, column: 'asset_id', value: asset_id, findingsBy: 'asset_id' }
  const [type = '', ...rest] = entity.split(':')
  const column = Object.hasOwn(columns, type) ? columns[type] : undefined
  return { entity, column, value: rest.join(':'), findingsBy: 'entity' }
}

interface Found {
  readonly entity: string
  readonly from: number
  readonly until: number
  readonly eventsKnown: boolean
  readonly events: readonly z.infer<typeof EventHour>[]
  readonly findings: readonly z.infer<typeof FindingHour>[]
}

const iso = (ms: number): string => new Date(ms).toISOString()

function timeline({ entity, from, until, eventsKnown, events, findings }: Found): EntityTimeline {
  const hours = Array.from({ length: (until - from) / HOUR_MS }, (_, n) => {
    const at = from + n * HOUR_MS
    const seen = events.find(({ hour }) => hour * 1000 === at)
    const found = findings.filter(({ hour }) => hour * 1000 === at)
    return {
      at: iso(at),
      events: seen?.events ?? 0,
      score: seen?.score ?? 0,
      findings: found.reduce((sum, one) => sum + one.findings, 0),
    }
  })
  const rules = [...Map.groupBy(findings, ({ rule_id }) => rule_id)].map(([rule, all]) => {
    const worst = all.reduce((a, b) => (severityRank(b.severity) > severityRank(a.severity) ? b : a))
    return {
      rule,
      title: worst.title,
      severity: worst.severity,
      findings: all.reduce((sum, one) => sum + one.findings, 0),
      first: iso(Math.min(...all.map(({ first }) => first))),
      last: iso(Math.max(...all.map(({ last }) => last))),
    }
  })
  rules.sort((a, b) => severityRank(b.severity) - severityRank(a.severity) || b.findings - a.findings)
  return {
    entity,
    from: iso(from),
    until: iso(until),
    events_known: eventsKnown,
    hours,
    findings: rules.slice(0, MAX_RULES),
  }
}
