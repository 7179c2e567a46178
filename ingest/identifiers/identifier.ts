// What is an identifier of a citizen in a payload, and what are the groups of digits that it is written in?

/** An identifier found: bytes [start, end) of the payload, and the digits that every way of writing it shares. */
export interface Identifier {
  start: number
  end: number
  kind: 'nik' | 'tel'
  normal: string
  /** It was written as the hexadecimal form of its bytes, and so must the token be. */
  hex?: boolean
}

export interface Group {
  start: number
  end: number
  digits: string
  /** Text between the group before and this one if they may belong together, else ''. */
  join: string
  /**
   * The same group with the digits that an escape seems to own: `%31` may also be the percent sign of a LIKE '%31…', `\317` and `#317` the
   * backslash between a domain and its user and the number sign of a form.
   */
  whole?: Group
}

/** An identifier is at least this long: a regional landline number. The scan steps this far through other text. */
export const MIN_LENGTH = 9
/** How far an identifier can reach, written with an escape for each digit and separators between: what a cut must look beyond. */
export const LONGEST_IDENTIFIER = 256
const LABEL_REACH = 64

/** The byte at a place, 0 outside. */
export function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

/** Bytes as characters; the places may lie outside. */
export function latin1(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', Math.max(0, from), to)
}

/** Does a label stand in front of a place, in the same field? */
export function isLabelled(payload: Buffer, at: number, label: RegExp): boolean {
  let from = at
  while (from > 0 && at - from < LABEL_REACH && !isFieldEnd(byte(payload, from - 1))) from--
  return label.test(latin1(payload, from, at))
}

/** Newline, ampersand, comma, semicolon, closing brace: a label does not reach across. */
function isFieldEnd(c: number): boolean {
  return c === 10 || c === 38 || c === 44 || c === 59 || c === 125
}
