// What do the words of a text say? Those of the model, each with its points: fewer the more there is near them that speaks against.
import { foldText, type Token, tokensOf } from './fold.ts'
import type { Entry, Names, Node, PairRule, WordKind, WordModel } from './words.ts'

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
  /** Different words of the text that speak for it and against it. */
  readonly entries: readonly Entry[]
}

/** A word at its place. */
interface Match {
  readonly at: number
  readonly entry: Entry
  readonly disguised: boolean
  readonly quoted: boolean
}

/** Words on either side among which something speaks against. */
const NEAR = 40
const AGAINST_NEAR = 1.2
/** Words between the parts of a pair. */
const PAIR = 5
const THEME_PAIR = 2
const CALL_PAIR = 1
const MAX_PAIRS = 14
const MAX_THEMES = 3
/** Nobody honest disguises such words. */
const DISGUISED_THEME = 3
const DISGUISED = 1.5
const QUOTED = 0.4
const AGAIN = 0.15
const MAX_AGAIN = 4
/** A theme weighs more against what speaks against it than it gives by itself. */
const THEME_SHARE = 1.5
/** The strongest word weighs no more than two that speak against it, a signature three. */
const MAX_SHARE = 4
const [SIGNED_WEIGHT, SIGNED_SHARE] = [9, 6]
/** Words of a glossary or a guide are many; they do not outweigh what it says of itself. */
const MOST_FOR = 12
/** Doubt grows faster than what speaks against it. */
const DOUBT = 2
/** A signature that nobody near it quotes stands, whatever the rest of the page is about. */
const SIGNATURE = 5.5
const FIRM = 0.75
const FIRM_NEAR = 1.2

export const nothingRead: Reading = { length: 0, found: [], entries: [] }

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
  for (const [n, { entry, disguised, quoted }] of matches.entries()) {
    if (entry.kind === 'call' || entry.kind === 'against') continue
    const share = shareNear(matches, n) * (quoted ? QUOTED : 1)
    if (entry.kind !== 'theme') add(entry.word, entry.kind, entry.weight * (disguised ? DISGUISED : 1) * share)
    else if (disguised) add(entry.word, 'sure', DISGUISED_THEME * share)
    else add(entry.word, 'theme', entry.weight * share)
    if (entry.kind === 'theme') addPairs(matches, n, share, add)
  }
  const entries = new Map(matches.map(({ entry }) => [entry.word, entry]))
  for (const { word, kind, points } of pairsOf(tokens, matches, model.pairs)) {
    add(word, kind, points)
    entries.set(word, { word, kind, weight: points, of: [] })
  }
  for (const entry of model.parts) {
    if (!folded.includes(entry.word)) continue
    add(entry.word, entry.kind, entry.weight)
    entries.set(entry.word, entry)
  }
  return {
    length: tokens.length,
    found: capped(
      [...found.values()].map(({ times, points, ...rest }) => ({ ...rest, points: points * again(times) })),
    ),
    entries: [...entries.values()],
  }
}

/** A long text in stretches that overlap: what is put into a page stands together, what an article says is spread over it. */
export function readStretches(text: string, model: WordModel): Reading[] {
  const words = text.split(' ')
  if (words.length <= STRETCH + STEP) return [readWords(text, model)]
  const readings: Reading[] = []
  for (let from = 0; from < words.length - STEP; from += STEP)
    readings.push(readWords(words.slice(from, from + STRETCH).join(' '), model))
  return readings
}

const STRETCH = 120
const STEP = 60

/** The stretch that says most. */
export function strongestOf(stretches: readonly Found[][]): Found[] {
  return stretches.reduce<Found[]>((best, one) => (pointsOf(one) > pointsOf(best) ? one : best), [])
}

/**
 * What is said in texts of one author, each word with what remains of it beside all that speaks against: an article that speaks of gambling and warns
 * offers none. Offers count so far as there is company for them; `topics` is what a topic counts.
 */
export function weighed(reading: Reading, context: readonly Reading[], company: number, topics = 1): Found[] {
  const entries = [...new Map(context.flatMap((one) => one.entries.map((entry) => [entry.word, entry]))).values()]
  const speaksFor = Math.min(sumOf(entries.filter(isFor)), MOST_FOR)
  return reading.found.map((one) => {
    const against = sumOf(entries.filter((entry) => speaksAgainst(entry, one.word)))
    const share =
      speaksFor + against === 0 ? 1 : (speaksFor / (speaksFor + against)) ** (one.points >= SIGNATURE ? FIRM : DOUBT)
    const accompanied = one.kind === 'offer' ? company : one.kind === 'topic' ? topics : 1
    return { ...one, points: one.points * share * accompanied }
  })
}

/** What of the points of a kind counts as company. */
export type Shares = Partial<Record<Found['kind'] | 'hint', number>>

/** Offers of fewer points are hints: how people talk, or what they protest against. */
const HINT = 1.8

/** How much company there is for offers, 0 to 1. */
export function companyOf(readings: readonly Reading[], shares: Shares = COMPANY): number {
  const points = new Map<string, number>()
  for (const { found } of readings) {
    for (const one of found) {
      const share = shares[one.kind] ?? 1
      const hint = one.kind === 'offer' && one.points < HINT ? (shares.hint ?? share) : share
      points.set(one.word, one.points * hint)
    }
  }
  return Math.min(1, [...points.values()].reduce((sum, one) => sum + one, 0) / FULL_COMPANY)
}

const FULL_COMPANY = 4
/** Many offers are some company for one another, and a topic is not yet a deed. */
const COMPANY: Shares = { offer: 0.1, topic: 0.5, theme: 0.5 }

export function pointsOf(found: readonly Found[]): number {
  return found.reduce((sum, { points }) => sum + points, 0)
}

/** Whether something in a reading speaks against it. */
export function isDenied({ entries }: Reading): boolean {
  return entries.some(({ kind }) => kind === 'against')
}

/** How much different words speak against it in texts of one author. */
export function againstOf(readings: readonly Reading[]): number {
  const words = new Map(readings.flatMap(({ entries }) => entries.map((entry) => [entry.word, entry])))
  return sumOf([...words.values()].filter((entry) => speaksAgainst(entry, '')))
}

function isFor({ kind }: Entry): boolean {
  return kind !== 'call' && kind !== 'against'
}

function speaksAgainst({ kind, of }: Entry, word: string): boolean {
  return kind === 'against' && (of.length === 0 || of.some((one) => word.includes(one)))
}

function weightOf({ kind, weight }: Entry): number {
  return kind === 'theme'
    ? THEME_SHARE
    : kind === 'against'
      ? weight
      : Math.min(weight, weight >= SIGNED_WEIGHT ? SIGNED_SHARE : MAX_SHARE)
}

function sumOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + weightOf(entry), 0)
}

function again(times: number): number {
  return 1 + AGAIN * Math.min(times - 1, MAX_AGAIN)
}

type PairFound = Found & Pick<Entry, 'kind'>

/** Words of two lists near one another. */
function pairsOf(tokens: readonly Token[], matches: readonly Match[], rules: readonly PairRule[]): PairFound[] {
  const known = new Set(matches.map(({ entry }) => entry.word))
  const found: PairFound[] = []
  for (const { first, other, near, without, within, either, weight, most, company } of rules) {
    const points = new Map<string, number>()
    let begun = Number.NEGATIVE_INFINITY
    let ended = Number.NEGATIVE_INFINITY
    for (const [at, { text }] of tokens.entries()) {
      const opens = first.has(text)
      const closes = other.has(text)
      if (!opens && !closes) continue
      const from = closes && at - begun <= within ? begun : opens && either && at - ended <= within ? ended : undefined
      const turned =
        from !== undefined && tokens.slice(Math.max(0, from - 1), at).some((token) => without.has(token.text))
      if (from !== undefined && !turned && isNear(tokens, near, from, at)) {
        const quoted = tokens.slice(from, at + 1).some((token) => token.quoted) ? QUOTED : 1
        const begin = tokens[from]?.text ?? ''
        const word = `${begin} … ${text}`
        // What is a word of the model counts as that.
        if (!known.has(`${begin} ${text}`))
          points.set(word, Math.max(points.get(word) ?? 0, weight * againstNear(matches, at) * quoted))
      }
      if (opens) begun = at
      if (closes) ended = at
    }
    let left = most
    for (const [word, given] of points) {
      found.push({ word, kind: company ? 'offer' : 'sure', points: Math.min(given, left) })
      left = Math.max(0, left - given)
    }
  }
  return found.filter((one) => one.points > 0)
}

function isNear(tokens: readonly Token[], words: ReadonlySet<string>, from: number, to: number): boolean {
  if (words.size === 0) return true
  for (let n = Math.max(0, from - NEAR_PAIR); n <= to + NEAR_PAIR; n++)
    if (words.has(tokens[n]?.text ?? '')) return true
  return false
}

const NEAR_PAIR = 8

/** What remains of a pair beside what speaks against it near it. */
function againstNear(matches: readonly Match[], at: number): number {
  const near = matches.filter((one) => Math.abs(one.at - at) <= NEAR)
  const words = new Map(near.map(({ entry }) => [entry.word, entry]))
  const against = sumOf([...words.values()].filter((entry) => speaksAgainst(entry, '')))
  return PAIR_SHARE / (PAIR_SHARE + against)
}

const PAIR_SHARE = 6

/** The longest word of the model at each place, one behind the other. */
function matchesOf(tokens: readonly Token[], { root, names }: WordModel): Match[] {
  const matches: Match[] = []
  for (let at = 0; at < tokens.length; ) {
    const quoted = tokens[at]?.quoted === true
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
      if (token !== undefined && isName(token.text, names)) {
        const name: Entry = { word: token.text, kind: 'theme', weight: NAME_WEIGHT, of: [] }
        matches.push({ at, entry: name, disguised: false, quoted })
      }
      at += 1
      continue
    }
    matches.push({ at, entry, disguised, quoted })
    at = end
  }
  return matches
}

const NAME_WEIGHT = 1
const NUMBERED = /^([a-z]{3,20})(\d{1,4}d?)$/

/** Whether a word is the name of a gambling site by how it ends. */
function isName(word: string, { numbers, endings, not }: Names): boolean {
  if (not.has(word)) return false
  const [, stem, number] = NUMBERED.exec(word) ?? []
  if (stem !== undefined && number !== undefined) return numbers.has(number) && !not.has(stem)
  const ending = endings.find((one) => word.length >= one.length + MIN_STEM && word.endsWith(one))
  return ending !== undefined && !not.has(word.slice(0, -ending.length))
}

const MIN_STEM = 3

/** What remains of a word's points beside the words near it, 0 to 1. */
function shareNear(matches: readonly Match[], n: number): number {
  const { at: place, entry } = matches[n] as Match
  const words = new Map<string, Entry>()
  for (const step of [-1, 1]) {
    for (let i = step < 0 ? n : n + 1; i >= 0 && i < matches.length; i += step) {
      const match = matches[i]
      if (match === undefined || Math.abs(match.at - place) > NEAR) break
      words.set(match.entry.word, match.entry)
    }
  }
  const near = [...words.values()]
  const speaksFor = Math.min(sumOf(near.filter(isFor)), MOST_FOR)
  const against = sumOf(near.filter((one) => speaksAgainst(one, entry.word)))
  return (speaksFor / (speaksFor + AGAINST_NEAR * against)) ** (entry.weight >= SIGNATURE ? FIRM_NEAR : DOUBT)
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
    ['pair', MAX_PAIRS],
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
