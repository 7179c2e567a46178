// How does Alertmanager get an alert? By POST /api/v2/alerts, with labels that stay the same while the alert lives.
import type { Alert } from '../../../schemas/alert.ts'
import type { Outgoing } from './channel.ts'
import { beneath } from './http.ts'
import { iso, type Preset, stateOf } from './preset.ts'
import { cut, defuse, linkOf } from './text.ts'

const PATH = 'api/v2/alerts'
/** Alertmanager takes an alert that is not told again for resolved after five minutes; we tell it once, so it lives until it is closed, or so long. */
const LIVES_MS = 7 * 86_400_000
const NOTE_LIVES_MS = 3_600_000
const names = { warning: 'SiagaWarning', summary: 'SiagaSummary', test: 'SiagaTest' } as const

/**
 * Alertmanager knows an alert by its labels, so only what does not change is one; the severity is (routes are made with it), and the alert under
 * each former severity is ended along.
 */
export const alertmanager: Preset = (outgoing, { outside, now }) => ({
  body: alertsOf(outgoing, outside, now),
  url: (base) => (base.pathname.endsWith(`/${PATH}`) ? base : beneath(base.href, PATH)),
})

function alertsOf(outgoing: Outgoing, outside: boolean, now: number): unknown[] {
  const { notification, message } = outgoing
  const { alert, reason } = notification
  const state = stateOf(notification)
  const link = linkOf(message)
  const common = {
    annotations: annotationsOf(outgoing, outside),
    startsAt: iso(Math.min(now, alert.first_seen)),
    ...(link === '' ? {} : { generatorURL: link }),
  }
  if (state === 'note') {
    const name = reason === 'warning' || reason === 'summary' || reason === 'test' ? reason : 'test'
    const labels = {
      ...labelsOf(alert, alert.severity),
      alertname: names[name],
      notification_id: notification.notification_id,
    }
    return [{ labels, ...common, startsAt: iso(now), endsAt: iso(now + NOTE_LIVES_MS) }]
  }
  const former = new Set(alert.asks.map(({ severity }) => severity))
  former.delete(alert.severity)
  return [
    {
      labels: labelsOf(alert, alert.severity),
      ...common,
      endsAt: iso(state === 'closed' ? now : now + LIVES_MS),
    },
    ...[...former].map((severity) => ({ labels: labelsOf(alert, severity), ...common, endsAt: iso(now) })),
  ]
}

function labelsOf(alert: Alert, severity: Alert['severity']): Record<string, string> {
  return {
    alertname: 'SiagaAlert',
    alert_id: alert.alert_id,
    severity,
    // An empty label is none to Alertmanager.
    ...(alert.region_code === '' ? {} : { region: alert.region_code, province: alert.region_code.slice(0, 2) }),
  }
}

function annotationsOf({ notification: { alert }, message }: Outgoing, outside: boolean): Record<string, string> {
  const brief = { summary: text(message.title, 500), region: text(message.region, 200) }
  if (outside) return brief
  const lines = message.text.split('\n').map(inert)
  return {
    ...brief,
    description: cut(lines.join('\n'), 8000),
    status: alert.status,
    score: String(alert.score),
    rule: text(alert.rule_id, 200),
    asset: text(alert.asset_id, 200),
    entity: text(alert.entity, 500),
    attack: text(alert.attack.join(', '), 500),
    case: text(alert.case_id, 200),
  }
}

function text(value: string, most: number): string {
  return cut(inert(value), most)
}

/** Templates of Alertmanager put annotations into Slack as they are: without the characters that its links and mentions are made with. */
function inert(value: string): string {
  return defuse(value).replaceAll('<', '‹').replaceAll('>', '›')
}
