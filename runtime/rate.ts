// May this one send so much now? A token bucket for each key.

/** A key may send at once what it may send in so many seconds. */
export const BURST_SECONDS = 10

export interface RateLimiter {
  /** Seconds until so many events may be sent, 0 if now. Nothing is taken. */
  wait(key: string, events: number): number
  take(key: string, events: number): void
}

/** Buckets of `perSecond` events; `now` in milliseconds. A bucket that is full again is forgotten. */
export function createRateLimiter(perSecond: number, now: () => number): RateLimiter {
  const capacity = perSecond * BURST_SECONDS
  const buckets = new Map<string, { level: number; at: number }>()

  function level(key: string): number {
    const bucket = buckets.get(key)
    if (bucket === undefined) return capacity
    const time = now()
    bucket.level = Math.min(capacity, bucket.level + (Math.max(0, time - bucket.at) * perSecond) / 1000)
    bucket.at = time
    if (bucket.level === capacity) buckets.delete(key)
    return bucket.level
  }
  return {
    wait(key, events) {
      const missing = Math.min(events, capacity) - level(key)
      return missing > 0 ? Math.max(1, Math.ceil(missing / perSecond)) : 0
    },
    take(key, events) {
      buckets.set(key, { level: level(key) - events, at: now() })
    },
  }
}
