// What do tests of the policy begin with? A finding, a suppression and people, to be changed by each test.
import { loadReference } from '../../../../runtime/reference.ts'
import type { Actor, Suppression } from '../../../../schemas/alert.ts'
import type { Finding } from '../../../../schemas/detection.ts'

/** West Java votes in both; Papua and Bali give the other zones. */
export const reference = loadReference({ calendars: ['pemilu-2024', 'pilkada-2024'] }, '.')

/** A day of each phase of Pilkada 2024, at noon UTC. */
export const dayOf = {
  none: Date.parse('2023-06-01T12:00:00Z'),
  kampanye: Date.parse('2024-10-10T12:00:00Z'),
  masa_tenang: Date.parse('2024-11-25T12:00:00Z'),
  pemungutan: Date.parse('2024-11-27T04:00:00Z'),
  rekapitulasi: Date.parse('2024-12-05T12:00:00Z'),
  sengketa: Date.parse('2024-12-28T12:00:00Z'),
} as const

export function finding(changed: Partial<Finding> = {}): Finding {
  return {
    finding_id: 's-0-1-rule',
    rule_id: 'rule',
    title: 'Something',
    severity: 'medium',
    attack: [],
    event_id: 'event',
    source_id: 'nginx-1',
    region_code: '32.04',
    owner: '',
    asset_id: '',
    entity: 'source_ip:203.0.113.9',
    evidence: [],
    window_start: dayOf.none,
    window_end: dayOf.none,
    score: 10,
    dedup_key: 'rule|source_ip:203.0.113.9|',
    factors: [],
    ...changed,
  }
}

export const siti: Actor = { name: 'Siti', room: 'jabar', region: '32', from: '192.0.2.1', key: 'aaaaaaaaaa' }
export const budi: Actor = { name: 'Budi', room: 'pusat', region: '00', from: '192.0.2.2', key: 'bbbbbbbbbb' }
export const rina: Actor = { name: 'Rina', room: 'pusat', region: '00', from: '192.0.2.3', key: 'cccccccccc' }
export const agus: Actor = { name: 'Agus', room: 'bali', region: '51', from: '192.0.2.4', key: 'dddddddddd' }

const HOUR = 3_600_000

export function suppression(changed: Partial<Suppression> = {}): Suppression {
  return {
    suppression_id: 'S-1',
    kind: 'suppression',
    owner: 'Diskominfo Jabar',
    reason: 'Agreed load test',
    from: dayOf.none - HOUR,
    until: dayOf.none + HOUR,
    room: 'jabar',
    region: '32',
    match: { rules: ['rule'], assets: [], entities: [], regions: [], sources: [] },
    max_severity: 'critical',
    made_at: dayOf.none,
    made_by: siti,
    findings: 0,
    version: 0,
    ...changed,
  }
}
