// What does a question mean in ClickHouse's SQL? A condition on `siaga.events AS e` whose every value is a parameter: no text of a person is ever part of it.
import { isIPv4, isIPv6 } from 'node:net'
import { readLocalTime } from '../../runtime/local-time.ts'
import { type EventColumn, eventColumns } from '../../schemas/event.ts'
import type { QueryProblem } from '../../schemas/explore-api.ts'
import type { TimeZone } from '../../schemas/place.ts'
import type { Field } from './fields.ts'
import { escapedForLike, type Node, parseQuery, type Value, WrongQuery } from './query.ts'

export interface Parameter {
  readonly name: string
  readonly type: 'String' | 'Int64' | 'UInt8'
  readonly value: string
  /** What it is compared with, for whoever reads the hunt that is made of it. */
  readonly about: string
}

export interface Compiled {
  /** `1` for an empty question. */
  readonly condition: string
  readonly parameters: readonly Parameter[]
}

/** Scores from which severities begin, as the rollups count them (migration 0016). */
const severities = [
  { name: 'critical', from: 90, words: ['critical', 'kritis'] },
  { name: 'high', from: 70, words: ['high', 'tinggi'] },
  { name: 'medium', from: 40, words: ['medium', 'sedang'] },
  { name: 'low', from: 20, words: ['low', 'rendah'] },
  { name: 'none', from: 0, words: ['none', 'informational', 'tidak'] },
] as const

/** The condition of a question, or what is wrong with it. Times without a zone are of `zone`. */
export function compileQuery(text: string, zone: TimeZone): Compiled | { readonly problem: QueryProblem } {
  try {
    const tree = parseQuery(text)
    const parameters: Parameter[] = []
    if (tree === undefined) return { condition: '1', parameters }
    return { condition: conditionOf(tree, { parameters, zone }), parameters }
  } catch (error) {
    if (error instanceof WrongQuery) return { problem: error.problem }
    throw error
  }
}

/** Parameters as ClickHouse's HTTP interface takes them. */
export function paramsOf({ parameters }: Pick<Compiled, 'parameters'>): Record<string, string> {
  return Object.fromEntries(parameters.map(({ name, value }) => [name, value]))
}

interface Making {
  readonly parameters: Parameter[]
  readonly zone: TimeZone
}

/** A value, which becomes a parameter; answers how it stands in the SQL. */
function hold(making: Making, type: Parameter['type'], value: string, about: string): string {
  const name = `q${making.parameters.length}`
  // Half a character of UTF-16 cannot be sent.
  making.parameters.push({ name, type, value: value.toWellFormed(), about })
  return `{${name}:${type}}`
}

function conditionOf(node: Node, making: Making): string {
  if (node.kind === 'not') return `NOT (${conditionOf(node.node, making)})`
  if (node.kind === 'text') return contains('message', node.value, making, 'message')
  if (node.kind === 'term') return termOf(node, making)
  const word = node.kind === 'and' ? ' AND ' : ' OR '
  return node.nodes.map((one) => `(${conditionOf(one, making)})`).join(word)
}

type Term = Extract<Node, { kind: 'term' }>

function termOf(term: Term, making: Making): string {
  const { field, operator, values } = term
  const orders = field.kind === 'number' || field.kind === 'time' || field.kind === 'severity'
  if (operator !== ':' && operator !== '!=') {
    if (!orders) throw notOrdered(term)
    if (values.length > 1) throw oneValue(term)
  }
  const choices = values.map((value) => conditionOfValue(term, value, making))
  const condition = choices.length === 1 ? (choices[0] ?? '0') : choices.map((one) => `(${one})`).join(' OR ')
  return operator === '!=' ? `NOT (${condition})` : condition
}

function conditionOfValue(term: Term, value: Value, making: Making): string {
  const { field } = term
  if (field.kind === 'severity') return ofSeverity(term, value, making)
  const each = field.columns.map((column) => ofColumn(column, term, value, making))
  return each.length === 1 ? (each[0] ?? '0') : each.map((one) => `(${one})`).join(' OR ')
}

function ofColumn(column: EventColumn, term: Term, value: Value, making: Making): string {
  const { field, key } = term
  const at = `e.${column}`
  const about = key === '' ? field.name : `${field.name}.${key}`
  const everything = value.pattern === '%'
  switch (field.kind) {
    case 'words':
      return everything ? `${at} != ''` : contains(column, value, making, about)
    case 'address':
      return everything ? `${at} != ''` : ofAddress(at, value, making, about)
    case 'number':
      return everything ? `${at} != 0` : ofNumber(at, column, term, value, making, about)
    case 'time':
      return ofTime(at, term, value, making, about)
    case 'list':
      if (everything) return `notEmpty(${at})`
      return value.pattern === undefined
        ? `has(${at}, ${hold(making, 'String', value.text, about)})`
        : `arrayExists(x -> x ILIKE ${hold(making, 'String', value.pattern, about)}, ${at})`
    case 'factors':
      if (everything) return `notEmpty(${at})`
      return value.pattern === undefined
        ? `arrayExists(f -> f.1 = ${hold(making, 'String', value.text, about)}, ${at})`
        : `arrayExists(f -> f.1 ILIKE ${hold(making, 'String', value.pattern, about)}, ${at})`
    case 'map': {
      const named = `${at}[${hold(making, 'String', key, 'fields')}]`
      return everything ? `${named} != ''` : ofText(named, value, making, about)
    }
    case 'region': {
      if (everything) return `${at} != ''`
      if (value.pattern !== undefined) return ofText(at, value, making, about)
      const code = hold(making, 'String', value.text, about)
      const beneath = hold(making, 'String', `${value.text}.`, about)
      return value.text === '' ? `${at} = ${code}` : `${at} = ${code} OR startsWith(${at}, ${beneath})`
    }
    default:
      return everything ? `${at} != ''` : ofText(at, value, making, about)
  }
}

/** Equal, or like a pattern in any case. */
function ofText(at: string, value: Value, making: Making, about: string): string {
  return value.pattern === undefined
    ? `${at} = ${hold(making, 'String', value.text, about)}`
    : `${at} ILIKE ${hold(making, 'String', value.pattern, about)}`
}

/** Holds the text somewhere, in any case. */
function contains(column: EventColumn, value: Value, making: Making, about: string): string {
  const at = `e.${column}`
  if (value.text === '') return `${at} = ${hold(making, 'String', '', about)}`
  const pattern = value.pattern ?? escapedForLike(value.text)
  return `${at} ILIKE ${hold(making, 'String', `%${pattern}%`, about)}`
}

function ofAddress(at: string, value: Value, making: Making, about: string): string {
  const { text, pattern } = value
  if (pattern !== undefined) return `${at} LIKE ${hold(making, 'String', pattern, about)}`
  if (text === '') return `${at} = ${hold(making, 'String', '', about)}`
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('%') ? 6 : 0
  if (family === 0) throw noAddress(value)
  if (slash < 0) {
    const same = hold(making, 'String', text, about)
    const written = family === 6 ? shortest(text) : text
    return written === text ? `${at} = ${same}` : `${at} IN (${same}, ${hold(making, 'String', written, about)})`
  }
  const length = /^\d{1,3}$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : -1
  if (length < 0 || length > (family === 4 ? 32 : 128)) throw noAddress(value)
  const range = hold(making, 'String', `${address}/${length}`, about)
  // What is no address of the family is given one that is, as the server refuses all else; the first condition leaves it out.
  return family === 4
    ? `isIPv4String(${at}) AND isIPAddressInRange(if(isIPv4String(${at}), ${at}, '0.0.0.0'), ${range})`
    : `isIPv6String(${at}) AND isIPAddressInRange(if(isIPv6String(${at}), ${at}, '::'), ${range})`
}

/** RFC 5952, as the parsers write addresses. */
function shortest(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1)
}

const sizes: Readonly<Record<string, bigint>> = { UInt8: 8n, UInt16: 16n, UInt32: 32n, UInt64: 63n }

function ofNumber(at: string, column: EventColumn, term: Term, value: Value, making: Making, about: string): string {
  const most = (1n << (sizes[eventColumns[column].type] ?? 63n)) - 1n
  const read = (text: string): string => {
    if (!/^\d{1,20}$/.test(text) || BigInt(text) > most) throw noNumber(value, most)
    return hold(making, 'Int64', text, about)
  }
  const [low, high] = rangeOf(value)
  if (high === undefined)
    return `${at} ${term.operator === ':' || term.operator === '!=' ? '=' : term.operator} ${read(low)}`
  if (term.operator !== ':' && term.operator !== '!=') throw oneValue(term)
  if (low === '' && high === '') throw noNumber(value, most)
  return [low === '' ? '' : `${at} >= ${read(low)}`, high === '' ? '' : `${at} <= ${read(high)}`]
    .filter((one) => one !== '')
    .join(' AND ')
}

/** `10..20`, `10..` and `..20`; without dots the first alone. */
function rangeOf({ text, quoted }: Value): readonly [string, string | undefined] {
  const dots = quoted ? -1 : text.indexOf('..')
  return dots < 0 ? [text, undefined] : [text.slice(0, dots), text.slice(dots + 2)]
}

function ofTime(at: string, term: Term, value: Value, making: Making, about: string): string {
  const read = (text: string): string => {
    const ms = readLocalTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text} 00:00` : text, making.zone)
    if (ms === undefined || ms < 0 || ms > 4_294_967_295_000) throw noTime(value)
    return `fromUnixTimestamp64Milli(${hold(making, 'Int64', String(ms), about)}, 'UTC')`
  }
  const [low, high] = rangeOf(value)
  if (high === undefined) {
    if (term.operator === ':' || term.operator === '!=') throw noTime(value)
    return `${at} ${term.operator} ${read(low)}`
  }
  if (term.operator !== ':' && term.operator !== '!=') throw oneValue(term)
  if (low === '' && high === '') throw noTime(value)
  return [low === '' ? '' : `${at} >= ${read(low)}`, high === '' ? '' : `${at} < ${read(high)}`]
    .filter((one) => one !== '')
    .join(' AND ')
}

function ofSeverity(term: Term, value: Value, making: Making): string {
  const wanted = value.text.toLowerCase()
  const index = severities.findIndex(({ words }) => words.some((word) => word === wanted))
  const found = severities[index]
  if (found === undefined) {
    throw new WrongQuery(value.at, value.to, {
      message: `${value.text.slice(0, 40)} is no severity.`,
      action: 'Write critical, high, medium, low or none, such as severity>=high',
      pesan: `${value.text.slice(0, 40)} bukan tingkat.`,
      tindakan: 'Tulis kritis, tinggi, sedang, rendah, atau none, misalnya tingkat>=tinggi',
    })
  }
  const least = (from: number): string => `e.score >= ${hold(making, 'UInt8', String(from), term.field.name)}`
  const beneath = (from: number): string => `e.score < ${hold(making, 'UInt8', String(from), term.field.name)}`
  const next = severities[index - 1]?.from
  switch (term.operator) {
    case '>=':
      return least(found.from)
    case '>':
      return next === undefined ? '0' : least(next)
    case '<':
      return beneath(found.from)
    case '<=':
      return next === undefined ? '1' : beneath(next)
    default:
      return next === undefined ? least(found.from) : `${least(found.from)} AND ${beneath(next)}`
  }
}

const nameOf = ({ field, key }: { field: Field; key: string }): string =>
  key === '' ? field.name : `${field.name}.${key}`

function notOrdered(term: Term): WrongQuery {
  const name = nameOf(term)
  return new WrongQuery(term.at, term.to, {
    message: `${name} is no number and no time: ${term.operator} says nothing about it.`,
    action: `Write ${name}:value; numbers and times can be compared, such as score>=70.`,
    pesan: `${name} bukan angka atau waktu, jadi ${term.operator} tidak berlaku.`,
    tindakan: `Tulis ${name}:nilai; yang dapat dibandingkan hanya angka dan waktu, misalnya score>=70.`,
  })
}

function oneValue(term: Term): WrongQuery {
  return new WrongQuery(term.at, term.to, {
    message: `Behind ${term.operator} there can be one value only.`,
    action: 'Write one, or a range behind a colon: score:40..69',
    pesan: `Di belakang ${term.operator} hanya boleh satu nilai.`,
    tindakan: 'Tulis satu saja, atau rentang di belakang titik dua: score:40..69',
  })
}

function noAddress({ at, to, text }: Value): WrongQuery {
  return new WrongQuery(at, to, {
    message: `${text.slice(0, 60)} is no address and no network.`,
    action: 'Write 203.0.113.9, 203.0.113.0/24, 2001:db8::/32 or 203.0.113.*',
    pesan: `${text.slice(0, 60)} bukan alamat atau jaringan.`,
    tindakan: 'Tulis 203.0.113.9, 203.0.113.0/24, 2001:db8::/32, atau 203.0.113.*',
  })
}

function noNumber({ at, to, text }: Value, most: bigint): WrongQuery {
  return new WrongQuery(at, to, {
    message: `${text.slice(0, 60)} is no whole number from 0 to ${most}.`,
    action: 'Write a number, or a range such as 400..499, 500.. or ..99',
    pesan: `${text.slice(0, 60)} bukan bilangan bulat dari 0 sampai ${most}.`,
    tindakan: 'Tulis angka, atau rentang seperti 400..499, 500.. atau ..99',
  })
}

function noTime({ at, to, text }: Value): WrongQuery {
  return new WrongQuery(at, to, {
    message: `${text.slice(0, 60)} is no time that can be compared.`,
    action: 'Write timestamp>=2024-11-27, timestamp<"2024-11-27 08:00 WITA" or timestamp:2024-11-27..2024-11-28',
    pesan: `${text.slice(0, 60)} bukan waktu yang dapat dibandingkan.`,
    tindakan: 'Tulis timestamp>=2024-11-27, timestamp<"2024-11-27 08:00 WITA", atau timestamp:2024-11-27..2024-11-28',
  })
}
