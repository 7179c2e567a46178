// How does a compiled program look at an event? Literals first, then the conditions of the rules that they woke; evidence for those that match.
import type { Derived, Evidence, SigmaMatch } from './engine.ts'
import { excerpt, MAX_EXCERPT, placeOf } from './excerpt.ts'
import { fold } from './fold.ts'
import type { LiteralIndex, LiteralIndexBuilder, Place } from './literals.ts'
import { createMatchLists } from './match-lists.ts'
import type { ValueTest } from './matcher.ts'
import type { FieldValue, SigmaRule } from './rule.ts'
import type { Key, SeenValue, ValueCache } from './value-cache.ts'

export interface Program<T> {
  readonly rules: readonly SigmaRule[]
  match(event: T): readonly SigmaMatch[]
}

/** Canonical name of the texts that keywords are looked for in. */
export const KEYWORDS = ''

/** A field of the program: how it is read, and the literals that are looked for in it. */
export interface Slot<T> {
  readonly name: string
  readonly read: (event: T) => FieldValue
  /** How the value is worked out from the text under which it is remembered; undefined: it is that itself. */
  readonly derived: Derived<T> | undefined
  readonly builder: LiteralIndexBuilder
  /** For each literal the groups that it sets. */
  readonly groupsOf: number[][]
  /** Literals that wake rules, looked for in every event. */
  index: LiteralIndex | undefined
  /** The other ones, looked for when a rule asks. */
  rest: LiteralIndex | undefined
  value: FieldValue
  readonly cache: ValueCache
  /** What is known of the present value. */
  seen: SeenValue | undefined
}

/** A condition in the form in which it is evaluated. A group is set if one of its literals was seen. */
export type Node =
  | { readonly op: 'group'; readonly group: number; readonly parts: readonly GroupPart[] }
  | { readonly op: 'test'; readonly test: number; readonly guard: number }
  | { readonly op: 'and' | 'or'; readonly of: readonly Node[] }
  | { readonly op: 'not'; readonly of: Node }

export interface GroupPart {
  readonly slot: number
  readonly literal: number
  readonly text: string
  readonly place: Place
}

/** A matcher that is evaluated on demand, once an event at most. */
export interface Test {
  readonly slot: number
  readonly other: number
  readonly holds: ValueTest
  /** How a list as a value is taken: some element, or (null, exists) the field as a whole. */
  readonly whole: boolean
}

/** Guard of a test that no literal precedes. */
export const NO_GUARD = -1
const none: readonly SigmaMatch[] = Object.freeze([])
const noNumbers: readonly number[] = Object.freeze([])
const MAX_EVIDENCE = 8

/** Which literals wake which rules, and in which order their conditions are looked at. */
export interface Plan {
  readonly roots: readonly Node[]
  /** For each group the rules that may match once it is set. */
  readonly wakes: readonly (readonly number[])[]
  /** Rules that may match without any. */
  readonly always: readonly number[]
}

/** After so many events it is known which literals are common, and what wakes a rule is chosen anew. */
export const LEARN_EVENTS = 2_048

/** `slotsOf`: for each group the slots of its literals. `plan` chooses by how many of so many events each group was seen in; undefined: not known yet. What rules match does not depend on it. */
export function createRunner<T>(
  rules: readonly SigmaRule[],
  slotsOf: readonly (readonly number[])[],
  slots: readonly Slot<T>[],
  tests: readonly Test[],
  plan: (seen?: { readonly events: number; readonly counts: Uint32Array }) => Plan,
): Program<T> {
  const groups = slotsOf.length
  let { roots, wakes, always } = plan()
  let learning = LEARN_EVENTS
  const counts = new Uint32Array(groups)
  /** Slots that are looked at in every event. */
  let eager = slots.flatMap(({ index }, n) => (index === undefined ? [] : [n]))
  let present: T | undefined
  // Marks of the present event carry its number, so that nothing has to be wiped between events.
  let epoch = 0
  const groupSeen = new Uint32Array(groups)
  const slotRead = new Uint32Array(slots.length)
  const restSeen = new Uint32Array(slots.length)
  const ruleSeen = new Uint32Array(rules.length)
  const testSeen = new Uint32Array(tests.length)
  const testResult = new Uint8Array(tests.length)
  const awake = new Int32Array(rules.length)
  let awakeCount = 0

  /** Groups of the literals found in the value that is being searched. */
  const recorded: number[] = []
  const wake = (woken: readonly number[]): void => {
    for (let n = 0; n < woken.length; n += 1) {
      const rule = woken[n] as number
      if (ruleSeen[rule] === epoch) continue
      ruleSeen[rule] = epoch
      awake[awakeCount] = rule
      awakeCount += 1
    }
  }
  const hits = slots.map(({ groupsOf }) => (literal: number): void => {
    const found = groupsOf[literal] as readonly number[]
    for (let n = 0; n < found.length; n += 1) {
      const group = found[n] as number
      recorded.push(group)
      if (groupSeen[group] === epoch) continue
      groupSeen[group] = epoch
      wake(wakes[group] as readonly number[])
    }
  })

  /** What is known of a value that was searched before. */
  const recall = ({ groups: found, woken }: SeenValue): void => {
    for (let n = 0; n < found.length; n += 1) groupSeen[found[n] as number] = epoch
    wake(woken)
  }

  const recordedOnce = (): readonly number[] => (recorded.length === 0 ? noNumbers : [...new Set(recorded)])

  const seenNow = (value: FieldValue): SeenValue => {
    const found = recordedOnce()
    const woken =
      found.length === 0 ? noNumbers : [...new Set(found.flatMap((group) => wakes[group] as readonly number[]))]
    return { value, groups: found, woken, rest: undefined, results: undefined }
  }

  /** Reads a slot of the present event and looks for what wakes rules. */
  const read = (n: number): void => {
    const slot = slots[n] as Slot<T>
    const { derived, index } = slot
    slotRead[n] = epoch
    slot.seen = undefined
    const key = derived === undefined ? slot.read(present as T) : derived.from(present as T)
    slot.value = key
    if (key === undefined || key === null) return
    const hit = hits[n] as (literal: number) => void
    if (Array.isArray(key)) {
      if (index !== undefined) for (const one of key) if (one !== null) index.scan(String(one), hit)
      return
    }
    if (derived !== undefined && key === '') slot.value = undefined
    else if (index !== undefined || derived !== undefined) look(slot, key as Key, hit)
  }

  /** A value on its own: what was found in it before, or a search. */
  const look = (slot: Slot<T>, key: Key, hit: (literal: number) => void): void => {
    const { cache, derived, index } = slot
    const seen = cache.get(key)
    if (seen !== undefined) {
      slot.seen = seen
      slot.value = seen.value
      recall(seen)
      return
    }
    const value = derived === undefined ? key : derived.make(key as string)
    slot.value = value
    recorded.length = 0
    if (index !== undefined) index.scan(String(value), hit)
    if (!cache.keeps(key)) return
    slot.seen = seenNow(value)
    cache.add(key, slot.seen)
  }

  const valueIn = (n: number): FieldValue => {
    if (slotRead[n] !== epoch) read(n)
    return slots[n]?.value
  }

  /** Looks for the literals of a slot that wake no rule. */
  const readRest = (n: number): void => {
    restSeen[n] = epoch
    const value = valueIn(n)
    const { rest, seen } = slots[n] as Slot<T>
    if (rest === undefined || value === undefined || value === null) return
    if (seen?.rest !== undefined) {
      for (let i = 0; i < seen.rest.length; i += 1) groupSeen[seen.rest[i] as number] = epoch
      return
    }
    recorded.length = 0
    const hit = hits[n] as (literal: number) => void
    if (Array.isArray(value)) for (const one of value) rest.scan(String(one ?? ''), hit)
    else rest.scan(String(value), hit)
    if (seen !== undefined) seen.rest = recordedOnce()
  }

  const isSeen = (group: number): boolean => {
    if (groupSeen[group] === epoch) return true
    // What wakes a rule has been looked for already.
    if ((wakes[group] as readonly number[]).length > 0) return false
    const of = slotsOf[group] as readonly number[]
    for (let i = 0; i < of.length; i += 1) if (restSeen[of[i] as number] !== epoch) readRest(of[i] as number)
    return groupSeen[group] === epoch
  }

  const learn = (): void => {
    for (let group = 0; group < groups; group += 1)
      if (groupSeen[group] === epoch) counts[group] = (counts[group] as number) + 1
    learning -= 1
    if (learning > 0) return
    ;({ roots, wakes, always } = plan({ events: LEARN_EVENTS, counts }))
    eager = slots.flatMap(({ index }, n) => (index === undefined ? [] : [n]))
    for (const { cache } of slots) cache.clear()
  }

  const runTest = (number: number): boolean => {
    const { slot, other, holds, whole } = tests[number] as Test
    const value = valueIn(slot)
    const otherValue = valueIn(other)
    if (!Array.isArray(value)) return holds(value as Exclude<FieldValue, readonly unknown[]>, otherValue)
    // A list is there and not null, whatever it holds.
    if (whole) return holds('list', otherValue)
    return value.some((one) => holds(one, otherValue))
  }

  /** The result that is known of this value, or a new one. */
  const recalledTest = (number: number): boolean => {
    const { slot, other } = tests[number] as Test
    valueIn(slot)
    const seen = slots[slot]?.seen
    if (seen === undefined || other !== slot) return runTest(number)
    seen.results ??= new Map()
    let result = seen.results.get(number)
    if (result === undefined) {
      result = runTest(number)
      seen.results.set(number, result)
    }
    return result
  }

  const evaluate = (node: Node): boolean => {
    switch (node.op) {
      case 'group':
        return isSeen(node.group)
      case 'test': {
        if (node.guard !== NO_GUARD && !isSeen(node.guard)) return false
        const { test } = node
        if (testSeen[test] !== epoch) {
          testSeen[test] = epoch
          testResult[test] = recalledTest(test) ? 1 : 0
        }
        return testResult[test] === 1
      }
      case 'and': {
        const { of } = node
        for (let n = 0; n < of.length; n += 1) if (!evaluate(of[n] as Node)) return false
        return true
      }
      case 'or': {
        const { of } = node
        for (let n = 0; n < of.length; n += 1) if (evaluate(of[n] as Node)) return true
        return false
      }
      case 'not':
        return !evaluate(node.of)
    }
  }

  const matchOf = (rule: number): SigmaMatch => ({
    rule: rules[rule] as SigmaRule,
    evidence() {
      const found: Evidence[] = []
      collect(roots[rule] as Node, found)
      return found
    },
  })

  // Made once: what they tell of is the present event, whichever that is.
  const lists = createMatchLists(rules.map((_, rule) => matchOf(rule)))
  /** Positive parts that are true; for an `or` the first of them. */
  const collect = (node: Node, into: Evidence[]): void => {
    if (into.length >= MAX_EVIDENCE || node.op === 'not') return
    if (node.op === 'group' || node.op === 'test') {
      if (!evaluate(node)) return
      const evidence = node.op === 'group' ? groupEvidence(node.parts) : testEvidence(tests[node.test] as Test)
      if (evidence !== undefined) into.push(evidence)
    } else if (node.op === 'and') for (const child of node.of) collect(child, into)
    else {
      const first = node.of.find(evaluate)
      if (first !== undefined) collect(first, into)
    }
  }

  const groupEvidence = (parts: readonly GroupPart[]): Evidence | undefined => {
    for (const { slot, text, place } of parts) {
      const { name } = slots[slot] as Slot<T>
      const value = valueIn(slot)
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one === undefined || one === null) continue
        const raw = String(one)
        const at = placeOf(fold(raw), text, place)
        if (at >= 0) return { field: name === KEYWORDS ? 'message' : name, value: excerpt(raw, at, text.length) }
      }
    }
    return undefined
  }

  const testEvidence = ({ slot, holds, other }: Test): Evidence | undefined => {
    const { name } = slots[slot] as Slot<T>
    const value = valueIn(slot)
    const list = Array.isArray(value) ? value : [value]
    const one = list.find((item) => holds(item, valueIn(other)))
    if (one === undefined || one === null) return undefined
    return { field: name === KEYWORDS ? 'message' : name, value: excerpt(String(one), 0, MAX_EXCERPT) }
  }

  return {
    rules,
    match(event) {
      if (rules.length === 0) return none
      epoch += 1
      if (epoch > 0xffff_ffff) {
        epoch = 1
        for (const marks of [groupSeen, ruleSeen, testSeen, slotRead, restSeen]) marks.fill(0)
      }
      awakeCount = 0
      present = event
      for (let n = 0; n < eager.length; n += 1) read(eager[n] as number)
      if (learning > 0) learn()
      let first = -1
      let more: number[] | undefined
      for (let n = awakeCount + always.length - 1; n >= 0; n -= 1) {
        const rule = (n < awakeCount ? awake[n] : always[n - awakeCount]) as number
        if (!evaluate(roots[rule] as Node)) continue
        if (first < 0) first = rule
        else if (more === undefined) more = [first, rule]
        else more.push(rule)
      }
      if (first < 0) return none
      return more === undefined ? lists.one(first) : lists.several(more)
    },
  }
}
