// Does a value meet a matcher that no literal alone decides? Globs, regexes, networks, comparisons, presence, other fields, parts of times.
import { BlockList, isIP } from 'node:net'
import { fold } from './fold.ts'
import { DetectionError } from './modifiers.ts'
import { lazyRegex } from './regex.ts'
import type { FieldValue, Matcher, Piece } from './rule.ts'

/** Holds a value of a field, never a list, against a matcher. `other`: the value of the field that `fieldref` names. */
export type ValueTest = (value: Exclude<FieldValue, readonly unknown[]>, other: FieldValue) => boolean

/** The matcher as a function; how a field without a value stands is decided there too. Throws DetectionError. */
export function compileMatcher(matcher: Matcher, time: (value: FieldValue) => number | undefined): ValueTest {
  switch (matcher.kind) {
    case 'pattern':
      return patternTest(matcher.pieces, matcher.exact)
    case 'regex': {
      const test = lazyRegex(matcher.source, matcher.flags)
      return (value) => value !== undefined && value !== null && test(String(value))
    }
    case 'cidr': {
      const test = networkTest(matcher.network)
      return (value) => typeof value === 'string' && test(value)
    }
    case 'compare':
      return (value) => {
        const number = toNumber(value)
        return number !== undefined && compare(number, matcher.operator, matcher.value)
      }
    case 'null':
      return (value) => value === undefined || value === null
    case 'exists':
      return (value) => (value !== undefined) === matcher.present
    case 'fieldref':
      return fieldTest(matcher)
    case 'time':
      return (value) => {
        const at = time(value)
        return at !== undefined && compare(timePart(at, matcher.part), matcher.operator, matcher.value)
      }
  }
}

function patternTest(pieces: readonly Piece[], exact: boolean): ValueTest {
  const glob = compileGlob(exact ? pieces : pieces.map((piece) => (typeof piece === 'string' ? fold(piece) : piece)))
  return (value) => {
    if (value === undefined || value === null) return false
    const text = String(value)
    return glob(exact ? text : fold(text))
  }
}

type Segment = readonly Piece[]

/**
 * A pattern as a function over whole texts. Segments between `*` are looked for from left to right, each at its first place, which is enough:
 * a later place never leaves more room for the rest.
 */
function compileGlob(pieces: readonly Piece[]): (text: string) => boolean {
  const segments: Piece[][] = [[]]
  for (const piece of pieces) {
    if (typeof piece !== 'string' && piece.wildcard === 'any') segments.push([])
    else segments.at(-1)?.push(piece)
  }
  const first = segments[0] as Segment
  if (segments.length === 1) return (text) => endOf(first, text, 0) === text.length
  const last = segments.at(-1) as Segment
  const middle = segments.slice(1, -1).filter(({ length }) => length > 0)
  const lastLength = last.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 1), 0)
  return (text) => {
    let at = endOf(first, text, 0)
    if (at < 0) return false
    for (const segment of middle) {
      at = endOfFirst(segment, text, at)
      if (at < 0) return false
    }
    const tail = text.length - lastLength
    return tail >= at && endOf(last, text, tail) === text.length
  }
}

/** Where the segment ends if it stands at `at`, else -1. */
function endOf(segment: Segment, text: string, at: number): number {
  let end = at
  for (const piece of segment) {
    if (typeof piece !== 'string') {
      if (end >= text.length) return -1
      end += 1
    } else if (text.startsWith(piece, end)) end += piece.length
    else return -1
  }
  return end
}

/** Where the segment ends at its first place from `from` on, else -1. */
function endOfFirst(segment: Segment, text: string, from: number): number {
  const head = segment[0]
  for (let at = from; at <= text.length; at += 1) {
    if (typeof head === 'string') {
      at = text.indexOf(head, at)
      if (at < 0) return -1
    }
    const end = endOf(segment, text, at)
    if (end >= 0) return end
  }
  return -1
}

function networkTest(network: string): (address: string) => boolean {
  const [address = '', bits] = network.split('/')
  const family = isIP(address)
  const length = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits)
  if (family === 0 || !Number.isInteger(length) || length < 0 || length > (family === 6 ? 128 : 32))
    throw new DetectionError(`has ${network} behind "cidr", which is no network such as 10.0.0.0/8`)
  const list = new BlockList()
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  list.addSubnet(address, length, kind)
  return (text) => {
    const version = isIP(text)
    if (version === 0) return false
    // ::ffff:10.0.0.1 is the address 10.0.0.1.
    const mapped = version === 6 && family === 4 ? /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1] : undefined
    if (mapped !== undefined) return list.check(mapped, 'ipv4')
    return version === family && list.check(text, kind)
  }
}

function toNumber(value: FieldValue): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && decimal.test(value) ? Number(value) : undefined
}

const decimal = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?$/

function compare(number: number, operator: 'eq' | 'lt' | 'lte' | 'gt' | 'gte', value: number): boolean {
  if (operator === 'eq') return number === value
  if (operator === 'lt') return number < value
  if (operator === 'lte') return number <= value
  return operator === 'gt' ? number > value : number >= value
}

const DAY_MS = 86_400_000

/** Part of a time, UTC: day of the month, ISO 8601 week. */
function timePart(at: number, part: Extract<Matcher, { kind: 'time' }>['part']): number {
  const date = new Date(at)
  switch (part) {
    case 'minute':
      return date.getUTCMinutes()
    case 'hour':
      return date.getUTCHours()
    case 'day':
      return date.getUTCDate()
    case 'month':
      return date.getUTCMonth() + 1
    case 'year':
      return date.getUTCFullYear()
    case 'week': {
      // The week belongs to the year of its Thursday.
      const thursday = new Date(at + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS)
      return 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / DAY_MS / 7)
    }
  }
}

function fieldTest({ place, exact }: Extract<Matcher, { kind: 'fieldref' }>): ValueTest {
  const holds = (text: string, other: string): boolean => {
    if (place === 'whole') return text === other
    if (place === 'start') return text.startsWith(other)
    return place === 'end' ? text.endsWith(other) : text.includes(other)
  }
  return (value, other) => {
    if (value === undefined || value === null) return false
    const text = exact ? String(value) : fold(String(value))
    const others: readonly FieldValue[] = Array.isArray(other) ? other : [other as FieldValue]
    return others.some(
      (one) => one !== undefined && one !== null && holds(text, exact ? String(one) : fold(String(one))),
    )
  }
}
