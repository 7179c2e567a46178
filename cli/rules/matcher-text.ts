// How is a condition said in words, Indonesian and English?
import type { Expression, Matcher } from '../../processors/detect/sigma/rule.ts'
import type { Language } from '../terminal.ts'

const words = {
  id: {
    all: 'semua',
    one: 'salah satu',
    not: 'bukan',
    and: 'dan',
    or: 'atau',
    anyText: 'teks mana pun',
    is: 'adalah',
    empty: 'kosong',
    there: 'ada',
    notThere: 'tidak ada',
    noValue: 'tidak bernilai',
    begins: 'berawalan',
    ends: 'berakhiran',
    contains: 'memuat',
    like: 'seperti',
    matches: 'cocok dengan',
    network: 'dalam jaringan',
    field: 'isi field',
    exact: '(huruf besar kecil dibedakan)',
    part: { minute: 'menit', hour: 'jam', day: 'tanggal', week: 'minggu', month: 'bulan', year: 'tahun' },
  },
  en: {
    all: 'all of',
    one: 'one of',
    not: 'not',
    and: 'and',
    or: 'or',
    anyText: 'any text',
    is: 'is',
    empty: 'is empty',
    there: 'is there',
    notThere: 'is not there',
    noValue: 'has no value',
    begins: 'begins with',
    ends: 'ends with',
    contains: 'contains',
    like: 'is like',
    matches: 'matches',
    network: 'is in the network',
    field: 'the field',
    exact: '(case matters)',
    part: { minute: 'minute', hour: 'hour', day: 'day', week: 'week', month: 'month', year: 'year' },
  },
} as const

type Words = (typeof words)[Language]

/** The field that all parts of an `and` or `or` share (null: keywords); undefined where they are of several, or not plain matches. */
export function sharedField(expression: Expression): string | null | undefined {
  if (expression.op === 'match' || expression.op === 'not') return undefined
  const fields = new Set(expression.of.map((inner) => (inner.op === 'match' ? (inner.field ?? null) : undefined)))
  const [field] = fields
  return fields.size === 1 ? field : undefined
}

/** One part of a condition; the alternatives of one field as one sentence. */
export function expressionText(expression: Expression, language: Language): string {
  const text = words[language]
  if (expression.op === 'not') return text.not
  if (expression.op === 'match') return `${expression.field ?? text.anyText} ${phrases([expression.matcher], '', text)}`
  const field = sharedField(expression)
  if (field === undefined) return expression.op === 'and' ? text.all : text.one
  const matchers = expression.of.flatMap((inner) => (inner.op === 'match' ? [inner.matcher] : []))
  return `${field ?? text.anyText} ${phrases(matchers, expression.op === 'and' ? text.and : text.or, text)}`
}

/** `contains "a" or "b" or matches /c/`: a verb is said once for what follows each other. */
function phrases(matchers: readonly Matcher[], link: string, text: Words): string {
  let last = ''
  const said = matchers.map((matcher) => {
    const [verb, value] = phrase(matcher, text)
    const repeated = verb === last && value !== ''
    last = verb
    return repeated ? value : `${verb}${value === '' ? '' : ` ${value}`}`
  })
  return said.join(` ${link} `)
}

const signs = { gte: '≥', gt: '>', lte: '≤', lt: '<', eq: '=' } as const

function phrase(matcher: Matcher, text: Words): readonly [verb: string, value: string] {
  switch (matcher.kind) {
    case 'pattern': {
      const [verb, value] = patternPhrase(matcher.pieces, text)
      return [verb, matcher.exact ? `${value} ${text.exact}` : value]
    }
    case 'regex':
      return [text.matches, `/${matcher.source}/${matcher.flags}`]
    case 'cidr':
      return [text.network, matcher.network]
    case 'compare':
      return [signs[matcher.operator], String(matcher.value)]
    case 'null':
      return [text.noValue, '']
    case 'exists':
      return [matcher.present ? text.there : text.notThere, '']
    case 'fieldref': {
      const verb = { whole: text.is, start: text.begins, end: text.ends, anywhere: text.contains }[matcher.place]
      return [verb, `${text.field} ${matcher.field}${matcher.exact ? ` ${text.exact}` : ''}`]
    }
    case 'time':
      return [`${text.part[matcher.part]} ${signs[matcher.operator]}`, `${matcher.value} (UTC)`]
  }
}

type Pieces = Extract<Matcher, { kind: 'pattern' }>['pieces']

function patternPhrase(pieces: Pieces, text: Words): readonly [verb: string, value: string] {
  const shape = pieces.map((piece) => (typeof piece === 'string' ? 't' : piece.wildcard === 'any' ? '*' : '?')).join('')
  const literal = pieces.find((piece) => typeof piece === 'string') ?? ''
  if (shape === '') return [text.empty, '']
  if (shape === '*') return [text.there, '']
  if (shape === 't') return [text.is, `"${literal}"`]
  if (shape === '*t') return [text.ends, `"${literal}"`]
  if (shape === 't*') return [text.begins, `"${literal}"`]
  if (shape === '*t*') return [text.contains, `"${literal}"`]
  const whole = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.wildcard === 'any' ? '*' : '?'))
  return [text.like, `"${whole.join('')}"`]
}
