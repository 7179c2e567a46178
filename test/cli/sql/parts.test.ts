// The parts of `siaga sql` that need no server: cutting statements, completing, shortening refusals, drawing the bar.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesText, queryBarText } from '../../../cli/sql/bar.ts'
import type { Catalog } from '../../../cli/sql/catalog.ts'
import { complete } from '../../../cli/sql/complete.ts'
import { isBinary } from '../../../cli/sql/formats.ts'
import { cutStatements, onOneLine, saysSomething, tokens } from '../../../cli/sql/lexer.ts'
import { markedPlace, shortProblem } from '../../../cli/sql/problem.ts'
import { metaHelp } from '../../../cli/sql/words.ts'

describe('statements', () => {
  test.each([
    ['SELECT 1; SELECT 2', ['SELECT 1'], ' SELECT 2'],
    ["SELECT ';' -- ;\n, 1;", ["SELECT ';' -- ;\n, 1"], ''],
    ["SELECT 'it''s;', 'a\\';' ;", ["SELECT 'it''s;', 'a\\';' "], ''],
    ['SELECT `a;b`, "c;d" /* ; */;', ['SELECT `a;b`, "c;d" /* ; */'], ''],
    ['SELECT $x$ ; $x$;', ['SELECT $x$ ; $x$'], ''],
    ["SELECT 'open ;", [], "SELECT 'open ;"],
    ['SELECT /* open ;', [], 'SELECT /* open ;'],
  ])('%s', (text, whole, rest) => {
    expect(cutStatements(text)).toEqual({ whole, rest })
  })

  test('no text is lost or made by cutting it into tokens', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab1 \n;\'"`\\/*-$.#é😀') }), (text) => {
        expect(
          tokens(text)
            .map((token) => token.text)
            .join(''),
        ).toBe(text)
        const { whole, rest } = cutStatements(text)
        expect([...whole, rest].join(';')).toBe(text)
      }),
    )
  })

  test('one line for the history says the same', () => {
    expect(onOneLine("SELECT 1, -- one\n  'a\nb' AS x\n")).toBe("SELECT 1, /* one*/ 'a\\nb' AS x")
    expect(onOneLine('SELECT $a$\n$a$')).toBeUndefined()
    expect(saysSomething(' -- nothing\n')).toBe(false)
  })
})

describe('completion', () => {
  const catalog: Catalog = {
    relations: ['events', 'events_daily', 'findings'],
    columns: new Map([
      ['events', ['source_ip', 'source_port', 'score']],
      ['events_daily', ['day']],
      ['findings', ['entity', 'score']],
    ]),
    functions: ['sum', 'sumMap', 'toDate'],
    keywords: ['SELECT', 'SETTINGS', 'FROM'],
    formats: ['CSV', 'CSVWithNames', 'Parquet'],
  }
  test.each([
    ['SELECT sou', '', '', ['source_ip', 'source_port']],
    ['SELECT so', '', ' FROM findings', []],
    ['sel', '', '', ['select']],
    ['SE', '', '', ['SELECT', 'SETTINGS']],
    ['SELECT su', '', '', ['sum(', 'sumMap(']],
    ['SELECT 1 FROM ev', '', '', ['events', 'events_daily']],
    ['SELECT 1 FROM siaga.fi', '', '', ['findings']],
    ['en', 'SELECT score,\n', ' FROM siaga.findings', ['entity']],
    ['SELECT f.', '', ' FROM findings AS f', ['entity', 'score']],
    ['SELECT e.sc', '', ' FROM findings f JOIN events e', ['score']],
    ['SELECT 1 FORMAT CS', '', '', ['CSV', 'CSVWithNames']],
    ["SELECT 'sou", '', '', []],
    ['SELECT 1 -- sou', '', '', []],
    ['\\d fi', '', '', ['findings']],
    ['\\f par', '', '', ['parquet']],
    ['\\t', '', '', ['\\timing']],
  ])('%s (before: %j, after: %j)', (line, before, after, hits) => {
    expect(complete(line, before, after, catalog)[0]).toEqual(hits)
  })
})

describe('refusals', () => {
  const syntax =
    'Code: 62. DB::Exception: Syntax error: failed at position 10 (x) (line 2, col 2): x. Expected one of: token sequence, Dot, token, OR, AND, A, B, C, D, E, F, G. (SYNTAX_ERROR) (version 26.7.2.1)'
  test('are short', () => {
    expect(shortProblem(syntax)).toBe(
      'Syntax error: failed at position 10 (x) (line 2, col 2). Expected: Dot, OR, AND, A, B, C, D, E, … (SYNTAX_ERROR)',
    )
    expect(
      shortProblem(
        "Code: 47. DB::Exception: Unknown expression identifier `scor` in scope SELECT scor FROM siaga.events. Maybe you meant: ['score']. (UNKNOWN_IDENTIFIER) (version 26.7.2.1 (official build))",
      ),
    ).toBe("Unknown expression identifier `scor`. Maybe you meant: ['score']. (UNKNOWN_IDENTIFIER)")
    expect(shortProblem(`Code: 1. DB::Exception: ${'\u001B[2J'.repeat(900)}`).length).toBeLessThanOrEqual(1001)
    expect(shortProblem('\u001B[2J')).toBe('\\u001b[2J')
  })
  test('show the place, counted in bytes by the server', () => {
    expect(markedPlace(syntax, 'SELECT\nx x')).toBe('  x x\n    ^')
    expect(markedPlace('failed at position 13 (x)', "SELECT 'é',  x")).toBe("  SELECT 'é',  x\n             ^")
    expect(markedPlace('nowhere', 'SELECT 1')).toBe('')
    const long = `SELECT ${'1, '.repeat(200)}?`
    const marked = markedPlace(`failed at position ${long.length} (?)`, long)
    expect(Math.max(...marked.split('\n').map((line) => line.length))).toBeLessThan(80)
    const [line = '', mark = ''] = marked.split('\n')
    expect(line[mark.indexOf('^')]).toBe('?')
  })
})

test('the bar fits its screen and says how far it is', () => {
  const told = { readRows: 5e8, readBytes: 4e10, totalRows: 1e9, resultRows: 0, seconds: 12 }
  expect(queryBarText(told, 12.34, 0, 'en', 200)).toBe(
    '12 s  50% ████████░░░░░░░░  500,000,000 rows  40 GB  Ctrl-C cancels',
  )
  expect(queryBarText(told, 12.34, 1e9, 'id', 60).length).toBeLessThan(60)
  expect([0, 999, 1000, 1_500_000, 2e13].map((bytes) => bytesText(bytes))).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '1.5 MB',
    '20 TB',
  ])
})

test('the help fits 80 columns', () => {
  expect(metaHelp.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('bytes are known from text', () => {
  expect(['Parquet', 'ArrowStream', 'RowBinaryWithNames', 'Native', 'ORC'].every(isBinary)).toBe(true)
  expect(['CSV', 'JSON', 'PrettyCompact', 'Vertical', 'TSVRaw', 'Markdown'].some(isBinary)).toBe(false)
})
