// What do the scripts of a page write, and where do they lead? Only what stands there: strings that are written, and strings in the common codes. Nothing is run.

/** Characters of scripts of one page that are read, and of strings that are taken from them. */
const MAX_SCRIPT = 1_000_000
const MAX_FOUND = 120_000
const MAX_STRING = 20_000
const MAX_DEPTH = 2
const MAX_SENTENCES = 200
/** Characters before and behind a string that say what happens to it. */
const AROUND = 64
/** Escapes in a string from which on it is written so to be hidden. */
const MANY_ESCAPES = 3
/** Words of a packed script from which on its dictionary is told. */
const PACKED_WORDS = 15

export interface ScriptTexts {
  /** HTML or text that is written into the page. */
  readonly written: string[]
  /** Texts that were in a code: base64, percent, escapes, character codes, backwards, packed. */
  readonly decoded: string[]
  /** Strings of several words, which may be written later. */
  readonly sentences: string[]
  /** Addresses that `location` is set to; `always` where that stands outside of every brace. */
  readonly locations: { readonly url: string; readonly always: boolean }[]
}

export const emptyScriptTexts = (): ScriptTexts => ({ written: [], decoded: [], sentences: [], locations: [] })

/** Reads one script; what it finds is added to `into`. Linear, never throws. */
export function readScript(source: string, into: ScriptTexts): void {
  const budget = { left: MAX_FOUND }
  scan(source.slice(0, MAX_SCRIPT), into, budget, 0)
}

interface Budget {
  left: number
}

function scan(source: string, into: ScriptTexts, budget: Budget, depth: number): void {
  let braces = 0
  /** The end of the last string that is written: one joined to it by a plus is written too. */
  let writing = -1
  const take = (list: string[], text: string): void => {
    if (budget.left <= 0 || text.trim() === '') return
    list.push(text.slice(0, budget.left))
    budget.left -= text.length
    // What comes out of a code may be a script again.
    if (list === into.decoded && depth < MAX_DEPTH && looksLikeScript(text)) scan(text, into, budget, depth + 1)
  }
  for (let at = 0; at < source.length && budget.left > 0; ) {
    const c = source[at]
    if (c === '/' && source[at + 1] === '/') at = endAfter(source, '\n', at)
    else if (c === '/' && source[at + 1] === '*') at = endAfter(source, '*/', at + 2)
    else if (c === '"' || c === "'" || c === '`') {
      const { value, raw, end } = literal(source, at)
      const before = source.slice(Math.max(0, at - AROUND), at)
      const behind = source.slice(end, end + AROUND)
      const joined = writing >= 0 && /^[\s+]*$/.test(source.slice(writing, Math.min(at, writing + AROUND)))
      const decoded = decodedBy(value, before, behind)
      if (decoded !== undefined) take(into.decoded, decoded)
      else if (joined || WRITES.test(before)) {
        take(into.written, value)
        writing = end
      } else if (LOCATION.test(before)) {
        if (into.locations.length < 20) into.locations.push({ url: value.slice(0, 2000), always: braces <= 0 })
      } else if (escapes(raw) >= MANY_ESCAPES) take(into.decoded, value)
      else if (into.sentences.length < MAX_SENTENCES && SENTENCE.test(value)) take(into.sentences, value.slice(0, 500))
      at = end
    } else {
      if (c === '{') braces++
      else if (c === '}') braces--
      else if (c === 'f' && source.startsWith('fromCharCode', at)) {
        const { text, end } = charCodes(source, at + 'fromCharCode'.length)
        take(into.decoded, text)
        at = end
        continue
      }
      at++
    }
  }
}

/** Words of letters, divided by single spaces: no code, no selector, no class names. */
const SENTENCE = /^[\p{L}\p{N}][\p{L}\p{N}.,!?:;'"()]{0,40}(?: [\p{L}\p{N}&("'][\p{L}\p{N}.,!?:;'"()-]{0,40}){2}/u

const WRITES =
  /(?:\.write(?:ln)?\s{0,9}\(\s{0,9}|(?:inner|outer)(?:HTML|Text)\s{0,9}\+?=\s{0,9}|textContent\s{0,9}\+?=\s{0,9}|\.(?:append|prepend|html|before|after)\s{0,9}\(\s{0,9}|insertAdjacentHTML\s{0,9}\(\s{0,9}(?:["']\w{1,20}["']\s{0,9},\s{0,9})?)$/
const LOCATION =
  /(?:^|[^\w$])location(?:\s{0,9}\.\s{0,9}href)?\s{0,9}=\s{0,9}$|(?:^|[^\w$])location\s{0,9}\.\s{0,9}(?:replace|assign)\s{0,9}\(\s{0,9}$/

function decodedBy(value: string, before: string, behind: string): string | undefined {
  if (/(?:^|[^\w$])atob\s{0,9}\(\s{0,9}$/.test(before)) return fromBase64(value)
  if (/(?:^|[^\w$])(?:unescape|decodeURI(?:Component)?)\s{0,9}\(\s{0,9}$/.test(before)) return fromPercent(value)
  if (/^\s{0,9}\.split\(\s{0,9}(?:''|"")\s{0,9}\)\s{0,9}\.reverse\(/.test(behind)) return [...value].reverse().join('')
  if (/^\s{0,9}\.split\(\s{0,9}['"]\|['"]/.test(behind)) {
    const words = value.split('|').filter((word) => word !== '')
    return words.length >= PACKED_WORDS ? words.join(' ') : undefined
  }
  return undefined
}

/** A string literal that begins at `at`; one that does not end stops at the line, or the script. */
function literal(source: string, at: number): { value: string; raw: string; end: number } {
  const quote = source[at]
  let end = at + 1
  for (; end < source.length; end++) {
    const c = source[end]
    if (c === '\\') end++
    else if (c === quote || (c === '\n' && quote !== '`')) break
  }
  const raw = source.slice(at + 1, Math.min(end, at + 1 + MAX_STRING))
  return { value: unescaped(raw), raw, end: Math.min(source.length, end + 1) }
}

const single: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\n', b: '', f: '', v: '', '0': '', '\n': '' }

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw
  return raw.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([\s\S]))/g,
    (_whole, x: string | undefined, u: string | undefined, long: string | undefined, one: string | undefined) =>
      one === undefined ? codePoint(Number.parseInt(x ?? u ?? long ?? '', 16)) : (single[one] ?? one),
  )
}

/** Escapes of plain letters, which nobody writes who has nothing to hide. */
function escapes(raw: string): number {
  if (!raw.includes('\\')) return 0
  let count = 0
  for (const _ of raw.matchAll(/\\(?:x[2-7][0-9a-fA-F]|u00[2-7][0-9a-fA-F])/g)) if (++count >= MANY_ESCAPES) break
  return count
}

function codePoint(code: number): string {
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
function charCodes(source: string, from: number): { text: string; end: number } {
  const begin = source.indexOf('(', from)
  if (begin < 0 || begin - from > AROUND) return { text: '', end: from }
  const end = source.indexOf(')', begin)
  const list = source.slice(begin + 1, end < 0 ? begin + 1 : Math.min(end, begin + MAX_STRING * 4)).split(',')
  const codes = list.map((one) => {
    const text = one.trim()
    return /^(?:\d{1,7}|0x[0-9a-f]{1,6})$/i.test(text) ? Number(text) : Number.NaN
  })
  const broken = codes.findIndex(Number.isNaN)
  const good = broken < 0 ? codes : codes.slice(0, broken)
  return { text: good.length < 2 ? '' : good.map(codePoint).join(''), end: begin + 1 }
}

function looksLikeScript(text: string): boolean {
  return /\.write|fromCharCode|innerHTML|location|atob|unescape/.test(text)
}

function endAfter(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from)
  return found < 0 ? source.length : found + mark.length
}
