// Does each region know its phase, the next one and its voting day, at midnight of its own zone?
import { expect, test } from 'vitest'
import { loadReference } from '../../../runtime/reference.ts'
import { calendarOf } from '../../../web/situation/when.ts'

const reference = loadReference({ calendars: ['pilkada-2024'] }, '.')
const at = (text: string): number => Date.parse(text)

test('the day before, the day itself and after, in Jakarta and in Papua', () => {
  const before = calendarOf(reference, '31', at('2024-11-26T12:00:00+07:00'))
  expect(before.phase?.phase).toBe('masa_tenang')
  expect(before.next?.phase).toBe('pemungutan')
  expect(before.voting?.from).toBe(at('2024-11-27T00:00:00+07:00'))
  expect(calendarOf(reference, '91', at('2024-11-26T12:00:00+07:00')).voting?.from).toBe(
    at('2024-11-27T00:00:00+09:00'),
  )
  const day = calendarOf(reference, '31', at('2024-11-27T12:00:00+07:00'))
  expect(day.phase?.phase).toBe('pemungutan')
  expect(day.voted?.from).toBe(at('2024-11-27T00:00:00+07:00'))
  // Jakarta is still a second before its midnight when Papua has voted for two hours.
  const late = at('2024-11-26T23:59:59+07:00')
  expect([calendarOf(reference, '31', late).phase?.phase, calendarOf(reference, '91', late).phase?.phase]).toEqual([
    'masa_tenang',
    'pemungutan',
  ])
})

test('long after, nothing comes, and the open end of the disputes is null', () => {
  const { phase, next, voting, voted } = calendarOf(reference, '31', at('2031-01-01T00:00:00Z'))
  expect([next, voting]).toEqual([null, null])
  expect(voted?.phase).toBe('pemungutan')
  expect(phase === null || phase.to === null).toBe(true)
  expect(calendarOf(reference, '', at('2024-11-27T00:00:00Z'))).toEqual({
    phase: null,
    next: null,
    voting: null,
    voted: null,
  })
})
