// May a channel be asked now? One that failed several times in a row is asked by one message at a time, less often, until it takes one.
import { pauseEnd } from './backoff.ts'

/** Failures in a row after which a channel counts as down. */
export const FAILURES_TO_OPEN = 5
const FIRST_MS = 5_000
const LONGEST_MS = 60_000

export interface Breaker {
  /** Down: so many failures in a row. */
  readonly open: boolean
  /** Nothing is sent before this moment. */
  readonly until: number
  /** How many messages may be under way: `concurrency` while it is well, one while it is tried out, none before `until`. */
  room(now: number, concurrency: number): number
  /** The other side took a message, or refused it with reason. True if the channel had been down. */
  answered(): boolean
  /** True if the channel is down from now on. `random` is from 0 to 1. */
  failed(now: number, random: number): boolean
  /** The other side asked for a pause. */
  pause(until: number): void
}

export function createBreaker(): Breaker {
  let failures = 0
  let trips = 0
  let until = 0
  return {
    get open() {
      return failures >= FAILURES_TO_OPEN
    },
    get until() {
      return until
    },
    room(now, concurrency) {
      until = pauseEnd(until, now)
      if (now < until) return 0
      return failures >= FAILURES_TO_OPEN ? 1 : concurrency
    },
    answered() {
      const was = failures >= FAILURES_TO_OPEN
      failures = 0
      trips = 0
      return was
    },
    failed(now, random) {
      failures += 1
      if (failures < FAILURES_TO_OPEN || now < until) return false
      const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** trips)
      until = now + Math.round(longest * (0.5 + random / 2))
      trips = Math.min(trips + 1, 10)
      return trips === 1
    },
    pause(moment) {
      until = Math.max(until, moment)
    },
  }
}
