// Where am I logged in, and how is a session ended?
import { useSignal } from '@preact/signals'
import type { OwnAccount } from '../../../../schemas/accounts-api.ts'
import { ask } from '../../api.ts'
import { ago, dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { useAct } from '../../parts/act.ts'
import { Failed } from '../../parts/states.tsx'
import { browserOf } from './browser.ts'

export function SessionsPart({ own, done }: { own: OwnAccount; done: () => void }) {
  const { busy, error, run } = useAct()
  const ended = useSignal(0)
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    if (await run(work)) ended.value += 1
    done()
  }
  const others = own.sessions.filter(({ current }) => !current)
  return (
    <section class="card" aria-labelledby="sessions">
      <h2 id="sessions">{t('Sesi', 'Sessions')}</h2>
      <ul class="things">
        {own.sessions.map(({ id, current, agent, address, created_at, seen_at }) => (
          <li key={id}>
            <div>
              <strong>{browserOf(agent)}</strong> · <span class="mono">{address}</span>
              <br />
              <span class="soft">
                {t('masuk', 'logged in')} {dateTime(created_at)} ·{' '}
                {current ? t('● sesi ini', '● this session') : `${t('terakhir', 'last')} ${ago(seen_at, Date.now())}`}
              </span>
            </div>
            {!current && (
              <button
                type="button"
                disabled={busy.value}
                aria-label={t(`Akhiri sesi dari ${address}`, `End the session from ${address}`)}
                onClick={() => void act(() => ask(`/api/account/sessions/${id}`, { method: 'DELETE' }))}
              >
                {t('Akhiri', 'End')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {error.value !== undefined && <Failed error={error.value} />}
      <div class="row">
        <button
          type="button"
          disabled={busy.value || others.length === 0}
          onClick={() => void act(() => ask('/api/account/sessions/end-others', { method: 'POST', body: {} }))}
        >
          {t('Akhiri semua sesi lain', 'End all other sessions')}
        </button>
        <span role="status">{ended.value > 0 && t('✓ Diakhiri', '✓ Ended')}</span>
      </div>
    </section>
  )
}
