// What does a finding of silence say? What was usual, what was heard last, how long it has been still, and how its score comes about.

import { localTime } from '../../runtime/local-time.ts'
import type { Finding, Severity } from '../../schemas/detection.ts'
import type { TimeZone } from '../../schemas/place.ts'
import type { ScoreWeights } from '../../schemas/score.ts'
import { scoreOf } from '../score/index.ts'
import type { Limit } from './judge.ts'

/** Ids of the rules that this folder is. */
export const silenceRules = {
  source: 'siaga-silence-source',
  region: 'siaga-silence-region',
  probe: 'siaga-silence-probe',
  probeNetwork: 'siaga-probe-network',
  collector: 'siaga-collector-stopped',
  pipeline: 'siaga-pipeline-stopped',
} as const

export type SilenceRule = (typeof silenceRules)[keyof typeof silenceRules]

/** Points beside those of the rule, the asset and the phase. */
export const points = { busy: 20, region: 10, stopped: 20 } as const

/** What a finding weighs: asset and phase as everywhere else. */
export interface Weights {
  readonly score: Pick<ScoreWeights, 'prior' | 'rule' | 'asset' | 'phase'>
  /** Criticality of an asset; empty if it is unknown. */
  criticality(asset: string): string
  /** Election and phase of a region at a time. */
  phase(region: string, at: number): { readonly election: string; readonly phase: string } | undefined
}

interface Said {
  readonly rule: SilenceRule
  /** With the rule what the finding is about: one alert at a time. */
  readonly about: string
  /** Beginning of the silence, milliseconds since 1970 UTC; with rule and `about` the id. */
  readonly since: number
  readonly until: number
  readonly title: string
  readonly severity: Severity
  readonly entity: string
  readonly source?: string
  readonly region: string
  readonly owner?: string
  readonly asset?: string
  readonly evidence: readonly (readonly [field: string, value: string])[]
  readonly factors: readonly { readonly name: string; readonly points: number; readonly detail: string }[]
}

/** What findings about the same thing have in common, and requests to close its alert. */
export function silenceKey(rule: SilenceRule, about: string): string {
  return `${rule}|${about}`
}

const MAX_VALUE = 400

/** The finding; its id is made of the rule, what it is about, and the beginning. */
export function findingOf(said: Said, weights: Weights): Finding {
  const { rule, about, since, until, severity, region, asset = '' } = said
  const criticality = weights.criticality(asset)
  const phase = weights.phase(region, until)
  const factors = [
    { name: 'prior', points: weights.score.prior, detail: '' },
    { name: `rule:${rule}`, points: weights.score.rule[severity], detail: severity },
    ...said.factors,
    { name: 'asset', points: table(weights.score.asset, criticality), detail: `${asset} (${criticality})` },
    {
      name: 'phase',
      points: table(weights.score.phase, phase?.phase ?? ''),
      detail: `${phase?.election} ${phase?.phase}`,
    },
  ].filter(({ points: n }) => n !== 0)
  return {
    finding_id: `${rule}-${about}-${since}`,
    rule_id: rule,
    title: said.title.slice(0, 200).toWellFormed(),
    severity,
    attack: [],
    event_id: '',
    source_id: said.source ?? '',
    region_code: region,
    owner: said.owner ?? '',
    asset_id: asset,
    entity: said.entity,
    evidence: said.evidence.map(([field, value]) => ({ field, value: value.slice(0, MAX_VALUE).toWellFormed() })),
    window_start: since,
    window_end: until,
    score: scoreOf(factors),
    dedup_key: silenceKey(rule, about),
    factors: factors.sort((a, b) => Math.abs(b.points) - Math.abs(a.points)),
  }
}

function table(values: Readonly<Record<string, number>>, key: string): number {
  return Object.hasOwn(values, key) ? (values[key] ?? 0) : 0
}

/** How long in words that need no plural: `1 h 12 min`. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 600) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export interface SilentSource {
  readonly id: string
  readonly name: string
  readonly region: string
  readonly owner: string
  readonly asset: string
  readonly zone: TimeZone
  readonly lastEvent: number
  readonly until: number
  readonly limit: Limit
  readonly busy: boolean
  /** Usual events a minute in the hour of its last event. */
  readonly usualRate: number
  /** It was the last source of its region that was heard. */
  readonly regionBlind: boolean
}

/** A source fell silent. */
export function sourceFinding(source: SilentSource, weights: Weights): Finding {
  const { id, name, zone, lastEvent, until, busy, usualRate, regionBlind } = source
  return findingOf(
    {
      rule: silenceRules.source,
      about: id,
      since: lastEvent,
      until,
      title: `Sumber diam / Source silent: ${name === '' ? id : `${name} (${id})`}`,
      severity: busy || regionBlind ? 'high' : 'medium',
      entity: `source:${id}`,
      source: id,
      region: source.region,
      owner: source.owner,
      asset: source.asset,
      evidence: [
        ['siaga.silence.last', localTime(lastEvent, zone)],
        ['siaga.silence.so_far', lasting(until - lastEvent)],
        ['siaga.silence.usual_per_minute', usualRate.toPrecision(3)],
        ['siaga.silence.told_from', localTime(source.limit.at, zone)],
        ['siaga.silence.why', source.limit.why],
        ...(regionBlind ? [['siaga.region.state', 'tidak terpantau'] as const] : []),
      ],
      factors: [
        ...(busy
          ? [
              {
                name: 'silence',
                points: points.busy,
                detail: `${usualRate.toPrecision(3)} events a minute are usual here`,
              },
            ]
          : []),
        ...(regionBlind
          ? [{ name: 'region_blind', points: points.region, detail: `nothing is heard from ${source.region}` }]
          : []),
      ],
    },
    weights,
  )
}

export interface SilentRegion {
  readonly region: string
  readonly regionName: string
  readonly zone: TimeZone
  readonly owner: string
  /** Its sources, and when each was heard last; 0 never. */
  readonly sources: readonly { readonly id: string; readonly lastEvent: number }[]
  readonly until: number
  readonly busy: boolean
}

/** Every source of a region is silent. */
export function regionFinding(
  { region, regionName, zone, owner, sources, until, busy }: SilentRegion,
  weights: Weights,
): Finding {
  const last = sources.reduce((max, { lastEvent }) => Math.max(max, lastEvent), 0)
  return findingOf(
    {
      rule: silenceRules.region,
      about: region === '' ? 'unknown' : region,
      since: last,
      until,
      title: `Wilayah tidak terpantau / Region not monitored: ${regionName === '' ? region : regionName}`,
      severity: 'high',
      entity: `region:${region}`,
      region,
      owner,
      evidence: [
        ['siaga.region.state', 'tidak terpantau'],
        ['siaga.silence.last', localTime(last, zone)],
        ['siaga.silence.so_far', lasting(until - last)],
        ['siaga.silence.sources', sources.map(({ id }) => id).join(', ')],
      ],
      factors: [
        { name: 'region_blind', points: points.region, detail: `nothing is heard from ${region}` },
        ...(busy ? [{ name: 'silence', points: points.busy, detail: 'some of its sources are usually busy now' }] : []),
      ],
    },
    weights,
  )
}

export interface SilentProbe {
  readonly asset: string
  readonly name: string
  readonly region: string
  readonly owner: string
  readonly zone: TimeZone
  readonly last: number
  readonly until: number
  /** Usual milliseconds between two probes. */
  readonly everyMs: number
}

/** A site is not probed any more. */
export function probeFinding(
  { asset, name, region, owner, zone, last, until, everyMs }: SilentProbe,
  weights: Weights,
): Finding {
  return findingOf(
    {
      rule: silenceRules.probe,
      about: asset,
      since: last,
      until,
      title: `Situs tidak lagi diperiksa / Site not probed any more: ${name === '' ? asset : name}`,
      severity: 'high',
      entity: `asset:${asset}`,
      region,
      owner,
      asset,
      evidence: [
        ['siaga.silence.last', localTime(last, zone)],
        ['siaga.silence.so_far', lasting(until - last)],
        ['siaga.silence.usual_every', lasting(everyMs)],
      ],
      factors: [],
    },
    weights,
  )
}
