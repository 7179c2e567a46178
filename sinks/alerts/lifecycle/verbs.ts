// What may be done to an alert in which status, and what does it take? One table; everything about the status is derived from it.
import type { Alert, AlertAction, AlertStatus, AlertVerb } from '../../../schemas/alert.ts'

interface VerbRule {
  /** Status before → status after. What is missing is not possible. */
  readonly to: Readonly<Partial<Record<AlertStatus, AlertStatus>>>
  readonly needs?: 'reason' | 'assignee' | 'other'
  /** Whoever does it has looked at the alert as it is: people need not be told of that any more. */
  readonly looks?: true
}

/** Still somebody's work → after. */
const working = <T extends AlertStatus>(to: T) => ({ open: to, acknowledged: to, in_work: to }) as const
const closed = <T extends AlertStatus>(to: T) => ({ resolved: to, false_positive: to, accepted: to }) as const
const same = {
  open: 'open',
  acknowledged: 'acknowledged',
  in_work: 'in_work',
  resolved: 'resolved',
  false_positive: 'false_positive',
  accepted: 'accepted',
} as const

/**
 * A verdict on a closed alert may be corrected by another verdict without opening it again, which would tell people anew. `acknowledge` is
 * possible again while it is in work: it may ask anew for what came since. `reopen` also takes an alert out of the one that it was merged into.
 */
export const verbs: Readonly<Record<AlertVerb, VerbRule>> = {
  acknowledge: { to: { open: 'acknowledged', acknowledged: 'acknowledged', in_work: 'in_work' }, looks: true },
  start: { to: { open: 'in_work', acknowledged: 'in_work' }, looks: true },
  resolve: {
    to: { ...working('resolved'), false_positive: 'resolved', accepted: 'resolved' },
    needs: 'reason',
    looks: true,
  },
  false_positive: {
    to: { ...working('false_positive'), resolved: 'false_positive', accepted: 'false_positive' },
    needs: 'reason',
    looks: true,
  },
  accept: {
    to: { ...working('accepted'), resolved: 'accepted', false_positive: 'accepted' },
    needs: 'reason',
    looks: true,
  },
  reopen: { to: { ...closed('open'), merged: 'open' }, needs: 'reason' },
  assign: { to: { open: 'open', acknowledged: 'acknowledged', in_work: 'in_work' }, needs: 'assignee' },
  comment: { to: { ...same, merged: 'merged' }, needs: 'reason' },
  link: { to: same, needs: 'other' },
  merge: { to: { ...working('merged'), ...closed('merged') }, needs: 'other' },
}

/** What of an alert follows from its actions alone. */
export type Derived = Pick<Alert, 'status' | 'assignee' | 'merged_into' | 'acknowledged_at' | 'acknowledged_by'>

/** An alert that nobody has touched. */
const untouched: Derived = {
  status: 'open',
  assignee: '',
  merged_into: '',
  acknowledged_at: 0,
  acknowledged_by: '',
}

/** State after one action more. An action that the table does not allow changes nothing. */
export function step(state: Derived, action: AlertAction): Derived {
  const { verb } = action
  const status = verbs[verb].to[state.status]
  if (status === undefined) return state
  // Whoever closes an alert that nobody had acknowledged has thereby acknowledged it.
  const acknowledges =
    verb === 'acknowledge' || verb === 'start' || (verbs[verb].looks === true && state.status === 'open')
  return {
    status,
    assignee: verb === 'assign' ? action.assignee : state.assignee,
    merged_into: verb === 'merge' ? action.other : verb === 'reopen' ? '' : state.merged_into,
    acknowledged_at: acknowledges ? action.at : state.acknowledged_at,
    acknowledged_by: acknowledges ? action.actor.name : state.acknowledged_by,
  }
}

/** State of an alert from all of its actions, oldest first, as they stand in the log. */
export function derive(actions: readonly AlertAction[]): Derived {
  return actions.reduce(step, untouched)
}

const KEPT_ACTIONS = 100
/** Of their reasons: every change of an alert is written with all of them. */
const KEPT_CHARACTERS = 50_000

/** The newest actions with one more; all of them are in the log. */
export function appended(actions: readonly AlertAction[], action: AlertAction): AlertAction[] {
  const newest = [...actions, action].slice(-KEPT_ACTIONS)
  let characters = 0
  const tooMuch = newest.findLastIndex(({ reason }) => {
    characters += reason.length
    return characters > KEPT_CHARACTERS
  })
  return newest.slice(tooMuch + 1)
}
