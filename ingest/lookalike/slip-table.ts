// Is a word of a host name a protected brand with one slip? All slips are made once; a word is one look-up.
import type { Brand } from './brands.ts'
import { asciiLookalikes } from './confusables.ts'
import type { Hit } from './judge.ts'
import { hyphensOf, type Slip, slipsOf } from './slips.ts'
import { Trie } from './trie.ts'
import { addedWords, baitWords, electionWords } from './words.ts'

interface KnownSlip extends Slip {
  readonly brand: Brand
}

/** Shorter words with a slip are other words. */
const LONG_ENOUGH = 6

export interface SlipTable {
  /** Slips that stand as a word of the name, or as one with words before or behind it. */
  hits(readable: string): Hit[]
}

/** Slips of long brands, of any brand run together with its ending (kpugoid), and of long names beneath protected ones. */
export function createSlips(
  brands: readonly Brand[],
  subNames: ReadonlyMap<string, string>,
  words: readonly string[],
  places: ReadonlySet<string>,
): SlipTable {
  const table = new Map<string, KnownSlip>()
  const add = (brand: Brand, slip: Slip): void => {
    const known = table.get(slip.text)
    if (known === undefined || known.likeness < slip.likeness) table.set(slip.text, { ...slip, brand })
  }
  const originals = new Set(brands.map(({ text }) => text))
  const all = (brand: Brand, text: string): void => {
    for (const slip of slipsOf(text)) if (!originals.has(slip.text) && !places.has(slip.text)) add(brand, slip)
    for (const hyphened of hyphensOf(text)) add(brand, { kind: 'hyphen', text: hyphened, likeness: 85 })
    for (let at = 0; at < text.length; at++) {
      for (const other of asciiLookalikes(text.charAt(at))) {
        // Run together with its ending, an l for an i makes words: jakartagold.
        if (text !== brand.text && other === 'l') continue
        add(brand, { kind: 'homoglyph', text: text.slice(0, at) + other + text.slice(at + 1), likeness: 88 })
      }
    }
  }
  const shortOnes = new Map<string, KnownSlip>()
  for (const brand of brands) {
    const { text, suffix, common } = brand
    const joined = text + suffix.replaceAll('.', '')
    if (joined.length >= LONG_ENOUGH + 1 && suffix.includes('.')) all(brand, joined)
    if (text.length >= LONG_ENOUGH && !common) all(brand, text)
    else for (const slip of slipsOf(text)) shortOnes.set(slip.text, { ...slip, brand })
  }
  for (const [text, name] of subNames) {
    const brand = brands.find(({ registered }) => name.endsWith(registered))
    if (brand === undefined) continue
    const own = { ...brand, protected: name, text, short: false, common: false }
    for (const head of [text, `${text}-${brand.text}`, text + brand.text]) all(own, head)
    add(own, { kind: 'other_ending', text, likeness: 78 })
  }
  let shortest = Number.POSITIVE_INFINITY
  let longest = 0
  for (const { length } of table.keys()) {
    shortest = Math.min(shortest, length)
    longest = Math.max(longest, length)
  }
  const before = new Trie()
  const behind = new Trie()
  for (const word of new Set([...baitWords, ...electionWords, ...addedWords, ...words])) {
    if (word.includes('-')) continue
    before.add(word, 0)
    behind.add(reversed(word), 0)
  }

  const codes = new Uint8Array(64)
  function inWord(word: string, from: number, hits: Hit[]): void {
    if (word.length < shortest) return
    const put = (slip: KnownSlip, start: number): void => {
      hits.push({ brand: slip.brand, from: start, to: start + slip.text.length, shapesTo: 0, slip })
    }
    const whole = word.length <= longest ? table.get(word) : undefined
    if (whole !== undefined) {
      put(whole, from)
      return
    }
    if (word.length < shortest + 2) return
    for (let at = 0; at < word.length; at++) codes[at] = word.charCodeAt(at)
    for (const { to } of before.begins(codes, 0, word.length)) {
      const slip = word.length - to >= shortest ? table.get(word.slice(to)) : undefined
      if (slip !== undefined) put(slip, from + to)
    }
    for (let at = 0; at < word.length; at++) codes[at] = word.charCodeAt(word.length - 1 - at)
    for (const { to } of behind.begins(codes, 0, word.length)) {
      const slip = word.length - to >= shortest ? table.get(word.slice(0, -to)) : undefined
      if (slip !== undefined) put(slip, from)
    }
  }

  /** Slips of short names count only before the ending that belongs to them: kpy-go-id. */
  function beforeEnding(readable: string, word: string, from: number, hits: Hit[]): void {
    const slip = shortOnes.get(word)
    if (slip === undefined) return
    const parts = slip.brand.suffix.split('.')
    const rest = readable.slice(from + word.length)
    const [dashed, joined] = [`-${parts.join('-')}`, `-${parts.join('')}`]
    if (parts.length > 1 && (rest.startsWith(dashed) || rest.startsWith(joined))) {
      const length = rest.startsWith(dashed) ? dashed.length : joined.length
      hits.push({ brand: slip.brand, from, to: from + word.length + length, shapesTo: 0, slip })
    }
  }

  return {
    hits(readable) {
      if (table.size === 0) return []
      const hits: Hit[] = []
      let label = 0
      for (let at = 0, from = 0; at <= readable.length; at++) {
        const code = at === readable.length ? DOT : readable.charCodeAt(at)
        if (code !== DOT && code !== HYPHEN) continue
        const word = readable.slice(from, at)
        if (word.length <= 63) {
          inWord(word, from, hits)
          beforeEnding(readable, word, from, hits)
        }
        from = at + 1
        if (code !== DOT) continue
        // A hyphen may be the slip itself, or a part of the name.
        const whole = readable.slice(label, at)
        const slip = whole.includes('-') && whole.length <= longest ? table.get(whole) : undefined
        if (slip !== undefined) hits.push({ brand: slip.brand, from: label, to: at, shapesTo: 0, slip })
        label = at + 1
      }
      return hits
    },
  }
}

const DOT = 46
const HYPHEN = 45

function reversed(word: string): string {
  return [...word].reverse().join('')
}
