// When may a host be asked again? A least time between two requests to one host, whoever asks.
import { setTimeout as sleep } from 'node:timers/promises'

export interface HostGate {
  /** Resolves when it is this caller's turn; rejects when the signal aborts. */
  pass(host: string, signal: AbortSignal): Promise<void>
}

export interface GateClock {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const systemClock: GateClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
}

/** Hosts remembered before those that may be asked again are forgotten. */
const MANY_HOSTS = 1000

export function createHostGate(intervalMs: number, { now, sleep }: GateClock = systemClock): HostGate {
  /** When the next request to a host may begin. */
  const next = new Map<string, number>()
  return {
    async pass(host, signal) {
      signal.throwIfAborted()
      const time = now()
      if (next.size > MANY_HOSTS) for (const [name, at] of next) if (at <= time) next.delete(name)
      const turn = Math.max(time, next.get(host) ?? 0)
      next.set(host, turn + intervalMs)
      if (turn > time) await sleep(turn - time, signal)
    },
  }
}
