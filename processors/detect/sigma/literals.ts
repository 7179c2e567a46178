// Which of thousands of literals stand in a text? Whole values by hash, beginnings and ends by tries, anything inside by one Aho-Corasick automaton.
// Source: A. V. Aho, M. J. Corasick, Efficient string matching, CACM 18 (1975).

/** Where in the value a literal must stand. */
export type Place = 'whole' | 'start' | 'end' | 'anywhere'

/** Finds literals of one field, whatever their case. Numbers are those that `add` gave. */
export interface LiteralIndex {
  /** Calls `hit` with the number of each literal in the text; the same number may come more than once. */
  scan(text: string, hit: (literal: number) => void): void
}

export interface LiteralIndexBuilder {
  /** Number of the literal; the same for the same literal and place. */
  add(literal: string, place: Place): number
  readonly size: number
  /** An index of the literals that `keep` tells to; undefined if there are none. */
  build(keep?: (literal: number) => boolean): LiteralIndex | undefined
}

/** The form in which texts are compared: each UTF-16 unit in lower case, so that lengths stay. */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length && !lower.includes('ſ')) return lower
  let folded = ''
  for (let i = 0; i < text.length; i += 1) folded += String.fromCharCode(foldUnit(text.charCodeAt(i)))
  return folded
}

const LONG_S = 0x017f
const KELVIN = 0x212a

function foldUnit(unit: number): number {
  if (unit < 0x80) return unit >= 65 && unit <= 90 ? unit + 32 : unit
  // Long s and the Kelvin sign are s and k to a regex that ignores case.
  if (unit === LONG_S) return 0x73
  const lower = String.fromCharCode(unit).toLowerCase()
  return lower.length === 1 ? lower.charCodeAt(0) : unit
}

/** Numbers of the ASCII characters that literals hold. */
interface Classes {
  /** For each byte the number of its class: 0 for what no literal holds, the same for both cases of a letter. */
  readonly of: Uint8Array
  readonly count: number
  /** The first class of characters that are a literal by themselves. */
  readonly firstAlone: number
}

function classesOf(literals: readonly string[]): Classes {
  const numbers = new Uint8Array(0x80)
  const alone = new Set(literals.filter(({ length }) => length === 1))
  const characters = [...new Set(literals.flatMap((literal) => [...literal]))]
  const inOrder = [...characters.filter((one) => !alone.has(one)), ...alone]
  for (const [n, character] of inOrder.entries()) numbers[character.charCodeAt(0)] = n + 1
  // The upper half stays 0: what is no ASCII is in none of these literals.
  const of = Uint8Array.from({ length: 0x100 }, (_, unit) => numbers[foldUnit(unit)] ?? 0)
  return { of, count: inOrder.length + 1, firstAlone: inOrder.length + 1 - alone.size }
}

/** Longest text, in UTF-16 units, whose bytes are kept in a buffer of their own beyond a call. */
const KEPT_LENGTH = 65_536
/** Room for what a character that does not fit leaves free: a text that is all ASCII is known by its bytes being as many as its units. */
const SPARE = 8
/** Stands for a unit that no ASCII literal holds. */
const FOREIGN = 0x80

let units = Buffer.allocUnsafeSlow(4_096)

/**
 * A text as one byte for each unit, ASCII as it is, valid until the next call. Texts are often parts of a line, and asking those for a unit
 * costs several times as much as asking a buffer.
 */
function bytesOf(text: string): Buffer {
  const { length } = text
  if (units.length < length + SPARE) {
    const room = Buffer.allocUnsafeSlow(length * 2 + SPARE)
    if (length > KEPT_LENGTH) return fill(room, text)
    units = room
  }
  return fill(units, text)
}

function fill(bytes: Buffer, text: string): Buffer {
  const { length } = text
  if (bytes.write(text, 0, 'utf8') === length) return bytes
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i)
    // Beyond ASCII only the two that are ASCII letters in lower case can be in an ASCII literal.
    bytes[i] = unit < 0x80 ? unit : unit === KELVIN || unit === LONG_S ? foldUnit(unit) : FOREIGN
  }
  return bytes
}

/** A trie as tables: next state of (state, class), 0 for none, and the literals that end in a state. */
interface Trie {
  readonly next: Int32Array
  readonly ends: readonly (readonly number[] | undefined)[]
}

function trieOf(words: Numbered, { of, count }: Classes): Trie {
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

/** Whether a text may be one of the literals, by its length and last character: most are none. */
function wholeFilter(literals: Iterable<string>): (text: string) => boolean {
  const marks = new Uint8Array(64 * 64)
  const place = (length: number, last: number): number => (Math.min(length, 63) << 6) | (foldUnit(last) & 63)
  for (const literal of literals) marks[place(literal.length, literal.charCodeAt(literal.length - 1))] = 1
  return (text) => marks[place(text.length, text.charCodeAt(text.length - 1))] === 1
}

/** An empty index. */
export function createLiteralIndex(): LiteralIndexBuilder {
  const numbers: Record<Place, Map<string, number>> = {
    whole: new Map(),
    start: new Map(),
    end: new Map(),
    anywhere: new Map(),
  }
  let size = 0

  return {
    add(literal, place) {
      const key = fold(literal)
      const known = numbers[place].get(key)
      if (known !== undefined) return known
      numbers[place].set(key, size)
      size += 1
      return size - 1
    },
    get size() {
      return size
    },
    build(keep = () => true) {
      const kept = (place: Place) => new Map([...numbers[place]].filter(([, number]) => keep(number)))
      const chosen = { whole: kept('whole'), start: kept('start'), end: kept('end'), anywhere: kept('anywhere') }
      return Object.values(chosen).every(({ size: found }) => found === 0) ? undefined : build(chosen)
    },
  }
}

type Numbered = readonly (readonly [literal: string, number: number])[]

function build(numbers: Record<Place, ReadonlyMap<string, number>>): LiteralIndex {
  const { whole } = numbers
  const maybeWhole = wholeFilter(whole.keys())
  const ascii = (place: Place): Numbered => [...numbers[place]].filter(([literal]) => !notAscii.test(literal))
  const [start, end, anywhere] = [ascii('start'), ascii('end'), ascii('anywhere')]
  const classes = classesOf([...start, ...end, ...anywhere].map(([literal]) => literal))
  const { of, count } = classes
  const starts = start.length === 0 ? undefined : trieOf(start, classes)
  const ends =
    end.length === 0
      ? undefined
      : trieOf(
          end.map(([literal, number]) => [reversed(literal), number] as const),
          classes,
        )
  const inside = anywhere.length === 0 ? undefined : insideScan(anywhere, classes)
  const others = sparseAutomaton(
    (['start', 'end', 'anywhere'] as const).flatMap((place) =>
      [...numbers[place]]
        .filter(([literal]) => notAscii.test(literal))
        .map(([literal, number]) => ({ literal, number, place })),
    ),
  )

  return {
    scan(text, hit) {
      const { length } = text
      if (whole.size > 0 && maybeWhole(text)) {
        const literal = whole.get(fold(text))
        if (literal !== undefined) hit(literal)
      }
      const bytes = bytesOf(text)
      if (starts !== undefined) {
        let state = 0
        for (let i = 0; i < length; i += 1) {
          state = starts.next[state * count + (of[bytes[i] as number] as number)] as number
          if (state === 0) break
          const list = starts.ends[state]
          if (list !== undefined) for (const literal of list) hit(literal)
        }
      }
      if (ends !== undefined) {
        let state = 0
        for (let i = length - 1; i >= 0; i -= 1) {
          state = ends.next[state * count + (of[bytes[i] as number] as number)] as number
          if (state === 0) break
          const list = ends.ends[state]
          if (list !== undefined) for (const literal of list) hit(literal)
        }
      }
      inside?.(bytes, length, hit)
      if (others !== undefined && notAscii.test(text)) others(text, hit)
    },
  }
}

/** Finds literals wherever they stand in bytes. Where no literal can begin, it looks at three characters and goes on; else the automaton reads. */
function insideScan(
  literals: Numbered,
  classes: Classes,
): (bytes: Uint8Array, length: number, hit: (literal: number) => void) => void {
  const { of, count, firstAlone } = classes
  const { next, firstFound, found, firstOfThree, firstOfTwo } = automatonOf(trieOf(literals, classes), count)
  const marks = beginningsOf(literals, classes)

  return (bytes, length, hit) => {
    let at = 0
    while (at < length) {
      if (marks !== undefined) {
        // What stands behind the end are old bytes: they may wake the automaton in vain.
        let a = of[bytes[at] as number] as number
        let b = of[bytes[at + 1] as number] as number
        for (; at < length; at += 1) {
          const c = of[bytes[at + 2] as number] as number
          const key = ((a * count + b) * count + c) & (BEGINNINGS - 1)
          if (a >= firstAlone || ((marks[key >> 3] as number) & (1 << (key & 7))) !== 0) break
          a = b
          b = c
        }
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

const notAscii = /[^\0-\x7f]/

interface Placed {
  readonly literal: string
  readonly number: number
  readonly place: Place
}

/** Aho-Corasick for literals beyond ASCII: few, of a large alphabet, and looked for in few texts, so that edges stand in a map. */
function sparseAutomaton(
  literals: readonly Placed[],
): ((text: string, hit: (literal: number) => void) => void) | undefined {
  if (literals.length === 0) return undefined
  const edges = new Map<number, number>()
  const found: (Placed[] | undefined)[] = [undefined]
  const fail: number[] = [0]
  const edge = (state: number, unit: number): number => edges.get(state * 0x10000 + unit) ?? 0
  const order: { state: number; parent: number; unit: number; depth: number }[] = []
  for (const placed of literals) {
    let state = 0
    for (let i = 0; i < placed.literal.length; i += 1) {
      const unit = placed.literal.charCodeAt(i)
      let child = edge(state, unit)
      if (child === 0) {
        child = found.length
        edges.set(state * 0x10000 + unit, child)
        found.push(undefined)
        fail.push(0)
        order.push({ state: child, parent: state, unit, depth: i })
      }
      state = child
    }
    found[state] = [...(found[state] ?? []), placed]
  }
  const step = (from: number, unit: number): number => {
    let state = from
    for (;;) {
      const next = edge(state, unit)
      if (next !== 0 || state === 0) return next
      state = fail[state] as number
    }
  }
  for (const { state, parent, unit, depth } of order.sort((a, b) => a.depth - b.depth)) {
    if (depth > 0) fail[state] = step(fail[parent] as number, unit)
    const inherited = found[fail[state] as number]
    if (inherited !== undefined) found[state] = [...(found[state] ?? []), ...inherited]
  }
  return (text, hit) => {
    let state = 0
    for (let i = 0; i < text.length; i += 1) {
      state = step(state, foldUnit(text.charCodeAt(i)))
      const list = found[state]
      if (list === undefined) continue
      for (const { literal, number, place } of list) {
        if (place === 'start' && i + 1 !== literal.length) continue
        if (place === 'end' && i + 1 !== text.length) continue
        hit(number)
      }
    }
  }
}

function reversed(word: string): string {
  let turned = ''
  for (let i = word.length - 1; i >= 0; i -= 1) turned += word.charAt(i)
  return turned
}
