// Laporan: file a report, follow those that were filed, see who has not reported, and read the daily report.
import './reports.css'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { lazy, useLocation } from 'preact-iso'
import type { ReportDeskInfo } from '../../../../schemas/reports-api.ts'
import { dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { Failed, Loading } from '../../parts/states.tsx'
import { may, session } from '../../session.ts'
import { Detail } from './detail.tsx'
import { Duties } from './duties.tsx'
import { IncidentForm, newDraft } from './form.tsx'
import { Filed } from './list.tsx'
import { Mine } from './mine.tsx'
import { type Entry, entries, openOutbox, submit } from './outbox.ts'

const Daily = lazy(async () => (await import('./daily/daily.tsx')).Daily)

export function Reports() {
  const { path } = useLocation()
  useEffect(openOutbox, [session.value?.account.id])
  const rest = decodeURIComponent(path.replace(/^\/laporan\/?/, ''))
  const receipt = /^(?:LAP|NIL)-/i.test(rest) ? rest.toUpperCase() : undefined
  const at = receipt === undefined ? rest : 'receipt'
  return (
    <div class="rep">
      <nav class="rep-tabs" aria-label={t('Bagian laporan', 'Parts of reports')}>
        {(
          [
            ['', t('Laporan', 'Reports')],
            ['kewajiban', t('Kewajiban lapor', 'Duty to report')],
            ['harian', t('Laporan harian', 'Daily report')],
          ] as const
        ).map(([name, word]) => (
          <a
            key={name}
            href={name === '' ? '/laporan' : `/laporan/${name}`}
            aria-current={at === name ? 'page' : undefined}
          >
            {word}
          </a>
        ))}
      </nav>
      {receipt !== undefined && <Detail receipt={receipt} />}
      {at === 'kewajiban' && <Duties />}
      {at === 'harian' && <Daily />}
      {receipt === undefined && at !== 'kewajiban' && at !== 'harian' && <Home />}
    </div>
  )
}

function Home() {
  const desk = useLoad<ReportDeskInfo>(() => '/api/reports/desk', 60_000)
  const open = useSignal<Entry | undefined>(undefined)
  const info = desk.data.value
  const close = (): void => {
    open.value = undefined
    scrollTo(0, 0)
    setTimeout(desk.again, 2_000)
  }
  const begin = (): void => {
    if (info !== undefined) open.value = entries.value.find(isBlankDraft) ?? newDraft(info.zone)
  }
  if (open.value !== undefined && info !== undefined)
    return (
      <>
        <p>
          <button type="button" class="quiet" onClick={close}>
            ← {t('Kembali; draf tersimpan', 'Back; the draft is kept')}
          </button>
        </p>
        <h1>{t('Lapor insiden', 'Report an incident')}</h1>
        <p class="soft">
          {info.room_name} · {info.region_name}
        </p>
        <IncidentForm key={open.value.id} entry={open.value} desk={info} onSent={close} />
      </>
    )
  return (
    <>
      <h1>{t('Laporan', 'Reports')}</h1>
      {info === undefined && desk.error.value === undefined && <Loading />}
      {info === undefined && desk.error.value !== undefined && <Failed error={desk.error.value} again={desk.again} />}
      {info !== undefined && may('reports', 'write') && <Begin info={info} begin={begin} />}
      <Mine
        onOpen={(entry) => {
          open.value = entry
        }}
      />
      <Filed />
    </>
  )
}

/** Only what was refused or is being written is a draft; a new report takes no draft's place. */
const isBlankDraft = ({ kind, state, form, refusal }: Entry): boolean =>
  kind === 'incident' && state === 'draft' && refusal === undefined && form?.category === '' && form.description === ''

function Begin({ info, begin }: { info: ReportDeskInfo; begin: () => void }) {
  if (!info.files)
    return (
      <p class="rep-note">
        {t(
          `Ruang ${info.room_name} tidak ada di siaga.yaml, sehingga belum dapat melapor. Minta pusat menambahkannya di bawah rooms.`,
          `The room ${info.room_name} is not in siaga.yaml, so nothing can be filed for it. Ask the centre to add it under rooms.`,
        )}
      </p>
    )
  const { due } = info
  const id = `nihil-${due?.at ?? Math.floor(info.now / 3_600_000)}`
  const mine = entries.value.find((entry) => entry.id === id)
  const done = due?.reported === true || mine?.state === 'filed'
  const nihil = (): void =>
    submit({ id, kind: 'nihil', state: 'draft', form: undefined, body: undefined, changed_at: Date.now() }, {})
  return (
    <section class="rep-begin">
      <button type="button" class="main rep-big" onClick={begin}>
        {t('Lapor insiden', 'Report an incident')}
      </button>
      <button type="button" class="rep-big" disabled={done || mine?.state === 'waiting'} onClick={nihil}>
        {t('Tidak ada insiden (nihil)', 'Nothing to report (nihil)')}
      </button>
      {due !== null && due !== undefined && (
        <p class={done ? 'rep-due' : 'rep-due rep-open'}>
          {done ? '✓ ' : '○ '}
          {t('Laporan untuk', 'Report for')} {dateTime(due.at, info.zone)}:{' '}
          {done ? t('sudah ada', 'is there') : t('belum ada', 'is not there yet')}
          {!done && info.now > due.until && ` · ⚠ ${t('terlambat', 'late')}`}
          {due.voting_day && ` · ${t('hari pemungutan suara', 'voting day')}`}
        </p>
      )}
    </section>
  )
}
