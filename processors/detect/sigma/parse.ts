// What does a Sigma file hold? YAML documents become rules, filters and correlation documents, or problems with their line and reason.
import { type Document, isMap, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml'
import { z } from 'zod'
import { Severity } from '../../../schemas/detection.ts'
import { type Condition, ConditionError, parseCondition, searchesOf } from './condition.ts'
import { DetectionError, fieldExpression, type Placeholders } from './modifiers.ts'
import type { Expression, Guidance, LogSource, RuleProblem, SigmaRule } from './rule.ts'

/** A Sigma filter: conditions that are added to the rules that it names. */
export interface SigmaFilter {
  readonly id: string
  readonly title: string
  readonly logsource: LogSource
  /** Ids or names; empty: every rule of the log source. */
  readonly rules: readonly string[]
  readonly detection: Expression
  readonly file: string
}

/** A correlation document as YAML says it; `processors/correlate` reads it. */
export interface CorrelationDocument {
  readonly document: Readonly<Record<string, unknown>>
  readonly file: string
  readonly line: number
}

export interface ParsedRules {
  readonly rules: SigmaRule[]
  readonly filters: SigmaFilter[]
  readonly correlations: CorrelationDocument[]
  readonly problems: RuleProblem[]
}

const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const Texts = z.union([z.array(Text), Text.transform((text) => [text]), z.null().transform(() => [])]).default([])

const Source = z
  .object({ category: Text.nullish(), product: Text.nullish(), service: Text.nullish() })
  .transform(({ category, product, service }): LogSource => {
    return {
      ...(category ? { category: category.toLowerCase() } : {}),
      ...(product ? { product: product.toLowerCase() } : {}),
      ...(service ? { service: service.toLowerCase() } : {}),
    }
  })

const Head = z.object({
  title: Text,
  id: Text.optional(),
  name: Text.optional(),
  description: Text.nullish(),
  status: Text.nullish(),
  level: Severity.nullish(),
  tags: Texts,
  falsepositives: Texts,
  siaga: z.object({ judul: z.string(), response: z.object({ id: z.string(), en: z.string() }) }).optional(),
})

const Detection = z.record(z.string(), z.unknown())

/** A reason that completes "the rule ...". */
class RuleError extends Error {}

const statuses = new Set(['stable', 'test', 'experimental', 'deprecated', 'unsupported'])

/**
 * Reads a file of one or more documents. `action: global`, `repeat` and `reset` of rule collections are followed. Nothing throws: what
 * can't be used becomes a problem, and the other documents are read all the same.
 */
export function parseRules(text: string, file: string, placeholders: Placeholders = new Map()): ParsedRules {
  const parsed: ParsedRules = { rules: [], filters: [], correlations: [], problems: [] }
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, maxAliasCount: 100 } as object)
  let global: Record<string, unknown> = {}
  let previous: Record<string, unknown> = {}
  for (const document of Array.isArray(documents) ? documents : []) {
    const offset = document.contents?.range?.[0] ?? 0
    const line = lines.linePos(offset).line
    const problem = (reason: string, rule = '', at = line): void => {
      parsed.problems.push({ file, line: at, rule, reason })
    }
    const [error] = document.errors
    if (error !== undefined) {
      problem(`is not YAML: ${error.message}`, '', lines.linePos(error.pos[0]).line)
      continue
    }
    if (document.contents === null) continue
    keepNumbersAsWritten(document)
    let values: unknown
    try {
      values = document.toJS({ maxAliasCount: 100 })
    } catch (cause) {
      problem(`is not YAML: ${cause instanceof Error ? cause.message : String(cause)}`)
      continue
    }
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      problem('is not a map of title, logsource and detection')
      continue
    }
    let rule = values as Record<string, unknown>
    if (rule.action === 'global') {
      global = withoutAction(rule)
      continue
    }
    if (rule.action === 'reset') global = {}
    rule = merged(rule.action === 'repeat' ? previous : global, withoutAction(rule))
    previous = rule
    const label = String(rule.id ?? rule.title ?? '')
    try {
      readDocument(rule, file, line, placeholders, parsed)
    } catch (cause) {
      if (!(cause instanceof RuleError)) throw cause
      const place = isMap(document.contents) ? lineOf(document.contents, lines, 'detection') : line
      problem(cause.message, label, cause instanceof DetectionProblem ? place : line)
    }
  }
  return parsed
}

/** Values of rules are text: 00000429 is not 429, nor 1.10 what 1.1 is. */
function keepNumbersAsWritten(document: Document.Parsed): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'number' && node.source !== undefined && String(node.value) !== node.source)
        node.value = node.source
    },
  })
}

class DetectionProblem extends RuleError {}

function readDocument(
  rule: Record<string, unknown>,
  file: string,
  line: number,
  placeholders: Placeholders,
  parsed: ParsedRules,
): void {
  if ('correlation' in rule) {
    parsed.correlations.push({ document: rule, file, line })
    return
  }
  const head = Head.safeParse(rule)
  if (!head.success) {
    const [issue] = head.error.issues
    throw new RuleError(`has a wrong ${issue?.path.join('.') ?? 'field'}: ${issue?.message ?? ''}`)
  }
  if ('filter' in rule) parsed.filters.push(readFilter(rule, head.data, file, placeholders))
  else parsed.rules.push(readRule(rule, head.data, file, placeholders))
}

type Head = z.infer<typeof Head>

function readRule(rule: Record<string, unknown>, head: Head, file: string, placeholders: Placeholders): SigmaRule {
  if (!('detection' in rule)) throw new RuleError('has no detection')
  const status = (head.status ?? 'test').toLowerCase()
  if (!statuses.has(status)) throw new RuleError(`has the status "${status}", which Sigma does not know`)
  if (status === 'unsupported') throw new RuleError('has the status "unsupported": it is not meant to be run')
  const logsource = Source.safeParse(rule.logsource)
  if (!logsource.success || Object.keys(logsource.data).length === 0)
    throw new RuleError('has no logsource with a category, a product or a service')
  return {
    id: head.id ?? file,
    name: head.name ?? '',
    title: head.title,
    description: head.description ?? '',
    status,
    level: head.level ?? 'informational',
    tags: head.tags,
    attack: techniques(head.tags),
    falsePositives: head.falsepositives,
    logsource: logsource.data,
    detection: readDetection(rule.detection, placeholders),
    guidance: head.siaga satisfies Guidance | undefined,
    file,
  }
}

function readFilter(rule: Record<string, unknown>, head: Head, file: string, placeholders: Placeholders): SigmaFilter {
  const filter = Detection.safeParse(rule.filter)
  if (!filter.success) throw new RuleError('has a filter that is not a map')
  const { rules, ...detection } = filter.data
  const named = Texts.safeParse(rules)
  if (rules === undefined || !named.success) throw new RuleError('has a filter without "rules"')
  const logsource = Source.safeParse(rule.logsource ?? {})
  return {
    id: head.id ?? file,
    title: head.title,
    logsource: logsource.success ? logsource.data : {},
    rules: named.data.length === 1 && named.data[0]?.toLowerCase() === 'any' ? [] : named.data,
    detection: readDetection(detection, placeholders),
    file,
  }
}

/** Technique ids of ATT&CK tags: `attack.t1110.003` is T1110.003. */
export function techniques(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => {
    const found = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)
    return found === null ? [] : [(found[1] ?? '').toUpperCase()]
  })
}

const MAX_NESTING = 32

function readDetection(value: unknown, placeholders: Placeholders): Expression {
  const detection = Detection.safeParse(value)
  if (!detection.success || Array.isArray(value)) throw new DetectionProblem('has a detection that is not a map')
  const { condition, timeframe: _, ...searches } = detection.data
  const names = Object.keys(searches)
  const read = new Map<string, Expression>()
  const search = (name: string): Expression => {
    const known = read.get(name)
    if (known !== undefined) return known
    if (!Object.hasOwn(searches, name))
      throw new DetectionProblem(`has a condition that names "${name}", which is not among its searches`)
    const expression = readSearch(searches[name], name, placeholders, 0)
    read.set(name, expression)
    return expression
  }
  const combine = (part: Condition): Expression => {
    if (part.op === 'search') return search(part.name)
    if (part.op === 'not') return { op: 'not', of: combine(part.of) }
    if (!('pattern' in part)) return { op: part.op, of: part.of.map(combine) }
    const named = searchesOf(part.pattern, names)
    if (named.length === 0)
      throw new DetectionProblem(`has a condition with "of ${part.pattern}", which fits none of its searches`)
    const of = named.map(search)
    return of.length === 1 ? (of[0] as Expression) : { op: part.op === 'some' ? 'or' : 'and', of }
  }
  const texts = Array.isArray(condition) ? condition : [condition]
  const expressions = texts.map((text) => {
    if (typeof text !== 'string') throw new DetectionProblem('has no condition')
    try {
      return combine(parseCondition(text))
    } catch (cause) {
      if (cause instanceof ConditionError) throw new DetectionProblem(`has a condition that ${cause.message}`)
      throw cause
    }
  })
  if (expressions.length === 0) throw new DetectionProblem('has no condition')
  // Searches that no condition names are read too, so that a slip in them is seen.
  for (const name of names) search(name)
  return expressions.length === 1 ? (expressions[0] as Expression) : { op: 'or', of: expressions }
}

/** A search: a map is an AND of its fields, a list an OR of maps and keywords. */
function readSearch(value: unknown, name: string, placeholders: Placeholders, depth: number): Expression {
  if (depth > MAX_NESTING) throw new DetectionProblem(`has the search "${name}" nested more than ${MAX_NESTING} deep`)
  if (Array.isArray(value)) {
    if (value.length === 0) throw new DetectionProblem(`has the search "${name}" without anything in it`)
    const of = value.map((item) => readSearch(item, name, placeholders, depth + 1))
    return of.length === 1 ? (of[0] as Expression) : { op: 'or', of }
  }
  if (typeof value === 'object' && value !== null) {
    const of = Object.entries(value).map(([key, item]) => readField(key, item, name, placeholders))
    if (of.length === 0) throw new DetectionProblem(`has the search "${name}" without anything in it`)
    return of.length === 1 ? (of[0] as Expression) : { op: 'and', of }
  }
  return readField('', value, name, placeholders)
}

function readField(key: string, value: unknown, search: string, placeholders: Placeholders): Expression {
  const [field = '', ...modifiers] = key.split('|')
  const values = Array.isArray(value) ? value.flat(MAX_NESTING) : [value]
  if (values.length === 0) throw new DetectionProblem(`has no values for ${key} in the search "${search}"`)
  for (const one of values) {
    if (typeof one === 'object' && one !== null)
      throw new DetectionProblem(`has a map as a value of ${key} in the search "${search}"`)
  }
  try {
    return fieldExpression(
      field === '' ? undefined : field,
      modifiers.map((modifier) => modifier.toLowerCase()),
      values.map((one) => (typeof one === 'bigint' ? String(one) : one)),
      placeholders,
    )
  } catch (cause) {
    if (!(cause instanceof DetectionError)) throw cause
    throw new DetectionProblem(`${cause.message} (${key === '' ? 'keyword' : key} in the search "${search}")`)
  }
}

function withoutAction({ action: _, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest
}

/** Maps within maps are merged, anything else is replaced. */
function merged(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const before = result[key]
    result[key] = isRecord(before) && isRecord(value) ? merged(before, value) : value
  }
  return result
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function lineOf(contents: { items: readonly { key: unknown }[] }, lines: LineCounter, name: string): number {
  const pair = contents.items.find(({ key }) => isScalar(key) && key.value === name)
  const offset = pair !== undefined && isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
  return lines.linePos(offset).line
}
