// Which of thousands of literals stand in a text? Whole values by hash, beginnings and ends by tries, anything inside by one Aho-Corasick automaton.
import { classesOf, insideScan, type Numbered, trieOf } from './automaton.ts'
import { bytesOf, fold, foldUnit } from './fold.ts'

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
