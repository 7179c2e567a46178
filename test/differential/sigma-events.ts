// Which events try a Sigma rule hardest? Values built from the rule's own text: as it asks, nearly so, in other cases, types, dashes and encodings.
import fc from 'fast-check'
import { z } from 'zod'
import { random } from '../bench/lines.ts'

export type Value = string | number | boolean | null | Value[] | { [name: string]: Value }
export type SigmaEvent = Record<string, Value>

/** What a field must hold: a whole value, or texts at its beginning, at its end and within. */
interface Wanted {
  whole: Value | undefined
  start: string
  end: string
  inside: string[]
  absent: boolean
}

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const dashes = ['-', '/', '\u2013', '\u2014', '\u2015']
const fillers = ['', 'x', ' ', 'a b', '\\', '*', '?', 'É', '\n', '%', '/']

/** Events for rules, the same for the same seed. */
export function createAdversary(seed: number) {
  const next = random(seed)
  const below = (n: number): number => Math.floor(next() * n)
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T
  const chance = (share: number): boolean => next() < share

  /** A text that fits a value with wildcards. */
  const concrete = (value: string): string => {
    let text = ''
    for (let i = 0; i < value.length; i += 1) {
      const c = value.charAt(i)
      const following = value.charAt(i + 1)
      if (c === '\\' && (following === '*' || following === '?' || following === '\\')) {
        text += following
        i += 1
      } else if (c === '*') text += pick(fillers)
      else if (c === '?') text += pick(['x', '?', '*', ' ', '', 'ab'])
      else text += c
    }
    return text
  }

  const flipped = (text: string): string =>
    [...text].map((c) => (chance(0.5) ? c.toUpperCase() : c.toLowerCase())).join('')

  const dashed = (text: string): string => text.replace(/[-/]/g, (c) => (chance(0.5) ? pick(dashes) : c))

  const address = (network: string): string => {
    const [base = '', bits = ''] = network.split('/')
    if (base.includes(':'))
      return chance(0.5) ? base.replace(/::$/, '::1') : pick(['::1', 'fe80::1', '2001:db8::1', 'fd00::5'])
    const start = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    const size = 2 ** (32 - Number(bits || 32))
    const at = start + pick([0, size - 1, size, -1, below(size)])
    const dotted = [24, 16, 8, 0].map((shift) => Math.floor(at / 2 ** shift) & 255).join('.')
    return chance(0.1) ? `::ffff:${dotted}` : dotted
  }

  const encoded = (value: string, modifiers: readonly string[]): string => {
    let bytes = Buffer.from(concrete(value), 'utf8')
    for (const modifier of modifiers) {
      const text = bytes.toString('utf8')
      if (modifier === 'wide' || modifier === 'utf16le') bytes = Buffer.from(text, 'utf16le')
      else if (modifier === 'utf16be') bytes = Buffer.from(text, 'utf16le').swap16()
      else if (modifier === 'utf16') bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
      else if (modifier === 'base64') return bytes.toString('base64')
      else if (modifier === 'base64offset') {
        const noise = (): Buffer => Buffer.from(Array.from({ length: below(5) }, () => 33 + below(90)))
        return Buffer.concat([noise(), bytes, noise()]).toString('base64')
      }
    }
    return bytes.toString('latin1')
  }

  const matching = (source: string): string => {
    try {
      return fc.sample(fc.stringMatching(new RegExp(source)), { numRuns: 1, seed: below(2 ** 31) })[0] ?? ''
    } catch {
      return source.replace(/[\\^$]/g, '')
    }
  }

  const want = (event: Map<string, Wanted>, field: string, modifiers: readonly string[], value: Value): void => {
    const wanted = event.get(field) ?? { whole: undefined, start: '', end: '', inside: [], absent: false }
    event.set(field, wanted)
    const has = (name: string): boolean => modifiers.includes(name)
    if (has('exists')) wanted.absent = value === false
    else if (value === null) {
      if (chance(0.5)) wanted.absent = true
      else wanted.whole = pick([null, '', 'null', '-'])
    } else if (has('re')) wanted.whole = (chance(0.3) ? 'x ' : '') + matching(String(value)) + (chance(0.3) ? ' x' : '')
    else if (has('cidr')) wanted.whole = address(String(value))
    else if (has('fieldref')) {
      const text = pick(['svchost.exe', 'C:\\a', 'KPU\\budi'])
      wanted.whole = chance(0.3) ? flipped(text) : text
      want(event, String(value), [], text)
    } else if (['lt', 'lte', 'gt', 'gte'].some(has)) {
      const number = Number(value) + pick([-1, 0, 1, 0.5])
      wanted.whole = chance(0.5) ? number : String(number)
    } else if (['minute', 'hour', 'day', 'week', 'month', 'year'].some(has)) {
      const at = new Date(Date.UTC(pick([2024, 2025, 2026]), below(12), 1 + below(28), below(24), below(60), 7))
      wanted.whole = at.toISOString()
    } else {
      const encodes = modifiers.some((name) => /^(?:wide|utf16|base64)/.test(name))
      let text = encodes ? encoded(String(value), modifiers) : concrete(String(value))
      if (has('windash')) text = dashed(text)
      if (has('contains')) wanted.inside.push(text)
      else if (has('startswith')) wanted.start = text
      else if (has('endswith')) wanted.end = text
      else wanted.whole = typeof value === 'string' ? text : chance(0.5) ? value : String(value)
    }
  }

  const fieldOf = (event: Map<string, Wanted>, key: string, value: unknown): void => {
    const [field = '', ...modifiers] = key.split('|')
    const values = z.array(Scalar).parse(Array.isArray(value) ? value.flat() : [value])
    const name = field === '' ? 'Message' : field
    const keyword = field === '' ? [...modifiers.filter((one) => one !== 'all'), 'contains'] : modifiers
    for (const one of modifiers.includes('all') ? values : [pick(values)]) want(event, name, keyword, one)
  }

  const searchOf = (event: Map<string, Wanted>, search: unknown): void => {
    if (Array.isArray(search)) searchOf(event, pick(search))
    else if (typeof search === 'object' && search !== null)
      for (const [key, value] of Object.entries(search)) fieldOf(event, key, value)
    else want(event, 'Message', ['contains'], Scalar.parse(search))
  }

  const written = ({ whole, start, end, inside }: Wanted): Value => {
    if (whole !== undefined) return whole
    const middle = inside.length > 1 && chance(0.5) ? inside.toReversed() : inside
    return start + middle.join(pick(['', ' ', ' z '])) + end
  }

  /** Nearly the same value, as another type, in another case, one character off. */
  const mutated = (value: Value): Value => {
    if (typeof value === 'number') return pick([String(value), value + 1, -value, `${value}.0`, `0${value}`, [value]])
    if (typeof value === 'boolean') return pick([String(value), value ? 'True' : 'False', !value, value ? 1 : 0])
    if (typeof value !== 'string') return pick([null, '', 'null', []])
    const at = below(value.length + 1)
    return pick<() => Value>([
      () => flipped(value),
      () => value.slice(0, at) + value.slice(at + 1),
      () => `${value}${pick(['x', ' ', '"', '\n', '\\', 'İ'])}`,
      () => `${pick(['x', ' ', '"', '\n', '\\'])}${value}`,
      () => value.slice(0, at) + pick(fillers) + value.slice(at),
      () => value.replace('\\', '\\\\'),
      () => dashed(value),
      () => ['other', value],
      () => [value.slice(0, at), value.slice(at)],
      () => [null, value, 7],
      () => value.replace(/k/i, '\u212a').replace(/s/i, '\u017f'),
      () => (/^\d+$/.test(value) ? Number(value) : value.trim()),
      () => null,
      () => '',
    ])()
  }

  /** `count` events for one rule's detection as YAML says it; about half of them are mutated in one field or more. */
  return (detection: Readonly<Record<string, unknown>>, count: number): SigmaEvent[] => {
    const searches = Object.entries(detection).filter(([name]) => name !== 'condition' && name !== 'timeframe')
    const condition = String(detection.condition)
    const negated = ([name]: [string, unknown]): boolean =>
      name.startsWith('filter') || new RegExp(`not\\s+${name.replace(/\W/g, '.')}\\b`).test(condition)
    const positive = searches.filter((search) => !negated(search))
    const filters = searches.filter(negated)
    return Array.from({ length: count }, (_, n) => {
      const wanted = new Map<string, Wanted>()
      // All of them, one alone, or some; then perhaps a filter over them.
      const chosen =
        n % 3 === 0 || positive.length < 2
          ? positive
          : n % 3 === 1
            ? [pick(positive)]
            : positive.filter(() => chance(0.6))
      for (const [, search] of chosen) searchOf(wanted, search)
      if (filters.length > 0 && chance(0.3)) searchOf(wanted, pick(filters)[1])
      const mutate = n % 2 === 1
      const event: SigmaEvent = {}
      for (const [field, one] of wanted) {
        if (one.absent || (mutate && chance(0.05))) continue
        const value = written(one)
        event[field] = wellFormed(mutate && chance(0.5) ? mutated(value) : value)
      }
      return chance(0.3) ? nested(event) : event
    })
  }
}

/** JSON has no halves of characters. */
function wellFormed(value: Value): Value {
  if (Array.isArray(value)) return value.map(wellFormed)
  return typeof value === 'string' ? value.toWellFormed() : value
}

/** The same event with objects instead of names with dots. */
function nested(event: SigmaEvent): SigmaEvent {
  const names = Object.keys(event)
  const result: SigmaEvent = {}
  for (const [name, value] of Object.entries(event)) {
    const [first = '', ...rest] = name.split('.')
    const shared = names.some((other) => other !== name && (other === first || other.startsWith(`${first}.`)))
    if (rest.length === 0 || shared) result[name] = value
    else result[first] = rest.reduceRight<Value>((inner, part) => ({ [part]: inner }), value)
  }
  return result
}
