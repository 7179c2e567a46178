// In which form are the words of a page compared? Small letters without accents, and with the disguises undone that spam filters are fooled by.

/** A word of a text. `disguised`: it did not stand there as it is read here. */
export interface Token {
  readonly text: string
  readonly disguised: boolean
  /** It stands in a quotation: who quotes speaks of something. */
  readonly quoted: boolean
}

/** Words that a disguised one may stand for. */
export type Vocabulary = ReadonlySet<string>

/** Words looked at in one text; pages are cut to fewer. */
const MAX_TOKENS = 8_000
const MAX_TEXT = 60_000

/** Letters of other scripts, and drawn ones that no normal form knows, that are read as Latin ones. */
const twins: ReadonlyMap<string, string> = new Map([
  ...pairs('аɑαᴀａ', 'a'),
  ...pairs('вʙβ', 'b'),
  ...pairs('сᴄϲ', 'c'),
  ...pairs('ԁᴅɗ', 'd'),
  ...pairs('еєᴇεҽ', 'e'),
  ...pairs('ғꜰ', 'f'),
  ...pairs('ɡɢց', 'g'),
  ...pairs('һнʜ', 'h'),
  ...pairs('іıɪιӏ', 'i'),
  ...pairs('јᴊ', 'j'),
  ...pairs('кᴋκ', 'k'),
  ...pairs('ʟ', 'l'),
  ...pairs('мᴍ', 'm'),
  ...pairs('пɴη', 'n'),
  ...pairs('оᴏοσօ', 'o'),
  ...pairs('рᴘρ', 'p'),
  ...pairs('ԛ', 'q'),
  ...pairs('гʀ', 'r'),
  ...pairs('ѕꜱ', 's'),
  ...pairs('тᴛτ', 't'),
  ...pairs('υᴜս', 'u'),
  ...pairs('ѵνᴠ', 'v'),
  ...pairs('ԝωᴡ', 'w'),
  ...pairs('хχ', 'x'),
  ...pairs('уγʏ', 'y'),
  ...pairs('ᴢ', 'z'),
  ['đ', 'd'],
  ['ø', 'o'],
  ['ł', 'l'],
])

function pairs(letters: string, latin: string): [string, string][] {
  return [...letters].map((letter) => [letter, latin])
}

/** Digits and signs that stand for letters. One may stand for either of two. */
const digits: readonly Readonly<Record<string, string>>[] = [
  { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 6: 'g', 7: 't', 8: 'b', 9: 'g', '@': 'a', $: 's', '!': 'i', '|': 'l' },
  { 0: 'o', 1: 'l', 3: 'e', 4: 'a', 5: 's', 6: 'g', 7: 't', 8: 'b', 9: 'g', '@': 'a', $: 's', '!': 'l', '|': 'i' },
]

const UNSEEN = /\p{Cf}|\p{Variation_Selector}/gu
const WORD = /[\p{L}\p{N}\p{M}@$!|]+/gu
const SIGNS = /[@$!|]/
const LATIN = /[a-z]/
const OTHER_SCRIPT = /[^ -~]/
const DIGIT = /\d/

/** The text as it is compared: compatibility forms, small letters, no Latin accents, no characters that nobody sees. */
export function foldText(text: string): string {
  return drawn(text.slice(0, MAX_TEXT))
    .normalize('NFKC')
    .replace(UNSEEN, '')
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
}

/** White letters on black circles and squares, and those of flags, which normal forms leave as they are. */
function drawn(text: string): string {
  return text.replace(/[\u{1f150}-\u{1f169}\u{1f170}-\u{1f189}\u{1f1e6}-\u{1f1ff}]/gu, (letter) => {
    const code = letter.codePointAt(0) ?? 0
    return String.fromCharCode(65 + code - (code >= 0x1f1e6 ? 0x1f1e6 : code >= 0x1f170 ? 0x1f170 : 0x1f150))
  })
}

/** The words of a folded text in their order. A disguise is undone only where a word of the vocabulary comes out. */
export function tokensOf(folded: string, vocabulary: Vocabulary): Token[] {
  const tokens: Token[] = []
  const quotations = quotationsOf(folded)
  let spelled: string[] = []
  const endSpelled = (): void => {
    if (spelled.length >= MIN_SPELLED) {
      const parts = knownParts(spelled.join(''), vocabulary)
      if (parts !== undefined) tokens.splice(tokens.length - spelled.length, spelled.length, ...parts.map(disguise))
    }
    spelled = []
  }
  for (const { 0: word, index } of folded.matchAll(WORD)) {
    if (tokens.length >= MAX_TOKENS) break
    const read =
      SIGNS.test(word) && !isWhole(word, vocabulary) ? word.split(SIGNS).filter((part) => part !== '') : [word]
    for (const part of read) {
      const found = unmask(part, vocabulary)
      while ((quotations[0]?.end ?? index) < index) quotations.shift()
      const [first] = found
      if (first !== undefined && isQuoted(folded, index)) found[0] = { ...first, quoted: true }
      const inside = (quotations[0]?.begin ?? index) < index
      tokens.push(...(inside ? found.map((token) => ({ ...token, quoted: true })) : found))
      const single = part.length === 1 && found.length === 1
      if (single) spelled.push(found[0]?.text ?? '')
      else endSpelled()
      if (spelled.length >= MAX_SPELLED) endSpelled()
    }
  }
  endSpelled()
  return tokens
}

/** Single letters in a row that are read as words: s l o t. */
const MIN_SPELLED = 4
const MAX_SPELLED = 600

function disguise(text: string): Token {
  return { text, disguised: true, quoted: false }
}

interface Quotation {
  readonly begin: number
  readonly end: number
}

/** Short quotations, those of several words included. */
function quotationsOf(text: string): Quotation[] {
  return [...text.matchAll(QUOTATION)]
    .slice(0, MAX_TOKENS)
    .map(({ 0: all, index }) => ({ begin: index, end: index + all.length }))
}

const QUOTATION =
  /(?<=^|[\s(:>])(?:"(?=\S)[^"]{1,200}"|“[^”]{1,200}”|„[^“”]{1,200}[“”]|«[^»]{1,200}»)|<(?:title|h1|div|a|meta)\b[^<>]{0,200}>[^<>]{1,200}/g

function isQuoted(text: string, at: number): boolean {
  return QUOTES.includes(text[at - 1] ?? ' ')
}

const QUOTES = '"“”„«‘\''

/** Whether a word with signs in it is one of the vocabulary with the signs read as letters. */
function isWhole(word: string, vocabulary: Vocabulary): boolean {
  return digits.some((table) => vocabulary.has(withLetters(word, table)))
}

function withLetters(word: string, table: Readonly<Record<string, string>>): string {
  let out = ''
  for (const character of word) out += table[character] ?? character
  return out
}

/** One word as the words that it stands for. */
function unmask(word: string, vocabulary: Vocabulary): Token[] {
  let text = word
  let masked = false
  if (OTHER_SCRIPT.test(text)) {
    const latin = [...text].map((letter) => twins.get(letter) ?? letter).join('')
    // Words of another language stay what they are: only those that mix, or that come out as a known word, are disguised.
    if (latin !== text && (vocabulary.has(latin) || (LATIN.test(text) && !OTHER_SCRIPT.test(latin)))) {
      text = latin
      masked = true
    }
  }
  if (vocabulary.has(text) || text.length > MAX_WORD) return [{ text, disguised: masked, quoted: false }]
  if (LATIN.test(text) && (DIGIT.test(text) || SIGNS.test(text))) {
    // Digits at the end may be part of a name: s1ot88.
    const end = /\d{0,4}$/.exec(text)?.[0] ?? ''
    const stem = text.slice(0, text.length - end.length)
    for (const table of digits) {
      const whole = withLetters(text, table)
      if (vocabulary.has(whole)) return [disguise(whole)]
      const read = withLetters(stem, table)
      if (read !== stem && vocabulary.has(read)) return [disguise(read + end)]
    }
  }
  if (text.length >= MIN_COMPOUND && LATIN.test(text)) {
    const parts = split(text.replace(/\d{1,4}$/, ''), vocabulary, MIN_PART)
    if (parts !== undefined && parts.length > 1) {
      const end = /\d{1,4}$/.exec(text)?.[0] ?? ''
      return parts.map((part, n) => ({
        text: n === parts.length - 1 ? part + end : part,
        disguised: masked,
        quoted: false,
      }))
    }
  }
  return [{ text, disguised: masked, quoted: false }]
}

const MAX_WORD = 60
const MIN_COMPOUND = 7
const MIN_PART = 3

/** A word as words of the vocabulary, the longest first; undefined if it is not made of them. */
function split(word: string, vocabulary: Vocabulary, least: number): string[] | undefined {
  // For each place the words that lead there, or none: the text is at most MAX_WORD long.
  const ways: (string[] | undefined)[] = [[]]
  for (let end = 1; end <= word.length; end++) {
    for (let from = Math.max(0, end - MAX_PART); from <= end - least; from++) {
      const before = ways[from]
      if (before === undefined) continue
      const part = word.slice(from, end)
      if (!vocabulary.has(part)) continue
      const found = ways[end]
      if (found === undefined || before.length + 1 < found.length) ways[end] = [...before, part]
    }
  }
  return ways[word.length]
}

const MAX_PART = 20

/** Letters in a row as words of the vocabulary with names between them; undefined if most of them belong to no word. */
function knownParts(letters: string, vocabulary: Vocabulary): string[] | undefined {
  const whole = split(letters.slice(0, MAX_WORD), vocabulary, 2)
  if (whole !== undefined && letters.length <= MAX_WORD) return whole
  // For each place the most letters that words cover, each word paying for itself, and the word that ends there.
  const covered = [0]
  const words: string[] = ['']
  for (let end = 1; end <= letters.length; end++) {
    covered[end] = covered[end - 1] ?? 0
    words[end] = ''
    for (let from = Math.max(0, end - MAX_PART); from <= end - MIN_PART; from++) {
      const part = letters.slice(from, end)
      const value = (covered[from] ?? 0) + part.length - WORD_COST
      if (value <= (covered[end] ?? 0) || !vocabulary.has(part)) continue
      covered[end] = value
      words[end] = part
    }
  }
  const parts: string[] = []
  let known = 0
  let unknown = false
  for (let end = letters.length; end > 0; ) {
    const word = words[end] ?? ''
    if (word === '') {
      const between = letters[end - 1] ?? ''
      // A name goes on to the left until a word ends.
      if (parts[0] !== undefined && unknown) parts[0] = between + parts[0]
      else parts.unshift(between)
      unknown = true
      end--
    } else {
      parts.unshift(word)
      unknown = false
      known += word.length
      end -= word.length
    }
  }
  return known >= letters.length * MOST_KNOWN ? parts : undefined
}

const WORD_COST = 1
const MOST_KNOWN = 0.5
