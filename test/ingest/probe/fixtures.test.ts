import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBody } from '../../../ingest/probe/charset.ts'
import { readPage } from '../../../ingest/probe/page.ts'
import { PageFacts } from '../../../schemas/probe.ts'

const folder = join(import.meta.dirname, '../../fixtures/pages')
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  : []

// Pages as they are written for the model of gambling and defacement: read whole, cut and changed.
describe.skipIf(files.length === 0)('labelled pages', () => {
  const bytes = files.map((name) => readFileSync(join(folder, name)))
  const read = (body: Buffer) => readPage(decodeBody(body, 'text/html').text, 'text/html', 'https://kpu-uji.go.id/')

  test('each have a title or a text, seen or not', () => {
    const silent = files.filter((_, n) => {
      const facts = read(bytes[n] ?? Buffer.alloc(0))?.facts
      return facts === undefined || facts.title + facts.text + facts.hidden_text + facts.script_text === ''
    })
    expect(silent).toEqual([])
  })

  test('cut anywhere and changed anywhere are read and hold the schema', () => {
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.nat(1_000_000),
        fc.nat(300),
        fc.constantFrom('', '<', '>', '"', '&', '</', '<!--', '\u0000', '<script>', '<div hidden>'),
        (file, place, length, put) => {
          const page = bytes[file] ?? Buffer.alloc(0)
          const from = place % (page.length + 1)
          const changed = Buffer.concat([page.subarray(0, from), Buffer.from(put), page.subarray(from + length)])
          for (const body of [changed, page.subarray(0, from)]) {
            const facts = read(body)?.facts
            if (facts !== undefined) PageFacts.parse(facts)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
