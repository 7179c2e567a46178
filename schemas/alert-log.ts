// What is kept for good of what happens to alerts? Entries of `siaga.alert-log`, each landed in ClickHouse under an id that a repeat keeps.
import { z } from 'zod'
import { Alert, AlertAction, AlertRequest, Attempt, Case, HeldReason, Suppression } from './alert.ts'
import { Notice, NoticeStep } from './notice.ts'

const place = {
  region_code: z.string(),
  owner: z.string(),
}

/** Findings that made no alert, or of which rooms were not told, in one hour of their processing. */
export const HeldCount = z.object({
  reason: HeldReason,
  /** Name of the threshold, or id of the suppression; `*` for all others. */
  detail: z.string(),
  /** `*` for all. */
  rule_id: z.string(),
  region_code: z.string(),
  findings: z.int(),
})
export type HeldCount = z.infer<typeof HeldCount>

/** Counts of one hour. */
export const HeldHour = z.object({
  kind: z.literal('held'),
  /** Its beginning: the hour in which they were processed, so that a summary of a day never changes afterwards. Milliseconds since 1970 UTC. */
  hour: z.int(),
  /** How coarse it is: 0 all told, 1 provinces, 2 no places, 3 no rules, 4 reasons only. */
  level: z.int().min(0).max(4),
  counts: z.array(HeldCount),
})
export type HeldHour = z.infer<typeof HeldHour>

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
      /** False: there are more than these. */
      whole: z.boolean().default(true),
    }),
  }),
  z.object({ kind: z.literal('attempt'), ...place, attempt: Attempt }),
  z.object({ kind: z.literal('case'), case: Case }),
  z.object({ kind: z.literal('suppression'), suppression: Suppression }),
  /** A notice as it stands after a step. */
  z.object({ kind: z.literal('notice'), notice: Notice, step: NoticeStep }),
  z.object({ kind: z.literal('held'), held: HeldHour }),
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
    case 'notice':
      return `notice ${entry.notice.notice_id} ${entry.notice.version}`
    case 'held':
      return `held ${entry.held.hour} ${heldFindings(entry.held)}`
    case 'refused':
      return `refused ${entry.request.request_id}`
  }
}

/** How many findings an hour counts. */
export function heldFindings({ counts }: HeldHour): number {
  return counts.reduce((sum, { findings }) => sum + findings, 0)
}
