// Which literals stand anywhere in bytes? Aho and Corasick's automaton, behind a look at the characters with which literals begin.
// Source: A. V. Aho, M. J. Corasick, Efficient string matching, CACM 18 (1975).
import { foldUnit } from './fold.ts'

/** Literals and their numbers. */
export type Numbered = readonly (readonly [literal: string, number: number])[]

/** Numbers of the ASCII characters that literals hold. */
export interface Classes {
  /** For each byte the number of its class: 0 for what no literal holds, the same for both cases of a letter. */
  readonly of: Uint8Array
  readonly count: number
  /** The first class of characters that are a literal by themselves. */
  readonly firstAlone: number
}

/** Classes of the characters of the literals, which are ASCII and folded. */
export function classesOf(literals: readonly string[]): Classes {
  const numbers = new Uint8Array(0x80)
  const alone = new Set(literals.filter(({ length }) => length === 1))
  const characters = [...new Set(literals.flatMap((literal) => [...literal]))]
  const inOrder = [...characters.filter((one) => !alone.has(one)), ...alone]
  for (const [n, character] of inOrder.entries()) numbers[character.charCodeAt(0)] = n + 1
  // The upper half stays 0: what is no ASCII is in none of these literals.
  const of = Uint8Array.from({ length: 0x100 }, (_, unit) => numbers[foldUnit(unit)] ?? 0)
  return { of, count: inOrder.length + 1, firstAlone: inOrder.length + 1 - alone.size }
}

/** A trie as tables: next state of (state, class), 0 for none, and the literals that end in a state. */
export interface Trie {
  readonly next: Int32Array
  readonly ends: readonly (readonly number[] | undefined)[]
}

/** The words and their numbers as a trie. */
export function trieOf(words: Numbered, { of, count }: Classes): Trie {
  const most = 1 + words.reduce((sum, [word]) => sum + word.length, 0)
  const next = new Int32Array(most * count)
  const ends: (number[] | undefined)[] = [undefined]
  for (const [word, literal] of words) {
    let state = 0
    for (let i = 0; i < word.length; i += 1) {
      const at = state * count + (of[word.charCodeAt(i)] as number)
      state = next[at] as number
      if (state === 0) {
        state = ends.length
        next[at] = state
        ends.push(undefined)
      }
    }
    const list = ends[state]
    if (list === undefined) ends[state] = [literal]
    else list.push(literal)
  }
  return { next: next.slice(0, ends.length * count), ends }
}

/** An automaton that never goes back in the text. */
interface Automaton {
  /** Next state of (state, class). The states in which no literal ends come first. */
  readonly next: Uint16Array | Int32Array
  /** The first state in which literals end. */
  readonly firstFound: number
  /** Literals that end in the states from `firstFound` on. */
  readonly found: readonly (readonly number[])[]
  /** Of the states before `firstFound`, the first in which more than two characters may be the beginning of a literal, and the first with more than one. */
  readonly firstOfThree: number
  readonly firstOfTwo: number
}

/** Makes of a trie the automaton of Aho and Corasick. Its tables are as narrow as they can be: what is looked at all the time stays in the cache. */
function automatonOf({ next, ends }: Trie, count: number): Automaton {
  const states = ends.length
  const fail = new Int32Array(states)
  const found: (readonly number[] | undefined)[] = [...ends]
  const queue: number[] = [0]
  const depth = new Int32Array(states)
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] as number
    for (let at = 0; at < count; at += 1) {
      const child = next[state * count + at] as number
      const back = state === 0 ? 0 : (next[(fail[state] as number) * count + at] as number)
      if (child === 0) {
        next[state * count + at] = back
        continue
      }
      fail[child] = back
      depth[child] = (depth[state] as number) + 1
      const inherited = found[back]
      if (inherited !== undefined) found[child] = [...(found[child] ?? []), ...inherited]
      queue.push(child)
    }
  }
  // The queue has them by depth: the shallow ones, which every text passes, lie together.
  const order = [...queue.filter((state) => found[state] === undefined), ...queue.filter((state) => found[state])]
  const renamed = new Int32Array(states)
  for (const [to, from] of order.entries()) renamed[from] = to
  const table = states <= 0xffff ? new Uint16Array(states * count) : new Int32Array(states * count)
  for (const [to, from] of order.entries()) {
    for (let at = 0; at < count; at += 1) table[to * count + at] = renamed[next[from * count + at] as number] as number
  }
  const lists = order.map((state) => found[state]).filter((list) => list !== undefined)
  const firstFound = states - lists.length
  const firstOf = (characters: number): number => {
    const at = order.findIndex((state) => (depth[state] as number) >= characters)
    return at < 0 ? firstFound : Math.min(at, firstFound)
  }
  return { next: table, firstFound, found: lists, firstOfThree: firstOf(3), firstOfTwo: firstOf(2) }
}

const BEGINNINGS = 0x1_0000
/** With more marks than this part of them, looking at the marks costs more than it saves. */
const MOST_MARKED = 0.3

/**
 * Marks for the three characters that literals begin with, one bit each, by `beginningOf` their classes; shorter literals may go on with any.
 * Undefined if too many are marked. Literals of one character have no marks: their classes tell.
 */
function beginningsOf(literals: Numbered, { of, count }: Classes): Uint8Array | undefined {
  const marks = new Uint8Array(BEGINNINGS >> 3)
  let marked = 0
  for (const [literal] of literals) {
    if (literal.length < 2) continue
    const [a, b, c] = [0, 1, 2].map((at) => (at < literal.length ? (of[literal.charCodeAt(at)] as number) : undefined))
    for (let last = c ?? 0; last <= (c ?? count - 1); last += 1) {
      const key = beginningOf(a as number, b as number, last, count)
      if (((marks[key >> 3] as number) & (1 << (key & 7))) === 0) marked += 1
      marks[key >> 3] = (marks[key >> 3] as number) | (1 << (key & 7))
    }
  }
  return marked > BEGINNINGS * MOST_MARKED ? undefined : marks
}

function beginningOf(a: number, b: number, c: number, count: number): number {
  return ((a * count + b) * count + c) & (BEGINNINGS - 1)
}

/** After so many characters it is judged whether the marks are worth looking at: not if the automaton was woken at more than one in twelve. */
const JUDGED_AFTER = 262_144
const SELDOM = 12

/** Finds literals wherever they stand in bytes. Where no literal can begin, it looks at three characters and goes on; else the automaton reads. */
export function insideScan(
  literals: Numbered,
  classes: Classes,
): (bytes: Uint8Array, length: number, hit: (literal: number) => void) => void {
  const { of, count, firstAlone } = classes
  const { next, firstFound, found, firstOfThree, firstOfTwo } = automatonOf(trieOf(literals, classes), count)
  let marks = beginningsOf(literals, classes)
  let looked = 0
  let woken = 0

  return (bytes, length, hit) => {
    looked += length
    if (looked >= JUDGED_AFTER) {
      if (woken * SELDOM > looked) marks = undefined
      looked = 0
      woken = 0
    }
    let at = 0
    while (at < length) {
      if (marks !== undefined) {
        // What stands behind the end are old bytes: they may wake the automaton in vain.
        let a = of[bytes[at] as number] as number
        let b = of[bytes[at + 1] as number] as number
        for (; at < length; at += 1) {
          const c = of[bytes[at + 2] as number] as number
          const key = beginningOf(a, b, c, count)
          if (a >= firstAlone || ((marks[key >> 3] as number) & (1 << (key & 7))) !== 0) break
          a = b
          b = c
        }
        woken += 1
      }
      const beginning = at + 3
      let state = 0
      while (at < length) {
        state = next[state * count + (of[bytes[at] as number] as number)] as number
        at += 1
        if (state >= firstFound) {
          const list = found[state - firstFound] as readonly number[]
          for (let n = 0; n < list.length; n += 1) hit(list[n] as number)
        } else if (state < firstOfThree && at >= beginning && marks !== undefined) {
          // At most two characters are the beginning of something: whether they are is seen from the third.
          if (state > 0) at -= state < firstOfTwo ? 1 : 2
          break
        }
      }
    }
  }
}
