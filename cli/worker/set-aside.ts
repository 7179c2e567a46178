// What becomes of a partition whose server is away? It is set aside while the others go on, and read again once the server answers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningConsumer } from '../../runtime/kafka.ts'

export interface SetAside {
  has(partition: number): boolean
  /** Nothing more of the partition comes until its server answers; then it is read from this offset. */
  add(partition: number, from: number): void
  /** Something of the partition has landed: the next time it is away is a new story. */
  landed(partition: number): void
  /** Partitions belong to other workers now: whoever has them finds out anew. */
  clear(): void
}

const LOOK_MS = 1_000
const MOST_MS = 60_000

/** @param answers true if the server of a partition does; must settle within seconds and never reject */
export function createSetAside(
  consumer: () => Pick<RunningConsumer, 'seek' | 'pause' | 'resume'>,
  answers: (partition: number) => Promise<boolean>,
  pause: (ms: number, signal: AbortSignal) => Promise<unknown> = (ms, signal) => sleep(ms, undefined, { signal }),
): SetAside {
  const waiting = new Map<number, AbortController>()
  /** How long those were left alone that have been read again since, and of which nothing has landed yet. */
  const inVain = new Map<number, number>()
  const wait = async (partition: number, from: number, { signal }: AbortController): Promise<void> => {
    // A server that answers and takes no rows: each time is one in vain, and they come at twice the distance.
    const pauseMs = Math.min(MOST_MS, 2 * (inVain.get(partition) ?? LOOK_MS / 2))
    await pause(pauseMs, signal)
    while (!(await answers(partition))) await pause(LOOK_MS, signal)
    signal.throwIfAborted()
    inVain.set(partition, pauseMs)
    waiting.delete(partition)
    consumer().seek(partition, from)
    consumer().resume(partition)
  }
  return {
    has: (partition) => waiting.has(partition),
    add(partition, from) {
      if (waiting.has(partition)) return
      const controller = new AbortController()
      waiting.set(partition, controller)
      consumer().pause(partition)
      wait(partition, from, controller).catch(() => undefined)
    },
    landed: (partition) => void inVain.delete(partition),
    clear() {
      inVain.clear()
      for (const [partition, controller] of waiting) {
        controller.abort()
        consumer().resume(partition)
      }
      waiting.clear()
    },
  }
}
