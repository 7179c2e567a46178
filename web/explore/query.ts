// What does somebody ask in Explore's query bar? The small language of docs/explore.md as a tree, or what is wrong, where, and what to do.
// Every character is looked at a bounded number of times: the time is linear in the length.
import { exploreLimits, type QueryProblem } from '../../schemas/explore-api.ts'
import { type Field, fieldOf, nearestField } from './fields.ts'

export type Operator = ':' | '!=' | '>=' | '<=' | '>' | '<'

/** What stands behind an operator. */
export interface Value {
  /** Without quotes and escapes. */
  readonly text: string
  /** In quotes: nothing in it has a meaning of its own. */
  readonly quoted: boolean
  /** Where `*` and `?` are wildcards: the pattern for LIKE, everything else escaped. */
  readonly pattern: string | undefined
  readonly at: number
  readonly to: number
}

export type Node =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly Node[] }
  | { readonly kind: 'not'; readonly node: Node }
  | { readonly kind: 'text'; readonly value: Value }
  | {
      readonly kind: 'term'
      readonly field: Field
      /** Of the map `fields`. */
      readonly key: string
      readonly operator: Operator
      /** Any of them. */
      readonly values: readonly Value[]
      readonly at: number
      readonly to: number
    }

/** Thrown and caught inside web/explore: a question that is wrong is no failure of the server. */
export class WrongQuery extends Error {
  override name = 'WrongQuery'
  readonly problem: QueryProblem
  constructor(at: number, to: number, texts: Omit<QueryProblem, 'at' | 'to'>) {
    super(texts.message)
    this.problem = { at, to, ...texts }
  }
}

/** Groups within groups, and terms of one question. */
const MAX_DEPTH = 32
const MAX_TERMS = 100

const AND = new Set(['AND', 'DAN'])
const OR = new Set(['OR', 'ATAU'])
const NOT = new Set(['NOT', 'BUKAN'])
const isSpace = (character: string): boolean => character !== '' && character.trim() === ''
const isNameStart = (character: string): boolean => /^[A-Za-z_@]$/.test(character)
const isName = (character: string): boolean => /^[A-Za-z0-9_.@/-]$/.test(character)

/** The tree of a question; undefined for an empty one, which asks for everything. Throws {@link WrongQuery}. */
export function parseQuery(text: string): Node | undefined {
  const reader = createReader(text)
  if (text.length > exploreLimits.question) {
    throw new WrongQuery(exploreLimits.question, text.length, {
      message: `The question is longer than ${exploreLimits.question} characters.`,
      action: 'Shorten it.',
      pesan: `Pertanyaan lebih panjang dari ${exploreLimits.question} huruf.`,
      tindakan: 'Persingkat.',
    })
  }
  if (reader.ended()) return undefined
  const node = readOr(reader, 0)
  if (reader.ended()) return node
  throw new WrongQuery(reader.at(), reader.at() + 1, {
    message: 'There is a ) without its (.',
    action: 'Remove it, or open a group before it; text with brackets goes into quotes.',
    pesan: 'Ada ) tanpa ( pasangannya.',
    tindakan: 'Hapus, atau buka kelompok sebelumnya; teks berkurung ditulis di antara tanda kutip.',
  })
}

/** Where reading is, and how much was read. */
interface Reader {
  readonly text: string
  at(): number
  /** The character here, or so far ahead; '' behind the end. */
  peek(ahead?: number): string
  go(to: number): void
  /** Skips space; true if nothing follows. */
  ended(): boolean
  /** The bare word here, which is not taken. */
  word(): string
  countTerm(at: number): void
}

function createReader(text: string): Reader {
  let at = 0
  let terms = 0
  const skip = (): void => {
    while (at < text.length && isSpace(text.charAt(at))) at++
  }
  return {
    text,
    at: () => at,
    peek: (ahead = 0) => text.charAt(at + ahead),
    go(to) {
      at = to
    },
    ended() {
      skip()
      return at >= text.length
    },
    word() {
      // Words that mean something are short.
      let end = at
      while (end < text.length && end - at < 8 && /[A-Z]/.test(text.charAt(end))) end++
      const next = text.charAt(end)
      return next === '' || isSpace(next) || next === '(' || next === ')' || next === '"' ? text.slice(at, end) : ''
    },
    countTerm(from) {
      terms += 1
      if (terms <= MAX_TERMS) return
      throw new WrongQuery(from, text.length, {
        message: `There are more than ${MAX_TERMS} conditions.`,
        action: 'Ask for less at once, or use wildcards, a range or a network.',
        pesan: `Ada lebih dari ${MAX_TERMS} syarat.`,
        tindakan: 'Kurangi, atau pakai tanda bintang, rentang, atau jaringan.',
      })
    },
  }
}

function readOr(reader: Reader, depth: number): Node {
  const nodes = [readAnd(reader, depth)]
  while (!reader.ended() && OR.has(reader.word())) {
    reader.go(reader.at() + reader.word().length)
    nodes.push(readAnd(reader, depth))
  }
  const [only] = nodes
  return nodes.length === 1 && only !== undefined ? only : { kind: 'or', nodes }
}

function readAnd(reader: Reader, depth: number): Node {
  const nodes = [readNot(reader, depth)]
  while (!reader.ended() && reader.peek() !== ')' && !OR.has(reader.word())) {
    if (AND.has(reader.word())) reader.go(reader.at() + reader.word().length)
    nodes.push(readNot(reader, depth))
  }
  const [only] = nodes
  return nodes.length === 1 && only !== undefined ? only : { kind: 'and', nodes }
}

function readNot(reader: Reader, depth: number): Node {
  let negated = false
  for (;;) {
    if (reader.ended()) throw missing(reader, reader.at())
    const word = reader.word()
    if (NOT.has(word)) reader.go(reader.at() + word.length)
    else if (reader.peek() === '-' && (isNameStart(reader.peek(1)) || /^["(]$/.test(reader.peek(1))))
      reader.go(reader.at() + 1)
    else break
    negated = !negated
  }
  const node = readPrimary(reader, depth)
  return negated ? { kind: 'not', node } : node
}

function readPrimary(reader: Reader, depth: number): Node {
  const at = reader.at()
  const word = reader.word()
  if (AND.has(word) || OR.has(word) || reader.peek() === ')') throw missing(reader, at)
  if (reader.peek() === '(') {
    if (depth >= MAX_DEPTH) {
      throw new WrongQuery(at, at + 1, {
        message: `Groups are nested deeper than ${MAX_DEPTH}.`,
        action: 'Write it flatter.',
        pesan: `Kelompok bersarang lebih dari ${MAX_DEPTH} tingkat.`,
        tindakan: 'Sederhanakan kelompoknya.',
      })
    }
    reader.go(at + 1)
    const node = readOr(reader, depth + 1)
    if (reader.ended()) throw unclosed(at)
    reader.go(reader.at() + 1)
    return node
  }
  reader.countTerm(at)
  const named = readName(reader)
  return named === undefined ? { kind: 'text', value: readValue(reader) } : readTerm(reader, named, at)
}

/** A name with its operator, both taken; undefined (and nothing taken) for bare text. */
function readName(reader: Reader): { name: string; operator: Operator } | undefined {
  const { text } = reader
  const at = reader.at()
  if (!isNameStart(reader.peek())) return undefined
  let end = at
  while (end < text.length && isName(text.charAt(end))) end++
  const name = text.slice(at, end)
  while (text.charAt(end) === ' ') end++
  const two = text.slice(end, end + 2)
  const one = text.charAt(end)
  const operator =
    two === '!=' || two === '>=' || two === '<='
      ? two
      : one === ':' || one === '>' || one === '<'
        ? one
        : one === '='
          ? ':'
          : undefined
  if (operator === undefined) return undefined
  end += one === '=' || operator.length === 1 ? 1 : 2
  while (text.charAt(end) === ' ') end++
  reader.go(end)
  return { name, operator }
}

function readTerm(reader: Reader, { name, operator }: { name: string; operator: Operator }, at: number): Node {
  const found = fieldOf(name)
  if (found === undefined) throw unknownField(name, at)
  if (found.field.kind === 'map' && found.key === '') {
    throw new WrongQuery(at, at + name.length, {
      message: 'fields holds many values: say which.',
      action: 'Write fields.NAME:value, such as fields.device.timestamp:*',
      pesan: 'fields berisi banyak nilai: sebutkan yang mana.',
      tindakan: 'Tulis fields.NAMA:nilai, misalnya fields.device.timestamp:*',
    })
  }
  const values = reader.peek() === '(' ? readGroup(reader) : [readValue(reader)]
  return { kind: 'term', ...found, operator, values, at, to: reader.at() }
}

/** `(a b "c d")`, any of which is meant; `OR` and commas may stand between. */
function readGroup(reader: Reader): Value[] {
  const opened = reader.at()
  const values: Value[] = []
  reader.go(opened + 1)
  for (;;) {
    if (reader.ended()) throw unclosed(opened)
    if (reader.peek() === ')') break
    if (reader.peek() === ',') reader.go(reader.at() + 1)
    else if (OR.has(reader.word())) reader.go(reader.at() + reader.word().length)
    else {
      reader.countTerm(reader.at())
      values.push(readValue(reader, true))
    }
  }
  reader.go(reader.at() + 1)
  if (values.length === 0) throw missing(reader, opened)
  return values
}

function readValue(reader: Reader, inGroup = false): Value {
  if (reader.peek() === '"') return readQuoted(reader)
  const { text } = reader
  const at = reader.at()
  let end = at
  let plain = ''
  let pattern = ''
  let wild = false
  let depth = 0
  while (end < text.length) {
    const character = text.charAt(end)
    if (isSpace(character) || (character === ')' && depth === 0) || (inGroup && character === ',')) break
    if (character === '(') depth++
    if (character === ')') depth--
    if (character === '*' || character === '?') {
      wild = true
      plain += character
      pattern += character === '*' ? '%' : '_'
    } else {
      const taken = character === '\\' && end + 1 < text.length ? text.charAt(++end) : character
      plain += taken
      pattern += escapedForLike(taken)
    }
    end++
  }
  if (end === at) throw missing(reader, at)
  reader.go(end)
  return { text: plain, quoted: false, pattern: wild ? pattern : undefined, at, to: end }
}

function readQuoted(reader: Reader): Value {
  const { text } = reader
  const at = reader.at()
  let plain = ''
  for (let end = at + 1; end < text.length; end++) {
    const character = text.charAt(end)
    if (character === '"') {
      reader.go(end + 1)
      return { text: plain, quoted: true, pattern: undefined, at, to: end + 1 }
    }
    // A backslash frees a quote or another backslash; before anything else it is itself, as in paths of Windows.
    const next = text.charAt(end + 1)
    if (character === '\\' && (next === '"' || next === '\\')) {
      plain += next
      end++
    } else plain += character
  }
  throw new WrongQuery(at, text.length, {
    message: 'A quotation mark is not closed.',
    action: 'Put a " at the end of the text; a " within it is written \\".',
    pesan: 'Tanda kutip belum ditutup.',
    tindakan: 'Beri " di akhir teks; " di dalamnya ditulis \\".',
  })
}

/** Text of a LIKE pattern that means itself. */
export function escapedForLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** Text as a value in quotes. */
export function quotedValue(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

function missing(reader: Reader, at: number): WrongQuery {
  const to = Math.max(at + 1, Math.min(reader.text.length, at + 3))
  return new WrongQuery(at, to, {
    message: 'Something is missing here: a value or a condition.',
    action: 'Write one, such as source.ip:203.0.113.9 or "union select", or remove what leads here.',
    pesan: 'Ada yang kurang di sini: nilai atau syarat.',
    tindakan: 'Isi, misalnya source.ip:203.0.113.9 atau "union select", atau hapus yang menuju ke sini.',
  })
}

function unclosed(at: number): WrongQuery {
  return new WrongQuery(at, at + 1, {
    message: 'This ( has no ).',
    action: 'Close the group; text with brackets goes into quotes.',
    pesan: 'Kurung ( ini tidak punya ).',
    tindakan: 'Tutup kelompoknya; teks berkurung ditulis di antara tanda kutip.',
  })
}

function unknownField(name: string, at: number): WrongQuery {
  const near = nearestField(name)
  const shown = name.slice(0, 60)
  return new WrongQuery(at, at + name.length, {
    message: `There is no field ${shown}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    action: 'Choose one from the list of fields; text with a colon goes into quotes.',
    pesan: `Tidak ada kolom ${shown}.${near === undefined ? '' : ` Maksud Anda ${near}?`}`,
    tindakan: 'Pilih dari daftar kolom; teks bertitik dua ditulis di antara tanda kutip.',
  })
}
