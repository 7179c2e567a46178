// Which phase is it, and how long until the next and until people vote? Counted in the zone of the region.
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { PhaseNow, Situation } from '../../../../schemas/situation-api.ts'
import { day, type Zone } from '../../format.ts'
import { t } from '../../language.ts'
import { electionName, phaseName } from '../../parts/phases.ts'
import { Help } from '../../parts/states.tsx'

/** Milliseconds since 1970 UTC, each second anew. */
export function useClock() {
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now()
    }, 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}

type When = Pick<Situation, 'phase' | 'next' | 'voting' | 'zone'>

export function CalendarPanel({ phase, next, voting, zone }: When) {
  const now = useClock()
  return (
    <section class="card calendar" aria-label={t('Tahapan pemilu', 'Election phase')}>
      <h2>
        {phase === null ? t('Di luar tahapan', 'Outside of every phase') : phaseName(phase.phase)}{' '}
        <Help
          id="Tahapan pemilu menurut kalender yang dipasang, dihitung di zona waktu wilayah ini. Tahapan ikut menentukan skor kejadian."
          en="Phase of the election by the calendars that are set, in the zone of this region. It is one of the factors of a score."
        />
      </h2>
      {phase !== null && (
        <p class="soft">
          {electionName(phase.election)}
          {phase.to !== null && ` · ${t('sampai', 'until')} ${day(phase.to - 1, zone)}`}
        </p>
      )}
      {voting !== null && <Countdown to={voting} now={now.value} zone={zone} name={t('Pemungutan suara', 'Voting')} />}
      {next !== null && next.phase !== 'pemungutan' && (
        <Countdown to={next} now={now.value} zone={zone} name={phaseName(next.phase)} />
      )}
      {next === null && voting === null && (
        <p class="soft">{t('Kalender tidak memuat tahapan berikutnya.', 'The calendars hold no phase to come.')}</p>
      )}
    </section>
  )
}

function Countdown({ to, now, zone, name }: { to: PhaseNow; now: number; zone: Zone; name: string }) {
  return (
    <p class="countdown">
      <span class="soft">
        {name} · {day(to.from, zone)} 00.00 {zone}
      </span>
      <strong>{leftText(to.from - now)}</strong>
    </p>
  )
}

/** 12 hari 03.04.05. Milliseconds. */
export function leftText(ms: number): string {
  const left = Math.max(0, Math.floor(ms / 1_000))
  const days = Math.floor(left / 86_400)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const clock = `${two((left % 86_400) / 3_600)}.${two((left % 3_600) / 60)}.${two(left % 60)}`
  return days === 0 ? clock : `${days} ${t('hari', days === 1 ? 'day' : 'days')} ${clock}`
}
