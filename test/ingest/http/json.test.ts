// The scanner agrees with JSON.parse on what is JSON, and cuts arrays into the elements' own text.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonScanner, MAX_JSON_DEPTH } from '../../../ingest/http/json.ts'
import { createSplitter } from '../../../ingest/http/split.ts'

function isJson(text: string): boolean {
  const bytes = Buffer.from(text)
  const scanner = new JsonScanner(bytes)
  const end = scanner.value(scanner.skipSpace(0))
  return end >= 0 && scanner.skipSpace(end) === bytes.length
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function split(text: string, step = 1_000_000): string[] {
  const body = Buffer.from(text)
  const splitter = createSplitter('json', body, 1000)
  while (!splitter.step(step));
  const out: string[] = []
  for (let i = 0; i < splitter.spans.length; i += 2)
    out.push(body.toString('utf8', splitter.spans[i], splitter.spans[i + 1]))
  return out
}

describe('JSON scanner', () => {
  it('accepts what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        expect(isJson(JSON.stringify(value, null, indent))).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees with JSON.parse on broken JSON', () => {
    const tokens = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"\\u00e9"',
      '"\\x"',
      '"',
      '1',
      '-',
      '01',
      '1.',
      '1.5e+3',
      '1e',
      'true',
      'fals',
      'null',
      ' ',
      '\n',
      '\\',
      '"\t"',
      '-0',
      '.5',
    ]
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...tokens), { maxLength: 9 }).map((parts) => parts.join('')),
        (text) => {
          expect(isJson(text)).toBe(parses(text))
        },
      ),
      { numRuns: 20_000 },
    )
  })

  it('agrees with JSON.parse when one byte of JSON is changed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom(...'{}[],:"0e-.tn\\ \u0001'), (value, at, character) => {
        const text = JSON.stringify(value)
        const place = at % text.length
        const changed = text.slice(0, place) + character + text.slice(place + 1)
        expect(isJson(changed)).toBe(parses(changed))
      }),
      { numRuns: 5000 },
    )
  })

  it('does not go deeper than its limit, and not down the stack', () => {
    const nested = (depth: number): string => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`
    expect(isJson(nested(MAX_JSON_DEPTH))).toBe(true)
    const scanner = new JsonScanner(Buffer.from(nested(MAX_JSON_DEPTH + 2)))
    expect(scanner.value(0)).toBe(-1)
    expect(scanner.fault?.tooDeep).toBe(true)
    expect(isJson('['.repeat(10_000_000))).toBe(false)
  })
})

describe('array slicer', () => {
  it('gives each element as it was written, whatever stands between', () => {
    const space = fc.constantFrom('', ' ', '\n', '\r\n\t ')
    const element = fc
      .tuple(fc.jsonValue(), fc.constantFrom(0, 1))
      .map(([value, indent]) => JSON.stringify(value, null, indent))
    fc.assert(
      fc.property(
        fc.array(element, { maxLength: 20 }),
        space,
        space,
        fc.constantFrom(1, 7, 1_000_000),
        (elements, before, after, step) => {
          const text = `${before}[${elements.map((one) => before + one + after).join(',')}${after}]${before}`
          expect(split(text, step)).toEqual(elements)
        },
      ),
      { numRuns: 1000 },
    )
  })
  it('reads 10 MB in linear time', () => {
    const one = JSON.stringify({
      '@timestamp': '2024-11-27T10:11:12Z',
      message: 'x'.repeat(200),
      nested: { list: [1, 2, 3] },
    })
    const body = Buffer.from(`[${Array(34_000).fill(one).join(',')}]`)
    const start = performance.now()
    const splitter = createSplitter('json', body, 40_000)
    while (!splitter.step(1_000_000));
    expect(splitter.spans).toHaveLength(68_000)
    expect(performance.now() - start).toBeLessThan(10_000)
  })
})
