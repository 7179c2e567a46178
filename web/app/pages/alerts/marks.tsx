// How do severity, status, deadline and who is on it look? Shape and word beside every colour.
import { signal } from '@preact/signals'
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import type { Severity } from '../../../../schemas/detection.ts'
import { dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { clockAhead } from './feed.ts'
import { say, severityWords, statusWords } from './words.ts'

/** Paths in a square of 16: the more corners stand out, the worse. */
const shapes: Readonly<Record<Severity, string>> = {
  critical: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z',
  high: 'M8 1l7.5 14H.5z',
  medium: 'M2 2h12v12H2z',
  low: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z',
  informational: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2zm0 3a3 3 0 1 1 0 6 3 3 0 1 1 0-6z',
}

export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <span class={`severity ${severity}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[severity]} />
      </svg>
      {say(severityWords[severity])}
    </span>
  )
}

export function StatusMark({ alert }: { alert: Pick<AlertItem, 'status' | 'unacknowledged'> }) {
  return (
    <span class={`status ${alert.status}`}>
      {say(statusWords[alert.status])}
      {alert.unacknowledged && alert.status !== 'open' && (
        <span class="again"> {t('(tanggapi lagi)', '(acknowledge again)')}</span>
      )}
    </span>
  )
}

export function Who({ alert }: { alert: Pick<AlertItem, 'assignee' | 'acknowledged_by'> }) {
  const { assignee, acknowledged_by } = alert
  if (assignee !== '') return <span class="who">{assignee}</span>
  if (acknowledged_by !== '')
    return <span class="who soft">{t(`ditanggapi ${acknowledged_by}`, `acknowledged by ${acknowledged_by}`)}</span>
  return <span class="who soft">{t('belum ada', 'nobody')}</span>
}

/** Once a second while anything that counts is on the page. */
const second = signal(Date.now())
setInterval(() => {
  if (document.visibilityState === 'visible') second.value = Date.now()
}, 1_000)

/** Time of the server, milliseconds since 1970 UTC. */
export const serverNow = (): number => second.value + clockAhead.value

/** How long until the deadline, or since. */
export function Deadline({ at }: { at: string | undefined }) {
  if (at === undefined) return <span class="deadline soft">{t('tanpa tenggat', 'no deadline')}</span>
  const left = Date.parse(at) - serverNow()
  const over = left < 0
  return (
    <time
      class={`deadline ${over ? 'over' : left < 300_000 ? 'near' : ''}`}
      dateTime={at}
      title={dateTime(Date.parse(at))}
    >
      {over ? `⚠ ${t('lewat', 'overdue')} ${span(-left)}` : span(left)}
    </time>
  )
}

/** 2 h 05 m, 4 m 09 s. */
function span(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const [d, h, m, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
  const two = (n: number): string => String(n).padStart(2, '0')
  const [day, hour, minute, sec] = [t('hr', 'd'), t('j', 'h'), t('m', 'm'), t('d', 's')]
  if (d > 0) return `${d} ${day} ${two(h)} ${hour}`
  return h > 0 ? `${h} ${hour} ${two(m)} ${minute}` : `${m} ${minute} ${two(s)} ${sec}`
}
