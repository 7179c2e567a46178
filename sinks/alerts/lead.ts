// Which alert do people hear of when one attacker trips several rules at once? The worst of them; the others are told with it, not beside it.
import { type Alert, closedStatuses } from '../../schemas/alert.ts'
import { Severity } from '../../schemas/detection.ts'
import type { AlertBook } from './book.ts'
import type { AlertRecord } from './records.ts'

export interface Leads {
  /** An alert that is new or has changed. Answers ids that it may have spoken for and speaks for no more: its worst finding may be of another place now. */
  put(alert: Alert): readonly string[]
  /**
   * The alert whose messages speak for this one too; undefined if it speaks for itself. It is one of the same entity, asset, region and owner, at least as
   * severe, which waits for somebody, or which somebody has looked at after this one was there, or who has seen all that this one shows before.
   */
  leadOf(alert: Alert): Alert | undefined
  /** Ids of alerts that this one may speak for, or that may speak for it. */
  others(alert: Alert): readonly string[]
  forget(id: string): void
}

export function createLeads(book: Pick<AlertBook, 'get'>): Leads {
  const groups = new Map<string, Set<string>>()
  const keyOf = new Map<string, string>()
  /** Alerts of the same group, the worst first. */
  const ordered = (alert: Alert): AlertRecord[] =>
    [...(groups.get(groupOf(alert)) ?? [])]
      .flatMap((id) => book.get(id) ?? [])
      .sort((a, b) => compare(a.alert, b.alert))

  return {
    put(alert) {
      const key = groupOf(alert)
      const id = alert.alert_id
      const before = keyOf.get(id)
      if (before === key) return []
      const left = before === undefined ? undefined : groups.get(before)
      left?.delete(id)
      if (before !== undefined && left?.size === 0) groups.delete(before)
      keyOf.set(id, key)
      const group = groups.get(key)
      if (group === undefined) groups.set(key, new Set([id]))
      else group.add(id)
      return [...(left ?? [])]
    },
    leadOf(alert) {
      const speaking: AlertRecord[] = []
      for (const record of ordered(alert)) {
        const lead = speaking.find((candidate) => speaksFor(candidate, record))
        if (record.alert.alert_id === alert.alert_id) return lead?.alert
        if (lead === undefined) speaking.push(record)
      }
      return undefined
    },
    others: (alert) => [...(groups.get(groupOf(alert)) ?? [])].filter((id) => id !== alert.alert_id),
    forget(id) {
      const key = keyOf.get(id)
      if (key === undefined) return
      keyOf.delete(id)
      const group = groups.get(key)
      group?.delete(id)
      if (group?.size === 0) groups.delete(key)
    },
  }
}

function groupOf({ entity, asset_id, region_code, owner, kind, alert_id }: Alert): string {
  // A storm has no one behind it, and silence of a source is a matter of its own.
  return kind === 'storm' || entity === '' ? alert_id : `${entity}\n${asset_id}\n${region_code}\n${owner}`
}

const rank = (severity: Severity): number => Severity.options.indexOf(severity)

/** The worse one first, then the one that was there first: an order without ties. */
function compare(a: Alert, b: Alert): number {
  const order = rank(b.severity) - rank(a.severity) || a.opened_at - b.opened_at || b.score - a.score
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
  if (waits || seenAt >= ask.at) return true
  const seen = new Set((lead.seen?.attack ?? []).map((id) => id.slice(0, 5)))
  return lead.seen !== undefined && alert.attack.every((id) => seen.has(id.slice(0, 5)))
}
