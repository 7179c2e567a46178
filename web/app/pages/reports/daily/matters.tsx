// What was open, due or missing at the end of the day?
import { detailOf, type MatterKind } from '../../../../../schemas/daily.ts'
import type { DailyMatter, DailyReport } from '../../../../../schemas/daily-api.ts'
import { dateTime, number } from '../../../format.ts'
import { t } from '../../../language.ts'
import { reportTitle } from '../../../parts/report-words.ts'
import { markedOf, SeverityMark } from '../../../parts/severity.tsx'
import { may } from '../../../session.ts'
import { categories, say } from '../words.ts'

export function Matters({ title, kind, report }: { title: string; kind: MatterKind; report: DailyReport }) {
  const matters = report.matters.filter((matter) => matter.kind === kind)
  if (matters.length === 0) return null
  return (
    <section>
      <h2>
        {title} ({number(matters.length)})
      </h2>
      <div class="rep-scroll">
        <table>
          <thead>
            <tr>
              <th>{t('Wilayah', 'Region')}</th>
              <th>{t('Apa', 'What')}</th>
              <th>{t('Sejak', 'Since')}</th>
              <th>{t('Tenggat, keadaan', 'Due, state')}</th>
            </tr>
          </thead>
          <tbody>
            {matters.map((matter) => (
              <tr key={`${matter.ref} ${matter.detail} ${matter.since}`}>
                <td>{matter.region_name}</td>
                <td>
                  {matter.severity !== '' && (
                    <>
                      <SeverityMark severity={markedOf(matter.severity)} />{' '}
                    </>
                  )}
                  <What matter={matter} />
                </td>
                <td>{matter.since <= 0 ? t('belum pernah', 'never') : dateTime(matter.since, report.zone)}</td>
                <td>
                  {matter.due !== null && kind !== 'missed_report' && dateTime(matter.due, report.zone)}{' '}
                  {say(detailOf(matter.detail))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function categoryOf(category: string): string {
  const words = Object.entries(categories).find(([name]) => name === category)?.[1]
  return words === undefined ? category : say(words)
}

function What({ matter: { kind, ref, title } }: { matter: DailyMatter }) {
  if (kind === 'clock')
    return (
      <>
        {categoryOf(title)}{' '}
        <a class="whole" href={`/laporan/${ref}`}>
          {ref}
        </a>
      </>
    )
  const said = kind === 'alert' ? (reportTitle(title) ?? title) : title
  if (kind === 'alert' && may('alerts')) return <a href={`/peringatan/${ref}`}>{said}</a>
  return <>{said}</>
}
