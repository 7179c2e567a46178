// Who had to report, and has not?
import type { RoomDuties, RoomDuty } from '../../../../schemas/reports-api.ts'
import { dateTime } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'

const SHOWN = 3

export function Duties() {
  const { data, error, again } = useLoad<RoomDuties>(() => '/api/reports/duties', 60_000)
  const rooms = data.value?.rooms ?? []
  const overdue = rooms.filter(({ overdue }) => overdue).length
  return (
    <section aria-labelledby="duties-title">
      <h1 id="duties-title">
        {t('Kewajiban lapor', 'Duty to report')}{' '}
        <Help
          id="Tiap ruang melapor setiap hari pada jamnya, pada hari pemungutan suara beberapa kali; nihil bila tidak ada insiden. Laporan insiden juga terhitung."
          en="Each room reports every day at its time, several times on voting day; nihil if there is nothing. An incident report counts as well."
        />
      </h1>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {data.value === undefined && error.value === undefined && <Loading />}
      {data.value !== undefined && rooms.length === 0 && (
        <Empty>{t('Tidak ada Ruang Operasi dalam konfigurasi.', 'The configuration names no Operation Rooms.')}</Empty>
      )}
      {rooms.length > 0 && (
        <>
          <p>
            {overdue === 0
              ? t(
                  '✓ Semua ruang sudah melapor untuk tenggat terakhirnya.',
                  '✓ Every room has reported for its last due time.',
                )
              : t(
                  `⚠ ${overdue} dari ${rooms.length} ruang belum melapor.`,
                  `⚠ ${overdue} of ${rooms.length} rooms have not reported.`,
                )}
          </p>
          <div class="rep-scroll">
            <table>
              <thead>
                <tr>
                  <th>{t('Ruang', 'Room')}</th>
                  <th>{t('Keadaan', 'State')}</th>
                  <th>{t('Laporan terakhir', 'Last report')}</th>
                  <th>{t('Tenggat berikut', 'Next due')}</th>
                  <th>{t('Terlewat 7 hari ini', 'Missed within 7 days')}</th>
                </tr>
              </thead>
              <tbody>
                {[...rooms].sort(overdueFirst).map((room) => (
                  <Row key={room.room} room={room} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  )
}

const overdueFirst = (a: RoomDuty, b: RoomDuty): number =>
  Number(b.overdue) - Number(a.overdue) || b.missed.length - a.missed.length || a.region.localeCompare(b.region)

function Row({ room: { name, region_name, zone, overdue, last_report, next_due, missed, due } }: { room: RoomDuty }) {
  const when = (ms: number | null): string => (ms === null ? '–' : dateTime(ms, zone))
  return (
    <tr>
      <td>
        {name}
        <br />
        <span class="soft">{region_name}</span>
      </td>
      <td>
        {overdue ? (
          <strong class="rep-late">⚠ {t('belum melapor', 'not reported')}</strong>
        ) : (
          `✓ ${t('lengkap', 'in order')}`
        )}
      </td>
      <td>{when(last_report)}</td>
      <td>{when(next_due)}</td>
      <td>
        {missed.length} {t('dari', 'of')} {due}
        {missed.length > 0 && (
          <>
            <br />
            <span class="soft">
              {missed.slice(0, SHOWN).map(when).join(', ')}
              {missed.length > SHOWN && ' …'}
            </span>
          </>
        )}
      </td>
    </tr>
  )
}
