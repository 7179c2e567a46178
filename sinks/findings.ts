// What leaves the stream for the alerts? Detections from a severity on, as findings with an id that a repeat keeps.
import type { OutgoingMessage } from '../runtime/kafka.ts'
import { type Detection, type Finding, type Severity, severityRank } from '../schemas/detection.ts'
import type { Event } from '../schemas/event.ts'
import { CERTIFICATE_FORMAT, LOOKALIKE_FORMAT } from '../schemas/raw-event.ts'

/** True if `severity` is at least `threshold`. */
export function atLeast(severity: Severity, threshold: Severity): boolean {
  return severityRank(severity) >= severityRank(threshold)
}

/** The finding of one detection on one event; `position` is `<stream>-<partition>-<offset>`. */
export function toFinding(event: Event, detection: Detection, position: string): Finding {
  const entity = entityOf(event)
  return {
    finding_id: `${position}-${detection.ruleId}`,
    rule_id: detection.ruleId,
    title: detection.title,
    severity: detection.severity,
    attack: [...detection.attack],
    event_id: event.event_id,
    source_id: event.source_id,
    region_code: event.region_code,
    owner: event.owner,
    asset_id: event.asset_id,
    entity,
    evidence: detection.evidence.map(({ field, value }) => ({ field, value })),
    window_start: event.timestamp,
    window_end: event.timestamp,
    score: event.score,
    dedup_key: `${detection.ruleId}|${entity}|${event.asset_id}`,
    factors: weightiest(event.factors),
  }
}

/** Factors that a message to people can show. */
const MAX_FACTORS = 8

function weightiest(factors: Event['factors']): Finding['factors'] {
  return factors
    .map(({ name, points, detail }) => ({ name, points, detail }))
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, MAX_FACTORS)
}

/** A finding as a message of `siaga.findings`; findings of one entity stay in order. */
export function findingMessage(finding: Finding): OutgoingMessage {
  return { key: finding.entity, value: Buffer.from(JSON.stringify(finding)), headers: { id: finding.finding_id } }
}

/** Records about a name of somebody else's: each name is a matter of its own. */
const aboutNames: ReadonlySet<string> = new Set([LOOKALIKE_FORMAT, CERTIFICATE_FORMAT])

function entityOf(event: Event): string {
  if (aboutNames.has(event.dataset)) return `domain:${event.url_domain}`
  if (event.source_ip !== '') return `source_ip:${event.source_ip}`
  if (event.user_name !== '') return `user:${event.user_name}`
  if (event.asset_id !== '') return `asset:${event.asset_id}`
  return `source:${event.source_id}`
}
