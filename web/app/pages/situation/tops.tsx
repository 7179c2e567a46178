// Who is attacked most, and by whom?
import type { Situation } from '../../../../schemas/situation-api.ts'
import { number, short } from '../../format.ts'
import { t } from '../../language.ts'
import { exploreHref } from '../../parts/links.ts'
import { Empty, Help } from '../../parts/states.tsx'

/** A bar beside a number, both of the same length scale. */
function Share({ of, most }: { of: number; most: number }) {
  return (
    <svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="share-bar" width={most === 0 ? 0 : Math.max(1, (of / most) * 100)} height={8} />
    </svg>
  )
}

export function Targets({ of: { targets, since, now } }: { of: Situation }) {
  const most = Math.max(...targets.map(({ high }) => high), 0)
  return (
    <section class="card">
      <h2>
        {t('Sasaran teratas', 'Top targets')}{' '}
        <Help
          id="Aset dengan kejadian berskor 70 ke atas terbanyak dalam rentang waktu yang dipilih."
          en="Assets with most events of score 70 and more within the chosen span."
        />
      </h2>
      {targets.length === 0 ? (
        <Empty>{t('Tidak ada aset dengan kejadian berskor.', 'No asset with scored events.')}</Empty>
      ) : (
        <table class="top">
          <thead>
            <tr>
              <th scope="col">{t('Aset', 'Asset')}</th>
              <th scope="col">{t('Wilayah', 'Region')}</th>
              <th scope="col" class="number">
                {t('Skor 70+', 'Score 70+')}
              </th>
              <th scope="col" class="number">
                {t('Tertinggi', 'Highest')}
              </th>
            </tr>
          </thead>
          <tbody>
            {targets.map(({ asset, name, place, high, score_max }) => (
              <tr key={asset}>
                <td>
                  <a href={exploreHref('asset_id', asset, since, now.at)}>{name}</a>
                  <Share of={high} most={most} />
                </td>
                <td>{place}</td>
                <td class="number">{short(high)}</td>
                <td class="number">{score_max}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

export function Attackers({ of: { attackers, since, now } }: { of: Situation }) {
  const most = Math.max(...attackers.map(({ points }) => points), 0)
  return (
    <section class="card">
      <h2>
        {t('Sumber serangan teratas', 'Top sources')}{' '}
        <Help
          id="Alamat dengan jumlah skor terbanyak (kejadian berskor 20 ke atas) dalam rentang waktu yang dipilih, dihitung per jam penuh. Kejadian jaringan tanpa sambungan tidak dihitung: alamatnya mudah dipalsukan."
          en="Addresses with the largest sum of scores (events of score 20 and more) within the chosen span, by full hours. Packets without a connection are left out: their address is easily forged."
        />
      </h2>
      {attackers.length === 0 ? (
        <Empty>{t('Tidak ada alamat dengan kejadian berskor.', 'No address with scored events.')}</Empty>
      ) : (
        <table class="top">
          <thead>
            <tr>
              <th scope="col">{t('Alamat', 'Address')}</th>
              <th scope="col" class="number">
                {t('Poin', 'Points')}
              </th>
              <th scope="col" class="number">
                {t('Kejadian', 'Events')}
              </th>
              <th scope="col" class="number">
                {t('Wilayah', 'Regions')}
              </th>
            </tr>
          </thead>
          <tbody>
            {attackers.map(({ value, points, events, regions }) => (
              <tr key={value}>
                <td>
                  <a class="mono" href={exploreHref('source.ip', value, since, now.at)}>
                    {value}
                  </a>
                  <Share of={points} most={most} />
                </td>
                <td class="number">{short(points)}</td>
                <td class="number">{short(events)}</td>
                <td class="number">{number(regions)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
