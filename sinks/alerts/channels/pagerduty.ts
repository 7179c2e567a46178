// How does PagerDuty get an alert? As events of its Events API v2, so that its incident follows our alert.
import type { Severity } from '../../../schemas/detection.ts'
import type { Outgoing, SendOutcome } from './channel.ts'
import { type Answer, answerText, retry } from './http.ts'
import { iso, type Preset, stateOf } from './preset.ts'
import { cut, defuse, linkOf, linkWords, partsWithin } from './text.ts'

const severities: Readonly<Record<Severity, 'critical' | 'error' | 'warning' | 'info'>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
  informational: 'info',
}
const actions = { firing: 'trigger', acknowledged: 'acknowledge', closed: 'resolve', note: 'trigger' } as const
/** Limits of PagerDuty: characters of a summary and of a key. */
const MAX_SUMMARY = 1024
const MAX_KEY = 255

/** `token` is the routing key. The incident is found again by the id of the alert; a note (warning, summary, test) is one of its own. */
export const pagerduty: Preset = (outgoing, { outside, token }) => {
  if (token === '') return retry('token: the preset pagerduty needs a routing key')
  const { notification } = outgoing
  const state = stateOf(notification)
  return {
    body: {
      routing_key: token,
      event_action: actions[state],
      dedup_key: cut(state === 'note' ? notification.notification_id : notification.alert.alert_id, MAX_KEY),
      ...(actions[state] === 'trigger' ? trigger(outgoing, outside, state === 'note') : {}),
    },
    bearer: false,
    url: (base) => (base.pathname === '/' ? new URL('/v2/enqueue', base) : base),
    judge,
  }
}

function trigger({ notification: { alert, reason }, message }: Outgoing, outside: boolean, note: boolean) {
  const link = linkOf(message)
  const parts = outside ? [] : partsWithin(message.parts, 20_000)
  return {
    payload: {
      summary: cut(defuse(message.title), MAX_SUMMARY) || '-',
      // A warning concerns somebody else's alert: it does not wake like one.
      severity: note ? severities[reason === 'warning' ? 'medium' : 'informational'] : severities[alert.severity],
      source: outside ? 'siaga' : cut(defuse(alert.asset_id || alert.entity), 200) || 'siaga',
      timestamp: iso(alert.first_seen),
      group: alert.region_code,
      ...(outside
        ? { custom_details: { severity: defuse(message.severity), region: defuse(message.region) } }
        : {
            class: cut(defuse(alert.rule_id), 200),
            custom_details: {
              severity: defuse(message.severity),
              region: defuse(message.region),
              ...Object.fromEntries(parts.map(({ label, lines }) => [label, lines.join('\n')])),
            },
          }),
    },
    client: 'Siaga',
    ...(link === '' ? {} : { client_url: link, links: [{ href: link, text: linkWords(message) }] }),
  }
}

/** PagerDuty answers 400 for a wrong routing key, which people repair; every other 400 is a body that it will never take. */
function judge(answer: Answer): SendOutcome | undefined {
  return answer.status === 400 && answer.text.includes('routing_key') ? retry(answerText(answer)) : undefined
}
