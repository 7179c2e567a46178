// What does a match with an indicator say? A detection whose severity is the confidence, and whose evidence names the feed and what it knows.
import type { Detection, Severity } from '../../../schemas/detection.ts'
import { type Indicator, indicatorRule } from '../../../schemas/indicator.ts'
import { createIndicatorMatch, type IndicatorFields, type IndicatorMatch } from './match.ts'
import type { IndicatorTable } from './table.ts'

const MAX_VALUE = 200

/** Severity of an indicator of this confidence, 0 to 100. */
export function indicatorSeverity(confidence: number): Severity {
  if (confidence >= 80) return 'high'
  return confidence >= 50 ? 'medium' : 'low'
}

const none: readonly Detection[] = Object.freeze([])

/** A function that gives the detections of the indicators that an event carries; the same empty list whenever there are none. */
export function createIndicatorDetect(table: IndicatorTable): (event: IndicatorFields) => readonly Detection[] {
  const match = createIndicatorMatch(table)
  const { version } = table.meta
  return (event) => {
    const matches = match(event)
    return matches.length === 0 ? none : indicatorDetections(matches, version)
  }
}

/**
 * One detection for each field and type of indicator, of the one with the most confidence (of equal ones the first feed by name); the other
 * feeds that tell the same are named. `version`: of the table that matched, kept as evidence.
 */
export function indicatorDetections(matches: readonly IndicatorMatch[], version: string): Detection[] {
  const groups = Map.groupBy(matches, ({ indicator, field }) => `${indicatorRule(indicator.type)}\n${field}`)
  return [...groups.values()].map((group) => {
    const ordered = group.toSorted(
      (a, b) =>
        b.indicator.confidence - a.indicator.confidence ||
        b.indicator.last_seen - a.indicator.last_seen ||
        compare(a.indicator.source, b.indicator.source),
    )
    return detectionOf(ordered as [IndicatorMatch, ...IndicatorMatch[]], version)
  })
}

function detectionOf([best, ...others]: [IndicatorMatch, ...IndicatorMatch[]], version: string): Detection {
  const { indicator, field } = best
  const value = best.value.slice(0, MAX_VALUE)
  const also = [...new Set(others.map((other) => other.indicator.source))].filter((id) => id !== indicator.source)
  const evidence = [
    { field, value },
    ...indicatorEvidence(indicator, also),
    { field: 'siaga.indicators.version', value: version },
  ].filter((item) => item.value !== '')
  return {
    ruleId: indicatorRule(indicator.type),
    title: titleOf(indicator),
    severity: indicatorSeverity(indicator.confidence),
    technique: '',
    attack: [],
    field,
    value,
    evidence,
    generate: true,
    indicator: {
      value: indicator.value,
      source: indicator.source,
      confidence: indicator.confidence,
      lastSeen: indicator.last_seen,
      version,
    },
  }
}

/** What feeds say of an indicator, as evidence; what they do not say is ''. `also`: other feeds that tell it. */
export function indicatorEvidence(
  said: Pick<Indicator, 'value' | 'source' | 'confidence' | 'threat' | 'first_seen' | 'last_seen' | 'reference'> & {
    readonly tlp: string
  },
  also: readonly string[],
): { field: string; value: string }[] {
  return [
    { field: 'threat.indicator.name', value: said.value.slice(0, MAX_VALUE) },
    { field: 'threat.indicator.provider', value: said.source },
    { field: 'threat.indicator.confidence', value: String(said.confidence) },
    { field: 'threat.indicator.description', value: said.threat },
    { field: 'threat.indicator.first_seen', value: timeText(said.first_seen) },
    { field: 'threat.indicator.last_seen', value: timeText(said.last_seen) },
    { field: 'threat.indicator.marking.tlp', value: said.tlp },
    { field: 'threat.indicator.reference', value: said.reference },
    { field: 'threat.indicator.also_provided_by', value: also.join(', ') },
  ]
}

function titleOf({ source, threat }: Indicator): string {
  return threat === ''
    ? `Known by threat intelligence (${source})`
    : `Known by threat intelligence (${source}): ${threat}`
}

/** A time as evidence has it; '' for one that nobody knows. */
export function timeText(time: number): string {
  return time === 0 ? '' : new Date(time).toISOString()
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
