// What does one report say, and what became of it?
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { ReportDetail } from '../../../../schemas/reports-api.ts'
import { ApiError } from '../../api.ts'
import { dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { exploreHref } from '../../parts/links.ts'
import { useLoad } from '../../parts/load.ts'
import { electionName, phaseName } from '../../parts/phases.ts'
import { reportTitle } from '../../parts/report-words.ts'
import { markedOf, SeverityMark } from '../../parts/severity.tsx'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { may } from '../../session.ts'
import { entries } from './outbox.ts'
import { categoryWord, stateWord } from './words.ts'

/** How soon and how long a receipt is asked for that is not stored yet. */
const SOON_MS = 2_000
const PATIENCE_MS = 60_000

export function Detail({ receipt }: { receipt: string }) {
  const { data, error, again } = useLoad<ReportDetail>(() => `/api/reports/item/${encodeURIComponent(receipt)}`, 5_000)
  const report = data.value
  const isAbsent = report === undefined && error.value instanceof ApiError && error.value.status === 404
  const isOwn = entries.value.some(({ answer }) => answer?.receipt === receipt)
  const isPatient = useSignal(true)
  const waits = isAbsent && (isOwn || isPatient.value)
  useEffect(() => {
    isPatient.value = true
    const timer = setTimeout(() => {
      isPatient.value = false
    }, PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [receipt])
  // What has just been filed is stored some seconds later: asked for again without anybody's doing.
  useEffect(() => {
    const timer = waits ? setInterval(again, SOON_MS) : undefined
    return () => clearInterval(timer)
  }, [waits, receipt])
  return (
    <article>
      <p>
        <a href="/laporan">← {t('Semua laporan', 'All reports')}</a>
      </p>
      <h1 class="whole">{receipt}</h1>
      {waits && (
        <p class="state" role="status">
          <span aria-hidden="true">…</span>{' '}
          {isOwn
            ? t(
                'Sudah diterima, sedang disimpan. Isinya muncul sendiri dalam beberapa detik.',
                'Received, it is being stored. It shows by itself within seconds.',
              )
            : t(
                'Sedang disimpan, atau nomornya keliru. Ditanyakan lagi sendiri.',
                'It is being stored, or the number is wrong. It is asked for again by itself.',
              )}
        </p>
      )}
      {error.value !== undefined && !waits && <Failed error={error.value} again={again} />}
      {report === undefined && error.value === undefined && <Loading />}
      {report !== undefined && <Said report={report} />}
    </article>
  )
}

function Said({ report }: { report: ReportDetail }) {
  const { zone, contact } = report
  const incident = report.kind === 'incident'
  const when = (ms: number | null): string => (ms === null ? '–' : dateTime(ms, zone))
  const clock = (due: number | null): string =>
    due === null ? '' : `${when(due)}${due < Date.now() && report.overdue ? ` ⚠ ${t('LEWAT', 'OVER')}` : ''}`
  const rows: readonly (readonly [string, ComponentChildren])[] = [
    [t('Ruang', 'Room'), `${report.room_name} · ${report.region_name}`],
    [t('Dilaporkan', 'Reported'), when(report.reported_at)],
    ...(incident
      ? ([
          [t('Diketahui', 'Discovered'), when(report.discovered_at)],
          [t('Jenis', 'Kind'), categoryWord(report.category)],
          [
            t('Tingkat', 'Severity'),
            report.severity === '' ? '' : <SeverityMark severity={markedOf(report.severity)} />,
          ],
          [t('Aset', 'Asset'), report.asset],
          [t('Tenggat IIV', 'IIV clock'), clock(report.iiv_due)],
          [t('Tenggat data pribadi', 'Personal data clock'), clock(report.personal_data_due)],
          [
            t('Pelapor', 'Reported by'),
            [contact.name, contact.organisation, contact.email, contact.phone]
              .filter((text) => text !== '')
              .join(' · '),
          ],
        ] as const)
      : ([
          [t('Untuk tenggat', 'Counts for'), when(report.due)],
          [t('Terlambat', 'Late'), report.late ? t('ya', 'yes') : t('tidak', 'no')],
          [t('Catatan', 'Note'), report.note],
        ] as const)),
    [
      t('Tahapan', 'Phase'),
      [electionName(report.election), phaseName(report.phase)].filter((text) => text !== '').join(' · '),
    ],
  ]
  return (
    <>
      <dl class="rep-facts">
        {rows
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {incident && (
        <>
          <Text title={t('Uraian', 'Description')} text={report.description} />
          <Text title={t('Urutan kejadian', 'Chronology')} text={report.chronology} />
          <Text title={t('Dampak', 'Impact')} text={report.impact} />
          <section>
            <h2>
              {t('Penanganan', 'What became of it')}{' '}
              <Help
                id="Laporan insiden menjadi peringatan dengan tingkat yang diberikan ruang. Keadaannya di sini adalah keadaan peringatan itu."
                en="An incident report raises an alert of the severity that the room gave it. Its state here is that of the alert."
              />
            </h2>
            {report.alerts.length === 0 && (
              <p>
                {t(
                  'Tercatat. Belum ada peringatan darinya; biasanya dalam beberapa detik, dan hanya untuk tingkat yang cukup berat.',
                  'Filed. No alert came of it yet; it takes some seconds, and it must be severe enough.',
                )}
              </p>
            )}
            <ul class="rep-list">
              {report.alerts.map((alert) => (
                <li key={alert.id} class="card">
                  <span class="rep-head">
                    <strong>{stateWord(alert.status)}</strong>
                    <span class="rep-badge">
                      <SeverityMark severity={markedOf(alert.severity)} />
                    </span>
                    {may('alerts') ? (
                      <a href={`/peringatan/${alert.id}`}>{reportTitle(alert.title) ?? alert.title}</a>
                    ) : (
                      <span>{reportTitle(alert.title) ?? alert.title}</span>
                    )}
                  </span>
                  <span class="soft">
                    {alert.assignee === ''
                      ? t('belum ada petugasnya', 'nobody assigned')
                      : `${t('ditangani', 'assigned to')} ${alert.assignee}`}
                    {alert.case_id !== '' && (
                      <>
                        {' · '}
                        <span class="whole">
                          {t('kasus', 'case')} {alert.case_id}
                        </span>
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </section>
          {report.attachments.length > 0 && (
            <section>
              <h2>{t('Lampiran', 'Attachments')}</h2>
              <ul>
                {report.attachments.map(({ name, sha256, bytes }) => (
                  <li key={sha256}>
                    {name} · {number(bytes)} {t('bita', 'bytes')} · <span class="mono">{sha256}</span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
      {may('explore') && (
        <p>
          <a
            href={exploreHref(
              'event.id',
              report.event_id,
              report.reported_at - AROUND_MS,
              report.reported_at + AROUND_MS,
            )}
          >
            {t('Lihat sebagai kejadian', 'See it as an event')}
          </a>{' '}
          <span class="soft">
            {t('skor', 'score')} {report.score}
          </span>
        </p>
      )}
    </>
  )
}

const AROUND_MS = 3_600_000

function Text({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h2>{title}</h2>
      <p class="rep-text">{text}</p>
    </section>
  )
}
