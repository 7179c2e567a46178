// Which regions are watched? Blind is not green: a region whose sources are all silent is not monitored.
import { useSignal } from '@preact/signals'
import type { RegionsAnswer, RegionView } from '../../../../schemas/sources-api.ts'
import { dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { Unjudged } from './list.tsx'
import { sayRegion } from './words.ts'

const states: readonly RegionView['state'][] = ['tidak terpantau', 'sebagian', 'terpantau']

export function Regions() {
  const shown = useSignal<RegionView['state'] | 'all'>('all')
  const { data, error, again } = useLoad<RegionsAnswer>(() => '/api/sources/regions', 10_000)
  const answer = data.value
  if (answer === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const regions = answer.regions.filter(({ state }) => shown.value === 'all' || state === shown.value)
  return (
    <section aria-label={t('Wilayah', 'Regions')}>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {!answer.judged && <Unjudged until={answer.judged_until} />}
      <fieldset class="filters">
        <legend>{t('Keadaan', 'State')}</legend>
        {(['all', ...states] as const).map((state) => {
          const said = state === 'all' ? { shape: '', word: t('semua', 'all'), tone: 'all' } : sayRegion(state)
          const count =
            state === 'all' ? answer.regions.length : answer.regions.filter((one) => one.state === state).length
          return (
            <label key={state} class={`chip tone-${said.tone}`}>
              <input
                type="radio"
                name="region-state"
                checked={shown.value === state}
                onChange={() => {
                  shown.value = state
                }}
              />
              <span>
                <b aria-hidden="true">{said.shape}</b> {said.word} <i>{number(count)}</i>
              </span>
            </label>
          )
        })}
        <Help
          id="Tidak terpantau: tidak satu pun sumber wilayah itu bekerja, jadi tidak ada yang terlihat. Sebagian: ada sumber yang diam, atau situsnya tidak lagi diperiksa dari luar."
          en="Not monitored: no source of the region works, so nothing is seen. Partly: some source is silent, or a site is not probed any more."
        />
      </fieldset>
      {regions.length === 0 ? (
        <Empty>{t('Tidak ada wilayah di sini.', 'There is no region here.')}</Empty>
      ) : (
        <div class="scroll">
          <table class="cards">
            <caption class="soft">{t(`Per ${dateTime(answer.at)}`, `At ${dateTime(answer.at)}`)}</caption>
            <thead>
              <tr>
                <th scope="col">{t('Wilayah', 'Region')}</th>
                <th scope="col">{t('Keadaan', 'State')}</th>
                <th scope="col" class="number">
                  {t('Sumber', 'Sources')}
                </th>
                <th scope="col" class="number">
                  {t('Bekerja', 'Working')}
                </th>
                <th scope="col">{t('Yang diam', 'Silent ones')}</th>
              </tr>
            </thead>
            <tbody>
              {regions.map((region) => (
                <Row key={region.region} region={region} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {answer.empty_provinces.length > 0 && (
        <details class="card">
          <summary>
            {t(
              `▨ ${answer.empty_provinces.length} provinsi tanpa satu sumber pun: tidak terpantau`,
              `▨ ${answer.empty_provinces.length} provinces without any source: not monitored`,
            )}
          </summary>
          <p>{answer.empty_provinces.map(({ name }) => name).join(', ')}</p>
        </details>
      )}
    </section>
  )
}

function Row({ region }: { region: RegionView }) {
  const { shape, word, tone } = sayRegion(region.state)
  return (
    <tr>
      <th scope="row">
        {region.region === '' ? t('Tidak diketahui', 'Unknown') : region.name || region.region}
        <small class="soft mono">{region.region}</small>
      </th>
      <td data-label={t('Keadaan', 'State')}>
        <span class={`state-word tone-${tone}`}>
          <b aria-hidden="true">{shape}</b> {word}
        </span>
      </td>
      <td class="number" data-label={t('Sumber', 'Sources')}>
        {number(region.sources)}
      </td>
      <td class="number" data-label={t('Bekerja', 'Working')}>
        {number(region.heard)}
        {region.quiet > 0 && (
          <small class="soft">{t(`${region.quiet} sepi seperti biasa`, `${region.quiet} quiet as usual`)}</small>
        )}
      </td>
      <td data-label={t('Yang diam', 'Silent ones')}>
        {region.silent_sources.length === 0
          ? '–'
          : region.silent_sources.map((id, n) => (
              <span key={id}>
                {n > 0 && ', '}
                <a class="mono" href={`/sumber?sumber=${encodeURIComponent(id)}`}>
                  {id}
                </a>
              </span>
            ))}
      </td>
    </tr>
  )
}
