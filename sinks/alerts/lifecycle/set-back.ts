// What if the clock was ahead and has been set right? What people were asked and have answered by the wrong one happened now, in the same order.
import type { AlertRecord } from '../records.ts'

/** Two machines that hold alerts one after the other may differ by so much. */
const SLACK_MS = 60_000

/** Whether a clock that said `before` and says `now` was set back; milliseconds since 1970 UTC. */
export function isSetBack(before: number, now: number): boolean {
  return now < before - SLACK_MS
}

/**
 * The record as it is after the clock was set back to `now`; undefined if nothing of it is ahead. Left as they are, asks would be told, climb and be followed by
 * others only when the clock has come there, and what was closed would not open again before. Pages that were made of an ask stay made.
 */
export function setBack(record: AlertRecord, now: number): AlertRecord | undefined {
  const { alert, told } = record
  const { asks, seen, acknowledged_at } = alert
  const times = [...asks.map(({ at }) => at), seen?.at ?? 0, acknowledged_at]
  if (!isSetBack(Math.max(...times), now)) return undefined
  const ahead = [...new Set(times.filter((at) => at > now))].sort((a, b) => a - b)
  const right = new Map(ahead.map((at, n) => [at, now - (ahead.length - 1 - n)]))
  const of = (at: number): number => right.get(at) ?? at
  const keys = asks.map(({ at }) => [`ask-${at}|`, `ask-${of(at)}|`] as const)
  return {
    ...record,
    told: told.map((key) => {
      const [was, is] = keys.find(([start]) => key.startsWith(start)) ?? ['', '']
      return is + key.slice(was.length)
    }),
    alert: {
      ...alert,
      asks: asks.map((ask) => ({ ...ask, at: of(ask.at) })),
      ...(seen !== undefined && { seen: { ...seen, at: of(seen.at) } }),
      acknowledged_at: of(acknowledged_at),
    },
  }
}
