// What do the words of a text say? Those of the model, each with its points: fewer the more there is near them that speaks against.
import { foldText, type Token, tokensOf } from './fold.ts'
import type { Entry, Names, Node, WordKind, WordModel } from './words.ts'

/** A word, or a pair of words, that was found. */
export interface Found {
  readonly word: string
  readonly kind: WordKind | 'pair'
  readonly points: number
}

export interface Reading {
  /** Words of the text. */
  readonly length: number
  readonly found: readonly Found[]
  /** Points for and against, by the different words of the whole text. */
  readonly speaksFor: number
  readonly speaksAgainst: number
}

/** A word at its place. */
interface Match {
  readonly at: number
  readonly entry: Entry
  readonly disguised: boolean
}

/** Words on either side among which something speaks against. */
const NEAR = 45
const AGAINST_NEAR = 1.2
/** Words between the parts of a pair. */
const PAIR = 5
const THEME_PAIR = 2
const CALL_PAIR = 1
const MAX_THEME_PAIRS = 8
const MAX_CALL_PAIRS = 6
const MAX_THEMES = 3
/** Nobody honest disguises such words. */
const DISGUISED_THEME = 3
const DISGUISED = 1.5
const AGAIN = 0.15
const MAX_AGAIN = 4

export const nothingRead: Reading = { length: 0, found: [], speaksFor: 0, speaksAgainst: 0 }

/** Reads a text by the words of a model. Linear in its length. */
export function readWords(text: string, model: WordModel): Reading {
  if (text === '') return nothingRead
  const folded = foldText(text)
  const tokens = tokensOf(folded, model.vocabulary)
  const matches = matchesOf(tokens, model)
  const found = new Map<string, Found & { times: number }>()
  const add = (word: string, kind: Found['kind'], points: number): void => {
    const known = found.get(word)
    found.set(word, { word, kind, points: Math.max(points, known?.points ?? 0), times: (known?.times ?? 0) + 1 })
  }
  for (const [n, { entry, disguised }] of matches.entries()) {
    if (entry.kind === 'call' || entry.kind === 'against') continue
    const share = shareNear(matches, n)
    if (entry.kind !== 'theme') add(entry.word, entry.kind, entry.weight * (disguised ? DISGUISED : 1) * share)
    else if (disguised) add(entry.word, 'sure', DISGUISED_THEME * share)
    else add(entry.word, 'theme', entry.weight * share)
    if (entry.kind === 'theme') addPairs(matches, n, share, add)
  }
  for (const { word, kind, weight } of model.parts) if (folded.includes(word)) add(word, kind, weight)
  const against = new Map(
    matches.flatMap(({ entry }) => (entry.kind === 'against' ? [[entry.word, entry.weight]] : [])),
  )
  return {
    length: tokens.length,
    found: capped(
      [...found.values()].map(({ times, points, ...rest }) => ({ ...rest, points: points * again(times) })),
    ),
    speaksFor: sum(
      new Map(matches.flatMap(({ entry }) => (isFor(entry) ? [[entry.word, entry.weight]] : []))).values(),
    ),
    speaksAgainst: sum(against.values()),
  }
}

/** How much of what is said in texts of one author remains: an article that speaks of it and warns is no offer. */
export function shareOf(readings: readonly Reading[]): number {
  const speaksFor = sum(readings.map((reading) => reading.speaksFor))
  const against = sum(readings.map((reading) => reading.speaksAgainst))
  return speaksFor === 0 ? 1 : speaksFor / (speaksFor + against)
}

export function pointsOf({ found }: Pick<Reading, 'found'>): number {
  return sum(found.map(({ points }) => points))
}

function isFor({ kind }: Entry): boolean {
  return kind === 'sure' || kind === 'topic' || kind === 'theme'
}

function again(times: number): number {
  return 1 + AGAIN * Math.min(times - 1, MAX_AGAIN)
}

function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** The longest word of the model at each place, one behind the other. */
function matchesOf(tokens: readonly Token[], { root, names }: WordModel): Match[] {
  const matches: Match[] = []
  for (let at = 0; at < tokens.length; ) {
    let node: Node | undefined = root
    let entry: Entry | undefined
    let end = at
    let disguised = false
    let masked = false
    for (let n = at; n < tokens.length && node !== undefined; n++) {
      const token: Token | undefined = tokens[n]
      node = token === undefined ? undefined : node.next.get(token.text)
      masked ||= token?.disguised === true
      if (node?.entry === undefined) continue
      entry = node.entry
      end = n + 1
      disguised = masked
    }
    if (entry === undefined) {
      const token = tokens[at]
      if (token !== undefined && isName(token.text, names))
        matches.push({
          at,
          entry: { word: token.text, kind: 'theme', weight: NAME_WEIGHT },
          disguised: token.disguised,
        })
      at += 1
      continue
    }
    matches.push({ at, entry, disguised })
    at = end
  }
  return matches
}

const NAME_WEIGHT = 1
const NUMBERED = /^([a-z]{3,20})(\d{1,4}d?)$/

/** Whether a word is the name of a gambling site by how it ends. */
export function isName(word: string, { numbers, endings, not }: Names): boolean {
  if (not.has(word)) return false
  const [, stem, number] = NUMBERED.exec(word) ?? []
  if (stem !== undefined && number !== undefined) return numbers.has(number) && !not.has(stem)
  const ending = endings.find((one) => word.length >= one.length + MIN_STEM && word.endsWith(one))
  return ending !== undefined && !not.has(word.slice(0, -ending.length))
}

const MIN_STEM = 3

/** What remains of a word's points beside the words near it, 0 to 1. */
function shareNear(matches: readonly Match[], n: number): number {
  const place = matches[n]?.at ?? 0
  const words = new Map<string, Entry>()
  for (const step of [-1, 1]) {
    for (let i = step < 0 ? n : n + 1; i >= 0 && i < matches.length; i += step) {
      const match = matches[i]
      if (match === undefined || Math.abs(match.at - place) > NEAR) break
      words.set(match.entry.word, match.entry)
    }
  }
  let speaksFor = 0
  let against = 0
  for (const entry of words.values()) {
    if (entry.kind === 'against') against += entry.weight
    else if (isFor(entry)) speaksFor += entry.weight
  }
  return (speaksFor / (speaksFor + AGAINST_NEAR * against)) ** 2
}

/** A theme beside another one, or beside a call. */
function addPairs(
  matches: readonly Match[],
  n: number,
  share: number,
  add: (word: string, kind: Found['kind'], points: number) => void,
): void {
  const { at, entry } = matches[n] as Match
  for (const step of [-1, 1]) {
    for (let i = n + step; i >= 0 && i < matches.length; i += step) {
      const other = matches[i]
      if (other === undefined || Math.abs(other.at - at) > PAIR) break
      const pair = [entry.word, other.entry.word]
      if (other.entry.word === entry.word) continue
      if (other.entry.kind === 'theme' && step > 0) add(pair.sort().join(' + '), 'pair', THEME_PAIR * share)
      else if (other.entry.kind === 'call') add(pair.join(' + '), 'pair', CALL_PAIR * share)
    }
  }
}

/** Words that have other meanings count so much and no more, however many there are. */
function capped(found: readonly Found[]): Found[] {
  const limits = new Map<string, number>([
    ['theme', MAX_THEMES],
    ['pair', MAX_THEME_PAIRS + MAX_CALL_PAIRS],
  ])
  return [...found]
    .sort((a, b) => b.points - a.points)
    .map((one) => {
      const left = limits.get(one.kind)
      if (left === undefined) return one
      const points = Math.min(one.points, left)
      limits.set(one.kind, left - points)
      return { ...one, points }
    })
    .filter(({ points }) => points > 0)
}
