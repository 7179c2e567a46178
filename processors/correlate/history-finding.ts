// What does it say that a new indicator was found in history? One finding for each indicator, entity and asset, of one region and owner.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Finding } from '../../schemas/detection.ts'
import { HISTORY_RULE } from '../../schemas/indicator.ts'
import type { ScoreWeights } from '../../schemas/score.ts'
import { indicatorEvidence, indicatorSeverity, timeText } from '../detect/indicators/detections.ts'
import { indicatorShare, scoreOf } from '../score/index.ts'

/** Events of a slice that carry an indicator, as ClickHouse groups them. Times are milliseconds since 1970 UTC. */
export const EventGroup = z.object({
  type: z.string(),
  value: z.string(),
  region: z.string(),
  owner: z.string(),
  asset: z.string(),
  entity: z.string(),
  n: z.coerce.number(),
  first: z.coerce.number(),
  last: z.coerce.number(),
  score: z.coerce.number(),
  last_event: z.string(),
  examples: z.array(z.string()),
  sources: z.array(z.string()),
  field: z.string(),
  observed: z.string(),
})
export type EventGroup = z.infer<typeof EventGroup>

/** What the feeds say of an indicator. */
export const CandidateFacts = z.object({
  type: z.string(),
  value: z.string(),
  source: z.string(),
  confidence: z.coerce.number(),
  first_seen: z.coerce.number(),
  last_seen: z.coerce.number(),
  tlp: z.string(),
  threat: z.string(),
  reference: z.string(),
  sources: z.array(z.string()),
  added: z.coerce.number(),
})
export type CandidateFacts = z.infer<typeof CandidateFacts>

const EXAMPLES = 5
const MAX_VALUE = 200
const MAX_TITLE = 200

/** The same group in two slices. */
export function mergeGroups(a: EventGroup, b: EventGroup): EventGroup {
  const [early, late] = a.last <= b.last ? [a, b] : [b, a]
  return {
    ...late,
    n: a.n + b.n,
    first: Math.min(a.first, b.first),
    score: Math.max(a.score, b.score),
    examples: [...new Set([...late.examples, ...early.examples])].slice(0, EXAMPLES),
    sources: [...new Set([...late.sources, ...early.sources])],
  }
}

/** Tells groups apart. */
export function groupKeyOf({ type, value, region, owner, asset, entity }: Omit<EventGroup, 'n'>): string {
  return JSON.stringify([type, value, region, owner, asset, entity])
}

/**
 * The finding of a group. Its id is made of the group and of the time at which the indicator was added: hunted again, it is the same finding. The
 * score is that of the highest of the events, raised by the weight of the indicator as it was at the last of them.
 */
export function historyFinding(
  group: EventGroup,
  facts: CandidateFacts,
  weights: Pick<ScoreWeights, 'indicator'>,
  days: number,
): Finding {
  const hash = createHash('sha256')
    .update(`${groupKeyOf(group)}\n${facts.added}`)
    .digest('hex')
    .slice(0, 32)
  const shown = group.value.slice(0, MAX_VALUE)
  const [only = ''] = group.sources
  const said = facts.threat === '' ? shown : `${facts.threat} (${shown})`
  const also = facts.sources.filter((source) => source !== facts.source)
  const evidence = [
    { field: group.field, value: group.observed.slice(0, MAX_VALUE) },
    { field: 'threat.indicator.type', value: group.type },
    ...indicatorEvidence(facts, also),
    { field: 'siaga.history.added', value: timeText(facts.added) },
    { field: 'siaga.history.days', value: String(days) },
    { field: 'siaga.history.events', value: String(group.n) },
    { field: 'siaga.history.first', value: timeText(group.first) },
    { field: 'siaga.history.last', value: timeText(group.last) },
    ...group.examples.map((value) => ({ field: 'event.id', value })),
  ].filter(({ value }) => value !== '')
  return {
    finding_id: `${HISTORY_RULE}-${hash}`,
    rule_id: HISTORY_RULE,
    title: `Ditemukan di riwayat / Found in history: ${said}`.slice(0, MAX_TITLE).toWellFormed(),
    severity: indicatorSeverity(facts.confidence),
    attack: [],
    event_id: group.last_event,
    source_id: group.sources.length === 1 ? only : '',
    region_code: group.region,
    owner: group.owner,
    asset_id: group.asset,
    entity: group.entity,
    evidence,
    window_start: group.first,
    window_end: group.last,
    score: raised(group.score, weights.indicator * indicatorShare(shareOf(facts), group.last)),
    dedup_key: `${HISTORY_RULE}|${group.type}:${group.value}|${group.entity}|${group.asset}`,
  }
}

function shareOf({ confidence, last_seen }: CandidateFacts): { confidence: number; lastSeen: number } {
  return { confidence, lastSeen: last_seen }
}

/** A score with so many points more. One of 0 or 100 is taken for half a point from there, which has log-odds. */
function raised(score: number, points: number): number {
  const chance = Math.min(99.5, Math.max(0.5, score)) / 100
  return scoreOf([{ points: 10 * Math.log(chance / (1 - chance)) }, { points }])
}
