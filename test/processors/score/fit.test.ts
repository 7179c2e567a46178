// Does the fit find weights that are known, hold signs and rare weights back, and make chances agree better with verdicts it has not seen?
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Example, type Features, featuresOf, weightTerms, withPoints } from '../../../processors/score/features.ts'
import { fitWeights } from '../../../processors/score/fit.ts'
import { createScore } from '../../../processors/score/index.ts'
import { chanceOf, qualityOf, splitExamples } from '../../../processors/score/reliability.ts'
import { Severity } from '../../../schemas/detection.ts'
import { emptyEvent } from '../../../schemas/event.ts'
import { Phase } from '../../../schemas/place.ts'
import { ScoreWeights } from '../../../schemas/score.ts'

const weights = ScoreWeights.parse({})
const terms = weightTerms(weights)
const present = new Map(terms.map(({ name, points }) => [name, points]))

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Verdicts that people would give if `truth` were the right points. */
function judged(truth: ReadonlyMap<string, number>, count: number, draw: (next: () => number) => Features, seed = 1) {
  const next = random(seed)
  return Array.from({ length: count }, (_, at): Example => {
    const features = draw(next)
    return { id: `e${at}`, at, features, verdict: next() < chanceOf(features, truth) }
  })
}

/** Often seen weights: rules, an asset, failed logins. */
function ordinary(next: () => number): Features {
  const features: Record<string, number> = {}
  const severity = Severity.options[Math.floor(next() * 5)] ?? 'low'
  if (next() < 0.9) features[`rule.${severity}`] = next() < 0.2 ? 2 : 1
  if (next() < 0.4) features['asset.critical'] = 1
  if (next() < 0.3) features.device_severity = Math.ceil(next() * 10) / 10
  if (next() < 0.3) features.failed_login = 1
  return features
}

const learnedOf = (examples: readonly Example[], strength?: number) =>
  new Map(fitWeights(examples, terms, strength).map((weight) => [weight.name, weight]))

describe('weights', () => {
  it('have the sign that the schema demands', () => {
    const signs = Object.fromEntries(terms.map(({ name, sign }) => [name, sign]))
    expect(signs).toMatchObject({ prior: 0, 'rule.high': 1, 'asset.low': 0, 'phase.pemungutan': 0, known_scanner: -1 })
    expect(terms.length).toBe(1 + 5 + 1 + 4 + 6 + 2 + 2 + 2)
  })

  it('are put back where they came from', () => {
    expect(withPoints(weights, present)).toEqual(weights)
    const changed = withPoints(
      weights,
      new Map([
        ['rule.high', 50],
        ['prior', -40],
      ]),
    )
    expect([changed.rule.high, changed.rule.low, changed.prior]).toEqual([50, 10, -40])
    expect(weights.rule.high).toBe(45)
  })
})

describe('the fit', () => {
  const truth = new Map([
    ...present,
    ['prior', -30],
    ['rule.low', 0],
    ['rule.medium', 12],
    ['rule.high', 38],
    ['asset.critical', 25],
    ['device_severity', 20],
    ['failed_login', 3],
  ])

  it('finds known weights again', () => {
    const learned = learnedOf(judged(truth, 30_000, ordinary), 0.1)
    for (const name of ['prior', 'rule.medium', 'rule.high', 'asset.critical', 'device_severity', 'failed_login']) {
      expect(Math.abs((learned.get(name)?.exact ?? 99) - (truth.get(name) ?? 0)), name).toBeLessThan(2.5)
    }
  })

  it('makes chances agree better with verdicts that it has not seen', () => {
    const { fitted, heldBack } = splitExamples(judged(truth, 2_000, ordinary), { by: 'hash', share: 0.3, seed: 's' })
    const learned = new Map([...learnedOf(fitted)].map(([name, weight]) => [name, weight.learned]))
    const before = qualityOf(heldBack, present).brier
    const after = qualityOf(heldBack, learned).brier
    const best = qualityOf(heldBack, truth).brier
    expect(after).toBeLessThan(before - 0.01)
    expect(after - best).toBeLessThan(0.01)
  })

  it('changes next to nothing if the weights are right', () => {
    for (const { exact, points, name } of learnedOf(judged(present, 30_000, ordinary)).values()) {
      expect(Math.abs(exact - points), name).toBeLessThan(5)
    }
  })

  it('stops at zero where the verdicts speak against the sign', () => {
    const against = new Map([...present, ['prior', 0], ['rule.high', -30], ['known_scanner', 25]])
    const draw = (next: () => number): Features =>
      next() < 0.5 ? { 'rule.high': 1 } : next() < 0.5 ? { known_scanner: 1 } : {}
    const learned = learnedOf(judged(against, 5_000, draw))
    expect(learned.get('rule.high')?.learned).toBe(0)
    expect(learned.get('known_scanner')?.learned).toBe(0)
    // The others still go where they belong.
    expect(learned.get('prior')?.learned).toBeLessThan(10)
  })

  it('leaves a weight that no verdict speaks for where it is, and one that few speak for near it', () => {
    const common = judged(truth, 1_000, ordinary)
    const rare = [0, 1, 2].map((at): Example => ({ id: `r${at}`, features: { attack_succeeded: 1 }, verdict: false }))
    const learned = learnedOf([...common, ...rare])
    expect(learned.get('phase.sengketa')).toMatchObject({ exact: 4, learned: 4, verdicts: 0 })
    expect(learned.get('attack_succeeded')).toMatchObject({ verdicts: 3, confirmed: 0 })
    expect(Math.abs((learned.get('attack_succeeded')?.exact ?? 99) - 12)).toBeLessThan(5)
    const insisted = learnedOf([...common, ...Array.from({ length: 100 }, () => rare).flat()])
    expect(insisted.get('attack_succeeded')?.learned).toBe(0)
  })

  it('ends though the verdicts are parted cleanly', () => {
    const examples = Array.from({ length: 200 }, (_, at): Example => {
      const verdict = at % 2 === 0
      return { id: `${at}`, features: verdict ? { 'rule.critical': 1 } : {}, verdict }
    })
    for (const { exact } of learnedOf(examples).values()) expect(Math.abs(exact)).toBeLessThan(200)
  })

  const anyExamples = fc.array(
    fc.record({
      id: fc.uuid(),
      features: fc.dictionary(
        fc.constantFrom(...terms.map(({ name }) => name).filter((n) => n !== 'prior')),
        fc.constantFrom(1, 0.5, 3),
      ),
      verdict: fc.boolean(),
    }),
    { maxLength: 40 },
  )

  it('gives weights that the schema accepts, whole numbers, whatever people say', () => {
    fc.assert(
      fc.property(anyExamples, (examples) => {
        const learned = fitWeights(examples, terms)
        const accepted = withPoints(weights, new Map(learned.map((weight) => [weight.name, weight.learned])))
        expect(weightTerms(accepted).map(({ points }) => points)).toEqual(learned.map((weight) => weight.learned))
      }),
    )
  })

  it('does not depend on the order of verdicts, and is at the bottom: no single weight can do better', () => {
    const cost = (examples: readonly Example[], points: ReadonlyMap<string, number>): number => {
      let sum = 0
      for (const { features, verdict } of examples) {
        const chance = chanceOf(features, points)
        sum -= Math.log(verdict ? chance : 1 - chance)
      }
      for (const term of terms) sum += (((points.get(term.name) ?? 0) - term.points) / 10) ** 2 / 2
      return sum
    }
    fc.assert(
      fc.property(anyExamples, (examples) => {
        const learned = fitWeights(examples, terms)
        const again = fitWeights(examples.toReversed(), terms)
        const points = new Map(learned.map(({ name, exact }) => [name, exact]))
        const least = cost(examples, points)
        for (const [at, { name, exact, sign }] of learned.entries()) {
          expect(again[at]?.exact).toBeCloseTo(exact, 4)
          for (const step of [-0.5, 0.5]) {
            if (sign !== 0 && (exact + step) * sign < 0) continue
            expect(cost(examples, new Map([...points, [name, exact + step]]))).toBeGreaterThanOrEqual(least)
          }
        }
      }),
    )
  })
})

describe('features', () => {
  it('are found in the factors that a score stores', () => {
    const event = Object.assign(emptyEvent(), {
      asset_id: 'sirekap',
      asset_criticality: 'medium',
      election: 'pemilu-2024',
      phase: 'persiapan',
      event_severity: 80,
      source_ip: '198.51.100.7',
      http_status_code: 200,
    })
    const detection = { title: 't', technique: 'T1190', attack: ['T1190'], evidence: [], generate: true }
    createScore(weights, { allowList: ['198.51.100.0/24'] })(event, [
      { ...detection, ruleId: 'a', severity: 'high', field: 'url_original', value: 'x (low)' },
      { ...detection, ruleId: 'b', severity: 'high', field: 'message', value: 'x' },
    ])
    const features = featuresOf(event.factors, event, terms)
    // Asset and phase weigh nothing here and are in no list, yet verdicts speak about them.
    expect(features).toEqual({
      'rule.high': 2,
      attack_succeeded: 1,
      device_severity: 0.8,
      allow_listed: 1,
      'asset.medium': 1,
      'phase.persiapan': 1,
    })
    const chance = 100 * chanceOf(typeof features === 'string' ? {} : features, present)
    expect(Math.round(chance)).toBe(event.score)
  })

  it('give the stored score under the weights that gave it, whatever the event', () => {
    const event = fc.record({
      asset_id: fc.constant('a'),
      asset_criticality: fc.constantFrom('', 'low', 'medium', 'high', 'critical'),
      phase: fc.constantFrom('', ...Phase.options),
      // Points of a device are whole: a severity that gives whole points.
      event_severity: fc.integer({ min: 0, max: 50 }).map((half) => half * 2),
      source_scanner: fc.constantFrom('', 'Censys'),
    })
    fc.assert(
      fc.property(event, fc.subarray([...Severity.options]), (fields, severities) => {
        const scored = Object.assign(emptyEvent(), fields)
        createScore(weights)(
          scored,
          severities.map((severity) => ({
            ruleId: severity,
            title: '',
            severity,
            technique: '',
            attack: [],
            field: 'message',
            value: '',
            evidence: [],
            generate: true,
          })),
        )
        const features = featuresOf(scored.factors, scored, terms)
        expect(Math.round(100 * chanceOf(typeof features === 'string' ? {} : features, present))).toBe(scored.score)
      }),
    )
  })

  it.each<[string, Parameters<typeof featuresOf>[0], ReturnType<typeof featuresOf>]>([
    [
      'by the name of a weight',
      [
        { name: 'rule.high', value: 2 },
        { name: 'prior', points: 3 },
      ],
      { 'rule.high': 2 },
    ],
    ['by points alone, where they tell', [{ name: 'rule:x', points: 45 }], { 'rule.high': 1 }],
    ['by detail', [{ name: 'phase', detail: 'pemilu-2024 masa_tenang' }], { 'phase.masa_tenang': 1 }],
    ['asset by detail', [{ name: 'asset', detail: 'x (critical)' }], { 'asset.critical': 1 }],
    ['device by points', [{ name: 'device_severity', points: 25 }], { device_severity: 0.5 }],
    ['not at all: points of other weights', [{ name: 'rule:x', points: 44 }], 'rule:x'],
    ['not at all: a word of nobody', [{ name: 'toString' }], 'toString'],
  ])('are named %s', (_case, factors, expected) => {
    expect(featuresOf(factors, {}, terms)).toEqual(expected)
  })
})

describe('judging', () => {
  it('counts in ten bins what was said and what was seen', () => {
    const example = (features: Features, verdict: boolean): Example => ({ id: '', features, verdict })
    const points = new Map([
      ['prior', 0],
      ['rule.high', 1_000],
    ])
    const { brier, bins } = qualityOf(
      [example({}, true), example({}, false), example({ 'rule.high': 1 }, true), example({ 'rule.high': -1 }, true)],
      points,
    )
    expect(brier).toBeCloseTo((0.25 + 0.25 + 0 + 1) / 4)
    expect(bins.map(({ verdicts }) => verdicts)).toEqual([1, 0, 0, 0, 0, 2, 0, 0, 0, 1])
    expect(bins[5]).toMatchObject({ from: 0.5, to: 0.6, predicted: 0.5, seen: 0.5 })
    expect(bins[1]).toMatchObject({ predicted: 0, seen: 0 })
  })

  const examples = Array.from(
    { length: 100 },
    (_, at): Example => ({ id: `e${at}`, at: 100 - at, features: {}, verdict: false }),
  )

  it('holds the newest back by time', () => {
    const { fitted, heldBack } = splitExamples(examples, { by: 'time', share: 0.3, seed: '' })
    expect([fitted.length, heldBack.length]).toEqual([70, 30])
    expect(Math.max(...fitted.map(({ at = 0 }) => at))).toBeLessThan(Math.min(...heldBack.map(({ at = 0 }) => at)))
  })

  it('parts by hash the same way in any order, and another way with another seed', () => {
    const held = (list: readonly Example[], seed: string) =>
      new Set(splitExamples(list, { by: 'hash', share: 0.3, seed }).heldBack.map(({ id }) => id))
    expect(held(examples.toReversed(), 'a')).toEqual(held(examples, 'a'))
    expect(held(examples, 'b')).not.toEqual(held(examples, 'a'))
  })
})
