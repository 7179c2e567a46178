import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { eventColumns } from '../../../schemas/event.ts'
import { exploreLimits } from '../../../schemas/explore-api.ts'
import { compileQuery, paramsOf } from '../../../web/explore/compile.ts'
import { examples } from '../../../web/explore/examples.ts'
import { fieldOf, fields } from '../../../web/explore/fields.ts'
import { quotedValue } from '../../../web/explore/query.ts'
import { barsOf } from '../../../web/explore/search.ts'
import { hostile } from './rig.ts'

const compiled = (q: string) => {
  const answer = compileQuery(q, 'WIB')
  if ('problem' in answer) throw new Error(`${q}: ${answer.problem.message}`)
  return answer
}
const problem = (q: string) => {
  const answer = compileQuery(q, 'WIB')
  return 'problem' in answer ? answer.problem : undefined
}

test('the question of the issue', () => {
  const { condition, parameters } = compiled(
    'source.ip:203.0.113.9 user.name:"root" score>=70 NOT dataset:sshd message:"union select"',
  )
  expect(condition).toBe(
    '(e.source_ip = {q0:String}) AND (e.user_name = {q1:String}) AND (e.score >= {q2:Int64}) AND (NOT (e.dataset = {q3:String})) AND (e.message ILIKE {q4:String})',
  )
  expect(parameters.map(({ value }) => value)).toEqual(['203.0.113.9', 'root', '70', 'sshd', '%union select%'])
})

test('AND binds closer than OR, NOT closest; brackets and a minus', () => {
  expect(compiled('a OR b c').condition).toBe(
    '(e.message ILIKE {q0:String}) OR ((e.message ILIKE {q1:String}) AND (e.message ILIKE {q2:String}))',
  )
  expect(compiled('(a OR b) -c').condition).toBe(
    '((e.message ILIKE {q0:String}) OR (e.message ILIKE {q1:String})) AND (NOT (e.message ILIKE {q2:String}))',
  )
  expect(compiled('NOT NOT a').condition).toBe('e.message ILIKE {q0:String}')
  expect(compiled('a DAN b').condition).toBe(compiled('a AND b').condition)
  expect(compiled('').condition).toBe('1')
})

test('every column answers to its own name and to its ECS name', () => {
  for (const [column, { ecs }] of Object.entries(eventColumns)) {
    expect(fieldOf(column)?.field.columns, column).toEqual([column])
    if (ecs !== '') expect(fieldOf(ecs)?.field.columns, ecs).toEqual([column])
  }
  expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length)
})

test.each(hostile)('a value stays a value: %j', (text) => {
  for (const { name, kind } of fields) {
    if (kind === 'number' || kind === 'time' || kind === 'address' || kind === 'severity') continue
    const field = kind === 'map' ? 'fields.x' : name
    const { condition, parameters } = compiled(`${field}:${quotedValue(text)}`)
    expect(condition).not.toContain(text)
    expect(condition).toMatch(/^[\w\s.(){}:,=!>'%[\]-]*$/)
    expect(parameters.some(({ value }) => value === text || value === `%${text.replace(/[\\%_]/g, '\\$&')}%`)).toBe(
      true,
    )
  }
})

test('any text at all is a question or is told where it is wrong', () => {
  const parts = [
    '(',
    ')',
    '"',
    '\\',
    ':',
    '-',
    'AND',
    'OR',
    'NOT',
    ' ',
    '*',
    '?',
    'score',
    '>=',
    '..',
    '/',
    'source.ip',
    '10.0.0.0/8',
    ',',
    '\u0000',
    '🗳',
    '\ud800',
    "'",
    ';',
  ]
  let seed = 7
  const next = (most: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % most
  }
  for (let round = 0; round < 2_000; round++) {
    const text = Array.from({ length: 1 + next(14) }, () => parts[next(parts.length)] ?? '').join('')
    const answer = compileQuery(text, 'WIT')
    if ('problem' in answer) {
      const { at, to, message, action, pesan, tindakan } = answer.problem
      expect(at, text).toBeGreaterThanOrEqual(0)
      expect(at, text).toBeLessThanOrEqual(text.length)
      expect(to, text).toBeGreaterThan(at)
      for (const said of [message, action, pesan, tindakan]) expect(said.length).toBeGreaterThan(3)
    } else for (const { value } of answer.parameters) expect(value.isWellFormed()).toBe(true)
  }
})

test.each([
  ['usr.name:x', 0, 8, 'user.name'],
  ['a b)', 3, 4, 'without its ('],
  ['(a b', 0, 1, 'has no )'],
  ['user.name:"x', 10, 12, 'not closed'],
  ['score>=abc', 7, 10, 'no whole number'],
  ['score:300', 6, 9, 'no whole number from 0 to 255'],
  ['user.name>5', 0, 11, 'no number and no time'],
  ['source.ip:10.0.0.0/33', 10, 21, 'no address'],
  ['source.ip:"1.2.3.4 OR 1=1"', 10, 26, 'no address'],
  ['timestamp:2024-11-27', 10, 20, 'no time that can be compared'],
  ['score>=(1 2)', 0, 12, 'one value only'],
  ['severity:huge', 9, 13, 'no severity'],
  ['fields:x', 0, 6, 'say which'],
  ['a AND', 5, 6, 'missing'],
  ['user.name:', 10, 11, 'missing'],
  [`${'('.repeat(40)}a`, 32, 33, 'deeper'],
  [Array.from({ length: 101 }, () => 'a').join(' '), 200, 201, 'more than 100'],
  ['a'.repeat(exploreLimits.question + 1), 4000, 4001, 'longer'],
])('%j is told at its place', (text, at, to, said) => {
  expect(problem(text)).toMatchObject({ at, to })
  expect(`${problem(text)?.message}`).toContain(said)
})

test('a long question takes time in proportion to its length', () => {
  // The limit is lifted by asking for the pieces: forty times the nested and the bare, each read once.
  for (const text of [
    '"'.repeat(4_000),
    'a:'.repeat(2_000),
    '('.repeat(4_000),
    ' '.repeat(4_000),
    'x'.repeat(4_000),
    `${'\\'.repeat(3_999)}"`,
    '-'.repeat(4_000),
  ]) {
    const answer = compileQuery(text, 'WIB')
    expect('problem' in answer ? answer.problem.message : answer.condition).toEqual(expect.any(String))
  }
})

test('wildcards match any case, and mean themselves in quotes and behind a backslash', () => {
  expect(paramsOf(compiled('url.path:/wp-*_100%'))).toEqual({ q0: '/wp-%\\_100\\%' })
  expect(paramsOf(compiled('url.path:"/wp-*"'))).toEqual({ q0: '/wp-*' })
  expect(paramsOf(compiled('url.path:/a\\*b'))).toEqual({ q0: '/a*b' })
})

test('an IPv6 address is found however it is written', () => {
  expect(paramsOf(compiled('source.ip:2001:DB8:0::1'))).toEqual({ q0: '2001:DB8:0::1', q1: '2001:db8::1' })
})

test('the examples of the help are questions', () => {
  for (const { q } of examples) expect(compiled(q).condition).not.toBe('1')
})

describe('bars', () => {
  test('are of a length that people count in, on the clock of the viewer, and never more than asked for', () => {
    const day = Date.parse('2024-11-26T17:00:00Z')
    for (const length of [1, 999, 60_000, 3_600_000, 86_400_000, 40 * 86_400_000, 4_000 * 86_400_000, 4e12]) {
      const span = { from: day + 1, to: day + 1 + length }
      const { step, begin, bars } = barsOf(span, 60, 7)
      expect(bars).toBeLessThanOrEqual(60)
      expect(begin).toBeLessThanOrEqual(span.from)
      expect(begin + bars * step).toBeGreaterThanOrEqual(span.to)
    }
    expect(barsOf({ from: day, to: day + 30 * 86_400_000 }, 40, 7)).toEqual({ step: 86_400_000, begin: day, bars: 30 })
  })
})

test('the documentation shows the examples of the help, and what it shows are questions', () => {
  const text = readFileSync(new URL('../../../docs/explore.md', import.meta.url), 'utf8')
  const section = text.slice(text.indexOf('| written |'), text.indexOf('Fields go by'))
  const shown = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, q]) => q ?? '')
  expect(shown.sort()).toEqual(examples.map(({ q }) => q).sort())
})
