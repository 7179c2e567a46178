// What is done when the owner of a system is silent, and when? Reminders until somebody has received it, then one level of rooms after the other.
import type { Level } from '../../../schemas/actor.ts'
import type { Alerts } from '../../../schemas/alerting.ts'
import type { Notice } from '../../../schemas/notice.ts'
import { levelsOf } from '../route/ladder.ts'

export interface SilenceParts {
  readonly settings: Pick<Alerts['notices'], 'remind_hours' | 'reminders' | 'climb_hours'>
  /** The end of the quiet hours that a moment lies in where the notice is about; the moment itself otherwise. */
  readonly awake: (notice: Pick<Notice, 'region_code' | 'severity'>, at: number) => number
}

export interface Silence {
  /** How many reminders are due by now. */
  readonly reminders: number
  /** Levels whose turn has come and that were not told, lowest first, with the region of each. */
  readonly levels: readonly { readonly level: Level; readonly region: string }[]
  /** When something comes due next; undefined if nothing does. */
  readonly nextAt: number | undefined
}

const HOUR_MS = 3_600_000

/** Somebody must do something: receive it, answer or mend it by the deadline, or mend it again. */
const waits: ReadonlySet<Notice['state']> = new Set(['sent', 'received', 'failed_check'])

/** What silence asks for at `now`, given what was done about it; milliseconds since 1970 UTC. */
export function silenceOf(notice: Notice, now: number, { settings, awake }: SilenceParts): Silence {
  if (!waits.has(notice.state)) return { reminders: 0, levels: [], nextAt: undefined }
  const since = notice.waiting_since
  const times: number[] = []
  let reminders = 0
  // Whoever has pressed anything need not be reminded: the rooms hear of it.
  if (notice.state === 'sent') {
    for (let n = 1; n <= settings.reminders; n += 1) {
      const at = awake(notice, since + n * settings.remind_hours * HOUR_MS)
      if (at <= now) reminders = n
      else times.push(at)
    }
  }
  const levels = levelsOf(notice.region_code).filter(({ level }, index) => {
    if (notice.climbed.includes(level)) return false
    const at = awake(notice, since + (index + 1) * settings.climb_hours * HOUR_MS)
    if (at <= now) return true
    times.push(at)
    return false
  })
  return { reminders, levels, nextAt: times.length === 0 ? undefined : Math.min(...times) }
}
