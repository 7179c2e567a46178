// Which alerts are there? What their findings say of them, put together with what people did; every change is kept and told to whom it concerns.
import { siagaActor } from '../../schemas/actor.ts'
import type { Alert, AlertAction } from '../../schemas/alert.ts'
import type { Phase } from '../../schemas/place.ts'
import type { AlertContent } from './group/content.ts'
import type { Ledger } from './ledger.ts'
import { asksAfter } from './lifecycle/asks.ts'
import { appended } from './lifecycle/verbs.ts'
import { mutedByBoth } from './policy/suppressions.ts'
import type { AlertRecord } from './records.ts'

export interface AlertBook {
  restore(record: AlertRecord): void
  get(id: string): AlertRecord | undefined
  all(): Iterable<AlertRecord>
  /** What its findings say now. `muted`: rooms that hold back all of those that are new. */
  content(content: AlertContent, muted: readonly string[], now: number): void
  /** It is part of another one now. */
  absorbed(id: string, into: string, now: number): void
  /** Somebody has acted: the alert as it is then. */
  acted(alert: Alert, action: AlertAction, now: number): void
  linked(id: string, caseId: string, now: number): void
  told(id: string, keys: readonly string[], people: AlertRecord['people']): void
  /** What links it with others now. */
  marked(id: string, marks: readonly string[]): void
  forget(id: string): void
  /** Ids of the alerts that have changed since this was last asked, in the order of the first change. */
  changed(): string[]
  /** Writes what has changed to the ledger. */
  settle(): void
}

const MAX_OTHER_KEYS = 200

/** Which election and phase a region is in; '' outside of every one. */
export type PlaceAt = (region: string, ms: number) => { readonly election: string; readonly phase: Phase | '' }

export function createAlertBook(ledger: Ledger, placeAt: PlaceAt): AlertBook {
  const records = new Map<string, AlertRecord>()
  /** To be written down. */
  const dirty = new Set<string>()
  /** To be told on. */
  let changed = new Set<string>()

  const put = (record: AlertRecord, now: number): void => {
    const id = record.alert.alert_id
    // One version for all that a step changes.
    const version = dirty.has(id) ? record.alert.version : record.alert.version + 1
    records.set(id, { ...record, alert: { ...record.alert, version, changed_at: now } })
    dirty.add(id)
    changed.add(id)
  }
  /** What is no change of the alert: it is kept without a new version. */
  const remember = (record: AlertRecord): void => {
    const id = record.alert.alert_id
    records.set(id, record)
    if (!dirty.has(id)) ledger.keep(record, id)
  }
  const logAction = (alert: Alert, action: AlertAction): void => {
    const { alert_id, region_code, owner, dedup_key, first_seen, last_seen, worst } = alert
    const events = worst.map(({ event_id }) => event_id).filter((id) => id !== '')
    const subject = { dedup_key, first_seen, last_seen, events: [...new Set(events)] }
    ledger.log({ kind: 'action', alert_id, region_code, owner, action, subject })
  }

  return {
    restore: (record) => void records.set(record.alert.alert_id, record),
    get: (id) => records.get(id),
    all: () => records.values(),
    content(content, muted, now) {
      const before = apart(records.get(content.alert_id))
      const alert = before?.alert ?? fresh(content, placeAt(content.region_code, content.first_seen), now)
      // Findings from before the newest that was known are late: they do not happen again now.
      const latest = before !== undefined && content.last_seen <= before.alert.last_seen ? 0 : content.last_seen
      const { severity, attack } = content
      const { asks, status, action, actions } = asksAfter(before?.alert, { severity, attack, latest }, now)
      const rooms = before === undefined ? muted : mutedByBoth(before.muted, muted)
      put(
        {
          kind: 'alert',
          told: before?.told ?? [],
          people: before?.people ?? [],
          muted: [...rooms],
          marks: before?.marks ?? [],
          // What asks again stands for itself, also where people had made it part of another.
          alert: { ...alert, ...content, asks, status, actions, ...(status !== 'merged' && { merged_into: '' }) },
        },
        now,
      )
      if (action !== undefined) logAction(alert, action)
    },
    absorbed(id, into, now) {
      const record = records.get(id)
      if (record === undefined || record.alert.status === 'merged') return
      const { alert } = record
      const action: AlertAction = {
        action_id: `merged-${id}-${into}-${alert.version}`,
        at: now,
        actor: siagaActor,
        verb: 'merge',
        reason: 'its findings belong to the other alert',
        assignee: '',
        other: into,
        from_status: alert.status,
        to_status: 'merged',
      }
      const actions = appended(alert.actions, action)
      put({ ...record, alert: { ...alert, status: 'merged', merged_into: into, actions } }, now)
      logAction(alert, action)
    },
    acted(alert, action, now) {
      const record = records.get(alert.alert_id)
      if (record === undefined) return
      put({ ...record, alert: { ...alert, version: record.alert.version } }, now)
      logAction(alert, action)
    },
    linked(id, caseId, now) {
      const record = records.get(id)
      if (record === undefined || record.alert.case_id === caseId) return
      put({ ...record, alert: { ...record.alert, case_id: caseId } }, now)
    },
    told(id, keys, people) {
      const record = records.get(id)
      if (record === undefined || keys.length === 0) return
      const known = new Set(record.people.map(({ recipient, channel }) => `${channel} ${recipient}`))
      const fresh = people.filter(({ recipient, channel }) => !known.has(`${channel} ${recipient}`))
      const told = {
        ...record,
        told: remembered([...record.told, ...keys], record.alert),
        people: [...record.people, ...fresh],
      }
      remember(told)
    },
    marked(id, marks) {
      const record = records.get(id)
      if (record === undefined || marks.join('\n') === record.marks.join('\n')) return
      remember({ ...record, marks: [...marks] })
    },
    forget(id) {
      records.delete(id)
      dirty.delete(id)
      ledger.forget('alert', id)
    },
    changed() {
      const ids = [...changed]
      changed = new Set()
      return ids
    },
    settle() {
      for (const id of dirty) {
        const record = records.get(id)
        if (record === undefined) continue
        ledger.keep(record, id)
        ledger.log({ kind: 'alert', alert: record.alert })
      }
      dirty.clear()
    },
  }
}

/** Keys of pages that may be planned again: those of the ask in force; of the others the newest. An alert that asks a thousand times keeps no more. */
function remembered(keys: readonly string[], { asks }: Alert): string[] {
  const ask = `ask-${asks.at(-1)?.at ?? 0}|`
  const others = keys.filter((key) => !key.startsWith(ask))
  return [...others.slice(-MAX_OTHER_KEYS), ...keys.filter((key) => key.startsWith(ask))]
}

/** An alert that a storm had taken in stands for itself again when its findings are its own again. What people have merged stays so. */
function apart(record: AlertRecord | undefined): AlertRecord | undefined {
  const merge = record?.alert.actions.findLast(({ verb }) => verb === 'merge')
  if (record?.alert.status !== 'merged' || merge?.actor.room !== '') return record
  return { ...record, alert: { ...record.alert, status: merge.from_status, merged_into: '' } }
}

function fresh(content: AlertContent, place: ReturnType<PlaceAt>, now: number): Alert {
  return {
    ...content,
    ...place,
    opened_at: now,
    changed_at: now,
    status: 'open',
    merged_into: '',
    assignee: '',
    asks: [],
    acknowledged_at: 0,
    acknowledged_by: '',
    case_id: '',
    actions: [],
    version: 0,
  }
}
