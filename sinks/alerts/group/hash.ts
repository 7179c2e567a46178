// How are texts made into numbers to count by, and into names that people can read out on the phone?
import { hash } from 'node:crypto'

const TWO_32 = 0x1_0000_0000

/**
 * A number of 53 bits for a text, the same everywhere and for ever: it is kept in records. Fast, spread evenly, but no secret: who chooses texts can
 * make two collide, and then only has two of his own matters counted as one.
 */
export function hash53(text: string): number {
  let low = 0x2c1b3c6d
  let high = 0x297a2d39
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x9e3779b1)
    high = Math.imul(high ^ unit, 0x85ebca77)
  }
  low = mix(low ^ (high >>> 15))
  high = mix(high ^ (low >>> 13) ^ text.length)
  return (high & 0x1f_ffff) * TWO_32 + (low >>> 0)
}

/** The finaliser of MurmurHash3: every bit of the input changes every bit of the output half of the time. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Crockford's: without I, L, O and U, which are misheard and misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ID_CHARACTERS = 10

/** Name of an alert that begins in an hour: `A-` and 50 bits. `attempt` counts up while the name is taken by another. */
export function alertIdOf(group: string, hour: number, attempt: number): string {
  const bytes = hash('sha256', JSON.stringify(attempt === 0 ? [group, hour] : [group, hour, attempt]), 'buffer')
  return `A-${[...bytes.subarray(0, ID_CHARACTERS)].map((byte) => alphabet[byte % 32]).join('')}`
}

/** Short key of a record for what it is about. */
export function recordKeyOf(parts: readonly (string | number)[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)
}
