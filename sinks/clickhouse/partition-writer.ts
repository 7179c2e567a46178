// How do the rows of one Kafka partition land exactly once? The owner of a partition collects, commits its intent, inserts, and goes on.
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { IncomingBatch, KafkaAdmin } from '../../runtime/kafka.ts'
import type { Log } from '../../runtime/log.ts'
import type { Event } from '../../schemas/event.ts'
import { type EventStore, type EventStores, oneEventStore } from './event-stores.ts'
import { insertOnce, isFenced, LandingAbandoned } from './insert.ts'
import { Opening } from './opening.ts'
import { fillingMs } from './pace.ts'
import { createRowBuffer, type RowBuffer } from './rows.ts'
import {
  type Committed,
  encodeLedger,
  type KnownPosition,
  type Landed,
  type PendingRange,
  readCommitted,
} from './streams.ts'

export { LandingAbandoned, ShardAway } from './insert.ts'

export interface PartitionWriterOptions<Settled> {
  /** Keeps the record of streams, and `events` unless `stores` says otherwise. */
  clickhouse: ClickHouse
  /** Where rows of partitions land. */
  stores?: EventStores | undefined
  admin: KafkaAdmin
  log: Log
  groupId: string
  topic: string
  partition: number
  /** An insert begins when one of these is reached. */
  flushRows: number
  flushBytes: number
  /** Least; longer where inserts take long (pace.ts). */
  flushMs: number
  /** Hands on what else came of a page (dead letters, findings) as it is closed; the page is not done before this resolves. */
  settle(): Promise<Settled>
  onLanded(rows: number, milliseconds: number, settled: Settled): void
  onRetry?(): void
  /** Nothing more comes of this writer, also when no message comes that would find out. Not told when it was abandoned. */
  onFailure?(error: unknown): void
}

/** What `open` asks of the reader: go on, or fetch again from another offset. */
export type OpenResult = { kind: 'ready' } | { kind: 'seek'; offset: number }

/** So many times flushMs a page fills while its partition is behind; a reader that is held up must not hold its rows back for good. */
const MOST_BEHIND = 6

/** A server that is started again is back by then; others wait no longer. */
const AWAY_MS = 3_000

interface Page {
  buffer: RowBuffer
  /** First and last offset that the page accounts for, rows or not. */
  first: number
  last: number
  /** When its first message came, as performance.now() tells time. */
  openedAt: number
}

/**
 * Lands one partition for one generation of the group. Calls come from one reader, in order of offsets:
 * `open` once, then for each message `accept` (with `append` before it if the message became a row), `flush` when `isFull` or time is up.
 * One page fills while the other is on its way.
 */
export class PartitionWriter<Settled> {
  /** Offset of the next message to take. */
  next = 0
  stream = ''
  readonly #options: PartitionWriterOptions<Settled>
  #store: EventStore | undefined
  #opening: Opening | undefined
  #position: KnownPosition | undefined
  /** A range that must land as it was begun. */
  #pending: PendingRange | undefined
  #page: Page = newPage()
  #spare: Page | undefined = newPage()
  #inFlight: Promise<void> | undefined
  #failure: unknown
  #batch: IncomingBatch | undefined
  #timer: NodeJS.Timeout | undefined
  #lastInsertMs = 0
  #committed: Committed = { offset: -1, metadata: '' }
  /** Last offset that has landed, settled and all; -1 if none yet. */
  #doneThrough = -1
  #openedAt: number | undefined

  constructor(options: PartitionWriterOptions<Settled>) {
    this.#options = options
  }

  /** Finds out where to begin, given the first record of the batch. Call again after a seek. */
  async open(batch: IncomingBatch, first: Landed): Promise<OpenResult> {
    this.#batch = batch
    if (this.#position !== undefined) return { kind: 'ready' }
    const store = await this.#storeOf(batch.partition)
    this.#opening ??= new Opening(batch.partition, { ...this.#options, store })
    const step = await this.#opening.step(first)
    if (step.kind === 'seek') return step
    const { position, committed } = step
    this.#committed = committed
    this.#position = position
    this.stream = position.stream
    this.next = position.next
    this.#openedAt = position.next
    this.#pending = position.pending
    return first.offset > position.next || batch.records.lastOffset < position.next
      ? { kind: 'seek', offset: position.next }
      : { kind: 'ready' }
  }

  /** Looked up once: a partition stays where it is. */
  async #storeOf(partition: number): Promise<EventStore> {
    const { clickhouse, stores = oneEventStore(clickhouse), topic } = this.#options
    this.#store ??= await stores.of(topic, partition)
    return this.#store
  }

  /** Takes the newest batch: its commits and heartbeats are the ones to use. */
  use(batch: IncomingBatch): void {
    this.#batch = batch
  }

  /** Where reading must go on after this writer was abandoned; `fallback` if it had not begun. */
  firstUnlanded(fallback: number): number {
    return this.#doneThrough >= 0 ? this.#doneThrough + 1 : (this.#openedAt ?? fallback)
  }

  /** Adds a row for the message at `offset`; `accept` must follow. */
  append(event: Event, message: Buffer | null): void {
    this.#page.buffer.append(event, message)
  }

  /** The message at `offset` has been dealt with: as a row, a drop or a dead letter. */
  accept(offset: number): void {
    const page = this.#page
    if (page.first < 0) {
      page.first = offset
      page.openedAt = performance.now()
      this.#timer ??= setTimeout(() => this.#flushOnTime(), this.#options.flushMs)
    }
    page.last = offset
    this.next = offset + 1
  }

  get #isBehind(): boolean {
    return (this.#batch?.highWatermark ?? 0) - this.next > this.#options.flushRows
  }

  /** True if the page should go now. A range taken over from another owner goes exactly at its end. */
  get isFull(): boolean {
    const { buffer, last } = this.#page
    if (this.#pending !== undefined) return last >= this.#pending.last
    return buffer.rows >= this.#options.flushRows || buffer.bytes >= this.#options.flushBytes
  }

  /** True while a page or a commit is on its way. */
  get isLanding(): boolean {
    return this.#inFlight !== undefined
  }

  /** True if the message at `offset` belongs behind a range that must end first. */
  mustFlushBefore(offset: number): boolean {
    return this.#pending !== undefined && this.#page.first >= 0 && offset > this.#pending.last
  }

  /** Sends the page on its way; resolves when the other page is free. Rejects with LandingAbandoned if the partition has moved on. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // Both the reader and the timer may wait here; whoever comes second finds the page of the first on its way.
    while (this.#inFlight !== undefined) await this.#inFlight
    if (this.#failure !== undefined) throw this.#failure
    const page = this.#page
    const batch = this.#batch
    if (page.first < 0 || batch === undefined) return
    this.#page = this.#spare ?? newPage()
    this.#spare = undefined
    this.#occupy(
      this.#land(page, batch)
        .then(() => this.#lookSoon())
        .finally(() => {
          reset(page)
          this.#spare = page
        }),
    )
  }

  /** A page that the reader has sent may be the last for long: then nobody else would commit that it is done. */
  #lookSoon(): void {
    if (this.#failure === undefined) this.#timer ??= setTimeout(() => this.#flushOnTime(), this.#options.flushMs)
  }

  /** One thing at a time: a page on its way, or the commit that the last one is done. Two commits at once could overtake each other. */
  #occupy(work: Promise<void>): void {
    this.#inFlight = work
      .catch((error: unknown) => {
        const isNews = this.#failure === undefined
        this.#failure = error
        if (isNews) this.#options.onFailure?.(error)
      })
      .finally(() => {
        this.#inFlight = undefined
      })
  }

  /** Commits that everything so far is done, if nothing new has begun. */
  async #commitWhenIdle(): Promise<void> {
    while (this.#inFlight !== undefined) await this.#inFlight
    if (this.#failure === undefined && this.#page.first < 0) this.#occupy(this.#commitDone())
  }

  /** Lands what is held and commits that it is done. */
  async drain(): Promise<void> {
    await this.flush()
    await this.#commitWhenIdle()
    await this.#inFlight
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Gives everything up: the partition belongs to somebody else. Resolves when nothing of ours runs any more. */
  async abandon(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#failure ??= new LandingAbandoned()
    reset(this.#page)
    await this.#inFlight
  }

  #flushOnTime(): void {
    this.#timer = undefined
    if (this.#page.first < 0) {
      this.#commitWhenIdle().catch(() => undefined)
      return
    }
    // A range taken over must be whole before it goes: wait for the rest of it.
    if (this.#pending !== undefined && !this.isFull) return
    const { flushMs } = this.#options
    // With more than a page waiting in Kafka, only full pages go: nobody sees a row sooner for a smaller one, and merges would cost more.
    const fills = this.#isBehind
      ? flushMs * MOST_BEHIND
      : fillingMs(flushMs, this.#lastInsertMs, this.#page.buffer.rows)
    const rest = fills - (performance.now() - this.#page.openedAt)
    // What is left may be a rounding of the timer. Looked at again after flushMs: the partition may have caught up.
    if (rest > 1) {
      this.#timer = setTimeout(() => this.#flushOnTime(), Math.min(rest, flushMs))
      return
    }
    this.flush()
      .then(() => this.#commitWhenIdle())
      .catch(() => undefined)
  }

  async #land(page: Page, batch: IncomingBatch): Promise<void> {
    const started = performance.now()
    const { log, onRetry, settle, onLanded, stores } = this.#options
    const pending = this.#pending
    this.#pending = undefined
    const taken = pending !== undefined && page.last === pending.last
    const ingestedAt = taken ? pending.ingestedAt : Date.now()
    const { buffer, first, last } = page
    // The token names the range as it was begun, even if Kafka has forgotten its first messages since.
    const range = {
      stream: this.stream,
      partition: this.#options.partition,
      first: taken ? pending.first : first,
      last,
      ingestedAt,
    }
    const isCurrent = () => batch.isCurrent() && this.#failure === undefined
    const insert = async () => {
      if (buffer.rows === 0) return
      // The fence: Kafka refuses it from an old generation, and a new owner finds in it what may have begun.
      await this.#commit(batch, range.first, encodeLedger({ stream: this.stream, last, at: ingestedAt }))
      buffer.stamp(ingestedAt)
      const began = performance.now()
      await insertOnce(range, buffer.view(), taken, {
        ...(await this.#storeOf(range.partition)),
        log,
        isCurrent,
        heartbeat: batch.heartbeat,
        awayMs: stores?.sharded === true ? AWAY_MS : undefined,
        onRetry,
      })
      this.#lastInsertMs = performance.now() - began
    }
    // A shard that answers and takes no rows (its disk is full) has the page read again and again: what comes of it beside would be sent each time.
    const landed = insert()
    if (stores?.sharded === true) await landed
    const [settled] = await Promise.all([settle(), landed])
    this.#doneThrough = last
    onLanded(buffer.rows, performance.now() - started, settled)
  }

  async #commitDone(): Promise<void> {
    if (this.#batch === undefined || this.#doneThrough < 0 || this.#committed.offset === this.#doneThrough + 1) return
    await this.#commit(this.#batch, this.#doneThrough + 1, encodeLedger({ stream: this.stream }))
  }

  async #commit(batch: IncomingBatch, offset: number, metadata: string): Promise<void> {
    const { partition, log } = this.#options
    for (;;) {
      if (!batch.isCurrent()) throw new LandingAbandoned()
      try {
        const found = await readCommitted(partition, this.#options)
        const expected = this.#committed
        if (found.offset === offset && found.metadata === metadata) {
          // An attempt whose answer was lost.
          this.#committed = found
          return
        }
        if (found.offset !== expected.offset || found.metadata !== expected.metadata) {
          // Kafka forgets a group's offsets with the topic: what was read is of a topic that is gone, or somebody else owns the partition.
          log.warn(
            { partition, expected, found },
            'the committed offset is not ours any more; the partition is looked up anew',
          )
          throw new LandingAbandoned()
        }
        await batch.commit(offset, metadata)
        this.#committed = { offset, metadata }
        return
      } catch (error) {
        if (error instanceof LandingAbandoned || isFenced(error)) throw new LandingAbandoned()
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    }
  }
}

function newPage(): Page {
  return { buffer: createRowBuffer(), first: -1, last: -1, openedAt: 0 }
}

function reset(page: Page): void {
  page.buffer.clear()
  page.first = -1
  page.last = -1
}
