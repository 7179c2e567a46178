// Which weights speak in the score of an event? Stored factors, turned back into the settings of siaga.yaml that gave them.

import { Severity } from '../../schemas/detection.ts'
import type { Event, Factor } from '../../schemas/event.ts'
import { ScoreWeights } from '../../schemas/score.ts'

/** One weight of the configuration: its path below `score`, its points, and which sign the schema lets it have (0: either). */
export interface WeightTerm {
  readonly name: string
  readonly points: number
  readonly sign: -1 | 0 | 1
}

/** How often (or, of a device's severity, to what part) each weight counts; the prior, which always counts once, is left out. */
export type Features = Readonly<Record<string, number>>

/** Weight that every score begins with. */
export const PRIOR = 'prior'

/** Ten points are one unit of log-odds. */
export const POINTS = 10

/** A verdict of a person on an event, in terms of weights. */
export interface Example {
  /** Tells examples apart; the split by hash rests on it. */
  readonly id: string
  /** Event time, milliseconds since 1970 UTC; undefined if nobody knows. */
  readonly at?: number | undefined
  readonly features: Features
  /** True if a person should have looked. */
  readonly verdict: boolean
}

/** All weights in the order of the schema. */
export function weightTerms(weights: ScoreWeights): WeightTerm[] {
  return Object.entries(weights).flatMap(([group, value]) =>
    typeof value === 'number'
      ? [{ name: group, points: value, sign: signOf((points) => ({ [group]: points })) }]
      : Object.entries(value).map(([key, points]) => ({
          name: `${group}.${key}`,
          points,
          sign: signOf((value) => ({ [group]: { [key]: value } })),
        })),
  )
}

/** The schema itself is asked, so that a limit is said once. */
function signOf(weights: (points: number) => unknown): -1 | 0 | 1 {
  const [negative, positive] = [-1, 1].map((points) => ScoreWeights.safeParse(weights(points)).success)
  if (negative === positive) return 0
  return positive === true ? 1 : -1
}

/** Weights with other points for the terms named; a name that is no weight is refused by the schema. */
export function withPoints(weights: ScoreWeights, points: ReadonlyMap<string, number>): ScoreWeights {
  const changed: Record<string, unknown> = structuredClone(weights)
  for (const [name, value] of points) {
    const [group = '', key] = name.split('.')
    const table = changed[group]
    if (key === undefined) changed[group] = value
    else changed[group] = { ...(typeof table === 'object' ? table : {}), [key]: value }
  }
  return ScoreWeights.parse(changed)
}

/** What is needed of a factor; verdicts that come from elsewhere may leave the rest out. */
export type KnownFactor = Pick<Factor, 'name'> & {
  readonly points?: number | undefined
  readonly detail?: string | undefined
  /** How often or to what part the weight counts; 1 unless told. */
  readonly value?: number | undefined
}

/** Columns that name a weight without points too, which stands in no list of factors. */
export type FeatureColumns = Partial<Pick<Event, 'asset_criticality' | 'phase' | 'event_severity'>>

/**
 * The weights that speak in a list of factors. A factor may be named as it is stored (`rule:<id>`, `asset`, `phase`) or by its weight
 * (`rule.high`, `asset.critical`). Answers the name of a factor that no weight can be found for, as a string.
 */
export function featuresOf(
  factors: readonly KnownFactor[],
  columns: FeatureColumns,
  terms: readonly WeightTerm[],
): Features | string {
  const features: Record<string, number> = {}
  const count = (name: string, value: number): void => {
    features[name] = (features[name] ?? 0) + value
  }
  const known = new Set(terms.map(({ name }) => name))
  for (const factor of factors) {
    if (factor.name === PRIOR) continue
    const name = known.has(factor.name) ? factor.name : weightOf(factor, columns, terms)
    if (name === undefined || !known.has(name)) return factor.name
    count(name, factor.value ?? shareOf(name, factor, columns, terms))
  }
  for (const name of [`asset.${columns.asset_criticality ?? ''}`, `phase.${columns.phase ?? ''}`]) {
    if (known.has(name)) features[name] = 1
  }
  return features
}

/** The weight behind a stored factor that is not named after it. */
function weightOf(factor: KnownFactor, columns: FeatureColumns, terms: readonly WeightTerm[]): string | undefined {
  const { name, detail = '' } = factor
  if (name.startsWith('rule:')) {
    const severity = Severity.safeParse(/\((\w+)\)$/.exec(detail)?.[1])
    return severity.success ? `rule.${severity.data}` : onlyTerm('rule.', factor.points, terms)
  }
  if (name === 'asset') return `asset.${columns.asset_criticality || (/\((\w+)\)$/.exec(detail)?.[1] ?? '')}`
  if (name === 'phase') return `phase.${columns.phase || (/(?<!\w)(\w+)$/.exec(detail)?.[1] ?? '')}`
  return undefined
}

/** Where nothing else tells, the one weight of a group with just these points. */
function onlyTerm(group: string, points: number | undefined, terms: readonly WeightTerm[]): string | undefined {
  const found = terms.filter((term) => term.name.startsWith(group) && term.points === points)
  return found.length === 1 ? found[0]?.name : undefined
}

/** To what part a weight counts: a device's severity and an indicator's confidence are parts of the whole. */
function shareOf(name: string, factor: KnownFactor, columns: FeatureColumns, terms: readonly WeightTerm[]): number {
  const { detail = '' } = factor
  if (name === 'device_severity') {
    const severity = columns.event_severity || Number(/^\d+/.exec(detail)?.[0] ?? 0)
    if (severity > 0) return Math.min(severity, 100) / 100
  } else if (name === 'indicator') {
    const share = Number(/ share ([01]\.\d\d)$/.exec(detail)?.[1] ?? Number.NaN)
    if (!Number.isNaN(share)) return share
  } else return 1
  const whole = terms.find((term) => term.name === name)?.points ?? 0
  return whole > 0 && factor.points !== undefined ? Math.min(1, Math.max(0, factor.points / whole)) : 1
}

/** The chance, 0 to 1, that log-odds of `z` say. */
export function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z))
}
