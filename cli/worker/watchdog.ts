// Does the consumer still see the topic as it is? kafkajs can be left with an empty or stale assignment when a topic is made anew.
import { errorText } from '../../runtime/errors.ts'
import type { KafkaAdmin } from '../../runtime/kafka.ts'
import type { Log } from '../../runtime/log.ts'

export interface WatchdogOptions {
  admin: KafkaAdmin
  topic: string
  log: Log
  /** Offset up to which each assigned partition has been read; -1 if not begun. */
  progress(): ReadonlyMap<number, number>
  /** True while a landing is under way or being retried: waiting for ClickHouse is no stall. */
  busy(): boolean
  /** The worker must begin afresh; its process ends. */
  onStale(reason: string): void
}

const EVERY_MS = 2_000
const STALL_MS = 30_000

/** Looks every two seconds whether the topic went away, began anew, or has messages that nobody reads. Answers a function that ends it. */
export function watchTopic({ admin, topic, log, progress, busy, onStale }: WatchdogOptions): () => void {
  let highest = new Map<number, number>()
  let seen = ''
  let movedAt = Date.now()
  let looking = false
  const look = async (): Promise<void> => {
    const offsets = await admin.offsets(topic)
    if (offsets.length === 0) return onStale('the topic is gone')
    for (const { partition, high } of offsets) {
      if (high < (highest.get(partition) ?? 0)) return onStale('the topic was made anew')
    }
    if (highest.size > 0 && offsets.length !== highest.size) return onStale('the topic has other partitions')
    highest = new Map(offsets.map(({ partition, high }) => [partition, high]))
    const read = progress()
    const state = JSON.stringify([...read])
    const behind = offsets.some(
      ({ partition, low, high }) => high > low && read.has(partition) && (read.get(partition) ?? -1) < high,
    )
    if (state !== seen || !behind || busy()) {
      seen = state
      movedAt = Date.now()
    } else if (Date.now() - movedAt > STALL_MS)
      onStale(`nothing was read for ${STALL_MS / 1000} s though messages wait`)
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    look()
      .catch((error: unknown) => {
        if (isMissing(error)) onStale('the topic is gone')
        else log.debug({ error: errorText(error) }, 'the topic could not be looked at')
      })
      .finally(() => {
        looking = false
      })
  }, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION'
}
