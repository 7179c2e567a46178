// How does one asset stand? A day of events, its open alerts, what probes saw, and where to look further.
import type { AssetDetail } from '../../../../schemas/assets-api.ts'
import { dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { condition, exploreAddress } from '../../parts/links.ts'
import { useLoad } from '../../parts/load.ts'
import { ownerName } from '../../parts/owner-words.ts'
import { placeName } from '../../parts/region-names.ts'
import { reportTitle } from '../../parts/report-words.ts'
import { ruleName } from '../../parts/rule-names.ts'
import { markedOf, SeverityMark } from '../../parts/severity.tsx'
import { sourceName } from '../../parts/source-name.ts'
import { Empty, Failed, Loading } from '../../parts/states.tsx'
import { type Words, wordOf } from '../../parts/words.ts'
import { may } from '../../session.ts'
import { Bars } from '../sources/spark.tsx'
import { Probe, Site } from './assets.tsx'

const kinds: Words = {
  web: ['situs web', 'web site'],
  mail: ['surel', 'mail'],
  'voter-roll': ['daftar pemilih', 'voter roll'],
  results: ['penghitungan suara', 'results'],
  vpn: ['VPN', 'VPN'],
}
/** Kinds that everybody has in words; others as siaga.yaml names them. */
const kindName = (kind: string): string => wordOf(kinds, kind) ?? kind

/** As the queue calls it. */
const titleOf = ({ title, rule }: AssetDetail['alerts'][number]): string =>
  visible(reportTitle(title) ?? (ruleName(rule) || title))

export function AssetPage({ id }: { id: string }) {
  const { data, error, again } = useLoad<AssetDetail>(() => `/api/assets/by-id/${encodeURIComponent(id)}`, 30_000)
  const answer = data.value
  if (answer === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const { asset } = answer
  const explore = (more = ''): string => exploreAddress(`${condition('asset_id', asset.id)}${more}`)
  const total = answer.hours.reduce((sum, { events }) => sum + events, 0)
  const failures = answer.hours.reduce((sum, one) => sum + one.failures, 0)
  return (
    <article>
      <p>
        <a href="/aset">← {t('Semua aset', 'All assets')}</a>
      </p>
      <h2>
        {asset.name || asset.id} <small class="mono soft">{asset.id}</small>
      </h2>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      <div class="columns">
        <section class="card">
          <h3>{t('Keadaan', 'As it stands')}</h3>
          <dl>
            <div>
              <dt>{t('Kekritisan', 'Criticality')}</dt>
              <dd>
                <SeverityMark severity={markedOf(asset.criticality)} />
              </dd>
            </div>
            <div>
              <dt>{t('Risiko', 'Risk')}</dt>
              <dd>{number(asset.risk)} / 100</dd>
            </div>
            <div>
              <dt>{t('Wilayah', 'Region')}</dt>
              <dd>
                {asset.region === ''
                  ? t('tidak diketahui', 'unknown')
                  : `${placeName(asset.region, asset.region_name)} (${asset.region})`}
              </dd>
            </div>
            <div>
              <dt>{t('Pemilik', 'Owner')}</dt>
              <dd>{ownerName(asset.owner) || '–'}</dd>
            </div>
            <div>
              <dt>{t('Jenis', 'Kind')}</dt>
              <dd>{kindName(asset.kind) || '–'}</dd>
            </div>
            <div>
              <dt>{t('Alamat', 'Address')}</dt>
              <dd>
                <Site url={asset.url} />
              </dd>
            </div>
            <div>
              <dt>{t('Nama host', 'Hosts')}</dt>
              <dd class="mono">{answer.hosts.slice(0, 50).join(', ') || '–'}</dd>
            </div>
            <div>
              <dt>{t('Jaringan', 'Networks')}</dt>
              <dd class="mono">{answer.addresses.slice(0, 50).join(', ') || '–'}</dd>
            </div>
            <div>
              <dt>{t('Sumber log', 'Sources')}</dt>
              <dd>
                {answer.sources.length === 0
                  ? '–'
                  : answer.sources.map((source, n) => (
                      <span key={source.id}>
                        {n > 0 && ', '}
                        {may('sources') ? (
                          <a href={`/sumber?sumber=${encodeURIComponent(source.id)}`}>{sourceName(source)}</a>
                        ) : (
                          sourceName(source)
                        )}
                      </span>
                    ))}
              </dd>
            </div>
          </dl>
        </section>
        <section class="card">
          <h3>{t('24 jam terakhir', 'Last 24 hours')}</h3>
          <Bars
            values={answer.hours}
            label={t(
              `${number(total)} kejadian dalam 24 jam, tiap batang satu jam`,
              `${number(total)} events in 24 hours, each bar an hour`,
            )}
          />
          <p>
            {t(
              `${number(total)} kejadian, ${number(failures)} di antaranya gagal.`,
              `${number(total)} events, ${number(failures)} of them failures.`,
            )}
          </p>
          {may('explore') && (
            <p>
              <a href={explore()}>{t('Jelajahi semua kejadiannya', 'Explore all its events')}</a> ·{' '}
              <a href={explore(' event.outcome:failure')}>{t('yang gagal saja', 'failures only')}</a>
            </p>
          )}
          <h3>{t('Dilihat dari luar', 'Seen from outside')}</h3>
          {answer.probes.length === 0 ? (
            <Empty>
              {asset.url === ''
                ? t('Aset ini tidak punya url, jadi tidak diperiksa.', 'This asset has no url, so it is not probed.')
                : t('Belum diperiksa dalam 24 jam terakhir.', 'Not probed in the last 24 hours.')}
            </Empty>
          ) : (
            <ul>
              {answer.probes.map((probe) => (
                <li key={probe.kind}>
                  <Probe probe={probe} at={answer.at} />
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
      <section class="card">
        <h3>{t('Peringatan terbuka', 'Open alerts')}</h3>
        {answer.alerts.length === 0 ? (
          <Empty>{t('Tidak ada peringatan terbuka.', 'There are no open alerts.')}</Empty>
        ) : (
          <div class="scroll">
            <table class="cards">
              <thead>
                <tr>
                  <th scope="col">{t('Peringatan', 'Alert')}</th>
                  <th scope="col">{t('Tingkat', 'Severity')}</th>
                  <th scope="col" class="number">
                    {t('Skor', 'Score')}
                  </th>
                  <th scope="col">{t('Terakhir', 'Last')}</th>
                </tr>
              </thead>
              <tbody>
                {answer.alerts.map((alert) => (
                  <tr key={alert.id}>
                    <th scope="row">
                      {may('alerts') ? (
                        <a href={`/peringatan/${encodeURIComponent(alert.id)}`}>{titleOf(alert)}</a>
                      ) : (
                        titleOf(alert)
                      )}
                    </th>
                    <td data-label={t('Tingkat', 'Severity')}>
                      <SeverityMark severity={markedOf(alert.severity)} />
                    </td>
                    <td class="number" data-label={t('Skor', 'Score')}>
                      {number(alert.score)}
                    </td>
                    <td data-label={t('Terakhir', 'Last')}>{dateTime(alert.last_seen)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </article>
  )
}
