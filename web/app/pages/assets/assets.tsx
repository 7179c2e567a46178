// Aset: what is watched, how much does it matter, and how does it stand?
import '../sources/sources.css'
import { useSignal } from '@preact/signals'
import { useLocation } from 'preact-iso'
import type { AssetSort, AssetsAnswer, AssetView, ProbeView } from '../../../../schemas/assets-api.ts'
import { query as queryText } from '../../api.ts'
import { ago, number } from '../../format.ts'
import { t } from '../../language.ts'
import { visible } from '../../parts/hostile.ts'
import { useLoad } from '../../parts/load.ts'
import { ownerName } from '../../parts/owner-words.ts'
import { placeName } from '../../parts/region-names.ts'
import { markedOf, SeverityMark, severityWord } from '../../parts/severity.tsx'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { Pages } from '../sources/list.tsx'
import { AssetPage } from './detail.tsx'

/** Addresses beneath the page: `?aset=ID`. */
export function Assets() {
  const { query } = useLocation()
  return (
    <div class="assets">
      <h1>{t('Aset', 'Assets')}</h1>
      {query.aset ? <AssetPage key={query.aset} id={query.aset} /> : <AssetList />}
    </div>
  )
}

const levels = ['critical', 'high', 'medium', 'low'] as const

/** What the last look from outside saw. */
export function Probe({ probe, at }: { probe: ProbeView | null; at: number }) {
  if (probe === null) return <span class="soft">{t('tidak diperiksa', 'not probed')}</span>
  const name = probe.kind === 'page' ? t('halaman', 'page') : probe.kind === 'dns' ? 'DNS' : 'TLS'
  const changed = probe.changed !== ''
  const [tone, shape, word] = !probe.ok
    ? ['silent', '▲', `${name}: ${t('gagal', 'failed')} (${visible(probe.failure) || probe.status})`]
    : changed
      ? ['unjudged', '◐', `${name}: ${t('berubah', 'changed')} (${visible(probe.changed)})`]
      : ['live', '●', probe.kind === 'page' ? `${name} ${probe.status}` : name]
  return (
    <span class={`tone-${tone}`}>
      <b aria-hidden="true">{shape}</b> {word}
      <small class="soft">{ago(probe.at, at)}</small>
    </span>
  )
}

/** A link only for what is a web address: the configuration is trusted, its typing is not. */
export function Site({ url }: { url: string }) {
  if (url === '') return <>–</>
  return /^https?:\/\//i.test(url) ? (
    <a class="mono" href={url} target="_blank" rel="noreferrer noopener">
      {url}
    </a>
  ) : (
    <span class="mono">{url}</span>
  )
}

function AssetList() {
  const q = useSignal('')
  const criticality = useSignal('')
  const sort = useSignal<AssetSort>('risk')
  const from = useSignal(0)
  const { data, error, again, busy } = useLoad<AssetsAnswer>(
    () => `/api/assets${queryText({ q: q.value, criticality: criticality.value, sort: sort.value, from: from.value })}`,
  )
  const answer = data.value
  return (
    <section aria-label={t('Daftar aset', 'List of assets')}>
      <div class="filters">
        <label>
          {t('Cari', 'Search')}
          <input
            type="search"
            maxLength={100}
            placeholder={t('nama, pemilik, wilayah, alamat', 'name, owner, region, address')}
            onInput={(event) => {
              q.value = event.currentTarget.value
              from.value = 0
            }}
          />
        </label>
        <label>
          {t('Kekritisan', 'Criticality')}
          <select
            value={criticality.value}
            onChange={(event) => {
              criticality.value = event.currentTarget.value
              from.value = 0
            }}
          >
            <option value="">{t('semua', 'all')}</option>
            {levels.map((level) => (
              <option key={level} value={level}>
                {severityWord(markedOf(level))}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t('Urutkan', 'Order')}
          <select
            value={sort.value}
            onChange={(event) => {
              const { value } = event.currentTarget
              sort.value =
                value === 'alerts' || value === 'events' || value === 'criticality' || value === 'name' ? value : 'risk'
              from.value = 0
            }}
          >
            <option value="risk">{t('risiko', 'risk')}</option>
            <option value="alerts">{t('peringatan terbuka', 'open alerts')}</option>
            <option value="events">{t('kejadian', 'events')}</option>
            <option value="criticality">{t('kekritisan', 'criticality')}</option>
            <option value="name">{t('nama', 'name')}</option>
          </select>
        </label>
        <button type="button" disabled={busy.value} onClick={again}>
          {t('Perbarui', 'Refresh')}
        </button>
      </div>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {answer === undefined ? (
        error.value === undefined && <Loading />
      ) : answer.assets.length === 0 ? (
        <Empty>
          {q.value === '' && criticality.value === ''
            ? t('Belum ada aset dalam konfigurasi untuk ruang ini.', 'No asset is configured for this room yet.')
            : t('Tidak ada aset yang cocok.', 'No asset fits.')}
        </Empty>
      ) : (
        <div class="scroll">
          <table class="cards">
            <caption class="soft">{t(`${number(answer.matching)} aset`, `${number(answer.matching)} assets`)}</caption>
            <thead>
              <tr>
                <th scope="col">{t('Aset', 'Asset')}</th>
                <th scope="col">{t('Kekritisan', 'Criticality')}</th>
                <th scope="col" class="number">
                  {t('Risiko', 'Risk')}{' '}
                  <Help
                    id="0 sampai 100, dari skor kejadian tentang aset ini: setiap skor berkurang separuh tiap 24 jam, positif palsu tidak dihitung."
                    en="0 to 100, of the scores of the events about the asset: each is halved every 24 hours, false positives are left out."
                  />
                </th>
                <th scope="col" class="number">
                  {t('Peringatan terbuka', 'Open alerts')}
                </th>
                <th scope="col" class="number">
                  {t('Kejadian 24 jam', 'Events 24 h')}
                </th>
                <th scope="col" class="number">
                  {t('Gagal', 'Failures')}{' '}
                  <Help
                    id="Kejadian yang hasilnya gagal, misalnya masuk ditolak."
                    en="Events whose outcome is failure, such as refused log-ins."
                  />
                </th>
                <th scope="col" class="number">
                  {t('Sumber', 'Sources')}{' '}
                  <Help
                    id="Yang terdengar dari semua sumber log dan pemeriksaan tentang aset ini."
                    en="Those heard, of all sources and probes about the asset."
                  />
                </th>
                <th scope="col">{t('Dilihat dari luar', 'Seen from outside')}</th>
              </tr>
            </thead>
            <tbody>
              {answer.assets.map((asset) => (
                <Row key={asset.id} asset={asset} at={answer.at} />
              ))}
            </tbody>
          </table>
          {answer.matching > 100 && (
            <Pages
              from={from.value}
              all={answer.matching}
              go={(to) => {
                from.value = to
              }}
            />
          )}
        </div>
      )}
    </section>
  )
}

function Row({ asset, at }: { asset: AssetView; at: number }) {
  return (
    <tr>
      <th scope="row">
        <a href={`/aset?aset=${encodeURIComponent(asset.id)}`}>{asset.name || asset.id}</a>
        <small class="soft">
          {asset.region === ''
            ? t('wilayah tidak diketahui', 'region unknown')
            : placeName(asset.region, asset.region_name)}
          {asset.owner !== '' && ` · ${ownerName(asset.owner)}`}
          {asset.url !== '' && (
            <>
              {' · '}
              <Site url={asset.url} />
            </>
          )}
        </small>
      </th>
      <td data-label={t('Kekritisan', 'Criticality')}>
        <SeverityMark severity={markedOf(asset.criticality)} />
      </td>
      <td class="number" data-label={t('Risiko', 'Risk')}>
        {number(asset.risk)}
      </td>
      <td class="number" data-label={t('Peringatan terbuka', 'Open alerts')}>
        {number(asset.open_alerts)}
        {asset.open_severe > 0 && (
          <small class="soft">
            {t(`▲ ${number(asset.open_severe)} kritis atau tinggi`, `▲ ${number(asset.open_severe)} critical or high`)}
          </small>
        )}
      </td>
      <td class="number" data-label={t('Kejadian 24 jam', 'Events 24 h')}>
        {number(asset.events_24h)}
      </td>
      <td class="number" data-label={t('Gagal', 'Failures')}>
        {number(asset.failures_24h)}
      </td>
      <td class="number" data-label={t('Sumber', 'Sources')}>
        {number(asset.heard)}/{number(asset.sources)}
      </td>
      <td data-label={t('Dilihat dari luar', 'Seen from outside')}>
        <Probe probe={asset.probe} at={at} />
      </td>
    </tr>
  )
}
