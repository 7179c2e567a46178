// What does a webhook receive? The body of the preset `siaga`, as documented in docs/alerting-webhooks.md.
import { z } from 'zod'
import { AlertStatus, NotificationReason } from './alert.ts'
import { Severity } from './detection.ts'

/** ISO 8601, UTC. */
const Iso = z.iso.datetime()

/** Fields may be added under the same number; what is there keeps its meaning. */
export const WEBHOOK_VERSION = 1

/** Where it is: Kemendagri code (`00` national, empty unknown) and the name as people read it. */
const WebhookRegion = z.object({ code: z.string(), name: z.string() })

const envelope = {
  version: z.literal(WEBHOOK_VERSION),
  /** The same for every attempt; also in the header `idempotency-key`. */
  notification_id: z.string(),
}

/** One finding; values of evidence come from whoever attacks and are to be treated so. */
const WebhookFinding = z.object({
  finding_id: z.string(),
  rule_id: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.int(),
  entity: z.string(),
  event_id: z.string(),
  source_id: z.string(),
  at: Iso,
  evidence: z.array(z.object({ field: z.string(), value: z.string() })),
})

const WebhookAlert = z.object({
  alert_id: z.string(),
  kind: z.enum(['findings', 'storm']),
  status: AlertStatus,
  severity: Severity,
  score: z.int(),
  title: z.string(),
  region: WebhookRegion,
  owner: z.string(),
  asset_id: z.string(),
  /** As type:value, such as source_ip:192.0.2.1 */
  entity: z.string(),
  first_seen: Iso,
  last_seen: Iso,
  findings: z.int(),
  findings_exact: z.boolean(),
  matters: z.int(),
  rules: z.array(
    z.object({ rule_id: z.string(), title: z.string(), severity: Severity, score: z.int(), findings: z.int() }),
  ),
  /** ATT&CK techniques. */
  attack: z.array(z.string()),
  /** The worst findings, worst first. */
  worst: z.array(WebhookFinding),
  election: z.string(),
  phase: z.string(),
  assignee: z.string(),
  /** Empty without a case. */
  case_id: z.string(),
  version: z.int(),
})

/** For a receiver inside government networks. */
export const WebhookInside = z.object({
  ...envelope,
  outside: z.literal(false),
  reason: NotificationReason,
  alert: WebhookAlert,
  /** Of reason `warning`: what the room may know of the case. */
  warning: z
    .object({
      case_id: z.string(),
      regions: z.int(),
      attack: z.array(z.string()),
      indicators: z.array(z.object({ type: z.string(), value: z.string(), tlp: z.string() })),
      asset_kind: z.string(),
    })
    .optional(),
  /** Of reason `summary`: findings that were held back, by reason. */
  summary: z
    .object({
      from: Iso,
      to: Iso,
      counts: z.array(z.object({ reason: z.string(), detail: z.string(), findings: z.int() })),
    })
    .optional(),
  /** Where the evidence is; empty without `alerts.public_url`. */
  link: z.string(),
  /** The whole message as people read it. */
  text: z.string(),
})
export type WebhookInside = z.infer<typeof WebhookInside>

/** For a receiver outside: region, severity, title and link, and nothing else. */
export const WebhookOutside = z.object({
  ...envelope,
  outside: z.literal(true),
  severity: Severity,
  region: WebhookRegion,
  title: z.string(),
  link: z.string(),
})
export type WebhookOutside = z.infer<typeof WebhookOutside>

export const WebhookBody = z.discriminatedUnion('outside', [WebhookInside, WebhookOutside])
export type WebhookBody = z.infer<typeof WebhookBody>
