import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alert, AlertStatus, closedStatuses } from '../../../../schemas/alert.ts'
import { Severity } from '../../../../schemas/detection.ts'
import { act } from '../../../../sinks/alerts/lifecycle/act.ts'
import { asksAfter, type Content, unanswered } from '../../../../sinks/alerts/lifecycle/asks.ts'
import { derive } from '../../../../sinks/alerts/lifecycle/verbs.ts'
import { sampleAlert } from './sample.ts'

const rooms = [{ id: 'pusat', region: '00', owner: '', sees: [] }]
const actor = { name: 'Ani', room: 'pusat', region: '00', from: '' }
let count = 0
const doing = (alert: Alert, verb: 'acknowledge' | 'resolve' | 'false_positive' | 'accept', at: number): Alert => {
  count += 1
  const request = { request_id: `q${count}`, actor, verb, reason: 'sebab', assignee: '', other: '' }
  const outcome = act(alert, request, at, { rooms, find: () => undefined })
  if (outcome.kind !== 'ok') throw new Error(outcome.code)
  return outcome.alert
}
/** An alert of high severity, T1110, asked at 5,000; what was done with it at 10,000. */
const states = {
  open: sampleAlert(),
  acknowledged: doing(sampleAlert(), 'acknowledge', 10_000),
  resolved: doing(sampleAlert(), 'resolve', 10_000),
  false_positive: doing(sampleAlert(), 'false_positive', 10_000),
  accepted: doing(sampleAlert(), 'accept', 10_000),
  merged: sampleAlert({ status: 'merged', merged_into: 'b' }),
} as const
const more = (changed: Partial<Content> = {}): Content => ({
  severity: 'high',
  attack: ['T1110'],
  latest: 15_000,
  ...changed,
})
const worse = more({ severity: 'critical' })
const stage = more({ attack: ['T1078', 'T1110'] })
const substage = more({ attack: ['T1110', 'T1110.003'] })

test('a new alert asks', () => {
  const { asks, status, action } = asksAfter(undefined, more(), 20_000)
  expect({ asks, status, action }).toEqual({
    asks: [{ at: 20_000, reason: 'opened', severity: 'high' }],
    status: 'open',
    action: undefined,
  })
})

// What comes after what was done at 10,000, and whether people are asked for it.
test.each([
  ['open', 'more of the same', more(), 'nothing'],
  ['open', 'higher severity', worse, 'severity'],
  ['open', 'a new technique: they have not looked yet', stage, 'nothing'],
  ['acknowledged', 'more of the same', more(), 'nothing'],
  ['acknowledged', 'higher severity', worse, 'severity'],
  ['acknowledged', 'a new technique', stage, 'stage'],
  ['acknowledged', 'another way of the same technique', substage, 'nothing'],
  ['acknowledged', 'a late finding of a new technique', more({ attack: ['T1078', 'T1110'], latest: 1 }), 'stage'],
  ['resolved', 'it happens again', more(), 'reopened'],
  ['resolved', 'a late finding from before', more({ latest: 9_999 }), 'nothing'],
  ['resolved', 'a late finding from before, of a new technique', more({ ...stage, latest: 9_999 }), 'reopened'],
  ['resolved', 'a late finding from before, but more severe', more({ ...worse, latest: 9_999 }), 'reopened'],
  ['false_positive', 'it happens again', more(), 'nothing'],
  ['false_positive', 'higher severity', worse, 'reopened'],
  ['false_positive', 'a new technique', stage, 'reopened'],
  ['accepted', 'it happens again', more(), 'nothing'],
  ['accepted', 'higher severity', worse, 'reopened'],
  ['accepted', 'a new technique', stage, 'reopened'],
  ['merged', 'it happens again', more(), 'nothing'],
  ['merged', 'higher severity', worse, 'reopened'],
  ['merged', 'a new technique', stage, 'reopened'],
] as const)('%s, then %s: %s', (state, _, content, expected) => {
  const before = states[state]
  const { asks, status, action, actions } = asksAfter(before, content, 20_000)
  if (expected === 'nothing') {
    expect([asks, status, action, actions]).toEqual([before.asks, before.status, undefined, before.actions])
    return
  }
  expect(asks).toEqual([...before.asks, { at: 20_000, reason: expected, severity: content.severity }])
  expect(status).toBe(expected === 'reopened' ? 'open' : before.status)
  expect(unanswered({ ...before, asks, status }).at(-1)).toEqual(asks.at(-1))
  if (expected === 'reopened') {
    expect(action).toMatchObject({
      verb: 'reopen',
      from_status: state,
      to_status: 'open',
      actor: { name: 'siaga', room: '' },
    })
    expect(derive(actions).status).toBe('open')
  } else expect(action).toBeUndefined()
})

describe('seen once', () => {
  test('what was acknowledged anew does not ask again, and the work stays where it is', () => {
    const { asks, status, actions } = asksAfter(states.acknowledged, worse, 20_000)
    const asked: Alert = { ...states.acknowledged, severity: 'critical', asks, status, actions }
    expect(asked.status).toBe('acknowledged')
    expect(asksAfter(asked, worse, 21_000).asks).toEqual(asked.asks)
    const seen = doing(asked, 'acknowledge', 22_000)
    expect(unanswered(seen)).toEqual([])
    expect(asksAfter(seen, worse, 23_000).asks).toEqual(seen.asks)
  })

  test('an ask is later than the acknowledgement before it, though it comes in the same millisecond', () => {
    const { asks } = asksAfter(states.acknowledged, worse, 10_000)
    expect(asks.at(-1)?.at).toBe(10_001)
    expect(unanswered({ ...states.acknowledged, asks }).length).toBe(1)
  })
})

test('whatever comes, an unanswered ask asks again only for more severity, and asks stay few and in order', () => {
  const events = fc.array(
    fc.oneof(
      fc.record({
        severity: fc.constantFrom(...Severity.options),
        attack: fc.subarray(['T1110', 'T1110.001', 'T1078', 'T1190']),
        latest: fc.integer({ min: 0, max: 100 }),
      }),
      fc.constantFrom('acknowledge', 'resolve', 'false_positive', 'accept'),
    ),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(events, (all) => {
      let alert = sampleAlert({
        severity: 'low',
        attack: [],
        asks: asksAfter(undefined, more({ severity: 'low' }), 0).asks,
      })
      all.forEach((event, now) => {
        if (typeof event === 'string') {
          if (closedStatuses.has(alert.status)) return
          alert = doing(alert, event, now)
          expect(unanswered(alert)).toEqual([])
          return
        }
        const severity =
          Severity.options[Math.max(...[alert, event].map((one) => Severity.options.indexOf(one.severity)))] ?? 'low'
        const attack = [...new Set([...alert.attack, ...event.attack])].sort()
        const waiting = unanswered(alert)
        const { asks, status, actions } = asksAfter(alert, { severity, attack, latest: event.latest }, now)
        if (waiting.length > 0 && asks.length > alert.asks.length) {
          expect(asks.at(-1)?.reason).toBe('severity')
          expect(severity).not.toBe(waiting.at(-1)?.severity)
        }
        alert = { ...alert, severity, attack, asks, status, actions }
      })
      const times = alert.asks.map(({ at }) => at)
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      expect(alert.asks.length).toBeLessThanOrEqual(20)
      expect(unanswered(alert).length).toBeLessThanOrEqual(Severity.options.length)
      expect(AlertStatus.options).toContain(alert.status)
      expect(derive(alert.actions).status).toBe(alert.status)
    }),
    { numRuns: 500 },
  )
})
