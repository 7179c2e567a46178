import { expect, test } from 'vitest'
import { mayRead } from '../../runtime/scope.ts'

test.each([
  ['00', '', '', 'KPU', true],
  ['00', '', '00', '', true],
  ['32', 'Pemda', '', '', false],
  ['32', 'Pemda', '00', '', false],
  ['32', 'Pemda', '32', '', true],
  ['32', 'Pemda', '32.73', 'Pemda', true],
  ['32', 'Pemda', '32.73', 'KPU', true],
  ['32', 'Pemda', '32.73', 'Bawaslu', false],
  ['32', 'Pemda', '33.73', '', false],
  ['32.73', 'Pemda', '32', '', false],
  ['32.73', 'Pemda', '32.01', '', false],
  ['32.73', '', '32.73', 'Pemda', false],
])('a room of %s, owner %j, that sees KPU: region %j, owner %j: %s', (region, owner, region_code, of, expected) => {
  expect(mayRead({ region, owner, sees: ['KPU'] }, { region_code, owner: of })).toBe(expected)
})
