// What do the modifiers behind a field's name make of its values? `CommandLine|wide|base64offset|contains` (Sigma 2.1, "Value Modifiers").
import type { Expression, Matcher, Piece } from './rule.ts'

/** A detection that can't be used; the message completes a sentence about the field. */
export class DetectionError extends Error {}

/** Values of placeholders such as `%admins%`, by name. */
export type Placeholders = ReadonlyMap<string, readonly (string | number)[]>

type Scalar = string | number | boolean | null

/** A value on its way through the modifiers: text with wildcards, and bytes once it has been encoded. */
interface Value {
  readonly pieces: readonly Piece[]
  readonly bytes?: Buffer
}

const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
  wide: utf16le,
  utf16le,
  utf16be: (text) => utf16le(text).swap16(),
  utf16: (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), utf16le(text)]),
}
const comparisons = new Set(['lt', 'lte', 'gt', 'gte'])
const timeParts = new Set(['minute', 'hour', 'day', 'week', 'month', 'year'])
const places = { startswith: 'start', endswith: 'end', contains: 'anywhere' } as const
const known = new Set([
  ...Object.keys(encodings),
  ...comparisons,
  ...timeParts,
  ...Object.keys(places),
  ...['all', 'cased', 'neq', 're', 'i', 'm', 's', 'cidr', 'base64', 'base64offset', 'windash', 'exists', 'fieldref'],
  'expand',
])

/**
 * The expression of one field with its modifiers and values. `field` undefined: keywords. Throws DetectionError for a modifier that does not
 * exist, a combination without a meaning, and a value that does not suit.
 */
export function fieldExpression(
  field: string | undefined,
  modifiers: readonly string[],
  values: readonly Scalar[],
  placeholders: Placeholders,
): Expression {
  const unknown = modifiers.find((modifier) => !known.has(modifier))
  if (unknown !== undefined) throw new DetectionError(`has the modifier "${unknown}", which Sigma does not know`)
  const has = (modifier: string): boolean => modifiers.includes(modifier)
  const matchers = values.flatMap((value) => matchersOf(value, modifiers, placeholders))
  const found = matchers.map((alternatives): Expression => {
    const of = alternatives.map((matcher): Expression => ({ op: 'match', field, matcher }))
    return of.length === 1 ? (of[0] as Expression) : { op: 'or', of }
  })
  const expression: Expression =
    found.length === 1 ? (found[0] as Expression) : { op: has('all') ? 'and' : 'or', of: found }
  return has('neq') ? { op: 'not', of: expression } : expression
}

/** For one value as written: the values that it stands for (placeholders), each with its alternatives (encodings, dashes). */
function matchersOf(value: Scalar, modifiers: readonly string[], placeholders: Placeholders): Matcher[][] {
  const has = (modifier: string): boolean => modifiers.includes(modifier)
  const exact = has('cased')
  if (has('exists')) {
    if (typeof value !== 'boolean') throw new DetectionError('needs true or false behind "exists"')
    return [[{ kind: 'exists', present: value }]]
  }
  const timePart = modifiers.find((modifier) => timeParts.has(modifier))
  const comparison = modifiers.find((modifier) => comparisons.has(modifier))
  if (timePart !== undefined || comparison !== undefined) {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
    if (typeof number !== 'number' || Number.isNaN(number))
      throw new DetectionError(`needs a number behind "${comparison ?? timePart}"`)
    if (timePart !== undefined)
      return [
        [
          {
            kind: 'time',
            part: timePart as Extract<Matcher, { kind: 'time' }>['part'],
            operator: (comparison ?? 'eq') as Extract<Matcher, { kind: 'time' }>['operator'],
            value: number,
          },
        ],
      ]
    return [
      [
        {
          kind: 'compare',
          operator: comparison as Extract<Matcher, { kind: 'compare' }>['operator'],
          value: number,
        },
      ],
    ]
  }
  if (value === null) return [[{ kind: 'null' }]]
  const text = String(value)
  if (has('re')) {
    if (typeof value === 'boolean') throw new DetectionError('needs text behind "re"')
    const flags = ['i', 'm', 's'].filter(has).join('')
    return [[{ kind: 'regex', source: text, flags }]]
  }
  for (const flag of ['i', 'm', 's']) if (has(flag)) throw new DetectionError(`has "${flag}" without "re" before it`)
  if (has('cidr')) return [[{ kind: 'cidr', network: text }]]
  const place = (Object.keys(places) as (keyof typeof places)[]).find(has)
  if (has('fieldref'))
    return [[{ kind: 'fieldref', field: text, place: place === undefined ? 'whole' : places[place], exact }]]
  return expanded(value, has('expand'), placeholders).map((one) => patternsOf(one, modifiers))
}

/** A string pattern, as numbers and booleans also are, through its modifiers in the order in which they are written. */
function patternsOf(value: Scalar, modifiers: readonly string[]): Matcher[] {
  let values: Value[] = [{ pieces: typeof value === 'string' ? parsePattern(value) : [String(value)] }]
  for (const modifier of modifiers) {
    const encode = encodings[modifier]
    if (encode !== undefined)
      values = values.map((one) => ({ pieces: one.pieces, bytes: encode(plainText(one, modifier)) }))
    else if (modifier === 'base64') values = values.map((one) => fromText(bytesOf(one, modifier).toString('base64')))
    else if (modifier === 'base64offset') values = values.flatMap((one) => base64Offsets(bytesOf(one, modifier)))
    else if (modifier === 'windash') values = values.flatMap(dashes)
    else if (modifier === 'contains') values = values.map((one) => around(one, true, true))
    else if (modifier === 'startswith') values = values.map((one) => around(one, false, true))
    else if (modifier === 'endswith') values = values.map((one) => around(one, true, false))
  }
  const exact = modifiers.includes('cased')
  return values.map(({ pieces, bytes }) => ({
    kind: 'pattern',
    // Encoded text that no base64 followed: its bytes, a character each.
    pieces: bytes === undefined ? pieces : withText(pieces, bytes.toString('latin1')),
    exact,
  }))
}

const any: Piece = { wildcard: 'any' }
const one: Piece = { wildcard: 'one' }

/**
 * Text with wildcards: `*` any characters, `?` one; `\*`, `\?` and `\\` are the characters themselves, every other backslash is one.
 */
function parsePattern(text: string): Piece[] {
  const pieces: Piece[] = []
  let literal = ''
  const close = (): void => {
    if (literal !== '') pieces.push(literal)
    literal = ''
  }
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i)
    const next = text.charAt(i + 1)
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next
      i += 1
    } else if (character === '*') {
      close()
      if (pieces.at(-1) !== any) pieces.push(any)
    } else if (character === '?') {
      close()
      pieces.push(one)
    } else literal += character
  }
  close()
  return pieces
}

function around({ pieces, bytes }: Value, before: boolean, behind: boolean): Value {
  const list: Piece[] = bytes === undefined ? [...pieces] : withText(pieces, bytes.toString('latin1'))
  if (before && list[0] !== any) list.unshift(any)
  if (behind && list.at(-1) !== any) list.push(any)
  return { pieces: list }
}

function withText(pieces: readonly Piece[], text: string): Piece[] {
  return pieces.some((piece) => typeof piece !== 'string') ? [...pieces] : text === '' ? [] : [text]
}

function fromText(text: string): Value {
  return { pieces: [text] }
}

function plainText({ pieces }: Value, modifier: string): string {
  if (pieces.some((piece) => typeof piece !== 'string'))
    throw new DetectionError(`has a wildcard in a value that "${modifier}" encodes`)
  return pieces.join('')
}

function bytesOf(value: Value, modifier: string): Buffer {
  return value.bytes ?? Buffer.from(plainText(value, modifier), 'utf8')
}

function utf16le(text: string): Buffer {
  return Buffer.from(text, 'utf16le')
}

/** What base64 makes of bytes that begin at each of the three places in a group, without the characters that neighbours decide. */
function base64Offsets(bytes: Buffer): Value[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset, 0x20), bytes]).toString('base64')
    const start = [0, 2, 3][offset] ?? 0
    const cut = [0, 3, 2][(bytes.length + offset) % 3] ?? 0
    return fromText(encoded.slice(start, encoded.length - cut))
  })
}

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015']
const MAX_DASHES = 5

/** Every spelling of the dashes and slashes that begin an option. */
function dashes({ pieces }: Value): Value[] {
  let all: Piece[][] = [[]]
  let count = 0
  let previous = ''
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      all = all.map((list) => [...list, piece])
      previous = ''
      continue
    }
    const parts: string[] = []
    let from = 0
    for (let i = 0; i < piece.length; i += 1) {
      const character = piece.charAt(i)
      const before = i === 0 ? previous : piece.charAt(i - 1)
      if ((character === '-' || character === '/') && !/\w/.test(before) && /\w/.test(piece.charAt(i + 1))) {
        parts.push(piece.slice(from, i))
        from = i + 1
        count += 1
      }
    }
    if (count > MAX_DASHES) throw new DetectionError(`has more than ${MAX_DASHES} options in a value with "windash"`)
    const last = piece.slice(from)
    let texts = ['']
    for (const part of parts) texts = texts.flatMap((text) => DASHES.map((dash) => `${text}${part}${dash}`))
    all = all.flatMap((list) => texts.map((text) => [...list, text + last]))
    previous = piece.at(-1) ?? ''
  }
  return all.map((list) => ({ pieces: list.filter((piece) => piece !== '') }))
}

/** The values that take the place of `%name%`; the value alone if it holds no placeholder. */
function expanded(value: Scalar, expand: boolean, placeholders: Placeholders): Scalar[] {
  if (!expand || typeof value !== 'string') return [value]
  const found = /%([\w.-]+)%/.exec(value)
  if (found === null) return [value]
  const values = placeholders.get(found[1] ?? '')
  if (values === undefined)
    throw new DetectionError(`has the placeholder ${found[0]}, for which no values are given ("expand" needs them)`)
  return values.flatMap((one_) =>
    expanded(
      value.slice(0, found.index) + String(one_) + value.slice(found.index + found[0].length),
      true,
      placeholders,
    ),
  )
}
