// Which alerts does somebody ask for? Filters, the newest change first, page by page.

import type { z } from 'zod'
import { within } from '../../runtime/scope.ts'
import { type Alert, closedStatuses } from '../../schemas/alert.ts'
import type { AlertQuery } from '../../schemas/alert-api.ts'
import { severityRank } from '../../schemas/detection.ts'

export type Selection = z.output<typeof AlertQuery>

export interface Selected {
  readonly alerts: readonly Alert[]
  readonly total: number
  readonly next: string | undefined
}

/** A page of the alerts that fit, of those that may be seen. */
export function select(all: Iterable<Alert>, selection: Selection): Selected {
  const fits = fitting(selection)
  const found = Array.from(all).filter(fits)
  found.sort((a, b) => b.changed_at - a.changed_at || (a.alert_id < b.alert_id ? -1 : 1))
  const [at, id] = /^(\d{1,15})-(A-[0-9A-Z]+)$/.exec(selection.before ?? '')?.slice(1) ?? []
  // An alert that has changed meanwhile stands on the first page now, and not a second time on this one.
  const from =
    at === undefined || id === undefined
      ? 0
      : found.findIndex(
          (alert) => alert.changed_at < Number(at) || (alert.changed_at === Number(at) && alert.alert_id > id),
        )
  const alerts = from < 0 ? [] : found.slice(from, from + selection.limit)
  const last = alerts.at(-1)
  const more = last !== undefined && found.at(-1) !== last
  return { alerts, total: found.length, next: more ? `${last.changed_at}-${last.alert_id}` : undefined }
}

function fitting(selection: Selection): (alert: Alert) => boolean {
  const { severity, region, asset, entity, case: caseId, assignee, q } = selection
  const statuses = new Set<string>(selection.status ?? ['active'])
  const least = severity === undefined ? 0 : severityRank(severity)
  const part = q?.toLowerCase()
  return (alert) =>
    (statuses.has(alert.status) || (statuses.has('active') && !closedStatuses.has(alert.status))) &&
    severityRank(alert.severity) >= least &&
    (region === undefined || within(alert.region_code, region)) &&
    (asset === undefined || alert.asset_id === asset) &&
    (entity === undefined || alert.entity === entity) &&
    (caseId === undefined || alert.case_id === caseId) &&
    (assignee === undefined || alert.assignee === assignee) &&
    (part === undefined ||
      [alert.title, alert.entity, alert.asset_id, alert.alert_id].some((text) => text.toLowerCase().includes(part)))
}
