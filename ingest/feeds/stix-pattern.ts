// Which values does a STIX pattern look for? A parser of the pattern language (STIX 2.1 section 9), as far as values by themselves can be matched.
import type { IndicatorType } from '../../schemas/indicator.ts'

export interface PatternValue {
  readonly value: string
  readonly type: IndicatorType
}

export type PatternOutcome =
  | {
      readonly kind: 'ok'
      readonly values: readonly PatternValue[]
      /** The pattern asks for more than its values: they match more than the feed means. */
      readonly wider: boolean
      /** Comparisons that cannot be matched here, such as `file:name LIKE 'x%'`. */
      readonly unused: readonly string[]
    }
  | { readonly kind: 'bad'; readonly cause: string }

const MAX_PATTERN = 64 * 1024
const MAX_DEPTH = 50
const MAX_TOKENS = 20_000

interface Token {
  readonly kind: 'word' | 'string' | 'sign'
  readonly text: string
  readonly at: number
}

/** Values below an expression; `wider` as in the outcome. */
interface Found {
  readonly values: readonly PatternValue[]
  readonly wider: boolean
}

class PatternError extends Error {}

const nothing: Found = { values: [], wider: false }

/**
 * Reads a pattern; never throws. OR gives the values of both sides. AND inside one observation asks for all at once: of it the most telling
 * values are taken (hash, then URL, e-mail, domain, address), and several hashes of one file all; whatever else was asked for makes the
 * pattern `wider`, unless it only describes the file of a hash. AND and FOLLOWEDBY between observations give the values of both, wider too.
 * What is negated is not looked for. Qualifiers (WITHIN, REPEATS, START … STOP) are read and left out.
 */
export function readPattern(text: string): PatternOutcome {
  if (text.length > MAX_PATTERN) return { kind: 'bad', cause: 'too long' }
  try {
    const parser = createParser(tokensOf(text))
    const { values, wider } = parser.pattern()
    return { kind: 'ok', values, wider, unused: parser.unused }
  } catch (error) {
    if (error instanceof PatternError) return { kind: 'bad', cause: error.message }
    throw error
  }
}

const space = /\s+/y
const sign = /<=|>=|!=|<>|==|[[\]()=<>,:*.]/y
const word = /[A-Za-z0-9_+\-.]+/y

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  while (at < text.length) {
    const blank = take(space)
    if (blank !== undefined) {
      at += blank.length
      continue
    }
    if (tokens.length >= MAX_TOKENS) throw new PatternError('too many parts')
    const start = at
    if (text.charCodeAt(at) === QUOTE) {
      const { value, end } = stringAt(text, at)
      tokens.push({ kind: 'string', text: value, at: start })
      at = end
      continue
    }
    const known = take(word)
    if (known !== undefined && known !== '.') {
      at += known.length
      // t'…', h'…', b'…': times and bytes.
      if (/^[thb]$/.test(known) && text.charCodeAt(at) === QUOTE) {
        const { value, end } = stringAt(text, at)
        tokens.push({ kind: 'word', text: value, at: start })
        at = end
      } else tokens.push({ kind: 'word', text: known, at: start })
      continue
    }
    const mark = take(sign)
    if (mark === undefined) throw new PatternError(`${text.slice(at, at + 10)} at ${at} is not understood`)
    at += mark.length
    tokens.push({ kind: 'sign', text: mark, at: start })
  }
  return tokens
}

const QUOTE = 39
const BACKSLASH = 92

/** A string with its escapes `\'` and `\\` undone. */
function stringAt(text: string, from: number): { value: string; end: number } {
  let value = ''
  let start = from + 1
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === BACKSLASH) {
      value += text.slice(start, i)
      i++
      start = i
    } else if (code === QUOTE) return { value: value + text.slice(start, i), end: i + 1 }
  }
  throw new PatternError('a string does not end')
}

function createParser(tokens: readonly Token[]) {
  let at = 0
  let depth = 0
  const unused: string[] = []
  const peek = (): Token | undefined => tokens[at]
  const isWord = (text: string): boolean => peek()?.kind === 'word' && peek()?.text.toUpperCase() === text
  const isSign = (text: string): boolean => peek()?.kind === 'sign' && peek()?.text === text
  const next = (): Token => {
    const token = tokens[at++]
    if (token === undefined) throw new PatternError('it ends too early')
    return token
  }
  const expect = (text: string): void => {
    const token = next()
    if (token.kind === 'string' || token.text !== text) throw new PatternError(`${text} is missing at ${token.at}`)
  }
  const deeper = <T>(read: () => T): T => {
    if (++depth > MAX_DEPTH) throw new PatternError('too deep')
    const found = read()
    depth--
    return found
  }

  function pattern(): Found {
    const found = observations()
    const left = peek()
    if (left !== undefined) throw new PatternError(`${left.text} at ${left.at} is not expected`)
    return found
  }

  /** Observations: OR is weaker than AND, FOLLOWEDBY is the weakest; it makes no difference to what is taken. */
  function observations(): Found {
    let found = observation()
    for (;;) {
      if (isWord('OR')) {
        next()
        found = either(found, observation())
      } else if (isWord('AND') || isWord('FOLLOWEDBY')) {
        next()
        found = { ...either(found, observation()), wider: true }
      } else return found
    }
  }

  function observation(): Found {
    let found: Found
    if (isSign('(')) {
      next()
      found = deeper(observations)
      expect(')')
    } else {
      expect('[')
      found = comparisons()
      expect(']')
    }
    for (;;) {
      if (isWord('WITHIN') || isWord('REPEATS')) at += 3
      else if (isWord('START')) at += 4
      else return found
    }
  }

  function comparisons(): Found {
    let found = conjunction()
    while (isWord('OR')) {
      next()
      found = either(found, conjunction())
    }
    return found
  }

  function conjunction(): Found {
    const sides = [comparison()]
    while (isWord('AND')) {
      next()
      sides.push(comparison())
    }
    return sides.length === 1 ? (sides[0]?.found ?? nothing) : both(sides)
  }

  function comparison(): Side {
    let negated = false
    while (isWord('NOT')) {
      next()
      negated = !negated
    }
    if (isWord('EXISTS')) {
      next()
      path()
      return { found: nothing, ofFile: false }
    }
    if (isSign('(')) {
      next()
      const found = deeper(comparisons)
      expect(')')
      return { found: negated ? nothing : found, ofFile: false }
    }
    const object = path()
    if (isWord('NOT')) {
      next()
      negated = !negated
    }
    const operator = next().text.toUpperCase()
    const literals = operator === 'IN' ? set() : [next().text]
    const ofFile = object.startsWith('file:')
    const type = typeOfPath(object)
    const equal = operator === '=' || operator === '==' || operator === 'IN'
    const network = operator === 'ISSUBSET' && type === 'ip'
    if (negated || operator === '!=' || operator === '<>') return { found: nothing, ofFile }
    if (type === undefined || !(equal || network)) {
      unused.push(`${object} ${operator}`)
      return { found: nothing, ofFile }
    }
    return { found: { values: literals.map((value) => ({ value, type })), wider: false }, ofFile }
  }

  function set(): string[] {
    expect('(')
    const literals: string[] = []
    while (!isSign(')')) {
      literals.push(next().text)
      if (isSign(',')) next()
    }
    next()
    return literals
  }

  /** `type:property.'quoted'[*].more` as text, without quotes. */
  function path(): string {
    let text = next().text
    expect(':')
    text += ':'
    for (;;) {
      const token = peek()
      if (token === undefined) throw new PatternError('it ends in a path')
      if (token.kind === 'string' || (token.kind === 'word' && !operators.has(token.text.toUpperCase()))) {
        text += next().text
      } else if (isSign('.')) text += next().text
      else if (isSign('[')) {
        next()
        next()
        expect(']')
        text += '[]'
      } else return text
    }
  }

  return { pattern, unused }
}

const operators: ReadonlySet<string> = new Set(['NOT', 'IN', 'LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET', 'AND', 'OR'])

/** One side of an AND: what it looks for, and whether it speaks of a file. */
interface Side {
  readonly found: Found
  readonly ofFile: boolean
}

function either(a: Found, b: Found): Found {
  return { values: [...a.values, ...b.values], wider: a.wider || b.wider }
}

/** Most telling first. */
const telling: readonly (readonly IndicatorType[])[] = [
  ['file_hash'],
  ['ja3', 'ja4', 'url'],
  ['email'],
  ['domain'],
  ['ip', 'network'],
]

function both(sides: readonly Side[]): Found {
  for (const types of telling) {
    const values = sides.flatMap(({ found }) => found.values.filter(({ type }) => types.includes(type)))
    if (values.length === 0) continue
    const left = sides.filter(({ found }) => !found.values.some(({ type }) => types.includes(type)))
    const several = types.includes('file_hash') ? 0 : sides.length - left.length - 1
    const described = types.includes('file_hash') && left.every(({ ofFile }) => ofFile)
    const wider = sides.some(({ found }) => found.wider) || several > 0 || (left.length > 0 && !described)
    return { values, wider }
  }
  return nothing
}

function typeOfPath(path: string): IndicatorType | undefined {
  const known = Object.hasOwn(types, path) ? types[path] : undefined
  if (known !== undefined) return known
  if (/^(?:file|artifact):(?:content_ref\.)?hashes\.(?:MD5|SHA-?1|SHA-?256)$/i.test(path)) return 'file_hash'
  if (/^network-traffic:.{0,100}ja3s?(?:_hash)?$/i.test(path)) return 'ja3'
  if (/^network-traffic:.{0,100}ja4(?:_hash)?$/i.test(path)) return 'ja4'
  return undefined
}

const types: Readonly<Record<string, IndicatorType>> = {
  'ipv4-addr:value': 'ip',
  'ipv6-addr:value': 'ip',
  'network-traffic:dst_ref.value': 'ip',
  'network-traffic:src_ref.value': 'ip',
  'domain-name:resolves_to_refs[].value': 'ip',
  'domain-name:value': 'domain',
  'url:value': 'url',
  'email-addr:value': 'email',
  'email-message:from_ref.value': 'email',
  'email-message:sender_ref.value': 'email',
}
