// Which texts does a rule look for? Pieces of its patterns, so that exactly they are marked where a line is shown.
import type { Expression, SigmaRule } from '../../processors/detect/sigma/rule.ts'
import type { RulesInForce } from '../worker/rules.ts'

/** Shorter ones stand everywhere. */
const SHORTEST = 2
/** Of a rule: lists of words may be long. */
const MAX_LITERALS = 2_000

/** A function that answers for a rule by its id; of one that is not in force nothing. Read from the rules once for each that is asked for. */
export function createRuleLiterals(rules: Pick<RulesInForce, 'current'>): (ruleId: string) => readonly string[] {
  let set: RulesInForce['current'] | undefined
  let known = new Map<string, readonly string[]>()
  return (ruleId) => {
    if (set !== rules.current) {
      set = rules.current
      known = new Map()
    }
    const before = known.get(ruleId)
    if (before !== undefined) return before
    const rule = set.rules.find(({ id }) => id === ruleId)
    const literals = rule === undefined ? [] : literalsOf(rule)
    known.set(ruleId, literals)
    return literals
  }
}

/** Literal pieces of the patterns that must be there; what must not be there is nowhere to be marked. The longest first. */
function literalsOf({ detection }: Pick<SigmaRule, 'detection'>): readonly string[] {
  const found = new Set<string>()
  const walk = (expression: Expression): void => {
    if (found.size >= MAX_LITERALS || expression.op === 'not') return
    if (expression.op !== 'match') for (const one of expression.of) walk(one)
    else if (expression.matcher.kind === 'pattern')
      for (const piece of expression.matcher.pieces)
        if (typeof piece === 'string' && piece.trim().length >= SHORTEST) found.add(piece)
  }
  walk(detection)
  return [...found].sort((a, b) => b.length - a.length)
}
