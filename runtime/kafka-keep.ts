// How does a consumer outlive its deaths? A new one is started, later each time the one before died at once.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumeOptions, KafkaClient, RunningConsumer } from './kafka.ts'

export interface KeepOptions {
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  readonly stopping: AbortSignal
  /** Told at each death, with the time until the next consumer. */
  onDeath(error: unknown, againInMs: number): void
}

const RESTART_MS = [1_000, 5_000, 15_000, 60_000] as const
const HEALTHY_MS = 60_000

/** Consumes until `stopping`; resolves when the last consumer has stopped, the batch under way included. */
export async function keepConsuming(
  kafka: Pick<KafkaClient, 'consume'>,
  options: Omit<ConsumeOptions, 'onCrash'>,
  { now, stopping, onDeath }: KeepOptions,
): Promise<void> {
  for (let deaths = 0; !stopping.aborted; ) {
    const began = now()
    let consumer: RunningConsumer | undefined
    try {
      const { promise: crashed, reject } = Promise.withResolvers<never>()
      crashed.catch(() => undefined)
      consumer = await kafka.consume({ ...options, onCrash: reject })
      await Promise.race([crashed, aborted(stopping)])
    } catch (error) {
      deaths = now() - began > HEALTHY_MS ? 1 : deaths + 1
      const waits = RESTART_MS[Math.min(deaths, RESTART_MS.length) - 1] ?? 0
      onDeath(error, waits)
      await sleep(waits, undefined, { signal: stopping, ref: false }).catch(() => undefined)
    } finally {
      await consumer?.stop().catch(() => undefined)
    }
  }
}

/** Resolves when the signal is given. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
