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

/** For each ASCII character the number of its class: 0 for what no literal holds, the same for both cases of a letter. */
function classesOf(literals: Iterable<string>): { classes: Uint8Array; count: number } {
  const numbers = new Uint8Array(0x80)
  let count = 1
  for (const literal of literals) {
    for (let i = 0; i < literal.length; i += 1) {
      const unit = literal.charCodeAt(i)
      if (numbers[unit] !== 0) continue
      numbers[unit] = count
      count += 1
    }
  }
  return { classes: numbers.map((_, unit) => numbers[foldUnit(unit)] as number), count }
}

/** Class of a unit: beyond ASCII only the two that are ASCII letters in lower case have one. */
function classOf(classes: Uint8Array, unit: number): number {
  if (unit < 0x80) return classes[unit] as number
  return unit === KELVIN || unit === LONG_S ? (classes[foldUnit(unit)] as number) : 0
}

/** A trie as tables: next state of (state, class), 0 for none, and the literals that end in a state. */
interface Trie {
  readonly next: Int32Array
  readonly ends: readonly (readonly number[] | undefined)[]
}

function trieOf(words: readonly (readonly [string, number])[], classes: Uint8Array, count: number): Trie {
  const most = 1 + words.reduce((sum, [word]) => sum + word.length, 0)
  const next = new Int32Array(most * count)
  const ends: (number[] | undefined)[] = [undefined]
  for (const [word, literal] of words) {
    let state = 0
    for (let i = 0; i < word.length; i += 1) {
      const at = state * count + (classes[word.charCodeAt(i)] as number)
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
}

/** Makes of a trie the automaton of Aho and Corasick. Its tables are as narrow as they can be: what is looked at all the time stays in the cache. */
function automatonOf({ next, ends }: Trie, count: number): Automaton {
  const states = ends.length
  const fail = new Int32Array(states)
  const found: (readonly number[] | undefined)[] = [...ends]
  const queue: number[] = [0]
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
  return { next: table, firstFound: states - lists.length, found: lists }
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
  const { classes, count } = classesOf([...start, ...end, ...anywhere].map(([literal]) => literal))
  const starts = start.length === 0 ? undefined : trieOf(start, classes, count)
  const ends =
    end.length === 0
      ? undefined
      : trieOf(
          end.map(([literal, number]) => [reversed(literal), number] as const),
          classes,
          count,
        )
  const inside = anywhere.length === 0 ? undefined : automatonOf(trieOf(anywhere, classes, count), count)
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
      if (starts !== undefined) {
        let state = 0
        for (let i = 0; i < length; i += 1) {
          state = starts.next[state * count + classOf(classes, text.charCodeAt(i))] as number
          if (state === 0) break
          const list = starts.ends[state]
          if (list !== undefined) for (const literal of list) hit(literal)
        }
      }
      if (ends !== undefined) {
        let state = 0
        for (let i = length - 1; i >= 0; i -= 1) {
          state = ends.next[state * count + classOf(classes, text.charCodeAt(i))] as number
          if (state === 0) break
          const list = ends.ends[state]
          if (list !== undefined) for (const literal of list) hit(literal)
        }
      }
      if (inside !== undefined) {
        const { next, firstFound, found } = inside
        let state = 0
        for (let i = 0; i < length; i += 1) {
          const unit = text.charCodeAt(i)
          state = next[state * count + (unit < 0x80 ? (classes[unit] as number) : classOf(classes, unit))] as number
          if (state >= firstFound) {
            const list = found[state - firstFound] as readonly number[]
            for (let n = 0; n < list.length; n += 1) hit(list[n] as number)
          }
        }
      }
      if (others !== undefined && notAscii.test(text)) others(text, hit)
    },
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
