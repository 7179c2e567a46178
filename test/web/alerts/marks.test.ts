// Are the marked parts those that matched, whatever a line holds and however it is encoded, and is the line itself never changed?
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Mark } from '../../../schemas/alert-page-api.ts'
import { marksIn, type Wanted } from '../../../web/alerts/marks.ts'

const nothing: Wanted = { evidence: [], observables: [] }
const shown = (line: string, wanted: Partial<Wanted>): string[] =>
  marksIn(line, { ...nothing, ...wanted }).map(({ start, end, kind }) => `${kind} ${line.slice(start, end)}`)

/** A line as a page takes it apart. */
function piecesOf(line: string, marks: readonly Mark[]): string[] {
  const pieces: string[] = []
  let at = 0
  for (const { start, end } of marks) {
    pieces.push(line.slice(at, start), line.slice(start, end))
    at = end
  }
  return [...pieces, line.slice(at)]
}

const line =
  '203.0.113.9 - - [25/Nov/2024:12:00:00 +0700] "GET /berita?id=1%27%20UNION%2f**%2fSELECT+sandi+FROM+pengguna HTTP/1.1" 200 512 "-" "sqlmap/1.7"'

test('the text that a rule looks for, where it stands encoded in the line', () => {
  const value = "id=1' union select sandi from pengguna"
  expect(
    shown(line, { evidence: [{ field: 'url.decoded', value, literals: ['union select', 'drop table'] }] }),
  ).toEqual(['match UNION%2f**%2fSELECT'])
  expect(shown(line, { evidence: [{ field: 'url.decoded', value, literals: [] }] })).toEqual([
    'near id=1%27%20UNION%2f**%2fSELECT+sandi+FROM+pengguna',
  ])
})

test('whom it is about, not where the same characters stand by chance', () => {
  expect(
    shown('10.0.0.1 and 10.0.0.12, 110.0.0.1, root, rootkit, 10.0.0.1', {
      observables: [
        { field: 'source_ip', value: '10.0.0.1' },
        { field: 'user_name', value: 'root' },
        { field: 'url_domain', value: '' },
      ],
    }),
  ).toEqual(['observable 10.0.0.1', 'observable root', 'observable 10.0.0.1'])
})

test('what matched is seen where it lies over an observable', () => {
  const marks = marksIn(line, {
    evidence: [{ field: 'user_agent_original', value: 'sqlmap/1.7', literals: ['sqlmap'] }],
    observables: [
      { field: 'user_agent_original', value: 'sqlmap/1.7' },
      { field: 'source_ip', value: '203.0.113.9' },
    ],
  })
  expect(marks.map(({ start, end, kind, field }) => [kind, field, line.slice(start, end)])).toEqual([
    ['observable', 'source_ip', '203.0.113.9'],
    ['match', 'user_agent_original', 'sqlmap'],
    ['observable', 'user_agent_original', '/1.7'],
  ])
})

test('what is not in the line is not marked', () => {
  expect(shown(line, { evidence: [{ field: 'x', value: 'etc/passwd', literals: ['passwd'] }] })).toEqual([])
  expect(shown('', { evidence: [{ field: 'x', value: 'etc/passwd', literals: [] }] })).toEqual([])
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '%',
        '%2',
        '%27',
        '%2527',
        '\\x',
        '\\x27',
        '%u0027',
        '/*',
        '*/',
        '+',
        ' ',
        '\n',
        '\ud83d',
        '😀',
        'İ',
        '<b>',
        '\u202e',
        'a',
      ),
    )
    .map((parts) => parts.join('')),
)
const wanted = fc.record({
  evidence: fc.array(
    fc.record({ field: fc.constant('f'), value: hostile, literals: fc.array(hostile, { maxLength: 3 }) }),
    {
      maxLength: 4,
    },
  ),
  observables: fc.array(fc.record({ field: fc.constant('o'), value: hostile }), { maxLength: 4 }),
})

test('marks never change the text: in order, within it, none over another, through no character', () => {
  fc.assert(
    fc.property(hostile, wanted, hostile, (before, asked, after) => {
      // So that there is something to be found.
      const text = before + asked.evidence.map(({ value }) => value).join('') + after
      const marks = marksIn(text, asked)
      let at = 0
      for (const { start, end } of marks) {
        expect(start).toBeGreaterThanOrEqual(at)
        expect(end).toBeGreaterThan(start)
        expect(end).toBeLessThanOrEqual(text.length)
        at = end
      }
      const pieces = piecesOf(text, marks)
      expect(pieces.join('')).toBe(text)
      if (text.isWellFormed()) for (const piece of pieces) expect(piece.isWellFormed()).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a line of the greatest length with everything looked for takes no time to speak of', () => {
  const long = '%2527/*'.repeat(2_000)
  const evidence = Array.from({ length: 20 }, (_, n) => ({
    field: 'f',
    value: "'/*".repeat(60),
    literals: Array.from({ length: 200 }, (_, m) => `'/*${n}${m}`),
  }))
  const marks = marksIn(long, { evidence, observables: [{ field: 'o', value: "'/*'" }] })
  expect(marks.length).toBeLessThanOrEqual(60)
})
