// What do rules say for people, by id? Those of events and correlations alike: messages, the page and notices call both by their names.
import { readCorrelation } from '../../processors/correlate/parse.ts'
import type { RuleSet } from '../../processors/detect/sigma/load.ts'
import type { RuleText } from '../../sinks/alerts/message/options.ts'
import type { RulesInForce } from '../worker/rules.ts'

/** Answers the texts of the rules in force, made once for each set of rules. */
export function createRuleTexts(rules: Pick<RulesInForce, 'current'>): () => ReadonlyMap<string, RuleText> {
  let known: RuleSet | undefined
  let texts: ReadonlyMap<string, RuleText> = new Map()
  return () => {
    if (known === rules.current) return texts
    known = rules.current
    texts = textsOf(known)
    return texts
  }
}

function textsOf({ rules, correlations }: Pick<RuleSet, 'rules' | 'correlations'>): ReadonlyMap<string, RuleText> {
  // A finding of a correlation has the id that its reading gives it.
  const read = correlations.map(({ document, file, line }) => readCorrelation(document, file, line))
  const all = [...rules, ...read.flatMap((one) => ('rule' in one ? [one.rule] : []))]
  return new Map(
    all.map(({ id, title, guidance }) => [id, { title, judul: guidance?.judul, response: guidance?.response }]),
  )
}
