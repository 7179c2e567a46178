// What does a payload say under its escapes? Digits and what may stand between them made plain, each byte with the place that it came from.

import { hexDigit, isDigit } from './bytes.ts'

/** A text, and for each of its bytes (and its end) the place in the payload where it begins. */
export interface Reading {
  readonly text: Buffer
  readonly origin: Uint32Array
}

const PERCENT = 37
const AMPERSAND = 38
const BACKSLASH = 92
const SMALL_U = 117
const SMALL_X = 120

/** The number that `count` hexadecimal digits write, -1 if they are not there. */
function hexAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = hexDigit(bytes[i] ?? 0)
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

/** Whether a character may be part of an identifier: a digit, or what stands between digits. The space and the closing bracket count where they are plain. */
function isPart(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    code === 0x28 ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0xa0 ||
    (code >= 0x2010 && code <= 0x2014) ||
    (code >= 0xff10 && code <= 0xff19)
  )
}

/** Whether a byte of UTF-8 may be part of one: plain, or of the no-break space and the dashes. */
function isPartByte(value: number): boolean {
  return (
    (isPart(value) && value < 0x80) ||
    value === 0xc2 ||
    value === 0xa0 ||
    value === 0xe2 ||
    value === 0x80 ||
    (value >= 0x90 && value <= 0x94)
  )
}

/** What was found by `escapeAt`: how long it is, and the character (or byte) that it stands for. */
let escapeLength = 0
let escapeValue = 0
let escapeIsByte = false

function take(length: number, value: number, isByte: boolean): boolean {
  escapeLength = length
  escapeValue = value
  escapeIsByte = isByte
  return true
}

/**
 * Does an escape stand here that hides a part of an identifier, or begins one of a deeper layer? `%33`, `%2533`, `%u0033`, `\x33`, `\u0033`, `\\u0033`,
 * `&#51;`, `&#x33;`, a fullwidth digit.
 */
function escapeAt(bytes: Uint8Array, at: number, percent: boolean): boolean {
  const c = bytes[at] ?? 0
  if (c === BACKSLASH) {
    const letter = bytes[at + 1]
    if (letter === SMALL_U) {
      const code = hexAt(bytes, at + 2, 4)
      return (isPart(code) || code === 0x20) && take(6, code, false)
    }
    if (letter === SMALL_X) {
      const value = hexAt(bytes, at + 2, 2)
      return (isPartByte(value) || value === 0x20) && take(4, value, true)
    }
    // JSON inside JSON; paths of Windows are full of double backslashes.
    const deeper = letter === BACKSLASH ? bytes[at + 2] : undefined
    const hidden = deeper === SMALL_U ? hexAt(bytes, at + 3, 4) : deeper === SMALL_X ? hexAt(bytes, at + 3, 2) : -1
    return hidden >= 0 && take(2, BACKSLASH, true)
  }
  if (c === PERCENT && percent) {
    if (bytes[at + 1] === SMALL_U) {
      const code = hexAt(bytes, at + 2, 4)
      return (isPart(code) || code === 0x20) && take(6, code, false)
    }
    const value = hexAt(bytes, at + 1, 2)
    if (value === PERCENT) return (hexAt(bytes, at + 3, 2) >= 0 || bytes[at + 3] === SMALL_U) && take(3, PERCENT, true)
    return isPartByte(value) && take(3, value, true)
  }
  if (c === AMPERSAND) return bytes[at + 1] === 35 && referenceAt(bytes, at)
  return (
    c === 0xef &&
    bytes[at + 1] === 0xbc &&
    isFullwidth(bytes[at + 2]) &&
    take(3, 0xff10 + (bytes[at + 2] ?? 0) - 0x90, false)
  )
}

function isFullwidth(last: number | undefined): boolean {
  return last !== undefined && last >= 0x90 && last <= 0x99
}

/** A character reference of XML and HTML, with its semicolon. */
function referenceAt(bytes: Uint8Array, at: number): boolean {
  const hex = ((bytes[at + 2] ?? 0) | 32) === SMALL_X
  let code = 0
  let i = at + (hex ? 3 : 2)
  for (; i < at + 10; i++) {
    const digit = hexDigit(bytes[i] ?? 0)
    if (digit < 0 || (!hex && digit > 9)) break
    code = code * (hex ? 16 : 10) + digit
  }
  return bytes[i] === 59 && (isPart(code) || code === 0x20) && take(i + 1 - at, code, false)
}

/**
 * Whether an escape stands here that only a second look sees through: of a digit, of another escape, or of what stands between digits. Plus and bracket
 * stand before a number, which is seen without them; dots of a path are no number.
 */
export function isEscape(bytes: Uint8Array, at: number): boolean {
  const c = bytes[at]
  if (c !== BACKSLASH && c !== PERCENT && c !== AMPERSAND && c !== 0xef) return false
  if (!escapeAt(bytes, at, true)) return false
  const value = escapeValue
  if (isDigit(value) || value === PERCENT || value === BACKSLASH || value >= 0xff10) return true
  if (value === 0x2b || value === 0x28) return false
  return isDigit(bytes[at - 1]) || isDigit(bytes[at + escapeLength])
}

/** One layer of escapes taken off; undefined if there is none. A percent sign need not be an escape: without `percent` it is left alone. */
export function unescaped({ text, origin }: Reading, percent: boolean): Reading | undefined {
  // A dash takes three bytes, and no escape of one is shorter.
  const plain = Buffer.allocUnsafe(text.length)
  const from = new Uint32Array(text.length + 1)
  let to = 0
  let at = 0
  const put = (value: number): void => {
    plain[to] = value
    from[to++] = origin[at] ?? 0
  }
  while (at < text.length) {
    if (!escapeAt(text, at, percent)) {
      put(text[at] ?? 0)
      at++
      continue
    }
    if (escapeIsByte || escapeValue < 0x80) put(escapeValue)
    else if (escapeValue >= 0xff10) put(escapeValue - 0xff10 + 48)
    else if (escapeValue === 0xa0) {
      put(0xc2)
      put(0xa0)
    } else {
      put(0xe2)
      put(0x80)
      put(0x80 | (escapeValue & 0x3f))
    }
    at += escapeLength
  }
  if (to === text.length) return undefined
  from[to] = origin[text.length] ?? 0
  return { text: plain.subarray(0, to), origin: from.subarray(0, to + 1) }
}

/** The payload itself as a reading. */
export function asItCame(payload: Buffer): Reading {
  const origin = new Uint32Array(payload.length + 1)
  for (let i = 0; i < origin.length; i++) origin[i] = i
  return { text: payload, origin }
}

/** An identifier has as many digits at least, with what stands between them. */
const HEX_DIGITS = 9

/** Whether a run of digits holds the hexadecimal form of digits: four of them, a `3` before each. */
export function hasHexOfDigits(bytes: Uint8Array, start: number, stop: number): boolean {
  for (let at = start; at + 8 <= stop; at++)
    if (bytes[at] === 51 && bytes[at + 2] === 51 && bytes[at + 4] === 51 && bytes[at + 6] === 51) return true
  return false
}

/** Words of hexadecimal digits that hold an identifier's worth of digits as the bytes they write, as the Linux audit system does; undefined if there is none. */
export function fromHex(payload: Buffer): Reading | undefined {
  const text = Buffer.allocUnsafe(payload.length)
  const origin = new Uint32Array(payload.length + 1)
  let to = 0
  let found = false
  for (let at = 0; at < payload.length; ) {
    let end = at
    let pairs = 0
    while (end < payload.length && hexDigit(payload[end] ?? 0) >= 0) {
      if (payload[end] === 51 && ((end - at) & 1) === 0) pairs++
      end++
    }
    const isHex = pairs >= HEX_DIGITS && ((end - at) & 1) === 0
    found ||= isHex
    if (end === at) end++
    for (; at < end; at += isHex ? 2 : 1) {
      text[to] = isHex ? hexAt(payload, at, 2) : (payload[at] ?? 0)
      origin[to++] = at
    }
  }
  origin[to] = payload.length
  return found ? { text: text.subarray(0, to), origin: origin.subarray(0, to + 1) } : undefined
}
