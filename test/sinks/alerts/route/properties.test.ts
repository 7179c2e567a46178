import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayRead } from '../../../../runtime/scope.ts'
import type { Ask } from '../../../../schemas/alert.ts'
import { Severity } from '../../../../schemas/detection.ts'
import { Weekday } from '../../../../schemas/roster.ts'
import { createRouter, type RoutedAlert } from '../../../../sinks/alerts/route/router.ts'
import { roomOf, settingsOf, testReference } from './watch.ts'

const reference = testReference()
const MINUTE = 60_000
const DAY = 86_400_000
/** The calendar of the tests begins on 2030-01-07; all of its phases and a week more. */
const start = Date.parse('2030-01-06T00:00:00Z')

const time = fc.record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.constantFrom(0, 30) })
const text = ({ hour, minute }: { hour: number; minute: number }) =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
const hours = fc.oneof(
  fc.constant('00:00-24:00'),
  fc.tuple(time, time).map(([from, to]) => `${text(from)}-${text(to)}`),
)
const people = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']
const entry = fc.record({
  days: fc.subarray([...Weekday.options]),
  hours,
  zone: fc.constantFrom('WIB', 'WITA', 'WIT', undefined),
  recipients: fc.subarray(people, { minLength: 1 }),
})
const owners = ['', 'KPU', 'Pemda']
const room = fc.record({
  region: fc.constantFrom('00', '32', '32.73', '73', '73.71', '91.71'),
  roster: fc.array(entry, { maxLength: 3 }),
  owner: fc.constantFrom(...owners),
  sees: fc.subarray(['KPU', 'Pemda']),
})
const rooms = fc
  .array(room, { maxLength: 6 })
  .map((all) => all.map(({ region, roster, owner, sees }, n) => roomOf(`r${n}`, region, roster, { owner, sees })))
const settings = fc
  .record({
    fallback: fc.subarray(['f1', 'f2']),
    repeats: fc.integer({ min: 0, max: 4 }),
    repeat_minutes: fc.constantFrom(0, 1, 60, 600),
    quiet_hours: fc.oneof(fc.constant(''), hours),
    deadlines: fc.record({ high: fc.constantFrom(0, 15, 600), low: fc.constantFrom(5, 480) }),
  })
  .map((changed) => settingsOf([...people, 'f1', 'f2'], changed))
const severity = fc.constantFrom(...Severity.options)
const alerts = fc
  .record({
    region_code: fc.constantFrom('', '00', '32', '32.73', '73.71', '91.71', '99.99'),
    owner: fc.constantFrom(...owners, 'Bawaslu'),
    at: fc.integer({ min: 0, max: 50 * 24 * 60 }).map((minutes) => start + minutes * MINUTE),
    severity,
  })
  .map((one): RoutedAlert & { asks: [Ask] } => ({
    region_code: one.region_code,
    owner: one.owner,
    status: 'open',
    asks: [{ at: one.at, reason: 'opened', severity: one.severity }],
    acknowledged_at: 0,
  }))
const moments = fc.array(fc.integer({ min: 0, max: 20 * DAY }), { minLength: 1, maxLength: 12 })
const sorted = (times: readonly number[]) => [...times].sort((a, b) => a - b)
const keysOf = (pages: readonly { key: string }[]) => pages.map(({ key }) => key)
const runs = { numRuns: 300 }
const forever = start + 400 * DAY

test('what is planned stays planned: keys are unique, and later plans begin with the earlier ones', () => {
  fc.assert(
    fc.property(alerts, rooms, settings, moments, (alert, rooms, settings, times) => {
      const router = createRouter({ settings, rooms, reference })
      let before: readonly string[] = []
      for (const after of sorted(times)) {
        const now = alert.asks[0].at + after
        const { pages, nextAt } = router.plan(alert, now)
        const keys = keysOf(pages)
        expect(new Set(keys).size).toBe(keys.length)
        // One message to a person at one time.
        expect(new Set(pages.map(({ due_at, recipient }) => `${due_at} ${recipient}`)).size).toBe(keys.length)
        expect(keys.slice(0, before.length)).toEqual(before)
        expect(pages.every(({ due_at }) => due_at <= now && due_at >= alert.asks[0].at)).toBe(true)
        if (nextAt !== undefined) {
          expect(nextAt).toBeGreaterThan(now)
          expect(router.plan(alert, nextAt - 1).pages.length).toBe(keys.length)
          expect(router.plan(alert, nextAt).pages.length).toBeGreaterThan(keys.length)
        }
        before = keys
      }
      expect(router.plan(alert, forever).nextAt).toBeUndefined()
    }),
    runs,
  )
})

test('only those are told who may read it and are on duty, and low ones outside of quiet hours', () => {
  fc.assert(
    fc.property(alerts, rooms, settings, (alert, rooms, settings) => {
      const router = createRouter({ settings, rooms, reference })
      for (const page of router.plan(alert, forever).pages) {
        const room = rooms.find(({ id }) => id === page.room)
        if (room === undefined) {
          expect(settings.fallback).toContain(page.recipient)
          continue
        }
        expect(mayRead(room, alert)).toBe(true)
        expect(router.onDuty(room, page.due_at)).toContain(page.recipient)
        if (['low', 'informational'].includes(alert.asks[0].severity))
          expect(isQuiet(settings.quiet_hours, page.due_at, room.region)).toBe(false)
      }
    }),
    runs,
  )
})

test('the centre, or who stands in for it, is told in bounded time of every alert that nobody acknowledges', () => {
  fc.assert(
    fc.property(alerts, rooms, settings, (alert, others, settings) => {
      const always = roomOf('pusat', '00', [{ recipients: ['p1'] }])
      for (const rooms of [[...others, always], others]) {
        // Only the first run has a centre that is always there.
        if (rooms === others && settings.fallback.length === 0) continue
        const router = createRouter({ settings, rooms, reference })
        const { pages } = router.plan(alert, forever)
        const [ask] = alert.asks
        const longest = Math.max(...Object.values(settings.deadlines))
        const waits = ask.severity === 'low' || ask.severity === 'informational' ? 3 * DAY : 0
        const bound = ask.at + 2 * longest * MINUTE + waits
        // One person in two rooms is told once at one time, perhaps for the other.
        const centres = rooms.filter(({ region }) => region === '00')
        const first = pages.find(
          ({ level, recipient, due_at }) =>
            level === 'pusat' || centres.some((room) => router.onDuty(room, due_at).includes(recipient)),
        )
        expect(first?.due_at).toBeLessThanOrEqual(bound)
      }
    }),
    runs,
  )
})

test('no page follows an acknowledgement of its ask', () => {
  fc.assert(
    fc.property(
      alerts,
      rooms,
      settings,
      moments,
      fc.constantFrom('acknowledged', 'in_work', 'resolved', 'merged'),
      (alert, rooms, settings, times, status) => {
        const router = createRouter({ settings, rooms, reference })
        const seen = { at: alert.asks[0].at + (times[0] ?? 0), severity: alert.asks[0].severity, attack: [] }
        const answered: RoutedAlert = { ...alert, status, seen }
        expect(router.plan(answered, forever)).toEqual({ pages: [], nextAt: undefined, unrouted: false })
        const again: Ask = { at: seen.at + 1, reason: 'stage', severity: alert.asks[0].severity }
        if (status === 'resolved' || status === 'merged') return
        const { pages } = router.plan({ ...answered, asks: [...alert.asks, again] }, forever)
        expect(pages.every(({ key, due_at }) => key.startsWith(`ask-${again.at}|`) && due_at >= again.at)).toBe(true)
        // The newer ask climbs as if it was the first.
        const fresh = router.plan({ ...alert, asks: [again] }, forever)
        expect(pages).toEqual(fresh.pages)
      },
    ),
    runs,
  )
})

test('more severity before anybody answered tells no level later than without it', () => {
  fc.assert(
    fc.property(alerts, rooms, settings, moments, severity, (alert, rooms, settings, times, worse) => {
      const [ask] = alert.asks
      fc.pre(Severity.options.indexOf(worse) > Severity.options.indexOf(ask.severity))
      // Nobody is in two rooms: who is told for one of them at a time is not told for the other.
      const apart = rooms.map((room, n) => ({
        ...room,
        roster: room.roster.map((entry) => ({ ...entry, recipients: [`p${n}`] })),
      }))
      const router = createRouter({ settings, rooms: apart, reference })
      const next: Ask = { at: ask.at + 1 + (times[0] ?? 0), reason: 'severity', severity: worse }
      const first = (asks: Ask[], level: string) =>
        router.plan({ ...alert, asks }, forever).pages.find((page) => page.level === level)?.due_at ?? forever
      for (const level of ['kabupaten', 'provinsi', 'pusat']) {
        const without = first([ask], level)
        // What was due before is told again with the newer ask; what was not, no later than it would have been.
        if (without >= next.at) expect(first([ask, next], level)).toBeLessThanOrEqual(without)
      }
    }),
    runs,
  )
})

test('however the engine stands still, every page is settled once, and a room or a person gets one of them at a time', () => {
  fc.assert(
    fc.property(alerts, rooms, settings, moments, (alert, rooms, settings, times) => {
      const router = createRouter({ settings, rooms, reference })
      const made = new Set<string>()
      for (const after of [...sorted(times), 400 * DAY]) {
        const now = alert.asks[0].at + after
        const { pages } = router.plan(alert, now)
        const missing = pages.filter(({ key }) => !made.has(key))
        const { send, settled } = router.settle(pages, made, now)
        expect(settled.filter((key) => made.has(key))).toEqual([])
        expect(new Set(settled).size).toBe(settled.length)
        expect(new Set(send.map(({ recipient }) => recipient)).size).toBe(send.length)
        for (const { room } of send)
          expect(new Set(send.filter((page) => page.room === room).map(({ due_at }) => due_at)).size).toBe(1)
        // Somebody is told whenever somebody is missing.
        if (missing.length > 0 && settled.length === missing.length) expect(send.length).toBeGreaterThan(0)
        for (const key of settled) made.add(key)
        for (const { key } of pages) expect(made.has(key)).toBe(true)
        expect(router.settle(pages, made, now)).toEqual({ send: [], settled: [] })
      }
    }),
    runs,
  )
})

/** Whether the clock of a region shows a time within these hours. Hours of a whole day have no outside. */
function isQuiet(hours: string, ms: number, region: string): boolean {
  const [from = '', to = ''] = hours.split('-')
  if (from === to || hours === '00:00-24:00') return false
  const east = { '00': 7, '32': 7, '73': 8, '91': 9 }[region.slice(0, 2)] ?? 7
  const time = new Date(ms + east * 3_600_000).toISOString().slice(11, 16)
  return from < to ? time >= from && time < to : time >= from || time < to
}
