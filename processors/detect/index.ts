// Which detections does an event give? Sigma rules, and what the event says of itself.
import type { Detection } from '../../schemas/detection.ts'
import type { Event } from '../../schemas/event.ts'
import { createSigma, type Evidence, type SigmaMatch } from './sigma/engine.ts'
import { createEventAccessor } from './sigma/fields.ts'
import { createEventSource } from './sigma/logsource.ts'
import type { SigmaRule } from './sigma/rule.ts'
import { withSignals } from './signals.ts'

export { DEVICE_ALERT, FAILED_LOGIN } from './signals.ts'

/** Rules as the detect step takes them. */
export interface DetectionContent {
  readonly rules: readonly SigmaRule[]
  /** Ids of rules that only feed correlations. */
  readonly silent: ReadonlySet<string>
}

const none: readonly Detection[] = Object.freeze([])
const noContent: DetectionContent = { rules: [], silent: new Set() }

/**
 * A function that gives the detections on an event; the same empty array whenever there are none. Pure; linear in the length of the event's
 * texts, whatever the rules are. The rules must have passed `loadRules`, which leaves out what can't be compiled.
 */
export function createDetect({ rules, silent }: DetectionContent = noContent): (event: Event) => readonly Detection[] {
  const sigma = createSigma(rules, createEventAccessor())
  const sourceOf = createEventSource()
  // What correlations only count is told without evidence: there is much of it, and it says nothing by itself.
  const counted = new Map(
    rules
      .filter(({ id, level }) => level === 'informational' && silent.has(id))
      .map((rule) => [rule, Object.freeze(detectionOf(rule, [], false))]),
  )
  const toDetection = (match: SigmaMatch): Detection =>
    counted.get(match.rule) ?? detectionOf(match.rule, match.evidence(), !silent.has(match.rule.id))
  // The engine has one list for the rules that often match together; what is only counted is the same for every event then.
  const countedLists = new WeakMap<readonly SigmaMatch[], readonly Detection[]>()
  const detectionsOf = (matches: readonly SigmaMatch[]): readonly Detection[] => {
    const known = countedLists.get(matches)
    if (known !== undefined) return known
    const found = matches.map(toDetection)
    if (Object.isFrozen(matches) && matches.every(({ rule }) => counted.has(rule))) {
      countedLists.set(matches, Object.freeze(found))
    }
    return found
  }
  return (event) => {
    const matches = sigma.match(event, sourceOf(event))
    return withSignals(event, matches.length === 0 ? none : detectionsOf(matches))
  }
}

function detectionOf(rule: SigmaRule, evidence: readonly Evidence[], generate: boolean): Detection {
  const [first] = evidence
  return {
    ruleId: rule.id,
    title: rule.title,
    severity: rule.level,
    technique: rule.attack[0] ?? '',
    attack: rule.attack,
    field: first?.field ?? '',
    value: first?.value ?? '',
    evidence,
    generate,
  }
}
