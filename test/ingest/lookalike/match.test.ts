// Are deceiving names told from innocent ones? Two lists that were written before the matcher.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placesOf } from '../../../ingest/lookalike/brands.ts'
import { createLookalikeMatcher } from '../../../ingest/lookalike/match.ts'
import { loadReference } from '../../../runtime/reference.ts'
import { LookalikeMatch } from '../../../schemas/lookalike.ts'

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

describe('the matcher', () => {
  test('says which name is meant, how, and how alike', () => {
    expect(match('cek-dpt-kpu.com')).toEqual({ protected: 'kpu.go.id', kind: 'added_word', likeness: 84 })
    expect(match('kpugo.id')).toEqual({ protected: 'kpu.go.id', kind: 'dot', likeness: 95 })
    expect(match('kpu-go.id')).toMatchObject({ kind: 'hyphen' })
    expect(match('kpu.go.id.example.com')).toMatchObject({ kind: 'wrong_parent' })
    expect(match('kpu.bandungkab.go.id')).toMatchObject({ kind: 'wrong_parent' })
    expect(match(domainToASCII('bаwaslu.com'))).toMatchObject({ protected: 'bawaslu.go.id', kind: 'homoglyph' })
    expect(match('bawalsu.com')).toMatchObject({ kind: 'transposition' })
    expect(match('bawaslu.id')).toMatchObject({ kind: 'other_ending' })
    expect(match('bawaslu.example.com')).toMatchObject({ kind: 'contains' })
    expect(match('cekdptonline.xyz')).toMatchObject({ protected: 'cekdptonline.kpu.go.id', kind: 'other_ending' })
  })

  test('reads names as certificates have them', () => {
    const plain = match('cek-kpu.com')
    for (const name of ['*.cek-kpu.com', 'CEK-KPU.com', 'cek-kpu.com.', 'www.a.b.cek-kpu.com'])
      expect(match(name)).toEqual(plain)
  })

  test('leaves alone what is ours, and all beneath it', () => {
    expect(match('kpu-sahabat.org')).toBeUndefined()
    for (const name of [
      'kpu-sahabat.id',
      'cek-dpt-kpu.kpu-sahabat.id',
      'kpu.go.id',
      'kpu-go-id.kpu.go.id',
      '*.infopemilu.kpu.go.id',
    ])
      expect(match(name)).toBeUndefined()
    // Not beneath, though it ends so.
    expect(match('cekkpu.go.id')).toBeUndefined()
    expect(match('sahabat-kpu-sahabat.id')).toMatchObject({ kind: 'contains' })
  })

  test('takes words of the settings for words that go with a name', () => {
    const own = createLookalikeMatcher({ protected: ['kpu.go.id'], words: ['coklit'] })
    expect(own('coklitkpu.com')).toMatchObject({ kind: 'added_word' })
    expect(match('coklitkpu.com')).toBeUndefined()
  })

  test('answers for any text, and answers the same again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 300 }),
          fc.string({ unit: 'binary', maxLength: 80 }).map((text) => `${text}kpu.${text}`),
          fc.stringMatching(/^(xn--)?[a-z0-9-]{0,20}kpu[a-z0-9.-]{0,40}\.(com|go\.id|id)$/),
        ),
        (name) => {
          const found = match(name)
          if (found !== undefined) LookalikeMatch.parse(found)
          expect(match(name)).toEqual(found)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('with nothing to protect finds nothing', () => {
    expect(createLookalikeMatcher({ protected: [] })('kpu-go-id.com')).toBeUndefined()
    expect(createLookalikeMatcher({ protected: ['go.id', 'id'] })('kpu-go-id.com')).toBeUndefined()
  })
})
