// What does an alert look like that tests can change? An open one of a kabupaten, as it is made of one finding.
import { Alert } from '../../../../schemas/alert.ts'

export function sampleAlert(changed: Partial<Alert> = {}): Alert {
  return {
    ...Alert.parse({
      alert_id: 'a1',
      dedup_key: 'rule|asset',
      kind: 'findings',
      rule_id: 'rule',
      title: 'Somebody guesses passwords',
      severity: 'high',
      score: 80,
      region_code: '32.73',
      owner: '',
      asset_id: '',
      entity: 'source_ip:192.0.2.1',
      first_seen: 1_000,
      last_seen: 2_000,
      opened_at: 5_000,
      changed_at: 5_000,
      findings: 1,
      findings_exact: true,
      matters: 1,
      rules: [],
      attack: ['T1110'],
      worst: [],
      election: '',
      phase: '',
      status: 'open',
      merged_into: '',
      assignee: '',
      asks: [{ at: 5_000, reason: 'opened', severity: 'high' }],
      acknowledged_at: 0,
      acknowledged_by: '',
      case_id: '',
      actions: [],
      version: 1,
    }),
    ...changed,
  }
}
