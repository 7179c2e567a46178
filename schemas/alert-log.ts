// What is kept for good of what happens to alerts? Entries of `siaga.alert-log`, each landed in ClickHouse under an id that a repeat keeps.
import { z } from 'zod'
import { Alert, AlertAction, AlertRequest, Attempt, Case, HeldReason, Suppression } from './alert.ts'

const place = {
  region_code: z.string(),
  owner: z.string(),
}

/** Findings held back of one hour (of the time at which they were judged), as counted so far. */
export const HeldCount = z.object({
  /** Beginning of the hour, milliseconds since 1970 UTC. */
  hour: z.int(),
  reason: HeldReason,
  /** Suppression, or the threshold that was not reached. */
  detail: z.string(),
  rule_id: z.string(),
  ...place,
  findings: z.int(),
})
export type HeldCount = z.infer<typeof HeldCount>

export const AlertLogEntry = z.discriminatedUnion('kind', [
  /** An alert as it stands now; a later version takes its place. */
  z.object({ kind: z.literal('alert'), alert: Alert }),
  z.object({
    kind: z.literal('action'),
    alert_id: z.string(),
    ...place,
    action: AlertAction,
    /** What the alert was about: events and window that a verdict is on. */
    subject: z.object({
      dedup_key: z.string(),
      first_seen: z.int(),
      last_seen: z.int(),
      events: z.array(z.string()),
    }),
  }),
  z.object({ kind: z.literal('attempt'), ...place, attempt: Attempt }),
  z.object({ kind: z.literal('case'), case: Case }),
  z.object({ kind: z.literal('suppression'), suppression: Suppression }),
  z.object({ kind: z.literal('held'), held: HeldCount }),
  /** A request that was refused: who asked for what, and why not. */
  z.object({ kind: z.literal('refused'), request: AlertRequest, code: z.string(), at: z.int() }),
])
export type AlertLogEntry = z.infer<typeof AlertLogEntry>

/** An id that a repeat of the entry has too. */
export function entryId(entry: AlertLogEntry): string {
  switch (entry.kind) {
    case 'alert':
      return `alert ${entry.alert.alert_id} ${entry.alert.version}`
    case 'action':
      return `action ${entry.action.action_id} ${entry.alert_id}`
    case 'attempt':
      return `attempt ${entry.attempt.notification_id} ${entry.attempt.attempt}`
    case 'case':
      return `case ${entry.case.case_id} ${entry.case.version}`
    case 'suppression':
      return `suppression ${entry.suppression.suppression_id} ${entry.suppression.version}`
    case 'held': {
      const { hour, reason, detail, rule_id, region_code, owner, findings } = entry.held
      return JSON.stringify(['held', hour, reason, detail, rule_id, region_code, owner, findings])
    }
    case 'refused':
      return `refused ${entry.request.request_id}`
  }
}
