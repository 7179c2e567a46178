// Which runs of a schedule were missed? Its times within a stretch, found with node-cron's own reading of the expression.
import cron from 'node-cron'

/** So far back a missed run is looked for: the rarest schedules are yearly. */
const LOOK_BACK_MS = 366 * 86_400_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/**
 * The latest times of a cron expression (UTC, with or without seconds) that lie after `after` and not after `until`, at most `limit` of them,
 * earliest first. All times are milliseconds since 1970 UTC.
 */
export function missedRuns(when: string, after: number, until: number, limit: number): number[] {
  const { second, minute, hour } = cron.parse(when)
  const seconds = second.toSorted((a, b) => b - a)
  const minutes = new Set(minute)
  const hours = new Set(hour)
  const earliest = Math.max(after + 1, until - LOOK_BACK_MS)
  const task = cron.createTask(when, () => undefined, { timezone: 'UTC' })
  const found: number[] = []
  try {
    // node-cron tells next times from now on, none of the past; but it tells of any moment whether it fits, days of the month and week included.
    for (let at = Math.floor(until / MINUTE_MS) * MINUTE_MS; at + MINUTE_MS > earliest && found.length < limit; ) {
      const date = new Date(at)
      if (!hours.has(date.getUTCHours())) {
        at = Math.floor(at / HOUR_MS) * HOUR_MS - MINUTE_MS
        continue
      }
      const first = at + (seconds[0] ?? 0) * 1000
      if (minutes.has(date.getUTCMinutes()) && task.match(new Date(first)))
        for (const s of seconds) {
          const run = at + s * 1000
          if (run >= earliest && run <= until && found.length < limit) found.push(run)
        }
      at -= MINUTE_MS
    }
  } finally {
    void task.destroy()
  }
  return found.reverse()
}
