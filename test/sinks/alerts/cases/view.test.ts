import { describe, expect, test } from 'vitest'
import type { Case } from '../../../../schemas/alert.ts'
import { adviceFor } from '../../../../sinks/alerts/cases/advice.ts'
import { caseViewFor } from '../../../../sinks/alerts/cases/view.ts'
import { alert, HOUR, indicator, T0 } from './made.ts'

const known: Case = {
  ...{
    case_id: 'K-0123456789',
    title: 'Campaign: indicator:secret.example',
    kind: 'campaign',
    keys: ['ip:203.0.113.9'],
  },
  ...{
    alerts: ['bandung', 'kpu', 'surabaya', 'aceh'],
    regions: ['11', '32.04', '35.78'],
    attack: ['T1110.003', 'T1190'],
  },
  ...{
    severity: 'critical',
    first_seen: T0,
    last_seen: T0 + 9 * HOUR,
    warned: ['bali|T1190'],
    merged_into: '',
    version: 3,
  },
}
const alerts = [
  alert({ alert_id: 'bandung', first_seen: T0 + HOUR, evidence: indicator('amber.example', 'amber', 'domain') }),
  alert({
    alert_id: 'kpu',
    owner: 'kpu',
    title: 'Rahasia KPU',
    evidence: indicator('green.example', 'green', 'domain'),
  }),
  alert({
    alert_id: 'surabaya',
    region_code: '35.78',
    title: 'Rahasia Surabaya',
    entity: 'user:rina',
    asset_id: 'vpn-surabaya',
  }),
  alert({
    alert_id: 'aceh',
    region_code: '11',
    owner: 'pemda-aceh',
    evidence: indicator('secret.example', 'red', 'domain'),
  }),
]
const view = (id: string, region: string, owner = '', sees: string[] = []) =>
  caseViewFor({ id, region, owner, sees }, known, alerts)

describe('a room of a region that is hit', () => {
  test('sees its own rows, the techniques, what its TLP permits, and advice', () => {
    const seen = view('jabar', '32', 'pemda')
    expect(seen?.alerts.map((one) => one.alert_id)).toEqual(['bandung'])
    expect(seen).toMatchObject({
      regions: 3,
      region_codes: ['32.04'],
      attack: known.attack,
      first_seen: T0 + HOUR,
      last_seen: T0 + HOUR,
    })
    expect(seen?.indicators.map((one) => one.value)).toEqual(['amber.example', 'green.example'])
    expect(seen?.advice.map((one) => one.technique)).toEqual(['T1110', 'T1190', ''])
  })

  test('sees nothing of other regions and owners, in no field', () => {
    const text = JSON.stringify(view('jabar', '32', 'pemda'))
    for (const secret of [
      'Rahasia',
      'surabaya',
      '35.78',
      'rina',
      'pemda-aceh',
      'secret.example',
      '"11"',
      'critical',
      'kpu',
    ])
      expect(text).not.toContain(secret)
  })

  test.each([
    ['kpu-jabar', '32', 'kpu', [], ['bandung', 'kpu']],
    ['bandung', '32.04', 'pemda', ['kpu'], ['bandung', 'kpu']],
    ['aceh', '11', 'pemda-aceh', [], ['aceh']],
    ['surabaya', '35.78', '', [], ['surabaya']],
  ])('%s (%s, %s, sees %j) reads %j', (id, region, owner, sees, expected) => {
    expect(view(id, region, owner, sees)?.alerts.map((one) => one.alert_id)).toEqual(expected)
  })
})

test('a room that was warned sees no row, and indicators that may go further', () => {
  const seen = view('bali', '51')
  expect(seen).toMatchObject({ alerts: [], region_codes: [], first_seen: 0, last_seen: 0, regions: 3 })
  expect(seen?.indicators.map((one) => one.value)).toEqual(['green.example'])
})

test('a room that is neither does not know of it', () => {
  expect(view('ntb', '52')).toBeUndefined()
  expect(view('bal', '52')).toBeUndefined()
  expect(view('aceh-lain', '11', 'other')).toBeUndefined()
})

test('the centre sees all', () => {
  const seen = view('pusat', '00')
  expect(seen?.alerts).toEqual(alerts)
  expect(seen).toMatchObject({ title: known.title, region_codes: known.regions })
  expect(seen?.indicators.map((one) => one.value)).toEqual(['amber.example', 'green.example', 'secret.example'])
})

test('advice is in both languages, once for a technique with its sub-techniques', () => {
  const advice = adviceFor(['T1110.001', 'T1110.003', 'T9999'])
  expect(advice.map((one) => one.technique)).toEqual(['T1110', ''])
  for (const { id, en } of advice) expect([id.length > 20, en.length > 20, id === en]).toEqual([true, true, false])
})
