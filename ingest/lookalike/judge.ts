// A brand, or a slip of one, stands in a host name: is that deceit, and of which kind?
import type { LookalikeKind } from '../../schemas/lookalike.ts'
import type { Brand } from './brands.ts'
import type { Skeleton } from './confusables.ts'
import type { Cover } from './cover.ts'
import { endings, wrongParents } from './endings.ts'
import type { Host } from './host.ts'
import type { Slip } from './slips.ts'
import { officeNames } from './words.ts'

const readsLikeGovernment: ReadonlySet<string> = new Set(wrongParents)

/** Where a brand stands in the readable name. */
export interface Hit {
  readonly brand: Brand
  readonly from: number
  readonly to: number
  /** Place behind it among the shapes of the name. */
  readonly shapesTo: number
  /** The slip that stands there in the brand's place. */
  readonly slip: Slip | undefined
}

export interface Reading {
  readonly cover: (text: string) => Cover
  /** Shapes of the name that is being judged. */
  readonly skeleton: Skeleton
}

export interface Judgement {
  readonly kind: LookalikeKind
  readonly likeness: number
}

/** A hit with its surroundings. */
interface Place {
  readonly host: Host
  readonly brand: Brand
  readonly slip: Slip | undefined
  /** Number of its label, and whether that is the label of the registered domain. */
  readonly label: number
  readonly isRegistered: boolean
  /** True if the label is the brand and nothing else. */
  readonly whole: boolean
  /** What the rest of its word is made of, and the words beside it in the label. */
  readonly left: Cover
  readonly right: Cover
  readonly beside: Cover
  /** The letters are not those of the brand, though they look like them. */
  readonly drawn: 'unicode' | 'ascii' | undefined
}

/** What a hit means; undefined: nothing. */
export function judge(host: Host, hit: Hit, { cover, skeleton }: Reading): Judgement | undefined {
  const place = placeOf(host, hit, cover)
  if (place === undefined) return undefined
  const { brand, slip } = place
  const parent = slip === undefined ? parentMark(place, hit, skeleton, cover) : undefined
  if (parent !== undefined) return parent
  if (slip !== undefined) return judgeSlip(place, slip)
  if (place.drawn !== undefined) return judgeDrawn(place, place.drawn)
  if (brand.common) return undefined
  if (host.ending === 'restricted') return judgeUnderGovernment(place)
  return place.isRegistered ? judgeRegistered(place, cover) : judgeBeneath(place, cover)
}

function placeOf(host: Host, { brand, from, to, slip }: Hit, cover: (text: string) => Cover): Place | undefined {
  const { readable } = host
  const start = readable.lastIndexOf('.', from - 1) + 1
  const dot = readable.indexOf('.', from)
  const end = dot < 0 || dot < to ? Math.max(to, dot < 0 ? readable.length : dot) : dot
  const label = countDots(readable, start)
  // In the public suffix itself.
  if (label >= host.labels.length) return undefined
  const text = readable.slice(start, end)
  const wordStart = Math.max(start, readable.lastIndexOf('-', from - 1) + 1)
  const dash = readable.indexOf('-', to)
  const wordEnd = dash < 0 || dash > end ? end : dash
  const foreign = host.foreign[label] ?? false
  return {
    host,
    brand,
    slip,
    label,
    isRegistered: label === host.labels.length - 1,
    whole: from === start && to === end,
    left: cover(readable.slice(wordStart, from)),
    right: cover(readable.slice(to, wordEnd)),
    beside: both(
      coverWords(readable.slice(start, Math.max(start, wordStart - 1)), cover),
      coverWords(readable.slice(Math.min(end, wordEnd + 1), end), cover),
    ),
    drawn:
      slip !== undefined
        ? undefined
        : foreign
          ? 'unicode'
          : text.slice(from - start, to - start) === brand.text
            ? undefined
            : 'ascii',
  }
}

function countDots(text: string, end: number): number {
  let dots = 0
  for (let at = 0; at < end; at++) if (text.charCodeAt(at) === 46) dots++
  return dots
}

const ranks: readonly Cover[] = ['none', 'empty', 'bait', 'election']

/** `none` if one of them is; else the one that says more. */
function both(one: Cover, other: Cover): Cover {
  if (one === 'none' || other === 'none') return 'none'
  return ranks.indexOf(one) > ranks.indexOf(other) ? one : other
}

function coverWords(text: string, cover: (text: string) => Cover): Cover {
  return text === '' ? 'empty' : text.split('-').map(cover).reduce(both)
}

/** kpu.go.id.example.com, kpu-go-id.com, kpugoid.com, kpugo.id: the ending of the protected name behind the brand, and not as the ending. */
function parentMark(
  { host, brand, left, drawn }: Place,
  hit: Hit,
  skeleton: Skeleton,
  cover: (text: string) => Cover,
): Judgement | undefined {
  const { readable, suffix } = host
  const written = [brand.suffix, ...(alsoWritten.get(brand.suffix) ?? [])]
  const mark = written.map((ending) => endingAt(ending, readable, hit, skeleton)).find((one) => one !== undefined)
  if (mark === undefined) return undefined
  const { place, hyphens } = mark
  const atEnd = place === readable.length
  // The ending where it belongs: somebody else's name under the same ending.
  if (atEnd && suffix === brand.suffix) return undefined
  const rest = readable.slice(place, nextBreak(readable, place))
  if (rest !== '' && cover(rest) === 'none') return undefined
  if (left === 'none' && (brand.short || brand.common)) return undefined
  // A lone ending such as .com or .id behind a common word says little.
  if (brand.common && !brand.suffix.includes('.')) return undefined
  if (drawn !== undefined) return { kind: 'homoglyph', likeness: 96 }
  const likeness = left === 'empty' ? 95 : left === 'none' ? 75 : 90
  return { kind: atEnd ? (hyphens > 0 ? 'hyphen' : 'dot') : 'wrong_parent', likeness }
}

/** Endings that people take for another. */
const alsoWritten: ReadonlyMap<string, readonly string[]> = new Map([['go.id', ['gov.id']]])

/** Where an ending that is drawn behind a hit ends, and how many hyphens are in it; undefined if there is none. */
function endingAt(
  ending: string,
  readable: string,
  { shapesTo, to }: Hit,
  { codes, places }: Skeleton,
): { place: number; hyphens: number } | undefined {
  let at = shapesTo
  let hyphens = 0
  let breaks = 0
  for (const part of ending.split('.')) {
    const code = codes[at]
    if (code === 46 || code === 45) {
      at++
      breaks++
    }
    if (code === 45) hyphens++
    for (let n = 0; n < part.length; n++, at++) if (codes[at] !== shapeOf(part.charCodeAt(n))) return undefined
  }
  const place = places[at] ?? readable.length
  // Run together, an l in place of an i makes words: jakartagold.
  if (breaks === 0 && readable.slice(to, place).includes('l') && !ending.includes('l')) return undefined
  return { place, hyphens }
}

function shapeOf(code: number): number {
  return code === 105 ? 108 : code
}

function nextBreak(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 46 || code === 45) return at
  }
  return text.length
}

function judgeSlip(
  { host, isRegistered, whole, left, right, beside, brand }: Place,
  slip: Slip,
): Judgement | undefined {
  if (host.ending === 'restricted' && !(isRegistered && whole)) return undefined
  const around = both(both(left, right), beside)
  if (around === 'none') return undefined
  const { kind, likeness } = slip
  if (whole) return { kind, likeness: isRegistered ? likeness : likeness - 15 }
  return brand.common ? { kind, likeness: likeness - 20 } : { kind, likeness: likeness - 5 }
}

function judgeDrawn(
  { whole, left, right, beside, brand, isRegistered }: Place,
  drawn: 'unicode' | 'ascii',
): Judgement | undefined {
  const around = both(both(left, right), beside)
  if (drawn === 'unicode') {
    if (around !== 'none') return { kind: 'homoglyph', likeness: brand.common ? 85 : 96 }
    return brand.short || brand.common ? undefined : { kind: 'homoglyph', likeness: 80 }
  }
  // 1 and l for i make other words of short names, and of places.
  if (brand.common || (brand.short && !whole) || around === 'none') return undefined
  return { kind: 'homoglyph', likeness: brand.short ? 60 : isRegistered ? 92 : 80 }
}

/** Beneath another's .go.id: kpu.bandungkab.go.id. Names right under .go.id are given out after proof. */
function judgeUnderGovernment({ isRegistered, whole, brand }: Place): Judgement | undefined {
  if (isRegistered || !whole || officeNames.has(brand.text)) return undefined
  return { kind: 'wrong_parent', likeness: 68 }
}

function judgeRegistered(place: Place, cover: (text: string) => Cover): Judgement | undefined {
  const { host, brand, whole, left, right, beside } = place
  const { ending } = host
  const around = both(both(left, right), beside)
  const elections = around === 'election' || electionBeneath(place, cover)
  if (whole) {
    if (ending === 'hosting') return { kind: 'contains', likeness: 70 }
    const likeness = endings.get(host.suffix)
    if (likeness !== undefined) return { kind: 'other_ending', likeness }
    if (!brand.short) return { kind: 'other_ending', likeness: 66 }
    return elections || ending === 'indonesian' ? { kind: 'other_ending', likeness: 62 } : undefined
  }
  if (around !== 'none') {
    if (brand.short && ending === 'other' && !elections) return undefined
    return { kind: 'added_word', likeness: elections ? 84 : 78 }
  }
  return judgeLoose(place, elections)
}

/** The brand stands among other things. */
function judgeLoose({ host, brand, left, right }: Place, elections: boolean): Judgement | undefined {
  const { ending } = host
  if (ending === 'other' && !elections) return undefined
  if (brand.short) {
    const ownWord = left !== 'none' && right !== 'none'
    if (!ownWord || ending === 'academic') return undefined
    return elections || ending === 'indonesian' ? { kind: 'contains', likeness: elections ? 62 : 52 } : undefined
  }
  if (ending === 'academic' && !elections) return undefined
  // Other words begin or end with what is no word of its own: ilmukominfo, bogorkabupaten.
  const ownWord = left !== 'none' && right !== 'none'
  if (!ownWord && !elections && !brand.coined) return undefined
  return { kind: 'contains', likeness: elections ? 65 : 56 }
}

function judgeBeneath(place: Place, cover: (text: string) => Cover): Judgement | undefined {
  const { host, brand, whole, left, right, beside } = place
  const around = both(both(left, right), beside)
  if (whole && readsLikeGovernment.has(`${host.labels.at(-1)}.${host.suffix}`))
    return { kind: 'wrong_parent', likeness: 91 }
  const elections = around === 'election' || electionBeneath(place, cover)
  if (host.ending === 'academic' && !(elections && !brand.short)) return undefined
  if (elections && around !== 'none') return { kind: 'contains', likeness: 66 }
  if (!whole) return undefined
  if (!brand.short) return { kind: 'contains', likeness: 60 }
  return host.ending === 'indonesian' ? { kind: 'contains', likeness: 50 } : undefined
}

/** True if another label holds words of elections. */
function electionBeneath({ host, label }: Place, cover: (text: string) => Cover): boolean {
  return host.labels.some((text, at) => at !== label && text.split('-').some((word) => cover(word) === 'election'))
}
