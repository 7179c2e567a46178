// Which query has a figure as its answer? SQL over the raw rows, as a person may run it in the console.
import { closedStatuses } from '../../../schemas/alert.ts'
import { eventCategories, type FigureName } from '../../../schemas/daily.ts'
import { REPORT_FORMAT } from '../../../schemas/raw-event.ts'

/** A day in one zone. Milliseconds since 1970 UTC. */
export interface Period {
  readonly begins: number
  readonly ends: number
  readonly landedBefore: number
  readonly lateSince: number
  /** Condition on `region_code` that keeps the zone's; empty if all regions asked for are of it. */
  readonly where: string
}

/** Whose rows: a room's region and what lies beneath, of owners that it may see; undefined: all. */
export interface Scope {
  readonly region: string | undefined
  readonly owners: readonly string[] | undefined
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const list = (values: readonly string[]): string => values.map(quoted).join(', ')
const closed = list([...closedStatuses])

/** A time as people write it, to the second. */
const time = (ms: number): string =>
  `toDateTime64('${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}', 3, 'UTC')`

const between = (column: string, from: number, to: number): string =>
  `${column} >= ${time(from)} AND ${column} < ${time(to)}`

/** One condition for all zones. */
const anyOf = (periods: readonly Period[], condition: (period: Period) => string): string => {
  const each = periods.map((period) => {
    const own = condition(period)
    return period.where === '' ? own : `${period.where} AND ${own}`
  })
  return each.length === 1 ? (each[0] ?? '1') : `(${each.map((one) => `(${one})`).join('\n    OR ')})`
}

function scoped({ region, owners }: Scope): string {
  const place =
    region === undefined
      ? ''
      : `(region_code = ${quoted(region)} OR startsWith(region_code, ${quoted(`${region}.`)})) AND `
  return `${place}${owners === undefined ? '' : `owner IN (${list(owners)}) AND `}`
}

/** The query of a figure; empty where the figure is not a question to the store. */
export function queryOf(figure: FigureName, label: string, scope: Scope, periods: readonly Period[]): string {
  const mine = scoped(scope)
  const events = (condition: string, what = 'count()'): string =>
    `SELECT ${what} FROM siaga.events\nWHERE ${mine}${anyOf(periods, ({ begins, ends, landedBefore }) => `${between('timestamp', begins, ends)} AND ingested_at < ${time(landedBefore)}`)}${condition === '' ? '' : `\n  AND ${condition}`}`
  const reports = (kind: string): string =>
    events(
      `dataset = '${REPORT_FORMAT}' AND fields['siaga.report.kind'] = '${kind}'${label === '' ? '' : ` AND fields['siaga.report.severity'] = ${quoted(label)}`}`,
      'uniqExact(event_code)',
    )
  const severity = label === '' ? '' : `\n  AND severity = ${quoted(label)}`
  switch (figure) {
    case 'events':
      return events('')
    case 'events_by_category':
      return events(
        label === 'other' ? `event_category NOT IN (${list(eventCategories)})` : `event_category = ${quoted(label)}`,
      )
    case 'events_by_severity':
      return events(`score BETWEEN ${scores[label] ?? '0 AND 100'}`)
    case 'failed_logins':
      return events("event_category = 'authentication' AND event_outcome = 'failure'")
    case 'web_errors':
      return events('http_status_code >= 500')
    case 'late_events':
      return `SELECT count() FROM siaga.events\nWHERE ${mine}${anyOf(periods, ({ begins, lateSince, landedBefore }) => `timestamp < ${time(begins)} AND ${between('ingested_at', lateSince, landedBefore)}`)}`
    case 'alerts_opened':
      return `SELECT count() FROM siaga.alerts\nWHERE ${mine}${anyOf(periods, ({ begins, ends }) => between('opened_at', begins, ends))}${severity}`
    case 'alerts_closed':
      return `SELECT count() FROM siaga.alerts\nWHERE ${mine}${anyOf(periods, ({ begins, ends }) => `alert_id IN (SELECT alert_id FROM siaga.alert_actions WHERE ${between('at', begins, ends)} AND to_status IN (${closed}) AND to_status != 'merged' AND from_status NOT IN (${closed}))`)}${severity}`
    case 'alerts_open':
      return `SELECT count() FROM siaga.alerts\nWHERE ${mine}${anyOf(periods, ({ ends }) => `opened_at < ${time(ends)} AND alert_id NOT IN (SELECT alert_id FROM siaga.alert_actions WHERE at < ${time(ends)} GROUP BY alert_id HAVING argMax(to_status, (at, action_id)) IN (${closed}))`)}${severity}`
    case 'reports_incident':
      return reports('incident')
    case 'reports_nihil':
      return reports('nihil')
    case 'sources':
      return sources(mine, periods, '')
    case 'sources_silent':
      return sources(mine, periods, " AND latest.4 NOT IN ('live', 'quiet')")
    default:
      return ''
  }
}

const scores: Readonly<Record<string, string>> = {
  critical: '90 AND 100',
  high: '70 AND 89',
  medium: '40 AND 69',
  low: '20 AND 39',
  none: '0 AND 19',
}

/** Sources as they stood at the end of each zone's day. */
function sources(mine: string, periods: readonly Period[], condition: string): string {
  const each = periods.map(
    ({ ends, where }) =>
      `SELECT source_id, latest.1 AS region_code, latest.2 AS owner FROM (
  SELECT source_id, argMax((region_code, owner, state, counted_as), changed_at) AS latest
  FROM siaga.source_states WHERE kind = 'source' AND changed_at < ${time(ends)} GROUP BY source_id
) WHERE ${mine}${where === '' ? '' : `${where} AND `}latest.3 != 'gone'${condition}`,
  )
  return `SELECT count() FROM (\n${each.join('\nUNION ALL\n')}\n)`
}
