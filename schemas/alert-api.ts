// What does the API of alerts say? Questions and answers of /v1/alerts, from which its OpenAPI document is made.
import { z } from 'zod'
import { AlertStatus, AlertVerb, NotificationReason } from './alert.ts'
import { Threshold } from './alerting.ts'
import { Severity } from './detection.ts'
import { Phase } from './place.ts'

const When = z.iso.datetime().describe('UTC')

export const AlertItem = z
  .object({
    id: z.string(),
    status: AlertStatus,
    severity: Severity,
    score: z.int().describe('Chance in a hundred that a person should look'),
    title: z.string(),
    judul: z.string().describe('Title in Indonesian'),
    kind: z.enum(['findings', 'storm']),
    region: z.string().describe('Kemendagri code; 00 national, empty unknown'),
    region_name: z.string(),
    owner: z.string(),
    asset: z.string(),
    entity: z.string().describe('Who or what it is about, as type:value'),
    rule: z.string().describe('Rule of its worst finding'),
    first_seen: When,
    last_seen: When,
    opened_at: When,
    changed_at: When,
    local_time: z.string().describe('Of last_seen, in the zone of the region, which is named'),
    findings: z.int(),
    findings_exact: z.boolean().describe('False: an estimate within 3 per cent'),
    matters: z.int().describe('Different matters of a storm; 1 otherwise'),
    attack: z.array(z.string()).describe('ATT&CK techniques'),
    election: z.string(),
    phase: z.union([Phase, z.literal('')]),
    assignee: z.string(),
    acknowledged_by: z.string(),
    unacknowledged: z.boolean().describe('Somebody is waited for'),
    deadline: When.optional().describe(
      'By when somebody is to acknowledge; then the next level is told. Missing: nobody is waited for',
    ),
    case: z.string(),
    merged_into: z.string(),
    version: z.int(),
  })
  .meta({ id: 'AlertItem' })
export type AlertItem = z.infer<typeof AlertItem>

export const ActionItem = z
  .object({
    id: z.string(),
    at: When,
    actor: z.string(),
    room: z.string(),
    from: z.string().describe('Address; the centre alone sees it'),
    verb: AlertVerb,
    reason: z.string(),
    assignee: z.string(),
    other: z.string(),
    from_status: AlertStatus,
    to_status: AlertStatus,
  })
  .meta({ id: 'ActionItem' })
export type ActionItem = z.infer<typeof ActionItem>

const Guidance = z
  .object({
    why: z.array(z.string()).describe('How the score came about'),
    steps: z.array(z.string()).describe('What to do, the first thing first'),
    rule: z.array(z.string()).describe('What the rule itself says to do'),
    call: z.array(z.string()),
    never: z.array(z.string()),
    report: z.array(z.string()).describe('Duty to report'),
  })
  .meta({ id: 'Guidance' })
export type Guidance = z.infer<typeof Guidance>

/** Words of both languages. */
const Words = z.object({ id: z.string(), en: z.string() })

export const FactorItem = z
  .object({ name: z.string(), points: z.number(), detail: z.string(), words: Words.describe('What it is called') })
  .meta({ id: 'FactorItem' })
export type FactorItem = z.infer<typeof FactorItem>

export const AlertDetail = AlertItem.extend({
  rules: z.array(
    z.object({ rule_id: z.string(), title: z.string(), severity: Severity, score: z.int(), findings: z.int() }),
  ),
  worst: z
    .array(
      z.object({
        finding_id: z.string(),
        rule_id: z.string(),
        title: z.string(),
        severity: Severity,
        score: z.int(),
        entity: z.string(),
        event_id: z.string(),
        at: When,
        evidence: z.array(z.object({ field: z.string(), value: z.string() })),
        factors: z.array(FactorItem),
      }),
    )
    .describe('The worst findings, worst first, with what matched and how the score came about'),
  actions: z.array(ActionItem).describe('The newest, oldest first'),
  verbs: z.array(AlertVerb).describe('What whoever asks can do with it as it stands'),
  guidance: z.object({ id: Guidance, en: Guidance }).describe('Why this score and what to do, in both languages'),
  deliveries_known: z.boolean().describe('False: ClickHouse does not answer, and only what still waits is known'),
  deliveries: z.array(
    z.object({
      id: z.string(),
      at: When,
      channel: z.string(),
      recipient: z.string(),
      room: z.string(),
      reason: NotificationReason,
      attempt: z.int(),
      outcome: z.enum(['delivered', 'retry', 'refused', 'given_up', 'waiting']),
      detail: z.string(),
    }),
  ),
}).meta({ id: 'AlertDetail' })
export type AlertDetail = z.infer<typeof AlertDetail>

const listOf = <T extends z.ZodType>(one: T) =>
  z
    .union([one, z.array(one)])
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .optional()

const Hours = z.coerce.number().min(0).max(100_000).optional()

/** Which alerts; the same for a list, for counts and for what is told live. */
export const AlertFilter = z.strictObject({
  id: z.string().optional().describe('This one; then nothing else is told live'),
  status: listOf(z.enum([...AlertStatus.options, 'active'])).describe('active (default of lists): not closed'),
  severity: Severity.optional().describe('Least severity'),
  region: z.string().optional().describe('With those beneath it'),
  asset: z.string().optional(),
  entity: z.string().optional(),
  case: z.string().optional(),
  assignee: z.string().optional().describe('Empty: nobody'),
  rule: z.string().optional().describe('Any of its rules'),
  newer_hours: Hours.describe('Opened no longer ago'),
  older_hours: Hours.describe('Opened longer ago'),
  overdue: z.stringbool().optional().describe('Its deadline is over'),
  q: z.string().max(200).optional().describe('Part of title (in either language), entity, asset or id'),
})

export const AlertOrder = z.enum(['changed', 'deadline', 'score', 'opened'])
export type AlertOrder = z.infer<typeof AlertOrder>

export const AlertQuery = AlertFilter.extend({
  sort: AlertOrder.default('changed').describe('Newest change, nearest deadline, highest score, newest first'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  before: z.string().optional().describe('Value of `next` of the page before, of the same order'),
})

export const AlertPage = z
  .object({
    alerts: z.array(AlertItem).describe('In the order that was asked for'),
    total: z.int().describe('How many fit'),
    next: z.string().optional(),
  })
  .meta({ id: 'AlertPage' })

export const ActBody = z
  .object({
    reason: z.string().max(4000).default(''),
    assignee: z.string().max(200).default(''),
    other: z.string().max(64).default(''),
  })
  .meta({ id: 'ActBody' })

export const ActAnswer = z.object({ alert: AlertItem }).meta({ id: 'ActAnswer' })

/** The request was kept by Kafka and will be carried out; nobody could say within the time what came of it. */
export const Accepted = z
  .object({ request_id: z.string(), message: z.string(), pesan: z.string() })
  .meta({ id: 'Accepted' })

export const Refusal = z
  .object({
    error: z.string(),
    message: z.string(),
    action: z.string(),
    pesan: z.string(),
    tindakan: z.string(),
  })
  .meta({ id: 'Refusal' })
export type Refusal = z.infer<typeof Refusal>

const Match = z.object({
  rules: z.array(z.string()).default([]),
  assets: z.array(z.string()).default([]),
  entities: z.array(z.string()).default([]),
  regions: z.array(z.string()).default([]),
  sources: z.array(z.string()).default([]),
})

export const SuppressionBody = z
  .object({
    kind: z.enum(['suppression', 'maintenance']).default('suppression'),
    owner: z.string().min(1).max(200).describe('Who answers for it'),
    reason: z.string().min(1).max(2000),
    from: When.optional().describe('Default: now'),
    until: When,
    match: Match,
    max_severity: Severity.default('medium').describe('The most severe that it holds back'),
  })
  .meta({ id: 'SuppressionBody' })

export const SuppressionItem = z
  .object({
    id: z.string(),
    kind: z.enum(['suppression', 'maintenance']),
    owner: z.string(),
    reason: z.string(),
    from: When,
    until: When,
    room: z.string(),
    region: z.string(),
    match: Match,
    max_severity: Severity,
    made_by: z.string(),
    approved_by: z.string(),
    ended_at: When.optional(),
    findings: z.int().describe('What it has swallowed'),
    waits: z.boolean().describe('Not in force: a second person must agree'),
    verbs: z.array(z.enum(['approve', 'end'])).describe('What whoever asks can do with it'),
  })
  .meta({ id: 'SuppressionItem' })
export type SuppressionItem = z.infer<typeof SuppressionItem>

export const HeldPage = z
  .object({
    from: When,
    held: z.array(
      z.object({
        reason: z.string(),
        detail: z.string(),
        rule_id: z.string(),
        region: z.string(),
        findings: z.int(),
      }),
    ),
  })
  .meta({ id: 'HeldPage' })

/** What a room sees of a case: its own alerts, and of the rest only what helps it. */
export const CaseDetail = z
  .object({
    id: z.string(),
    title: z.string(),
    kind: z.enum(['entity', 'campaign']),
    severity: Severity,
    regions: z.int().describe('How many regions it reaches'),
    region_codes: z.array(z.string()).describe('Which; the centre alone sees those of others'),
    attack: z.array(z.string()),
    indicators: z.array(z.object({ type: z.string(), value: z.string(), tlp: z.string() })),
    alerts: z.array(AlertItem),
    first_seen: When,
    last_seen: When,
  })
  .meta({ id: 'CaseDetail' })
export type CaseDetail = z.infer<typeof CaseDetail>

/** What decides how quiet Siaga is, and what of the configuration waits for two persons. */
export const PolicyItem = z
  .object({
    in_force: z.object({
      thresholds: z
        .array(z.array(Threshold))
        .describe('Lists of thresholds; what any of them lets through becomes an alert'),
      disabled: z.array(z.string()).describe('Rules that are switched off'),
      shipped: z.boolean().describe('The rules of Siaga are used'),
      finding_severity: Severity,
      allow_list: z.array(z.string()),
      two_persons: z.array(Phase),
    }),
    waiting: z
      .object({
        id: z.string().describe('Of its content: whoever agrees, agrees to exactly this'),
        since: When,
        relaxations: z
          .array(z.object({ what: z.string(), detail: z.string() }))
          .describe('What Siaga would say no more'),
        approvals: z.array(z.object({ name: z.string(), room: z.string() })),
      })
      .optional(),
  })
  .meta({ id: 'PolicyItem' })
export type PolicyItem = z.infer<typeof PolicyItem>

export const PolicyBody = z
  .object({ id: z.string().min(1).max(64).describe('Of what waits, as it was shown') })
  .meta({ id: 'PolicyBody' })
