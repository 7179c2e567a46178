// In which codes do scripts hide what they write? Base64, percent, escapes, numbers of characters, backwards, pieces: each read where it stands, nothing is run.

/** Escapes in a string from which on it is written so to be hidden. */
const MANY_ESCAPES = 3
/** Words of a packed script from which on its dictionary is told. */
const PACKED_WORDS = 15
/** Characters of a code that is read though nothing next to it says that it is one. */
const MIN_CODED = 16
const MIN_CODES = 8
const MAX_STRING = 20_000
const AROUND = 64

/** Decoders that a script calls somewhere, so that a string kept in a variable may be meant for them. */
export interface Decoders {
  readonly base64: boolean
  readonly percent: boolean
  readonly backwards: boolean
  readonly numbers: boolean
  readonly hex: boolean
  readonly rotated: boolean
}

export function decodersOf(source: string): Decoders {
  return {
    base64: /\batob\b/.test(source),
    percent: /\b(?:unescape|decodeURI)/.test(source),
    backwards: /\.\s{0,9}reverse\s{0,9}\(/.test(source),
    hex: /parseInt\b[^;]{0,80}\b16\b|'hex'|"hex"/.test(source),
    rotated: source.includes('charCodeAt') && /\b(?:rot13|13|26)\b/.test(source),
    numbers: /\bfromC(?:harCode|odePoint)\b/.test(source),
  }
}

/** What a string stands for; undefined if it is in no code. */
export function decodedBy(value: string, before: string, behind: string, uses: Decoders): string | undefined {
  if (/(?:^|[^\w$])atob\s{0,9}\(\s{0,9}$/.test(before)) return fromBase64(value)
  if (/(?:^|[^\w$])(?:unescape|decodeURI(?:Component)?)\s{0,9}\(\s{0,9}$/.test(before)) return fromPercent(value)
  if (/^\s{0,9}\.split\(\s{0,9}(?:''|"")\s{0,9}\)\s{0,9}\.reverse\(/.test(behind)) return backwards(value)
  if (/^\s{0,9}\.split\(\s{0,9}['"]\|['"]/.test(behind)) {
    const words = value.split('|').filter((word) => word !== '')
    return words.length >= PACKED_WORDS ? words.join(' ') : undefined
  }
  // One more letter in between, taken out before it is used.
  const dropped =
    /^\s{0,9}\.(?:replace\(\s{0,9}\/([^/\\\s]{1,3})\/g|(?:replaceAll|split)\(\s{0,9}["']([^"'\\]{1,3})["'])/.exec(
      behind,
    )
  const piece = dropped?.[1] ?? dropped?.[2]
  if (piece !== undefined && value.split(piece).length > MANY_ESCAPES) return value.replaceAll(piece, '')
  return laterDecoded(value, uses)
}

/** Strings that a decoder gets by a variable: only what surely is in its code. */
function laterDecoded(value: string, uses: Decoders): string | undefined {
  if (value.length < MIN_CODED) return undefined
  if (uses.base64 && /^[A-Za-z0-9+/]{16,}={0,2}$/.test(value)) {
    const text = fromBase64(value)
    if (isReadable(text)) return text
  }
  if (uses.hex && value.length % 2 === 0 && /^[0-9a-f]{16,}$/i.test(value)) {
    const text = Buffer.from(value, 'hex').toString()
    if (isReadable(text)) return text
  }
  if (uses.rotated && /[a-z]/i.test(value)) return `${value} ${rotated(value)}`
  if (uses.percent && (value.match(/%[2-7][0-9a-fA-F]/g)?.length ?? 0) > MANY_ESCAPES) return fromPercent(value)
  if (uses.backwards && /(?:\/\/:s?ptth|>[a-z]{1,6}\/<|=ferh)/i.test(value)) return backwards(value)
  return undefined
}

/** Letters and signs, nothing of what comes out of bytes that are no text. */
function isReadable(text: string): boolean {
  return text.length > 0 && !/[^\P{Cc}\s]|\ufffd/u.test(text)
}

/** Letters moved by half the alphabet. */
function rotated(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const code = letter.charCodeAt(0)
    const first = code >= 97 ? 97 : 65
    return String.fromCharCode(first + ((code - first + 13) % 26))
  })
}

/** The page in an address that is one: `data:text/html;base64,…`; '' if it holds none. */
export function dataPage(address: string): string {
  const [head = '', ...rest] = address.slice(0, MAX_STRING * 5).split(',')
  if (!/^\s{0,9}data:text\/html/i.test(head)) return ''
  const body = rest.join(',')
  return /;\s{0,9}base64\s{0,9}$/i.test(head) ? fromBase64(body) : fromPercent(body)
}

export function backwards(text: string): string {
  return [...text].reverse().join('')
}

/** Escapes of plain letters, which nobody writes who has nothing to hide. */
export function isEscaped(raw: string): boolean {
  if (!raw.includes('\\')) return false
  let count = 0
  for (const _ of raw.matchAll(/\\(?:x[2-7][0-9a-fA-F]|u00[2-7][0-9a-fA-F])/g)) if (++count >= MANY_ESCAPES) return true
  return false
}

export function codePoint(code: number): string {
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString()
}

/** `unescape` and `decodeURIComponent`, whatever is broken in it: %41, %u0041 and plus signs as they are. */
function fromPercent(text: string): string {
  const bytes = text.replace(/%u([0-9a-fA-F]{4})/g, (_, code: string) => codePoint(Number.parseInt(code, 16)))
  try {
    return decodeURIComponent(bytes)
  } catch {
    return bytes.replace(/%([0-9a-fA-F]{2})/g, (_, code: string) => codePoint(Number.parseInt(code, 16)))
  }
}

/** The numbers behind `fromCharCode` as text; an expression among them ends it. */
export function charCodes(source: string, from: number): { text: string; end: number } {
  const begin = source.indexOf('(', from)
  if (begin < 0 || begin - from > AROUND) return { text: '', end: from }
  const { codes } = numbers(source, begin + 1, ')')
  return { text: codes.length < 2 ? '' : codes.map(codePoint).join(''), end: begin + 1 }
}

/** A list of numbers of characters that begins behind `[`, for a script that makes text of such; '' if it is another list. */
export function listedCodes(source: string, from: number): { text: string; end: number } {
  const { codes, end } = numbers(source, from, ']')
  const plain = codes.length >= MIN_CODES && codes.every((code) => code === 10 || code === 13 || code >= 32)
  return plain ? { text: codes.map(codePoint).join(''), end } : { text: '', end: from }
}

function numbers(source: string, from: number, mark: string): { codes: number[]; end: number } {
  const limit = Math.min(source.length, from + MAX_STRING * 4)
  const codes: number[] = []
  for (let at = from; at < limit; ) {
    NUMBER.lastIndex = at
    const [all, number] = NUMBER.exec(source) ?? []
    if (all === undefined || number === undefined) return { codes, end: at }
    codes.push(Number(number))
    at += all.length
    const next = source[at]
    if (next === mark) return { codes, end: at + 1 }
    if (next !== ',') {
      // An expression begins with this number.
      codes.pop()
      return { codes, end: at }
    }
    at++
  }
  return { codes, end: limit }
}

const NUMBER = /\s{0,20}(0x[0-9a-f]{1,6}|\d{1,7})\s{0,20}/iy
