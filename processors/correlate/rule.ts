// What is a correlation rule once it has been read? What it counts, over which time, for whom, and what it says when it fires.
import type { Severity } from '../../schemas/detection.ts'
import type { Guidance, RuleProblem } from '../detect/sigma/rule.ts'

export type { RuleProblem }

/** One bound of a condition; all bounds of a rule must hold. */
export interface Bound {
  readonly operator: 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq'
  readonly value: number
}

/** What is looked for; field names as the rule writes them. */
export type Pattern =
  | { readonly type: 'event_count'; readonly condition: readonly Bound[] }
  | {
      readonly type: 'value_count' | 'value_sum' | 'value_avg'
      readonly condition: readonly Bound[]
      /** Of several fields (value_count) the combinations are counted. */
      readonly fields: readonly string[]
    }
  | {
      readonly type: 'value_percentile'
      readonly condition: readonly Bound[]
      readonly fields: readonly string[]
      /** 0 to 100. */
      readonly percentile: number
    }
  /** Without bounds: every rule. */
  | { readonly type: 'temporal'; readonly condition: readonly Bound[] }
  | { readonly type: 'temporal_ordered' }
  /** `after`: id or name of the rule that starts the wait; '' means that each expected event does. */
  | { readonly type: 'absence'; readonly after: string }
  | { readonly type: 'first_seen'; readonly fields: readonly string[]; readonly learnMs: number }
  | { readonly type: 'impossible_travel'; readonly kmPerHour: number }
  | {
      readonly type: 'baseline'
      readonly weeks: number
      readonly deviations: number
      readonly direction: 'above' | 'below' | 'both'
      readonly minimum: number
    }

export interface CorrelationRule {
  /** UUID, or the name or title where it has none. */
  readonly id: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly status: string
  readonly level: Severity
  readonly tags: readonly string[]
  /** Technique ids of the tags, such as T1110.001. */
  readonly attack: readonly string[]
  readonly falsePositives: readonly string[]
  readonly guidance: Guidance | undefined
  /** Ids or names of Sigma rules and correlations, in the order of the rule. */
  readonly rules: readonly string[]
  readonly groupBy: readonly string[]
  /** alias → rule (as named in `rules`) → field */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly timespanMs: number
  readonly pattern: Pattern
  /** True: the correlations it names raise findings of their own as well. */
  readonly generate: boolean
  readonly file: string
  readonly line: number
}

const met: Readonly<Record<Bound['operator'], (value: number, bound: number) => boolean>> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
  eq: (value, bound) => value === bound,
  neq: (value, bound) => value !== bound,
}

/** True if the value meets every bound. */
export function holds(condition: readonly Bound[], value: number): boolean {
  return condition.every(({ operator, value: bound }) => met[operator](value, bound))
}

/** The least number that meets every lower bound, 0 if there is none. */
export function leastCount(condition: readonly Bound[]): number {
  let least = 0
  for (const { operator, value } of condition) {
    if (operator === 'gte' || operator === 'eq') least = Math.max(least, Math.ceil(value))
    if (operator === 'gt') least = Math.max(least, Math.floor(value) + 1)
  }
  return least
}

/** True for counts that would hold at the first event already: such a window is counted when it is over. */
export function waitsForEnd({ type, condition }: { type: string; condition?: readonly Bound[] }): boolean {
  return (type === 'event_count' || type === 'value_count') && condition !== undefined && leastCount(condition) === 0
}
