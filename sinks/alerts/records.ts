// What does the holder of the alerts keep in Kafka? Records of the compacted topic siaga.alerts, by key; whoever shows alerts follows them.
import { z } from 'zod'
import { Alert, AlertAnswer, Case, Level, Notification, Suppression } from '../../schemas/alert.ts'
import { HeldHour } from '../../schemas/alert-log.ts'
import { Notice } from '../../schemas/notice.ts'
import { ApprovedPolicy } from './policy/in-force.ts'

/** An alert, and what its pages need. */
export const AlertRecord = z.object({
  kind: z.literal('alert'),
  alert: Alert,
  /** Keys of the pages that are done with. */
  told: z.array(z.string()),
  /** Who was told, each once. */
  people: z.array(
    z.object({ room: z.string(), level: z.union([Level, z.literal('')]), recipient: z.string(), channel: z.string() }),
  ),
  /** Rooms that suppress all of its findings: they are not told. */
  muted: z.array(z.string()),
  /** Marks that link it with others: those that its worst findings show no more too. */
  marks: z.array(z.string()).default([]),
})
export type AlertRecord = z.infer<typeof AlertRecord>

const CaseRecord = z.object({ kind: z.literal('case'), case: Case })
const SuppressionRecord = z.object({ kind: z.literal('suppression'), suppression: Suppression })
const NotificationRecord = z.object({ kind: z.literal('notification'), notification: Notification })
const NoticeRecord = z.object({ kind: z.literal('notice'), notice: Notice })
/** Kept for a while, so that a request that comes twice gets one answer. */
const AnswerRecord = z.object({ kind: z.literal('answer'), answer: AlertAnswer })
/** What the grouping remembers; its own business. */
const GroupRecord = z.object({ kind: z.literal('group'), value: z.unknown() })

/** How far the topics have been read, and when the clock last did its work. */
export const ProgressRecord = z.object({
  kind: z.literal('progress'),
  /** Offsets behind the last message. */
  findings: z.int(),
  requests: z.int(),
  /** When the last summary was made, milliseconds since 1970 UTC. */
  summary: z.int(),
})
export type ProgressRecord = z.infer<typeof ProgressRecord>

export const StateRecord = z.discriminatedUnion('kind', [
  AlertRecord,
  CaseRecord,
  SuppressionRecord,
  NotificationRecord,
  NoticeRecord,
  AnswerRecord,
  GroupRecord,
  ProgressRecord,
  HeldHour,
  ApprovedPolicy,
])
export type StateRecord = z.infer<typeof StateRecord>

/** The Kafka key of a record, as `<kind>/<id>`. */
export function recordKey(kind: StateRecord['kind'], id = ''): string {
  return id === '' ? kind : `${kind}/${id}`
}
