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
  /** In a decoded text: an ampersand inside a value. */
  encodedAmpersand: 1 << 16,
  underscores: 1 << 17,
  /** An extension of server-side programs: .php, .asp, .jsp, .cgi ... */
  script: 1 << 18,
} as const

/** The bit of `has` for the first list of words given to `createScan`; each further list has the next. */
const FIRST_WORDS = 1 << 19
/** Lists that have a bit of their own; further ones share the last. */
const MAX_LISTS = 12

/** The bit that `createScan` sets for its list of words number `index`. */
export function wordBit(index: number): number {
  return FIRST_WORDS << Math.min(index, MAX_LISTS - 1)
}

/** Words by the character before them, separated by spaces: `/`, `.`, `?`, `&` or `=`, `-` or `_`. Their first four characters count. */
export interface WordStarts {
  readonly slash?: string
  readonly dot?: string
  readonly parameter?: string
  readonly dash?: string
}

const kinds = ['slash', 'dot', 'parameter', 'dash'] as const
/** Marks a character after which a word may start; the bits beneath are the number of its kind. */
const LOOK = 1 << 30
const DOT = 46
const UNDERSCORE = 95
const scripts: WordStarts = { dot: 'php phtml phar asp jsp cgi' }

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
  ['/', LOOK],
  ['.', LOOK | 1],
  [`?&=${SEPARATOR}`, LOOK | 2],
  ['-_', LOOK | 3],
]

function characterClasses(): Int32Array {
  const classes = new Int32Array(256)
  classes.fill(has.control, 0, 32)
  for (const [characters, bits] of singles) {
    for (const character of characters) classes[character.charCodeAt(0)] = bits
  }
  return classes
}

const SLOT_BITS = 14

/** Four letters folded to five bits each and hashed (multiplicatively, by the golden ratio). */
function slot(a: number, b: number, c: number, d: number): number {
  const word = ((a & 31) << 15) | ((b & 31) << 10) | ((c & 31) << 5) | (d & 31)
  return Math.imul(word, 0x9e37_79b1) >>> (32 - SLOT_BITS)
}

/** Every slot that a text starting with `word` may have. */
function* slotsOf(word: string): Iterable<number> {
  const code = (index: number): number[] => {
    return word.length > index ? [word.charCodeAt(index)] : Array.from({ length: 32 }, (_, letter) => letter)
  }
  for (const c of code(2)) for (const d of code(3)) yield slot(word.charCodeAt(0), word.charCodeAt(1), c, d)
}

/**
 * A function that gives the bits of `has` for a text in one pass without allocation, and `wordBit(n)` where a word of list n starts. A word's bit
 * may be set for nothing (letters are folded to five bits), and is always set where one of the words is.
 */
export function createScan(lists: readonly WordStarts[]): (text: string) => number {
  const classes = characterClasses()
  const starts = kinds.map(() => new Int32Array(1 << SLOT_BITS))
  const know = (words: WordStarts, bit: number): void => {
    for (const [index, kind] of kinds.entries()) {
      for (const word of (words[kind] ?? '').split(' ')) {
        const table = starts[index]
        if (word === '' || table === undefined) continue
        for (const at of slotsOf(word)) table[at] = (table[at] ?? 0) | bit
      }
    }
  }
  know(scripts, has.script)
  for (const [index, words] of lists.entries()) know(words, wordBit(index))

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
      if (next === code) {
        if (code === DOT) bits |= has.dots
        else if (code === UNDERSCORE) bits |= has.underscores
      }
      const table = starts[found & 3]
      if (table !== undefined) {
        bits |= table[slot(next, text.charCodeAt(i + 2), text.charCodeAt(i + 3), text.charCodeAt(i + 4))] ?? 0
      }
    }
    return bits
  }
}

/** A text as rules read it. */
export interface Decoded {
  /** Decoded up to three times, ASCII letters small, SQL comments as spaces, blanks as single spaces, line ends kept. */
  readonly text: string
  /** True if dots or slashes had been hidden by an encoding that no browser uses. */
  readonly disguised: boolean
  /** True if an ampersand was percent-encoded. */
  readonly ampersand: boolean
}

const bytes = Buffer.allocUnsafe(MAX_TEXT)
const disguise = /%2e(?:%2e|\.)|\.%2e|%25(?:25)*2[ef]|%c0%a[ef]|%u002[ef]|\.\.%(?:2f|5c)/i

/**
 * Decodes a request target or header: `%41`, `%u0041`, `\x41` as nginx writes it, overlong UTF-8 and fullwidth letters to ASCII. In a query (or a
 * text without a path) `+` is a space. Bytes beyond ASCII are kept one by one. Linear in the length of the text.
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
  return { text: text.includes('/*') ? withoutComments(text) : text, disguised, ampersand: text.includes('&') }
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
