// Which parts of a raw line matched? Evidence and observables as ranges of the line itself, also where it writes them encoded.
import type { Mark } from '../../schemas/alert-page-api.ts'

/** What is looked for in a line. */
export interface Wanted {
  readonly evidence: readonly {
    readonly field: string
    /** As findings keep it: what matched with a little around it, in the form that the rule saw (decoded, in small letters). */
    readonly value: string
    /** Texts that its rule looks for. */
    readonly literals: readonly string[]
  }[]
  readonly observables: readonly { readonly field: string; readonly value: string }[]
}

/** A text as rules read it, and where each of its characters comes from. */
interface Folded {
  readonly text: string
  readonly from: readonly number[]
  readonly to: readonly number[]
}

const MAX_MARKS = 60
const MAX_PLACES = 20
const SHORTEST = { literal: 2, evidence: 2, observable: 3 }
/** So short a text is found in others by chance: it has to stand alone. */
const SHORT = 8
const priority = { observable: 1, near: 2, match: 3 } as const

/**
 * Ranges in UTF-16 code units, in order, none over another, none through a character. Linear in the length of the line for each thing looked for. Where the rule's own
 * texts are found in the evidence they alone are marked (`match`), otherwise all of the evidence (`near`).
 */
export function marksIn(line: string, { evidence, observables }: Wanted): Mark[] {
  const folded = fold(line)
  const found: (Omit<Mark, 'start' | 'end'> & { from: number; to: number })[] = []
  for (const { field, value, literals } of evidence) {
    const needle = fold(value).text.trim()
    if (needle.length < SHORTEST.evidence) continue
    const inside = literals
      .map((literal) => foldedLiteral(literal))
      .filter((literal) => literal.trim().length >= SHORTEST.literal)
      .flatMap((literal) => placesOf(needle, literal, false).map((at) => [at, at + literal.length] as const))
    for (const at of placesOf(folded.text, needle, needle.length <= SHORT)) {
      if (inside.length === 0) found.push({ from: at, to: at + needle.length, kind: 'near', field })
      else found.push(...inside.map(([from, to]) => ({ from: at + from, to: at + to, kind: 'match' as const, field })))
    }
  }
  for (const { field, value } of observables) {
    const needle = fold(value).text.trim()
    if (needle.length < SHORTEST.observable) continue
    for (const at of placesOf(folded.text, needle, true))
      found.push({ from: at, to: at + needle.length, kind: 'observable', field })
  }
  const ranges = found.flatMap(({ from, to, kind, field }): Mark[] => {
    const start = folded.from[from]
    const end = folded.to[to - 1]
    return start === undefined || end === undefined ? [] : [{ ...whole(line, start, end), kind, field }]
  })
  return painted(line.length, ranges)
}

/** Those of rules come again with every line. */
const foldedLiterals = new Map<string, string>()
const MAX_REMEMBERED = 20_000

function foldedLiteral(literal: string): string {
  const known = foldedLiterals.get(literal)
  if (known !== undefined) return known
  const { text } = fold(literal)
  if (foldedLiterals.size >= MAX_REMEMBERED) foldedLiterals.clear()
  foldedLiterals.set(literal, text)
  return text
}

/** Of ranges over each other the weightiest is seen. */
function painted(length: number, ranges: readonly Mark[]): Mark[] {
  const seen = new Int32Array(length).fill(-1)
  const byWeight = ranges.map((_, n) => n)
  byWeight.sort((a, b) => weight(ranges[a]) - weight(ranges[b]))
  for (const n of byWeight) {
    const range = ranges[n]
    if (range !== undefined) seen.fill(n, range.start, range.end)
  }
  const marks: Mark[] = []
  for (let at = 0; at < length && marks.length < MAX_MARKS; ) {
    const range = ranges[seen[at] ?? -1]
    let end = at + 1
    while (end < length && seen[end] === seen[at]) end += 1
    if (range !== undefined) marks.push({ start: at, end, kind: range.kind, field: range.field })
    at = end
  }
  return marks
}

const weight = (mark: Mark | undefined): number => (mark === undefined ? 0 : priority[mark.kind])

/** A range that goes through no surrogate pair. */
function whole(line: string, start: number, end: number): { start: number; end: number } {
  const inPair = (at: number): boolean =>
    /[\uDC00-\uDFFF]/.test(line[at] ?? '') && /[\uD800-\uDBFF]/.test(line[at - 1] ?? '')
  return { start: inPair(start) ? start - 1 : start, end: inPair(end) ? end + 1 : end }
}

/** Where a text stands in another one, one place behind the other. `alone`: not in the middle of a word. */
function placesOf(text: string, needle: string, alone: boolean): number[] {
  const places: number[] = []
  for (let at = text.indexOf(needle); at >= 0 && places.length < MAX_PLACES; at = text.indexOf(needle, at)) {
    const end = at + needle.length
    if (!alone || (!joined(text, at) && !joined(text, end))) {
      places.push(at)
      at = end
    } else at += 1
  }
  return places
}

/** Do the characters before and at a place belong to one word, number or address? */
function joined(text: string, at: number): boolean {
  return isWord(text[at - 1]) && isWord(text[at])
}

const isWord = (character = ''): boolean => /[\p{L}\p{N}_]/u.test(character)

const ROUNDS = 3

/** Decoded up to three times (`%41`, `%u0041`, `\x41`), small letters, blanks, plus signs and SQL comments as one space. */
function fold(raw: string): Folded {
  let text = Array.from({ length: raw.length }, (_, at) => small(raw[at] ?? ''))
  let from = text.map((_, at) => at)
  let to = text.map((_, at) => at + 1)
  for (let round = 0; round < ROUNDS && text.some((one) => one === '%' || one === '\\'); round += 1) {
    const decoded = decodeOnce(text)
    if (decoded.length === text.length) break
    from = decoded.map(({ at }) => from[at] ?? 0)
    to = decoded.map(({ at, length }) => to[at + length - 1] ?? 0)
    text = decoded.map(({ character }) => character)
  }
  return spaced(text, from, to)
}

function small(character: string): string {
  const lower = character.toLowerCase()
  return lower.length === 1 ? lower : character
}

function decodeOnce(text: readonly string[]): { character: string; at: number; length: number }[] {
  const out: { character: string; at: number; length: number }[] = []
  for (let at = 0; at < text.length; ) {
    const one = text[at] ?? ''
    const next = text[at + 1] ?? ''
    const [skip, digits] =
      one === '%' ? (next === 'u' ? [2, 4] : [1, 2]) : one === '\\' && next === 'x' ? [2, 2] : [0, 0]
    const hex = text.slice(at + skip, at + skip + digits).join('')
    const length = digits > 0 && /^[0-9a-f]+$/.test(hex) && hex.length === digits ? skip + digits : 1
    const character = length === 1 ? one : small(String.fromCharCode(Number.parseInt(hex, 16)))
    out.push({ character, at, length })
    at += length
  }
  return out
}

function spaced(text: readonly string[], from: readonly number[], to: readonly number[]): Folded {
  const out = { text: '', from: [] as number[], to: [] as number[] }
  const put = (character: string, start: number, end: number): void => {
    const last = out.to.length - 1
    if (character === ' ' && out.text.endsWith(' ')) {
      out.to[last] = end
      return
    }
    out.text += character
    out.from.push(start)
    out.to.push(end)
  }
  const all = text.join('')
  for (let at = 0; at < text.length; ) {
    const one = text[at] ?? ''
    const closed = one === '/' && text[at + 1] === '*' && text[at + 2] !== '!' ? all.indexOf('*/', at + 2) : -1
    const end = closed < 0 ? at + 1 : closed + 2
    put(closed >= 0 || /[\s+]/.test(one) ? ' ' : one, from[at] ?? 0, to[end - 1] ?? 0)
    at = end
  }
  return out
}
