// How do status, deadline and who is on it look? Shape and word beside every colour.
import { signal } from '@preact/signals'
import type { AlertItem } from '../../../../schemas/alert-api.ts'
import { dateTime, duration } from '../../format.ts'
import { t } from '../../language.ts'
import { clockAhead } from './feed.ts'
import { say, statusWords } from './words.ts'

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
      {over ? `⚠ ${t('lewat', 'overdue')} ${duration(-left)}` : duration(left)}
    </time>
  )
}
