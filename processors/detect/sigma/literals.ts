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
  build(): LiteralIndex
}

/** The form in which texts are compared: each UTF-16 unit in lower case, so that lengths stay. */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length && !lower.includes('ſ')) return lower
  let folded = ''
  for (let i = 0; i < text.length; i += 1) folded += String.fromCharCode(foldUnit(text.charCodeAt(i)))
  return folded
}

function foldUnit(unit: number): number {
  if (unit < 0x80) return unit >= 65 && unit <= 90 ? unit + 32 : unit
  // Long s and the Kelvin sign are s and k to a regex that ignores case.
  if (unit === 0x017f) return 0x73
  const lower = String.fromCharCode(unit).toLowerCase()
  return lower.length === 1 ? lower.charCodeAt(0) : unit
}

/** For each UTF-16 unit its lower case. */
const folded = Uint16Array.from({ length: 0x10000 }, (_, unit) => foldUnit(unit))

/** For each UTF-16 unit the number of its class: 0 for what no literal holds, the same for both cases of a letter. */
function classesOf(literals: Iterable<string>): { classes: Uint16Array; count: number } {
  const numbers = new Uint16Array(0x10000)
  let count = 1
  for (const literal of literals) {
    for (let i = 0; i < literal.length; i += 1) {
      const unit = literal.charCodeAt(i)
      if (numbers[unit] !== 0) continue
      numbers[unit] = count
      count += 1
    }
  }
  return { classes: folded.map((unit) => numbers[unit] as number), count }
}

/** A trie as tables: next state of (state, class), 0 for none, and the literals that end in a state. */
interface Trie {
  readonly next: Int32Array
  readonly ends: readonly (readonly number[] | undefined)[]
}

function trieOf(words: readonly (readonly [string, number])[], classes: Uint16Array, count: number): Trie {
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

/** Makes of a trie the automaton that never goes back in the text: a target below zero is a state in which literals end. */
function automatonOf(
  { next, ends }: Trie,
  count: number,
): { moves: Int32Array; found: readonly (readonly number[] | undefined)[] } {
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
  const moves = next.map((target) => {
    // Scaled, so that a step is one addition and one look-up.
    return found[target] === undefined ? target * count : -(target * count) - 1
  })
  return { moves, found }
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
    build: () => build(numbers),
  }
}

function build(numbers: Record<Place, ReadonlyMap<string, number>>): LiteralIndex {
  const { whole } = numbers
  const { classes, count } = classesOf([...numbers.start.keys(), ...numbers.end.keys(), ...numbers.anywhere.keys()])
  const starts = numbers.start.size === 0 ? undefined : trieOf([...numbers.start], classes, count)
  const ends =
    numbers.end.size === 0
      ? undefined
      : trieOf(
          [...numbers.end].map(([word, number]) => [reversed(word), number] as const),
          classes,
          count,
        )
  const inside =
    numbers.anywhere.size === 0 ? undefined : automatonOf(trieOf([...numbers.anywhere], classes, count), count)

  return {
    scan(text, hit) {
      const { length } = text
      if (whole.size > 0) {
        const literal = whole.get(fold(text))
        if (literal !== undefined) hit(literal)
      }
      if (starts !== undefined) {
        let state = 0
        for (let i = 0; ; i += 1) {
          const list = starts.ends[state]
          if (list !== undefined) for (const literal of list) hit(literal)
          if (i === length) break
          state = starts.next[state * count + (classes[text.charCodeAt(i)] as number)] as number
          if (state === 0) break
        }
      }
      if (ends !== undefined) {
        let state = 0
        for (let i = length - 1; ; i -= 1) {
          const list = ends.ends[state]
          if (list !== undefined) for (const literal of list) hit(literal)
          if (i < 0) break
          state = ends.next[state * count + (classes[text.charCodeAt(i)] as number)] as number
          if (state === 0) break
        }
      }
      if (inside !== undefined) {
        const { moves, found } = inside
        let state = 0
        for (let i = 0; i < length; i += 1) {
          state = moves[state + (classes[text.charCodeAt(i)] as number)] as number
          if (state < 0) {
            state = -state - 1
            const list = found[state / count] as readonly number[]
            for (let n = 0; n < list.length; n += 1) hit(list[n] as number)
          }
        }
      }
    },
  }
}

function reversed(word: string): string {
  let turned = ''
  for (let i = word.length - 1; i >= 0; i -= 1) turned += word.charAt(i)
  return turned
}
