// How many alerts are there? Those that fit, by severity, and for whoever filters: which regions, rules and people there are to choose from.
import type { Reference } from '../../runtime/reference.ts'
import { type Alert, closedStatuses } from '../../schemas/alert.ts'
import type { AlertCounts } from '../../schemas/alert-page-api.ts'
import { type Filter, fitting, isOverdue, type SelectParts } from './select.ts'

/** Of each list, so that an answer stays small. */
const MAX_CHOICES = 600

/** One pass over the alerts that may be seen. */
export function countAlerts(
  all: Iterable<Alert>,
  filter: Filter,
  parts: SelectParts & Pick<Reference, 'regions'>,
): AlertCounts {
  const fits = fitting({ ...filter, status: filter.status ?? ['active'] }, parts)
  const counts = {
    total: 0,
    severity: { critical: 0, high: 0, medium: 0, low: 0, informational: 0 },
    unacknowledged: 0,
    overdue: 0,
  }
  const regions = new Map<string, number>()
  const rules = new Map<string, { title: string; alerts: number }>()
  const assignees = new Map<string, number>()
  for (const alert of all) {
    if (!closedStatuses.has(alert.status)) {
      add(regions, alert.region_code)
      if (alert.assignee !== '') add(assignees, alert.assignee)
      const known = rules.get(alert.rule_id)
      if (known === undefined) rules.set(alert.rule_id, { title: titleOf(alert), alerts: 1 })
      else known.alerts += 1
    }
    if (!fits(alert)) continue
    counts.total += 1
    counts.severity[alert.severity] += 1
    const deadline = parts.deadline(alert)
    if (deadline !== undefined) counts.unacknowledged += 1
    if (isOverdue(deadline, parts.now)) counts.overdue += 1
  }
  return {
    at: new Date(parts.now).toISOString(),
    ...counts,
    regions: most(
      Array.from(regions, ([code, alerts]) => ({ code, name: parts.regions.get(code)?.name ?? '', alerts })),
    ),
    rules: most(Array.from(rules, ([id, { title, alerts }]) => ({ id, title, alerts }))),
    assignees: most(Array.from(assignees, ([name, alerts]) => ({ name, alerts }))),
  }
}

/** Of its rule rather than of a storm. */
const titleOf = ({ rule_id, rules, title }: Alert): string =>
  rules.find((rule) => rule.rule_id === rule_id)?.title ?? title

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function most<T extends { readonly alerts: number }>(choices: T[]): T[] {
  return choices.sort((a, b) => b.alerts - a.alerts).slice(0, MAX_CHOICES)
}
