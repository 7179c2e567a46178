// When is a message tried again? Later each time, at a random moment, so that those that failed together do not come together.

const FIRST_MS = 5_000
const LONGEST_MS = 15 * 60_000
const LEAST_MS = 1_000
/** What another side may ask for at most: it must not silence a channel for a day. */
const LONGEST_ASKED_MS = 60 * 60_000

/** A pause that ends at `until` as it is at `now`: one that is longer than any was begun by a clock that was ahead, and is over. Milliseconds since 1970 UTC. */
export function pauseEnd(until: number, now: number): number {
  return until > now + LONGEST_ASKED_MS ? now : until
}

/** Milliseconds until the next attempt after `attempts` that failed: 5 s doubling to 15 min, with full jitter. `random` is from 0 to 1. */
export function backoffMs(attempts: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20))
  return Math.max(LEAST_MS, Math.round(random * longest))
}

/** Milliseconds for which a channel pauses when the other side says so (`Retry-After`, RFC 9110 section 10.2.3): a second to an hour. */
export function pauseMs(askedMs: number): number {
  return Math.min(LONGEST_ASKED_MS, Math.max(LEAST_MS, Math.round(askedMs)))
}
