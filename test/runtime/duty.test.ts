import { describe, expect, test } from 'vitest'
import { dutySchedule } from '../../runtime/duty.ts'
import { localTime, readLocalTime } from '../../runtime/local-time.ts'
import { loadReference } from '../../runtime/reference.ts'
import { Config } from '../../schemas/config.ts'

const reference = loadReference({ calendars: ['pilkada-2024'] }, '.')
const settings = Config.parse({}).reports
const of = (region: string, changed: Partial<typeof settings> = {}) =>
  dutySchedule({ region }, { ...settings, ...changed }, reference)
const at = (text: string) => Date.parse(text)
const DAY = 86_400_000

describe.each([
  ['32', 'WIB', 7],
  ['73.71', 'WITA', 8],
  ['91', 'WIT', 9],
] as const)('region %s (%s)', (region, zone, hours) => {
  const local = (text: string) => at(`${text}Z`) - hours * 3_600_000
  const times = (from: string, to: string) =>
    of(region)
      .between(local(from), local(to))
      .map((due) => localTime(due.at, zone))

  test('is due at 20:00 of its own clock', () => {
    expect(times('2024-11-19T00:00:00', '2024-11-21T00:00:00')).toEqual([
      `2024-11-19 20:00:00 ${zone}`,
      `2024-11-20 20:00:00 ${zone}`,
    ])
  })

  test('is due every three hours of its own voting day, midnight at its end included, and not at 20:00', () => {
    expect(times('2024-11-26T12:00:00', '2024-11-28T21:00:00')).toEqual([
      `2024-11-26 20:00:00 ${zone}`,
      ...['03', '06', '09', '12', '15', '18', '21'].map((hour) => `2024-11-27 ${hour}:00:00 ${zone}`),
      `2024-11-28 00:00:00 ${zone}`,
      `2024-11-28 20:00:00 ${zone}`,
    ])
  })
})

test('each moment counts for the nearest due time, and for one only', () => {
  const duty = of('32')
  const all = duty.between(at('2024-11-20T00:00:00Z'), at('2024-12-02T00:00:00Z'))
  for (const [n, due] of all.entries()) {
    expect(due.until - due.at).toBe(30 * 60_000)
    expect(due.until).toBeLessThanOrEqual(all[n + 1]?.after ?? Number.POSITIVE_INFINITY)
    expect(duty.nearest(due.after + 1)?.at).toBe(due.at)
    expect(duty.nearest(due.until)?.at).toBe(due.at)
    expect(duty.nearest(due.after)?.at).not.toBe(due.at)
  }
  // Nine in the evening is late for 20:00, not early for tomorrow.
  expect(duty.nearest(at('2024-11-20T14:00:00Z'))?.at).toBe(at('2024-11-20T13:00:00Z'))
})

test('between() joins without a gap and without a repeat, however it is cut', () => {
  const duty = of('73.71')
  const from = at('2024-11-20T00:00:00Z')
  const whole = duty.between(from, from + 14 * DAY)
  for (const step of [10_000_000, 3_600_000, DAY, 1_234_567]) {
    const parts = []
    for (let t = from; t < from + 14 * DAY; t += step)
      parts.push(...duty.between(t, Math.min(t + step, from + 14 * DAY)))
    expect(parts).toEqual(whole)
  }
})

test('settings: another time, other hours, a grace that two due times cannot share, only in an election', () => {
  const day = [at('2024-11-19T17:00:00Z'), at('2024-11-20T17:00:00Z')] as const
  const vote = [at('2024-11-26T17:00:00Z'), at('2024-11-27T17:00:00Z')] as const
  expect(of('32', { nihil_time: '07:30' }).between(...day)).toMatchObject([{ at: at('2024-11-20T00:30:00Z') }])
  expect(of('32', { voting_day_hours: 1 }).between(...vote)).toHaveLength(24)
  expect(of('32', { voting_day_hours: 24 }).between(...vote)).toMatchObject([{ at: vote[1], votingDay: true }])
  for (const due of of('32', { voting_day_hours: 1, grace_minutes: 240 })
    .between(...vote)
    .slice(0, -1))
    expect(due.until - due.at).toBe(30 * 60_000)
  expect(of('32', { days: 'election' }).between(...day)).toHaveLength(1)
  const summer = [at('2025-07-01T00:00:00Z'), at('2025-07-03T00:00:00Z')] as const
  expect(of('32').between(...summer)).toHaveLength(2)
  expect(of('32', { days: 'election' }).between(...summer)).toEqual([])
  expect(of('32', { days: 'election' }).nearest(summer[0])).toBeUndefined()
})

test.each([
  ['2024-11-27 08:00', '2024-11-27T00:00:00Z'],
  ['2024-11-27T08:00:30', '2024-11-27T00:00:30Z'],
  ['2024-11-27 08:00 WIB', '2024-11-27T01:00:00Z'],
  ['2024-11-27 08:00:00 wit', '2024-11-26T23:00:00Z'],
  ['2024-11-27 08:00Z', '2024-11-27T08:00:00Z'],
  ['2024-11-27T08:00:00.250+07:00', '2024-11-27T01:00:00.250Z'],
  ['2024-11-27 08:00 -0330', '2024-11-27T11:30:00Z'],
])('%s is read in WITA', (text, expected) => {
  expect(readLocalTime(text, 'WITA')).toBe(at(expected))
})

test.each([
  '',
  'kemarin',
  '27-11-2024 08:00',
  '2024-11-31 08:00',
  '2024-02-30T08:00',
  '2024-11-27 25:00',
  '2024-11-27',
])('%s is no time', (text) => {
  expect(readLocalTime(text, 'WIB')).toBeUndefined()
})
