// What comes of what people ask for? Actions on alerts, suppressions and their approval; every request gets one answer, however often it comes.
import { type Alert, type AlertAnswer, type AlertRequest, type AlertVerb, closedStatuses } from '../../schemas/alert.ts'
import type { AlertBook } from './book.ts'
import type { Holding } from './holding.ts'
import type { Ledger } from './ledger.ts'
import { type ActContext, act } from './lifecycle/act.ts'
import type { Notices } from './notices/notices.ts'

export interface People {
  restore(answer: AlertAnswer): void
  request(request: AlertRequest, now: number): void
  /** Forgets answers given before this time. */
  prune(before: number): void
}

export interface PeopleParts {
  readonly ledger: Ledger
  readonly book: AlertBook
  readonly holding: Holding
  readonly notices: Pick<Notices, 'request'>
  readonly rooms: ActContext['rooms']
  /** People have touched it: no storm may swallow it. */
  readonly pin: (alertId: string) => void
  /** Alerts about the same events that another one speaks for. */
  readonly followersOf: (alert: Alert) => readonly string[]
}

/** What is said of an alert with these is said of those that it speaks for. */
const shared: ReadonlySet<AlertVerb> = new Set(['acknowledge', 'start', 'resolve', 'false_positive', 'accept'])

type Act = Extract<AlertRequest, { kind: 'act' }>
type Result = Pick<AlertAnswer, 'ok' | 'code' | 'message' | 'alerts'>

export function createPeople({ ledger, book, holding, notices, rooms, pin, followersOf }: PeopleParts): People {
  const answers = new Map<string, AlertAnswer>()
  const context: ActContext = { rooms, find: (id) => book.get(id)?.alert }

  const onAlerts = (request: Act, now: number): Result => {
    const ids = request.alert_id !== '' ? [request.alert_id] : openWith(book, request.dedup_key)
    const done: string[] = []
    // Nothing open with this key: what Siaga asks for by itself is already so.
    if (ids.length === 0) return { ok: true, code: '', message: '', alerts: [] }
    for (const id of ids) {
      const record = book.get(id)
      if (record === undefined) return refusal('ALERT_UNKNOWN', { alert: id })
      const followers = shared.has(request.verb) ? followersOf(record.alert) : []
      const outcome = act(record.alert, request, now, context)
      if (outcome.kind === 'refused') return refusal(outcome.code, outcome.params)
      done.push(id)
      if (outcome.repeated) continue
      book.acted(outcome.alert, outcome.action, now)
      if (request.actor.room !== '') pin(id)
      done.push(...followers.filter((follower) => followAlong(follower, id, request, now)))
    }
    return { ok: true, code: '', message: '', alerts: done }
  }

  /** The same for an alert that another one speaks for; false if its status does not allow it. */
  const followAlong = (id: string, lead: string, request: Act, now: number): boolean => {
    const alert = book.get(id)?.alert
    if (alert === undefined) return false
    const own = { ...request, request_id: `${request.request_id}-${id}`, reason: `${request.reason} (${lead})`.trim() }
    const outcome = act(alert, own, now, context)
    if (outcome.kind === 'refused') return false
    if (!outcome.repeated) book.acted(outcome.alert, outcome.action, now)
    if (request.actor.room !== '') pin(id)
    return true
  }

  const onHolding = (outcome: ReturnType<Holding['add']>): Result =>
    outcome.kind === 'ok'
      ? { ok: true, code: '', message: '', alerts: [] }
      : { ok: false, code: outcome.code, message: JSON.stringify(outcome.params), alerts: [] }

  const onNotice = (outcome: ReturnType<Notices['request']>): Result =>
    outcome.ok
      ? { ok: true, code: '', message: '', alerts: [...outcome.alerts] }
      : refusal(outcome.code, outcome.params)

  const judge = (request: AlertRequest, now: number): Result => {
    switch (request.kind) {
      case 'act':
        return onAlerts(request, now)
      case 'suppress':
        return onHolding(holding.add(request.suppression, request.actor, now))
      case 'suppression':
        return onHolding(holding.change(request.suppression_id, request.what, request.actor, now))
      case 'policy':
        return onHolding(holding.approve(request.policy_id, request.actor, now))
      case 'notice':
        return onNotice(notices.request(request, now))
    }
  }

  return {
    restore: (answer) => void answers.set(answer.request_id, answer),
    request(request, now) {
      if (answers.has(request.request_id)) return
      const answer: AlertAnswer = { request_id: request.request_id, at: now, ...judge(request, now) }
      answers.set(answer.request_id, answer)
      ledger.keep({ kind: 'answer', answer }, answer.request_id)
      if (!answer.ok) ledger.log({ kind: 'refused', request, code: answer.code, at: now })
    },
    prune(before) {
      for (const [id, { at }] of answers)
        if (at < before) {
          answers.delete(id)
          ledger.forget('answer', id)
        }
    },
  }
}

function openWith(book: AlertBook, dedupKey: string): string[] {
  const found: string[] = []
  for (const { alert } of book.all())
    if (alert.dedup_key === dedupKey && !closedStatuses.has(alert.status)) found.push(alert.alert_id)
  return found
}

function refusal(code: string, params: Readonly<Record<string, string>>): Result {
  return { ok: false, code, message: JSON.stringify(params), alerts: [] }
}
