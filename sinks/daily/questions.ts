// What happened on a day? Figures by region and owner, asked of the store for all regions of one zone.
import { z } from 'zod'
import { at, type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import { closedStatuses } from '../../schemas/alert.ts'
import { eventCategories, type FigureName } from '../../schemas/daily.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'

/** A stretch and what counts in it. Milliseconds since 1970 UTC; landing times are whole minutes. */
export interface DaySpan {
  readonly begins: number
  readonly ends: number
  readonly landedBefore: number
  readonly lateSince: number
  /** Condition on `region_code`. */
  readonly where: string
}

/** One figure of one region and owner. */
export interface Cell {
  readonly region_code: string
  readonly owner: string
  readonly figure: FigureName
  readonly label: string
  readonly value: number
}

type Asking = Pick<ClickHouse, 'rows'>

const Place = z.object({ region_code: z.string(), owner: z.string() })
const Activity = Place.extend({
  category: z.string(),
  severity: z.string(),
  events: z.number(),
  failed: z.number(),
  errors: z.number(),
})
const Late = Place.extend({ events: z.number() })
const Counted = Place.extend({ label: z.string(), n: z.number() })

/** Statuses of which nobody has to do anything, as literals. */
export const closed = Array.from(closedStatuses, quote).join(', ')
const categories = eventCategories.map(quote).join(', ')

/** Asks all figures that ClickHouse alone knows. */
export async function askFigures(clickhouse: Asking, span: DaySpan): Promise<Cell[]> {
  const cells: Cell[] = []
  // One after the other: it is done once a day beside everything else.
  for (const ask of [activity, late, opened, closedAlerts, open, incidents, nihil, sources]) {
    cells.push(...(await ask(clickhouse, span)))
  }
  return cells
}

async function activity(clickhouse: Asking, { begins, ends, landedBefore, where }: DaySpan): Promise<Cell[]> {
  const rows = await clickhouse.rows(
    Activity,
    `SELECT toString(region_code) AS region_code, toString(owner) AS owner,
       if(event_category IN (${categories}), toString(event_category), 'other') AS category, toString(severity) AS severity,
       sum(a.events) AS events, sumIf(a.failures, a.event_category = 'authentication') AS failed, sum(a.http_errors) AS errors
     FROM siaga.activity_minutes AS a
     WHERE event_minute >= ${at(begins)} AND event_minute < ${at(ends)} AND minute < ${at(landedBefore)} AND ${where}
     GROUP BY region_code, owner, category, severity`,
  )
  return rows.flatMap(({ region_code, owner, category, severity, events, failed, errors }): Cell[] => {
    const cell = (figure: FigureName, label: string, value: number): Cell => ({
      region_code,
      owner,
      figure,
      label,
      value,
    })
    return [
      cell('events', '', events),
      cell('events_by_category', category, events),
      cell('events_by_severity', severity, events),
      cell('failed_logins', '', failed),
      cell('web_errors', '', errors),
    ]
  })
}

async function late(clickhouse: Asking, { begins, landedBefore, lateSince, where }: DaySpan): Promise<Cell[]> {
  const rows = await clickhouse.rows(
    Late,
    `SELECT toString(region_code) AS region_code, toString(owner) AS owner, sum(a.events) AS events FROM siaga.activity_minutes AS a
     WHERE event_minute < ${at(begins)} AND minute >= ${at(lateSince)} AND minute < ${at(landedBefore)} AND ${where}
     GROUP BY region_code, owner`,
  )
  return rows.map(({ events, ...place }) => ({ ...place, figure: 'late_events', label: '', value: events }))
}

const opened = counting(
  'alerts_opened',
  ({ begins, ends, where }) =>
    `SELECT region_code, owner, severity AS label, count() AS n FROM siaga.alerts
     WHERE opened_at >= ${at(begins)} AND opened_at < ${at(ends)} AND ${where} GROUP BY region_code, owner, label`,
)

const closedAlerts = counting(
  'alerts_closed',
  ({ begins, ends, where }) =>
    `SELECT region_code, owner, severity AS label, count() AS n FROM siaga.alerts
     WHERE ${where} AND alert_id IN (
       SELECT alert_id FROM siaga.alert_actions
       WHERE at >= ${at(begins)} AND at < ${at(ends)} AND to_status IN (${closed}) AND to_status != 'merged' AND from_status NOT IN (${closed})
     ) GROUP BY region_code, owner, label`,
)

const open = counting(
  'alerts_open',
  (span) =>
    `SELECT region_code, owner, severity AS label, count() AS n FROM ${openAt(span)} GROUP BY region_code, owner, label`,
)

/** Alerts that stood open at the end of the day: what their last action until then says. */
export function openAt({ ends, where }: Pick<DaySpan, 'ends' | 'where'>): string {
  return `(
    SELECT alert_id, region_code, owner, severity, title, opened_at, if(last_status = '', 'open', last_status) AS status, assignee
    FROM (SELECT alert_id, region_code, owner, severity, title, opened_at, assignee FROM siaga.alerts WHERE opened_at < ${at(ends)} AND ${where}) AS alerts
    LEFT JOIN (
      SELECT alert_id, argMax(to_status, (at, action_id)) AS last_status FROM siaga.alert_actions WHERE at < ${at(ends)} GROUP BY alert_id
    ) AS acts ON acts.alert_id = alerts.alert_id
    WHERE last_status NOT IN (${closed})
  )`
}

const incidents = counting('reports_incident', (span) => reports(span, 'incident', "fields['siaga.report.severity']"))
const nihil = counting('reports_nihil', (span) => reports(span, 'nihil', "''"))

function reports({ begins, ends, landedBefore, where }: DaySpan, kind: 'incident' | 'nihil', label: string): string {
  return `SELECT toString(region_code) AS region_code, owner, ${label} AS label, uniqExact(event_code) AS n FROM siaga.events
    WHERE dataset = ${quote(REPORT_FORMAT)} AND fields['siaga.report.kind'] = ${quote(kind)}
      AND timestamp >= ${at(begins)} AND timestamp < ${at(ends)} AND ingested_at < ${at(landedBefore)} AND ${where}
    GROUP BY region_code, owner, label`
}

async function sources(clickhouse: Asking, span: DaySpan): Promise<Cell[]> {
  const rows = await clickhouse.rows(
    Counted,
    `SELECT region_code, owner, if(heard, 'heard', 'silent') AS label, count() AS n FROM ${sourcesAt(span)} GROUP BY region_code, owner, label`,
  )
  return rows.flatMap(({ label, n, ...place }): Cell[] => [
    { ...place, figure: 'sources', label: '', value: n },
    ...(label === 'silent' ? [{ ...place, figure: 'sources_silent' as const, label: '', value: n }] : []),
  ])
}

/** Sources as they stood at the end of the day. */
export function sourcesAt({ ends, where }: Pick<DaySpan, 'ends' | 'where'>): string {
  return `(
    SELECT source_id, latest.1 AS region_code, latest.2 AS owner, latest.4 IN ('live', 'quiet') AS heard, latest.5 AS last_event FROM (
      SELECT source_id, argMax((toString(region_code), toString(owner), toString(state), toString(counted_as), last_event), changed_at) AS latest
      FROM siaga.source_states WHERE kind = 'source' AND changed_at < ${at(ends)} GROUP BY source_id
    ) WHERE latest.3 != 'gone' AND ${where}
  )`
}

/** A figure by label, from a query with region_code, owner, label and n. */
function counting(figure: FigureName, query: (span: DaySpan) => string) {
  return async (clickhouse: Asking, span: DaySpan): Promise<Cell[]> => {
    const rows = await clickhouse.rows(Counted, query(span))
    return rows.map(({ n, ...rest }) => ({ ...rest, figure, value: n }))
  }
}
