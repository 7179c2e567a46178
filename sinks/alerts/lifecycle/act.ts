// What comes of what somebody wants to do about an alert? The alert as it is then and the action for the log, or a refusal.
import type { AlertErrorCode } from '../../../runtime/alert-errors.ts'
import { NATIONAL } from '../../../runtime/reference.ts'
import { mayRead, type ScopedRow } from '../../../runtime/scope.ts'
import { type Actor, type Alert, type AlertAction, type AlertRequest, closedStatuses } from '../../../schemas/alert.ts'
import { severityRank } from '../../../schemas/detection.ts'
import type { Room } from '../../../schemas/room.ts'
import { asked } from './asks.ts'
import { appended, step, verbs } from './verbs.ts'

export type ActRequest = Pick<
  Extract<AlertRequest, { kind: 'act' }>,
  'request_id' | 'actor' | 'verb' | 'reason' | 'assignee' | 'other'
>

type RoomScope = Pick<Room, 'id' | 'region' | 'owner' | 'sees'>

export interface ActContext {
  readonly rooms: readonly RoomScope[]
  /** Another alert by its id. */
  readonly find: (alertId: string) => Alert | undefined
}

export type ActOutcome =
  /** `repeated`: the request had been carried out before; nothing changed and nothing is to be logged. */
  | { readonly kind: 'ok'; readonly alert: Alert; readonly action: AlertAction; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly code: AlertErrorCode; readonly params: Readonly<Record<string, string>> }

/**
 * Whether somebody may act on an alert: people of a room that may read it, which is of its region or above; the centre always, and Siaga
 * itself (no room, region `00`). The room's region and owner are those of the configuration, not what the request says.
 */
export function mayAct(alert: ScopedRow, actor: Pick<Actor, 'room' | 'region'>, rooms: readonly RoomScope[]): boolean {
  if (actor.room === '') return actor.region === NATIONAL
  const room = rooms.find(({ id }) => id === actor.room)
  return room !== undefined && mayRead(room, alert)
}

/**
 * Carries a request out at `now` (milliseconds since 1970 UTC). It changes this one alert and no other, of whatever case it is part. A
 * repeat of a request that is among the alert's actions is answered as before. Whoever may not read an alert hears that there is none.
 */
export function act(alert: Alert, request: ActRequest, now: number, { rooms, find }: ActContext): ActOutcome {
  const { verb, actor } = request
  const id = alert.alert_id
  if (!mayAct(alert, actor, rooms)) return refused('ALERT_UNKNOWN', { alert: id })
  const before = alert.actions.find(({ action_id }) => action_id === request.request_id)
  if (before !== undefined) return { kind: 'ok', alert, action: before, repeated: true }

  const rule = verbs[verb]
  const to = rule.to[alert.status]
  if (to === undefined) {
    return alert.status === 'merged'
      ? refused('ALERT_MERGED', { alert: id, into: alert.merged_into })
      : refused('ALERT_STATUS', { alert: id, status: alert.status, verb })
  }
  const reason = request.reason.trim()
  const assignee = rule.needs === 'assignee' ? request.assignee.trim() : ''
  const other = rule.needs === 'other' ? request.other.trim() : ''
  if (rule.needs === 'reason' && reason === '') return refused('ALERT_REASON_MISSING', { verb })
  if (rule.needs === 'assignee' && assignee === '') return refused('ALERT_ASSIGNEE_MISSING', {})
  if (rule.needs === 'other') {
    if (other === '' || other === id) return refused('ALERT_OTHER_MISSING', { verb })
    const found = find(other)
    if (found === undefined || !mayAct(found, actor, rooms)) return refused('ALERT_UNKNOWN', { alert: other })
    const refusal = verb === 'merge' ? mergeRefusal(alert, found) : undefined
    if (refusal !== undefined) return refusal
  }

  const action: AlertAction = {
    action_id: request.request_id,
    at: now,
    actor,
    verb,
    reason,
    assignee,
    other,
    from_status: alert.status,
    to_status: to,
  }
  return { kind: 'ok', alert: afterAction(alert, action), action, repeated: false }
}

function afterAction(alert: Alert, action: AlertAction): Alert {
  const { verb, at } = action
  const { severity, attack, asks } = alert
  const state = step(alert, action)
  // Two machines' clocks: whoever answers an ask answers it, even if its time is not past yet.
  const seen = { at: Math.max(at, asks.at(-1)?.at ?? 0), severity, attack }
  return {
    ...alert,
    status: state.status,
    assignee: state.assignee,
    merged_into: state.merged_into,
    acknowledged_at: state.acknowledged_at,
    acknowledged_by: state.acknowledged_by,
    ...(verbs[verb].looks && { seen }),
    ...(verb === 'reopen' && { asks: asked(alert, { at, reason: 'reopened', severity }) }),
    actions: appended(alert.actions, action),
    changed_at: at,
    version: alert.version + 1,
  }
}

/**
 * An alert becomes part of one that is still somebody's work and that the same people may read: merging hides the alert behind the other one,
 * and must hide it from nobody.
 */
function mergeRefusal(alert: Alert, other: Alert): ActOutcome | undefined {
  const refuse = (detail: string, sebab: string) =>
    refused('ALERT_MERGE_REFUSED', { alert: alert.alert_id, other: other.alert_id, detail, sebab })
  if (other.status === 'merged')
    return refuse('that one is itself part of another', 'itu sendiri bagian dari yang lain')
  if (closedStatuses.has(other.status) && !closedStatuses.has(alert.status))
    return refuse('that one is closed and this one is not', 'itu sudah ditutup sedangkan ini belum')
  // The one that is left asks by its own severity: what is worse would stop climbing, with nobody told.
  if (severityRank(other.severity) < severityRank(alert.severity))
    return refuse('that one is less severe', 'itu kurang berat')
  if (other.region_code !== alert.region_code || other.owner !== alert.owner)
    return refuse('they are of different regions or owners', 'wilayah atau pemiliknya berbeda')
  return undefined
}

function refused(code: AlertErrorCode, params: Readonly<Record<string, string>>): ActOutcome {
  return { kind: 'refused', code, params }
}
