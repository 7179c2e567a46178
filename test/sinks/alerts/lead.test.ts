// Does the worst alert of an attacker speak for the others, and hide none of them?
import { describe, expect, test } from 'vitest'
import type { Alert, AlertFinding } from '../../../schemas/alert.ts'
import { createLeads } from '../../../sinks/alerts/lead.ts'
import type { AlertRecord } from '../../../sinks/alerts/records.ts'
import { sampleAlert } from './lifecycle/sample.ts'

const seen = (attack: string[], at = 7_000): Partial<Alert> => ({
  status: 'acknowledged',
  acknowledged_at: at,
  seen: { at, severity: 'high', attack },
})
const asked = (at: number): Partial<Alert> => ({ opened_at: at, asks: [{ at, reason: 'opened', severity: 'high' }] })
const finding = (event_id: string): AlertFinding => ({
  ...{ finding_id: event_id, rule_id: 'r', title: 't', severity: 'high', score: 80, entity: '', event_id },
  ...{ source_id: 's', at: 1_000, evidence: [], factors: [] },
})

function leadOf(lead: Alert, follower: Alert): string | undefined {
  const records = new Map<string, AlertRecord>()
  const leads = createLeads({ get: (id) => records.get(id) })
  for (const alert of [lead, follower]) {
    records.set(alert.alert_id, { kind: 'alert', alert, told: [], people: [], muted: [], marks: [] })
    leads.put(alert)
  }
  return leads.leadOf(follower)?.alert_id
}

const attempt = sampleAlert({ alert_id: 'attempt', attack: ['T1190'], worst: [finding('e1')], ...asked(5_000) })
const shell = sampleAlert({ alert_id: 'shell', attack: ['T1505.003'], worst: [finding('e2')], ...asked(6_000) })

describe('an alert speaks for another one of the same attacker', () => {
  test.each([
    ['while it waits for somebody', attempt, shell, 'attempt'],
    ['not for what is more severe', attempt, sampleAlert({ ...shell, severity: 'critical' }), undefined],
    ['once seen, for what shows no more than it did', { ...attempt, ...seen(['T1190', 'T1505']) }, shell, 'attempt'],
    ['once seen, not for a technique that it did not show', { ...attempt, ...seen(['T1190']) }, shell, undefined],
    [
      'once seen, for what was there of the very same events',
      { ...attempt, ...seen(['T1190']) },
      { ...shell, worst: [finding('e1')] },
      'attempt',
    ],
    [
      'once seen, not for more findings than are shown',
      { ...attempt, ...seen(['T1190']) },
      { ...shell, worst: [finding('e1')], findings: 30 },
      undefined,
    ],
    [
      'once seen, not for another matter without a technique',
      { ...attempt, ...seen([]) },
      { ...shell, attack: [], rule_id: 'silence' },
      undefined,
    ],
    ['not when it is closed', { ...attempt, ...seen(['T1190']), status: 'resolved' as const }, shell, undefined],
  ])('%s', (_, lead, follower, expected) => {
    expect(leadOf(lead, follower)).toBe(expected)
  })
})

test('a thousand alerts of one attacker cost about as much as their number', () => {
  const records = new Map<string, AlertRecord>()
  let asks = 0
  const leads = createLeads({
    get(id) {
      asks += 1
      return records.get(id)
    },
  })
  const all = Array.from({ length: 1_000 }, (_, n) => sampleAlert({ alert_id: `a${n}`, opened_at: n }))
  for (const alert of all) {
    records.set(alert.alert_id, { kind: 'alert', alert, told: [], people: [], muted: [], marks: [] })
    leads.put(alert)
  }
  for (const alert of all.slice(1)) expect(leads.leadOf(alert)?.alert_id).toBe('a0')
  expect(asks).toBeLessThan(10_000)
})
