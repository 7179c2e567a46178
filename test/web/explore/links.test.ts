import { describe, expect, test } from 'vitest'
import { frequent } from '../../../web/app/pages/explore/frequent.ts'
import { condition, exploreHref, linkFields, sqlAddress } from '../../../web/app/parts/links.ts'
import { compileQuery } from '../../../web/explore/compile.ts'
import { fieldOf } from '../../../web/explore/fields.ts'

/** What a link's question means, to whoever opens it. */
const compiled = (q: string) => compileQuery(q, 'WIB')

describe('links to Explore ask what its query bar understands', () => {
  test.each(linkFields)('%s is a field, and finds the value itself', (name) => {
    const field = fieldOf(name)?.field
    expect(field).toBeDefined()
    const values =
      field?.kind === 'address'
        ? ['203.0.113.9', '2001:db8::1']
        : ['situs-32.73', 'a "b" \\ c', 'x:y', 'OR', '1..2', '<script>alert(1)</script>']
    for (const value of values) expect(compiled(condition(name, value))).toMatchObject({ parameters: [{ value }] })
  })

  test('a span is said as times, and left out where there is none', () => {
    expect(exploreHref('asset_id', 'situs-32', 0, 60_000)).toBe(
      '/jelajah?q=asset_id%3Asitus-32&dari=1970-01-01T00%3A00%3A00.000Z&sampai=1970-01-01T00%3A01%3A00.000Z',
    )
    expect(exploreHref('source_id', 'web 32')).toBe('/jelajah?q=source_id%3A%22web+32%22')
  })

  test.each(frequent)('the frequent question "%s" is one', (q) => {
    expect(compiled(q)).not.toHaveProperty('problem')
  })
})

test('a statement for the page SQL arrives as it is', () => {
  const statement = "SELECT 1 + 1, 'a&b=c' -- % ?\nFROM siaga.events"
  expect(new URL(sqlAddress(statement), 'http://x').searchParams.get('q')).toBe(statement)
})
