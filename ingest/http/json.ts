// Is this JSON (RFC 8259), and where does each value end? Bytes in, places out: evidence is never decoded and encoded again.
// One pass, no recursion, so neither nesting nor size can hurt.
import { isDigit, isHex } from '../bytes.ts'

/** The deepest nesting accepted: far beyond real logs, well before parsers further on get into trouble. */
export const MAX_JSON_DEPTH = 1000

export interface JsonFault {
  /** Place of the fault in the bytes. */
  at: number
  why: string
  tooDeep?: boolean
}

const OBJECT = 1
const ARRAY = 2
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** Bytes that end the plain part of a string: quote, backslash, control characters. */
const special = new Uint8Array(256)
special.fill(1, 0, 32)
special[QUOTE] = 1
special[BACKSLASH] = 1

const escapes = new Set(Buffer.from('"\\/bfnrt'))
const literals = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')]

/** Scans values in `bytes` up to `end`. A method answers the place after what it read, or -1: then `fault` says what is wrong. */
export class JsonScanner {
  fault: JsonFault | undefined
  private readonly bytes: Uint8Array
  private end: number
  private readonly stack = new Uint8Array(MAX_JSON_DEPTH)

  constructor(bytes: Uint8Array, end = bytes.length) {
    this.bytes = bytes
    this.end = end
  }

  /** Bounds what follows, to read line by line. */
  limit(end: number): void {
    this.end = end
  }

  private byte(at: number): number {
    return at < this.end ? (this.bytes[at] ?? 0) : 0
  }

  skipSpace(from: number): number {
    let at = from
    while (at < this.end) {
      const c = this.bytes[at]
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) break
      at++
    }
    return at
  }

  /** One value, which must begin at `from`. */
  value(from: number): number {
    const { stack } = this
    let depth = 0
    let at = from
    for (;;) {
      const c = this.byte(at)
      let opened = false
      if (c === QUOTE) at = this.string(at)
      else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
        if (depth === MAX_JSON_DEPTH) return this.fail(at, 'nested too deeply', true)
        const object = c === OPEN_BRACE
        stack[depth++] = object ? OBJECT : ARRAY
        at = this.skipSpace(at + 1)
        if (this.byte(at) === (object ? CLOSE_BRACE : CLOSE_BRACKET)) {
          at++
          depth--
        } else {
          opened = true
          if (object) at = this.name(at)
        }
      } else if (c === 45 || isDigit(c)) at = this.number(at)
      else at = this.literal(at)
      if (at < 0) return -1
      if (opened) continue

      let more = false
      while (depth > 0 && !more) {
        at = this.skipSpace(at)
        const next = this.byte(at)
        const object = stack[depth - 1] === OBJECT
        if (next === COMMA) {
          at = this.skipSpace(at + 1)
          if (object) at = this.name(at)
          if (at < 0) return -1
          more = true
        } else if (next === (object ? CLOSE_BRACE : CLOSE_BRACKET)) {
          at++
          depth--
        } else return this.unexpected(at, object ? 'a comma or }' : 'a comma or ]')
      }
      if (!more) return at
    }
  }

  private name(at: number): number {
    if (this.byte(at) !== QUOTE) return this.unexpected(at, 'a name in double quotes')
    let after = this.string(at)
    if (after < 0) return -1
    after = this.skipSpace(after)
    if (this.byte(after) !== COLON) return this.unexpected(after, 'a colon')
    return this.skipSpace(after + 1)
  }

  private string(from: number): number {
    const { bytes, end } = this
    let at = from + 1
    for (;;) {
      while (at < end && special[bytes[at] ?? 0] === 0) at++
      if (at >= end) return this.fail(from, 'a string does not end')
      const c = bytes[at] ?? 0
      if (c === QUOTE) return at + 1
      if (c !== BACKSLASH) return this.fail(at, 'a control character in a string')
      const letter = this.byte(at + 1)
      if (letter === 117) {
        for (let i = 2; i < 6; i++) if (!isHex(this.byte(at + i))) return this.fail(at, 'a broken \\u escape')
        at += 6
      } else if (escapes.has(letter)) at += 2
      else return this.fail(at, 'an unknown escape')
    }
  }

  private number(from: number): number {
    let at = this.byte(from) === 45 ? from + 1 : from
    if (this.byte(at) === 48) at++
    else {
      const whole = this.digits(at)
      if (whole === at) return this.unexpected(at, 'a digit')
      at = whole
    }
    if (this.byte(at) === 46) {
      const fraction = this.digits(at + 1)
      if (fraction === at + 1) return this.unexpected(fraction, 'a digit')
      at = fraction
    }
    const e = this.byte(at)
    if (e === 101 || e === 69) {
      const sign = this.byte(at + 1)
      const start = sign === 43 || sign === 45 ? at + 2 : at + 1
      at = this.digits(start)
      if (at === start) return this.unexpected(at, 'a digit')
    }
    return at
  }

  private digits(from: number): number {
    let at = from
    while (isDigit(this.byte(at))) at++
    return at
  }

  private literal(at: number): number {
    for (const literal of literals) {
      if (at + literal.length <= this.end && literal.every((c, i) => this.bytes[at + i] === c))
        return at + literal.length
    }
    return this.unexpected(at, 'a value')
  }

  /** Records that something else stood where `wanted` was needed. */
  unexpected(at: number, wanted: string): -1 {
    if (at >= this.end) return this.fail(this.end, `the JSON ends where ${wanted} should stand`)
    const c = this.byte(at)
    const shown = c > 32 && c < 127 ? `"${String.fromCharCode(c)}"` : `byte 0x${c.toString(16).padStart(2, '0')}`
    return this.fail(at, `${shown} stands where ${wanted} should`)
  }

  private fail(at: number, why: string, tooDeep = false): -1 {
    this.fault = tooDeep ? { at, why, tooDeep } : { at, why }
    return -1
  }
}
