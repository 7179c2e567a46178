import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NoticeState } from '../../../../schemas/notice.ts'
import { bandung, finding, HOUR, room, type sent as Sent, sent, siaga } from './rig.ts'

type Made = ReturnType<typeof Sent>

const deed = fc.oneof(
  fc.record({
    do: fc.constant('press' as const),
    what: fc.constantFrom('received', 'answer', 'fixed'),
    text: fc.constantFrom('', 'a', 'b'),
    contact: fc.constantFrom(0, 1),
  }),
  fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(0.1, 1, 12, 30, 100) }),
  fc.record({ do: fc.constant('find' as const), ago: fc.constantFrom(0, 1, 24) }),
  fc.record({ do: fc.constant('verify' as const), person: fc.boolean(), stale: fc.boolean() }),
  fc.record({ do: fc.constant('withdraw' as const), may: fc.boolean() }),
  fc.record({ do: fc.constant('make' as const) }),
)
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

function act(made: Made, one: Deed): void {
  switch (one.do) {
    case 'press':
      made.press(one.what, one.text, one.contact)
      break
    case 'wait':
      made.tick(one.hours * HOUR)
      break
    case 'find':
      made.findings([finding(made.now() - one.ago * HOUR)])
      break
    case 'verify':
      made.ask({
        what: 'verified',
        actor: one.person ? bandung : siaga,
        text: one.person ? 'dilihat sendiri' : '',
        fixed_at: one.stale ? 1 : (made.notice()?.fixed_at ?? 0),
      })
      break
    case 'withdraw':
      made.ask({ what: 'withdraw', text: 'keliru', actor: one.may ? bandung : room('lampung', '18') })
      break
    case 'make':
      made.ask({ what: 'make' })
      break
  }
}

/** Written down by hand, apart from the table of the code: where each state may lead. */
const allowed: Readonly<Record<NoticeState, readonly NoticeState[]>> = {
  sent: ['received', 'answered', 'fixed', 'withdrawn'],
  received: ['answered', 'fixed', 'withdrawn'],
  answered: ['fixed', 'withdrawn'],
  fixed: ['verified', 'failed_check', 'withdrawn'],
  failed_check: ['fixed', 'withdrawn'],
  verified: [],
  withdrawn: [],
}

test('whatever is done in whatever order, states move forward only, and a step is a row', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 25 }), (deeds) => {
      const made = sent()
      const states = new Map(made.notices().map(({ notice_id, state }) => [notice_id, state]))
      for (const one of deeds) {
        act(made, one)
        for (const { notice_id, state, ended_at } of made.notices()) {
          const before = states.get(notice_id)
          if (before !== undefined && before !== state) expect(allowed[before]).toContain(state)
          expect(ended_at > 0).toBe(state === 'verified' || state === 'withdrawn')
          states.set(notice_id, state)
        }
      }
      for (const { notice_id, version } of made.notices()) {
        const rows = made.log.filter((entry) => entry.kind === 'notice' && entry.notice.notice_id === notice_id)
        expect(rows).toHaveLength(version)
      }
    }),
    { numRuns: 150 },
  )
})

test('an engine that is stopped and restored after every step does the same as one that is not', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 20 }), (deeds) => {
      const [steady, restarted] = [sent(), sent()]
      for (const one of deeds) {
        act(steady, one)
        act(restarted, one)
        restarted.restart()
      }
      const about = (made: Made) => [
        made.notices(),
        made.offers.filter(({ notice }) => notice !== undefined),
        made.log.filter(({ kind }) => kind === 'notice'),
      ]
      expect(about(restarted)).toEqual(about(steady))
    }),
    { numRuns: 80 },
  )
})

test('nobody of the owner is reminded after somebody has pressed anything, unless a check has failed', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 20 }), (deeds) => {
      const made = sent()
      let pressed = false
      for (const one of deeds) {
        const before = made.offers.length
        act(made, one)
        const told = made.offers.slice(before).filter(({ notice }) => notice?.contact !== undefined)
        if (pressed && one.do !== 'make') for (const { notice } of told) expect(notice?.state).toBe('failed_check')
        if (one.do === 'make' && told.length > 0) pressed = false
        if (one.do === 'press' && (one.what !== 'answer' || one.text !== '')) pressed = true
      }
    }),
    { numRuns: 150 },
  )
})

test('no message is made twice', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 25 }), (deeds) => {
      const made = sent()
      for (const one of deeds) {
        act(made, one)
        made.restart()
        made.tick(0)
      }
      const ids = made.offers.map(({ notification_id }) => notification_id)
      expect(new Set(ids).size).toBe(ids.length)
    }),
    { numRuns: 80 },
  )
})
