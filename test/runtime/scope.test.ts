import { describe, expect, test } from 'vitest'
import { isCentre, mayRead, within } from '../../runtime/scope.ts'

test.each([
  ['32', '32', true],
  ['32.04', '32', true],
  ['32', '32.04', false],
  ['32.04', '32.05', false],
  ['33.04', '32', false],
  ['', '32', false],
  ['', '', false],
  ['32', '00', false],
  ['00', '00', true],
])('%s lies within %s: %s', (region, outer, is) => {
  expect(within(region, outer)).toBe(is)
})

describe('a room', () => {
  const pemda = { region: '32', owner: 'pemda-jabar', sees: [] }
  const kpu = { region: '32', owner: 'kpu', sees: ['bawaslu'] }
  const centre = { region: '00', owner: 'bssn', sees: [] }
  test.each([
    [pemda, { region_code: '32', owner: '' }, true],
    [pemda, { region_code: '32.04', owner: 'pemda-jabar' }, true],
    [pemda, { region_code: '32.04', owner: 'kpu' }, false],
    [pemda, { region_code: '31', owner: '' }, false],
    [pemda, { region_code: '00', owner: '' }, false],
    [pemda, { region_code: '', owner: '' }, false],
    [kpu, { region_code: '32.04', owner: 'bawaslu' }, true],
    [kpu, { region_code: '32.04', owner: 'pemda-jabar' }, false],
    [{ ...kpu, region: '32.04' }, { region_code: '32', owner: 'kpu' }, false],
    [centre, { region_code: '', owner: '' }, true],
    [centre, { region_code: '94.01', owner: 'kpu' }, true],
  ])('%o reads %o: %s', (room, row, may) => {
    expect(mayRead(room, row)).toBe(may)
  })

  test('is of the centre by its region', () => {
    expect([isCentre(centre), isCentre(kpu)]).toEqual([true, false])
  })
})
