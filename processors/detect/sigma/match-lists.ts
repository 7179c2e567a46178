// Which list of matches does an event get? Most events that match anything match what many others do, so that lists are made once.
import type { SigmaMatch } from './engine.ts'

const MAX_PAIRS = 4_096

/** Lists of matches by the numbers of their rules, in the order of the rules. Those of one rule, and of two, are frozen and the same each time. */
export interface MatchLists {
  one(rule: number): readonly SigmaMatch[]
  several(rules: readonly number[]): readonly SigmaMatch[]
}

/** `matches`: for each rule what tells of its match on the present event. */
export function createMatchLists(matches: readonly SigmaMatch[]): MatchLists {
  const alone = matches.map((match) => Object.freeze([match]))
  const pairs = new Map<number, readonly SigmaMatch[]>()
  const listOf = (sorted: readonly number[]) => sorted.map((rule) => matches[rule] as SigmaMatch)
  return {
    one: (rule) => alone[rule] as readonly SigmaMatch[],
    several(rules) {
      const sorted = rules.toSorted((a, b) => a - b)
      if (sorted.length > 2) return listOf(sorted)
      const [first = 0, second = 0] = sorted
      const key = first * matches.length + second
      let list = pairs.get(key)
      if (list === undefined) {
        list = Object.freeze(listOf(sorted))
        if (pairs.size < MAX_PAIRS) pairs.set(key, list)
      }
      return list
    },
  }
}
