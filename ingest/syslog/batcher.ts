// How do events of many connections become few writes to Kafka? Grouped by time and size, one write in flight, acknowledged in order.
import { errorText } from '../../runtime/errors.ts'
import type { CollectorDependencies, Unsealed } from '../collector.ts'

/** Longest wait of a first event for company; what comes while a write is in flight travels with the next one anyway. */
const FLUSH_MS = 20
const FLUSH_EVENTS = 1_000
const FLUSH_BYTES = 1024 * 1024
const MAX_BATCH_EVENTS = 4_000
const MAX_BATCH_BYTES = 2 * 1024 * 1024
const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 5_000

/** What an event costs in memory besides its payload. */
const EVENT_OVERHEAD = 256

/** Memory that an event is reckoned with until it is acknowledged. */
export function eventCost(event: Pick<Unsealed, 'payload'>): number {
  return event.payload.length + EVENT_OVERHEAD
}

/** One sender of events, told of their fate in the order in which it added them. */
export interface Lane {
  /** Its oldest `events` are in Kafka. */
  acknowledged(events: number, cost: number): void
  /** Its oldest `events` were given up; they may or may not be in Kafka. */
  abandoned(events: number, cost: number): void
}

export interface BatcherOptions {
  /** Transport, for log lines. */
  readonly name: string
  /** Instead of the usual 20 ms, where somebody waits for the answer. */
  readonly flushMs?: number
  /** Give up when Kafka has been away for this long; without it a batch is tried for ever. */
  readonly giveUpAfterMs?: number
  /** Counts events that were not written. */
  dropped(reason: string, events: number): void
}

interface Entry {
  readonly event: Unsealed
  readonly lane: Lane
  readonly cost: number
}

/**
 * Queue in front of the writer. It has no bound of its own: whoever adds looks at `cost` first. A batch is sealed once, so that a repeat
 * writes the same bytes; the next batch goes out after the acknowledgement, which keeps the order of each lane.
 */
export class Batcher {
  readonly #dependencies: Pick<CollectorDependencies, 'writer' | 'seal' | 'log' | 'metrics'>
  readonly #options: BatcherOptions
  #queue: Entry[] = []
  #queueCost = 0
  #inFlight: Entry[] = []
  #inFlightCost = 0
  #sending = false
  #timer: NodeJS.Timeout | undefined
  #wakeRetry: (() => void) | undefined
  #failingSince = 0
  #stopped = false
  #whenIdle: (() => void)[] = []

  constructor(
    dependencies: Pick<CollectorDependencies, 'writer' | 'seal' | 'log' | 'metrics'>,
    options: BatcherOptions,
  ) {
    this.#dependencies = dependencies
    this.#options = options
  }

  /** Memory of everything not yet acknowledged. */
  get cost(): number {
    return this.#queueCost + this.#inFlightCost
  }

  add(event: Unsealed, lane: Lane): void {
    const cost = eventCost(event)
    this.#queue.push({ event, lane, cost })
    this.#queueCost += cost
    if (this.#sending) return
    if (this.#queue.length >= FLUSH_EVENTS || this.#queueCost >= FLUSH_BYTES) void this.#send()
    else this.#timer ??= setTimeout(() => void this.#send(), this.#options.flushMs ?? FLUSH_MS)
  }

  /** Takes back what this lane has not yet handed to the writer: its sender is gone and will repeat it. */
  forget(lane: Lane): number {
    const kept = this.#queue.filter((entry) => entry.lane !== lane)
    const forgotten = this.#queue.length - kept.length
    if (forgotten > 0) {
      this.#queue = kept
      this.#queueCost = totalCost(kept)
    }
    return forgotten
  }

  /** Waits until everything is acknowledged, `timeoutMs` at most. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.#queue.length === 0 && this.#inFlight.length === 0) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve)
      timer = setTimeout(resolve, timeoutMs)
      if (this.#sending) this.#wakeRetry?.()
      else void this.#send()
    })
    clearTimeout(timer)
  }

  /** Gives up what is left. Nothing is written or acknowledged afterwards. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#abandonAll('stopped')
    this.#wakeRetry?.()
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sending = true
    while (!this.#stopped && this.#queue.length > 0) {
      this.#takeBatch()
      const written = await this.#writeInFlight()
      if (this.#stopped) return
      if (written) this.#acknowledge()
      else this.#abandonAll('kafka_unavailable')
      const few = this.#queue.length < FLUSH_EVENTS && this.#queueCost < FLUSH_BYTES
      if (few && this.#queue.length > 0 && this.#whenIdle.length === 0) {
        this.#timer = setTimeout(() => void this.#send(), this.#options.flushMs ?? FLUSH_MS)
        break
      }
    }
    this.#sending = false
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  #takeBatch(): void {
    let taken = 0
    let cost = 0
    for (const entry of this.#queue) {
      if (taken === MAX_BATCH_EVENTS || (taken > 0 && cost + entry.cost > MAX_BATCH_BYTES)) break
      taken += 1
      cost += entry.cost
    }
    this.#inFlight = this.#queue.splice(0, taken)
    this.#inFlightCost = cost
    this.#queueCost -= cost
  }

  /** True once Kafka has the batch; false when it was given up or the batcher was stopped. */
  async #writeInFlight(): Promise<boolean> {
    const { writer, seal, log } = this.#dependencies
    const events = seal(this.#inFlight.map((entry) => entry.event))
    for (let delay = FIRST_RETRY_MS; ; delay = Math.min(delay * 2, LONGEST_RETRY_MS)) {
      try {
        await writer.write(events)
        if (this.#failingSince !== 0) log.warn({ transport: this.#options.name }, 'events are written again')
        this.#failingSince = 0
        return true
      } catch (error) {
        if (this.#stopped) return false
        if (this.#failingSince === 0) {
          this.#failingSince = Date.now()
          log.warn({ transport: this.#options.name, cause: errorText(error) }, 'events cannot be written, trying again')
        }
        const { giveUpAfterMs } = this.#options
        if (giveUpAfterMs !== undefined && Date.now() - this.#failingSince >= giveUpAfterMs) return false
      }
      await this.#pause(delay)
      if (this.#stopped) return false
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wakeRetry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #acknowledge(): void {
    const entries = this.#inFlight
    this.#inFlight = []
    this.#inFlightCost = 0
    forRuns(
      entries,
      (entry) => entry.event.source,
      (first, events) => {
        this.#dependencies.metrics.accepted(first.event.source, events)
      },
    )
    forRuns(
      entries,
      (entry) => entry.lane,
      (first, events, cost) => first.lane.acknowledged(events, cost),
    )
  }

  #abandonAll(reason: string): void {
    const entries = [...this.#inFlight, ...this.#queue]
    this.#inFlight = []
    this.#queue = []
    this.#inFlightCost = 0
    this.#queueCost = 0
    if (entries.length === 0) return
    this.#options.dropped(reason, entries.length)
    forRuns(
      entries,
      (entry) => entry.lane,
      (first, events, cost) => first.lane.abandoned(events, cost),
    )
  }
}

/** Calls `visit` for each run of neighbours with the same key. */
function forRuns<K>(
  entries: Entry[],
  keyOf: (entry: Entry) => K,
  visit: (first: Entry, events: number, cost: number) => void,
): void {
  let first = entries[0]
  let events = 0
  let cost = 0
  for (const entry of entries) {
    if (first !== undefined && keyOf(entry) !== keyOf(first)) {
      visit(first, events, cost)
      first = entry
      events = 0
      cost = 0
    }
    events += 1
    cost += entry.cost
  }
  if (first !== undefined) visit(first, events, cost)
}

function totalCost(entries: Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.cost, 0)
}
