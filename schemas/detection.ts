// What does a detector say? Severity words, a detection on one event, and the finding that leaves the stream.
import { z } from 'zod'

export const Severity = z.enum(['informational', 'low', 'medium', 'high', 'critical'])
export type Severity = z.infer<typeof Severity>

/** Place of a severity, 0 for informational. */
export function severityRank(severity: Severity): number {
  return Severity.options.indexOf(severity)
}

/** One rule that matched one event. */
export interface Detection {
  /** Rule id; ends up in `rule_ids`. */
  ruleId: string
  title: string
  severity: Severity
  /** ATT&CK technique such as T1190; rules of one technique on one field count once in the score. */
  technique: string
  /** All techniques of the rule. */
  attack: readonly string[]
  /** Event column that matched. */
  field: string
  /** What matched, cut to a readable length. */
  value: string
  /** The parts that matched, the first one being field and value. */
  evidence: readonly { field: string; value: string }[]
  /** False for rules that only feed a correlation: they raise no finding of their own. */
  generate: boolean
  /** Of a match with threat intelligence: what the score needs of the indicator. */
  indicator?: IndicatorEvidence
}

/** An indicator as the score takes it. */
export interface IndicatorEvidence {
  value: string
  /** Id of the feed. */
  source: string
  /** 0 to 100, at `lastSeen`. */
  confidence: number
  /** Milliseconds since 1970 UTC, 0 unknown. */
  lastSeen: number
  /** State of the feeds that it was taken from. */
  version: string
}

/** One detector's statement about an event, on topic `siaga.findings`. */
export const Finding = z.object({
  /** Of an event: stream, partition, offset and rule. Of a correlation: rule, group and start of the window. Readers drop repeats by it. */
  finding_id: z.string(),
  rule_id: z.string(),
  title: z.string(),
  severity: Severity,
  attack: z.array(z.string()),
  /** The event; of a correlation the last one. */
  event_id: z.string(),
  source_id: z.string(),
  region_code: z.string(),
  owner: z.string(),
  asset_id: z.string(),
  /** Who or what it is about, as type:value, such as source_ip:192.0.2.1 */
  entity: z.string(),
  evidence: z.array(z.object({ field: z.string(), value: z.string() })),
  /** Event time, milliseconds since 1970 UTC. */
  window_start: z.number().int(),
  window_end: z.number().int(),
  score: z.number().int().min(0).max(100),
  dedup_key: z.string(),
  /** How the score came about, the weightiest first; missing where only its event knows. */
  factors: z.array(z.object({ name: z.string(), points: z.number(), detail: z.string() })).optional(),
})
export type Finding = z.infer<typeof Finding>
