import { describe, expect, test } from 'vitest'
import { acceptFacet, acceptLevel, emptyFacet, emptyLevel, learn, learnLevel } from '../../../ingest/probe/learn.ts'

const DAY = 86_400
const at = (seconds: number, first = false) => ({ at: 1_732_000_000 + seconds, first, adoptSeconds: DAY })

/** Learns one probe after the other; answers what was new in each. */
function facet(known: string[]) {
  let state = learn(emptyFacet(), known, at(0, true)).facet
  return {
    state: () => state,
    probe(seconds: number, ...values: string[]) {
      const learned = learn(state, values, at(seconds))
      state = learned.facet
      return learned.fresh
    },
  }
}

describe('a value', () => {
  test('that was there in the first probes is known', () => {
    const { probe } = facet(['a', 'b'])
    expect(probe(300, 'a')).toEqual([])
    expect(probe(600, 'b', 'b')).toEqual([])
    expect(probe(900, 'c', 'a', 'c')).toEqual(['c'])
  })

  test('that stays becomes known when its time is over, not before', () => {
    const { probe } = facet(['a'])
    expect(probe(1000, 'b')).toEqual(['b'])
    expect(probe(1000 + DAY - 1, 'b')).toEqual(['b'])
    expect(probe(1000 + DAY, 'b')).toEqual([])
    expect(probe(1001 + DAY, 'b')).toEqual([])
  })

  test('that was there for a moment is as new as ever a day later, at the very first look', () => {
    const { probe } = facet(['a'])
    expect(probe(0, 'b')).toEqual(['b'])
    for (let n = 1; n < 30; n++) probe(n * 60, 'a')
    expect(probe(DAY, 'b')).toEqual(['b'])
    // And its time begins again.
    for (let n = 1; n < 30; n++) probe(DAY + n * 60, 'a')
    expect(probe(DAY + 3600, 'b')).toEqual(['b'])
    expect(probe(2 * DAY, 'b')).toEqual(['b'])
  })

  test('that takes turns with others becomes known', () => {
    const { probe } = facet(['a'])
    for (let n = 0; n < 12; n++) probe(n * 7200, ...(n % 4 === 0 ? ['b'] : ['a']))
    expect(probe(DAY, 'b')).toEqual([])
  })

  test('that nobody has seen for long is forgotten', () => {
    const { probe } = facet(['a', 'b'])
    for (let day = 1; day < 60; day++) probe(day * DAY, 'b')
    expect(probe(60 * DAY, 'a', 'b')).toEqual(['a'])
  })

  test('is one of so many: ever new ones leave no more behind, and cut', () => {
    const { probe, state } = facet(['a'])
    for (let n = 0; n < 1500; n++) probe(n, 'a', `${n}${'x'.repeat(1000)}`)
    expect(state().waiting.length).toBeLessThanOrEqual(300)
    expect(Math.max(...state().waiting.map(([value]) => value.length))).toBeLessThanOrEqual(300)
    expect(probe(2000, 'a')).toEqual([])
  })

  test('of the last probe becomes known at once where people say so, those of before do not', () => {
    const { probe, state } = facet(['a'])
    probe(10, 'old')
    probe(20, 'new')
    const accepted = acceptFacet(state(), at(20).at)
    expect(learn(accepted, ['new', 'a'], at(30)).fresh).toEqual([])
    expect(learn(accepted, ['old'], at(30)).fresh).toEqual(['old'])
  })

  test('without a time to wait is known at once', () => {
    const { facet: known } = learn(emptyFacet(), ['a'], at(0, true))
    expect(learn(known, ['b'], { at: 1, first: false, adoptSeconds: 0 }).fresh).toEqual([])
  })
})

describe('a number', () => {
  test('may grow and not leap, until it has stayed', () => {
    let level = learnLevel(emptyLevel(), 10, 5, at(0, true)).level
    const probe = (seconds: number, value: number) => {
      const learned = learnLevel(level, value, 5, at(seconds))
      level = learned.level
      return learned.leapt
    }
    expect([probe(1, 12), probe(2, 25), probe(3, 55)]).toEqual([false, false, false])
    expect(probe(4, 116)).toBe(true)
    expect(acceptLevel(level)).toEqual({ usual: 116 })
    expect(probe(5, 50)).toBe(false)
    expect(probe(6, 500)).toBe(true)
    expect(probe(6 + DAY - 1, 500)).toBe(true)
    expect(probe(6 + DAY, 500)).toBe(false)
    expect(probe(7 + DAY, 900)).toBe(false)
  })
})
