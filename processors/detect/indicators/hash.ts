// Under which numbers does a value stand in the table of indicators? Keyed, so that nobody can choose values that collide.
// Texts are hashed from their end: the numbers of every parent of a host name come up on the way. What is found is compared with the text
// itself, so 32 bits will do, and letters need not be told from others that differ by the bit of their case.
import { type Address, maskWord } from '../../../runtime/address.ts'

/** What a number is of: a value that is a domain is not found as an URL. Networks have tags of their own by family and length. */
export const tags = { domain: 1, url: 2, urlHost: 3, fileHash: 4, email: 5, tls: 6 } as const

const V4 = 64
const V6 = 256

/** The last hash; read before the next one is made. */
export interface Hash {
  position: number
  print: number
}

export interface Hasher {
  /** Numbers of a whole text. */
  text(text: string, tag: number, out: Hash): void
  /**
   * Calls `visit` at each label of a host name but the last one, from the end: `b.example`, `a.b.example`, and at last with the numbers of
   * the whole name under `tags.urlHost` and -1. Answers all codes of the name in one word: more than 127 if it is not ASCII.
   */
  parents(host: string, end: number, out: Hash, visit: (from: number) => void): number
  /** Numbers of the first `length` bits of an address. */
  network(address: Address, length: number, out: Hash): void
}

const PRIME = 0x01000193
const DOT = 46
const CASE = 32

/** Hashes under a seed (32 bits). */
export function createHasher(seed: number): Hasher {
  const start = mix(seed ^ 0x9e3779b9)
  return {
    text(text, tag, out) {
      const { length } = text
      let h = start
      for (let i = length - 1; i >= 0; i--) h = Math.imul(h ^ (text.charCodeAt(i) | CASE), PRIME)
      finish(h ^ length, tag, out)
    },
    parents(host, end, out, visit) {
      let h = start
      let codes = 0
      let labels = 0
      for (let i = end - 1; i >= 0; i--) {
        const c = host.charCodeAt(i)
        if (c === DOT && labels++ > 0) {
          finish(h ^ (end - 1 - i), tags.domain, out)
          visit(i + 1)
        }
        codes |= c
        h = Math.imul(h ^ (c | CASE), PRIME)
      }
      if (labels > 0) {
        finish(h ^ end, tags.domain, out)
        visit(0)
      }
      finish(h ^ end, tags.urlHost, out)
      visit(-1)
      return codes
    },
    network({ family, a, b, c, d }, length, out) {
      let h = mix(start ^ maskWord(a, length))
      if (family === 6 && length > 32) {
        h = mix(Math.imul(h, PRIME) ^ maskWord(b, length - 32))
        if (length > 64) h = mix(Math.imul(h, PRIME) ^ maskWord(c, length - 64))
        if (length > 96) h = mix(Math.imul(h, PRIME) ^ maskWord(d, length - 96))
      }
      finish(h, (family === 4 ? V4 : V6) + length, out)
    },
  }
}

function finish(h: number, tag: number, out: Hash): void {
  const position = mix(h ^ Math.imul(tag, 0x9e3779b1))
  out.position = position
  out.print = Math.imul(position ^ (position >>> 15), 0xc2b2ae35) ^ h
}

/** Finaliser of MurmurHash3 (public domain): every bit of the input changes half of those that come out. */
function mix(n: number): number {
  let h = n
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
