// Does the queue give what a plain search of all messages would? Compared with one, for any messages and any clock.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHeap } from '../../../../sinks/alerts/deliver/heap.ts'
import { createQueue } from '../../../../sinks/alerts/deliver/queue.ts'
import { notificationOf, T0 } from './rig.ts'

test('a heap sorts', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = createHeap<number>((a, b) => a < b)
      for (const number of numbers) heap.push(number)
      const sorted: number[] = []
      for (let first = heap.pop(); first !== undefined; first = heap.pop()) sorted.push(first)
      expect([sorted, heap.size]).toEqual([numbers.toSorted((a, b) => a - b), 0])
    }),
  )
})

const severities = ['informational', 'low', 'medium', 'high', 'critical'] as const

test('one message an alert: the most severe that is due, then the oldest, whatever the clock does', () => {
  const step = fc.oneof(
    fc.record({
      what: fc.constant('add' as const),
      severity: fc.constantFrom(...severities),
      created: fc.integer({ min: 0, max: 1_000_000 }),
      due: fc.integer({ min: 0, max: 1_000 }),
    }),
    fc.record({ what: fc.constant('clock' as const), to: fc.integer({ min: 0, max: 1_000 }) }),
    fc.record({ what: fc.constant('take' as const), again: fc.option(fc.integer({ min: 0, max: 1_000 })) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = createQueue()
      const left = new Map<string, { rank: number; created: number; due: number }>()
      let now = T0
      for (const [n, one] of steps.entries()) {
        if (one.what === 'clock') now = T0 + one.to
        else if (one.what === 'add') {
          // No two are as old: the search would not know which.
          const created = T0 + one.created * 100 + n
          const id = `n${n}`
          queue.add(notificationOf(id, { severity: one.severity, created, due: T0 + one.due }))
          left.set(id, { rank: severities.indexOf(one.severity), created, due: T0 + one.due })
        } else {
          const expected = [...left]
            .filter(([, { due }]) => due <= now)
            .sort(([, a], [, b]) => b.rank - a.rank || a.created - b.created)[0]?.[0]
          const taken = queue.take(now)
          expect(taken?.notification.notification_id).toBe(expected)
          if (taken === undefined || expected === undefined) continue
          if (one.again === null) {
            queue.end(taken)
            left.delete(expected)
          } else {
            taken.attempts += 1
            taken.due = T0 + one.again
            queue.putBack(taken)
            left.set(expected, { rank: 0, created: 0, ...left.get(expected), due: taken.due })
          }
        }
        expect(queue.size).toBe(left.size)
      }
    }),
    { numRuns: 300 },
  )
})
