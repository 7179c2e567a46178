// Is the log of Kafka still the one that landed, and if not, up to where? Asked of the records themselves when a partition is taken over: one seek, or a search.
import type { Log } from '../../runtime/log.ts'
import type { EventStore } from './event-stores.ts'
import {
  beginStream,
  type Committed,
  type ComparePosition,
  findPosition,
  type KnownPosition,
  type Landed,
  landedWithin,
  type PositionDependencies,
  readCommitted,
  streamsHere,
} from './streams.ts'

/** The reader must fetch from another offset and ask again, or the position is known. */
export type Step = { kind: 'seek'; offset: number } | { kind: 'known'; position: KnownPosition; committed: Committed }

/** A log that agrees with what has landed up to one event and not at another: what lies between is searched by halves. */
interface Search {
  /** Highest offset at which both sides have the same event; -1 if none is known. */
  agreed: number
  /** Lowest offset at which they have not, or that Kafka does not have. */
  differs: number
}

/**
 * The opening of one partition by its owner. A log whose end was lost (a broker without power) is filled anew from there on: its new events must land under
 * another stream, and those before them, which have landed, must not land again. A topic that was made anew agrees nowhere and is read from its beginning.
 */
export class Opening {
  readonly #partition: number
  readonly #deps: PositionDependencies & { log: Log }
  #committed: Committed = { offset: -1, metadata: '' }
  #comparing: ComparePosition | undefined
  #search: Search | undefined
  #streams: string[] | undefined
  #known: KnownPosition | undefined

  constructor(partition: number, deps: PositionDependencies & { log: Log }) {
    this.#partition = partition
    this.#deps = deps
  }

  /** Goes on, given the first record of what was fetched. */
  async step(first: Landed): Promise<Step> {
    if (this.#known === undefined) {
      const asked = this.#comparing !== undefined
      if (!asked) {
        this.#committed = await readCommitted(this.#partition, this.#deps)
        const found = await findPosition(this.#partition, this.#committed, this.#deps)
        if (found.kind === 'known') this.#known = found
        else this.#comparing = found
      }
      const comparing = this.#comparing
      if (comparing !== undefined) {
        const { offset, eventId } = comparing.landed
        const isIt = first.offset === offset
        if (!isIt && !(asked && first.offset > offset)) return { kind: 'seek', offset }
        // A record that is gone although it lies above the low end (compaction, a control record): nothing speaks for another log.
        const seek = await this.#compared(comparing, !isIt || first.eventId === eventId)
        if (seek !== undefined) return { kind: 'seek', offset: seek }
      }
    }
    const position = this.#known
    if (position === undefined) throw new Error('the position of a partition was not found')
    return { kind: 'known', position, committed: this.#committed }
  }

  /** Answers the next offset to compare, or undefined once the position is known. */
  async #compared(comparing: ComparePosition, same: boolean): Promise<number | undefined> {
    const { landed, low, high, whole } = comparing
    if (same && whole !== undefined && this.#search === undefined) {
      this.#known = whole
      return undefined
    }
    const isFirst = this.#search === undefined
    this.#search ??= { agreed: -1, differs: high }
    const search = this.#search
    if (same) search.agreed = landed.offset
    else search.differs = landed.offset
    const next = await this.#between(search, low, isFirst)
    if (next !== undefined) {
      this.#comparing = { ...comparing, landed: next }
      return next.offset
    }
    const from = search.agreed < 0 ? low : search.agreed + 1
    this.#deps.log.warn(
      { partition: this.#partition, from },
      search.agreed < 0
        ? 'the topic was made anew; a new stream begins'
        : 'the end of the log was lost; what came after it is a new stream',
    )
    this.#known = { kind: 'known', stream: await beginStream(this.#partition, this.#deps), next: from }
    return undefined
  }

  /** A landed event between the two ends of a search, near the middle; undefined if there is none left to ask. */
  async #between({ agreed, differs }: Search, low: number, isFirst: boolean): Promise<Landed | undefined> {
    const store: EventStore = this.#deps.store
    this.#streams ??= await streamsHere(this.#partition, this.#deps)
    const streams = this.#streams
    const ask = (range: { from: number; to: number; lowest?: boolean }) =>
      landedWithin(streams, this.#partition, range, store)
    // The oldest that Kafka can have, first: where that differs as well, nothing agrees.
    if (agreed < 0) return isFirst ? await ask({ from: low, to: differs - 1, lowest: true }) : undefined
    const middle = Math.floor((agreed + differs) / 2)
    return (
      (await ask({ from: agreed + 1, to: middle })) ?? (await ask({ from: middle + 1, to: differs - 1, lowest: true }))
    )
  }
}
