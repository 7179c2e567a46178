// Which identifiers are in a payload, as it came and as its escapes read?
import { isHex } from '../bytes.ts'
import { asItCame, fromHex, type Reading, unescaped } from '../encodings.ts'
import { byte, type Identifier } from './identifier.ts'
import { scan } from './scan.ts'

/** Escapes inside escapes that are looked through: more than the rules' own reading of a request decodes. */
const LAYERS = 4

/** Every identifier in the payload, in order, none overlapping. */
export function findIdentifiers(payload: Buffer): Identifier[] {
  const found: Identifier[] = []
  const escaped = scan(payload, found)
  if (!escaped) return found
  // Look at the text that the escapes stand for, layer by layer, and map what is found back to the bytes as they came.
  const came = asItCame(payload)
  const hex = fromHex(payload)
  if (hex !== undefined) addFrom(hex, payload, found)
  for (const base of hex === undefined ? [came] : [came, hex]) {
    for (const percent of base.text.includes(37) ? [false, true] : [false]) {
      let reading = unescaped(base, percent)
      for (let layer = 0; layer < LAYERS && reading !== undefined; layer++) {
        reading = addFrom(reading, payload, found) ? unescaped(reading, true) : undefined
      }
    }
  }
  return found
}

/** Adds what a reading shows, with the places that it came from; true if it has escapes of its own. */
function addFrom({ text, origin }: Reading, payload: Buffer, found: Identifier[]): boolean {
  const hidden: Identifier[] = []
  const escaped = scan(text, hidden)
  mergeInto(
    found,
    hidden.map((one) => {
      const start = origin[one.start] ?? 0
      const end = origin[one.end] ?? payload.length
      const hex = end - start === 2 * (one.end - one.start) && isHexWord(payload, start, end)
      return { ...one, start, end, hex }
    }),
  )
  return escaped
}

function isHexWord(payload: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isHex(byte(payload, i))) return false
  return true
}

/**
 * Takes over what another reading of the same text shows. Where readings overlap only one can be right: a NIK before the phone number that
 * its digits hold, and the whole of a number before a part of it. Both lists are in order without overlaps and stay so.
 */
function mergeInto(found: Identifier[], more: Identifier[]): void {
  const before = found.splice(0)
  let next = 0
  for (const one of more) {
    for (let other = before[next]; other !== undefined && other.end <= one.start; other = before[++next])
      found.push(other)
    let to = next
    let wins = true
    for (let other = before[to]; other !== undefined && other.start < one.end; other = before[++to])
      wins &&= outweighs(one, other)
    if (!wins) continue
    found.push(one)
    next = to
  }
  for (; next < before.length; next++) {
    const other = before[next]
    if (other !== undefined) found.push(other)
  }
}

function outweighs(one: Identifier, other: Identifier): boolean {
  if (one.kind !== other.kind) return one.kind === 'nik'
  return one.normal.length > other.normal.length
}
