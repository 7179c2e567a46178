import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { Threshold } from '../../../../schemas/alerting.ts'
import { Severity } from '../../../../schemas/detection.ts'
import { Phase } from '../../../../schemas/place.ts'
import { barFor, type Circumstance, phaseWords, severityRank } from '../../../../sinks/alerts/policy/fit.ts'
import { shippedPolicy } from '../../../../sinks/alerts/policy/in-force.ts'
import { type AlertPolicy, policyId } from '../../../../sinks/alerts/policy/policy.ts'
import { laxerThresholds, relaxations } from '../../../../sinks/alerts/policy/relaxations.ts'
import { alwaysAlerts, outageRules, withShipped } from '../../../../sinks/alerts/policy/shipped.ts'

const shipped = shippedPolicy()
const wanted = (changed: Partial<AlertPolicy>): AlertPolicy => ({ ...shipped, ...changed })
const layer = (...thresholds: z.input<typeof Threshold>[]) => thresholds.map((one) => Threshold.parse(one))
const what = (before: AlertPolicy, after: AlertPolicy) => [
  ...new Set(relaxations(before, after).map((one) => one.what)),
]
const by = (before: z.input<typeof Threshold>[], after: z.input<typeof Threshold>[]) =>
  laxerThresholds([layer(...before)], [layer(...after)])

describe('thresholds are laxer', () => {
  test('not for another text with the same meaning', () => {
    expect(
      by(
        [{ score: 30, regions: ['32', '33'] }],
        [
          { score: 30, regions: ['33'] },
          { score: 30, regions: ['32'] },
        ],
      ),
    ).toEqual([])
    // What stands behind one that fits everything is never reached.
    expect(by([{ score: 30 }], [{ score: 30 }, { score: 101, severity: 'none' }])).toEqual([])
    // No finding has a score above 100, and none is below informational.
    expect(by([{ score: 0, severity: 'none' }], [{ score: 101, severity: 'informational' }])).toEqual([])
  })

  test.each<[string, z.input<typeof Threshold>[], z.input<typeof Threshold>[], RegExp]>([
    ['a higher score', [{ score: 30 }], [{ score: 31 }], /score 30/],
    ['a higher severity', [{ score: 80, severity: 'medium' }], [{ score: 80, severity: 'high' }], /severity medium/],
    ['a phase less', [{ score: 0 }], [{ score: 0, phases: ['none'] }], /phase persiapan/],
    ['a region more', [], [{ regions: ['32'], score: 101, severity: 'none' }], /region 32/],
    ['a kind of asset', [], [{ kinds: ['voter-roll'], score: 101, severity: 'none' }], /kind voter-roll/],
    ['one rule', [], [{ rules: ['r-1'], score: 101, severity: 'none' }], /rule r-1/],
    ['a technique', [], [{ attack: ['T1505.003'], score: 101, severity: 'none' }], /T1505\.003/],
    ['patterns', [], [{ patterns: true, score: 90, severity: 'critical' }], /pattern/],
    ['a criticality', [], [{ criticality: ['critical'], score: 101, severity: 'none' }], /criticality critical/],
    ['what a laxer one before it hides', [{ score: 20 }], [{ rules: ['r-1'], score: 90 }, { score: 20 }], /rule r-1/],
  ])('%s', (_why, before, after, says) => {
    const found = by(before, after)
    expect(found.length).toBeGreaterThan(0)
    expect(found[0]).toMatch(says)
    expect(found.length).toBeLessThanOrEqual(20)
  })

  test('not for a stricter one, nor for outages, which no threshold holds back', () => {
    expect(by([], [{ score: 0 }])).toEqual([])
    expect(by([], [{ regions: ['32'], score: 0, severity: 'informational' }])).toEqual([])
    expect(by([], [{ rules: [...outageRules], score: 101, severity: 'none' }])).toEqual([])
  })

  test('where only a finding with two techniques tells them apart', () => {
    const first: z.input<typeof Threshold> = { attack: ['T1003'], score: 10, severity: 'none' }
    const second: z.input<typeof Threshold> = { attack: ['T1005'], score: 90, severity: 'none' }
    expect(by([first, second], [second, first])).toContainEqual(expect.stringContaining('T1003+T1005'))
  })

  test('where there is too much to compare', () => {
    const many = (score: number) =>
      Array.from({ length: 40 }, (_, n) => ({ rules: [`r-${n}`], regions: [`32.${10 + n}`], kinds: [`k-${n}`], score }))
    expect(by(many(50), many(20))).toEqual(['too many circumstances to compare'])
    expect(by(many(50), many(50))).toEqual([])
  })

  test('found as if every finding were judged by both', () => {
    const list = fc.array(
      fc.record({
        phases: fc.subarray(['none', 'kampanye', 'pemungutan'] as const),
        regions: fc.subarray(['32', '32.04', '51']),
        criticality: fc.subarray(['high', 'critical'] as const),
        rules: fc.subarray(['r-1', 'r-2']),
        attack: fc.subarray(['T1190', 'T1505.003']),
        score: fc.constantFrom(0, 30, 75, 100, 101),
        severity: fc.constantFrom(...Severity.options, 'none' as const),
      }),
      { maxLength: 4 },
    )
    // Both sides of every score that a threshold here or a shipped one has.
    const scores = [0, 29, 30, 59, 60, 74, 75, 84, 85, 99, 100]
    const cells: Circumstance[] = phaseWords.flatMap((phase) =>
      ['', '00', '32', '32.01', '32.04', '51'].flatMap((region) =>
        ['', 'high', 'critical'].flatMap((criticality) =>
          ['r-0', 'r-1', 'r-2'].flatMap((rule) =>
            [[], ['T1190'], ['T1505'], ['T1505.003'], ['T1505.003', 'T1190']].flatMap((attack) =>
              [true, false].map((pattern) => ({ phase, region, criticality, kind: '', rule, attack, pattern })),
            ),
          ),
        ),
      ),
    )
    fc.assert(
      fc.property(list, list, (one, other) => {
        const [before, after] = [layer(...one), layer(...other)]
        const [old, now] = [withShipped(before), withShipped(after)]
        const lost = cells.some((it) => {
          const [a, b] = [barFor(old, it), barFor(now, it)]
          return Severity.options.some((severity) =>
            scores.some((score) => {
              const alerts = (bar: typeof a) => score >= bar.score || severityRank(severity) >= bar.severity
              return alerts(a) && !alerts(b) && !alwaysAlerts(it.rule)
            }),
          )
        })
        expect(laxerThresholds([before], [after]).length > 0).toBe(lost)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a policy is laxer', () => {
  test.each<[string, Partial<AlertPolicy>, string[]]>([
    ['with a rule switched off', { disabled: ['r-1'] }, ['disabled']],
    ['without the shipped rules', { shipped: false }, ['shipped']],
    ['when less leaves as findings', { finding_severity: 'high' }, ['finding_severity']],
    [
      'with fewer points',
      { weights: { ...shipped.weights, rule: { ...shipped.weights.rule, high: 44 } } },
      ['weights'],
    ],
    ['with a lower prior', { weights: { ...shipped.weights, prior: -47 } }, ['weights']],
    ['with another address allowed', { allow_list: ['192.0.2.0/24'] }, ['allow_list']],
    ['with a phase without two persons', { two_persons: ['pemungutan'] }, ['two_persons']],
    ['with less', { layers: [layer({ score: 101, severity: 'none' })] }, ['thresholds']],
  ])('%s', (_why, changed, expected) => {
    expect(what(shipped, wanted(changed))).toEqual(expected)
    // And back it is stricter.
    expect(what(wanted(changed), shipped)).toEqual([])
  })

  test('not if it is the same, in another order', () => {
    const one = wanted({ two_persons: [...Phase.options] })
    expect(relaxations(one, { ...one, two_persons: [...Phase.options].reverse() })).toEqual([])
  })

  test('is known by its content', () => {
    expect(policyId(wanted({}))).toBe(policyId(structuredClone(shipped)))
    expect(policyId(wanted({ shipped: false }))).not.toBe(policyId(shipped))
  })
})
