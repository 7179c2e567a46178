// What stands in a payload in place of the bytes that identify a citizen (NIK, NKK, phone number)?
// Pure byte scanning: no regular expression runs over a payload, so a hostile one costs no more than a friendly one.
import { createHmac } from 'node:crypto'
import { findIdentifiers } from './identifiers/find.ts'
import { type Identifier, LONGEST_IDENTIFIER } from './identifiers/identifier.ts'
import { JsonPosition } from './json-position.ts'

/** Makes a tokeniser. `tokenKey` never changes in the life of an installation: the same person keeps the same token. */
export function createTokeniser(tokenKey: Uint8Array): (payload: Buffer, keep?: number) => Buffer {
  const known = new Map<string, string>()

  function token(kind: Identifier['kind'], normal: string): string {
    const key = kind + normal
    const before = known.get(key)
    if (before !== undefined) return before
    const made = `${kind}-${createHmac('sha256', tokenKey).update(key).digest('hex').slice(0, 16)}`
    if (known.size >= 10_000) known.clear()
    known.set(key, made)
    return made
  }

  /**
   * The payload with every identifier replaced; the same buffer if there is none. `keep`: only so many bytes of the payload are
   * wanted, an identifier that begins before that point is replaced whole.
   */
  return (payload, keep = payload.length) => {
    const scanned = keep < payload.length ? payload.subarray(0, keep + LONGEST_IDENTIFIER) : payload
    const found = findIdentifiers(scanned)
    if (found.length === 0) return keep < payload.length ? payload.subarray(0, keep) : payload
    const position = new JsonPosition(payload)
    const parts: Buffer[] = []
    let done = 0
    for (const { start, end, kind, normal, hex } of found) {
      if (start >= keep) break
      parts.push(payload.subarray(done, start))
      const place = position.ofNumber(start, end)
      parts[parts.length - 1] = payload.subarray(done, place.start)
      const made = token(kind, normal)
      parts.push(Buffer.from(hex ? hexOf(made) : place.quote + made + place.quote, 'latin1'))
      done = place.end
    }
    if (done < keep) parts.push(payload.subarray(done, keep))
    return Buffer.concat(parts)
  }
}

/** A token as the audit system writes it; its readers decode it again. */
function hexOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase()
}
