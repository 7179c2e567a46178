// Who did what, and who was told? Actions and comments in their order, a new comment, and every message with what came of it.
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { ActionItem, AlertDetail } from '../../../../schemas/alert-api.ts'
import { dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { act, acting, newPress } from './act.ts'
import { doneWords, outcomeWords, reasonWords, say, statusWords, verbWords } from './words.ts'

export function History({ alert, again }: { alert: AlertDetail; again: () => void }) {
  return (
    <section class="card history" aria-labelledby="history">
      <h2 id="history">{t('Riwayat', 'History')}</h2>
      <ol>
        <li>
          <time dateTime={alert.opened_at}>{dateTime(Date.parse(alert.opened_at))}</time>
          <p>{t('Siaga membuka peringatan ini.', 'Siaga opened this alert.')}</p>
        </li>
        {alert.actions.map((action) => (
          <Action key={action.id} action={action} />
        ))}
      </ol>
      {alert.verbs.includes('comment') && <Comment alert={alert} again={again} />}
    </section>
  )
}

function Action({ action }: { action: ActionItem }) {
  const { actor, room, verb, reason, assignee, other, from_status, to_status } = action
  return (
    <li class={verb === 'comment' ? 'comment' : ''}>
      <time dateTime={action.at}>{dateTime(Date.parse(action.at))}</time>
      <p>
        <b>{actor === 'siaga' && room === '' ? 'Siaga' : actor}</b>
        {room !== '' && <span class="soft"> ({room})</span>} {say(doneWords[verb])}
        {assignee !== '' && ` ${t('kepada', 'to')} ${assignee}`}
        {other !== '' && (
          <>
            {' '}
            <a href={`/peringatan/${other}`}>{other}</a>
          </>
        )}
        {from_status !== to_status && (
          <span class="soft">
            {' '}
            · {say(statusWords[from_status])} → {say(statusWords[to_status])}
          </span>
        )}
        {action.from !== '' && <span class="soft mono"> · {action.from}</span>}
      </p>
      {reason !== '' && (
        <blockquote>
          <bdi>{reason}</bdi>
        </blockquote>
      )}
    </li>
  )
}

function Comment({ alert, again }: { alert: AlertDetail; again: () => void }) {
  const text = useSignal('')
  const press = useMemo(newPress, [alert.id])
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const reason = text.value.trim()
    const changed = await act({ verb: 'comment', ids: [alert.id], reason }, press)
    if (changed.length === 0) return
    text.value = ''
    again()
  }
  return (
    <form class="comment-form" onSubmit={(event) => void submit(event)}>
      <label>
        {t('Komentar untuk semua yang melihat peringatan ini', 'Comment for all who see this alert')}
        <textarea
          required
          rows={2}
          maxLength={4000}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={acting.value}>
        {say(verbWords.comment)}
      </button>
    </form>
  )
}

export function Deliveries({ alert }: { alert: AlertDetail }) {
  const { deliveries, deliveries_known } = alert
  return (
    <section class="card deliveries" aria-labelledby="deliveries">
      <h2 id="deliveries">{t('Siapa diberi tahu', 'Who was told')}</h2>
      {!deliveries_known && (
        <p class="state failed">
          {t(
            'Penyimpanan tidak menjawab: yang sudah terkirim tidak diketahui sekarang.',
            'The store does not answer: what was delivered is not known now.',
          )}
        </p>
      )}
      {deliveries.length === 0 ? (
        deliveries_known && <p class="soft">{t('Belum ada yang diberi tahu.', 'Nobody has been told.')}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('Waktu', 'Time')}</th>
              <th scope="col">{t('Siapa', 'Who')}</th>
              <th scope="col">{t('Sebab', 'Why')}</th>
              <th scope="col">{t('Hasil', 'Outcome')}</th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((one) => (
              <tr key={`${one.id}-${one.attempt}-${one.outcome}`}>
                <td>{dateTime(Date.parse(one.at))}</td>
                <td>
                  {one.recipient || '–'}{' '}
                  <span class="soft">
                    {one.room} · {one.channel}
                  </span>
                </td>
                <td>{say(reasonWords[one.reason])}</td>
                <td class={one.outcome}>
                  {say(outcomeWords[one.outcome])}
                  {one.attempt > 1 && ` (${t('percobaan', 'attempt')} ${one.attempt})`}
                  {one.detail !== '' && one.outcome !== 'delivered' && <bdi class="soft detail">{one.detail}</bdi>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
