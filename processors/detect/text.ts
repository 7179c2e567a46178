// What does a request really say? A cheap look at which characters are in it, and its decoded, folded form.

/** Only so many characters of a field are looked at; web servers take request lines of 8 KiB. */
export const MAX_TEXT = 16_384

/** In a decoded text: an ampersand between parameters; UTF-8 has no such byte. One that was percent-encoded is part of a value and becomes `&`. */
export const SEPARATOR = '\xff'

/** What a text holds, as bits. */
export const has = {
  quote: 1 << 0,
  angle: 1 << 1,
  paren: 1 << 2,
  semicolon: 1 << 3,
  pipe: 1 << 4,
  dollar: 1 << 5,
  brace: 1 << 6,
  /** Two dots in a row. */
  dots: 1 << 7,
  space: 1 << 8,
  colon: 1 << 9,
  backslash: 1 << 10,
  control: 1 << 11,
  percent: 1 << 12,
  backtick: 1 << 13,
  star: 1 << 14,
  bracket: 1 << 15,
  ampersand: 1 << 16,
  /** A part of the path, an extension or a parameter starts like a word that a rule knows. */
  word: 1 << 17,
} as const

/** Words that rules look for, by the character before them: `/`, `.`, `?` or `&`, `-` or `_`. Three characters count. */
export interface WordStarts {
  readonly slash?: string
  readonly dot?: string
  readonly parameter?: string
  readonly dash?: string
}

const before = { slash: 1, dot: 2, parameter: 4, dash: 8 } as const
/** Marks a character after which a word may start; the bits beneath say which kind. */
const LOOK = 1 << 20
const DOT = 46

const singles: readonly (readonly [characters: string, bits: number])[] = [
  ['\'"', has.quote],
  ['<>', has.angle],
  ['(', has.paren],
  [';', has.semicolon],
  ['|', has.pipe],
  ['$', has.dollar],
  ['{', has.brace],
  [' +', has.space],
  [':', has.colon],
  ['\\', has.backslash],
  ['%', has.percent],
  ['`', has.backtick],
  ['*', has.star],
  ['[', has.bracket],
  ['/', LOOK | before.slash],
  ['.', LOOK | before.dot],
  [`?&${SEPARATOR}`, LOOK | before.parameter],
  ['-_', LOOK | before.dash],
]

function characterClasses(): Int32Array {
  const classes = new Int32Array(256)
  classes.fill(has.control, 0, 32)
  for (const [characters, bits] of singles) {
    for (const character of characters) classes[character.charCodeAt(0)] = bits
  }
  return classes
}

function slot(a: number, b: number, c: number): number {
  return ((a & 31) << 10) | ((b & 31) << 5) | (c & 31)
}

/**
 * A function that gives the bits of `has` for a text in one pass without allocation. `word` may be set for nothing (letters are folded to five
 * bits), and is always set where one of the words starts.
 */
export function createScan(words: Iterable<WordStarts>): (text: string) => number {
  const classes = characterClasses()
  const starts = new Uint8Array(1 << 15)
  for (const group of words) {
    for (const kind of ['slash', 'dot', 'parameter', 'dash'] as const) {
      for (const word of (group[kind] ?? '').split(' ')) {
        if (word === '') continue
        const at = slot(word.charCodeAt(0), word.charCodeAt(1), word.charCodeAt(2))
        starts[at] = (starts[at] ?? 0) | before[kind]
      }
    }
  }
  return (text) => {
    const length = Math.min(text.length, MAX_TEXT)
    let bits = 0
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 255) continue
      const found = classes[code] ?? 0
      if (found === 0) continue
      if (found < LOOK) {
        bits |= found
        continue
      }
      const next = text.charCodeAt(i + 1)
      if (next === DOT && code === DOT) bits |= has.dots
      const known = starts[slot(next, text.charCodeAt(i + 2), text.charCodeAt(i + 3))] ?? 0
      if ((known & found) !== 0) bits |= has.word
    }
    return bits
  }
}

/** A text as rules read it. */
export interface Decoded {
  /** Decoded up to three times, small letters, SQL comments as spaces, white space as single spaces (line ends kept). */
  readonly text: string
  /** True if dots, slashes or line ends had been hidden by an encoding that no browser uses. */
  readonly disguised: boolean
}

const bytes = Buffer.allocUnsafe(MAX_TEXT)
const disguise = /%2e(?:%2e|\.)|\.%2e|%25(?:25)*2[ef]|%c0%a[ef]|%u002[ef]|\.\.%(?:2f|5c)/i

/**
 * Decodes a request target or header: `%41`, `%u0041`, `\x41` as nginx writes it, overlong UTF-8 and fullwidth letters to ASCII. In a query (or a
 * text without a path) `+` is a space. Bytes beyond ASCII are kept one by one. Linear in the length of the text.
 */
export function decode(raw: string, query: boolean): Decoded {
  let length = load(raw, query)
  let again = true
  for (let round = 0; round < 3 && again; round++) {
    const shorter = decodeOnce(length)
    again = shorter < length
    length = shorter
  }
  return { text: tidy(bytes.toString('latin1', 0, length)), disguised: disguise.test(raw.slice(0, MAX_TEXT)) }
}

function load(raw: string, query: boolean): number {
  const length = Math.min(raw.length, MAX_TEXT)
  let inQuery = query
  for (let i = 0; i < length; i++) {
    let code = raw.charCodeAt(i)
    if (code === 63) inQuery = true
    else if (code === 43 && inQuery) code = 32
    else if (code === 38) code = 255
    else if (code > 254) code = code >= 0xff01 && code <= 0xff5e ? code - 0xfee0 : 63
    bytes[i] = code >= 65 && code <= 90 ? code + 32 : code
  }
  return length
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
    const kept = folded >= 0 ? folded : value
    bytes[to++] = kept >= 65 && kept <= 90 ? kept + 32 : kept
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

function tidy(text: string): string {
  const plain = text.includes('/*') ? withoutComments(text) : text
  return plain.replace(/[ \t\v\f\xa0]+/g, ' ').toLowerCase()
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
