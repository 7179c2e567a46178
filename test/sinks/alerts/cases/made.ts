// What do tests of cases begin with? An alert with one finding and its evidence, to be changed by each test.
import type { Alert } from '../../../../schemas/alert.ts'
import type { SharedThings } from '../../../../sinks/alerts/cases/keys.ts'

/** 27 November 2024, the day of the vote. */
export const T0 = Date.parse('2024-11-27T00:00:00Z')
export const HOUR = 3_600_000

type Evidence = Alert['worst'][number]['evidence']

/** `evidence`: of its only finding. */
export function alert(changed: Partial<Alert> & { evidence?: Evidence; rule?: string } = {}): Alert {
  const { evidence = [], rule = 'rule', ...rest } = changed
  const first_seen = rest.first_seen ?? T0
  const entity = rest.entity ?? 'source_ip:203.0.113.9'
  return {
    alert_id: 'A-1',
    dedup_key: 'rule|x',
    kind: 'findings',
    rule_id: rule,
    title: 'SQL injection in a request',
    severity: 'high',
    score: 89,
    region_code: '32.04',
    owner: '',
    asset_id: '',
    entity,
    first_seen,
    last_seen: first_seen,
    opened_at: first_seen,
    changed_at: first_seen,
    findings: 1,
    findings_exact: true,
    matters: 1,
    rules: [],
    attack: ['T1190'],
    worst: [
      {
        ...{ finding_id: 'f', rule_id: rule, title: 'x', severity: 'high', score: 89, entity },
        ...{ event_id: 'e', source_id: 's', at: first_seen, evidence, factors: [] },
      },
    ],
    election: 'pilkada-2024',
    phase: 'pemungutan',
    status: 'open',
    merged_into: '',
    assignee: '',
    asks: [],
    acknowledged_at: 0,
    acknowledged_by: '',
    case_id: '',
    actions: [],
    version: 1,
    ...rest,
  }
}

/** An address of a carrier, a content network and a research scanner. */
export const shared: SharedThings = {
  address: (ip) => ip === '114.125.0.7',
  domain: (domain) => domain === 'cdn.example',
  agent: (agent) => agent.includes('censysinspect'),
}

/** Evidence of a match with threat intelligence. */
export function indicator(value: string, tlp: string, type = ''): Evidence {
  return [
    { field: 'source_ip', value: '203.0.113.77' },
    ...(type === '' ? [] : [{ field: 'threat.indicator.type', value: type }]),
    { field: 'threat.indicator.name', value },
    ...(tlp === '' ? [] : [{ field: 'threat.indicator.marking.tlp', value: tlp }]),
  ]
}
