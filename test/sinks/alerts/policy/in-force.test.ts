import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import type { Actor } from '../../../../schemas/alert.ts'
import { Threshold } from '../../../../schemas/alerting.ts'
import { Severity } from '../../../../schemas/detection.ts'
import {
  ApprovedPolicy,
  approvePolicy,
  type Guard,
  guardOf,
  shippedPolicy,
  stricterOf,
  wantPolicy,
} from '../../../../sinks/alerts/policy/in-force.ts'
import type { AlertPolicy } from '../../../../sinks/alerts/policy/policy.ts'
import { relaxations } from '../../../../sinks/alerts/policy/relaxations.ts'
import { maySignTogether } from '../../../../sinks/alerts/policy/two-persons.ts'
import { agus, budi, dayOf, reference, rina, siti } from './made.ts'

const shipped = shippedPolicy()
const layer = (...thresholds: z.input<typeof Threshold>[]) => thresholds.map((one) => Threshold.parse(one))
/** When the voting of these tests ends. */
const END = 1_000_000
const calm: Guard = () => 0
const tense: Guard = (phases) => (phases.has('pemungutan') ? END : 0)
const laxer: AlertPolicy = { ...shipped, layers: [layer({ score: 95, severity: 'none' })], disabled: ['r-1', 'r-2'] }
const stricter: AlertPolicy = {
  ...shipped,
  layers: [layer({ score: 20, severity: 'medium' })],
  finding_severity: 'low',
}

describe('outside of the phases', () => {
  test('what is wanted is in force at once', () => {
    expect(wantPolicy(undefined, laxer, calm, 1)).toEqual({ kind: 'policy', in_force: laxer })
  })
})

describe('inside the phases', () => {
  test('what is stricter is in force at once', () => {
    expect(wantPolicy({ kind: 'policy', in_force: shipped }, stricter, tense, 1).in_force).toEqual(stricter)
  })

  test('what is laxer waits, and the old holds', () => {
    const record = wantPolicy({ kind: 'policy', in_force: shipped }, laxer, tense, 7)
    expect(relaxations(shipped, record.in_force)).toEqual([])
    expect(record.in_force.disabled).toEqual([])
    expect(record.waiting).toMatchObject({ policy: laxer, since: 7, approvals: [] })
    expect(new Set(record.waiting?.relaxations.map((one) => one.what))).toEqual(new Set(['thresholds', 'disabled']))
    expect(ApprovedPolicy.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
  })

  test('of a change that is both the stricter part holds at once', () => {
    const both: AlertPolicy = { ...stricter, disabled: ['r-1'] }
    const record = wantPolicy({ kind: 'policy', in_force: shipped }, both, tense, 1)
    expect(record.in_force).toMatchObject({ finding_severity: 'low', disabled: [] })
    expect(relaxations({ ...stricter, disabled: [] }, record.in_force)).toEqual([])
  })

  test('at the first start the shipped policy stands for what was before', () => {
    expect(wantPolicy(undefined, laxer, tense, 1).waiting?.policy).toEqual(laxer)
    expect(wantPolicy(undefined, shipped, tense, 1)).toEqual({ kind: 'policy', in_force: shipped, guarded_until: END })
  })

  test('taking a phase out of two_persons does not open the door', () => {
    const sly: AlertPolicy = { ...laxer, two_persons: [] }
    expect(wantPolicy({ kind: 'policy', in_force: shipped }, sly, tense, 1).in_force.two_persons).toEqual(
      shipped.two_persons,
    )
  })

  test('asked again it is the same; taken back nothing waits; behind the phases it is in force', () => {
    const record = wantPolicy({ kind: 'policy', in_force: shipped }, laxer, tense, 1)
    expect(wantPolicy(record, laxer, tense, 99)).toEqual(record)
    expect(wantPolicy(record, shipped, tense, 99).waiting).toBeUndefined()
    expect(wantPolicy(record, laxer, calm, END)).toEqual({ kind: 'policy', in_force: laxer })
  })

  test('a calendar that is taken away does not open the door, and is itself something to agree on', () => {
    const before = wantPolicy(undefined, shipped, tense, 1)
    const without = wantPolicy(before, laxer, calm, 2)
    expect(relaxations(shipped, without.in_force)).toEqual([])
    expect(without.waiting?.relaxations).toContainEqual({
      what: 'two_persons',
      detail: 'no calendar names the phase any more that was to last until 1970-01-01T00:16:40.000Z',
    })
    // Who agreed to the one while the calendar was there has not agreed to the other.
    const waits = wantPolicy(before, laxer, tense, 2)
    const signed = approvePolicy(waits, waits.waiting?.id ?? '', budi)
    if (signed.kind !== 'waits') throw new Error(signed.kind)
    expect(wantPolicy(signed.record, laxer, calm, 3).waiting?.approvals).toEqual([])
    // With nothing else changed it waits too, until two have agreed that the phase is over.
    const alone = wantPolicy(before, shipped, calm, 2)
    const one = approvePolicy(alone, alone.waiting?.id ?? '', budi)
    const two = one.kind === 'waits' ? approvePolicy(one.record, alone.waiting?.id ?? '', rina) : one
    expect(two).toMatchObject({ kind: 'in_force', record: { in_force: shipped } })
    if (two.kind !== 'in_force') throw new Error(two.kind)
    expect(wantPolicy(two.record, laxer, calm, 3)).toEqual({ kind: 'policy', in_force: laxer })
  })

  test('what two agreed to leaves the next change guarded, also when the calendar goes in the same moment', () => {
    const waits = wantPolicy(undefined, { ...shipped, disabled: ['r-1'] }, tense, 1)
    const one = approvePolicy(waits, waits.waiting?.id ?? '', budi)
    const two = one.kind === 'waits' ? approvePolicy(one.record, waits.waiting?.id ?? '', rina) : one
    if (two.kind !== 'in_force') throw new Error(two.kind)
    expect(wantPolicy(two.record, laxer, calm, 2).in_force.disabled).toEqual(['r-1'])
  })

  test('they last as long as they follow on each other, in the region where that is longest', () => {
    const guard = guardOf(reference, dayOf.masa_tenang)
    // West of it midnight comes later: the 17th of December begins at 17:00 UTC in WIB.
    expect(guard(new Set(shipped.two_persons))).toBe(Date.parse('2024-12-16T17:00:00Z'))
    expect(guard(new Set(['masa_tenang']))).toBe(Date.parse('2024-11-26T17:00:00Z'))
    expect(guard(new Set(['sengketa']))).toBe(0)
    expect(guardOf(reference, dayOf.none)(new Set(shipped.two_persons))).toBe(0)
  })
})

describe('two persons', () => {
  const record = wantPolicy({ kind: 'policy', in_force: shipped }, laxer, tense, 1)
  const id = record.waiting?.id ?? ''
  /** Signs one behind the other; the last answer. */
  const sign = (...actors: Actor[]) => {
    let at = record
    let answer = approvePolicy(at, id, siti)
    for (const actor of actors) {
      answer = approvePolicy(at, id, actor)
      if (answer.kind !== 'refused') at = answer.record
    }
    return answer
  }

  test.each<[string, Actor[], string]>([
    ['one', [budi], 'waits'],
    ['two, one at the centre', [siti, budi], 'in_force'],
    ['two at the centre', [budi, rina], 'in_force'],
    ['two, none at the centre', [siti, agus], 'waits'],
    ['a third, at the centre', [siti, agus, rina], 'in_force'],
    ['the same twice', [budi, budi], 'refused'],
    ['the same key under another name', [budi, { ...rina, key: budi.key }], 'refused'],
    ['Siaga itself', [{ ...budi, room: '' }], 'refused'],
    ['one, and whoever is at the machine', [budi, { ...rina, name: 'operator' }], 'refused'],
    ['one, and a key without a name', [budi, { ...rina, name: String(rina.key) }], 'refused'],
  ])('%s', (_who, actors, kind) => {
    expect(sign(...actors).kind).toBe(kind)
  })

  test('agree to what they have seen', () => {
    expect(approvePolicy(record, 'another', budi)).toEqual({ kind: 'refused', reason: 'other_policy' })
    const answer = sign(siti, budi)
    expect(answer).toEqual({
      kind: 'in_force',
      record: { kind: 'policy', in_force: laxer, guarded_until: END },
      by: [siti, budi],
    })
    const signed = approvePolicy(record, id, siti)
    const other: AlertPolicy = { ...laxer, disabled: ['r-1', 'r-2', 'r-3'] }
    if (signed.kind !== 'waits') throw new Error('not signed')
    expect(wantPolicy(signed.record, laxer, tense, 2).waiting?.approvals).toEqual([siti])
    expect(wantPolicy(signed.record, other, tense, 2).waiting?.approvals).toEqual([])
  })
})

test('a laxer policy is never in force unapproved inside the phases that the policy in force or the wanted one names', () => {
  const policy = fc
    .record({
      thresholds: fc.array(
        fc.record({
          phases: fc.subarray(['none', 'pemungutan'] as const),
          rules: fc.subarray(['r-1', 'r-2']),
          score: fc.constantFrom(0, 30, 75, 101),
          severity: fc.constantFrom('medium' as const, 'high' as const, 'none' as const),
        }),
        { maxLength: 3 },
      ),
      disabled: fc.subarray(['r-1', 'r-2', 'r-3']),
      finding_severity: fc.constantFrom(...Severity.options),
      prior: fc.constantFrom(-50, -46, -30),
      high: fc.constantFrom(40, 45, 50),
      two_persons: fc.subarray(['masa_tenang', 'pemungutan'] as const),
    })
    .map(({ thresholds, disabled, finding_severity, prior, high, two_persons }): AlertPolicy => {
      const weights = { ...shipped.weights, prior, rule: { ...shipped.weights.rule, high } }
      return { ...shipped, layers: [layer(...thresholds)], disabled, finding_severity, weights, two_persons }
    })
  const step = fc.oneof(
    { weight: 3, arbitrary: policy.map((wanted) => ({ wanted })) },
    { weight: 2, arbitrary: fc.constantFrom(siti, budi, rina, agus).map((actor) => ({ actor })) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let record: ApprovedPolicy = { kind: 'policy', in_force: shipped }
      for (const [n, one] of steps.entries()) {
        const before = record
        if ('wanted' in one) record = wantPolicy(record, one.wanted, tense, n)
        else {
          const answer = approvePolicy(record, record.waiting?.id ?? '', one.actor)
          if (answer.kind === 'in_force') {
            expect(before.waiting?.approvals.some((other) => maySignTogether(other, one.actor))).toBe(true)
            expect(answer.record.in_force).toEqual(before.waiting?.policy)
            record = answer.record
            continue
          }
          if (answer.kind === 'waits') record = answer.record
        }
        const guards = [before.in_force, 'wanted' in one ? one.wanted : before.in_force]
        if (!guards.some(({ two_persons }) => two_persons.includes('pemungutan'))) continue
        // Nothing that was let through before is held back now.
        expect(relaxations(before.in_force, record.in_force)).toEqual([])
      }
    }),
    { numRuns: 60 },
  )
})

test('the stricter of two lets through what either does, whichever is first', () => {
  for (const one of [stricterOf(laxer, stricter), stricterOf(stricter, laxer)]) {
    expect([relaxations(laxer, one), relaxations(stricter, one)]).toEqual([[], []])
    expect(one.layers).toHaveLength(1)
  }
})
