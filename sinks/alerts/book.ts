// Which alerts are there? What their findings say of them, put together with what people did; every change is kept and told to whom it concerns.
import { siagaActor } from '../../schemas/actor.ts'
import type { Alert, AlertAction } from '../../schemas/alert.ts'
import type { Phase } from '../../schemas/place.ts'
import type { AlertContent } from './group/content.ts'
import type { Ledger } from './ledger.ts'
import { asksAfter } from './lifecycle/asks.ts'
import { setBack } from './lifecycle/set-back.ts'
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
  told(id: string, keys: readonly string[], people: AlertRecord['people'], now: number): void
  /** What links it with others now. */
  marked(id: string, marks: readonly string[], now: number): void
  forget(id: string): void
  /** The clock was ahead and is right again. */
  setBack(now: number): void
  /** Ids of the alerts that have changed since this was last asked, in the order of the first change. */
  changed(): string[]
  /** Writes what has changed to the ledger, but for those of which only more of the same is known: these wait for `due`. */
  settle(): void
  /** Writes those whose time has come. */
  due(now: number): void
  /** Only more of the same is known of it, and that is not to be written yet. */
  waits(id: string): boolean
}

/**
 * How long more of the same may wait to be written. A flood adds to its alert many times a second; each time costs a record, a row and a message to everybody who
 * looks on. What the grouping keeps knows of it already, so that nothing is lost meanwhile.
 */
const MORE_OF_THE_SAME_MS = 3_000
const MAX_OTHER_KEYS = 200

/** Which election and phase a region is in; '' outside of every one. */
export type PlaceAt = (region: string, ms: number) => { readonly election: string; readonly phase: Phase | '' }

export function createAlertBook(ledger: Ledger, placeAt: PlaceAt): AlertBook {
  const records = new Map<string, AlertRecord>()
  /** To be written down. */
  const dirty = new Set<string>()
  /** Of these, what must not wait. */
  const urgent = new Set<string>()
  /** To be told on. */
  let changed = new Set<string>()

  const put = (record: AlertRecord, now: number, mayWait = false): void => {
    const { alert } = record
    const id = alert.alert_id
    // One version for all that is written down together.
    const version = dirty.has(id) ? alert.version : alert.version + 1
    // When it is written, it has changed.
    records.set(id, { ...record, alert: { ...alert, version, ...(!mayWait && { changed_at: now }) } })
    dirty.add(id)
    if (!mayWait) urgent.add(id)
    changed.add(id)
  }
  /** What is no change of the alert: it is kept without a new version. */
  const remember = (record: AlertRecord, now: number): void => {
    const id = record.alert.alert_id
    records.set(id, record)
    if (!dirty.has(id)) ledger.keep(record, id)
    else if (!urgent.has(id)) hasten(id, now)
  }
  const hasten = (id: string, now: number): void => {
    const record = records.get(id)
    if (record === undefined) return
    records.set(id, { ...record, alert: { ...record.alert, changed_at: now } })
    urgent.add(id)
    // For whoever waited for it to be written.
    changed.add(id)
  }
  const write = (id: string): void => {
    dirty.delete(id)
    const record = records.get(id)
    if (record === undefined) return
    ledger.keep(record, id)
    ledger.log({ kind: 'alert', alert: record.alert })
  }
  /** When the alert that this one is part of was resolved; 0 for one that is forgotten, undefined while it is not resolved. */
  const resolvedAt = ({ merged_into }: Alert): number | undefined => {
    const seen = new Set<string>()
    let whole = records.get(merged_into)?.alert
    for (; whole?.status === 'merged' && !seen.has(whole.alert_id); whole = records.get(whole.merged_into)?.alert)
      seen.add(whole.alert_id)
    if (whole === undefined) return 0
    return whole.status === 'resolved' ? (whole.seen?.at ?? whole.changed_at) : undefined
  }
  const logAction = (alert: Alert, action: AlertAction): void => {
    const { alert_id, region_code, owner, dedup_key, first_seen, last_seen, worst, findings } = alert
    const events = worst.map(({ event_id }) => event_id).filter((id) => id !== '')
    const whole = findings <= worst.length
    const subject = { dedup_key, first_seen, last_seen, events: [...new Set(events)], whole }
    ledger.log({ kind: 'action', alert_id, region_code, owner, action, subject })
  }

  return {
    restore: (record) => void records.set(record.alert.alert_id, record),
    get: (id) => records.get(id),
    all: () => records.values(),
    content(content, muted, now) {
      const known = records.get(content.alert_id)
      const before = apart(known)
      const alert = before?.alert ?? fresh(content, placeAt(content.region_code, content.first_seen), now)
      // Findings from before the newest that was known are late: they do not happen again now.
      const latest = before !== undefined && content.last_seen <= before.alert.last_seen ? 0 : content.last_seen
      const { severity, attack } = content
      const wholeResolvedAt = before && resolvedAt(before.alert)
      const { asks, status, action, actions } = asksAfter(
        before?.alert,
        { severity, attack, latest, wholeResolvedAt },
        now,
      )
      const rooms = before === undefined ? muted : mutedByBoth(before.muted, muted)
      const record: AlertRecord = {
        kind: 'alert',
        told: before?.told ?? [],
        people: before?.people ?? [],
        muted: [...rooms],
        marks: before?.marks ?? [],
        // What asks again stands for itself, also where people had made it part of another.
        alert: { ...alert, ...content, asks, status, actions, ...(status !== 'merged' && { merged_into: '' }) },
      }
      put(record, now, known !== undefined && isMoreOfTheSame(known, record))
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
    told(id, keys, people, now) {
      const record = records.get(id)
      if (record === undefined || keys.length === 0) return
      const known = new Set(record.people.map(({ recipient, channel }) => `${channel} ${recipient}`))
      const fresh = people.filter(({ recipient, channel }) => !known.has(`${channel} ${recipient}`))
      const told = {
        ...record,
        told: remembered([...record.told, ...keys], record.alert),
        people: [...record.people, ...fresh],
      }
      remember(told, now)
    },
    marked(id, marks, now) {
      const record = records.get(id)
      if (record === undefined || marks.join('\n') === record.marks.join('\n')) return
      remember({ ...record, marks: [...marks] }, now)
    },
    forget(id) {
      records.delete(id)
      dirty.delete(id)
      urgent.delete(id)
      ledger.forget('alert', id)
    },
    setBack(now) {
      for (const record of [...records.values()]) {
        const right = setBack(record, now)
        if (right !== undefined) put(right, now)
      }
    },
    changed() {
      const ids = [...changed]
      changed = new Set()
      return ids
    },
    settle() {
      for (const id of urgent) write(id)
      urgent.clear()
    },
    due(now) {
      for (const id of dirty) {
        const changedAt = records.get(id)?.alert.changed_at ?? 0
        if (urgent.has(id) || Math.abs(now - changedAt) < MORE_OF_THE_SAME_MS) continue
        hasten(id, now)
      }
    },
    waits: (id) => dirty.has(id) && !urgent.has(id),
  }
}

/** Whether nobody would do anything else than before: findings were added, and their times and the list of the worst have changed at most. */
function isMoreOfTheSame(before: AlertRecord, after: AlertRecord): boolean {
  return (
    sameFields.every((field) => isEqual(before.alert[field], after.alert[field])) && isEqual(before.muted, after.muted)
  )
}

const sameFields = [
  'kind',
  'rule_id',
  'title',
  'severity',
  'score',
  'region_code',
  'owner',
  'asset_id',
  'entity',
  'attack',
  'status',
  'asks',
  'merged_into',
] as const

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

/** Whether findings say more than was written of the alert. */
export function isBehind({ alert }: AlertRecord, content: AlertContent): boolean {
  const fields = ['findings', 'matters', 'first_seen', 'last_seen', 'rules', 'worst'] as const
  return !fields.every((field) => isEqual(alert[field], content[field]))
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
