// What do machines that read lines (files, another SIEM) get of a message? Flat fields; outside of government networks the four facts and ids.
import type { Outgoing } from './channel.ts'

/** Fields of one notification for machines. `outside`: severity, region, title and link, and ids that say nothing. */
export function recordOf(
  { notification, message }: Outgoing,
  outside: boolean,
): Record<string, string | number | readonly string[]> {
  const { alert } = notification
  const facts = {
    idempotency_key: notification.notification_id,
    alert_id: notification.alert_id,
    severity: alert.severity,
    region: message.region,
    title: message.title,
    link: message.link,
  }
  if (outside) return facts
  const shared = { ...facts, reason: notification.reason, created_at: new Date(notification.created_at).toISOString() }
  // A warning is about alerts of other regions: of them nothing is told but what the message says.
  if (notification.reason === 'warning') {
    return { ...shared, case_id: notification.warning?.case_id ?? '', attack: notification.warning?.attack ?? [] }
  }
  return {
    ...shared,
    status: alert.status,
    score: alert.score,
    rule_id: alert.rule_id,
    region_code: alert.region_code,
    owner: alert.owner,
    asset_id: alert.asset_id,
    entity: alert.entity,
    first_seen: new Date(alert.first_seen).toISOString(),
    last_seen: new Date(alert.last_seen).toISOString(),
    findings: alert.findings,
    attack: alert.attack,
    case_id: alert.case_id,
    election: alert.election,
    phase: alert.phase,
  }
}
