// What stands in a message that is about no alert? An alert without findings, of the centre.
import { NATIONAL } from '../../runtime/reference.ts'
import type { Alert } from '../../schemas/alert.ts'

/** For summaries, warnings and tests. Milliseconds since 1970 UTC. */
export function blankAlert(now: number, changed: Partial<Alert> = {}): Alert {
  return {
    alert_id: '',
    dedup_key: '',
    kind: 'findings',
    rule_id: '',
    title: '',
    severity: 'informational',
    score: 0,
    region_code: NATIONAL,
    owner: '',
    asset_id: '',
    entity: '',
    first_seen: now,
    last_seen: now,
    opened_at: now,
    changed_at: now,
    findings: 0,
    findings_exact: true,
    matters: 0,
    rules: [],
    attack: [],
    worst: [],
    election: '',
    phase: '',
    status: 'open',
    merged_into: '',
    assignee: '',
    asks: [],
    acknowledged_at: 0,
    acknowledged_by: '',
    case_id: '',
    actions: [],
    version: 0,
    ...changed,
  }
}
