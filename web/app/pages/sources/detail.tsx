// How does one source stand? Its figures, a day of events, how its state has changed, and the keys that open it.
import { useSignal } from '@preact/signals'
import type { KeyView, SourceDetail } from '../../../../schemas/sources-api.ts'
import { ask } from '../../api.ts'
import { ago, dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { exploreHref } from '../../parts/links.ts'
import { useLoad } from '../../parts/load.ts'
import { oneLanguage } from '../../parts/one-language.ts'
import { ownerName } from '../../parts/owner-words.ts'
import { placeName } from '../../parts/region-names.ts'
import { sourceName } from '../../parts/source-name.ts'
import { Empty, Failed, Loading } from '../../parts/states.tsx'
import { may } from '../../session.ts'
import { State, skewText } from './list.tsx'
import { Bars } from './spark.tsx'
import { sayState, span } from './words.ts'

export function SourcePage({ id }: { id: string }) {
  const { data, error, again } = useLoad<SourceDetail>(() => `/api/sources/by-id/${encodeURIComponent(id)}`, 15_000)
  const answer = data.value
  if (answer === undefined)
    return error.value === undefined ? <Loading /> : <Failed error={error.value} again={again} />
  const { source } = answer
  const facts: readonly (readonly [string, string])[] = [
    [
      t('Wilayah', 'Region'),
      source.region === ''
        ? t('tidak diketahui', 'unknown')
        : `${placeName(source.region, source.region_name)} (${source.region})`,
    ],
    [t('Pemilik', 'Owner'), ownerName(source.owner) || '–'],
    [t('Format', 'Format'), source.format],
    [t('Masuk lewat', 'Comes in by'), source.ways.join(', ')],
    [t('Kejadian per menit', 'Events a minute'), number(source.per_minute)],
    [
      t('Kejadian terakhir', 'Last event'),
      source.last_event === null
        ? t('belum ada dalam 7 hari', 'none in 7 days')
        : `${dateTime(source.last_event)} (${ago(source.last_event, answer.at)})`,
    ],
    [
      t('Jeda p50 / p95', 'Lag p50 / p95'),
      source.lag_p50_ms === null || source.lag_p95_ms === null
        ? '–'
        : `≤ ${span(source.lag_p50_ms)} / ≤ ${span(source.lag_p95_ms)}`,
    ],
    [t('Jam perangkat', 'Device clock'), skewText(source.skew_ms)],
    [
      t('Format satu jam terakhir', 'Formats of the last hour'),
      answer.datasets.map((one) => `${one.dataset} ${number(one.events)}`).join(', ') || '–',
    ],
  ]
  return (
    <article class="source-page">
      <h2>
        {sourceName(source)} <small class="mono soft">{source.id}</small>
      </h2>
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      <p>
        <State source={source} /> {source.reason !== '' && <span class="soft">{oneLanguage(source.reason)}</span>}
      </p>
      <div class="columns">
        <section class="card">
          <h3>{t('Keadaan sekarang', 'As it is now')}</h3>
          <dl>
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <p>
            <a href={exploreHref('source_id', source.id)}>{t('Jelajahi kejadiannya', 'Explore its events')}</a>
            {source.asset !== '' && (
              <>
                {' · '}
                <a href={`/aset?aset=${encodeURIComponent(source.asset)}`}>{t('Asetnya', 'Its asset')}</a>
              </>
            )}
            {source.dead_letters !== null && source.dead_letters > 0 && (
              <>
                {' · '}
                <a href={`/sumber?bagian=gagal&dari=${encodeURIComponent(source.id)}`}>
                  {t(`${number(source.dead_letters)} kejadian gagal`, `${number(source.dead_letters)} dead letters`)}
                </a>
              </>
            )}
            {may('sources', 'write') && (
              <>
                {' · '}
                <a href={`/sumber?bagian=tambah&ke=${encodeURIComponent(source.id)}`}>
                  {t('Sambungkan perangkat', 'Connect a device')}
                </a>
              </>
            )}
          </p>
        </section>
        <section class="card">
          <h3>{t('24 jam terakhir', 'Last 24 hours')}</h3>
          <Bars
            values={answer.hours}
            label={t(
              `${number(answer.hours.reduce((sum, { events }) => sum + events, 0))} kejadian dalam 24 jam, tiap batang satu jam`,
              `${number(answer.hours.reduce((sum, { events }) => sum + events, 0))} events in 24 hours, each bar an hour`,
            )}
          />
          <p class="soft">
            {t(
              `${number(answer.hours.reduce((sum, { events }) => sum + events, 0))} kejadian; tiap batang satu jam, yang terakhir jam ini.`,
              `${number(answer.hours.reduce((sum, { events }) => sum + events, 0))} events; each bar is an hour, the last one is this hour.`,
            )}
          </p>
          <h3>{t('Perubahan keadaan', 'Changes of state')}</h3>
          {answer.history.length === 0 ? (
            <Empty>{t('Belum ada perubahan yang tercatat.', 'No change has been recorded yet.')}</Empty>
          ) : (
            <ol class="history">
              {answer.history.map((one) => (
                <li key={one.at}>
                  <time dateTime={new Date(one.at).toISOString()}>{dateTime(one.at)}</time>{' '}
                  {one.state === 'gone' ? (
                    t('tidak lagi dikonfigurasi', 'no longer configured')
                  ) : (
                    <StateWord state={one.state} />
                  )}
                  {one.reason !== '' && <small class="soft">{oneLanguage(one.reason)}</small>}
                </li>
              ))}
            </ol>
          )}
        </section>
      </div>
      {may('sources', 'write') && <Keys id={source.id} keys={answer.keys} changed={again} />}
    </article>
  )
}

function StateWord({ state }: { state: string }) {
  const known = (['live', 'quiet', 'silent', 'unjudged', 'never'] as const).find((one) => one === state)
  if (known === undefined) return <>{state}</>
  const { shape, word } = sayState(known)
  return (
    <span class={`state-word tone-${known}`}>
      <b aria-hidden="true">{shape}</b> {word}
    </span>
  )
}

function Keys({ id, keys, changed }: { id: string; keys: readonly KeyView[]; changed: () => void }) {
  const error = useSignal<unknown>(undefined)
  const asked = useSignal('')
  const revoke = async (key: string): Promise<void> => {
    try {
      await ask(`/api/sources/by-id/${encodeURIComponent(id)}/keys/${key}/revoke`, { method: 'POST' })
      error.value = undefined
      asked.value = ''
      changed()
    } catch (caught) {
      error.value = caught
    }
  }
  return (
    <section class="card">
      <h3>{t('Kunci', 'Keys')}</h3>
      {error.value !== undefined && <Failed error={error.value} />}
      {keys.length === 0 ? (
        <Empty>
          {t(
            'Belum ada kunci. Kunci dibuat ketika sebuah perangkat ditambahkan.',
            'There is no key yet. One is made when a device is added.',
          )}
        </Empty>
      ) : (
        <div class="scroll">
          <table class="cards">
            <thead>
              <tr>
                <th scope="col">{t('Kunci', 'Key')}</th>
                <th scope="col">{t('Keterangan', 'Label')}</th>
                <th scope="col">{t('Dibuat', 'Made')}</th>
                <th scope="col">{t('Status', 'Status')}</th>
              </tr>
            </thead>
            <tbody>
              {keys.map((key) => (
                <tr key={key.id}>
                  <th scope="row" class="mono">
                    {key.id} …{key.tail}
                  </th>
                  <td data-label={t('Keterangan', 'Label')}>{key.label || '–'}</td>
                  <td data-label={t('Dibuat', 'Made')}>{dateTime(Date.parse(key.created))}</td>
                  <td data-label={t('Status', 'Status')}>
                    {key.revoked !== null ? (
                      t(
                        `✕ dicabut ${dateTime(Date.parse(key.revoked))}`,
                        `✕ revoked ${dateTime(Date.parse(key.revoked))}`,
                      )
                    ) : asked.value === key.id ? (
                      <span role="alert">
                        {t('Perangkat yang memakainya akan ditolak. ', 'Devices that use it will be refused. ')}
                        <button type="button" class="main" onClick={() => void revoke(key.id)}>
                          {t('Ya, cabut', 'Yes, revoke')}
                        </button>{' '}
                        <button
                          type="button"
                          onClick={() => {
                            asked.value = ''
                          }}
                        >
                          {t('Batal', 'Cancel')}
                        </button>
                      </span>
                    ) : (
                      <>
                        {t('✓ berlaku', '✓ valid')}{' '}
                        <button
                          type="button"
                          onClick={() => {
                            asked.value = key.id
                          }}
                        >
                          {t('Cabut', 'Revoke')}
                        </button>
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}
