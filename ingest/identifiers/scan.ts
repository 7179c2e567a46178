// Where in a payload are runs of digits that may identify a citizen? Byte by byte, stepping over other text.
import { isDigit, isHex } from '../bytes.ts'
import { hasHexOfDigits, isEscape } from '../encodings.ts'
import { byte, type Identifier, MIN_LENGTH } from './identifier.ts'
import { examine } from './run.ts'

const DIGIT = 1
const SEPARATOR = 2
const ESCAPE = 3

/** What a byte may be inside an identifier. */
const kinds = new Uint8Array(256)
for (let c = 48; c < 58; c++) kinds[c] = DIGIT
for (const c of Buffer.from(' .-+%()')) kinds[c] = SEPARATOR
// UTF-8 of the no-break space and of the dashes U+2010 to U+2014.
for (const c of [0xc2, 0xa0, 0xe2, 0x80, 0x90, 0x91, 0x92, 0x93, 0x94]) kinds[c] = SEPARATOR
for (const c of Buffer.from('\\ux&#;DE')) kinds[c] = ESCAPE
// Fullwidth digits, U+FF10 to U+FF19.
for (const c of [0xef, 0xbc, 0x95, 0x96, 0x97, 0x98, 0x99]) kinds[c] = ESCAPE

/** Finds the identifiers; true if some digits are written as escapes. */
export function scan(payload: Buffer, found: Identifier[]): boolean {
  const length = payload.length
  let escaped = false
  let floor = 0
  let i = MIN_LENGTH - 1
  while (i < length) {
    const kind = kinds[byte(payload, i)]
    if (kind === 0) {
      i += MIN_LENGTH
      continue
    }
    if (kind === ESCAPE) {
      escaped ||= isEscapeAround(payload, i)
      i += MIN_LENGTH
      continue
    }
    let start = i
    while (start > floor && isRun(byte(payload, start - 1))) start--
    let stop = i + 1
    while (stop < length && isRun(byte(payload, stop))) stop++
    escaped ||= isHiddenBeside(payload, start, stop)
    if (stop - start >= MIN_LENGTH && isPromising(payload, start, stop)) {
      escaped = examine(payload, start, stop, found) || escaped
    }
    floor = stop
    // The byte at `stop` ends the run: the next identifier begins after it.
    i = stop + MIN_LENGTH
  }
  return escaped
}

/** Does an escape of a digit stand here, this byte being one of its first? */
function isEscapeAround(payload: Buffer, at: number): boolean {
  for (let i = at; i > at - 3; i--) if (isEscape(payload, i)) return true
  return false
}

/** Do the digits of a run go on as escapes, or are they the hexadecimal form of digits? */
function isHiddenBeside(payload: Buffer, start: number, stop: number): boolean {
  return (
    isEscape(payload, stop) ||
    isEscape(payload, stop - 1) ||
    isEscape(payload, stop - 2) ||
    isEscape(payload, start - 2) ||
    isEscape(payload, start - 1) ||
    // The letter of %252B stands right before the run.
    isEscape(payload, start - 5) ||
    hasHexOfDigits(payload, start, stop)
  )
}

function isRun(c: number): boolean {
  const kind = kinds[c]
  return kind === DIGIT || kind === SEPARATOR
}

/** Cheap refusal of runs such as addresses and times: true if an identifier may begin in it. */
function isPromising(payload: Buffer, start: number, stop: number): boolean {
  let digits = 0
  let group = 0
  let first = 0
  let second = 0
  /** Digits before the first place where a phone number may begin. */
  let hint = isEscapeTail(byte(payload, start - 1)) ? 0 : Number.POSITIVE_INFINITY
  for (let i = start; i <= stop; i++) {
    const c = i < stop ? byte(payload, i) : 0
    if (isDigit(c)) {
      if (group === 0) first = c
      else if (group === 1) second = c
      group++
      digits++
      continue
    }
    // 48 is 0, 54 is 6, 50 is 2, 56 is 8, 37 the percent sign.
    if (
      group >= 3
        ? first === 48 || first === 56 || (first === 54 && second === 50)
        : group === 2 && first === 54 && second === 50
    ) {
      if (digits - group < hint) hint = digits - group
    }
    if (c === 37 && digits < hint) hint = digits
    group = 0
  }
  return digits >= 16 || digits - hint >= MIN_LENGTH
}

/** May this byte in front of digits be part of an escape, so that some of the digits are too? */
function isEscapeTail(c: number): boolean {
  return c === 35 || c === 92 || c === 120 || c === 117 || isHex(c)
}
