// What is a preset of a webhook? What the body of one product looks like, and what its answers mean.
import { closedStatuses, type Notification } from '../../../schemas/alert.ts'
import type { Outgoing, SendOutcome } from './channel.ts'
import type { Answer } from './http.ts'

export interface PresetContext {
  /** The message leaves government networks: region, severity, title and link only. */
  readonly outside: boolean
  /** Text of `token`; '' without one. */
  readonly token: string
  /** Milliseconds since 1970 UTC. */
  readonly now: number
}

export interface Prepared {
  /** Sent as JSON. */
  readonly body: unknown
  /** Where it goes beneath the `url` of the settings; default: there. */
  readonly url?: (base: URL) => URL
  /** False: the token stands in the body. Default: it is sent as a bearer token. */
  readonly bearer?: boolean
  readonly judge?: (answer: Answer) => SendOutcome | undefined
}

export type Preset = (outgoing: Outgoing, context: PresetContext) => Prepared | SendOutcome

/** What a machine that keeps state of its own is to do: raise, take as seen, or close; `note`: it is no state of the alert. */
export type PresetState = 'firing' | 'acknowledged' | 'closed' | 'note'

export function stateOf({ reason, alert }: Pick<Notification, 'reason' | 'alert'>): PresetState {
  if (reason === 'warning' || reason === 'summary' || reason === 'test') return 'note'
  if (reason === 'closed' || closedStatuses.has(alert.status)) return 'closed'
  const asked = alert.asks.at(-1)?.at ?? alert.opened_at
  const taken = alert.status === 'acknowledged' || alert.status === 'in_work'
  return taken && alert.acknowledged_at >= asked ? 'acknowledged' : 'firing'
}

/** Milliseconds since 1970 UTC as ISO 8601; what is no time becomes 1970. */
export function iso(ms: number): string {
  return new Date(Math.abs(ms) <= 8.64e15 ? ms : 0).toISOString()
}
