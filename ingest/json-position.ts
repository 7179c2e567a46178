// Where in JSON does a number stand, so that a token in its place becomes a string?
import { byte, latin1 } from './identifiers/identifier.ts'

/** Follows the quotes of a payload that holds JSON, so that a number replaced by a token becomes a string. */
export class JsonPosition {
  private readonly payload: Buffer
  private at: number
  private inString = false

  constructor(payload: Buffer) {
    this.payload = payload
    const brace = payload.indexOf(123)
    const bracket = /^\s*\[/.test(latin1(payload, 0, 16)) ? payload.indexOf(91) : -1
    this.at = bracket >= 0 && (brace < 0 || bracket < brace) ? bracket : brace
  }

  /** Which quote must stand around a token in place of the bytes [start, end), and which bytes does it replace then? */
  ofNumber(start: number, end: number): { quote: string; start: number; end: number } {
    const none = { quote: '', start, end }
    if (this.at < 0 || start < this.at) return none
    for (; this.at < start; this.at++) {
      const c = byte(this.payload, this.at)
      if (this.inString && c === 92) this.at++
      else if (c === 34) this.inString = !this.inString
    }
    // A fraction goes with the number: half a number is not JSON.
    const after = /^((?:\.\d{1,20})?)\s*(?:[,}\]]|$)/.exec(latin1(this.payload, end, end + 64))
    if (after === null) return none
    const before = latin1(this.payload, start - 64, start)
    // JSON inside a JSON string: its quotes are escaped, as deep as those of the name before the number.
    const match = this.inString ? /(\\+")\s*:\s*(-?)$/.exec(before) : /[:[,]\s*(-?)$/.exec(before)
    if (match === null) return none
    const quote = this.inString ? nestedQuote((match[1] ?? '').length - 1) : '"'
    const sign = (this.inString ? match[2] : match[1]) ?? ''
    return { quote, start: start - sign.length, end: end + (after[1] ?? '').length }
  }
}

/**
 * The quote of JSON that is nested in strings, from the backslashes seen before one: 1, 3, 7 … by depth, and a name that ends in
 * backslashes of its own adds a multiple of twice the next power of two.
 */
function nestedQuote(backslashes: number): string {
  let depth = 1
  while (depth < 5 && backslashes % 2 ** (depth + 1) !== 2 ** depth - 1) depth++
  return `${'\\'.repeat(2 ** depth - 1)}"`
}
