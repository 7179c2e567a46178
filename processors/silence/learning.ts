// How are rhythms kept up to date? Learnt from ClickHouse once an hour, some sources at a time, so that no round waits for all of them.
import { setImmediate as breathe } from 'node:timers/promises'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { DAY_MS, type History, HOUR_MS, type LocalCalendar, learn, MINUTE_MS, type Rhythm } from './rhythm.ts'
import { type HourMinutes, readLags, readMinutes, readObserved } from './sql.ts'

/** Sources whose rhythm is learnt in one query. */
const BATCH = 100
/** Learnt again so often. */
const FRESH_MS = HOUR_MS

export interface RhythmBook {
  /** Undefined before it was learnt. */
  of(source: string): Rhythm | undefined
  /**
   * Learns what is missing and some of what is old, from whole hours before `now`. Rejects with the errors of ClickHouse; what was learnt stays.
   */
  refresh(now: number): Promise<void>
}

export interface RhythmBookOptions {
  readonly clickhouse: ClickHouse
  readonly sources: readonly string[]
  readonly learnDays: number
  readonly calendar: (source: string) => LocalCalendar
}

/** A book that has learnt nothing yet. */
export function createRhythmBook({ clickhouse, sources, learnDays, calendar }: RhythmBookOptions): RhythmBook {
  const rhythms = new Map<string, { readonly rhythm: Rhythm; readonly at: number }>()
  const observed = new Map<number, HourMinutes>()
  let observedTo = 0

  async function look(from: number, to: number): Promise<void> {
    const since = Math.max(from, observedTo - HOUR_MS)
    for (const hour of await readObserved(clickhouse, since, to)) observed.set(hour.at, hour)
    for (const hour of observed.keys()) if (hour < from) observed.delete(hour)
    observedTo = to
  }

  async function some(batch: readonly string[], from: number, to: number, mask: Uint8Array): Promise<void> {
    const minutes = await readMinutes(clickhouse, batch, from, to)
    for (const source of batch) {
      const history = historyOf(minutes.get(source) ?? [], from, to)
      rhythms.set(source, { rhythm: learn(history, mask, calendar(source)), at: to })
      // A few milliseconds each, in the process that answers collectors.
      await breathe()
    }
  }

  return {
    of: (source) => rhythms.get(source)?.rhythm,
    async refresh(now) {
      const to = Math.floor(now / HOUR_MS) * HOUR_MS
      const from = to - learnDays * DAY_MS
      const missing = sources.filter((source) => !rhythms.has(source))
      const old = sources.filter((source) => (rhythms.get(source)?.at ?? to) <= to - FRESH_MS).slice(0, BATCH)
      const due = [...missing, ...old]
      if (due.length === 0) return
      if (observedTo < to) await look(from, to)
      const mask = maskOf([...observed.values()], await readLags(clickhouse, from, to), from, to)
      for (let n = 0; n < due.length; n += BATCH) await some(due.slice(n, n + BATCH), from, to, mask)
    },
  }
}

function mark(minutes: Uint8Array, { at, low, high }: HourMinutes, from: number): void {
  const first = (at - from) / MINUTE_MS
  for (let n = 0; n < 60; n += 1) {
    const set = n < 30 ? (low >>> n) & 1 : (high >>> (n - 30)) & 1
    if (set === 1 && first + n >= 0 && first + n < minutes.length) minutes[first + n] = 1
  }
}

function historyOf(
  hours: readonly { readonly minutes: HourMinutes; readonly events: number }[],
  from: number,
  to: number,
): History {
  const active = new Uint8Array((to - from) / MINUTE_MS)
  const events = new Float64Array((to - from) / HOUR_MS)
  for (const { minutes, events: n } of hours) {
    mark(active, minutes, from)
    events[(minutes.at - from) / HOUR_MS] = n
  }
  return { from, active, events }
}

/** Minutes in which Siaga worked and was not behind. */
function maskOf(
  hours: readonly HourMinutes[],
  lags: readonly { readonly at: number; readonly lagMs: number }[],
  from: number,
  to: number,
): Uint8Array {
  const mask = new Uint8Array((to - from) / MINUTE_MS)
  for (const hour of hours) mark(mask, hour, from)
  for (const { at, lagMs } of lags) {
    const begin = Math.max(0, Math.floor((at - lagMs - from) / MINUTE_MS))
    mask.fill(0, begin, Math.max(begin, (at - from) / MINUTE_MS + 1))
  }
  return mask
}
