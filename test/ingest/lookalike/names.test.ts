// Permutations: of every kind, the most deceiving first, always the same; and the matcher knows what the generator says.
import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLookalikeMatcher } from '../../../ingest/lookalike/match.ts'
import { type Permutation, permutations } from '../../../ingest/lookalike/names.ts'
import { LookalikeKind } from '../../../schemas/lookalike.ts'

const of = (name: string, max = 100_000, words: string[] = []): Permutation[] => [...permutations(name, { max, words })]
const domains = (name: string, max?: number): string[] => of(name, max).map(({ domain }) => domain)
const kindOf = (all: readonly Permutation[], domain: string): string | undefined =>
  all.find((one) => one.domain === domainToASCII(domain))?.kind

describe('permutations', () => {
  test('hold every kind', () => {
    const all = of('bawaslu.go.id')
    expect(kindOf(all, 'bawslu.com')).toBe('omission')
    expect(kindOf(all, 'bawwaslu.com')).toBe('repetition')
    expect(kindOf(all, 'bawalsu.com')).toBe('transposition')
    expect(kindOf(all, 'bawaskuu.com')).toBeUndefined()
    expect(kindOf(all, 'bawasku.com')).toBe('neighbour_key')
    expect(kindOf(all, 'bawaeslu.com')).toBe('insertion')
    expect(kindOf(all, 'bawoslu.com')).toBe('vowel_swap')
    expect(kindOf(all, 'bawasdu.com')).toBe('bitsquatting')
    expect(kindOf(all, 'bаwaslu.com')).toBe('homoglyph')
    expect(kindOf(all, 'bavvaslu.com')).toBe('homoglyph')
    expect(kindOf(all, 'bawas1u.id')).toBe('homoglyph')
    expect(kindOf(all, 'baw-aslu.com')).toBe('hyphen')
    expect(kindOf(all, 'bawaslugo.id')).toBe('dot')
    expect(kindOf(all, 'cek-bawaslu.com')).toBe('added_word')
    expect(kindOf(all, 'bawaslupilkada.my.id')).toBe('added_word')
    expect(kindOf(all, 'bawaslu.or.id')).toBe('other_ending')
    expect(kindOf(all, 'bawaslu-go-id.site')).toBe('wrong_parent')
    expect(kindOf(all, 'bawaslugoid.com')).toBe('wrong_parent')
    expect(kindOf(all, 'bawaslu.go.id.com')).toBe('wrong_parent')
    expect(kindOf(all, 'bawaslu.jatimprov.go.id')).toBe('wrong_parent')
    const kinds = new Set(all.map(({ kind }) => kind))
    // What merely contains a name cannot be made up, only met.
    expect(LookalikeKind.options.filter((kind) => !kinds.has(kind))).toEqual(['contains'])
  })

  test('are A-labels, each once, none of them the name or beneath it', () => {
    for (const name of ['kpu.go.id', 'bawaslu.go.id', 'infopemilu.kpu.go.id', 'lapor.go.id', 'pemilu.example.com']) {
      const all = domains(name)
      expect(all.length).toBeGreaterThan(400)
      expect(new Set(all).size).toBe(all.length)
      expect(all.filter((domain) => !/^[a-z0-9.-]+$/.test(domain))).toEqual([])
      expect(all.filter((domain) => domain === name || domain.endsWith(`.${name}`))).toEqual([])
    }
    expect(domains('infopemilu.kpu.go.id').filter((domain) => domain.endsWith('.kpu.go.id'))).toEqual([])
  })

  test('begin with what deceives most, and are the same every time', () => {
    const all = of('kpu.go.id')
    expect(all.map(({ likeness }) => likeness)).toEqual(all.map(({ likeness }) => likeness).sort((a, b) => b - a))
    expect(of('kpu.go.id')).toEqual(all)
    expect(of('kpu.go.id', 500)).toEqual(all.slice(0, 500))
    const first = domains('kpu.go.id', 4000)
    for (const domain of [
      'kpugo.id',
      'kpu-go-id.com',
      'kpu.or.id',
      'cek-kpu.com',
      'cekdptkpu.com',
      'kpu-pilkada.my.id',
    ])
      expect(first).toContain(domain)
    // Slips of three letters are other bodies' names.
    expect(of('kpu.go.id').find(({ domain }) => domain === 'kpi.or.id')?.likeness ?? 0).toBeLessThan(40)
  })

  test('hold words of the settings', () => {
    expect(of('kpu.go.id', 100_000, ['coklit']).map(({ domain }) => domain)).toContain('coklit-kpu.com')
  })

  test('there are none of what is no name', () => {
    expect(of('go.id')).toEqual([])
    expect(of('localhost')).toEqual([])
  })

  test('of any name are made without harm', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,12}(\.[a-z]{2,5}){1,2}$/), (name) => {
        for (const { likeness } of permutations(name, { max: 300 })) {
          expect(likeness).toBeGreaterThanOrEqual(0)
          expect(likeness).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 30 },
    )
  })
})

test.each(['kpu.go.id', 'bawaslu.go.id', 'infopemilu.kpu.go.id', 'jabarprov.go.id'])(
  'the matcher finds what is most alike of %s',
  (name) => {
    const match = createLookalikeMatcher({ protected: [name] })
    const missed = of(name).flatMap(({ domain, kind, likeness }) =>
      likeness >= 70 && match(domain) === undefined ? [`${kind} ${domain}`] : [],
    )
    expect(missed).toEqual([])
  },
)
