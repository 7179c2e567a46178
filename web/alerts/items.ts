// How does an alert look to whoever asks the API? Times as ISO 8601, names of regions beside their codes, addresses of people for the centre alone.
import { localTime } from '../../runtime/local-time.ts'
import type { Reference } from '../../runtime/reference.ts'
import {
  type Alert,
  type AlertFactor,
  type AlertVerb,
  type Attempt,
  closedStatuses,
  type Notification,
  type Suppression,
} from '../../schemas/alert.ts'
import type { AlertDetail, AlertItem, FactorItem, PolicyItem, SuppressionItem } from '../../schemas/alert-api.ts'
import type { DeskPolicy } from './desk.ts'

export interface ItemParts extends Pick<Reference, 'regions'> {
  /** By when somebody is to acknowledge it, milliseconds since 1970 UTC. */
  readonly deadline: (alert: Alert) => number | undefined
  /** Its title in Indonesian. */
  readonly judul: (alert: Alert) => string
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** An alert in a list. */
export function alertItem(alert: Alert, { regions, deadline, judul }: ItemParts): AlertItem {
  const region = regions.get(alert.region_code)
  const { alert_id, asset_id, case_id, region_code, status, asks, acknowledged_at, seen } = alert
  const seenAt = Math.max(acknowledged_at, seen?.at ?? 0)
  const by = deadline(alert)
  return {
    id: alert_id,
    status,
    severity: alert.severity,
    score: alert.score,
    title: alert.title,
    judul: judul(alert),
    kind: alert.kind,
    region: region_code,
    region_name: region?.name ?? '',
    owner: alert.owner,
    asset: asset_id,
    entity: alert.entity,
    rule: alert.rule_id,
    first_seen: iso(alert.first_seen),
    last_seen: iso(alert.last_seen),
    opened_at: iso(alert.opened_at),
    changed_at: iso(alert.changed_at),
    local_time: localTime(alert.last_seen, region?.zone),
    findings: alert.findings,
    findings_exact: alert.findings_exact,
    matters: alert.matters,
    attack: alert.attack,
    election: alert.election,
    phase: alert.phase,
    assignee: alert.assignee,
    acknowledged_by: alert.acknowledged_by,
    unacknowledged: !closedStatuses.has(status) && asks.some(({ at }) => at > seenAt),
    ...(by === undefined ? {} : { deadline: iso(by) }),
    case: case_id,
    merged_into: alert.merged_into,
    version: alert.version,
  }
}

export interface DetailParts {
  readonly places: ItemParts
  /** Undefined if they cannot be asked for now. */
  readonly attempts: readonly Attempt[] | undefined
  /** Messages that are still under way. */
  readonly waiting: readonly Notification[]
  readonly centre: boolean
  readonly guidance: AlertDetail['guidance']
  readonly verbs: readonly AlertVerb[]
  readonly words: (factor: AlertFactor) => FactorItem['words']
}

/** An alert with everything that is known of it. */
export function alertDetail(alert: Alert, detail: DetailParts): AlertDetail {
  const { places, attempts, waiting, centre, guidance, verbs, words } = detail
  const done = (attempts ?? []).map((attempt) => ({
    id: attempt.notification_id,
    at: iso(attempt.at),
    channel: attempt.channel,
    recipient: attempt.recipient,
    room: attempt.room,
    reason: attempt.reason,
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    detail: attempt.detail,
  }))
  const open = waiting
    .filter(({ status }) => status === 'pending')
    .map((notification) => ({
      id: notification.notification_id,
      at: iso(notification.due_at),
      channel: notification.channel,
      recipient: notification.recipient,
      room: notification.room,
      reason: notification.reason,
      attempt: notification.attempts + 1,
      outcome: 'waiting' as const,
      detail: notification.last_error,
    }))
  return {
    ...alertItem(alert, places),
    rules: alert.rules,
    worst: alert.worst.map(({ source_id: _, at, factors, ...finding }) => ({
      ...finding,
      at: iso(at),
      factors: factors.map((factor) => ({ ...factor, words: words(factor) })),
    })),
    actions: alert.actions.map(({ action_id, at, actor, ...action }) => ({
      ...action,
      id: action_id,
      at: iso(at),
      actor: actor.name,
      room: actor.room,
      from: centre ? actor.from : '',
    })),
    verbs: [...verbs],
    guidance,
    deliveries_known: attempts !== undefined,
    deliveries: [...done, ...open],
  }
}

export function suppressionItem(
  suppression: Suppression,
  standing: Pick<SuppressionItem, 'waits' | 'verbs'>,
): SuppressionItem {
  const { suppression_id, kind, owner, reason, from, until, room, region, match, max_severity, findings } = suppression
  return {
    id: suppression_id,
    kind,
    owner,
    reason,
    from: iso(from),
    until: iso(until),
    room,
    region,
    match,
    max_severity,
    made_by: suppression.made_by.name,
    approved_by: suppression.approved_by?.name ?? '',
    ...(suppression.ended_at === undefined ? {} : { ended_at: iso(suppression.ended_at) }),
    findings,
    ...standing,
  }
}

export function policyItem({ in_force, waiting }: DeskPolicy): PolicyItem {
  const { layers, disabled, shipped, finding_severity, allow_list, two_persons } = in_force
  return {
    in_force: { thresholds: layers, disabled, shipped, finding_severity, allow_list, two_persons },
    ...(waiting && {
      waiting: {
        id: waiting.id,
        since: iso(waiting.since),
        relaxations: [...waiting.relaxations],
        approvals: waiting.approvals.map(({ name, room }) => ({ name, room })),
      },
    }),
  }
}
