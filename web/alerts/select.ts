// Which alerts does somebody ask for? Filters, an order, page by page.

import type { z } from 'zod'
import { within } from '../../runtime/scope.ts'
import { type Alert, closedStatuses } from '../../schemas/alert.ts'
import type { AlertFilter, AlertOrder, AlertQuery } from '../../schemas/alert-api.ts'
import { severityRank } from '../../schemas/detection.ts'

export type Filter = z.output<typeof AlertFilter>
export type Selection = z.output<typeof AlertQuery>

export interface SelectParts {
  /** By when somebody is to acknowledge an alert; undefined where nobody is waited for. Milliseconds since 1970 UTC, as is `now`. */
  readonly deadline: (alert: Alert) => number | undefined
  readonly now: number
  /** Title in Indonesian, which is what most people read and look for. */
  readonly judul: (alert: Alert) => string
}

export interface Selected {
  readonly alerts: readonly Alert[]
  readonly total: number
  readonly next: string | undefined
}

/** Later than any time, and with one added still a whole number. */
const NEVER = 8e15

/** What an order goes by, the greater first. Alerts that nobody is waited for come behind all deadlines, the newest change first. */
function rankBy(sort: AlertOrder, { deadline }: SelectParts): (alert: Alert) => number {
  switch (sort) {
    case 'changed':
      return ({ changed_at }) => changed_at
    case 'opened':
      return ({ opened_at }) => opened_at
    case 'score':
      return ({ score, severity }) => score * 10 + severityRank(severity)
    case 'deadline':
      return (alert) => {
        const at = deadline(alert)
        return at === undefined ? alert.changed_at - NEVER : -at
      }
  }
}

/** A page of the alerts that fit, of those that may be seen. */
export function select(all: Iterable<Alert>, selection: Selection, parts: SelectParts): Selected {
  const fits = fitting({ ...selection, status: selection.status ?? ['active'] }, parts)
  const rank = rankBy(selection.sort, parts)
  const found = Array.from(all)
    .filter(fits)
    .map((alert) => ({ alert, at: rank(alert) }))
  found.sort((a, b) => b.at - a.at || (a.alert.alert_id < b.alert.alert_id ? -1 : 1))
  const [at, id] = /^(-?\d{1,16})_(A-[0-9A-Z]+)$/.exec(selection.before ?? '')?.slice(1) ?? []
  // An alert that has changed meanwhile stands on the first page now, and not a second time on this one.
  const from =
    at === undefined || id === undefined
      ? 0
      : found.findIndex((one) => one.at < Number(at) || (one.at === Number(at) && one.alert.alert_id > id))
  const page = from < 0 ? [] : found.slice(from, from + selection.limit)
  const last = page.at(-1)
  const more = last !== undefined && found.at(-1) !== last
  return {
    alerts: page.map(({ alert }) => alert),
    total: found.length,
    next: more ? `${last.at}_${last.alert.alert_id}` : undefined,
  }
}

const HOUR_MS = 3_600_000

/** Does an alert fit? Without a status every one does. */
export function fitting(filter: Filter, { deadline, now, judul }: SelectParts): (alert: Alert) => boolean {
  const { severity, region, asset, entity, case: caseId, assignee, rule, newer_hours, older_hours, overdue, q } = filter
  const statuses = filter.status === undefined ? undefined : new Set<string>(filter.status)
  const least = severity === undefined ? 0 : severityRank(severity)
  const part = q?.toLowerCase()
  return (alert) =>
    (filter.id === undefined || alert.alert_id === filter.id) &&
    (statuses === undefined ||
      statuses.has(alert.status) ||
      (statuses.has('active') && !closedStatuses.has(alert.status))) &&
    severityRank(alert.severity) >= least &&
    (region === undefined || within(alert.region_code, region)) &&
    (asset === undefined || alert.asset_id === asset) &&
    (entity === undefined || alert.entity === entity) &&
    (caseId === undefined || alert.case_id === caseId) &&
    (assignee === undefined || alert.assignee === assignee) &&
    (rule === undefined || alert.rule_id === rule || alert.rules.some(({ rule_id }) => rule_id === rule)) &&
    (newer_hours === undefined || alert.opened_at >= now - newer_hours * HOUR_MS) &&
    (older_hours === undefined || alert.opened_at < now - older_hours * HOUR_MS) &&
    (overdue === undefined || isOverdue(deadline(alert), now) === overdue) &&
    (part === undefined ||
      [alert.title, judul(alert), alert.entity, alert.asset_id, alert.alert_id].some((text) =>
        text.toLowerCase().includes(part),
      ))
}

export const isOverdue = (deadline: number | undefined, now: number): boolean =>
  deadline !== undefined && deadline < now
