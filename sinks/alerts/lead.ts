// Which alert do people hear of when one attacker trips several rules at once? The worst of them; the others are told with it, not beside it.
import { type Alert, closedStatuses } from '../../schemas/alert.ts'
import { severityRank } from '../../schemas/detection.ts'
import type { AlertBook } from './book.ts'
import { technique } from './lifecycle/asks.ts'
import type { AlertRecord } from './records.ts'

export interface Leads {
  /** An alert that is new or has changed. Answers ids that it may have spoken for and speaks for no more: its worst finding may be of another place now. */
  put(alert: Alert): readonly string[]
  /**
   * The alert whose messages speak for this one too; undefined if it speaks for itself. It is one of the same entity, asset, region and owner, at least as
   * severe, which waits for somebody, or who has looked at it has seen all that this one shows.
   */
  leadOf(alert: Alert): Alert | undefined
  /** Ids of alerts that this one may speak for, or that may speak for it. */
  others(alert: Alert): readonly string[]
  /** These alerts and those of their groups, each once. */
  around(ids: readonly string[]): ReadonlySet<string>
  forget(id: string): void
}

interface Group {
  readonly ids: Set<string>
  /** Who speaks for whom; undefined after a change. Found for all at once, so that many alerts of one attacker cost no more than their number. */
  leads: ReadonlyMap<string, string> | undefined
}

export function createLeads(book: Pick<AlertBook, 'get'>): Leads {
  const groups = new Map<string, Group>()
  const keyOf = new Map<string, string>()

  const leadsOf = (group: Group): ReadonlyMap<string, string> => {
    if (group.leads !== undefined) return group.leads
    const found = new Map<string, string>()
    const speaking: AlertRecord[] = []
    const ordered = [...group.ids].flatMap((id) => book.get(id) ?? []).sort((a, b) => compare(a.alert, b.alert))
    for (const record of ordered) {
      const lead = speaking.find((candidate) => speaksFor(candidate, record))
      if (lead === undefined) speaking.push(record)
      else found.set(record.alert.alert_id, lead.alert.alert_id)
    }
    group.leads = found
    return found
  }
  const leave = (id: string, key: string): void => {
    const group = groups.get(key)
    if (group === undefined) return
    group.ids.delete(id)
    group.leads = undefined
    if (group.ids.size === 0) groups.delete(key)
  }

  return {
    put(alert) {
      const key = groupOf(alert)
      const id = alert.alert_id
      const before = keyOf.get(id)
      const isElsewhere = before !== undefined && before !== key
      if (isElsewhere) leave(id, before)
      keyOf.set(id, key)
      const group = groups.get(key) ?? { ids: new Set(), leads: undefined }
      groups.set(key, group)
      group.ids.add(id)
      group.leads = undefined
      return isElsewhere ? [...(groups.get(before)?.ids ?? [])] : []
    },
    leadOf(alert) {
      const group = groups.get(groupOf(alert))
      const lead = group === undefined ? undefined : leadsOf(group).get(alert.alert_id)
      return lead === undefined ? undefined : book.get(lead)?.alert
    },
    others: (alert) => [...(groups.get(groupOf(alert))?.ids ?? [])].filter((id) => id !== alert.alert_id),
    around(ids) {
      const found = new Set(ids)
      for (const key of new Set(ids.flatMap((id) => keyOf.get(id) ?? [])))
        for (const id of groups.get(key)?.ids ?? []) found.add(id)
      return found
    },
    forget(id) {
      const key = keyOf.get(id)
      if (key === undefined) return
      keyOf.delete(id)
      leave(id, key)
    },
  }
}

function groupOf({ entity, asset_id, region_code, owner, kind, alert_id }: Alert): string {
  // A storm has no one behind it, and silence of a source is a matter of its own.
  return kind === 'storm' || entity === '' ? alert_id : `${entity}\n${asset_id}\n${region_code}\n${owner}`
}

/** The worse one first, then the one that was there first: an order without ties. */
function compare(a: Alert, b: Alert): number {
  const order = severityRank(b.severity) - severityRank(a.severity) || a.opened_at - b.opened_at || b.score - a.score
  return order === 0 ? (a.alert_id < b.alert_id ? -1 : 1) : order
}

function speaksFor({ alert: lead, muted }: AlertRecord, { alert, muted: own }: AlertRecord): boolean {
  if (closedStatuses.has(lead.status)) return false
  // Rooms that do not hear of the one would not hear of the other either.
  if (muted.some((room) => !own.includes(room))) return false
  const ask = alert.asks.at(-1)
  if (ask === undefined) return false
  const seenAt = Math.max(lead.acknowledged_at, lead.seen?.at ?? 0)
  const waits = (lead.asks.at(-1)?.at ?? 0) > seenAt
  if (waits) return true
  // Whoever looked at the one has not looked at the other: more than the one showed is told, or a loud attempt would hide what came of it.
  return shows(lead, alert) || (seenAt >= ask.at && haveSameEvents(lead, alert))
}

/** Whether all that an alert is about was there to be seen in the other one when somebody looked: its techniques, or without any its rule. */
function shows({ seen, rules }: Alert, { attack, rule_id }: Alert): boolean {
  if (seen === undefined) return false
  if (attack.length === 0) return rules.some((rule) => rule.rule_id === rule_id)
  const known = new Set(seen.attack.map(technique))
  return attack.every((id) => known.has(technique(id)))
}

/** Whether an alert is about the very events that another one shows. */
export function haveSameEvents(lead: Alert, { worst, findings }: Alert): boolean {
  // What it does not show nobody has judged.
  if (findings > worst.length) return false
  const events = new Set(lead.worst.map(({ event_id }) => event_id).filter((event) => event !== ''))
  return worst.every(({ event_id }) => events.has(event_id))
}
