// Which parts of a rule hold for an event? Each part of its condition as a rule of its own, run by the same engine.
import { type Accessor, anySource, appliesTo, createSigma } from '../../processors/detect/sigma/engine.ts'
import { createEventAccessor } from '../../processors/detect/sigma/fields.ts'
import type { EventSource, Expression, FieldValue, LogSource, SigmaRule } from '../../processors/detect/sigma/rule.ts'
import type { Event } from '../../schemas/event.ts'
import type { Language } from '../terminal.ts'
import { sourceText } from './list.ts'
import { expressionText, sharedField } from './matcher-text.ts'

/** One part of a condition: `and`, `or`, `not`, or a field with what it is held against. */
export interface Part {
  readonly depth: number
  readonly text: string
  /** Whether it holds; undefined without an event. */
  readonly holds: boolean | undefined
  /** What the field says in the event; '' for inner parts. */
  readonly value: string
}

/** The parts of a rule for one of our events. */
export function partsOf(rule: Pick<SigmaRule, 'detection'>, event: Event | undefined, language?: Language): Part[] {
  return partsFor(rule, event, createEventAccessor(), language)
}

/** The parts of a rule, top down; with an event, each with whether it holds. Alternatives on one field are one part. */
export function partsFor<T>(
  rule: Pick<SigmaRule, 'detection'>,
  event: T | undefined,
  accessor: Accessor<T>,
  language: Language = 'en',
): Part[] {
  const nodes: { depth: number; expression: Expression }[] = []
  const walk = (expression: Expression, depth: number): void => {
    nodes.push({ depth, expression })
    if (expression.op === 'match' || sharedField(expression) !== undefined) return
    for (const inner of expression.op === 'not' ? [expression.of] : expression.of) walk(inner, depth + 1)
  }
  walk(flat(rule.detection), 0)
  const holding = new Set<number>()
  if (event !== undefined) {
    const engine = createSigma(
      nodes.map(({ expression }, at) => pseudoRule(String(at), expression)),
      accessor,
    )
    for (const match of engine.match(event, anySource)) holding.add(Number(match.rule.id))
  }
  return nodes.map(({ depth, expression }, at) => {
    const field = expression.op === 'match' ? expression.field : sharedField(expression)
    const named = typeof field === 'string'
    const value = event === undefined || !named ? undefined : accessor.reader(accessor.canonical(field))(event)
    return {
      depth,
      text: expressionText(expression, language),
      holds: event === undefined ? undefined : holding.has(at),
      value: event === undefined || !named ? '' : valueText(value),
    }
  })
}

function pseudoRule(id: string, detection: Expression): SigmaRule {
  return {
    id,
    name: '',
    title: '',
    description: '',
    status: 'test',
    level: 'informational',
    tags: [],
    attack: [],
    falsePositives: [],
    logsource: {},
    detection,
    guidance: undefined,
    file: '',
  }
}

/** Why a rule never sees the events of a log; '' if it does. */
export function sourceReason(logsource: LogSource, source: EventSource, dataset: string): string {
  if (appliesTo(logsource, source)) return ''
  const has = [...source.categories, ...source.products, ...source.services]
  return `the rule is for ${sourceText(logsource)}, the event is of ${dataset}, which is ${has.join(', ') || 'no log source that Sigma knows'}`
}

/** `and` within `and` as one list, lists of one as what they hold. */
function flat(expression: Expression): Expression {
  if (expression.op === 'match') return expression
  if (expression.op === 'not') return { op: 'not', of: flat(expression.of) }
  const { op } = expression
  const of = expression.of.map(flat).flatMap((inner) => (inner.op === op ? inner.of : [inner]))
  return of.length === 1 && of[0] !== undefined ? of[0] : { op, of }
}

/** What stands for the value of a field that an event does not have. */
export const NOT_THERE = '(not there)'

function valueText(value: FieldValue): string {
  if (value === undefined) return NOT_THERE
  if (value === null) return '(no value)'
  const text = Array.isArray(value) ? JSON.stringify(value) : String(value)
  return text.length > 300 ? `${text.slice(0, 299)}…` : text
}
