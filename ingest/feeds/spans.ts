// Which of many networks does a network overlap? By first and last address, in order.
import { type Address, emptyAddress, maskWord, parseAddress } from '../../runtime/address.ts'

type Words = readonly [number, number, number, number]

/** First and last address of a network or of one address, as 32-bit words. */
export interface Span {
  readonly family: 4 | 6
  readonly first: Words
  readonly last: Words
  /** Length of its prefix. */
  readonly bits: number
}

/** The span of an address or a network in CIDR form; undefined for a text that is neither. */
export function spanOf(text: string): Span | undefined {
  const slash = text.indexOf('/')
  const address = emptyAddress()
  const written = slash < 0 ? text : text.slice(0, slash)
  if (!parseAddress(written, address)) return undefined
  const family = address.family === 4 ? 4 : 6
  const full = family === 4 ? 32 : 128
  const mapped = family === 4 && written.includes(':') ? 96 : 0
  const digits = text.slice(slash + 1)
  if (slash >= 0 && !/^\d{1,3}$/.test(digits)) return undefined
  const bits = slash < 0 ? full : Number(digits) - mapped
  if (bits < 0 || bits > full) return undefined
  const first = wordsOf(address).map((word, at) => maskWord(word, bits - 32 * at))
  const last = first.map((word, at) => (family === 4 && at > 0 ? 0 : fill(word, bits - 32 * at)))
  return { family, bits, first: four(first), last: four(last) }
}

/**
 * Answers for an address or a network the value of one that it overlaps: that holds it, or that it holds. Texts that are no network are
 * left out. Of two networks that overlap one holds the other, so that the broadest are enough.
 */
export function createOverlap<T>(
  networks: readonly { readonly cidr: string; readonly value: T }[],
): (text: string) => T | undefined {
  const spans = networks.flatMap(({ cidr, value }) => {
    const span = spanOf(cidr)
    return span === undefined ? [] : [{ span, value }]
  })
  const ordered = spans.toSorted((a, b) => compare(a.span.first, b.span.first) || a.span.bits - b.span.bits)
  const broadest: Record<4 | 6, { span: Span; value: T }[]> = { 4: [], 6: [] }
  for (const one of ordered) {
    const list = broadest[one.span.family]
    const before = list.at(-1)
    if (before === undefined || compare(one.span.first, before.span.last) > 0) list.push(one)
  }
  return (text) => {
    const asked = spanOf(text)
    if (asked === undefined) return undefined
    const list = broadest[asked.family]
    let low = 0
    let high = list.length
    // The first span that does not end before what is asked for begins.
    while (low < high) {
      const middle = (low + high) >>> 1
      const span = list[middle]?.span
      if (span !== undefined && compare(span.last, asked.first) < 0) low = middle + 1
      else high = middle
    }
    const found = list[low]
    return found !== undefined && compare(found.span.first, asked.last) <= 0 ? found.value : undefined
  }
}

function wordsOf({ a, b, c, d }: Address): Words {
  return [a, b, c, d]
}

function four([a = 0, b = 0, c = 0, d = 0]: readonly number[]): Words {
  return [a, b, c, d]
}

function fill(word: number, bits: number): number {
  if (bits >= 32) return word
  return bits <= 0 ? 0xffff_ffff : (word | (0xffff_ffff >>> bits)) >>> 0
}

function compare(one: Words, other: Words): number {
  for (let at = 0; at < 4; at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
