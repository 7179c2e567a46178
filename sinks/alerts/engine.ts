// How do findings, requests and the clock become alerts, messages and rows? The one fold of it all: pure, so that simulations and tests run what runs.
import type { Alert, AlertAnswer, AlertRequest, Attempt, Notification, Suppression } from '../../schemas/alert.ts'
import type { AlertLogEntry } from '../../schemas/alert-log.ts'
import type { Finding } from '../../schemas/detection.ts'
import { createAlertBook } from './book.ts'
import { createHolding, type Holding } from './holding.ts'
import { createPeople } from './people.ts'
import { createPost, type Delivery } from './post.ts'
import { ProgressRecord, recordKey, StateRecord } from './records.ts'
import type { EngineParts } from './parts.ts'

/** What a step has changed: to be kept, to be landed, to be sent. */
export interface Changes {
  readonly records: ReadonlyMap<string, object | null>
  readonly log: readonly AlertLogEntry[]
  readonly offers: readonly Notification[]
}

export interface Engine {
  /** Everything that was kept, before the first step. Milliseconds since 1970 UTC. */
  restore(records: ReadonlyMap<string, unknown>, now: number): void
  /** Findings in the order of their topic; `next` is the offset behind the last. */
  findings(findings: readonly Finding[], next: number, now: number): void
  requests(requests: readonly AlertRequest[], next: number, now: number): void
  attempted(attempt: Attempt, delivery: Delivery): void
  /** Deadlines, quiet hours, summaries, what may be forgotten. */
  tick(now: number): void
  restarted(topic: 'findings' | 'requests'): void
  take(): Changes
  /** Offsets behind what has been taken; -1 before the very first. */
  readonly progress: { readonly findings: number; readonly requests: number }
  /** Messages that are not delivered yet. */
  pending(): Notification[]
  alerts(): Iterable<Alert>
  suppressions(): Iterable<Suppression>
}
