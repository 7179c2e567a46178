// What does a Sigma correlation document say? A typed rule, or the reason why it can't be used (Sigma specification 2.1, correlation rules).
import { z } from 'zod'
import { Severity } from '../../schemas/detection.ts'
import { type Bound, type CorrelationRule, type Pattern, type RuleProblem, waitsForEnd } from './rule.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A month is 30 days and a year 365: windows are lengths, not calendar pages. */
const units: Readonly<Record<string, number>> = {
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
  M: 30 * DAY,
  y: 365 * DAY,
}

const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const Texts = z.union([z.array(Text), Text.transform((text) => [text]), z.null().transform(() => [])]).default([])
const Aliases = z.record(z.string(), z.record(z.string(), Text))
const operators = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const
const isOperator = (name: string): name is Bound['operator'] => operators.some((operator) => operator === name)

const types = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
  'absence',
  'first_seen',
  'impossible_travel',
  'baseline',
] as const
type Type = (typeof types)[number]
const isType = (name: string): name is Type => types.some((type) => type === name)

/** Keys of a correlation block; those of our own types are refused elsewhere, so that a typing error does not go unseen. */
const common = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate']
const ownKeys: Partial<Record<Type, readonly string[]>> = {
  absence: ['after'],
  first_seen: ['field', 'learn'],
  impossible_travel: ['speed'],
  baseline: ['weeks', 'deviations', 'direction', 'minimum'],
}

const Head = z.object({
  title: Text,
  id: Text.nullish(),
  name: Text.nullish(),
  description: Text.nullish(),
  status: Text.nullish(),
  level: Severity.nullish(),
  tags: Texts,
  falsepositives: Texts,
  generate: z.boolean().nullish(),
  siaga: z.object({ judul: z.string(), response: z.object({ id: z.string(), en: z.string() }) }).optional(),
  correlation: z.record(z.string(), z.unknown()),
})

/** A reason that completes "the rule ...". */
class CorrelationError extends Error {}

/**
 * Reads one YAML document that has a `correlation` block. Nothing throws: what can't be used comes back as a problem with its reason.
 * Whether the rules it names exist is asked by `linkCorrelations`.
 */
export function readCorrelation(
  document: unknown,
  file: string,
  line: number,
): { readonly rule: CorrelationRule } | { readonly problem: RuleProblem } {
  const head = Head.safeParse(document)
  if (!head.success) {
    const [issue] = head.error.issues
    const reason = `has a bad ${issue?.path.join('.') || 'form'}: ${issue?.message ?? ''}`
    return { problem: { file, line, rule: labelOf(document), reason } }
  }
  const { title, id, name, description, status, level, tags, falsepositives, siaga, correlation, generate } = head.data
  try {
    const type = textOf(correlation, 'type')
    if (!isType(type))
      throw new CorrelationError(`has the correlation type ${type}, which is none of ${types.join(', ')}`)
    const unknown = Object.keys(correlation).find(
      (key) => !common.includes(key) && !(ownKeys[type] ?? []).includes(key),
    )
    if (unknown !== undefined)
      throw new CorrelationError(`has ${unknown}, which a correlation of type ${type} does not know`)
    const rules = Texts.parse(correlation.rules)
    if (rules.length === 0) throw new CorrelationError('names no rules')
    if (new Set(rules).size < rules.length) throw new CorrelationError('names a rule twice')
    const pattern = patternOf(type, correlation, rules)
    const timespan = correlation.timespan ?? (type === 'baseline' ? '1h' : undefined)
    const timespanMs = durationOf(timespan, 'timespan')
    if (type === 'baseline' && DAY % timespanMs !== 0)
      throw new CorrelationError('has a timespan that does not divide a day')
    const aliases = Aliases.safeParse(correlation.aliases ?? {})
    if (!aliases.success) throw new CorrelationError('has aliases that are not a map of rules to fields')
    const own = correlation.generate ?? generate ?? false
    if (typeof own !== 'boolean') throw new CorrelationError('has a generate that is neither true nor false')
    return {
      rule: {
        id: id || name || title,
        name: name ?? '',
        title,
        description: description ?? '',
        status: status ?? '',
        level: level ?? 'medium',
        tags,
        attack: tags.flatMap((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? []),
        falsePositives: falsepositives,
        guidance: siaga,
        rules,
        groupBy: Texts.parse(correlation['group-by']),
        aliases: new Map(
          Object.entries(aliases.data).map(([alias, fields]) => [alias, new Map(Object.entries(fields))]),
        ),
        timespanMs,
        pattern,
        generate: own,
        file,
        line,
      },
    }
  } catch (error) {
    if (error instanceof CorrelationError) return { problem: { file, line, rule: id || title, reason: error.message } }
    if (error instanceof z.ZodError)
      return {
        problem: { file, line, rule: id || title, reason: 'has rules or group-by that are not a list of names' },
      }
    throw error
  }
}

function patternOf(type: Type, correlation: Readonly<Record<string, unknown>>, rules: readonly string[]): Pattern {
  const condition = conditionOf(correlation.condition)
  switch (type) {
    case 'event_count':
      return { type, condition: needed(condition, type).bounds }
    case 'value_count':
    case 'value_sum':
    case 'value_avg': {
      const { bounds, fields } = needed(condition, type)
      return { type, condition: bounds, fields: fieldsOf(fields, type) }
    }
    case 'value_median':
    case 'value_percentile': {
      const { bounds, fields, percentile = 50 } = needed(condition, type)
      if (type === 'value_median' && percentile !== 50)
        throw new CorrelationError('is of type value_median and names a percentile')
      if (percentile < 0 || percentile > 100)
        throw new CorrelationError('has a percentile that is not between 0 and 100')
      return { type: 'value_percentile', condition: bounds, fields: fieldsOf(fields, type), percentile }
    }
    case 'temporal': {
      if (rules.length < 2) throw new CorrelationError('is temporal and names only one rule')
      const bounds = condition?.bounds ?? []
      if (waitsForEnd({ type: 'event_count', condition: bounds }) && bounds.length > 0)
        throw new CorrelationError('is temporal with a condition that has no lower bound')
      return { type, condition: bounds }
    }
    case 'temporal_ordered': {
      if (rules.length < 2) throw new CorrelationError('is temporal and names only one rule')
      const all = condition?.bounds.every(
        ({ operator, value }) => ['eq', 'gte'].includes(operator) && value === rules.length,
      )
      if (all === false)
        throw new CorrelationError(
          'is temporal_ordered with a condition other than all of its rules: an order of some of them says nothing',
        )
      return { type }
    }
    case 'absence':
      return { type, after: correlation.after === undefined ? '' : textOf(correlation, 'after') }
    case 'first_seen':
      return {
        type,
        fields: [textOf(correlation, 'field')],
        learnMs: correlation.learn === undefined ? DAY : durationOf(correlation.learn, 'learn'),
      }
    case 'impossible_travel':
      return { type, kmPerHour: numberOf(correlation, 'speed', 900, 1) }
    case 'baseline': {
      const direction = correlation.direction ?? 'above'
      if (direction !== 'above' && direction !== 'below' && direction !== 'both')
        throw new CorrelationError('has a direction that is none of above, below, both')
      const weeks = numberOf(correlation, 'weeks', 8, 3)
      if (!Number.isInteger(weeks)) throw new CorrelationError('has weeks that are not a whole number')
      return {
        type,
        weeks,
        deviations: numberOf(correlation, 'deviations', 6, 1),
        direction,
        minimum: numberOf(correlation, 'minimum', 20, 0),
      }
    }
  }
}

interface Condition {
  readonly bounds: readonly Bound[]
  readonly fields: readonly string[]
  readonly percentile: number | undefined
}

function conditionOf(condition: unknown): Condition | undefined {
  if (condition === undefined || condition === null) return undefined
  if (typeof condition === 'string')
    throw new CorrelationError('has a condition written as text, which Sigma 2.1 does not have for correlations')
  const map = z.record(z.string(), z.unknown()).safeParse(condition)
  if (!map.success) throw new CorrelationError('has a condition that is not a map')
  const bounds: Bound[] = []
  let fields: readonly string[] = []
  let percentile: number | undefined
  for (const [key, value] of Object.entries(map.data)) {
    if (isOperator(key)) bounds.push({ operator: key, value: numeric(value, key) })
    else if (key === 'percentile') percentile = numeric(value, key)
    else if (key === 'field') {
      const names = Texts.safeParse(value)
      if (!names.success)
        throw new CorrelationError('has a condition whose field is neither a name nor a list of names')
      fields = names.data
    } else
      throw new CorrelationError(
        `has a condition with ${key}, which is none of ${operators.join(', ')}, field, percentile`,
      )
  }
  if (bounds.length === 0) throw new CorrelationError(`has a condition without ${operators.join(', ')}`)
  return { bounds, fields, percentile }
}

function needed(condition: Condition | undefined, type: Type): Condition {
  if (condition === undefined) throw new CorrelationError(`is of type ${type} and has no condition`)
  return condition
}

function fieldsOf(fields: readonly string[], type: Type): readonly string[] {
  if (fields.length === 0 || fields.includes(''))
    throw new CorrelationError(`is of type ${type} and its condition names no field`)
  if (fields.length > 1 && type !== 'value_count')
    throw new CorrelationError(`is of type ${type} and its condition names several fields`)
  return fields
}

function durationOf(value: unknown, key: string): number {
  const [, amount = '', unit = ''] = (typeof value === 'string' && /^(\d{1,9})([smhdwMy])$/.exec(value)) || []
  const ms = Number(amount) * (units[unit] ?? 0)
  if (!(ms > 0)) throw new CorrelationError(`has no ${key} such as 90s, 5m, 1h, 7d (units s m h d w M y)`)
  return ms
}

function numeric(value: unknown, key: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw new CorrelationError(`has a ${key} that is not a number`)
  return number
}

function numberOf(from: Readonly<Record<string, unknown>>, key: string, otherwise: number, least: number): number {
  if (from[key] === undefined) return otherwise
  const number = numeric(from[key], key)
  if (number < least) throw new CorrelationError(`has a ${key} below ${least}`)
  return number
}

function textOf(from: Readonly<Record<string, unknown>>, key: string): string {
  const text = Text.safeParse(from[key])
  if (!text.success || text.data === '') throw new CorrelationError(`has no ${key}`)
  return text.data
}

function labelOf(document: unknown): string {
  const named = z.object({ id: Text.optional(), title: Text.optional() }).safeParse(document)
  return named.success ? (named.data.id ?? named.data.title ?? '') : ''
}
