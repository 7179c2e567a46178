// Which rules and correlations does a correlation name? References become ids, inner correlations come first, and what can't be is reported.
import { columnOf, createEventAccessor } from '../detect/sigma/fields.ts'
import { readCorrelation } from './parse.ts'
import { type CorrelationRule, type RuleProblem, waitsForEnd } from './rule.ts'

/** One of the rules that a correlation names. */
export interface Role {
  readonly kind: 'rule' | 'correlation'
  readonly id: string
  /** Field of each `groupBy` entry in events of this role, aliases resolved. */
  readonly groupBy: readonly string[]
  /** Fields of the pattern in events of this role. */
  readonly fields: readonly string[]
}

/** A correlation whose references are known. */
export interface LinkedCorrelation {
  readonly rule: CorrelationRule
  /** In the order of `rules`; behind them the rule of `after`, if there is one. */
  readonly roles: readonly Role[]
  /** Fields beyond its own groups that outer correlations group by. */
  readonly carry: readonly string[]
  /** True: an outer correlation speaks for it (generate: false there). */
  readonly silent: boolean
}

/** What a correlation may name besides other correlations. */
export interface NamedRule {
  readonly id: string
  readonly name: string
}

/**
 * Resolves ids and names. The answer is ordered: a correlation comes behind those that it names. Correlations that name something unknown,
 * something broken or, in the end, themselves are left out and reported.
 */
export function linkCorrelations(
  correlations: readonly CorrelationRule[],
  rules: readonly NamedRule[],
): { readonly correlations: readonly LinkedCorrelation[]; readonly problems: readonly RuleProblem[] } {
  const problems: RuleProblem[] = []
  const report = ({ file, line, id }: CorrelationRule, reason: string): undefined => {
    problems.push({ file, line, rule: id, reason })
  }
  const byName = new Map<string, { kind: Role['kind']; id: string }>()
  for (const { id, name } of rules) {
    byName.set(id, { kind: 'rule', id })
    if (name !== '') byName.set(name, { kind: 'rule', id })
  }
  const own = new Map<string, CorrelationRule>()
  for (const rule of correlations) {
    if (own.has(rule.id)) {
      report(rule, `has the id of ${own.get(rule.id)?.file}`)
      continue
    }
    own.set(rule.id, rule)
    byName.set(rule.id, { kind: 'correlation', id: rule.id })
    if (rule.name !== '') byName.set(rule.name, { kind: 'correlation', id: rule.id })
  }

  const linked = new Map<string, { rule: CorrelationRule; roles: Role[] } | undefined>()
  const under = new Set<string>()
  const link = (rule: CorrelationRule): boolean => {
    if (linked.has(rule.id)) return linked.get(rule.id) !== undefined
    const result = resolve(rule)
    linked.set(rule.id, result)
    return result !== undefined
  }
  const resolve = (rule: CorrelationRule): { rule: CorrelationRule; roles: Role[] } | undefined => {
    const { pattern } = rule
    under.add(rule.id)
    try {
      const roles: Role[] = []
      for (const name of pattern.type === 'absence' && pattern.after !== ''
        ? [...rule.rules, pattern.after]
        : rule.rules) {
        const found = byName.get(name)
        if (found === undefined) return report(rule, `names ${name}, which is not among the rules`)
        if (found.kind === 'correlation') {
          if (under.has(found.id)) return report(rule, `names ${name}, which in the end names it again`)
          const inner = own.get(found.id)
          if (inner === undefined || !link(inner)) return report(rule, `names ${name}, which can't be used`)
          if (waitsForEnd(pattern)) return report(rule, 'names a correlation and has a condition without a lower bound')
          if (!chainable.has(pattern.type))
            return report(rule, `is of type ${pattern.type}, which looks at events, and names a correlation`)
        }
        const fieldIn = (field: string) => rule.aliases.get(field)?.get(name) ?? field
        const dangling = rule.groupBy.find(
          (field) => rule.aliases.has(field) && rule.aliases.get(field)?.get(name) === undefined,
        )
        if (dangling !== undefined) return report(rule, `has the alias ${dangling}, which says nothing about ${name}`)
        const unreadable = [...rule.groupBy, ...('fields' in pattern ? pattern.fields : [])]
          .map(fieldIn)
          .find(isDerived)
        if (unreadable !== undefined)
          return report(rule, `reads ${unreadable}, which detections derive and events do not keep`)
        roles.push({
          ...found,
          groupBy: rule.groupBy.map(fieldIn).map(canonical),
          fields: 'fields' in pattern ? pattern.fields.map(fieldIn).map(canonical) : [],
        })
      }
      return { rule, roles }
    } finally {
      under.delete(rule.id)
    }
  }
  for (const rule of own.values()) link(rule)

  const carry = new Map<string, Set<string>>()
  const silent = new Set<string>()
  const usable = [...linked.values()].flatMap((found) => found ?? [])
  // From the outside in: an outer correlation's wishes pass through the one in the middle.
  for (const { rule, roles } of [...usable].reverse()) {
    for (const role of roles) {
      if (role.kind !== 'correlation') continue
      if (!rule.generate) silent.add(role.id)
      const inner = own.get(role.id)
      const wanted = new Set([...role.groupBy, ...(carry.get(rule.id) ?? [])])
      for (const field of inner?.groupBy ?? []) wanted.delete(canonical(field))
      carry.set(role.id, wanted.union(carry.get(role.id) ?? new Set()))
    }
  }
  return {
    correlations: usable.map(({ rule, roles }) => ({
      rule,
      roles,
      carry: [...(carry.get(rule.id) ?? [])].sort(),
      silent: silent.has(rule.id),
    })),
    problems,
  }
}

/** One name for a field, whichever of its names a rule uses. */
export function canonical(field: string): string {
  return columnOf(field) ?? field
}

const accessor = createEventAccessor()

/** True for a field that has neither a column nor a place in the map `fields`. */
function isDerived(field: string): boolean {
  const name = accessor.canonical(field)
  return !name.startsWith('fields.') && columnOf(field) === undefined
}

/** Types that can take findings of other correlations for events. */
const chainable = new Set(['event_count', 'temporal', 'temporal_ordered'])

/** Reads and links the correlation documents of a rule set; whatever can't be used is reported with its reason. */
export function loadCorrelations(
  documents: readonly { readonly document: unknown; readonly file: string; readonly line: number }[],
  rules: readonly NamedRule[],
): { readonly correlations: readonly LinkedCorrelation[]; readonly problems: readonly RuleProblem[] } {
  const problems: RuleProblem[] = []
  const read = documents.flatMap(({ document, file, line }) => {
    const result = readCorrelation(document, file, line)
    if ('rule' in result) return [result.rule]
    problems.push(result.problem)
    return []
  })
  const linked = linkCorrelations(read, rules)
  return { correlations: linked.correlations, problems: [...problems, ...linked.problems] }
}
