// Which threshold fits? Under which circumstances a finding was made, and the first of a list that holds for them.
import { within } from '../../../runtime/scope.ts'
import type { Threshold } from '../../../schemas/alerting.ts'
import { severityRank as rankOf, Severity } from '../../../schemas/detection.ts'
import { Phase } from '../../../schemas/place.ts'

/** `none`: outside of every election. */
export type PhaseWord = Phase | 'none'
export const phaseWords: readonly PhaseWord[] = [...Phase.options, 'none']

/** Everything that a threshold may ask for. */
export interface Circumstance {
  readonly phase: PhaseWord
  readonly region: string
  /** Of the configured asset; empty for an unknown one. */
  readonly criticality: string
  readonly kind: string
  readonly rule: string
  readonly attack: readonly string[]
  /** Made of several events (a correlation, history, silence): its score is that of one of them. */
  readonly pattern: boolean
}

/** Above every severity: none by its severity. */
export const NO_SEVERITY = Severity.options.length

/** Place of a severity, 0 for informational; `none` is above all. */
export function severityRank(severity: Severity | 'none'): number {
  return severity === 'none' ? NO_SEVERITY : rankOf(severity)
}

/** True if all that the threshold asks for is so. */
export function fits(threshold: Threshold, it: Circumstance): boolean {
  const { phases, regions, criticality, kinds, rules, attack, patterns } = threshold
  return (
    (phases.length === 0 || phases.includes(it.phase)) &&
    (rules.length === 0 || rules.includes(it.rule)) &&
    (criticality.length === 0 || criticality.some((one) => one === it.criticality)) &&
    (kinds.length === 0 || kinds.includes(it.kind)) &&
    (patterns === undefined || patterns === it.pattern) &&
    (attack.length === 0 || it.attack.some((one) => attack.some((wanted) => isTechnique(one, wanted)))) &&
    (regions.length === 0 || regions.some((region) => within(it.region, region)))
  )
}

/** A sub-technique (T1059.001) is its technique (T1059). */
function isTechnique(one: string, wanted: string): boolean {
  return one === wanted || one.startsWith(`${wanted}.`)
}

/** What a threshold demands: this score, or a severity of this rank. */
export interface Bar {
  readonly score: number
  readonly severity: number
  /** Its name for people and for counting. */
  readonly name: string
}

/** A threshold by its name. */
export interface NamedThreshold {
  readonly name: string
  readonly threshold: Threshold
}

/** The bar of the first that fits. The shipped list ends with one that asks for nothing, so that there always is one. */
export function barFor(list: readonly NamedThreshold[], it: Circumstance): Bar {
  const found = list.find(({ threshold }) => fits(threshold, it))
  if (found === undefined) return { score: 0, severity: 0, name: '' }
  return { score: found.threshold.score, severity: severityRank(found.threshold.severity), name: found.name }
}
