// Which questions has somebody thought through already? The saved hunts, by subject and by word; one is put into the editor with its values.
import { useSignal } from '@preact/signals'
import type { ListedHunt } from '../../../../schemas/sql-api.ts'
import { language, t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { Empty, Failed, Loading } from '../../parts/states.tsx'

export function Hunts({ onTake }: { onTake: (hunt: ListedHunt) => void }) {
  const { data, error, again } = useLoad<{ hunts: ListedHunt[] }>(() => '/api/sql/hunts')
  const word = useSignal('')
  const en = language.value === 'en'
  const wanted = word.value.trim().toLowerCase()
  const found = (data.value?.hunts ?? []).filter((hunt) =>
    [hunt.id, hunt.title.id, hunt.title.en, hunt.category, ...hunt.attack].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  )
  return (
    <details class="side card">
      <summary>{t('Perburuan tersimpan', 'Saved hunts')}</summary>
      <label>
        {t('Cari', 'Look for')}{' '}
        <input
          type="search"
          value={word.value}
          placeholder="T1110, sandi, web …"
          onInput={(event) => {
            word.value = event.currentTarget.value
          }}
        />
      </label>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {data.value === undefined && error.value === undefined && <Loading />}
      {data.value !== undefined && found.length === 0 && <Empty />}
      <ul>
        {found.map((hunt) => (
          <li key={hunt.id}>
            <button type="button" class="quiet" onClick={() => onTake(hunt)}>
              {en ? hunt.title.en : hunt.title.id}
            </button>
            <p class="soft">
              {en ? hunt.finds.en : hunt.finds.id} <span class="mono">{hunt.attack.join(' ')}</span>
              {hunt.scope === 'central' && ` · ${t('hanya pusat', 'centre only')}`}
            </p>
          </li>
        ))}
      </ul>
    </details>
  )
}

/** What a hunt is about, above its answer. */
export function HuntNote({ hunt, onLeave }: { hunt: ListedHunt; onLeave: () => void }) {
  const en = language.value === 'en'
  const said = (text: { id: string; en: string }): string => (en ? text.en : text.id)
  return (
    <section class="card hunt-note" aria-label={t('Perburuan', 'Hunt')}>
      <header>
        <h2>{said(hunt.title)}</h2>
        <button type="button" onClick={onLeave}>
          {t('Tutup', 'Close')}
        </button>
      </header>
      <dl>
        <dt>{t('Mengapa penting', 'Why it matters')}</dt>
        <dd>{said(hunt.matters)}</dd>
        <dt>{t('Bila ada temuan', 'With a hit')}</dt>
        <dd>{said(hunt.action)}</dd>
        <dt>{t('Salah duga yang lazim', 'A usual false positive')}</dt>
        <dd>{said(hunt.usual)}</dd>
      </dl>
    </section>
  )
}
