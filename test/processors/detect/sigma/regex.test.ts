// Do the literals that stand before a regex ever hide a match of it?

import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, test } from 'vitest'
import { lazyRegex, requiredLiterals } from '../../../../processors/detect/sigma/regex.ts'

describe('literals that any match holds one of', () => {
  test.each<[string, readonly string[] | undefined]>([
    ['abc', ['abc']],
    ['ab.cde', ['cde']],
    ['abc|de', ['abc', 'de']],
    ['(?:abc|de)x*', ['abc', 'de']],
    ['ab(c|d)?ef', ['ab']],
    ['abx?', ['ab']],
    ['abcd*', ['abc']],
    ['ab+c', ['ab']],
    ['ab{2,3}cd', ['ab']],
    ['a{0,2}b', undefined],
    [String.raw`\bunion\s+select\b`, ['select']],
    [String.raw`a\.b\.c`, ['a.b.c']],
    ['(?i)Evil', ['Evil']],
    ['(?i:Evil)', ['Evil']],
    ['(?P<n>evil)', ['evil']],
    ['[abc]def', ['def']],
    ['[]abc]de', ['de']],
    ['[[:alpha:]]de', ['de']],
    [String.raw`\x41bcd`, ['bcd']],
    [String.raw`\x{41}bcd`, ['bcd']],
    [String.raw`\pLbc`, ['bc']],
    [String.raw`\p{Greek}bc`, ['bc']],
    [String.raw`\Qa.b\Ecd`, ['cd']],
    ['(abc)*', undefined],
    ['(abc){0}', undefined],
    ['(abc)+', ['abc']],
    ['a|bc', undefined],
    ['.*', undefined],
    ['', undefined],
  ])('%s', (source, expected) => {
    expect(requiredLiterals(source)).toEqual(expected)
  })
})

const atom = fc.constantFrom(
  'a',
  'b',
  'c',
  '.',
  '[ab]',
  String.raw`\.`,
  String.raw`\d`,
  '-',
  '^',
  '$',
  String.raw`\x61`,
)
const quantified = fc
  .tuple(atom, fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,2}', '+?'))
  .map(([a, q]) => (a === '^' || a === '$' ? a : a + q))
const sequence = fc.array(quantified, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''))
const regex = fc.letrec<{ re: string }>((tie) => ({
  re: fc.oneof(
    { maxDepth: 3 },
    sequence,
    fc.tuple(sequence, tie('re'), fc.constantFrom('', '?', '*', '+', '{1,2}')).map(([a, b, q]) => `${a}(?:${b})${q}`),
    fc.tuple(tie('re'), sequence).map(([a, b]) => `${a}|${b}`),
    fc.tuple(tie('re'), sequence).map(([a, b]) => `(${a})${b}`),
  ),
})).re
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', '-', '.', '1'), maxLength: 12 })

test('whatever matches holds one of them', () => {
  fc.assert(
    fc.property(regex, fc.array(text, { minLength: 20, maxLength: 20 }), fc.boolean(), (source, texts, ignoreCase) => {
      const literals = requiredLiterals(source)
      if (literals === undefined) return
      const matches = lazyRegex(source, ignoreCase ? 'i' : '')
      for (const one of texts) {
        if (!matches(one)) continue
        expect(literals.some((literal) => one.toLowerCase().includes(literal.toLowerCase()))).toBe(true)
      }
    }),
    { numRuns: 3_000 },
  )
})

test('RE2 and the engine of the platform agree where both can', () => {
  fc.assert(
    fc.property(regex, text, (source, one) => {
      expect(RE2JS.compile(source).test(one)).toBe(new RegExp(source).test(one))
    }),
    { numRuns: 2_000 },
  )
})

test('a regex of characters from the start on says the same as RE2, and is linear', () => {
  const atom = fc.constantFrom('a', '/', '_', '-', '\\.', '\\/', '[a-c]', '[A-Za-z0-9]', '[a.-]')
  const often = fc.constantFrom('', '', '', '+', '*', '?', '{2}', '{1,3}', '{2,}')
  const source = fc
    .array(fc.tuple(atom, often), { minLength: 1, maxLength: 6 })
    .chain((parts) => fc.constantFrom('', '$').map((end) => `^${parts.flat().join('')}${end}`))
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', 'Z', '0', '/', '.', '-', '_', '\n', 'ſ', '𝒳'),
    maxLength: 10,
  })
  fc.assert(
    fc.property(source, fc.array(text, { minLength: 1, maxLength: 8 }), (one, texts) => {
      const test_ = lazyRegex(one, '')
      for (const candidate of texts)
        expect(test_(candidate), `${one} on ${candidate}`).toBe(RE2JS.compile(one).test(candidate))
    }),
    { numRuns: 2_000 },
  )
  const long = 'a'.repeat(1_000_000)
  const began = process.cpuUsage().user
  for (const one of ['^[a-c]+$', '^a*b$', '^/[A-Za-z0-9]{4,32}$', '^a+a+a+a+$']) lazyRegex(one, '')(`${long}!`)
  expect((process.cpuUsage().user - began) / 1e6).toBeLessThan(20)
})
