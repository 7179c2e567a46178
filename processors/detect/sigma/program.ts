// How do the rules of one log source become one program? Literals that are found in one pass over each field wake the few rules that may match.
import type { Accessor } from './engine.ts'
import { fold } from './fold.ts'
import { createLiteralIndex, type Place } from './literals.ts'
import { compileMatcher } from './matcher.ts'
import { requiredLiterals } from './regex.ts'
import type { Expression, Matcher, Piece, SigmaRule } from './rule.ts'
import {
  createRunner,
  type GroupPart,
  KEYWORDS,
  NO_GUARD,
  type Node,
  type Program,
  type Slot,
  type Test,
} from './runner.ts'
import { ValueCache } from './value-cache.ts'

export type { Program } from './runner.ts'

/** Compiles rules that all see the same events. */
export function compileProgram<T>(rules: readonly SigmaRule[], accessor: Accessor<T>): Program<T> {
  const slots: Slot<T>[] = []
  const slotNumbers = new Map<string, number>()
  const groups = new Map<string, number>()
  const groupParts: (readonly GroupPart[])[] = []
  const tests: Test[] = []
  const testNumbers = new Map<string, number>()

  const slotOf = (field: string | undefined): number => {
    const name = field === undefined ? KEYWORDS : accessor.canonical(field)
    const known = slotNumbers.get(name)
    if (known !== undefined) return known
    const read = name === KEYWORDS ? accessor.texts : accessor.reader(name)
    slotNumbers.set(name, slots.length)
    slots.push({
      name,
      read,
      derived: accessor.derived?.(name),
      builder: createLiteralIndex(),
      groupsOf: [],
      index: undefined,
      rest: undefined,
      value: undefined,
      cache: new ValueCache(),
      seen: undefined,
    })
    return slots.length - 1
  }

  const literal = (slot: number, text: string, place: Place): GroupPart => {
    const { builder, groupsOf } = slots[slot] as Slot<T>
    const number = builder.add(text, place)
    groupsOf[number] ??= []
    return { slot, literal: number, text: fold(text), place }
  }

  const groupOf = (parts: readonly GroupPart[]): number => {
    const unique = [...new Map(parts.map((part) => [`${part.slot}:${part.literal}`, part])).values()]
    const key = unique
      .map(({ slot, literal: number }) => `${slot}:${number}`)
      .sort()
      .join(' ')
    const known = groups.get(key)
    if (known !== undefined) return known
    const group = groupParts.length
    groups.set(key, group)
    groupParts.push(unique)
    for (const part of unique) slots[part.slot]?.groupsOf[part.literal]?.push(group)
    return group
  }

  const testOf = (field: string | undefined, matcher: Matcher): number => {
    const slot = slotOf(field)
    const key = `${slot} ${JSON.stringify(matcher)}`
    const known = testNumbers.get(key)
    if (known !== undefined) return known
    testNumbers.set(key, tests.length)
    tests.push({
      slot,
      other: matcher.kind === 'fieldref' ? slotOf(matcher.field) : slot,
      holds: compileMatcher(matcher, accessor.time),
      whole: matcher.kind === 'null' || matcher.kind === 'exists',
    })
    return tests.length - 1
  }

  /** The literals of which a match of the matcher holds one, and whether one of them alone decides; undefined: nothing can be said. */
  const literalsOf = (
    field: string | undefined,
    matcher: Matcher,
  ): { parts: GroupPart[]; alone: boolean } | undefined => {
    if (matcher.kind === 'pattern') {
      const found = literalOfPattern(field === undefined ? anywhere(matcher.pieces) : matcher.pieces)
      if (found === undefined) return undefined
      return { parts: [literal(slotOf(field), found.text, found.place)], alone: found.alone && !matcher.exact }
    }
    if (matcher.kind !== 'regex') return undefined
    const required = requiredLiterals(matcher.source)
    if (required === undefined) return undefined
    const slot = slotOf(field)
    return { parts: required.map((text) => literal(slot, text, 'anywhere')), alone: false }
  }

  const nodeOf = (expression: Expression): Node => {
    if (expression.op === 'not') return { op: 'not', of: nodeOf(expression.of) }
    if (expression.op === 'match') return leaf(expression.field, expression.matcher)
    if (expression.op === 'and') return { op: 'and', of: flatten(expression, 'and').map(nodeOf) }
    const parts: GroupPart[] = []
    const others: Node[] = []
    for (const part of flatten(expression, 'or')) {
      const found = part.op === 'match' ? literalsOf(part.field, part.matcher) : undefined
      if (found?.alone === true) parts.push(...found.parts)
      else others.push(nodeOf(part))
    }
    if (parts.length > 0) others.unshift(groupNode(parts))
    return others.length === 1 ? (others[0] as Node) : { op: 'or', of: others }
  }

  const groupNode = (parts: readonly GroupPart[]): Node => {
    const group = groupOf(parts)
    return { op: 'group', group, parts: groupParts[group] as readonly GroupPart[] }
  }

  const leaf = (field: string | undefined, matcher: Matcher): Node => {
    const found = literalsOf(field, matcher)
    if (found?.alone === true) return groupNode(found.parts)
    const keyword = field === undefined && matcher.kind === 'pattern'
    const test = testOf(field, keyword ? { ...matcher, pieces: anywhere(matcher.pieces) } : matcher)
    return { op: 'test', test, guard: found === undefined ? NO_GUARD : groupOf(found.parts) }
  }

  const roots = rules.map(({ detection }) => nodeOf(detection))

  // How often each literal stands in rules: a common one wakes many rules.
  const uses = groupParts.map(() => 0)
  const count = (node: Node): void => {
    if (node.op === 'group') uses[node.group] = (uses[node.group] ?? 0) + 1
    else if (node.op === 'test') {
      if (node.guard !== NO_GUARD) uses[node.guard] = (uses[node.guard] ?? 0) + 1
    } else if (node.op === 'not') count(node.of)
    else for (const child of node.of) count(child)
  }
  for (const root of roots) count(root)
  const guessed = groupParts.map((parts, group) => {
    return parts.reduce((sum, part) => sum + likelihood(part), 0) * (1 + (uses[group] ?? 0))
  })

  const slotsOf = groupParts.map((parts) => [...new Set(parts.map(({ slot }) => slot))])

  return createRunner(rules, slotsOf, slots, tests, (seen) => {
    // What was never seen keeps its place by the guess, behind nothing that was.
    const costs = seen === undefined ? guessed : guessed.map((guess, group) => (seen.counts[group] ?? 0) + guess / 1e3)
    const needs = roots.map((root) => needsOf(root, costs))
    const always: number[] = []
    const wakes: number[][] = groupParts.map(() => [])
    for (const [rule, need] of needs.entries()) {
      if (need === undefined) always.push(rule)
      else for (const group of need.groups) wakes[group]?.push(rule)
    }
    // Before it is known what events hold, all is looked for in all of them: that is how it becomes known.
    const wakesRule = ({ groupsOf }: Slot<T>, number: number): boolean =>
      groupsOf[number]?.some((group) => (wakes[group] ?? []).length > 0) === true
    for (const slot of slots) {
      slot.index = slot.builder.build((number) => seen === undefined || wakesRule(slot, number))
      slot.rest = slot.builder.build((number) => seen !== undefined && !wakesRule(slot, number))
    }
    return { roots: roots.map((root) => inOrder(root, costs)), wakes, always }
  })
}

/** Literals are looked for inside of a keyword's texts. */
function anywhere(pieces: readonly Piece[]): Piece[] {
  return [{ wildcard: 'any' }, ...pieces, { wildcard: 'any' }]
}

/** The children of an and (or an or), those of the same kind below it included. */
function flatten(expression: Expression, op: 'and' | 'or'): Expression[] {
  if (expression.op !== op) return [expression]
  return expression.of.flatMap((child) => flatten(child, op))
}

/** The longest literal of a pattern and its place; `alone` if the pattern says nothing else. Undefined for wildcards only. */
function literalOfPattern(pieces: readonly Piece[]): { text: string; place: Place; alone: boolean } | undefined {
  const list = pieces.filter((piece, i) => !(isAny(piece) && isAny(pieces[i - 1])))
  if (list.length === 0) return { text: '', place: 'whole', alone: true }
  let best = -1
  let text = ''
  for (const [i, piece] of list.entries()) {
    if (typeof piece !== 'string' || piece.length <= text.length) continue
    best = i
    text = piece
  }
  if (best < 0) return undefined
  const before = best > 0
  const behind = best < list.length - 1
  const place: Place = !before && !behind ? 'whole' : !before ? 'start' : !behind ? 'end' : 'anywhere'
  const bare = list.every((piece, i) => i === best || isAny(piece))
  return { text, place, alone: bare }
}

function isAny(piece: Piece | undefined): boolean {
  return typeof piece === 'object' && piece.wildcard === 'any'
}

/** A guess at how often an event holds a literal. Only the order matters: it decides which part of a condition wakes a rule. */
function likelihood({ text, place }: GroupPart): number {
  const { length } = text
  if (place === 'whole') return /^\d{1,5}$/.test(text) ? 0.2 : 0.02
  const rare = 1 / (1 + length * length)
  return place === 'anywhere' ? 2 * rare : rare
}

interface Needs {
  readonly groups: readonly number[]
  readonly cost: number
}

/** Groups of which one is set whenever the node is true; undefined if it can be true without any. */
function needsOf(node: Node, costs: readonly number[]): Needs | undefined {
  if (node.op === 'not') return undefined
  if (node.op === 'group') return { groups: [node.group], cost: costs[node.group] ?? 0 }
  if (node.op === 'test')
    return node.guard === NO_GUARD ? undefined : { groups: [node.guard], cost: costs[node.guard] ?? 0 }
  const all = node.of.map((child) => needsOf(child, costs))
  if (node.op === 'and') {
    return all.reduce(
      (best, one) => (best === undefined || (one !== undefined && one.cost < best.cost) ? one : best),
      undefined,
    )
  }
  let cost = 0
  const groups: number[] = []
  for (const one of all) {
    if (one === undefined) return undefined
    cost += one.cost
    groups.push(...one.groups)
  }
  return { groups: [...new Set(groups)], cost }
}

/** Cheap and rare parts first: groups before tests, a rare group before a common one. */
function inOrder(node: Node, costs: readonly number[]): Node {
  if (node.op === 'not') return { op: 'not', of: inOrder(node.of, costs) }
  if (node.op !== 'and' && node.op !== 'or') return node
  const rank = (child: Node): number => {
    if (child.op === 'group') return node.op === 'and' ? (costs[child.group] ?? 0) : 0
    return child.op === 'test' ? 1e6 : 1e3
  }
  return { op: node.op, of: node.of.map((child) => inOrder(child, costs)).sort((a, b) => rank(a) - rank(b)) }
}
