// How do things stand now? Map, figures, phase, trend, top lists and feed of the nation, a province or a kabupaten.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso'
import type { Situation as Answer, Boundaries, Span } from '../../../../schemas/situation-api.ts'
import { query } from '../../api.ts'
import { clock } from '../../format.ts'
import { t } from '../../language.ts'
import { useLoad } from '../../parts/load.ts'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { session } from '../../session.ts'
import { CalendarPanel } from './calendar.tsx'
import { Feed } from './feed.tsx'
import { FigureCards } from './figures.tsx'
import { Legend } from './legend.tsx'
import { levelOfPoints } from './level.ts'
import { hasMost, RegionMap, type Spot } from './map.tsx'
import { localDay, ReplayPanel } from './replay.tsx'
import { riskOf } from './risk.ts'
import './situation.css'
import { hear, named, stand, sumOf, take } from './stand.ts'
import { Attackers, Targets } from './tops.tsx'
import { SpanChoice, TrendPanel } from './trend.tsx'

const REFRESH_MS = 30_000
const OUTLINES = 'siaga.outlines'

export function Situation() {
  const { params } = useRoute()
  const { route, query: search } = useLocation()
  const asked = params.code
  const span = useSignal<Span>('24h')
  const region = useSignal(asked)
  useEffect(() => {
    region.value = asked
  }, [asked])
  useEffect(hear, [])
  const loaded = useLoad<Answer>(() => `/api/situation${query({ region: region.value, span: span.value })}`, REFRESH_MS)
  const answer = loaded.data.value
  useEffect(() => {
    if (answer !== undefined) take(answer.now)
  }, [answer])
  const outlines = useSignal(localStorage.getItem(OUTLINES) === '1')
  const boundaries = useLoad<Boundaries>(() =>
    loaded.data.value?.boundaries ? '/api/situation/boundaries' : undefined,
  )

  if (answer === undefined || stand.value === undefined)
    return loaded.error.value === undefined ? <Loading /> : <Failed error={loaded.error.value} again={loaded.again} />
  // The answer of the region before stays until the new one is there.
  const focus = answer.focus?.code
  const { regions, stale } = stand.value
  const of = named(sumOf(regions, focus))
  const watches = answer.places.map(({ code }) => named(sumOf(regions, code)).watch)
  const replayed = search.putar
  const here = asked === undefined ? '/' : `/region/${asked}`
  const replayDay = (day: string | undefined): void => route(day === undefined ? here : `${here}?putar=${day}`, true)
  const drawn = outlines.value ? boundaries.data.value : undefined
  return (
    <div class="situation" aria-busy={loaded.busy.value}>
      <header class="situation-head">
        <Trail answer={answer} />
        <SpanChoice
          span={span.value}
          choose={(chosen) => {
            span.value = chosen
          }}
        />
        {replayed === undefined && (
          <button type="button" onClick={() => replayDay(localDay(Date.now(), answer.zone))}>
            {t('Putar ulang', 'Replay')}
          </button>
        )}
        <a class="button" href="/dinding">
          {t('Mode dinding', 'Wall mode')}
        </a>
      </header>
      {loaded.error.value !== undefined && <Failed error={loaded.error.value} again={loaded.again} />}
      {stale !== undefined && (
        <p class="state failed" role="alert">
          {t(
            `Penyimpanan tidak menjawab; angka langsung di bawah adalah keadaan pukul ${clock(stale, answer.zone)}.`,
            `The store does not answer; the live figures below are of ${clock(stale, answer.zone)}.`,
          )}
        </p>
      )}
      <FigureCards
        of={of}
        risk={riskOf(answer, regions)}
        beneath={{
          all: watches.length,
          blind: watches.filter((watch) => watch === 'blind' || watch === 'none').length,
          part: watches.filter((watch) => watch === 'part').length,
        }}
      />
      <div class={replayed === undefined && answer.places.length === 0 ? 'situation-main mapless' : 'situation-main'}>
        {replayed === undefined && answer.places.length > 0 && (
          <section class="card map-card" aria-label={t('Peta', 'Map')}>
            <h2>
              {t('Peta risiko', 'Map of risk')}{' '}
              <Help
                id="Setiap wilayah satu petak yang sama besar. Warna dan batang: tingkat risiko. Angka: poin risiko. Segitiga: peringatan kritis atau tinggi yang terbuka. Garis miring: tidak terpantau."
                en="Each region is a tile of the same size. Colour and bars: level of risk. Number: points of risk. Triangle: open critical or high alerts. Hatched: not monitored."
              />
              {boundaries.data.value !== undefined && hasMost(boundaries.data.value, answer.places) && (
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={outlines.value}
                  onClick={() => {
                    outlines.value = !outlines.value
                    localStorage.setItem(OUTLINES, outlines.value ? '1' : '0')
                  }}
                >
                  {outlines.value ? t('Petak', 'Tiles') : t('Batas wilayah', 'Boundaries')}
                </button>
              )}
            </h2>
            <RegionMap places={answer.places} boundaries={drawn} spot={(code) => spotOf(named(sumOf(regions, code)))} />
            <Legend />
          </section>
        )}
        {replayed !== undefined && (
          <ReplayPanel
            region={focus}
            zone={answer.zone}
            voted={answer.voted}
            day={replayed}
            choose={replayDay}
            boundaries={drawn}
          />
        )}
        <div class="situation-side">
          <CalendarPanel phase={answer.phase} next={answer.next} voting={answer.voting} zone={answer.zone} />
          <Feed region={focus} zone={answer.zone} />
        </div>
      </div>
      <div class="situation-lower">
        <TrendPanel of={answer} span={span.value} />
        <Targets of={answer} />
        <Attackers of={answer} />
      </div>
    </div>
  )
}

/** What the map shows of a region that is live. */
export function spotOf({ points, critical, high, watch }: ReturnType<typeof named>): Spot {
  return {
    level: levelOfPoints(points),
    figure: points,
    what: t('poin risiko', 'points of risk'),
    urgent: critical + high,
    watch,
  }
}

/** Where this is, and the way up as far as the viewer may go. */
function Trail({ answer: { focus, home } }: { answer: Answer }) {
  const own = session.value?.room.region_name
  const nation = t('Nasional', 'Nation')
  if (focus === null) return <h1>{t('Situasi nasional', 'National situation')}</h1>
  const province = focus.code.slice(0, 2)
  return (
    <div class="trail">
      <nav aria-label={t('Wilayah di atasnya', 'Regions above')}>
        {home === null && <a href="/">{nation}</a>}
        {focus.code.length > 2 && (home === null || home === province) && (
          <a href={home === null ? `/region/${province}` : '/'}>{home === null ? t('Provinsi', 'Province') : own}</a>
        )}
      </nav>
      <h1>
        {t('Situasi', 'Situation')} {focus.name}
      </h1>
    </div>
  )
}
