// What does a request really say? Its decoded, folded form.

/** Only so many characters of a field are looked at; web servers take request lines of 8 KiB. */
export const MAX_TEXT = 16_384

/** A text as rules read it. */
export interface Decoded {
  /** Decoded up to three times, ASCII letters small, SQL comments as spaces, blanks as single spaces, line ends kept. */
  readonly text: string
  /** True if dots or slashes had been hidden by an encoding that no browser uses. */
  readonly disguised: boolean
}

const bytes = Buffer.allocUnsafe(MAX_TEXT)
const disguise = /%2e(?:%2e|\.)|\.%2e|%25(?:25)*2[ef]|%c0%a[ef]|%u002[ef]|\.\.%(?:2f|5c)/i

/**
 * Decodes a request target or header: `%41`, `%u0041`, `\x41` as nginx writes it, overlong UTF-8 and fullwidth letters to ASCII. In a query (or a
 * text without a path) `+` is a space. An ampersand between parameters becomes U+00FF, which no UTF-8 byte is; one that was percent-encoded is
 * part of a value and becomes `&`. Bytes beyond ASCII are kept one by one. Linear in the length of the text.
 */
export function decode(raw: string, query: boolean): Decoded {
  let length = load(raw, query)
  let again = raw.includes('%') || raw.includes('\\')
  const disguised = again && disguise.test(raw.length > MAX_TEXT ? raw.slice(0, MAX_TEXT) : raw)
  for (let round = 0; round < 3 && again; round++) {
    const shorter = decodeOnce(length)
    again = shorter < length
    length = shorter
  }
  const text = bytes.toString('latin1', 0, singleSpaces(length))
  return { text: text.includes('/*') ? withoutComments(text) : text, disguised }
}

function load(raw: string, query: boolean): number {
  const length = Math.min(raw.length, MAX_TEXT)
  let inQuery = query
  for (let i = 0; i < length; i++) {
    let code = raw.charCodeAt(i)
    if (code >= 65 && code <= 90) code += 32
    else if (code === 63) inQuery = true
    else if (code === 43 && inQuery) code = 32
    else if (code === 38) code = 255
    else if (code > 254) code = code >= 0xff01 && code <= 0xff5e ? lower(code - 0xfee0) : 63
    bytes[i] = code
  }
  return length
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code
}

/** Runs of blanks in `bytes` as one space each; gives the new length. */
function singleSpaces(length: number): number {
  let to = 0
  let blank = false
  for (let from = 0; from < length; from++) {
    const code = bytes[from] ?? 0
    const isBlank = code === 32 || code === 9 || code === 11 || code === 12 || code === 160
    if (isBlank && blank) continue
    bytes[to++] = isBlank ? 32 : code
    blank = isBlank
  }
  return to
}

/** Decodes what is in `bytes` in place and gives the new length. */
function decodeOnce(length: number): number {
  let to = 0
  for (let from = 0; from < length; ) {
    const code = bytes[from] ?? 0
    let value = -1
    let taken = 1
    if (code === 37) {
      value = hexPair(from + 1)
      taken = 3
      if (value < 0 && bytes[from + 1] === 117) {
        value = unicodeEscape(from + 2)
        taken = 6
      }
    } else if (code === 92 && bytes[from + 1] === 120) {
      value = hexPair(from + 2)
      taken = 4
    }
    if (value < 0 || from + taken > length) {
      bytes[to++] = code
      from++
      continue
    }
    from += taken
    const folded = foldOverlong(to, value)
    if (folded >= 0) to -= overlongLength
    bytes[to++] = lower(folded >= 0 ? folded : value)
  }
  return to
}

let overlongLength = 0

/** `c0 ae` as `.`, `c0 af` as `/`, `ef bc 87` as `'`: bytes already written before `to` that `value` completes; -1 if none. */
function foldOverlong(to: number, value: number): number {
  if (value < 0x80 || value > 0xbf) return -1
  const previous = bytes[to - 1] ?? 0
  if (to >= 1 && (previous === 0xc0 || previous === 0xc1)) {
    overlongLength = 1
    return ((previous & 1) << 6) | (value & 0x3f)
  }
  if (to >= 2 && bytes[to - 2] === 0xef && (previous === 0xbc || previous === 0xbd)) {
    const point = (previous === 0xbc ? 0x00 : 0x40) + (value & 0x3f)
    if (point < 1 || point > 0x5e) return -1
    overlongLength = 2
    return point + 0x20
  }
  return -1
}

function unicodeEscape(at: number): number {
  const high = hexPair(at)
  const low = hexPair(at + 2)
  if (high === 0 && low >= 0) return low
  return high === 0xff && low >= 1 && low <= 0x5e ? low + 0x20 : -1
}

function hexPair(at: number): number {
  const high = hexDigit(bytes[at] ?? 0)
  const low = hexDigit(bytes[at + 1] ?? 0)
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

// SQL comments as spaces; the content of MySQL's executable ones, which start with an exclamation mark, stays.
function withoutComments(text: string): string {
  let out = ''
  let at = 0
  for (;;) {
    const open = text.indexOf('/*', at)
    const close = open < 0 ? -1 : text.indexOf('*/', open + 2)
    if (close < 0) return out + text.slice(at)
    const executable = text.charCodeAt(open + 2) === 33
    out += `${text.slice(at, open)} ${executable ? `${text.slice(open + 3, close).replace(/^\d{5}/, '')} ` : ''}`
    at = close + 2
  }
}
