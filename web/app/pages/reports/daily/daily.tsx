// What does the daily report of a room say? Figures with their parts and queries, children, matters, blind spots; for the screen and for paper.
import { useLocation } from 'preact-iso'
import {
  derivedFigures,
  type FigureSpec,
  figureNames,
  figureSpecs,
  groupWords,
  labelWords,
  matterKinds,
  matterWords,
  toldOf,
} from '../../../../../schemas/daily.ts'
import type { DailyDays, DailyFigure, DailyReport } from '../../../../../schemas/daily-api.ts'
import { query } from '../../../api.ts'
import { dateTime, day as longDay, number } from '../../../format.ts'
import { language, t } from '../../../language.ts'
import { sqlAddress } from '../../../parts/links.ts'
import { useLoad } from '../../../parts/load.ts'
import { electionName, phaseName } from '../../../parts/phases.ts'
import { Empty, Failed, Help, Loading } from '../../../parts/states.tsx'
import { may } from '../../../session.ts'
import { say } from '../words.ts'
import { Children } from './children.tsx'
import { Matters } from './matters.tsx'

export function Daily() {
  const { query: asked, route } = useLocation()
  const { hari, ruang } = asked
  const days = useLoad<DailyDays>(() => `/api/reports/daily/days${query({ room: ruang })}`)
  const known = days.data.value
  const day = hari ?? known?.days[0]
  const go = (next: { hari?: string | undefined; ruang?: string | undefined }): void =>
    route(`/laporan/harian${query({ hari: day, ruang, ...next })}`)
  if (known === undefined)
    return days.error.value === undefined ? <Loading /> : <Failed error={days.error.value} again={days.again} />
  return (
    <>
      <div class="rep-filter rep-screen">
        {day !== undefined && (
          <label>
            {t('Hari', 'Day')}{' '}
            <select value={day} onChange={({ currentTarget }) => go({ hari: currentTarget.value })}>
              {(known.days.includes(day) ? known.days : [day, ...known.days]).map((one) => (
                <option key={one} value={one}>
                  {longDay(noon(one), 'WIB')}
                </option>
              ))}
            </select>
          </label>
        )}
        {known.rooms.length > 1 && (
          <label>
            {t('Ruang', 'Room')}{' '}
            <select
              value={known.room}
              onChange={({ currentTarget }) => go({ ruang: currentTarget.value, hari: undefined })}
            >
              {!known.rooms.some(({ id }) => id === known.room) && <option value={known.room}>{known.room}</option>}
              {known.rooms.map(({ id, name, region_name }) => (
                <option key={id} value={id}>
                  {name} · {region_name}
                </option>
              ))}
            </select>
          </label>
        )}
        {day !== undefined && (
          <>
            <button type="button" onClick={() => print()}>
              {t('Cetak', 'Print')}
            </button>
            <a
              class="rep-button"
              href={`/api/reports/daily/pdf${query({ day, room: ruang, language: language.value })}`}
              download
            >
              PDF
            </a>
          </>
        )}
      </div>
      {day === undefined ? (
        <Empty>
          {t(
            `Belum ada laporan harian. Yang pertama dibuat pukul ${known.time.replace(':', '.')} ${known.zone} untuk hari sebelumnya.`,
            `There is no daily report yet. The first one is made at ${known.time} ${known.zone} on the day before.`,
          )}
        </Empty>
      ) : (
        <OfDay key={`${day} ${ruang ?? ''}`} day={day} room={ruang} />
      )}
    </>
  )
}

const noon = (day: string): number => Date.parse(`${day}T05:00:00Z`)

function OfDay({ day, room }: { day: string; room: string | undefined }) {
  const { data, error, again } = useLoad<DailyReport>(() => `/api/reports/daily${query({ day, room })}`)
  const report = data.value
  if (report === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  return (
    <article class="rep-daily">
      <Head report={report} />
      {(['activity', 'alerts', 'reports', 'blind'] as const).map((group) => (
        <Group key={group} group={group} report={report} />
      ))}
      <Children report={report} />
      {matterKinds.map((kind) => (
        <Matters key={kind} title={say(matterWords[kind])} kind={kind} report={report} />
      ))}
      {report.blind_regions.length > 0 && (
        <section>
          <h2>
            {t('Wilayah tidak terpantau', 'Regions not monitored')} ({number(report.blind_regions.length)})
          </h2>
          <p class="rep-regions">{report.blind_regions.map(({ region, name }) => `${region} ${name}`).join(', ')}</p>
        </section>
      )}
      <p class="soft">
        {t(
          'Angka dihitung sekali saat laporan dibuat dan tidak berubah lagi. Kejadian yang tiba sesudahnya masuk laporan berikutnya sebagai kejadian hari-hari lalu. Wilayah tidak terpantau bukan wilayah aman.',
          'Figures were counted once when the report was made and never change. Events that came afterwards are told in the next report as events of earlier days. A region that is not monitored is not a safe one.',
        )}
      </p>
    </article>
  )
}

function Head({ report }: { report: DailyReport }) {
  const { phases } = report
  return (
    <header>
      <h1>
        {t('Laporan harian', 'Daily report')} · {report.room_name}
      </h1>
      <p>
        <strong>{longDay(noon(report.day), 'WIB')}</strong> · {report.region_name}
      </p>
      <p class="soft">
        {t('Tahapan', 'Phase')}:{' '}
        {phases.length === 0
          ? t('di luar masa pemilihan', 'outside of elections')
          : phases
              .map(
                ({ election, phase, regions }) =>
                  `${electionName(election)}: ${phaseName(phase)} (${number(regions)} ${t('wilayah', 'regions')})`,
              )
              .join('; ')}
      </p>
      {report.periods.map(({ zone, begins, ends, landed_before, made_at }) => (
        <p class="soft" key={zone}>
          {t('Masa', 'Period')} {dateTime(begins, zone)} – {dateTime(ends, zone)} ·{' '}
          {t('yang tersimpan sebelum', 'what was stored before')} {dateTime(landed_before, zone)} ·{' '}
          {t('dibuat', 'made')} {dateTime(made_at, zone)}
        </p>
      ))}
      {report.waits_for.length > 0 && (
        <p class="rep-late">
          ⚠ {t('Belum lengkap, menunggu zona', 'Not complete, waits for the zone')} {report.waits_for.join(', ')}
        </p>
      )}
    </header>
  )
}

function Group({ group, report }: { group: FigureSpec['group']; report: DailyReport }) {
  const rows = report.figures.filter(({ figure }) =>
    figureNames.some((name) => name === figure && figureSpecs[name].group === group),
  )
  const beneath = report.children.length > 0
  return (
    <section>
      <h2>
        {say(groupWords[group])} <Help id={helps[group][0]} en={helps[group][1]} />
      </h2>
      <div class="rep-scroll">
        <table>
          <thead>
            <tr>
              <th>{t('Angka', 'Figure')}</th>
              {beneath && <th class="number">{t('Wilayah sendiri', 'Own region')}</th>}
              {beneath && <th class="number">{t('Di bawahnya', 'Beneath')}</th>}
              <th class="number">{t('Jumlah', 'Total')}</th>
              <th class="rep-screen">{t('Kueri', 'Query')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={`${row.figure} ${row.label}`} row={row} beneath={beneath} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({
  row: { figure, label, own, beneath: under, total, sql },
  beneath,
}: {
  row: DailyFigure
  beneath: boolean
}) {
  const name = figureNames.find((one) => one === figure)
  const words = name === undefined ? figure : say(figureSpecs[name].words)
  const of = labelWords[label]
  return (
    <tr class={label === '' ? 'rep-whole' : ''}>
      <th scope="row">{label === '' ? words : `${words}: ${of === undefined ? label : say(of)}`}</th>
      {beneath && <td class="number">{number(toldOf(figure, own), 1)}</td>}
      {beneath && <td class="number">{number(toldOf(figure, under), 1)}</td>}
      <td class="number">
        <strong>{number(toldOf(figure, total), 1)}</strong>
      </td>
      <td class="rep-screen">
        {sql !== '' && (
          <details class="rep-sql">
            <summary>SQL</summary>
            <pre>{sql}</pre>
            <button type="button" onClick={() => void navigator.clipboard?.writeText(sql)}>
              {t('Salin', 'Copy')}
            </button>{' '}
            {may('console') && <a href={sqlAddress(sql)}>{t('Buka di SQL', 'Open in SQL')}</a>}
          </details>
        )}
        {sql === '' && <span class="soft">{why(name)}</span>}
      </td>
    </tr>
  )
}

/** Why a figure has no query. */
const why = (name: keyof typeof figureSpecs | undefined): string =>
  name === 'lag_ms_max'
    ? t('dari menit tiap sumber', 'of the minutes of each source')
    : name !== undefined && derivedFigures.has(name)
      ? t('dari sumber di atas', 'of the sources above')
      : t('dari konfigurasi', 'of the configuration')

const helps: Readonly<Record<FigureSpec['group'], readonly [string, string]>> = {
  activity: [
    'Kejadian menurut waktu terjadinya, hari setempat tiap wilayah, yang tersimpan sebelum laporan dibuat. Tingkat menurut skor: kritis mulai 90, tinggi 70, sedang 40, rendah 20.',
    'Events by the time at which they happened, on the local day of each region, stored before the report was made. Levels by score: critical from 90, high 70, medium 40, low 20.',
  ],
  alerts: [
    'Dibuka dan ditutup pada hari itu; terbuka di akhir hari menurut tindakan terakhir sampai saat itu. Kuerinya menjawab menurut keadaan sekarang: peringatan yang tingkatnya berubah sesudahnya dihitung berbeda.',
    'Opened and closed on that day; open at its end by the last action until then. The query answers as things are now: an alert whose severity has changed since is counted differently.',
  ],
  reports: [
    'Laporan yang dikirim ruang, dan tenggat lapor yang tidak dipenuhi sampai masa toleransinya habis.',
    'Reports that rooms filed, and due times for which nothing came until their grace was over.',
  ],
  blind: [
    'Yang tidak terlihat: sumber diam, wilayah tanpa sumber yang terdengar, dan waktu terlama dari diterima sampai tersimpan (bukan jumlah, tetapi nilai terbesar).',
    'What is not seen: silent sources, regions without any source that is heard, and the longest time from receipt until stored (a greatest value, not a sum).',
  ],
}
