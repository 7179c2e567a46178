import { expect, test } from 'vitest'
import { fillingMs } from '../../../sinks/clickhouse/pace.ts'

test('a page goes after the configured time where landing is cheap, at the start, and with few rows', () => {
  expect(fillingMs(400, 20, 1000)).toBe(400)
  expect(fillingMs(400, 0, 1000)).toBe(400)
  expect(fillingMs(400, 300, 100)).toBe(400)
})

test('where inserts take long, a partition lands for an eighth of its time', () => {
  const fills = fillingMs(400, 100, 600)
  expect(fills).toBe(700)
  // One insert of 100 ms while the next page fills.
  expect(100 / (fills + 100)).toBeCloseTo(1 / 8)
})

test('nobody waits for more than three times what is configured', () => {
  expect(fillingMs(400, 60_000, 999)).toBe(1200)
  expect(fillingMs(400, 60_000, 20_000)).toBe(1200)
  expect(fillingMs(20, 60_000, 500)).toBe(60)
})
