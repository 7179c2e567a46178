// Does the compiled engine say what the specification says? Each modifier by example, and any rules on any events against a plain interpreter.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Accessor, anySource, appliesTo, createSigma } from '../../../../processors/detect/sigma/engine.ts'
import { compileMatcher } from '../../../../processors/detect/sigma/matcher.ts'
import { parseRules } from '../../../../processors/detect/sigma/parse.ts'
import type { Expression, FieldValue, SigmaRule } from '../../../../processors/detect/sigma/rule.ts'
import { LEARN_EVENTS } from '../../../../processors/detect/sigma/runner.ts'

type Flat = Readonly<Record<string, FieldValue>>

const accessor: Accessor<Flat> = {
  canonical: (field) => field,
  reader: (field) => (event) => (Object.hasOwn(event, field) ? event[field] : undefined),
  texts: (event) => Object.values(event).flatMap((value) => (Array.isArray(value) ? value : [value])) as FieldValue,
  time: (value) => (typeof value === 'number' ? value : Date.parse(String(value)) || undefined),
}

/** A rule with this YAML as its detection. */
function rule(detection: string): SigmaRule {
  const indented = detection
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
  const { rules, problems } = parseRules(
    `title: t\nid: r\nlogsource: {category: any}\ndetection:\n${indented}\n`,
    'r.yml',
    new Map([['admins', ['root', 'budi*', 7]]]),
  )
  expect(problems).toEqual([])
  return rules[0] as SigmaRule
}

/** A rule with one search of one item. */
const item = (key: string, value: string): SigmaRule => rule(`s:\n  ${key}: ${value}\ncondition: s`)
const matches = (one: SigmaRule, event: Flat): boolean =>
  createSigma([one], accessor).match(event, anySource).length === 1

const examples: readonly [key: string, value: string, hits: FieldValue[], misses: FieldValue[]][] = [
  ['f', 'Abc', ['abc', 'ABC', ['x', 'aBc']], ['abcd', 'xabc', '', undefined, null]],
  ['f', "'a*c'", ['ac', 'abbc', 'AxC'], ['acd', 'xac']],
  ['f', "'a?c'", ['abc', 'a*c'], ['ac', 'abbc']],
  ['f', "'*'", ['', 'x', 5], [undefined, null]],
  ['f', String.raw`'a\*c'`, ['a*c'], ['abc', String.raw`a\*c`]],
  ['f', String.raw`'a\\*c'`, [String.raw`a\c`, String.raw`a\bbc`], ['a*c', 'abc']],
  ['f', String.raw`'a\\\*c'`, [String.raw`a\*c`], ['a*c', String.raw`a\bc`]],
  ['f', String.raw`'C:\Windows\sys'`, [String.raw`c:\windows\SYS`], ['c:windowssys']],
  ['f', String.raw`'\\\\host\share'`, [String.raw`\\host\share`], [String.raw`\host\share`]],
  ['f', "''", [''], ['x', undefined, null]],
  ['f', 'null', [undefined, null], ['', 'x', 0]],
  ['f', '4625', [4625, '4625'], ['46250', 4624]],
  ['f', '0429', ['0429'], [429, '429']],
  ['f', '0x40', ['0x40'], [64]],
  ['f', '1.10', ['1.10'], ['1.1']],
  ['f', 'true', [true, 'true', 'TRUE'], [false, 'yes']],
  ['f', '[a, b]', ['a', 'B'], ['ab']],
  ['f|contains', 'bc', ['abcd', 'BC'], ['b c']],
  ['f|startswith', 'ab', ['abc', 'AB'], ['xab']],
  ['f|endswith', 'bc', ['abc', 'BC'], ['bcx']],
  ['f|contains', "'b*d'", ['abcde', 'xbdx'], ['db']],
  ['f|contains|all', '[ab, cd]', ['abcd', 'cd-ab'], ['ab', 'cd']],
  ['f|cased', 'Abc', ['Abc'], ['abc']],
  ['f|contains|cased', 'Bc', ['aBcd'], ['abcd']],
  ['f|neq', 'a', ['b', undefined], ['A']],
  ['f|neq', '[a, b]', ['c'], ['a', 'b']],
  ['f|contains|neq', 'a', ['b'], ['bab']],
  ['f|exists', 'true', ['', 'x', null], [undefined]],
  ['f|exists', 'false', [undefined], ['', 'x']],
  ['f|re', "'a[0-9]+b'", ['xa12by'], ['A1b', 'ab']],
  ['f|re|i', "'a[0-9]+b'", ['xA12By'], ['ab']],
  ['f|re', "'(?i)ab$'", ['xAB'], ['abx']],
  ['f|re|m', "'^ab$'", ['x\nab\ny'], ['xab']],
  ['f|re|s', "'a.b'", ['a\nb'], ['ab']],
  ['f|re', "'a.b'", ['axb'], ['a\nb']],
  ['f|re', String.raw`'a\sb'`, ['a b', 'a\tb', 'a\vb'], ['ab']],
  ['f|re', String.raw`'a[\s\d]b'`, ['a1b', 'a\vb'], ['axb']],
  ['f|re', String.raw`'^a\S+b$'`, ['axxb'], ['a\vb', 'ab']],
  ['f|re', String.raw`'[][:space:]]\sx'`, ['] x', ' \vx'], ['ax']],
  ['f|cidr', '10.0.0.0/8', ['10.1.2.3', '10.255.255.255', '::ffff:10.0.0.1'], ['11.0.0.0', 'x', '10.1.2']],
  ['f|cidr', "'2001:db8::/32'", ['2001:db8::1', '2001:DB8:0::2'], ['2001:db9::1', '10.0.0.1']],
  ['f|cidr', '[10.0.0.0/30, 192.0.2.7]', ['10.0.0.3', '192.0.2.7'], ['10.0.0.4', '192.0.2.8']],
  ['f|lt', '5', [4, '4.5', -1], [5, 'x', '', undefined]],
  ['f|lte', '5', [5, '5'], [5.1]],
  ['f|gt', '5', [6, '6.5', '1e3'], [5, '0x10', ' 9 ', 'Infinity']],
  ['f|gte', '5', [5], [4]],
  ['f|base64', "'foo bar'", ['Zm9vIGJhcg=='], ['foo bar']],
  ['f|base64offset|contains', "'foo'", ['xxZm9vyy', 'xxmb2yy', 'xxZvbyy'], ['foo']],
  ['f|wide|base64offset|contains', 'ping', ['cABpAG4AZw'], ['cGluZw']],
  ['f|utf16be|base64', 'a', ['AGE='], ['YQA=']],
  ['f|utf16|base64', 'a', ['//5hAA=='], ['YQA=']],
  [
    'f|windash|contains',
    "' -foo'",
    ['x -foo', 'x /foo', 'x \u2013foo', 'x \u2014foo', 'x \u2015foo'],
    ['x foo', 'x-foo'],
  ],
  ['f|windash', "'a-b -c'", ['a-b -c', 'a-b /c'], ['a/b -c']],
  ['f|expand', "'%admins%'", ['ROOT', 'budiman', '7'], ['%admins%', 'siti']],
  ['f|expand|contains', "'u=%admins%;'", ['x u=root; y'], ['u=siti;']],
  ['f|fieldref', 'g', ['same', 'SAME'], ['other', undefined]],
  ['f|fieldref|startswith', 'g', ['same-x'], ['x-same']],
  ['f|fieldref|contains', 'g', ['x-same-y'], ['sam']],
  ['f|fieldref|cased', 'g', ['same'], ['SAME']],
  ['f|hour', '13', ['2024-11-27T13:59:00Z'], ['2024-11-27T14:00:00Z', 'x']],
  ['f|minute', '5', ['2024-11-27T13:05:00Z'], ['2024-11-27T13:06:00Z']],
  ['f|day', '27', ['2024-11-27T13:05:00Z'], ['2024-11-26T13:06:00Z']],
  ['f|week', '48', ['2024-11-27T13:05:00Z'], ['2024-12-02T13:06:00Z']],
  ['f|week', '1', ['2024-12-30T00:00:00Z', '2026-01-01T00:00:00Z'], ['2027-01-01T00:00:00Z']],
  ['f|month', '11', ['2024-11-27T13:05:00Z'], ['2024-12-02T13:06:00Z']],
  ['f|year', '2024', ['2024-11-27T13:05:00Z'], ['2025-12-02T13:06:00Z']],
  ['f|hour|gte', '22', ['2024-11-27T23:05:00Z'], ['2024-12-02T21:06:00Z']],
]

describe('modifiers', () => {
  test.each(examples)('%s: %s', (key, value, hits, misses) => {
    const one = item(key, value)
    const event = (f: FieldValue): Flat => (f === undefined ? { g: 'same' } : { f, g: 'same' })
    expect(hits.filter((f) => !matches(one, event(f)))).toEqual([])
    expect(misses.filter((f) => matches(one, event(f)))).toEqual([])
  })
})

describe('searches and conditions', () => {
  test('keywords are looked for in every field', () => {
    const one = rule("s: [evil, 'b?d']\ncondition: s")
    expect(matches(one, { a: 'x', b: 'so EVIL!' })).toBe(true)
    expect(matches(one, { a: 'a bad one' })).toBe(true)
    expect(matches(one, { evil: 'x' })).toBe(false)
    const all = rule("s:\n  '|all': [a1, b2]\ncondition: s")
    expect(matches(all, { x: 'a1', y: 'b2' })).toBe(true)
    expect(matches(all, { x: 'a1' })).toBe(false)
    expect(matches(rule("s:\n  '|re': 'x[0-9]'\ncondition: s"), { a: 'yx5' })).toBe(true)
  })

  test('a list of maps is an or of ands, keywords may stand beside maps', () => {
    const one = rule('s:\n  - {a: x, b: y}\n  - {c: z}\n  - word\ncondition: s')
    expect(matches(one, { a: 'x', b: 'y' })).toBe(true)
    expect(matches(one, { a: 'x' })).toBe(false)
    expect(matches(one, { c: 'Z' })).toBe(true)
    expect(matches(one, { q: 'a word here' })).toBe(true)
  })

  const searches = 'sel_a: {a: x}\nsel_b: {b: x}\n_sel_c: {c: x}\nfilter: {d: x}\n'
  const conditions: readonly [string, string[], string[]][] = [
    ['sel_a and not filter', ['a', 'ab'], ['ad', 'b', '']],
    ['1 of sel_*', ['a', 'b'], ['c', 'd']],
    ['all of sel_*', ['ab'], ['a', 'b']],
    ['1 of them', ['a', 'd'], ['c']],
    ['any of them', ['a', 'd'], ['c']],
    ['all of them', ['abd'], ['abc', 'ab']],
    ['sel_a or sel_b and filter', ['a', 'bd'], ['b', 'd']],
    ['(sel_a or sel_b) and filter', ['ad', 'bd'], ['a']],
    ['not sel_a and not 1 of sel_b*', ['c', 'd', ''], ['a', 'b']],
    ['not (sel_a or filter)', ['b', ''], ['a', 'd']],
    ['not not sel_a', ['a'], ['b']],
    ['sel_a AND NOT filter', ['a'], ['ad']],
    ['1 of *_c', ['c'], ['a']],
  ]
  test.each(conditions)('%s', (condition, hits, misses) => {
    const one = rule(`${searches}condition: ${condition}`)
    const event = (letters: string): Flat => Object.fromEntries([...letters].map((letter) => [letter, 'X']))
    expect(hits.filter((letters) => !matches(one, event(letters)))).toEqual([])
    expect(misses.filter((letters) => matches(one, event(letters)))).toEqual([])
  })

  test('several conditions are an or', () => {
    const one = rule('s: {a: x}\nt: {b: x}\ncondition: [s, t]')
    expect(matches(one, { b: 'x' })).toBe(true)
  })
})

describe('log sources', () => {
  test('every part that a rule names must be met', () => {
    const source = { categories: ['webserver'], products: ['nginx'], services: [] }
    expect(appliesTo({ category: 'webserver' }, source)).toBe(true)
    expect(appliesTo({ category: 'webserver', product: 'windows' }, source)).toBe(false)
    expect(appliesTo({ product: 'windows' }, source)).toBe(false)
    expect(appliesTo({ service: 'nginx' }, source)).toBe(false)
  })

  test('a rule sees only events of its log source', () => {
    const windows = { ...item('f', 'x'), logsource: { product: 'windows' } }
    const sigma = createSigma([windows], accessor)
    expect(sigma.match({ f: 'x' }, { categories: ['webserver'], products: [], services: [] })).toEqual([])
    expect(sigma.match({ f: 'x' }, { categories: [], products: ['windows'], services: [] })).toHaveLength(1)
  })
})

test('evidence names the parts that matched, as they stand in the event', () => {
  const one = rule("s:\n  a|contains: [nope, eVi]\n  b|re: 'x+'\nf: {c: y}\ncondition: s and not f")
  const [match] = createSigma([one], accessor).match({ a: 'An Evil thing', b: 'axxb' }, anySource)
  expect(match?.evidence()).toEqual([
    { field: 'a', value: 'An Evil thing' },
    { field: 'b', value: 'axxb' },
  ])
})

test('a regex that would hang a backtracking engine is done in linear time', () => {
  const one = item('f|re', "'(a+)+(b|c)*(a+)+$'")
  expect(matches(one, { f: `${'a'.repeat(50_000)}!` })).toBe(false)
})

// A plain interpreter: every matcher on every value, no index, no order.
function interpret(expression: Expression, event: Flat): boolean {
  if (expression.op === 'not') return !interpret(expression.of, event)
  if (expression.op !== 'match') {
    return expression.op === 'and'
      ? expression.of.every((part) => interpret(part, event))
      : expression.of.some((part) => interpret(part, event))
  }
  const { field, matcher } = expression
  const pieces =
    field === undefined && matcher.kind === 'pattern'
      ? [{ wildcard: 'any' as const }, ...matcher.pieces, { wildcard: 'any' as const }]
      : []
  const test_ = compileMatcher(
    pieces.length > 0 && matcher.kind === 'pattern' ? { ...matcher, pieces } : matcher,
    accessor.time,
  )
  const value = field === undefined ? accessor.texts(event) : event[field]
  const other = matcher.kind === 'fieldref' ? event[matcher.field] : undefined
  if (!Array.isArray(value)) return test_(value as string | undefined, other)
  if (matcher.kind === 'null') return false
  if (matcher.kind === 'exists') return matcher.present
  return value.some((one) => test_(one as string, other))
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '-', 'é', 'İ', 'ſ', '\\'), maxLength: 6 })
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '*', '?', '-', '\\', 'é', 's'), maxLength: 5 })
const field = fc.constantFrom('f', 'g', 'h')
const modifier = fc.constantFrom('', '|contains', '|startswith', '|endswith', '|cased', '|contains|cased', '|windash')
const yamlItem = fc
  .tuple(field, modifier, fc.array(pattern, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([name, how, values, all]) => [`${name}${how}${all ? '|all' : ''}`, values] as const)
const special = fc.constantFrom(
  ['f|exists', true] as const,
  ['g', null] as const,
  ['h|fieldref', 'g'] as const,
  ['f|re', 'a[ab]*b'] as const,
  ['g|re', '(ab|b-)a?'] as const,
  ['h|lt', 5] as const,
)
const search = fc.oneof(
  fc.array(fc.oneof(yamlItem, special), { minLength: 1, maxLength: 3 }).map((items) => Object.fromEntries(items)),
  fc.array(
    pattern.filter((one) => one !== ''),
    { minLength: 1, maxLength: 3 },
  ),
  fc.array(
    fc.array(yamlItem, { minLength: 1, maxLength: 2 }).map((items) => Object.fromEntries(items)),
    { minLength: 1, maxLength: 3 },
  ),
)
const condition = fc.constantFrom(
  's1',
  's1 and not s2',
  '1 of s*',
  'all of s*',
  's1 or (s2 and not s3)',
  'not s1 and s2',
  'not 1 of s*',
)
const event = fc.dictionary(
  field,
  fc.oneof(text, text, fc.constant(null), fc.integer({ min: 0, max: 9 }), fc.array(text, { maxLength: 2 })),
)

test('any rules on any events: the engine and a plain interpreter agree', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(search, search, search, condition), { minLength: 1, maxLength: 8 }),
      fc.array(event, { minLength: 1, maxLength: 10 }),
      (specs, events) => {
        const rules = specs.map(([s1, s2, s3, how], i) => {
          const { rules: read, problems } = parseRules(
            JSON.stringify({
              title: 't',
              id: `r${i}`,
              logsource: { category: 'c' },
              detection: { s1, s2, s3, condition: how },
            }),
            `r${i}.yml`,
          )
          expect(problems).toEqual([])
          return read[0] as SigmaRule
        })
        const sigma = createSigma(rules, accessor)
        // The second time with values that are known, the third time by a plan made of what was seen.
        for (const before of [0, 0, LEARN_EVENTS]) {
          for (let i = 0; i < before; i += 1) sigma.match(events[i % events.length] as Flat, anySource)
          for (const one of events) {
            const found = sigma.match(one as Flat, anySource).map((match) => match.rule.id)
            const expected = rules.filter(({ detection }) => interpret(detection, one as Flat)).map(({ id }) => id)
            expect(found).toEqual(expected)
          }
        }
      },
    ),
    { numRuns: 500 },
  )
})
