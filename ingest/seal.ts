// How does a payload become a raw event? Hash of the original, tokens instead of identifiers, cut if over-long, an id.
import { isUtf8 } from 'node:buffer'
import { createHmac, hash as digest, randomBytes } from 'node:crypto'
import { type CollectorMark, MAX_PAYLOAD_BYTES, type RawEvent } from '../schemas/raw-event.ts'
import type { Seal, Unsealed } from './collector.ts'
import { createTokeniser } from './tokenise.ts'

export interface SealKeys {
  /** Keys the hash of the original payload. */
  hashKey: Uint8Array
  /** Keys the tokens of identifiers. */
  tokenKey: Uint8Array
}

/** Makes the seal that every collector puts its events through. Pure but for the ids it makes. */
export function createSeal({ hashKey, tokenKey }: SealKeys): Seal {
  const tokenise = createTokeniser(tokenKey)
  const hmac = createFastHmac(hashKey)
  const nextId = idMaker()

  function seal({ source, format, receivedAt, peer, id, key, payload, marks }: Unsealed): RawEvent {
    const tooLong = payload.length > MAX_PAYLOAD_BYTES
    const kept = tooLong ? utf8Boundary(payload, MAX_PAYLOAD_BYTES) : payload.length
    const tokenised = tokenise(payload, kept)
    // Tokens are longer than what they replace: the result may need a cut of its own.
    const value =
      tokenised.length > MAX_PAYLOAD_BYTES
        ? tokenised.subarray(0, utf8Boundary(tokenised, MAX_PAYLOAD_BYTES))
        : tokenised
    const added: CollectorMark[] = marks === undefined ? [] : [...marks]
    if (tooLong || value.length < tokenised.length) mark(added, 'truncated')
    if (!isUtf8(value)) mark(added, 'invalid_utf8')
    // Another place in memory: something was replaced.
    if (value.buffer !== payload.buffer || value.byteOffset !== payload.byteOffset) mark(added, 'tokenised')
    return {
      source,
      format,
      receivedAt,
      peer,
      id: id === '' ? nextId() : id,
      hash: hmac(payload),
      marks: added,
      key,
      value,
    }
  }
  return (events) => events.map(seal)
}

function mark(marks: CollectorMark[], added: CollectorMark): void {
  if (!marks.includes(added)) marks.push(added)
}

/** The last place at or before `at` that does not split a UTF-8 character (RFC 3629: at most three continuation bytes). */
function utf8Boundary(bytes: Buffer, at: number): number {
  for (let back = 0; back <= 3; back++) {
    const c = bytes[at - back]
    if (c === undefined || (c & 0xc0) !== 0x80) return at - back
  }
  return at
}

/** Unique ids without a system call each: 96 random bits for the process, then a counter. */
export function idMaker(): () => string {
  const prefix = withoutDash(randomBytes(12).toString('base64url'))
  let counter = 0
  return () => `${prefix}-${(counter++).toString(36)}`
}

const BLOCK = 64
const SCRATCH = 16 * 1024

/** An id that began with a dash would be an option to every command that people paste it behind. */
export function withoutDash(id: string): string {
  return id.startsWith('-') ? `0${id.slice(1)}` : id
}

/** HMAC-SHA-256 (RFC 2104) in base64url by two one-shot digests: half the time of a `createHmac` for a line of text. */
export function createFastHmac(key: Uint8Array): (payload: Uint8Array) => string {
  if (key.length > BLOCK) throw new RangeError(`an HMAC key has at most ${BLOCK} bytes here`)
  const inner = Buffer.alloc(BLOCK + SCRATCH, 0x36)
  const outer = Buffer.alloc(BLOCK + 32, 0x5c)
  key.forEach((value, i) => {
    inner[i] = value ^ 0x36
    outer[i] = value ^ 0x5c
  })
  return (payload) => {
    if (payload.length > SCRATCH) return createHmac('sha256', key).update(payload).digest('base64url')
    inner.set(payload, BLOCK)
    outer.write(digest('sha256', inner.subarray(0, BLOCK + payload.length), 'binary'), BLOCK, 'latin1')
    return digest('sha256', outer, 'base64url')
  }
}
