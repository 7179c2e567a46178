// What holds for any messages, any answers, restarts at any moment? Each ends once, numbers go up, no message is sent twice at one time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Severity } from '../../../../schemas/detection.ts'
import type { SendOutcome } from '../../../../sinks/alerts/channels/channel.ts'
import { createClock, createKeeper, createRig, delivered, failed, notificationOf, scripted, T0 } from './rig.ts'

const HOUR = 3_600_000
const severities: readonly Severity[] = ['informational', 'low', 'medium', 'high', 'critical']
const outcome: fc.Arbitrary<SendOutcome> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(delivered) },
  { weight: 4, arbitrary: fc.constant(failed) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 0, max: 120_000 })
      .map((retryAfterMs): SendOutcome => ({ kind: 'retry', detail: 'HTTP 429', retryAfterMs })),
  },
  { weight: 1, arbitrary: fc.constant<SendOutcome>({ kind: 'refused', detail: 'HTTP 400' }) },
)
const message = fc.record({
  channel: fc.constantFrom('a', 'b'),
  alert: fc.constantFrom('x', 'y', 'z'),
  recipient: fc.constantFrom('p', 'q'),
  severity: fc.constantFrom(...severities),
  created: fc.integer({ min: 0, max: 60_000 }),
  quiet: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: HOUR }) },
  ),
})

test('every message ends once; attempts count up; of one alert the order is kept; restarts lose nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 25 }),
      fc.array(outcome, { minLength: 1, maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 30 * 60_000 }), { maxLength: 3 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 1, maxLength: 10 }),
      async (messages, outcomes, restarts, concurrency, randoms) => {
        let n = 0
        let r = 0
        const channel = scripted(() => outcomes[n++ % outcomes.length] ?? delivered)
        const random = () => randoms[r++ % randoms.length] ?? 0
        const clock = createClock(T0)
        const keeper = createKeeper()
        const senders = { a: channel.sender, b: channel.sender }
        const begin = () => createRig(senders, { concurrency, give_up_hours: 2 }, { clock, keeper, random })
        let rig = begin()
        const all = messages.map(({ created, quiet, ...given }, id) =>
          notificationOf(`n${id}`, {
            ...given,
            created: T0 + created,
            due: T0 + 60_000 + quiet,
          }),
        )
        rig.offer(...all)
        for (const ms of restarts) {
          await rig.pass(ms)
          await rig.dispatcher.close()
          rig = begin()
          for (const notification of keeper.pending.values()) rig.dispatcher.offer(notification)
        }
        await rig.pass(6 * HOUR)
        expect(rig.dispatcher.waiting).toBe(0)
        expect([...keeper.ended.keys()].sort()).toEqual(all.map((one) => one.notification_id).sort())
        for (const states of keeper.ended.values()) expect(states.length).toBe(1)
        for (const { notification_id: id } of all) {
          const own = keeper.attempts.filter((attempt) => attempt.notification_id === id)
          expect(own.map(({ attempt }) => attempt)).toEqual(own.map((_, nth) => nth + 1))
          expect(own.slice(0, -1).every((attempt) => attempt.outcome === 'retry')).toBe(true)
        }
        // What was due from the beginning of one alert, to one recipient, by one channel: each ends before the next begins.
        const prompt = all.filter((_, id) => messages[id]?.quiet === 0)
        for (const one of prompt)
          for (const other of prompt) {
            if (one.alert_id !== other.alert_id || one.recipient !== other.recipient || one.channel !== other.channel)
              continue
            if (one.created_at >= other.created_at) continue
            const end = keeper.attempts.findLastIndex(({ notification_id }) => notification_id === one.notification_id)
            const start = keeper.attempts.findIndex(({ notification_id }) => notification_id === other.notification_id)
            expect(end).toBeLessThan(start)
          }
      },
    ),
    { numRuns: 150 },
  )
}, 120_000)
