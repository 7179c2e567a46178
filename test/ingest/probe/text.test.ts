import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownHeaders } from '../../../ingest/probe/agents.ts'
import { createHostGate } from '../../../ingest/probe/gate.ts'
import {
  cut,
  cutMiddle,
  lineKey,
  plainText,
  shingles,
  simhash,
  similarity,
  sketch,
  sketchSimilarity,
} from '../../../ingest/probe/text.ts'

const words = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `kata${from + n}x`)
const letters = (from: number, to: number) =>
  words(from, to)
    .map((word) => word.replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? ''))
    .join(' ')

describe('texts', () => {
  test('are alike as far as they share words in order, whatever their digits and case', () => {
    const page = shingles(letters(0, 400))
    expect(similarity(page, page)).toBe(1)
    expect(similarity(page, shingles(letters(1000, 1400)))).toBe(0)
    expect(similarity(page, shingles(letters(200, 600)))).toBeCloseTo(0.5, 1)
    expect(similarity(new Set(), new Set())).toBe(1)
    expect(similarity(page, new Set())).toBe(0)
    expect(similarity(shingles('Pengunjung hari ini: 1.234'), shingles('pengunjung HARI ini: 9.87'))).toBe(1)
    expect(shingles('satu').size).toBe(1)
    expect(shingles('').size).toBe(0)
  })

  test('have sketches that tell nearly the same', () => {
    for (const shift of [0, 40, 200, 360, 400]) {
      const [a, b] = [shingles(letters(0, 400)), shingles(letters(shift, 400 + shift))]
      expect(Math.abs(sketchSimilarity(sketch(a), sketch(b)) - similarity(a, b))).toBeLessThan(0.12)
    }
    expect(sketchSimilarity([], [])).toBe(1)
    expect(sketchSimilarity([], sketch(shingles('satu dua tiga')))).toBe(0)
    // Of a short text beside a long one too.
    const [short, long] = [shingles(letters(0, 20)), shingles(letters(0, 400))]
    expect(Math.abs(sketchSimilarity(sketch(short), sketch(long)) - similarity(short, long))).toBeLessThan(0.12)
  })

  test('have a simhash that moves little when they do', () => {
    const bits = (a: string, b: string): number => {
      const x = BigInt(`0x${a}`) ^ BigInt(`0x${b}`)
      return x.toString(2).replaceAll('0', '').length
    }
    const page = simhash(shingles(letters(0, 400)))
    expect(bits(page, simhash(shingles(letters(5, 405))))).toBeLessThan(12)
    expect(bits(page, simhash(shingles(letters(1000, 1400))))).toBeGreaterThan(18)
    expect(simhash(new Set())).toBe('000000000000000a')
  })

  test('have sixteen hex digits that are never a number of sixteen digits, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 32 - 1), { maxLength: 40 }), (values) => {
        const hash = simhash(new Set(values))
        expect(hash).toMatch(/^[0-9a-f]{16}$/)
        expect(hash).not.toMatch(/^\d{16}$/)
      }),
      { numRuns: 300 },
    )
  })

  test('are cut to a length, without half characters, with their end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 10, max: 100 }), (text, max) => {
        expect(cut(text, max).length).toBeLessThanOrEqual(max)
        expect(cutMiddle(text, max).length).toBeLessThanOrEqual(max)
        expect(cutMiddle(text, max).isWellFormed()).toBe(true)
        expect(cut(text, max).isWellFormed()).toBe(true)
      }),
      { numRuns: 300 },
    )
    expect(cutMiddle(`${'a'.repeat(100)}slot`, 40)).toMatch(/^a{27} … a+slot$/)
    expect(plainText(' a\u200b \u0000b\n\tc\ufeff ')).toBe('a b c')
    expect(lineKey('Pengunjung 12.345')).toBe('pengunjung #.#')
  })
})

describe('politeness', () => {
  function clock() {
    let now = 0
    const waits: number[] = []
    return {
      waits,
      advance: (ms: number) => {
        now += ms
      },
      gate: createHostGate(1000, {
        now: () => now,
        sleep: async (ms) => {
          waits.push(ms)
        },
      }),
    }
  }
  const { signal } = new AbortController()

  test('leaves a time between requests to one host, whoever asks, and none between hosts', async () => {
    const { gate, waits, advance } = clock()
    await gate.pass('a.go.id', signal)
    await gate.pass('b.go.id', signal)
    expect(waits).toEqual([])
    await Promise.all([gate.pass('a.go.id', signal), gate.pass('a.go.id', signal)])
    expect(waits).toEqual([1000, 2000])
    advance(3500)
    await gate.pass('a.go.id', signal)
    expect(waits).toEqual([1000, 2000])
  })

  test('forgets hosts that may be asked again', async () => {
    const { gate, waits, advance } = clock()
    for (let n = 0; n < 5000; n++) {
      advance(10)
      await gate.pass(`h${n}.go.id`, signal)
    }
    expect(waits).toEqual([])
    await gate.pass('h4999.go.id', signal)
    expect(waits).toEqual([1000])
  })

  test('ends for whoever has stopped', async () => {
    const { gate } = clock()
    await expect(gate.pass('a.go.id', AbortSignal.abort())).rejects.toThrow()
    const stopping = new AbortController()
    const waiting = createHostGate(60_000)
    await waiting.pass('a.go.id', stopping.signal)
    const late = waiting.pass('a.go.id', stopping.signal)
    stopping.abort()
    await expect(late).rejects.toThrow()
  })

  test('says who asks, in what may stand in a header', () => {
    expect(ownHeaders('1.2', 'csirt@x.example')['user-agent']).toBe('Siaga/1.2 (+csirt@x.example)')
    expect(ownHeaders('1.2', '')['user-agent']).toBe('Siaga/1.2')
    expect(ownHeaders('', ' (Ruang Ω)\r\nX: y ')['user-agent']).toBe('Siaga (+Ruang X: y)')
  })
})
