// Is what was found in repeated values kept, without memory for values that never repeat?
import { expect, test } from 'vitest'
import { createValueCache } from '../../../../processors/detect/sigma/value-cache.ts'

test('a value that comes again is known, a long one is not kept', () => {
  const cache = createValueCache()
  expect(cache.get('a')).toBeUndefined()
  expect(cache.add('a', [3, 1, 3])?.groups).toEqual([3, 1])
  expect(cache.get('a')?.groups).toEqual([3, 1])
  expect(cache.add('x'.repeat(513), [1])).toBeUndefined()
})

test('where values hardly repeat nothing more is kept, until they are tried again', () => {
  const cache = createValueCache()
  const visit = (value: string): boolean => {
    if (cache.get(value) !== undefined) return true
    cache.add(value, [])
    return false
  }
  for (let i = 0; i < 9_000; i += 1) visit(`once ${i}`)
  expect(visit('again')).toBe(false)
  expect(visit('again')).toBe(false)
  for (let i = 0; i < 140_000; i += 1) visit('again')
  expect(visit('again')).toBe(true)
})
