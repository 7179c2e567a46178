// Is what correlations remember found again, and only as much looked at as is asked for?
import { expect, test } from 'vitest'
import { CorrelationState, type FiredWindow, recordKey, StateRecord } from '../../../processors/correlate/state.ts'
import { DAY, HOUR, T0 } from './rig.ts'

const windowAt = (start: number, group: string, length = HOUR): FiredWindow => ({
  kind: 'window',
  rule: 'r',
  group: [group],
  start,
  end: start + length,
  at: start + 5,
  carried: [],
  event: 'e',
  region: '',
  owner: '',
  asset: '',
  score: 0,
  source: '',
})

test('windows are found by time and group, whichever day they began on', () => {
  const state = new CorrelationState()
  const windows = [0, 1, 2, 400].map((day) => windowAt(T0 + day * DAY, 'a'))
  const long = windowAt(T0 - 30 * DAY, 'b', 31 * DAY)
  for (const record of [...windows, long]) state.apply({ record })
  const span = (from: number, to: number) => [{ from, to }]
  expect(new Set(state.windows('r', span(T0, T0 + HOUR)))).toEqual(new Set([long, windows[0]]))
  expect(state.windows('r', span(T0, T0 + HOUR), ['a'])).toEqual([windows[0]])
  expect(state.windows('r', span(T0 + DAY + HOUR, T0 + DAY + HOUR), ['a'])).toEqual([windows[1]])
  expect(state.windows('r', span(T0 + DAY + HOUR + 1, T0 + 2 * DAY - 1), ['a'])).toEqual([])
  expect(state.windows('r', span(T0 - 100 * DAY, T0 + 1_000 * DAY))).toHaveLength(5)
  expect(state.windows('other', span(0, 2 * T0))).toEqual([])
})

test('what is forgotten is gone from every look, and old records are named for it', () => {
  const state = new CorrelationState()
  const [old, young] = [windowAt(T0 - DAY, 'a'), windowAt(T0, 'a')]
  const value: StateRecord = {
    kind: 'seen',
    rule: 'r',
    group: ['a'],
    value: 'ID',
    first: T0 - 9 * DAY,
    last: T0 - 2 * DAY,
  }
  const progress: StateRecord = { kind: 'progress', stream: 's', partition: 0, offset: 1, landed: 1, received: 1 }
  for (const record of [old, young, value, progress]) state.apply({ record })
  expect(state.olderThan(T0 - HOUR)).toEqual([old, value])
  for (const record of state.olderThan(T0 - HOUR)) state.apply({ record, removed: true })
  expect(state.windows('r', [{ from: 0, to: 2 * T0 }])).toEqual([young])
  expect(state.seen('r', ['a']).size).toBe(0)
  expect(state.progress).toEqual([progress])
  expect(state.size).toBe(2)
})

test('records of different rules, groups and values never share a key', () => {
  const of = (rule: string, ...group: string[]) => recordKey({ ...windowAt(T0, ''), rule, group })
  const keys = [of('r', 'a', 'b'), of('r', 'a,b'), of('r', 'a"', '"b'), of('r', ''), of('r'), of('q', 'a', 'b')]
  expect(new Set(keys).size).toBe(keys.length)
})

test('a record survives the topic', () => {
  expect(StateRecord.parse(JSON.parse(JSON.stringify(windowAt(T0, "o'k"))))).toEqual(windowAt(T0, "o'k"))
})
