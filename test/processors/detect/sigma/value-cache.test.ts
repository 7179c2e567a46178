// Is what was found in repeated values kept, without memory for values that never repeat?
import { expect, test } from 'vitest'
import { type SeenValue, ValueCache } from '../../../../processors/detect/sigma/value-cache.ts'

const seen: SeenValue = { value: 'a', groups: [3, 1], woken: [7], rest: undefined, results: undefined }

test('a value that comes again is known, a long one is not kept', () => {
  const cache = new ValueCache()
  for (const key of ['a', 404, true]) {
    expect(cache.get(key)).toBeUndefined()
    expect(cache.keeps(key)).toBe(true)
    cache.add(key, seen)
    expect(cache.get(key)).toBe(seen)
  }
  expect(cache.keeps('x'.repeat(513))).toBe(false)
  cache.clear()
  expect(cache.get('a')).toBeUndefined()
})

test('where values hardly repeat nothing more is kept, until they are tried again', () => {
  const cache = new ValueCache()
  const visit = (value: string): boolean => {
    if (cache.get(value) !== undefined) return true
    if (cache.keeps(value)) cache.add(value, seen)
    return false
  }
  for (let i = 0; i < 9_000; i += 1) visit(`once ${i}`)
  expect(visit('again')).toBe(false)
  expect(visit('again')).toBe(false)
  for (let i = 0; i < 140_000; i += 1) visit('again')
  expect(visit('again')).toBe(true)
  // Each trial that fails is followed by a longer pause; one that does not fail makes it short again.
  let kept = 0
  const once = (from: number, count: number): void => {
    for (let i = from; i < from + count; i += 1) {
      if (cache.get(`more ${i}`) === undefined && cache.keeps(`more ${i}`)) kept += 1
    }
  }
  for (let i = 0; i < 20_000; i += 1) visit('again')
  once(0, 1_000_000)
  expect(kept).toBeLessThan(3 * 8_192)
  for (let i = 0; i < 2_500_000; i += 1) visit('again')
  expect(visit('again')).toBe(true)
})
