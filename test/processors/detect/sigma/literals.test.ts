// Are all literals found that stand in a text, wherever they may stand, and no others? Held against the platform's own search.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold } from '../../../../processors/detect/sigma/fold.ts'
import { createLiteralIndex, type Place } from '../../../../processors/detect/sigma/literals.ts'

const places: readonly Place[] = ['whole', 'start', 'end', 'anywhere']

function standsIn(text: string, literal: string, place: Place): boolean {
  const [there, wanted] = [fold(text), fold(literal)]
  if (place === 'whole') return there === wanted
  if (place === 'start') return there.startsWith(wanted)
  return place === 'end' ? there.endsWith(wanted) : there.includes(wanted)
}

function check(literals: readonly (readonly [string, Place])[], texts: readonly string[]): void {
  const builder = createLiteralIndex()
  const numbers = literals.map(([literal, place]) => builder.add(literal, place))
  const index = builder.build()
  for (const text of texts) {
    const found = new Set<number>()
    index?.scan(text, (literal) => found.add(literal))
    const expected = literals.flatMap(([literal, place], n) => (standsIn(text, literal, place) ? [numbers[n]] : []))
    expect([...found].sort(), JSON.stringify(text)).toEqual([...new Set(expected)].sort())
  }
}

/** Few characters, so that literals begin, overlap and end in each other; among them the two whose lower case is ASCII, and some beyond it. */
const letter = fc.constantFrom(...'aaaabbbcAB/.', '\u212a', 'ſ', 'k', 's', 'é', '😀', '\0')
const word = (max: number) => fc.array(letter, { minLength: 1, maxLength: max }).map((all) => all.join(''))
const literal = fc.tuple(fc.oneof(word(2), word(9)), fc.constantFrom(...places))

test('any literals in any texts', () => {
  fc.assert(
    fc.property(
      fc.array(literal, { minLength: 1, maxLength: 25 }),
      fc.array(word(60), { minLength: 1, maxLength: 8 }),
      (literals, texts) => check(literals, [...texts, '', ...literals.map(([one]) => one)]),
    ),
    { numRuns: 2_000 },
  )
})

test('so many short literals that looking at beginnings would save nothing', () => {
  const characters = [...'abcdefghijklmnopqrstuvwxyz0123456789/.-_=%']
  const pairs = characters.flatMap((a) => characters.map((b): [string, Place] => [a + b, 'anywhere']))
  check(pairs, ['ab', 'a', 'hasil/pilkada?tps=12', 'é%2f-é', '%%%%'])
})

test('texts in which literals begin all the time: the marks are dropped on the way', () => {
  const needles: [string, Place][] = [
    ['abcd', 'anywhere'],
    ['bcx', 'anywhere'],
    ['c', 'anywhere'],
  ]
  check(needles, ['abcab'.repeat(70_000), 'abcab', 'abcd', 'bbcx', 'xyz'])
})

test('a text that is longer than any other, and one that is short behind it', () => {
  const needles: [string, Place][] = [
    ['union select', 'anywhere'],
    ['.sql', 'end'],
    ["'", 'anywhere'],
    ['/*', 'anywhere'],
  ]
  const long = 'x'.repeat(300_000)
  check(needles, [
    `${long}UNION SELECT${long}.sql`,
    `${long}union selec`,
    `é${long}'`,
    'union selec',
    `${'union '.repeat(20_000)}select`,
    '/',
    "'",
  ])
})
