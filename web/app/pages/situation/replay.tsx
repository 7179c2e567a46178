// How did a day go? Stored history by five minutes under a slider: play, pause, speed, all by keys too.
import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Boundaries, PhaseNow, Replay } from '../../../../schemas/situation-api.ts'
import { query } from '../../api.ts'
import { aheadOfUtc, dateTime, localIso, number, type Zone } from '../../format.ts'
import { t } from '../../language.ts'
import { type Loaded, useLoad } from '../../parts/load.ts'
import { Failed, Help, Loading } from '../../parts/states.tsx'
import { Legend } from './legend.tsx'
import { levelOfScore } from './level.ts'
import { RegionMap, type Spot } from './map.tsx'

const DAY_MS = 86_400_000
/** Steps a second. */
const speeds = [2, 6, 20] as const

export interface ReplayProps {
  readonly region: string | undefined
  readonly zone: Zone
  readonly voted: PhaseNow | null
  /** Local day, such as 2024-11-27. */
  readonly day: string
  readonly choose: (day: string | undefined) => void
  readonly boundaries: Boundaries | undefined
}

export const localDay = (ms: number, zone: Zone): string => localIso(ms, zone, 10)

export function ReplayPanel({ region, zone, voted, day, choose, boundaries }: ReplayProps) {
  const from = Date.parse(`${day}T00:00:00Z`) - aheadOfUtc(zone)
  const asked = useSignal({ region, from })
  useEffect(() => {
    asked.value = { region, from }
  }, [region, from])
  const loaded = useLoad<Replay>(() =>
    Number.isNaN(asked.value.from)
      ? undefined
      : `/api/situation/replay${query({ ...asked.value, to: asked.value.from + DAY_MS })}`,
  )
  return (
    <section class="card replay" aria-label={t('Putar ulang', 'Replay')}>
      <h2>
        {t('Putar ulang', 'Replay')}{' '}
        <Help
          id="Peta menunjukkan kejadian per lima menit (per jam untuk hari yang lebih lama dari 98 hari): warna menurut skor tertinggi, angka menurut kejadian berskor 70 ke atas. Di penggeser: spasi memutar dan menjeda, panah menggeser."
          en="The map shows events by five minutes (by hour for days older than 98 days): colour by the highest score, number by events of score 70 and more. On the slider: space plays and pauses, arrows move."
        />
      </h2>
      <div class="replay-choice">
        <label>
          {t('Hari', 'Day')}{' '}
          <input
            type="date"
            value={day}
            max={localDay(Date.now(), zone)}
            onChange={({ currentTarget }) => currentTarget.value !== '' && choose(currentTarget.value)}
          />
        </label>
        {voted !== null && (
          <button type="button" onClick={() => choose(localDay(voted.from, zone))}>
            {t('Hari pemungutan suara', 'Voting day')} {voted.election}
          </button>
        )}
        <button type="button" onClick={() => choose(undefined)}>
          {t('Kembali ke langsung', 'Back to live')}
        </button>
      </div>
      <p class="soft">
        {t(
          'Angka di atas dan daftar di samping tetap keadaan sekarang.',
          'The figures above and the list beside stay those of now.',
        )}
      </p>
      <Frames loaded={loaded} zone={zone} boundaries={boundaries} />
    </section>
  )
}

function Frames({
  loaded,
  zone,
  boundaries,
}: {
  loaded: Loaded<Replay>
  zone: Zone
  boundaries: Boundaries | undefined
}) {
  const frame = useSignal(0)
  const speed = useSignal<number | undefined>(undefined)
  const rate = useSignal<number>(speeds[1])
  const replay = loaded.data.value
  const steps = replay?.steps ?? 0
  useEffect(() => {
    frame.value = Math.min(frame.value, Math.max(0, steps - 1))
  }, [steps])
  const running = speed.value
  useEffect(() => {
    const step = (): void => {
      if (frame.value >= steps - 1) speed.value = undefined
      else frame.value += 1
    }
    const timer = running === undefined || steps === 0 ? undefined : setInterval(step, 1_000 / running)
    return () => clearInterval(timer)
  }, [running, steps])
  if (loaded.error.value !== undefined) return <Failed error={loaded.error.value} again={loaded.again} />
  if (replay === undefined) return <Loading />
  const at = replay.start + frame.value * replay.step_ms
  const toggle = (): void => {
    if (speed.value !== undefined) speed.value = undefined
    else {
      if (frame.value >= steps - 1) frame.value = 0
      speed.value = rate.value
    }
  }
  const totals = totalsOf(replay, frame.value)
  return (
    <div>
      {replay.places.length > 0 && (
        <RegionMap
          places={replay.places}
          boundaries={boundaries}
          spot={(code): Spot => {
            const of = replay.regions[code]
            return {
              level: levelOfScore(of?.top[frame.value] ?? 0),
              figure: of?.high[frame.value] ?? 0,
              what: t('kejadian berskor 70 ke atas', 'events of score 70 and more'),
              urgent: 0,
              // What was monitored then is not in these figures.
              watch: 'ok',
            }
          }}
        />
      )}
      <div class="replay-bar">
        <button type="button" class="main" onClick={toggle} aria-pressed={running !== undefined}>
          {running === undefined ? t('▶ Putar', '▶ Play') : t('❚❚ Jeda', '❚❚ Pause')}
        </button>
        <Speeds rate={rate} speed={speed} />
        <input
          type="range"
          min={0}
          max={Math.max(0, steps - 1)}
          value={frame.value}
          aria-label={t('Waktu', 'Time')}
          aria-valuetext={dateTime(at, zone)}
          onKeyDown={(event) => {
            if (event.key !== ' ') return
            event.preventDefault()
            toggle()
          }}
          onInput={({ currentTarget }) => {
            frame.value = Number(currentTarget.value)
          }}
        />
        <output>{dateTime(at, zone)}</output>
      </div>
      <p class="replay-totals">
        {t('Kejadian', 'Events')}: <b>{number(totals.events)}</b> · {t('berskor 70+', 'of score 70+')}:{' '}
        <b>{number(totals.high)}</b> · {t('skor tertinggi', 'highest score')}: <b>{totals.top}</b> ·{' '}
        {t('peringatan dibuat', 'alerts made')}: <b>{number(replay.alerts[frame.value] ?? 0)}</b> (
        {t('sejak awal hari', 'since the day began')}:{' '}
        <b>{number(replay.alerts.slice(0, frame.value + 1).reduce((all, each) => all + each, 0))}</b>)
      </p>
      <Strip replay={replay} frame={frame} />
      <Legend watched={false} />
    </div>
  )
}

function Speeds({ rate, speed }: { rate: Signal<number>; speed: Signal<number | undefined> }) {
  return (
    <fieldset class="choice" aria-label={t('Kecepatan', 'Speed')}>
      {speeds.map((each, index) => (
        <button
          key={each}
          type="button"
          aria-pressed={rate.value === each}
          onClick={() => {
            rate.value = each
            if (speed.value !== undefined) speed.value = each
          }}
        >
          {['1×', '3×', '10×'][index]}
        </button>
      ))}
    </fieldset>
  )
}

/** The whole day at a glance: events of score 70 and more, and where in it the slider stands. */
function Strip({ replay, frame }: { replay: Replay; frame: Signal<number> }) {
  const highs = Array.from({ length: replay.steps }, (_, step) => totalsOf(replay, step).high)
  const most = Math.max(1, ...highs)
  return (
    <svg class="strip" viewBox={`0 0 ${replay.steps} 30`} preserveAspectRatio="none" aria-hidden="true">
      {highs.map((high, step) => {
        const height = (high / most) * 28
        return <rect key={step} class="strip-bar" x={step} y={30 - height} width={0.9} height={height} />
      })}
      <rect class="strip-now" x={frame.value} y={0} width={1} height={30} />
    </svg>
  )
}

function totalsOf({ regions }: Replay, step: number): { events: number; high: number; top: number } {
  const all = { events: 0, high: 0, top: 0 }
  for (const { events, high, top } of Object.values(regions)) {
    all.events += events[step] ?? 0
    all.high += high[step] ?? 0
    all.top = Math.max(all.top, top[step] ?? 0)
  }
  return all
}
