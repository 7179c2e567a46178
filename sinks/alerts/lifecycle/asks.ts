// When does an alert ask for people (again)? For what nobody has seen yet: never for more of the same.
import { siagaActor } from '../../../schemas/actor.ts'
import { type Alert, type AlertAction, type AlertStatus, type Ask, closedStatuses } from '../../../schemas/alert.ts'
import { type Severity, severityRank } from '../../../schemas/detection.ts'
import { appended, verbs } from './verbs.ts'

/** An alert as its findings now make it. */
export interface Content {
  /** Of its worst finding. */
  readonly severity: Severity
  /** ATT&CK techniques of all findings. */
  readonly attack: readonly string[]
  /** Event time of the latest of the findings that are new, milliseconds since 1970 UTC. */
  readonly latest: number
  /** Of one that people made part of another: when that one was resolved; undefined while it is not. */
  readonly wholeResolvedAt?: number | undefined
}

type Asking = Pick<Alert, 'asks' | 'status' | 'seen' | 'acknowledged_at'>

const KEPT_ASKS = 20

/**
 * The asks that nobody has answered, oldest first; the last one is in force. Empty: nobody has to be told. An ask is answered by whoever
 * acknowledges, takes up or closes the alert after it.
 */
export function unanswered(alert: Asking): readonly Ask[] {
  if (closedStatuses.has(alert.status)) return []
  const seenAt = seenAtOf(alert)
  return alert.asks.filter(({ at }) => at > seenAt)
}

function seenAtOf({ seen, acknowledged_at }: Pick<Alert, 'seen' | 'acknowledged_at'>): number {
  return Math.max(seen?.at ?? 0, acknowledged_at)
}

/** Asks with one more. Its time is after everything that was asked or seen before, whatever the clocks of two machines say. */
export function asked(alert: Omit<Asking, 'status'>, ask: Ask): Ask[] {
  const at = Math.max(ask.at, seenAtOf(alert) + 1, (alert.asks.at(-1)?.at ?? 0) + 1)
  return [...alert.asks, { ...ask, at }].slice(-KEPT_ASKS)
}

/** What the answers to `asksAfter` change in an alert. */
export interface AskedAnew {
  readonly asks: Ask[]
  readonly status: AlertStatus
  /** Siaga's own action where it opens a closed alert again: to be logged, and already among `actions`. */
  readonly action: AlertAction | undefined
  readonly actions: AlertAction[]
}

/**
 * Asks and status of an alert after findings came in; `before` is the alert without them, undefined for a new one.
 *
 * - A new alert asks (`opened`).
 * - A resolved one is opened again (`reopened`) by a finding whose event is later than the resolution. A late one from before it only
 *   counts, unless it is more severe than what was resolved or of a new technique: that nobody has judged.
 * - A false positive or an accepted risk is opened again only by higher severity or a new technique than was judged; so is one that people made
 *   part of another, which stands for itself then: the other one does not show it. Once that one is resolved, so does what happens again.
 * - One that was acknowledged asks anew for higher severity (`severity`) or a new technique (`stage`) than was seen then; its status stays,
 *   since the work goes on.
 * - While an ask waits for an answer, only higher severity than its own asks again.
 *
 * A sub-technique is the same stage as its technique.
 */
export function asksAfter(
  before: (Asking & Pick<Alert, 'alert_id' | 'severity' | 'attack' | 'actions'>) | undefined,
  content: Content,
  now: number,
): AskedAnew {
  const { severity } = content
  if (before === undefined)
    return { asks: [{ at: now, reason: 'opened', severity }], status: 'open', action: undefined, actions: [] }
  const { status, actions } = before
  const unchanged = { asks: [...before.asks], status, action: undefined, actions: [...actions] }
  const seen = before.seen ?? { at: seenAtOf(before), severity: before.severity, attack: before.attack }
  const worse = severityRank(severity) > severityRank(seen.severity)
  const staged = isNewStage(content.attack, seen.attack)

  if (closedStatuses.has(status)) {
    const resolvedAt = status === 'merged' ? content.wholeResolvedAt : status === 'resolved' ? 0 : undefined
    const happened = resolvedAt !== undefined && content.latest > Math.max(resolvedAt, seen.at)
    if (!worse && !staged && !happened) return unchanged
    const asks = asked(before, { at: now, reason: 'reopened', severity })
    const reason = worse
      ? `more severe than what was closed: ${severity}`
      : happened
        ? 'it happened again after it was resolved'
        : 'a technique that was not there when it was closed'
    const opened = verbs.reopen.to[status] ?? status
    const action: AlertAction = {
      action_id: `reopened-${asks.at(-1)?.at ?? now}`,
      at: now,
      actor: siagaActor,
      verb: 'reopen',
      reason,
      assignee: '',
      other: '',
      from_status: status,
      to_status: opened,
    }
    return { asks, status: opened, action, actions: appended(actions, action) }
  }
  const waiting = unanswered(before).at(-1)
  if (waiting !== undefined && severityRank(severity) <= severityRank(waiting.severity)) return unchanged
  if (waiting === undefined && !worse && !staged) return unchanged
  const reason = waiting !== undefined || worse ? 'severity' : 'stage'
  return { ...unchanged, asks: asked(before, { at: now, reason, severity }) }
}

function isNewStage(now: readonly string[], seen: readonly string[]): boolean {
  const known = new Set(seen.map(technique))
  return now.some((id) => !known.has(technique(id)))
}

/** T1110.001 is a way to do T1110. */
export function technique(id: string): string {
  return id.split('.', 1)[0] ?? id
}
