import { describe, expect, test } from 'vitest'
import type { Case } from '../../../../schemas/alert.ts'
import { Tlp } from '../../../../schemas/indicator.ts'
import { indicatorsOf, permits } from '../../../../sinks/alerts/cases/indicators.ts'
import { warningsFor } from '../../../../sinks/alerts/cases/warnings.ts'
import { alert, indicator, T0 } from './made.ts'

const asset = (id: string, region: string, kind: string, owner = '') => ({ id, region, kind, owner })
const room = (id: string, region: string, owner = '', sees: string[] = []) => ({ id, region, owner, sees })

const assets = [
  asset('vpn-aceh', '11', 'vpn'),
  asset('vpn-jabar', '32', 'vpn'),
  asset('vpn-jatim', '35', 'vpn'),
  asset('vpn-bali', '51', 'vpn'),
  asset('vpn-denpasar', '51.71', 'vpn'),
  asset('mail-ntb', '52', 'mail'),
  asset('vpn-kpu-ntt', '53', 'vpn', 'kpu'),
  asset('plain', '61', ''),
]
const rooms = [
  room('pusat', '00'),
  room('aceh', '11'),
  room('jabar', '32'),
  room('bali', '51'),
  room('denpasar', '51.71'),
  room('badung', '51.03'),
  room('ntb', '52'),
  room('ntt', '53', 'pemda'),
  room('kpu-ntt', '53', 'kpu'),
  room('kalbar', '61'),
]
const hit = (
  alert_id: string,
  region_code: string,
  asset_id: string,
  evidence = indicator('evil.example', 'green', 'domain'),
) => alert({ alert_id, region_code, asset_id, evidence })
const alerts = [hit('a', '11', 'vpn-aceh'), hit('b', '32', 'vpn-jabar'), hit('c', '35', 'vpn-jatim')]
const campaign: Case = {
  ...{ case_id: 'K-0123456789', title: 'x', kind: 'campaign', keys: ['ip:203.0.113.9'], alerts: ['a', 'b', 'c'] },
  ...{ regions: ['11', '32', '35'], attack: ['T1110', 'T1190'], severity: 'high', first_seen: T0, last_seen: T0 },
  ...{ warned: [], merged_into: '', version: 1 },
}

describe('a campaign', () => {
  test('warns rooms of other regions that have the same kind of asset and may see it', () => {
    const found = warningsFor(campaign, alerts, assets, rooms)
    // Not the centre, which sees all; not those that are hit; not those without such an asset or with one of another owner.
    expect(found.map((one) => one.room)).toEqual(['bali', 'denpasar', 'kpu-ntt'])
    expect(found[0]).toEqual({
      room: 'bali',
      warning: {
        ...{ case_id: 'K-0123456789', regions: 3, attack: ['T1110', 'T1190'], asset_kind: 'vpn' },
        indicators: [{ type: 'domain', value: 'evil.example', tlp: 'green' }],
      },
      marks: ['bali|T1110', 'bali|T1190'],
    })
  })

  test('warns once for each room and technique', () => {
    const warned = ['bali|T1110', 'bali|T1190', 'denpasar|T1110']
    const found = warningsFor({ ...campaign, warned }, alerts, assets, rooms)
    expect(found.map((one) => [one.room, one.warning.attack])).toEqual([
      ['denpasar', ['T1190']],
      ['kpu-ntt', ['T1110', 'T1190']],
    ])
    const all = warningsFor(campaign, alerts, assets, rooms).flatMap((one) => one.marks)
    expect(warningsFor({ ...campaign, warned: all }, alerts, assets, rooms)).toEqual([])
  })

  test('without techniques warns once', () => {
    const bare = { ...campaign, attack: [] }
    const [one] = warningsFor(bare, alerts, assets, rooms)
    expect([one?.warning.attack, one?.marks]).toEqual([[], ['bali|']])
    expect(warningsFor({ ...bare, warned: ['bali|'] }, alerts, assets, rooms).map((other) => other.room)).not.toContain(
      'bali',
    )
  })

  test('warns an organisation whose region is hit, but not by what it may see', () => {
    const found = warningsFor(
      campaign,
      [hit('a', '53', 'vpn-kpu-ntt')].map((one) => ({ ...one, owner: 'kpu' })),
      [...assets, asset('vpn-ntt', '53', 'vpn', 'pemda')],
      rooms,
    )
    expect(found.map((one) => one.room)).toContain('ntt')
    expect(found.map((one) => one.room)).not.toContain('kpu-ntt')
  })

  test.each<[string, Partial<Case>]>([
    ['that is none', { kind: 'entity' }],
    ['that is part of another', { merged_into: 'K-1' }],
    ['with more marks than are kept', { warned: Array.from({ length: 5_000 }, (_, n) => `r${n}|T1`) }],
  ])('%s warns nobody', (_what, changed) => {
    expect(warningsFor({ ...campaign, ...changed }, alerts, assets, rooms)).toEqual([])
  })

  test('against assets of no known kind warns nobody', () => {
    expect(warningsFor(campaign, [hit('a', '61', 'plain'), hit('b', '32', 'unknown')], assets, rooms)).toEqual([])
  })
})

describe('indicators', () => {
  test.each([
    ['clear', true, true],
    ['green', true, true],
    ['amber', true, false],
    ['amber+strict', false, false],
    ['red', false, false],
  ] as const)('of TLP %s: to rooms that are hit %s, ahead %s', (tlp, inside, ahead) => {
    expect([permits(tlp, 'hit'), permits(tlp, 'ahead')]).toEqual([inside, ahead])
    expect(indicatorsOf([hit('a', '11', '', indicator('evil.example', tlp, 'domain'))])).toEqual([
      { type: 'domain', value: 'evil.example', tlp },
    ])
  })

  test('every marking of TLP 2.0 is decided', () => {
    expect(Tlp.options.filter((tlp) => permits(tlp, 'ahead'))).toEqual(['clear', 'green'])
  })

  test('without a marking, or with one that is none, are not given out', () => {
    for (const tlp of ['', 'white-ish'])
      expect(indicatorsOf([hit('a', '11', '', indicator('evil.example', tlp, 'domain'))])).toEqual([])
  })

  test('have the strictest marking that any of them has', () => {
    const of = (...tlps: string[]) =>
      indicatorsOf(tlps.map((tlp) => hit('a', '11', '', indicator('evil.example', tlp, 'domain'))))
    expect(of('green', 'red', 'clear')[0]?.tlp).toBe('red')
    expect(of('green', '')).toEqual([])
    expect(of('', 'green')).toEqual([])
  })

  test('have the type that the rule names where the evidence does not', () => {
    const one = alert({ rule: 'siaga.indicator.ja3', evidence: indicator('e7d705a3286e19ea42f587b344ee6865', 'clear') })
    expect(indicatorsOf([one])[0]?.type).toBe('ja3')
    expect(indicatorsOf([alert({ rule: 'rule', evidence: indicator('x', 'clear') })])).toEqual([])
  })

  test('that were cut are not given out', () => {
    expect(indicatorsOf([hit('a', '11', '', indicator('x'.repeat(200), 'clear', 'url'))])).toEqual([])
  })
})
