// The same as privacy.test.ts with every writing in every place.
import { expect, test } from 'vitest'
import { plantEverywhere } from './privacy.ts'

test('nothing planted in any place of any format comes out', () => {
  const { count, found } = plantEverywhere(1)
  expect(count).toBeGreaterThan(80_000)
  expect(found.slice(0, 40)).toEqual([])
})
