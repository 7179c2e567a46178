// Under which names could somebody pass for a protected one? Permutations, the most deceiving first.
import { domainToASCII } from 'node:url'
import { getDomain } from 'tldts'
import { LookalikeKind } from '../../schemas/lookalike.ts'
import { type Brand, brandOf, hostOptions, shippedPlaces } from './brands.ts'
import { asciiLookalikes, unicodeShapes } from './confusables.ts'
import { commonEndings, endings, governmentParents, restrictedEndings, wrongParents } from './endings.ts'
import { hyphensOf, slipsOf } from './slips.ts'
import { addedWords, electionWords, officeNames } from './words.ts'

export interface Permutation {
  /** In A-labels. */
  readonly domain: string
  readonly kind: LookalikeKind
  /** 0 to 100: how easily a person takes it for the protected name. */
  readonly likeness: number
}

export interface PermutationOptions {
  /** Words to add, beside the shipped ones. */
  readonly words?: readonly string[]
  /** Names of regions as in domains (`placesOf`): a brand that is one of them proves little. */
  readonly places?: ReadonlySet<string>
  /** Most permutations that are answered. */
  readonly max: number
}

const SHORT_SLIP = 0.4
const COMMON = 0.5
const BEST_ENDING = 90
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,10}[a-z0-9-]{2,63}$/

/** All permutations of a name, each once, the most deceiving first and always in the same order. None is beneath the name's own registered domain. */
export function* permutations(name: string, options: PermutationOptions): Generator<Permutation> {
  const { words = [], places = shippedPlaces, max } = options
  const brand = brandOf(name, places)
  if (brand === undefined) return
  const found = new Map<string, Permutation>()
  const add = (kind: LookalikeKind, domain: string, likeness: number): void => {
    const ascii = domainToASCII(domain)
    if (ascii.length > 253 || !DOMAIN.test(ascii) || getDomain(ascii, hostOptions) === null) return
    if (ascii === brand.registered || ascii.endsWith(`.${brand.registered}`)) return
    const rounded = Math.round(likeness)
    const known = found.get(ascii)
    if (known === undefined || known.likeness < rounded) found.set(ascii, { kind, domain: ascii, likeness: rounded })
  }
  for (const head of headsOf(name, brand)) {
    drawn(head, brand, add)
    parents(head, brand, add)
    moved(head, brand, add)
    otherEndings(head, brand, add)
    // A longer name alone is made of such words itself (infopemilu).
    if (head.includes(brand.text)) added(head, brand, words, add)
    slips(head, brand, add)
  }
  const sorted = [...found.values()].sort(
    (a, b) => b.likeness - a.likeness || order(a.kind) - order(b.kind) || (a.domain < b.domain ? -1 : 1),
  )
  yield* sorted.slice(0, max)
}

type Add = (kind: LookalikeKind, domain: string, likeness: number) => void

const kinds: readonly LookalikeKind[] = LookalikeKind.options
const order = (kind: LookalikeKind): number => kinds.indexOf(kind)

/** What stands before the ending: the brand, or of a longer name its labels together. */
function headsOf(name: string, { registered, text }: Brand): string[] {
  const before = name.slice(0, -registered.length - 1)
  if (before === '') return [text]
  const labels = before.split('.')
  return [...(labels.length === 1 ? labels : []), [...labels, text].join('-'), [...labels, text].join('')]
}

/** The name's own ending and those that are seen most, with how alike a name is under each. */
function endingsOf({ suffix }: Brand): [ending: string, factor: number][] {
  const others = commonEndings.filter((ending) => ending !== suffix)
  return [[suffix, 1], ...others.map((ending): [string, number] => [ending, factorOf(ending)])]
}

function factorOf(ending: string): number {
  return 0.75 + (0.25 * (endings.get(ending) ?? 0)) / BEST_ENDING
}

/** Letters that look like those of the name. */
function drawn(head: string, brand: Brand, add: Add): void {
  /** Some letters are made Latin by IDNA itself, and there is no such name. */
  const foreign = (label: string, ending: string, likeness: number): void => {
    if (domainToASCII(label).startsWith('xn--')) add('homoglyph', `${label}.${ending}`, likeness)
  }
  for (const [ending, factor] of endingsOf(brand)) {
    for (let at = 0; at < head.length; at++) {
      const [before, letter, behind] = [head.slice(0, at), head.charAt(at), head.slice(at + 1)]
      for (const [rank, shape] of unicodeShapes(letter).entries()) {
        foreign(`${before}${shape}${behind}`, ending, (98 - 2 * rank) * factor)
      }
      for (const shape of asciiLookalikes(letter)) {
        const likeness = brand.short ? 60 : brand.common ? 45 : 94
        add('homoglyph', `${before}${shape}${behind}.${ending}`, likeness * factor)
      }
    }
    const all = Array.from(head, (letter) => unicodeShapes(letter)[0] ?? letter).join('')
    foreign(all, ending, 98 * factor)
  }
}

/** The whole name before another ending, or beneath what reads like the government's. */
function parents(head: string, brand: Brand, add: Add): void {
  const { suffix, common, text } = brand
  const parts = suffix.split('.')
  if (parts.length > 1) {
    for (const [ending, likeness] of endings) {
      const factor = 0.8 + (0.2 * likeness) / BEST_ENDING
      add('wrong_parent', `${head}-${parts.join('-')}.${ending}`, 96 * factor)
      add('wrong_parent', `${head}${parts.join('')}.${ending}`, 94 * factor)
      add('wrong_parent', `www-${head}-${parts.join('-')}.${ending}`, 90 * factor)
    }
    for (const ending of ['com', 'net', 'org', 'info', 'site', 'online', 'xyz', 'top', 'web.id', 'my.id']) {
      add('wrong_parent', `${head}.${suffix}.${ending}`, 92)
    }
  }
  if (suffix !== 'go.id') return
  for (const parent of wrongParents) add('wrong_parent', `${head}.${parent}`, 91)
  if (common || officeNames.has(text)) return
  for (const parent of governmentParents) add('wrong_parent', `${head}.${parent}`, 68)
}

/** Dots left out or put elsewhere, and hyphens. */
function moved(head: string, { suffix, short, common }: Brand, add: Add): void {
  const parts = suffix.split('.')
  const last = parts.at(-1) ?? ''
  if (parts.length > 1) {
    const before = parts.slice(0, -1)
    add('dot', `${head}${before.join('')}.${last}`, 95)
    add('hyphen', `${head}-${before.join('-')}.${last}`, 93)
  }
  const weak = common ? COMMON : 1
  for (const ending of restrictedEndings.has(suffix) ? [last, 'com', 'or.id', 'my.id', 'web.id'] : [suffix, 'com']) {
    add('dot', `www${head}.${ending}`, 88 * weak)
    add('hyphen', `www-${head}.${ending}`, 86 * weak)
    for (const hyphened of hyphensOf(head)) add('hyphen', `${hyphened}.${ending}`, (short ? 62 : 84) * weak)
  }
  if (restrictedEndings.has(suffix)) return
  for (let at = 2; at < head.length - 1; at++) add('dot', `${head.slice(0, at)}.${head.slice(at)}.${suffix}`, 55 * weak)
}

function otherEndings(head: string, { suffix, common }: Brand, add: Add): void {
  for (const [ending, likeness] of endings) {
    if (ending !== suffix) add('other_ending', `${head}.${ending}`, likeness * (common ? 0.4 : 1))
  }
}

function added(head: string, brand: Brand, words: readonly string[], add: Add): void {
  const elections = new Set([...electionWords, ...words])
  const weak = brand.common ? COMMON : 1
  for (const [rank, word] of [...words, ...addedWords, ...years].entries()) {
    const likeness = ((elections.has(word) || elections.has(word.replace('-', '')) ? 88 : 84) - rank / 10) * weak
    for (const [ending, factor] of endingsOf(brand)) {
      if (restrictedEndings.has(ending)) continue
      add('added_word', `${word}-${head}.${ending}`, likeness * factor)
      add('added_word', `${head}-${word}.${ending}`, likeness * factor)
      if (word.includes('-')) continue
      add('added_word', `${word}${head}.${ending}`, (likeness - 1) * factor)
      add('added_word', `${head}${word}.${ending}`, (likeness - 1) * factor)
    }
  }
}

/** Of elections that were and that come; their years are seen in names long before. */
const years: readonly string[] = ['2024', '2025', '2029', '2031']

function slips(head: string, brand: Brand, add: Add): void {
  const weak = head.length <= 4 ? SHORT_SLIP : brand.common ? COMMON : 1
  for (const { kind, text, likeness } of slipsOf(head)) {
    for (const [ending, factor] of endingsOf(brand)) {
      // Nobody registers a slip where one must prove who one is.
      const proven = restrictedEndings.has(ending) ? 0.7 : 1
      add(kind, `${text}.${ending}`, likeness * factor * weak * proven)
    }
  }
}
