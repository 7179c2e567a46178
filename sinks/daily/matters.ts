// What was open or missing at the end of a day? Alerts, incidents with a legal deadline, silent sources; fifty of each kind, region and owner.
import { z } from 'zod'
import { at, type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import type { MatterKind } from '../../schemas/daily.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import { closed, type DaySpan, openAt, sourcesAt } from './questions.ts'

const EACH = 50
/** Incidents of so many days before are looked through for clocks that still run or ran out. */
const CLOCK_DAYS = 30
const DAY_MS = 86_400_000

/** Times are milliseconds since 1970 UTC. */
export interface Matter {
  readonly region_code: string
  readonly owner: string
  readonly kind: MatterKind
  readonly ref: string
  readonly severity: string
  readonly title: string
  readonly since: number
  readonly due: number | undefined
  readonly detail: string
}

const Row = z.object({
  region_code: z.string(),
  owner: z.string(),
  ref: z.string(),
  severity: z.string(),
  title: z.string(),
  since: z.number(),
  due: z.number(),
  detail: z.string(),
})

/** Asks all matters that ClickHouse alone knows. */
export async function askMatters(clickhouse: Pick<ClickHouse, 'rows'>, span: DaySpan): Promise<Matter[]> {
  const questions: readonly (readonly [MatterKind, string])[] = [
    ['alert', alerts(span)],
    ['clock', clocks(span)],
    ['silent_source', silent(span)],
  ]
  const found: Matter[] = []
  for (const [kind, query] of questions) {
    const rows = await clickhouse.rows(Row, query)
    found.push(...rows.map(({ due, ...row }) => ({ ...row, kind, due: due === 0 ? undefined : due })))
  }
  return found
}

const alerts = (span: DaySpan): string =>
  `SELECT region_code, owner, alert_id AS ref, severity, title, toUnixTimestamp64Milli(opened_at) AS since, 0 AS due,
     if(assignee = '', status, concat(status, ', ', assignee)) AS detail
   FROM ${openAt(span)} WHERE severity IN ('critical', 'high')
   ORDER BY severity, opened_at LIMIT ${EACH} BY region_code, owner`

/** Incidents whose clock had not ended before the day, or whose alert stood open at its end. */
function clocks({ begins, ends, landedBefore, where }: DaySpan): string {
  const clock = (name: string): string =>
    `ifNull(toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(fields['siaga.report.${name}_due'], 3, 'UTC')), 0)`
  return `
    SELECT region_code, owner, ref, severity, title, since, due, clock AS detail FROM (
      SELECT toString(region_code) AS region_code, owner, event_code AS ref, fields['siaga.report.severity'] AS severity,
        fields['siaga.report.category'] AS title, toUnixTimestamp64Milli(timestamp) AS since, event_id,
        arrayJoin(arrayFilter(c -> c.2 > 0, [('iiv', ${clock('iiv')}), ('personal_data', ${clock('personal_data')})])) AS both, both.1 AS clock, both.2 AS due
      FROM siaga.events
      WHERE dataset = ${quote(REPORT_FORMAT)} AND timestamp >= ${at(begins - CLOCK_DAYS * DAY_MS)} AND timestamp < ${at(ends)}
        AND ingested_at < ${at(landedBefore)} AND ${where}
      LIMIT 1 BY ref, clock
    ) AS filed
    LEFT JOIN (
      SELECT event_id, countIf(last_status NOT IN (${closed})) AS open_alerts, count() AS all_alerts FROM (
        SELECT event_id, alert_id FROM (
          SELECT event_id, dedup_key FROM siaga.findings WHERE window_end >= ${at(begins - CLOCK_DAYS * DAY_MS)} AND (startsWith(event_id, 'LAP-'))
        ) AS f INNER JOIN (SELECT alert_id, dedup_key FROM siaga.alerts WHERE opened_at < ${at(ends)}) AS a ON a.dedup_key = f.dedup_key
      ) AS linked LEFT JOIN (
        SELECT alert_id, argMax(to_status, (at, action_id)) AS last_status FROM siaga.alert_actions WHERE at < ${at(ends)} GROUP BY alert_id
      ) AS acts ON acts.alert_id = linked.alert_id
      GROUP BY event_id
    ) AS state ON state.event_id = filed.event_id
    WHERE open_alerts > 0 OR (all_alerts = 0 AND due >= ${begins})
    ORDER BY due, ref LIMIT ${EACH} BY region_code, owner`
}

const silent = (span: DaySpan): string =>
  `SELECT region_code, owner, source_id AS ref, '' AS severity, source_id AS title, toUnixTimestamp64Milli(last_event) AS since, 0 AS due, '' AS detail
   FROM ${sourcesAt(span)} WHERE NOT heard ORDER BY last_event, source_id LIMIT ${EACH} BY region_code, owner`
