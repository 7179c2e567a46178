// Which machines hear of an alert, and who hears that it was closed? Channels that wake nobody.
import { within } from '../../../runtime/scope.ts'
import { type Alert, closedStatuses } from '../../../schemas/alert.ts'
import type { Alerts, Channel } from '../../../schemas/alerting.ts'
import { severityRank } from '../../../schemas/detection.ts'
import type { Page } from './page.ts'

/** `opened`: a new alert; `changed`: it asks anew; `closed`: nobody has to do anything any more. */
export type Change = 'opened' | 'changed' | 'closed'

type Forwarded = Pick<Alert, 'region_code' | 'severity' | 'asks' | 'changed_at' | 'version'>

/**
 * Pages to channels of machines that are told of every alert that fits: by region with those beneath it, and least severity; of its closing
 * where they want it. One for each channel, due at once, at any hour.
 */
export function forwards({ forward }: Pick<Alerts, 'forward'>, alert: Forwarded, change: Change): Page[] {
  const reason = change === 'opened' || change === 'closed' ? change : (alert.asks.at(-1)?.reason ?? 'opened')
  const fitting = forward.filter(({ regions, severity, closed }) => {
    if (change === 'closed' && !closed) return false
    if (severityRank(alert.severity) < severityRank(severity)) return false
    return regions.length === 0 || regions.some((code) => within(alert.region_code, code))
  })
  return [...new Set(fitting.map(({ channel }) => channel))].map((channel) => ({
    key: `${change}-${alert.version}|forward||${channel}`,
    room: '',
    level: '',
    recipient: '',
    channel,
    reason,
    due_at: alert.changed_at,
  }))
}

/** Kinds of channel that can say that it is over without ringing anybody's phone. */
const calm: ReadonlySet<Channel['kind']> = new Set(['email', 'webhook', 'syslog', 'file'])

/**
 * Pages to those who were told of an alert (`told`: what was made for it), once it is resolved, a false positive or accepted: each of them
 * once, and only by channels that ring nobody's phone. None for one that became part of another: that goes on.
 */
export function closings(
  { channels }: Pick<Alerts, 'channels'>,
  alert: Pick<Alert, 'status' | 'changed_at' | 'version'>,
  told: readonly Pick<Page, 'room' | 'level' | 'recipient' | 'channel'>[],
): Page[] {
  if (!closedStatuses.has(alert.status) || alert.status === 'merged') return []
  const kinds = new Map(channels.map(({ id, kind }) => [id, kind]))
  const once = new Map<string, Page>()
  for (const { room, level, recipient, channel } of told) {
    const kind = kinds.get(channel)
    // Without a recipient it was forwarded: machines are told by `forwards`.
    if (recipient === '' || once.has(recipient) || kind === undefined || !calm.has(kind)) continue
    const key = `closed-${alert.version}|closed|${room}|${recipient}`
    once.set(recipient, { key, room, level, recipient, channel, reason: 'closed', due_at: alert.changed_at })
  }
  return [...once.values()]
}
