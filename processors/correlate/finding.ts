// What does a correlation say when it fires? A finding for the alerts and a window to remember.

import type { Finding } from '../../schemas/detection.ts'
import { columnOf } from '../detect/sigma/fields.ts'
import type { LinkedCorrelation } from './link.ts'
import { type FiredWindow, groupHash, groupKey } from './state.ts'

/** What a finding says of the events behind it. */
export interface Facts {
  readonly event: string
  readonly region: string
  readonly owner: string
  readonly asset: string
  readonly score: number
  readonly source: string
}

/** A correlation that fires. Times are milliseconds since 1970. */
export interface Fired {
  readonly correlation: LinkedCorrelation
  readonly group: readonly string[]
  readonly start: number
  readonly at: number
  /** End of what belongs to it. */
  readonly end: number
  readonly carried: readonly (readonly string[])[]
  readonly facts: Facts
  /** What was seen, beside the group. */
  readonly evidence: readonly { field: string; value: string }[]
}

/** Region of what several regions take part in: the centre's. */
const NATIONAL = '00'

/** What events agree on. Places that differ are nobody's but the centre's; unknown ones do not count for the region. */
export function agree(all: readonly Facts[]): Facts {
  const regions = new Set(all.map(({ region }) => region).filter((region) => region !== ''))
  const only = (values: readonly string[]): string => (new Set(values).size === 1 ? (values[0] ?? '') : '')
  return {
    event: all.at(-1)?.event ?? '',
    region: regions.size > 1 ? NATIONAL : ([...regions][0] ?? ''),
    owner: only(all.map(({ owner }) => owner)),
    asset: only(all.map(({ asset }) => asset)),
    score: all.reduce((most, { score }) => Math.max(most, score), 0),
    source: only(all.map(({ source }) => source)),
  }
}

/** Columns that name an entity, and the word for it; the first that a rule groups by is what the finding is about. */
const entities: readonly (readonly [string, string])[] = [
  ['source_ip', 'source_ip'],
  ['user_name', 'user'],
  ['user_target_name', 'user'],
  ['asset_id', 'asset'],
  ['host_name', 'host'],
]

function entityOf({ correlation, group, facts }: Fired): string {
  const { groupBy, id } = correlation.rule
  for (const [column, word] of entities) {
    const n = groupBy.findIndex((field) => (columnOf(field) ?? field) === column)
    if (n >= 0) return `${word}:${group[n]}`
  }
  if (groupBy.length > 0) return `${columnOf(groupBy[0] ?? '') ?? groupBy[0]}:${group[0]}`
  if (facts.asset !== '') return `asset:${facts.asset}`
  return facts.source === '' ? `rule:${id}` : `source:${facts.source}`
}

/** The finding; its id is made of rule, group and the window's start, so that readers can drop repeats. */
export function findingOf(fired: Fired): Finding {
  const { correlation, group, start, at, facts, evidence } = fired
  const { rule } = correlation
  return {
    finding_id: `${rule.id}-${groupHash(group)}-${start}`,
    rule_id: rule.id,
    title: rule.title,
    severity: rule.level,
    attack: [...rule.attack],
    event_id: facts.event,
    source_id: facts.source,
    region_code: facts.region,
    owner: facts.owner,
    asset_id: facts.asset,
    entity: entityOf(fired),
    evidence: [...rule.groupBy.map((field, n) => ({ field, value: group[n] ?? '' })), ...evidence],
    window_start: start,
    window_end: at,
    score: facts.score,
    dedup_key: `${rule.id}|${groupKey(group)}`,
  }
}

/** The window to remember. */
export function windowOf({ correlation, group, start, end, at, carried, facts }: Fired): FiredWindow {
  return {
    kind: 'window',
    rule: correlation.rule.id,
    group: [...group],
    start,
    end,
    at,
    carried: carried.map((values) => [...values]),
    ...facts,
  }
}
