// Does a verdict hold what docs/web-floods.md says: its points, its outage, its clock, its words?
import { describe, expect, test } from 'vitest'
import { demandAt } from '../../../processors/web-flood/demand.ts'
import { signNames, usualOf } from '../../../processors/web-flood/features.ts'
import { classOf, loadNetworks } from '../../../processors/web-flood/networks.ts'
import { isRush, isTold, judgeRush, outageOf } from '../../../processors/web-flood/verdict.ts'
import { PRIOR, weights } from '../../../processors/web-flood/weights.ts'
import { wordsOf } from '../../../processors/web-flood/words.ts'
import { floods } from './attacks.ts'
import { crowdHour, ordinary, type Site } from './generate.ts'
import { crowds, T0 } from './hours.ts'
import { randomOf } from './people.ts'
import { minuteOf, partsOf, tell } from './reference.ts'

const site: Site = { name: 'kpu.example', statics: 6, http2: 0.9, referrers: true, app: 0 }
const MINUTE = 60_000
const calm = tell(ordinary(randomOf(3), site, T0 - 86_400_000, 25))
const usual = usualOf(Array.from({ length: 25 }, (_, n) => minuteOf(calm, T0 - 86_400_000 + n * MINUTE)))

function judged(flood: boolean) {
  const random = randomOf(4)
  const settings = crowds.vote?.(random)
  if (settings === undefined) throw new Error('no crowd')
  const requests = crowdHour(random, site, { ...settings, shape: 'steady' }, T0, 13)
  if (flood) floods['botnet, one agent']?.(random, site, T0 + 10 * MINUTE, T0 + 13 * MINUTE, 8, requests)
  const told = tell(requests.sort((a, b) => a.t - b.t))
  const at = T0 + 11 * MINUTE
  const parts = partsOf(told, at, usual.chrome, usual.paths).map(({ part }) => part)
  return judgeRush(minuteOf(told, at), parts, usual, { demand: 1 }, undefined)
}

test('points are the prior and the points of the signs, and the score is their chance', () => {
  const { worst } = judged(true)
  const points = (worst?.signs ?? []).reduce((sum, sign) => sum + sign.points, PRIOR)
  expect(worst?.points).toBe(points)
  expect(worst?.score).toBe(Math.round(100 / (1 + Math.exp(-points / 10))))
  for (const sign of worst?.signs ?? []) expect(Math.abs(sign.points)).toBeLessThanOrEqual(Math.abs(weights[sign.name]))
})

test('a weight never speaks against its sign', () => {
  const forPeople = new Set(['carrier', 'demand', 'familiar'])
  for (const name of signNames) expect(forPeople.has(name) ? weights[name] <= 0 : weights[name] >= 0, name).toBe(true)
})

test('a suspicion is told when it is strong, or when it comes again', () => {
  const flood = judged(true)
  const crowd = judged(false)
  expect([flood.verdict, crowd.verdict]).toEqual(['mixed', 'crowd'])
  expect([isTold(flood, true), isTold(crowd, true)]).toEqual([true, false])
  const [weak] = flood.suspicious
  if (weak === undefined) throw new Error('nothing suspicious')
  const single = { worst: { ...weak, points: 5 }, suspicious: [{ ...weak, points: 5 }] }
  expect([isTold(single, false), isTold(single, true)]).toEqual([false, true])
})

test('the reasons name the part, with figures, in both languages', () => {
  const { summary, reasons } = wordsOf(judged(true))
  expect(summary.id).toMatch(
    /^Serangan di tengah keramaian: \d+ permintaan per detik, [\d.]+ kali biasanya pada jam ini$/,
  )
  expect(summary.en).toMatch(/^A flood inside a crowd: \d+ requests a second, [\d.]+ times the usual at this hour$/)
  expect(reasons.some(({ id }) => /^yang paling mencurigakan: .* \d+ alamat\), peluang serangan \d+ %$/.test(id))).toBe(
    true,
  )
  expect(reasons.some(({ en }) => /\(usually \d/.test(en))).toBe(true)
})

test('a rush is both more than the least and three times the usual', () => {
  expect(isRush({ requests: 1200 }, { requests: 400 }, 20)).toBe(true)
  expect(isRush({ requests: 1199 }, { requests: 0 }, 20)).toBe(false)
  expect(isRush({ requests: 1200 }, { requests: 401 }, 20)).toBe(false)
})

describe('an outage', () => {
  const none = { probes: 0, failures: 0 }
  test.each([
    ['a fifth of the answers', { requests: 100, errors: 20 }, none, true],
    ['less', { requests: 100, errors: 19 }, none, false],
    ['too few requests', { requests: 59, errors: 59 }, none, false],
    ['half of the probes', { requests: 0, errors: 0 }, { probes: 4, failures: 2 }, true],
    ['one probe', { requests: 0, errors: 0 }, { probes: 1, failures: 1 }, false],
    ['fewer probes', { requests: 0, errors: 0 }, { probes: 5, failures: 2 }, false],
  ])('%s', (_name, minute, probes, expected) => {
    expect(outageOf(minute, usual, probes) !== undefined).toBe(expected)
  })
  test('not where so many errors are usual', () => {
    const bad = { mean: { ...usual.mean, requests: 100, errors: 15 } }
    expect(outageOf({ requests: 100, errors: 25 }, bad, none)).toBeUndefined()
  })
})

test('the election explains a rush by the clock of the region', () => {
  const at = (text: string) => Date.parse(text)
  expect(demandAt('pemungutan', 'WIB', at('2024-11-26T22:00:00Z'))).toBe(1)
  expect(demandAt('pemungutan', 'WIB', at('2024-11-26T21:59:00Z'))).toBe(0)
  expect(demandAt('pemungutan', 'WIT', at('2024-11-26T20:00:00Z'))).toBe(1)
  expect(demandAt('rekapitulasi', 'WITA', at('2024-11-28T11:00:00Z'))).toBe(1)
  expect(demandAt('rekapitulasi', 'WITA', at('2024-11-28T04:00:00Z'))).toBe(0.5)
  expect(demandAt('kampanye', 'WIB', at('2024-10-01T12:00:00Z'))).toBe(0)
  expect(demandAt('', 'WIB', at('2024-10-01T12:00:00Z'))).toBe(0)
})

test.each([
  ['mobile', { scope: 'public', asn: 23693, name: 'PT. Telekomunikasi Selular', country: 'ID' }],
  ['mobile', { scope: 'cgnat', asn: 0, name: '', country: '' }],
  ['hosting', { scope: 'public', asn: 14061, name: 'DigitalOcean, LLC', country: 'SG' }],
  ['hosting', { scope: 'public', asn: 99, name: 'PT Awan CLOUD Nusantara', country: 'ID' }],
  ['indonesia', { scope: 'public', asn: 7713, name: 'PT Telekomunikasi Indonesia', country: 'ID' }],
  ['abroad', { scope: 'public', asn: 4788, name: 'TM', country: 'MY' }],
  ['inside', { scope: 'private', asn: 0, name: '', country: '' }],
  ['unknown', { scope: 'public', asn: 0, name: '', country: '' }],
])('%s: %o', (expected, source) => {
  expect(classOf(loadNetworks(), source)).toBe(expected)
})
