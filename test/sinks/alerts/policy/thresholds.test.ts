import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { Threshold } from '../../../../schemas/alerting.ts'
import { Severity } from '../../../../schemas/detection.ts'
import { ScoreWeights } from '../../../../schemas/score.ts'
import { alwaysAlerts, outageRules, shippedThresholds } from '../../../../sinks/alerts/policy/shipped.ts'
import { createThresholds } from '../../../../sinks/alerts/policy/thresholds.ts'
import { dayOf, finding, reference } from './made.ts'

const assets = (['low', 'medium', 'high', 'critical'] as const).map((criticality) => {
  return { id: criticality, criticality, kind: criticality === 'high' ? 'vpn' : 'web' }
})
const judgeBy = (...thresholds: z.input<typeof Threshold>[]) =>
  createThresholds({ layers: [thresholds.map((one) => Threshold.parse(one))], assets, reference }).judge
const shipped = judgeBy()

/** Rules of this repository by id. */
const RuleHead = z.object({ id: z.string(), level: Severity, tags: z.array(z.string()).default([]) })
const rulesDir = join(import.meta.dirname, '../../../../rules')
const rules = readdirSync(rulesDir, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yml') && !/\.(?:cases|words)\.yml$/.test(file))
  .map((file) => ({ file, ...RuleHead.parse(parse(readFileSync(join(rulesDir, file), 'utf8'))) }))

/** Score of one rule on one event, as processors/score sums it up. */
const weights = ScoreWeights.parse({})
type Phase = keyof typeof dayOf
function scoreOf(severity: Severity, criticality: '' | keyof typeof weights.asset, phase: Phase, more = 0): number {
  const points =
    weights.prior +
    weights.rule[severity] +
    (criticality === '' ? 0 : weights.asset[criticality]) +
    (phase === 'none' ? 0 : weights.phase[phase]) +
    more
  return Math.round(100 / (1 + Math.exp(-points / 10)))
}

describe('outages', () => {
  test('are those rules that carry the tag siaga.outage, and no others', () => {
    const tagged = rules.filter(({ tags }) => tags.includes('siaga.outage')).map(({ id }) => id)
    expect(tagged.length).toBeGreaterThan(5)
    expect(new Set(tagged)).toEqual(outageRules)
  })

  test.each([...outageRules, 'siaga-silence-source', 'siaga-collector', 'siaga-outage-x', 'siaga-web-flood-outage'])(
    '%s alerts whatever the threshold, in every phase',
    (rule_id) => {
      const judge = judgeBy({ score: 101, severity: 'none' })
      for (const window_end of Object.values(dayOf))
        expect(judge(finding({ rule_id, severity: 'low', score: 0, window_end }))).toEqual({ kind: 'alert' })
    },
  )

  test('a crowd is none', () => {
    expect(alwaysAlerts('siaga-web-flood-crowd')).toBe(false)
  })

  test('every rule that a shipped threshold names is there', () => {
    const named = shippedThresholds.flatMap(({ threshold }) => threshold.rules).filter((id) => !id.startsWith('siaga.'))
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((id) => !rules.some((rule) => rule.id === id))).toEqual([])
  })
})

/** What becomes an alert as shipped: severity, what is known of the asset, phases. Every cell is said. */
describe('shipped thresholds', () => {
  const phases = ['none', 'kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'] as const
  const table: [
    what: string,
    severity: Severity,
    attack: string[],
    asset: '' | 'low' | 'medium' | 'high' | 'critical',
    more: number,
    pattern: boolean,
    alerts: string,
  ][] = [
    // In the order of `phases`: x an alert, . held.
    ['a thing done on a host', 'high', ['T1098.004'], '', 0, false, 'xxxxxx'],
    ['a thing done on a host', 'medium', ['T1543.002'], '', 0, false, '......'],
    ['a thing done on a host', 'medium', ['T1543.002'], 'high', 0, false, '......'],
    ['a thing done on a host', 'medium', ['T1543.002'], 'critical', 0, false, '..xxx.'],
    ['a refused attempt', 'high', ['T1190'], '', 0, false, '......'],
    ['a refused attempt', 'high', ['T1190', 'T1059.004'], 'medium', 0, false, '......'],
    ['a refused attempt', 'high', ['T1190'], 'high', 0, false, '..xxx.'],
    ['a refused attempt', 'high', ['T1190'], 'critical', 0, false, '..xxx.'],
    ['an attempt that was answered', 'high', ['T1190'], 'low', weights.attack_succeeded, false, '.xxxxx'],
    ['an attempt that was answered', 'high', ['T1190'], 'medium', weights.attack_succeeded, false, 'xxxxxx'],
    ['an attempt that was answered', 'high', ['T1190'], 'critical', weights.attack_succeeded, false, 'xxxxxx'],
    ['two attempts in one request', 'high', ['T1190'], '', weights.rule.high, false, 'xxxxxx'],
    ['a scanner by its agent', 'medium', ['T1595.002'], 'critical', 0, false, '......'],
    ['it happened', 'critical', ['T1190'], '', 0, false, 'xxxxxx'],
    ['guessing', 'medium', ['T1110.001'], '', -25, true, '......'],
    ['guessing', 'medium', ['T1110.001'], 'high', -25, true, '..xxx.'],
    ['spraying', 'high', ['T1110.003'], '', -45, true, 'xxxxxx'],
    ['a pattern', 'medium', ['T1490'], '', -25, true, '..xxx.'],
    ['a pattern', 'medium', ['T1490'], 'critical', -25, true, '.xxxxx'],
    ['a pattern', 'high', ['T1048'], '', -45, true, 'xxxxxx'],
    ['anything low', 'low', [], 'critical', 0, false, '......'],
  ]
  test.each(table)(
    '%s, %s %j on asset "%s" (+%i, pattern %s): %s%s',
    (_what, severity, attack, asset, more, pattern, alerts) => {
      const found = phases.map((phase) => {
        const judged = shipped(
          finding({
            ...{
              severity,
              attack,
              asset_id: asset,
              window_end: dayOf[phase],
              score: scoreOf(severity, asset, phase, more),
            },
            factors: pattern ? undefined : [],
          }),
        )
        return judged.kind === 'alert' ? 'x' : '.'
      })
      expect(found.join('')).toBe(alerts)
    },
  )

  test('an address on a list alone is none, with an attack it is', () => {
    const listed = (score: number) => shipped(finding({ rule_id: 'siaga.indicator.ip', severity: 'high', score })).kind
    expect([listed(60), listed(84), listed(85)]).toEqual(['held', 'held', 'alert'])
    expect(shipped(finding({ rule_id: 'siaga.indicator.domain', severity: 'high', score: 50 })).kind).toBe('alert')
  })

  test('what a new feed finds in history is none by a medium level alone', () => {
    const found = (severity: Severity, score: number) =>
      shipped(
        finding({
          ...{ rule_id: 'siaga.indicator.history', severity, score, factors: undefined },
          ...{ asset_id: 'critical', window_end: dayOf.pemungutan },
        }),
      ).kind
    expect([found('medium', 74), found('medium', 75), found('high', 10)]).toEqual(['held', 'alert', 'alert'])
  })

  test('an injection that called home is one, though its technique is that of attempts', () => {
    const rule_id = rules.find(({ file }) => file === 'dns/callback_domain.yml')?.id ?? ''
    expect(shipped(finding({ rule_id, severity: 'high', attack: ['T1190', 'T1071.004'], score: 48 })).kind).toBe(
      'alert',
    )
  })

  test('what is held is counted under few names', () => {
    const judged = shipped(finding({ attack: ['T1190'], score: 3 }))
    expect(judged).toEqual({ kind: 'held', reason: 'below_threshold', detail: 'shipped: attempts' })
  })
})

describe('a change of phase takes effect at local midnight', () => {
  // Pilkada 2024: quiet days from the 24th, the vote on the 27th, both at 00:00 of the region's own clock.
  const onlyIn = (phase: 'masa_tenang' | 'pemungutan') =>
    judgeBy({ phases: [phase], score: 0 }, { score: 101, severity: 'none' })
  const zones = [
    ['32.04', 'WIB', 7],
    ['32', 'WIB', 7],
    ['73.71', 'WITA', 8],
    ['91', 'WIT', 9],
    ['94.01', 'WIT', 9],
    ['00', 'WIB', 7],
  ] as const
  const changes = [
    ['masa_tenang', '2024-11-24', true],
    ['pemungutan', '2024-11-27', true],
    ['masa_tenang', '2024-11-27', false],
    ['pemungutan', '2024-11-28', false],
  ] as const
  test.each(zones.flatMap((zone) => changes.map((change) => [...zone, ...change] as const)))(
    '%s (%s, +%i): %s at 00:00 of %s: %s',
    (region_code, _zone, hours, phase, day, begins) => {
      const midnight = Date.parse(`${day}T00:00:00Z`) - hours * 3_600_000
      const at = (window_end: number) => onlyIn(phase)(finding({ region_code, window_end })).kind
      expect([at(midnight - 1), at(midnight)]).toEqual(begins ? ['held', 'alert'] : ['alert', 'held'])
      // The clock of events says it, not when the finding is judged: the same function answers both again.
      expect([at(midnight), at(midnight - 1)]).toEqual(begins ? ['alert', 'held'] : ['held', 'alert'])
    },
  )

  test('an unknown region is outside of every election', () => {
    const judge = judgeBy({ phases: ['none'], score: 0 }, { score: 101, severity: 'none' })
    expect(judge(finding({ region_code: '', window_end: dayOf.pemungutan })).kind).toBe('alert')
  })
})

describe('thresholds of siaga.yaml', () => {
  test('stand before the shipped ones, and the first that fits wins', () => {
    const judge = judgeBy(
      { rules: ['rule'], regions: ['32'], score: 20, severity: 'none' },
      { rules: ['rule'], score: 40, severity: 'none' },
    )
    const at = (region_code: string, score: number) => judge(finding({ region_code, score, severity: 'critical' })).kind
    expect([at('32', 20), at('32.04', 20), at('32.04', 19), at('33', 39), at('33', 40)]).toEqual([
      ...['alert', 'alert', 'held', 'held', 'alert'],
    ])
    expect(judge(finding({ rule_id: 'other', severity: 'critical' })).kind).toBe('alert')
    expect(judge(finding({ region_code: '33' }))).toMatchObject({ detail: 'alerts.thresholds[1]' })
  })

  test('ask for criticality and kind of the configured asset; an unknown asset has neither', () => {
    const judge = judgeBy(
      { criticality: ['high'], kinds: ['vpn'], score: 0 },
      { criticality: ['critical'], kinds: ['vpn'], score: 0 },
      { score: 101, severity: 'none' },
    )
    const at = (asset_id: string) => judge(finding({ asset_id })).kind
    expect([at('high'), at('critical'), at('nowhere'), at('')]).toEqual(['alert', 'held', 'held', 'held'])
  })

  test('a technique stands for its sub-techniques, and a pattern is told from an event', () => {
    const judge = judgeBy(
      { attack: ['T1059'], patterns: true, score: 0 },
      { attack: ['T1110.003'], score: 0 },
      { score: 101, severity: 'none' },
    )
    const at = (attack: string[], pattern = true) => judge(finding({ attack, factors: pattern ? undefined : [] })).kind
    expect([
      at(['T1059.004']),
      at(['T1059']),
      at(['T1059.004'], false),
      at(['T1595', 'T1110.003'], false),
      at(['T1110']),
    ]).toEqual([...['alert', 'alert', 'held', 'alert', 'held']])
  })

  test('several lists: an alert if any lets it through', () => {
    const lists = [
      [Threshold.parse({ score: 30, severity: 'none' })],
      [Threshold.parse({ score: 50, severity: 'high' })],
    ]
    const { judge } = createThresholds({ layers: lists, assets, reference })
    const at = (score: number, severity: Severity) => judge(finding({ score, severity })).kind
    expect([at(30, 'low'), at(29, 'medium'), at(0, 'high')]).toEqual(['alert', 'held', 'alert'])
  })
})
