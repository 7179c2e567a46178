// Which reports were filed, by this room and those beneath, and how do they stand?
import { useSignal } from '@preact/signals'
import type { ReportItem, ReportList } from '../../../../schemas/reports-api.ts'
import { query } from '../../api.ts'
import { dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { markedOf, SeverityMark } from '../../parts/severity.tsx'
import { Empty, Failed, Loading } from '../../parts/states.tsx'
import { session } from '../../session.ts'
import { categoryWord, stateWord } from './words.ts'

export function Filed() {
  const kind = useSignal<'' | 'incident' | 'nihil'>('')
  const open = useSignal(false)
  const before = useSignal<number | undefined>(undefined)
  const { data, error, again } = useLoad<ReportList>(
    () => `/api/reports${query({ kind: kind.value, open: open.value ? 1 : undefined, before: before.value })}`,
    15_000,
  )
  const choose = (next: '' | 'incident' | 'nihil'): void => {
    kind.value = next
    before.value = undefined
  }
  const last = data.value?.reports.at(-1)
  return (
    <section aria-labelledby="filed-title">
      <h2 id="filed-title">{t('Laporan yang tercatat', 'Reports filed')}</h2>
      <fieldset class="rep-filter" aria-label={t('Saring', 'Filter')}>
        {(
          [
            ['', t('Semua', 'All')],
            ['incident', t('Insiden', 'Incidents')],
            ['nihil', t('Nihil', 'Nihil')],
          ] as const
        ).map(([name, word]) => (
          <button key={name} type="button" aria-pressed={kind.value === name} onClick={() => choose(name)}>
            {word}
          </button>
        ))}
        <label>
          <input
            type="checkbox"
            checked={open.value}
            onChange={({ currentTarget }) => {
              open.value = currentTarget.checked
              before.value = undefined
            }}
          />{' '}
          {t('hanya yang belum selesai', 'only what is not done')}
        </label>
      </fieldset>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {data.value === undefined && error.value === undefined && <Loading />}
      {data.value?.reports.length === 0 && (
        <Empty>{t('Tidak ada laporan dalam 30 hari ini.', 'No reports within these 30 days.')}</Empty>
      )}
      <ul class="rep-list">
        {data.value?.reports.map((report) => (
          <Item key={report.receipt} report={report} />
        ))}
      </ul>
      <p class="rep-filter">
        {before.value !== undefined && (
          <button
            type="button"
            onClick={() => {
              before.value = undefined
            }}
          >
            {t('Terbaru', 'Latest')}
          </button>
        )}
        {data.value?.more && last && (
          <button
            type="button"
            onClick={() => {
              before.value = last.reported_at
            }}
          >
            {t('Lebih lama', 'Older')}
          </button>
        )}
      </p>
    </section>
  )
}

function Item({ report }: { report: ReportItem }) {
  const { kind, room, region_name, zone, reported_at, state, overdue, late } = report
  const own = room === session.value?.room.id
  return (
    <li>
      <a class="card rep-item" href={`/laporan/${report.receipt}`}>
        <span class="rep-head">
          <strong>{kind === 'nihil' ? t('Nihil', 'Nothing to report (nihil)') : categoryWord(report.category)}</strong>
          {kind === 'incident' && (
            <span class="rep-badge">
              <SeverityMark severity={markedOf(report.severity)} />
            </span>
          )}
          {kind === 'incident' && <span class="rep-badge">{stateWord(state)}</span>}
          {overdue && <span class="rep-badge rep-critical">⚠ {t('tenggat lewat', 'clock over')}</span>}
          {late && <span class="rep-badge rep-medium">{t('terlambat', 'late')}</span>}
        </span>
        {report.summary !== '' && <span class="rep-summary">{report.summary}</span>}
        <span class="soft">
          {own ? t('ruang ini', 'this room') : report.room_name} · {region_name} · {dateTime(reported_at, zone)} ·{' '}
          <span class="whole">{report.receipt}</span>
        </span>
      </a>
    </li>
  )
}
