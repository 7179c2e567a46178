import { describe, expect, test } from 'vitest'
import { createIndicatorDetect, indicatorDetections } from '../../../../processors/detect/indicators/detections.ts'
import { createScore, scoreOf } from '../../../../processors/score/index.ts'
import { emptyEvent } from '../../../../schemas/event.ts'
import type { Indicator } from '../../../../schemas/indicator.ts'
import { ScoreWeights } from '../../../../schemas/score.ts'
import { indicator, tableOf } from './table.ts'

const DAY = 86_400_000
const at = Date.UTC(2024, 10, 27)
const weights = ScoreWeights.parse({})

function match(field: string, value: string, more: Partial<Indicator> = {}) {
  return { field, value, indicator: indicator('domain', 'evil.example', more) }
}

describe('a match', () => {
  test.each([
    [100, 'high'],
    [80, 'high'],
    [79, 'medium'],
    [50, 'medium'],
    [49, 'low'],
  ])('of confidence %i is %s', (confidence, severity) => {
    const [detection] = indicatorDetections([match('url_domain', 'evil.example', { confidence })], 'v1')
    expect(detection).toMatchObject({ severity, ruleId: 'siaga.indicator.domain', generate: true })
  })

  test('shows its feed and what the feed knows; other feeds that tell the same are named', () => {
    const [detection, ...rest] = indicatorDetections(
      [
        match('dns_question_name', 'a.evil.example', { source: 'lemah', confidence: 40 }),
        match('dns_question_name', 'a.evil.example', {
          source: 'kuat',
          confidence: 90,
          threat: 'Phishing KPU',
          reference: 'https://feed.example/1',
          tlp: 'amber',
        }),
      ],
      'v1',
    )
    expect(rest).toEqual([])
    expect(detection?.title).toBe('Known by threat intelligence (kuat): Phishing KPU')
    expect(Object.fromEntries(detection?.evidence.map(({ field, value }) => [field, value]) ?? [])).toEqual({
      dns_question_name: 'a.evil.example',
      'threat.indicator.name': 'evil.example',
      'threat.indicator.provider': 'kuat',
      'threat.indicator.confidence': '90',
      'threat.indicator.description': 'Phishing KPU',
      'threat.indicator.first_seen': '2024-11-01T00:00:00.000Z',
      'threat.indicator.last_seen': '2024-11-20T00:00:00.000Z',
      'threat.indicator.marking.tlp': 'amber',
      'threat.indicator.reference': 'https://feed.example/1',
      'threat.indicator.also_provided_by': 'lemah',
      'siaga.indicators.version': 'v1',
    })
  })

  test('in two fields is two detections', () => {
    const found = indicatorDetections(
      [match('url_domain', 'evil.example'), match('dns_question_name', 'evil.example')],
      'v1',
    )
    expect(found.map(({ field }) => field)).toEqual(['url_domain', 'dns_question_name'])
  })
})

describe('the score', () => {
  async function factorOf(more: Partial<Indicator>, timestamp = at) {
    const detect = createIndicatorDetect(await tableOf([indicator('domain', 'evil.example', more)], 'v7'))
    const event = { ...emptyEvent(), timestamp, dns_question_name: 'www.evil.example' }
    createScore(weights)(event, detect(event))
    expect(scoreOf(event.factors)).toBe(event.score)
    return event.factors.find(({ name }) => name === 'indicator')
  }

  test('has the weight in proportion to the confidence', async () => {
    expect(await factorOf({ confidence: 100, last_seen: at })).toEqual({
      name: 'indicator',
      points: weights.indicator,
      detail: 'dns_question_name: evil.example (umpan, confidence 100, last seen 2024-11-27, set v7) share 1.00',
    })
    expect((await factorOf({ confidence: 50, last_seen: at }))?.points).toBe(weights.indicator / 2)
  })

  test('has half of it for each 30 days since it was last seen, at the time of the event', async () => {
    const points = async (days: number) => (await factorOf({ confidence: 100, last_seen: at - days * DAY }))?.points
    expect([await points(0), await points(30), await points(60)]).toEqual([50, 25, 13])
    // An event from before it was seen has the whole.
    expect((await factorOf({ confidence: 100, last_seen: at }, at - 10 * DAY))?.points).toBe(50)
  })

  test('counts a host and its parent once, and two fields twice', async () => {
    const table = await tableOf([
      indicator('domain', 'evil.example'),
      indicator('domain', 'www.evil.example', { confidence: 100 }),
    ])
    const detect = createIndicatorDetect(table)
    const score = createScore(weights)
    const event = { ...emptyEvent(), timestamp: at, dns_question_name: 'www.evil.example' }
    score(event, detect(event))
    expect(event.factors.filter(({ name }) => name === 'indicator')).toHaveLength(1)
    expect(event.rule_ids).toEqual(['siaga.indicator.domain'])
    const both = { ...event, url_domain: 'evil.example' }
    score(both, detect(both))
    expect(both.factors.filter(({ name }) => name === 'indicator')).toHaveLength(2)
    expect(both.score).toBeGreaterThan(event.score)
  })
})
