// What becomes of a partition whose server is away? It is set aside while the others go on, and read again once the server answers.
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningConsumer } from '../../runtime/kafka.ts'

export interface SetAside {
  has(partition: number): boolean
  /** Nothing more of the partition comes until its server answers; then it is read from this offset. */
  add(partition: number, from: number): void
  /** Partitions belong to other workers now: whoever has them finds out anew. */
  clear(): void
}

const LOOK_MS = 1_000

/** @param answers true if the server of a partition does; must settle within seconds and never reject */
export function createSetAside(
  consumer: () => Pick<RunningConsumer, 'seek' | 'pause' | 'resume'>,
  answers: (partition: number) => Promise<boolean>,
): SetAside {
  const waiting = new Map<number, AbortController>()
  const wait = async (partition: number, from: number, { signal }: AbortController): Promise<void> => {
    do await sleep(LOOK_MS, undefined, { signal })
    while (!(await answers(partition)))
    signal.throwIfAborted()
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
    clear() {
      for (const [partition, controller] of waiting) {
        controller.abort()
        consumer().resume(partition)
      }
      waiting.clear()
    },
  }
}
