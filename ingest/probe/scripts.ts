// What do the scripts of a page write, and where do they lead? Only what stands there: strings that are written, and strings in the common codes. Nothing is run.
import { charCodes, codePoint, decodedBy, decodersOf, isEscaped, listedCodes } from './codes.ts'

/** Characters of scripts of one page that are read, and of strings that are taken from them. */
const MAX_SCRIPT = 1_000_000
const MAX_FOUND = 120_000
const MAX_STRING = 20_000
const MAX_DEPTH = 2
const MAX_SENTENCES = 200
/** Characters before and behind a string that say what happens to it. */
const AROUND = 64
const MAX_LOCATIONS = 20
const MAX_ADDRESSES = 50

export interface ScriptTexts {
  /** HTML or text that is written into the page. */
  readonly written: string[]
  /** Texts that were in a code: base64, percent, escapes, character codes, backwards, packed. */
  readonly decoded: string[]
  /** Strings of several words, which may be written later. */
  readonly sentences: string[]
  /** Addresses that `location` is set to; `always` where that stands outside of every brace. */
  readonly locations: { url: string; readonly always: boolean }[]
  /** Addresses of links that are made: `a.href = …`. */
  readonly addresses: string[]
}

export const emptyScriptTexts = (): ScriptTexts => ({
  written: [],
  decoded: [],
  sentences: [],
  locations: [],
  addresses: [],
})

/** Reads one script; what it finds is added to `into`. Linear, never throws. */
export function readScript(source: string, into: ScriptTexts): void {
  const budget = { left: MAX_FOUND }
  scan(source.slice(0, MAX_SCRIPT), into, budget, 0)
}

interface Budget {
  left: number
}

function scan(source: string, into: ScriptTexts, budget: Budget, depth: number): void {
  const uses = decodersOf(source)
  const targets = targetsOf(source)
  // What is written may come from a list of names, each of two words.
  const sentence = WRITES_LINKS.test(source) ? PHRASE : SENTENCE
  let braces = 0
  /** Strings in a row, joined by plus signs or as the entries of a list. */
  let row: Row = { values: [], end: -1, listed: false, what: 'text' }
  const take = (list: string[], text: string): void => {
    if (budget.left <= 0 || text.trim() === '') return
    list.push(text.slice(0, budget.left))
    budget.left -= text.length
    // What comes out of a code may be a script again.
    if (list === into.decoded && depth < MAX_DEPTH && looksLikeScript(text)) scan(text, into, budget, depth + 1)
  }
  const leadsTo = (url: string, always: boolean): void => {
    if (into.locations.length < MAX_LOCATIONS) into.locations.push({ url: url.slice(0, 2000), always })
  }
  for (let at = 0; at < source.length && budget.left > 0; ) {
    const c = source[at]
    if (c === '/' && source[at + 1] === '/') at = endAfter(source, '\n', at)
    else if (c === '/' && source[at + 1] === '*') at = endAfter(source, '*/', at + 2)
    else if (c === '"' || c === "'" || c === '`') {
      const { value, raw, end } = literal(source, at)
      const before = source.slice(Math.max(0, at - AROUND), at)
      const behind = source.slice(end, end + AROUND)
      const decoded = decodedBy(value, before, behind, uses)
      row = follows(row, source, at)
      row.values.push(value)
      row.end = end
      if (decoded !== undefined) {
        take(into.decoded, decoded)
        if (targets.any && URL_ONLY.test(decoded)) leadsTo(decoded.trim(), false)
      } else if (row.what === 'written' || WRITES.test(before)) {
        take(into.written, value)
        row.what = 'written'
      } else if (row.what === 'location') {
        const last = into.locations.at(-1)
        if (last !== undefined && last.url.length < MAX_URL) last.url += value
      } else if (LOCATION.test(before) || targets.names.has(ASSIGNED.exec(before)?.[1] ?? ' ')) {
        leadsTo(value, braces <= 0)
        row.what = 'location'
      } else if (MAKES_LINK.test(before)) {
        if (into.addresses.length < MAX_ADDRESSES) into.addresses.push(value.slice(0, 2000))
      } else if (isEscaped(raw)) take(into.decoded, value)
      else if (into.sentences.length < MAX_SENTENCES && sentence.test(value)) take(into.sentences, value.slice(0, 500))
      if (row.what === 'text') {
        const whole = joined(row, behind)
        if (whole !== undefined) take(into.decoded, decodedBy(whole, '', '', uses) ?? whole)
      }
      at = end
    } else {
      if (c === '{') braces++
      else if (c === '}') braces--
      else if (c === 'f' && source.startsWith('fromCharCode', at)) {
        const { text, end } = charCodes(source, at + 'fromCharCode'.length)
        take(into.decoded, text)
        at = end
        continue
      } else if (c === '[' && uses.numbers) {
        const { text, end } = listedCodes(source, at + 1)
        take(into.decoded, text)
        at = Math.max(end, at + 1)
        continue
      }
      at++
    }
  }
}

interface Row {
  readonly values: string[]
  end: number
  listed: boolean
  what: 'text' | 'written' | 'location'
}

/** The row that a string at a place belongs to: the one before it, or its own. */
function follows(row: Row, source: string, at: number): Row {
  const gap = row.end >= 0 && at - row.end <= AROUND ? source.slice(row.end, at) : '-'
  if (row.values.length >= MAX_PIECES || !(BETWEEN.has(gap.trim()) || VARIABLE.test(gap))) return newRow()
  const listed = gap.includes(',')
  // The arguments of a call are no list of what is written.
  if (listed && row.what !== 'text') return newRow()
  if (row.values.length > 1 && listed !== row.listed) return newRow()
  row.listed = listed
  return row
}

function newRow(): Row {
  return { values: [], end: -1, listed: false, what: 'text' }
}

/** The pieces of a row in one, where it ends and was cut so that nobody finds its words. */
function joined({ values, listed }: Row, behind: string): string | undefined {
  if (values.length < 2) return undefined
  if (listed) {
    const join = /^\s{0,9},?\s{0,9}\]\s{0,9}\.(reverse\(\)\.)?join\(\s{0,9}(?:["'`]([^"'`\\]{0,3})["'`])?/.exec(behind)
    if (join === null) return undefined
    return (join[1] === undefined ? values : [...values].reverse()).join(join[2] ?? ',')
  }
  const whole = /^\s{0,9}\+\s{0,9}["'`]/.test(behind) ? '' : values.join('')
  return whole.includes('<') || SENTENCE.test(whole) ? whole : undefined
}

const BETWEEN: ReadonlySet<string> = new Set(['', '+', ','])
/** A variable between two strings, whose value stands elsewhere. */
const VARIABLE = /^ ?\+ ?[\w$.[\]]{1,40} ?\+ ?$/
const MAX_PIECES = 500
const MAX_URL = 2000
const URL_ONLY = /^\s{0,9}https?:\/\/[^\s<>"']{3,300}\s{0,9}$/i
const ASSIGNED = /([A-Za-z_$][\w$]{0,40})\s{0,9}=\s{0,9}$/
const MAKES_LINK = /\.\s{0,9}href\s{0,9}=\s{0,9}$|setAttribute\(\s{0,9}["']href["']\s{0,9},\s{0,9}$/

/** Whether a script leads elsewhere at all, and the variables that it leads to. */
function targetsOf(source: string): { any: boolean; names: ReadonlySet<string> } {
  if (!source.includes('location')) return { any: false, names: new Set() }
  const names = new Set<string>()
  for (const [, set, called] of source.matchAll(TARGET)) {
    names.add(set ?? called ?? '')
    if (names.size >= MAX_LOCATIONS) break
  }
  return { any: true, names }
}

const TARGET =
  /\blocation(?:\.href)?\s{0,9}(?:=\s{0,9}([A-Za-z_$][\w$]{0,40})\s{0,9}(?:[;,})\n]|$)|\.(?:replace|assign)\(\s{0,9}([A-Za-z_$][\w$]{0,40})\s{0,9}\))/g

/** Words of letters, divided by single spaces: no code, no selector, no class names. */
const SENTENCE = /^[\p{L}\p{N}][\p{L}\p{N}.,!?:;'"()]{0,40}(?: [\p{L}\p{N}&("'][\p{L}\p{N}.,!?:;'"()-]{0,40}){2}/u
/** The same of two words, as links are called. */
const PHRASE = /^[\p{L}\p{N}]{1,40}(?: [\p{L}\p{N}&("'][\p{L}\p{N}.,!?:;'"()-]{0,40})/u
const WRITES_LINKS = /(?:\.write|innerHTML|\.append|insertAdjacentHTML)[^\n]{0,60}<a /

const WRITES =
  /(?:\.write(?:ln)?\s{0,9}\(\s{0,9}|(?:inner|outer)(?:HTML|Text)\s{0,9}\+?=\s{0,9}|textContent\s{0,9}\+?=\s{0,9}|\.(?:append|prepend|html|before|after)\s{0,9}\(\s{0,9}|insertAdjacentHTML\s{0,9}\(\s{0,9}(?:["']\w{1,20}["']\s{0,9},\s{0,9})?)$/
const LOCATION =
  /(?:^|[^\w$])location(?:\s{0,9}\.\s{0,9}href)?\s{0,9}=\s{0,9}$|(?:^|[^\w$])location\s{0,9}\.\s{0,9}(?:replace|assign)\s{0,9}\(\s{0,9}$/

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

function looksLikeScript(text: string): boolean {
  return /\.write|fromCharCode|innerHTML|location|atob|unescape/.test(text)
}

function endAfter(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from)
  return found < 0 ? source.length : found + mark.length
}
