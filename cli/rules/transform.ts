// What becomes of a rule in a pySigma processing pipeline? Fields renamed, items dropped, conditions added, log source replaced.
import { fieldExpression, type Placeholders } from '../../processors/detect/sigma/modifiers.ts'
import type { Expression, LogSource, SigmaRule } from '../../processors/detect/sigma/rule.ts'
import type { FieldCondition, ProcessingPipeline, RuleCondition, Transformation } from './pysigma.ts'

type Match = Extract<Expression, { op: 'match' }>

/** What earlier transformations of the same rule have left. */
interface State {
  readonly applied: Set<string>
  readonly values: Map<string, unknown>
}

/** A rule that the pipeline refuses, or of which it leaves nothing. */
export class PipelineRefusal extends Error {}

/** The rule as the pipeline makes it; the rule itself is left as it is. Throws PipelineRefusal. */
export function transformed(rule: SigmaRule, pipeline: ProcessingPipeline): SigmaRule {
  const state: State = { applied: new Set(), values: new Map() }
  let current = rule
  for (const transformation of pipeline.transformations) {
    if (!ruleFits(current, transformation, state)) continue
    current = apply(current, transformation, state, pipeline.placeholders)
    if (transformation.id !== undefined) state.applied.add(transformation.id)
  }
  return current
}

function apply(rule: SigmaRule, one: Transformation, state: State, placeholders: Placeholders): SigmaRule {
  const chosen = (field: string | undefined): boolean => fieldFits(field, one, state)
  const renamed = (rename: (field: string) => readonly string[] | undefined): SigmaRule => {
    const names = (field: string): readonly string[] | undefined => (chosen(field) ? rename(field) : undefined)
    return { ...rule, detection: renameIn(rule.detection, names) }
  }
  switch (one.type) {
    case 'field_name_mapping':
      return renamed((field) => (Object.hasOwn(one.mapping, field) ? one.mapping[field] : undefined))
    case 'field_name_prefix_mapping':
      return renamed((field) => {
        const found = Object.entries(one.mapping).find(([prefix]) => field.startsWith(prefix))
        return found?.[1].map((to) => to + field.slice(found[0].length))
      })
    case 'field_name_prefix':
      return renamed((field) => [one.prefix + field])
    case 'field_name_suffix':
      return renamed((field) => [field + one.suffix])
    case 'drop_detection_item': {
      const detection = without(rule.detection, ({ field }) => chosen(field))
      if (detection === undefined) throw new PipelineRefusal('nothing is left of it behind drop_detection_item')
      return { ...rule, detection }
    }
    case 'add_condition': {
      const added = conditionOf(one, rule.logsource, placeholders)
      return { ...rule, detection: { op: 'and', of: [added, rule.detection] } }
    }
    case 'change_logsource':
      return { ...rule, logsource: sourceOf(one) }
    case 'set_state':
      state.values.set(one.key, one.val)
      return rule
    case 'rule_failure':
      throw new PipelineRefusal(one.message)
    case 'detection_item_failure':
      if (matchesOf(rule.detection).some(({ field }) => chosen(field))) throw new PipelineRefusal(one.message)
      return rule
    default:
      // Placeholders were filled as the rule was read; the rest changes what a query shows, not what it finds.
      return rule
  }
}

function sourceOf(named: { [K in keyof LogSource]?: string | null | undefined }): LogSource {
  const { category, product, service } = named
  return {
    ...(category ? { category: category.toLowerCase() } : {}),
    ...(product ? { product: product.toLowerCase() } : {}),
    ...(service ? { service: service.toLowerCase() } : {}),
  }
}

function conditionOf(
  { conditions, template, negated }: Extract<Transformation, { type: 'add_condition' }>,
  source: LogSource,
  placeholders: Placeholders,
): Expression {
  const filled = (value: string | number | boolean | null) =>
    template && typeof value === 'string'
      ? value.replace(
          /\$(?:\{(category|product|service)\}|(category|product|service)\b)/g,
          (_, braced?: keyof LogSource, bare?: keyof LogSource) => source[braced ?? bare ?? 'category'] ?? '',
        )
      : value
  const of = Object.entries(conditions).map(([key, value]) => {
    const [field = '', ...modifiers] = key.split('|')
    return fieldExpression(field, modifiers, (Array.isArray(value) ? value : [value]).map(filled), placeholders)
  })
  const all: Expression = of.length === 1 && of[0] !== undefined ? of[0] : { op: 'and', of }
  return negated ? { op: 'not', of: all } : all
}

type Rename = (field: string) => readonly string[] | undefined

/** Fields under their new names. One that has several matches if one of them does: with all its values, where `all` asks for that. */
function renameIn(expression: Expression, names: Rename): Expression {
  if (expression.op === 'match') return renameMatch(expression, names)
  if (expression.op === 'not') return { op: 'not', of: renameIn(expression.of, names) }
  const [first] = expression.of
  if (expression.op === 'and' && first?.op === 'match' && first.field !== undefined) {
    const { field } = first
    const targets = names(field)
    const items = expression.of.filter((one): one is Match => one.op === 'match' && one.field === field)
    if (targets !== undefined && targets.length > 1 && items.length === expression.of.length) {
      const of = targets.map(
        (target): Expression => ({
          op: 'and',
          of: items.map((one) => ({ ...renameValue(one, names), field: target })),
        }),
      )
      return { op: 'or', of }
    }
  }
  return { op: expression.op, of: expression.of.map((one) => renameIn(one, names)) }
}

function renameMatch(match: Match, names: Rename): Expression {
  const value = renameValue(match, names)
  const targets = match.field === undefined ? undefined : names(match.field)
  if (targets === undefined) return value
  const of = targets.map((field): Match => ({ ...value, field }))
  return of.length === 1 && of[0] !== undefined ? of[0] : { op: 'or', of }
}

/** A `fieldref` names a field in its value. */
function renameValue(match: Match, names: Rename): Match {
  if (match.matcher.kind !== 'fieldref') return match
  const [field = match.matcher.field] = names(match.matcher.field) ?? []
  return { ...match, matcher: { ...match.matcher, field } }
}

/** The expression without some of its matches; undefined if none is left. What is empty falls away, it does not become false. */
function without(expression: Expression, drop: (match: Match) => boolean): Expression | undefined {
  if (expression.op === 'match') return drop(expression) ? undefined : expression
  if (expression.op === 'not') {
    const of = without(expression.of, drop)
    return of === undefined ? undefined : { op: 'not', of }
  }
  const of = expression.of.flatMap((one) => without(one, drop) ?? [])
  if (of.length === 0) return undefined
  return of.length === 1 ? of[0] : { op: expression.op, of }
}

/** Every match in an expression. */
export function matchesOf(expression: Expression): Match[] {
  if (expression.op === 'match') return [expression]
  return expression.op === 'not' ? matchesOf(expression.of) : expression.of.flatMap(matchesOf)
}

function linked(results: readonly boolean[], op: 'and' | 'or', not: boolean): boolean {
  if (results.length === 0) return true
  return (op === 'and' ? results.every(Boolean) : results.some(Boolean)) !== not
}

function ruleFits(rule: SigmaRule, one: Transformation, state: State): boolean {
  const results = one.rule_conditions.map((condition) => ruleCondition(rule, condition, state))
  return linked(results, one.rule_cond_op, one.rule_cond_not)
}

function ruleCondition(rule: SigmaRule, condition: RuleCondition, state: State): boolean {
  switch (condition.type) {
    case 'logsource':
      return Object.entries(sourceOf(condition)).every(([part, value]) => partOf(rule.logsource, part) === value)
    case 'is_sigma_rule':
      return true
    case 'is_sigma_correlation_rule':
      return false
    case 'contains_field':
      return matchesOf(rule.detection).some(({ field }) => field === condition.field)
    case 'tag':
      return rule.tags.includes(condition.tag)
    default:
      return stateCondition(condition, state)
  }
}

function partOf(source: LogSource, part: string): string | undefined {
  return part === 'category' || part === 'product' || part === 'service' ? source[part] : undefined
}

function fieldFits(field: string | undefined, one: Transformation, state: State): boolean {
  const results = one.field_name_conditions.map((condition) => {
    if (!('fields' in condition)) return stateCondition(condition, state)
    const { fields, mode } = condition
    const named =
      field !== undefined &&
      (mode === 'plain' ? fields.includes(field) : fields.some((pattern) => new RegExp(`^(?:${pattern})`).test(field)))
    return named === (condition.type === 'include_fields')
  })
  return linked(results, one.field_name_cond_op, one.field_name_cond_not)
}

function stateCondition(
  condition: Extract<RuleCondition | FieldCondition, { type: 'processing_item_applied' | 'processing_state' }>,
  { applied, values }: State,
): boolean {
  return condition.type === 'processing_item_applied'
    ? applied.has(condition.processing_item_id)
    : values.get(condition.key) === condition.val
}
