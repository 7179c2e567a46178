// Are deceiving names told from innocent ones? Two lists that were written before the matcher.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { domainToASCII } from 'node:url'
import { describe, expect, test } from 'vitest'
import { placesOf } from '../../../ingest/lookalike/brands.ts'
import { createLookalikeMatcher } from '../../../ingest/lookalike/match.ts'
import { loadReference } from '../../../runtime/reference.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/lookalike')
const names = (file: string): string[] =>
  readFileSync(join(fixtures, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
const innocent = names('innocent.txt')
const deceiving = names('deceiving.txt')
const guarded = [
  'kpu.go.id',
  'bawaslu.go.id',
  'dkpp.go.id',
  'infopemilu.kpu.go.id',
  'cekdptonline.kpu.go.id',
  'sirekap-web.kpu.go.id',
  'jakarta.go.id',
  'jabarprov.go.id',
  'kominfo.go.id',
  'bogorkab.go.id',
  'surabaya.go.id',
  'bssn.go.id',
]
const { regions } = loadReference({ calendars: [] }, '.')
const places = placesOf([...regions.values()].map(({ name }) => name))
const match = createLookalikeMatcher({ protected: guarded, ours: ['kpu-sahabat.id'], places })

describe('names that were written before', () => {
  test('there are enough of them, each once', () => {
    expect(new Set(innocent).size).toBeGreaterThan(200)
    expect(new Set(deceiving).size).toBeGreaterThan(200)
    expect(innocent.filter((name) => deceiving.includes(name))).toEqual([])
  })

  test('what is innocent is left alone', () => {
    const called = innocent.flatMap((name) => {
      const found = match(name)
      return found === undefined ? [] : [{ name, ...found }]
    })
    expect(called).toEqual([])
  })

  test('what deceives is found', () => {
    const missed = deceiving.filter((name) => match(domainToASCII(name)) === undefined)
    // Two slips at once, which would also be one slip of something else.
    expect(missed).toEqual(['bawaslly.com'])
  })
})
