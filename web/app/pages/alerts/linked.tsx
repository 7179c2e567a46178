// What does it belong to? The case: alerts with a mark in common, and of other regions only what helps this room.
import type { AlertDetail, CaseDetail } from '../../../../schemas/alert-api.ts'
import { number } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { oneLanguage } from '../../parts/one-language.ts'
import { placeName } from '../../parts/region-names.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { StatusMark } from './marks.tsx'
import { alertTitle } from './title.ts'

const MOST = 10

export function Linked({ alert }: { alert: AlertDetail }) {
  const loaded = useLoad<CaseDetail>(() => `/v1/cases/${encodeURIComponent(alert.case)}`)
  const found = loaded.data.value
  const others = found?.alerts.filter(({ id }) => id !== alert.id) ?? []
  return (
    <section class="card linked" aria-labelledby="linked">
      <h2 id="linked">
        {t('Kasus', 'Case')} <span class="mono whole">{alert.case}</span>{' '}
        <Help
          id="Peringatan dengan ciri yang sama (pelaku, tanda, sasaran) menjadi satu kasus. Peringatan wilayah lain hanya dilihat pusat."
          en="Alerts with a mark in common (who, indicator, target) are one case. Alerts of other regions are seen by the centre only."
        />
      </h2>
      {found === undefined && loaded.error.value === undefined && <Loading />}
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      {found !== undefined && (
        <>
          <p>
            <SeverityMark severity={found.severity} /> {oneLanguage(found.title)} ·{' '}
            {found.kind === 'campaign' ? t('kampanye', 'campaign') : t('satu pelaku', 'one entity')} ·{' '}
            {t(`${number(found.regions)} wilayah`, `${number(found.regions)} regions`)}
          </p>
          {found.attack.length > 0 && <p class="mono soft">{found.attack.join(', ')}</p>}
          {found.indicators.length > 0 && (
            <p>
              {t('Tanda yang boleh dibagikan', 'Indicators that may be shared')}:{' '}
              {found.indicators.map(({ type, value, tlp }) => (
                <bdi key={`${type}${value}`} class="chip mono">
                  {type} {value} (TLP:{tlp})
                </bdi>
              ))}
            </p>
          )}
          <ul class="plain">
            {others.slice(0, MOST).map((other) => (
              <li key={other.id}>
                <SeverityMark severity={other.severity} /> <a href={`/peringatan/${other.id}`}>{alertTitle(other)}</a>{' '}
                <span class="soft">
                  {placeName(other.region, other.region_name)} · <StatusMark alert={other} />
                </span>
              </li>
            ))}
          </ul>
          {others.length === 0 && (
            <p class="soft">
              {t('Tidak ada peringatan lain yang boleh dilihat ruang ini.', 'No other alert that this room may see.')}
            </p>
          )}
          {others.length > 0 && (
            <p>
              <a href={`/peringatan?status=semua&kasus=${encodeURIComponent(alert.case)}`}>
                {t(`Semua ${number(others.length + 1)} dalam antrean`, `All ${number(others.length + 1)} in the queue`)}
              </a>
            </p>
          )}
        </>
      )}
    </section>
  )
}
