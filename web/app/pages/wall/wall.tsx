// What hangs on the wall? The situation in large, without a mouse: goes around the trouble spots, comes back by itself, keeps the screen awake.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Place, Situation } from '../../../../schemas/situation-api.ts'
import { clock, day, number, short } from '../../format.ts'
import { t } from '../../language.ts'
import { line } from '../../live.ts'
import { useLoad } from '../../parts/load.ts'
import { phaseName } from '../../parts/phases.ts'
import { SeverityMark } from '../../parts/severity.tsx'
import { Failed, Loading } from '../../parts/states.tsx'
import { session } from '../../session.ts'
import { leftText, useClock } from '../situation/calendar.tsx'
import { FeedRow } from '../situation/feed.tsx'
import { Severities } from '../situation/figures.tsx'
import { Legend } from '../situation/legend.tsx'
import { levelName, levelOfPoints, watchName } from '../situation/level.ts'
import { Bars, RegionMap } from '../situation/map.tsx'
import '../situation/situation.css'
import { spotOf } from '../situation/situation.tsx'
import { builds, hear, type Named, named, type Stand, stand, sumOf, take } from '../situation/stand.ts'
import { keepAwake, reloadOnNewBuild } from './awake.ts'
import './wall.css'

const REFRESH_MS = 60_000
/** How long each trouble spot is shown, and how many go around. */
const SPOT_MS = 12_000
const SPOTS = 6
const FEED_SHOWN = 8

export function Wall() {
  const loaded = useLoad<Situation>(() => '/api/situation', REFRESH_MS)
  const answer = loaded.data.value
  useEffect(hear, [])
  useEffect(keepAwake, [])
  useEffect(() => {
    if (answer !== undefined) take(answer.now)
  }, [answer])
  const known = builds.value
  useEffect(() => {
    return known !== undefined && known.first !== known.now ? reloadOnNewBuild() : undefined
  }, [known])
  // A first answer that failed is asked for again: nobody is here to press the button.
  const error = loaded.error.value
  useEffect(() => {
    const timer = error === undefined || answer !== undefined ? undefined : setTimeout(loaded.again, 5_000)
    return () => clearTimeout(timer)
  }, [error])
  if (answer === undefined || stand.value === undefined)
    return error === undefined ? <Loading /> : <Failed error={error} again={loaded.again} />
  return <Screen answer={answer} of={stand.value} />
}

function Screen({ answer, of }: { answer: Situation; of: Stand }) {
  const now = useClock()
  const turn = useSignal(0)
  useEffect(() => {
    const timer = setInterval(() => {
      turn.value += 1
    }, SPOT_MS)
    return () => clearInterval(timer)
  }, [])
  const { zone, places, focus } = answer
  const all = named(sumOf(of.regions, focus?.code))
  const spots = troubleSpots(places, of.regions)
  const spot = spots[turn.value % Math.max(1, spots.length)]
  return (
    <div class="wall">
      <header class="wall-head">
        <h1>
          {focus === null ? t('Situasi nasional', 'National situation') : `${t('Situasi', 'Situation')} ${focus.name}`}
        </h1>
        <p class="wall-phase">
          {answer.phase === null ? t('Di luar tahapan', 'Outside of every phase') : phaseName(answer.phase.phase)}
          {answer.voting !== null && (
            <>
              {' · '}
              {t('pemungutan suara dalam', 'voting in')} <b>{leftText(answer.voting.from - now.value)}</b>
            </>
          )}
        </p>
        <p class="wall-clock">
          {day(now.value, zone)} <b>{clock(now.value, zone)}</b>
        </p>
        <Health of={of} now={now.value} zone={zone} />
      </header>
      <div class="wall-figures">
        <p>
          <b>{number(all.rate, all.rate < 10 ? 1 : 0)}</b> {t('kejadian/detik', 'events/second')}
        </p>
        <p>
          <b>{number(all.alerts)}</b> {t('peringatan terbuka', 'open alerts')}
        </p>
        <Severities of={all} />
        <p>
          <b>{short(all.points)}</b> {t('poin risiko', 'points of risk')}
        </p>
        <p>
          <b>
            {number(all.heard)}/{number(all.sources)}
          </b>{' '}
          {t('sumber terdengar', 'sources heard')}
        </p>
      </div>
      <section class="wall-map" aria-label={t('Peta', 'Map')}>
        {places.length > 0 && (
          <RegionMap
            places={places}
            spot={(code) => spotOf(named(sumOf(of.regions, code)))}
            marked={spot?.place.code}
            links={false}
          />
        )}
        <Legend />
        <ol class="wall-spots" aria-label={t('Titik perhatian', 'Trouble spots')}>
          {spots.map((each) => (
            <li key={each.place.code} class={each === spot ? 'card now' : 'card'}>
              <b>{each.place.name}</b>
              <span>
                <SeverityMark severity="critical" said={false}>
                  {each.figures.critical}
                </SeverityMark>{' '}
                <SeverityMark severity="high" said={false}>
                  {each.figures.high}
                </SeverityMark>
                {each.figures.watch === 'blind' && ` · ${watchName('blind')}`}
              </span>
            </li>
          ))}
        </ol>
      </section>
      <aside class="wall-side">
        <section class="card wall-spot" aria-label={t('Titik perhatian', 'Trouble spot')}>
          {spot === undefined ? (
            <p>{t('Tidak ada wilayah yang perlu perhatian khusus.', 'No region needs special attention.')}</p>
          ) : (
            <SpotCard {...spot} place={spot.place} at={spots.indexOf(spot) + 1} count={spots.length} />
          )}
        </section>
        <section class="card wall-feed" aria-label={t('Kejadian terbaru', 'Newest events')}>
          <h2>{t('Kejadian terbaru berskor 40+', 'Newest events of score 40+')}</h2>
          <ol>
            {of.feed.slice(0, FEED_SHOWN).map((item) => (
              <FeedRow key={item.id} item={item} zone={zone} links={false} />
            ))}
          </ol>
        </section>
      </aside>
      {session.value?.kind !== 'wall' && (
        <a class="button wall-back" href="/">
          {t('Kembali ke halaman', 'Back to the page')}
        </a>
      )}
    </div>
  )
}

/** Whoever looks from afar must see at once that figures are old. */
function Health({ of, now, zone }: { of: Stand; now: number; zone: Situation['zone'] }) {
  const waiting = line.value !== 'live'
  const old = of.stale !== undefined || now - of.at > 15_000
  return (
    <p class={waiting || old ? 'wall-health old' : 'wall-health'} role="status">
      {waiting
        ? t(`○ menyambung … angka pukul ${clock(of.at, zone)}`, `○ connecting … figures of ${clock(of.at, zone)}`)
        : old
          ? t(`▲ angka pukul ${clock(of.stale ?? of.at, zone)}`, `▲ figures of ${clock(of.stale ?? of.at, zone)}`)
          : t('● langsung', '● live')}
    </p>
  )
}

interface Trouble {
  readonly place: Place
  readonly figures: Named
}

/** Regions with urgent alerts or high risk, and those that nobody watches any more; worst first. */
function troubleSpots(places: readonly Place[], regions: Stand['regions']): readonly Trouble[] {
  const weight = ({ critical, high, points, watch }: Named): number =>
    critical * 1_000 + high * 100 + (watch === 'blind' ? 50 : 0) + levelOfPoints(points) * 10
  return places
    .map((place) => ({ place, figures: named(sumOf(regions, place.code)) }))
    .filter(
      ({ figures }) =>
        figures.critical + figures.high > 0 || figures.watch === 'blind' || levelOfPoints(figures.points) >= 3,
    )
    .toSorted((a, b) => weight(b.figures) - weight(a.figures))
    .slice(0, SPOTS)
}

function SpotCard({ place, figures, at, count }: Trouble & { at: number; count: number }) {
  const level = levelOfPoints(figures.points)
  return (
    <>
      <h2>
        {place.name}{' '}
        <span class="soft">
          {at}/{count}
        </span>
      </h2>
      <Severities of={figures} />
      <p>
        <svg class="bars" viewBox="0 0 40 22" aria-hidden="true">
          <Bars level={level} />
        </svg>{' '}
        {t('risiko', 'risk')} {levelName(level)} · {short(figures.points)} {t('poin', 'points')} ·{' '}
        {number(figures.rate, 1)} {t('kejadian/detik', 'events/second')}
      </p>
      <p>
        {watchName(figures.watch)} · {number(figures.heard)}/{number(figures.sources)}{' '}
        {t('sumber terdengar', 'sources heard')}
      </p>
    </>
  )
}
