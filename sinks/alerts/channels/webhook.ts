// How does a webhook get a message? As JSON of Siaga's own form or of a product, signed where there is a secret.
import { createHmac } from 'node:crypto'
import type { AlertFinding } from '../../../schemas/alert.ts'
import type { ChannelOf } from '../../../schemas/alerting.ts'
import { WEBHOOK_VERSION, type WebhookInside, type WebhookOutside } from '../../../schemas/webhook.ts'
import { alertmanager } from './alertmanager.ts'
import type { ChannelParts, ChannelSender, Outgoing } from './channel.ts'
import { createHttpSender, jsonText } from './http.ts'
import { mattermost } from './mattermost.ts'
import { pagerduty } from './pagerduty.ts'
import { iso, type Preset } from './preset.ts'
import { slack } from './slack.ts'
import { teams } from './teams.ts'
import { cut } from './text.ts'

/** Most of what is repeated; the alert itself is behind the link. */
const MOST = {
  worst: 10,
  evidence: 20,
  rules: 50,
  attack: 50,
  indicators: 200,
  counts: 200,
  field: 200,
  value: 1000,
  text: 20_000,
}

const presets: Readonly<Record<ChannelOf<'webhook'>['preset'], Preset>> = {
  siaga,
  slack,
  mattermost,
  teams,
  pagerduty,
  alertmanager,
}

/** Posts to `settings.url`. Signed where a secret is set, whatever the preset. */
export function createWebhookChannel(settings: ChannelOf<'webhook'>, parts: ChannelParts): ChannelSender {
  const preset = presets[settings.preset]
  return createHttpSender(settings, parts, (outgoing, secretOf) => {
    const token = secretOf('token', settings.token)
    const secret = secretOf('secret', settings.secret)
    const now = parts.now()
    const prepared = preset(outgoing, { outside: settings.outside, token, now })
    if ('kind' in prepared) return prepared
    const base = new URL(settings.url)
    const body = jsonText(prepared.body)
    const timestamp = String(Math.floor(now / 1000))
    return {
      url: prepared.url?.(base) ?? base,
      body,
      contentType: 'application/json',
      headers: {
        ...(secret === ''
          ? {}
          : { 'x-siaga-timestamp': timestamp, 'x-siaga-signature': signatureOf(secret, timestamp, body) }),
        ...(token === '' || prepared.bearer === false ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(prepared.judge === undefined ? {} : { judge: prepared.judge }),
    }
  })
}

/** `v1=` and HMAC-SHA-256 (RFC 2104) in hex over `<timestamp>.<body>`. */
function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

/** Siaga's own form, {@link WebhookInside} or {@link WebhookOutside}. Values stay exact: it is read by machines. */
function siaga(outgoing: Outgoing, { outside }: { outside: boolean }): { body: WebhookInside | WebhookOutside } {
  return { body: outside ? outsideBody(outgoing) : insideBody(outgoing) }
}

function outsideBody({ notification, message }: Outgoing): WebhookOutside {
  return {
    version: WEBHOOK_VERSION,
    notification_id: notification.notification_id,
    outside: true,
    severity: notification.alert.severity,
    region: { code: notification.alert.region_code, name: short(message.region) },
    title: short(message.title),
    link: message.link,
  }
}

function insideBody({ notification, message }: Outgoing): WebhookInside {
  const { alert, warning, summary, reason, notification_id } = notification
  return {
    version: WEBHOOK_VERSION,
    notification_id,
    outside: false,
    reason,
    alert: {
      alert_id: alert.alert_id,
      kind: alert.kind,
      status: alert.status,
      severity: alert.severity,
      score: alert.score,
      title: short(alert.title),
      region: { code: alert.region_code, name: short(message.region) },
      owner: alert.owner,
      asset_id: short(alert.asset_id),
      entity: short(alert.entity),
      first_seen: iso(alert.first_seen),
      last_seen: iso(alert.last_seen),
      findings: alert.findings,
      findings_exact: alert.findings_exact,
      matters: alert.matters,
      rules: alert.rules.slice(0, MOST.rules).map(({ rule_id, title, severity, score, findings }) => ({
        rule_id,
        title: short(title),
        severity,
        score,
        findings,
      })),
      attack: alert.attack.slice(0, MOST.attack),
      worst: alert.worst.slice(0, MOST.worst).map(findingOf),
      election: alert.election,
      phase: alert.phase,
      assignee: alert.assignee,
      case_id: alert.case_id,
      version: alert.version,
    },
    ...(warning === undefined
      ? {}
      : {
          warning: {
            ...warning,
            attack: warning.attack.slice(0, MOST.attack),
            indicators: warning.indicators
              .slice(0, MOST.indicators)
              .map(({ type, value, tlp }) => ({ type, value: short(value), tlp })),
          },
        }),
    ...(summary === undefined
      ? {}
      : {
          summary: {
            from: iso(summary.from),
            to: iso(summary.to),
            counts: summary.counts.slice(0, MOST.counts),
          },
        }),
    link: message.link,
    text: cut(message.text, MOST.text),
  }
}

function findingOf(finding: AlertFinding): WebhookInside['alert']['worst'][number] {
  const { finding_id, rule_id, title, severity, score, entity, event_id, source_id, at, evidence } = finding
  return {
    finding_id,
    rule_id,
    title: short(title),
    severity,
    score,
    entity: short(entity),
    event_id,
    source_id,
    at: iso(at),
    evidence: evidence.slice(0, MOST.evidence).map(({ field, value }) => ({
      field: cut(field, MOST.field),
      value: short(value),
    })),
  }
}

function short(text: string): string {
  return cut(text, MOST.value)
}
