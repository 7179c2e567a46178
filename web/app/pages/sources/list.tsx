// Which sources are there, and which of them say nothing? A table that keeps its order while figures change.
import { useSignal } from '@preact/signals'
import type { SourceFilter, SourcesAnswer, SourceView } from '../../../../schemas/sources-api.ts'
import { query } from '../../api.ts'
import { ago, dateTime, number } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { ownerName } from '../../parts/owner-words.ts'
import { placeName } from '../../parts/region-names.ts'
import { sourceName } from '../../parts/source-name.ts'
import { Empty, Failed, Help, Loading } from '../../parts/states.tsx'
import { Spark } from './spark.tsx'
import { sayFilter, sayState, span } from './words.ts'

const filters: readonly SourceFilter[] = ['all', 'trouble', 'live', 'quiet', 'silent', 'unjudged', 'never']
const PAGE = 100

export function SourceList() {
  const state = useSignal<SourceFilter>('all')
  const q = useSignal('')
  const from = useSignal(0)
  const { data, error, busy, again } = useLoad<SourcesAnswer>(
    () => `/api/sources${query({ state: state.value, q: q.value, from: from.value })}`,
    5_000,
  )
  const answer = data.value
  return (
    <section aria-label={t('Daftar sumber', 'List of sources')}>
      <div class="filters">
        <fieldset>
          <legend>{t('Keadaan', 'State')}</legend>
          {filters.map((filter) => {
            const { shape, word } = sayFilter(filter)
            return (
              <label key={filter} class={`chip tone-${filter}`}>
                <input
                  type="radio"
                  name="state"
                  checked={state.value === filter}
                  onChange={() => {
                    state.value = filter
                    from.value = 0
                  }}
                />
                <span>
                  <b aria-hidden="true">{shape}</b> {word} {answer && <i>{number(answer.counts[filter] ?? 0)}</i>}
                </span>
              </label>
            )
          })}
          <Help
            id="Terdengar: kejadian datang. Sepi seperti biasa: pada jam ini memang biasanya tidak ada kejadian. Diam: seharusnya ada kejadian, tetapi tidak datang. Belum dapat dinilai: pengumpulnya sendiri sedang tidak berjalan."
            en="Heard: events come. Quiet as usual: at this hour nothing usually comes. Silent: something should come and does not. Not judged: its collector is away."
          />
        </fieldset>
        <label>
          {t('Cari', 'Search')}
          <input
            type="search"
            maxLength={100}
            placeholder={t('nama, pemilik, wilayah', 'name, owner, region')}
            onInput={(event) => {
              q.value = event.currentTarget.value
              from.value = 0
            }}
          />
        </label>
      </div>
      {answer && !answer.judged && <Unjudged until={answer.judged_until} />}
      {error.value !== undefined && <Failed error={error.value} again={again} />}
      {answer === undefined ? (
        error.value === undefined && <Loading />
      ) : answer.sources.length === 0 ? (
        <Empty>
          {(answer.counts.all ?? 0) === 0 && q.value === ''
            ? t('Belum ada sumber untuk ruang ini.', 'There is no source for this room yet.')
            : t('Tidak ada sumber yang cocok.', 'No source fits.')}
        </Empty>
      ) : (
        <div class="scroll" aria-busy={busy.value}>
          <table class="cards">
            <caption class="soft">
              {t(
                `${number(answer.matching)} sumber, per ${dateTime(answer.at)}`,
                `${number(answer.matching)} sources, at ${dateTime(answer.at)}`,
              )}
            </caption>
            <thead>
              <tr>
                <th scope="col">{t('Sumber', 'Source')}</th>
                <th scope="col">{t('Keadaan', 'State')}</th>
                <th scope="col" class="number">
                  {t('Kejadian/menit', 'Events/minute')}
                </th>
                <th scope="col">{t('Satu jam', 'One hour')}</th>
                <th scope="col">{t('Kejadian terakhir', 'Last event')}</th>
                <th scope="col" class="number">
                  {t('Jeda p50 / p95', 'Lag p50 / p95')}{' '}
                  <Help
                    id="Waktu dari diterima sampai tersimpan dan dinilai, satu jam terakhir: separuh dan 95 % kejadian lebih cepat dari ini (dibulatkan ke atas ke pangkat dua)."
                    en="Time from receipt until it is kept and judged, last hour: half and 95 % of the events are faster than this (rounded up to a power of two)."
                  />
                </th>
                <th scope="col" class="number">
                  {t('Jam perangkat', 'Device clock')}{' '}
                  <Help
                    id="Rata-rata selisih jam perangkat dengan waktu diterima, satu jam terakhir. Selisih besar berarti jam perangkat salah, atau kejadian lama dikirim belakangan."
                    en="Mean difference between the device's clock and the receipt, last hour. A large one means a wrong clock, or that old events are sent late."
                  />
                </th>
                <th scope="col" class="number">
                  {t('Gagal', 'Dead')}
                </th>
              </tr>
            </thead>
            <tbody>
              {answer.sources.map((source) => (
                <Row key={source.id} source={source} at={answer.at} />
              ))}
            </tbody>
          </table>
          {answer.matching > PAGE && <Pages from={from.value} all={answer.matching} go={(to) => (from.value = to)} />}
        </div>
      )}
    </section>
  )
}

/** The judge of silence is behind: say so, rather than show old states as if they were of now. */
export function Unjudged({ until }: { until: number | null }) {
  return (
    <p class="warn" role="status">
      {until === null
        ? t(
            '▲ Keheningan belum dinilai. Sumber dianggap terdengar bila ada kejadian dalam satu jam terakhir.',
            '▲ Silence has not been judged yet. A source counts as heard if something came within the last hour.',
          )
        : t(
            `▲ Penilaian keheningan tertinggal (terakhir ${dateTime(until)}). Sumber dianggap terdengar bila ada kejadian dalam satu jam terakhir.`,
            `▲ Silence was last judged at ${dateTime(until)}. A source counts as heard if something came within the last hour.`,
          )}
    </p>
  )
}

export function State({ source }: { source: Pick<SourceView, 'state' | 'expected_at'> }) {
  const { shape, word } = sayState(source.state)
  return (
    <span class={`state-word tone-${source.state}`}>
      <b aria-hidden="true">{shape}</b> {word}
      {source.state === 'quiet' && source.expected_at !== null && (
        <small>
          {t('biasanya lagi', 'usually again')} {dateTime(source.expected_at)}
        </small>
      )}
    </span>
  )
}

/** "3 dtk tertinggal": by how much the device's clock is off. Under two seconds it is the way of the event. */
export function skewText(ms: number | null): string {
  if (ms === null) return '–'
  if (Math.abs(ms) < 2_000) return t('tepat', 'right')
  return ms > 0 ? t(`tertinggal ${span(ms)}`, `${span(ms)} behind`) : t(`maju ${span(ms)}`, `${span(ms)} ahead`)
}

function Row({ source, at }: { source: SourceView; at: number }) {
  return (
    <tr>
      <th scope="row">
        <a href={`/sumber?sumber=${encodeURIComponent(source.id)}`}>{sourceName(source)}</a>
        <small class="soft">
          <span class="mono">{source.id}</span> ·{' '}
          {source.region === ''
            ? t('wilayah tidak diketahui', 'region unknown')
            : placeName(source.region, source.region_name)}
          {source.owner !== '' && ` · ${ownerName(source.owner)}`}
        </small>
      </th>
      <td data-label={t('Keadaan', 'State')}>
        <State source={source} />
      </td>
      <td class="number" data-label={t('Kejadian/menit', 'Events/minute')}>
        {number(source.per_minute)}
      </td>
      <td data-label={t('Satu jam', 'One hour')}>
        <Spark values={source.spark} label={t('kejadian per tiga menit', 'events in three minutes')} />
      </td>
      <td data-label={t('Kejadian terakhir', 'Last event')}>
        {source.last_event === null ? (
          t('belum ada (7 hari)', 'none (7 days)')
        ) : (
          <time dateTime={new Date(source.last_event).toISOString()} title={dateTime(source.last_event)}>
            {ago(source.last_event, at)}
          </time>
        )}
      </td>
      <td class="number" data-label={t('Jeda p50 / p95', 'Lag p50 / p95')}>
        {source.lag_p50_ms === null || source.lag_p95_ms === null
          ? '–'
          : `≤ ${span(source.lag_p50_ms)} / ≤ ${span(source.lag_p95_ms)}`}
      </td>
      <td class="number" data-label={t('Jam perangkat', 'Device clock')}>
        {skewText(source.skew_ms)}
        {source.clock_future > 0 && (
          <small class="soft">
            {t(`${number(source.clock_future)} dari masa depan`, `${number(source.clock_future)} from the future`)}
          </small>
        )}
      </td>
      <td class="number" data-label={t('Gagal', 'Dead')}>
        {source.dead_letters === null ? (
          '?'
        ) : source.dead_letters === 0 ? (
          '0'
        ) : (
          <a href={`/sumber?bagian=gagal&dari=${encodeURIComponent(source.id)}`}>{number(source.dead_letters)}</a>
        )}
      </td>
    </tr>
  )
}

/** One page of many. */
export function Pages({
  from,
  all,
  go,
  size = PAGE,
}: {
  from: number
  all: number
  go: (to: number) => void
  size?: number
}) {
  return (
    <p class="pages">
      <button type="button" disabled={from === 0} onClick={() => go(Math.max(0, from - size))}>
        {t('Sebelumnya', 'Previous')}
      </button>{' '}
      {number(from + 1)}–{number(Math.min(all, from + size))} {t('dari', 'of')} {number(all)}{' '}
      <button type="button" disabled={from + size >= all} onClick={() => go(from + size)}>
        {t('Berikutnya', 'Next')}
      </button>
    </p>
  )
}
