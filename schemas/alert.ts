// What is an alert? Findings about one matter, what people did about it, whom it was told to, and what it has in common with others.
import { z } from 'zod'
import { Actor, Level } from './actor.ts'
import { Severity } from './detection.ts'
import { NoticeEnclosed, NoticeRequest } from './notice.ts'
import { Phase } from './place.ts'

export { Actor, Level }

/** Milliseconds since 1970 UTC. */
const Time = z.int()

/** open → acknowledged → in work → resolved, false positive or accepted (the risk is). `merged`: it is part of another one. */
export const AlertStatus = z.enum([
  'open',
  'acknowledged',
  'in_work',
  'resolved',
  'false_positive',
  'accepted',
  'merged',
])
export type AlertStatus = z.infer<typeof AlertStatus>

/** Nobody has to do anything about these any more. */
export const closedStatuses: ReadonlySet<AlertStatus> = new Set(['resolved', 'false_positive', 'accepted', 'merged'])

/** A factor of a score, in points. */
export const AlertFactor = z.object({ name: z.string(), points: z.number(), detail: z.string() })
export type AlertFactor = z.infer<typeof AlertFactor>

/** A finding as an alert keeps it: the worst ones are kept whole, the rest is counted. */
export const AlertFinding = z.object({
  finding_id: z.string(),
  rule_id: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.int(),
  entity: z.string(),
  event_id: z.string(),
  source_id: z.string(),
  /** Event time of its end. */
  at: Time,
  evidence: z.array(z.object({ field: z.string(), value: z.string() })),
  factors: z.array(AlertFactor),
})
export type AlertFinding = z.infer<typeof AlertFinding>

/** Findings of a rule within an alert. */
const AlertRule = z.object({
  rule_id: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.int(),
  findings: z.int(),
})

/** Why people are told of an alert (again). */
export const AskReason = z.enum(['opened', 'reopened', 'severity', 'stage'])
export type AskReason = z.infer<typeof AskReason>

/** A moment from which somebody must acknowledge. The last one is the one in force; an acknowledgement after it ends its climbing. */
export const Ask = z.object({ at: Time, reason: AskReason, severity: Severity })
export type Ask = z.infer<typeof Ask>

/** What people (or Siaga itself) can do about an alert. */
export const AlertVerb = z.enum([
  'acknowledge',
  'assign',
  'start',
  'resolve',
  'false_positive',
  'accept',
  'reopen',
  'comment',
  'link',
  'merge',
])
export type AlertVerb = z.infer<typeof AlertVerb>

/** One action, appended and never changed. */
export const AlertAction = z.object({
  action_id: z.string(),
  at: Time,
  actor: Actor,
  verb: AlertVerb,
  /** Why, in the words of whoever did it. */
  reason: z.string(),
  /** Of `assign`: to whom. */
  assignee: z.string().default(''),
  /** Of `link` and `merge`: the other alert. */
  other: z.string().default(''),
  /** State before and after. */
  from_status: AlertStatus,
  to_status: AlertStatus,
})
export type AlertAction = z.infer<typeof AlertAction>

/** How an alert looked at a moment. */
const AlertSeen = z.object({ at: Time, severity: Severity, attack: z.array(z.string()) })

export const Alert = z.object({
  alert_id: z.string(),
  /** What its findings have in common; of a storm `storm|…`. */
  dedup_key: z.string(),
  /** `storm`: findings about more matters than people could read one by one. */
  kind: z.enum(['findings', 'storm']),
  /** Of its worst finding. */
  rule_id: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.int(),
  /** `00` national, empty unknown. */
  region_code: z.string(),
  owner: z.string(),
  asset_id: z.string(),
  entity: z.string(),
  /** Event time of its first and last finding. */
  first_seen: Time,
  last_seen: Time,
  /** When Siaga made it, and when anything about it last changed. */
  opened_at: Time,
  changed_at: Time,
  /** Findings, each counted once; exact up to some hundred, an estimate within 3 % above (`findings_exact` false). */
  findings: z.int(),
  findings_exact: z.boolean(),
  /** Different matters (dedup keys) of a storm; 1 otherwise. */
  matters: z.int(),
  rules: z.array(AlertRule),
  /** ATT&CK techniques of all findings, sorted. */
  attack: z.array(z.string()),
  /** The worst findings, worst first. */
  worst: z.array(AlertFinding),
  election: z.string(),
  phase: z.union([Phase, z.literal('')]),
  status: AlertStatus,
  /** Of a merged one: the alert that it is part of. */
  merged_into: z.string(),
  assignee: z.string(),
  asks: z.array(Ask),
  /** Of the last acknowledgement: when and by whom; 0 for never. */
  acknowledged_at: Time,
  acknowledged_by: z.string(),
  /** What the last person who acknowledged, took up or closed it had before them: what is more than that asks anew. Missing: nobody did. */
  seen: AlertSeen.optional(),
  case_id: z.string(),
  /** The newest actions, oldest first. All of them are in ClickHouse. */
  actions: z.array(AlertAction),
  /** Counts up with every change. */
  version: z.int(),
})
export type Alert = z.infer<typeof Alert>

export const NotificationReason = z.enum([
  ...AskReason.options,
  /** Nobody acknowledged in time: the next level is told. */
  'escalated',
  /** It was closed; told to whoever had been told that it is open, where that is asked for. */
  'closed',
  /** A campaign reaches other regions: rooms with the same kind of asset are warned ahead. */
  'warning',
  /** What was held back, and why. */
  'summary',
  /** To the owner of a system; to rooms when the owner is silent, and when it is not fixed as the owner says. */
  'notice',
  'notice_silent',
  'notice_failed',
  'test',
])
export type NotificationReason = z.infer<typeof NotificationReason>

/** One message to one recipient by one channel. */
export const Notification = z.object({
  /** Also its idempotency key: the same for every attempt, also after a crash. */
  notification_id: z.string(),
  alert_id: z.string(),
  /** Id of the channel. */
  channel: z.string(),
  /** Id of the recipient; empty for what is forwarded to machines. */
  recipient: z.string(),
  room: z.string(),
  level: z.union([Level, z.literal('')]),
  reason: NotificationReason,
  created_at: Time,
  /** Not before this moment (quiet hours, a pause after a failed attempt). */
  due_at: Time,
  attempts: z.int(),
  last_error: z.string(),
  status: z.enum(['pending', 'delivered', 'refused', 'given_up']),
  /** The alert as it was then. */
  alert: Alert,
  /** Of a warning: what the room may know of the case. */
  warning: z
    .object({
      case_id: z.string(),
      regions: z.int(),
      attack: z.array(z.string()),
      indicators: z.array(z.object({ type: z.string(), value: z.string(), tlp: z.string() })),
      asset_kind: z.string(),
    })
    .optional(),
  notice: NoticeEnclosed.optional(),
  /** Of a summary: findings that were held back, by reason. */
  summary: z
    .object({
      from: Time,
      to: Time,
      counts: z.array(z.object({ reason: z.string(), detail: z.string(), findings: z.int() })),
    })
    .optional(),
})
export type Notification = z.infer<typeof Notification>

/** What came of one attempt to deliver. */
export const Attempt = z.object({
  notification_id: z.string(),
  alert_id: z.string(),
  channel: z.string(),
  recipient: z.string(),
  room: z.string(),
  reason: NotificationReason,
  attempt: z.int(),
  at: Time,
  took_ms: z.int(),
  outcome: z.enum(['delivered', 'retry', 'refused', 'given_up']),
  /** What the other side answered, without secrets. */
  detail: z.string(),
})
export type Attempt = z.infer<typeof Attempt>

/** Why a finding made no alert: never silently. */
export const HeldReason = z.enum(['below_threshold', 'suppressed', 'maintenance', 'storm', 'probe_network'])
export type HeldReason = z.infer<typeof HeldReason>

/** Alerts that belong together: one entity, or one campaign in several regions. */
export const Case = z.object({
  case_id: z.string(),
  title: z.string(),
  /** `entity`: one who does it; `campaign`: the same mark in several regions. */
  kind: z.enum(['entity', 'campaign']),
  /** What links them, as type:value. */
  keys: z.array(z.string()),
  alerts: z.array(z.string()),
  regions: z.array(z.string()),
  attack: z.array(z.string()),
  severity: Severity,
  first_seen: Time,
  last_seen: Time,
  /** Rooms that were warned ahead, as room|technique. */
  warned: z.array(z.string()),
  merged_into: z.string(),
  version: z.int(),
})
export type Case = z.infer<typeof Case>

/** What keeps findings from becoming alerts for a while. */
export const Suppression = z.object({
  suppression_id: z.string(),
  kind: z.enum(['suppression', 'maintenance']),
  owner: z.string().min(1),
  reason: z.string().min(1),
  /** Event times that it holds for: [from, until). */
  from: Time,
  until: Time,
  /** Where it acts: the room that made it, and the regions beneath its region. The centre's act everywhere. */
  room: z.string(),
  region: z.string(),
  /** All that are given must match; at least one is given. */
  match: z.object({
    rules: z.array(z.string()).default([]),
    assets: z.array(z.string()).default([]),
    entities: z.array(z.string()).default([]),
    regions: z.array(z.string()).default([]),
    sources: z.array(z.string()).default([]),
  }),
  /** The most severe that it holds back. */
  max_severity: Severity,
  made_at: Time,
  made_by: Actor,
  /** Who agreed; where two persons are needed, it is not in force before. */
  approved_by: Actor.optional(),
  /** Ended before its time. */
  ended_at: Time.optional(),
  /** What it has swallowed. */
  findings: z.int(),
  /** Counts up with every change. */
  version: z.int(),
})
export type Suppression = z.infer<typeof Suppression>

/** What travels on `siaga.alert-actions`: what somebody asks for. It is judged by whoever holds the alerts, and answered there. */
export const AlertRequest = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('act'),
    request_id: z.string(),
    at: Time,
    actor: Actor,
    verb: AlertVerb,
    /** One of the two: the alert, or every alert that is not closed with this dedup key. */
    alert_id: z.string().default(''),
    dedup_key: z.string().default(''),
    reason: z.string().max(4000).default(''),
    assignee: z.string().max(200).default(''),
    other: z.string().default(''),
  }),
  z.object({
    kind: z.literal('suppress'),
    request_id: z.string(),
    at: Time,
    actor: Actor,
    suppression: Suppression,
  }),
  z.object({
    kind: z.literal('suppression'),
    request_id: z.string(),
    at: Time,
    actor: Actor,
    suppression_id: z.string(),
    what: z.enum(['approve', 'end']),
    reason: z.string().max(4000).default(''),
  }),
  z.object({
    kind: z.literal('policy'),
    request_id: z.string(),
    at: Time,
    actor: Actor,
    /** The policy that waits, as the person has seen it. */
    policy_id: z.string(),
  }),
  NoticeRequest,
])
export type AlertRequest = z.infer<typeof AlertRequest>

/** What came of a request. */
export const AlertAnswer = z.object({
  request_id: z.string(),
  at: Time,
  ok: z.boolean(),
  /** A code of the table of errors when it is not. */
  code: z.string(),
  message: z.string(),
  /** Alerts that it changed. */
  alerts: z.array(z.string()),
})
export type AlertAnswer = z.infer<typeof AlertAnswer>
