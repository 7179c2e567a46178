// Who gives the store what is in force? Each feed's copy until the store has it: one that is away gets everything when it is back.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { Indicator } from '../../schemas/indicator.ts'
import { type Copy, readCopy } from './copy.ts'
import { FeedFailure } from './fetch.ts'
import { feedFiles } from './folders.ts'
import { inForce } from './update.ts'

export interface Handover {
  /** Hands over a copy. Rejects with FeedFailure; the feed is owed then. */
  give(feed: string, copy: Copy | undefined): Promise<void>
  /** Marks feeds whose copy in force the store may not have. */
  owe(feeds: Iterable<string>): void
  /** Hands over what is owed; resolves when the store has it all. */
  pay(): Promise<void>
}

interface HandoverOptions {
  readonly replace: (source: string, indicators: readonly Indicator[], at: number) => Promise<unknown>
  /** True for feeds of the settings; others have no indicators. */
  readonly isKnown: (feed: string) => boolean
  readonly exclusive: (feed: string, work: () => Promise<void>) => Promise<void>
  readonly onGiven: (feed: string, indicators: number) => void
  readonly dataDir: string
  readonly log: Log
  readonly now: () => number
  readonly retryMs: number
  readonly signal: AbortSignal
}

export function createHandover(options: HandoverOptions): Handover {
  const { replace, isKnown, exclusive, onGiven, dataDir, log, now, retryMs, signal } = options
  const owed = new Set<string>()
  let paying: Promise<void> | undefined

  async function give(feed: string, copy: Copy | undefined): Promise<void> {
    const indicators = copy === undefined ? [] : inForce(copy, now())
    owed.add(feed)
    try {
      await replace(feed, indicators, now())
    } catch (error) {
      throw new FeedFailure('store', `indicators cannot be handed over: ${errorText(error)}`, { cause: error })
    }
    owed.delete(feed)
    onGiven(feed, indicators.length)
  }

  /** The store keeps what it has of a feed whose copy is not there or damaged, until it is fetched again. */
  async function giveCopy(feed: string): Promise<void> {
    if (!isKnown(feed)) return await give(feed, undefined)
    let copy: Copy | undefined
    try {
      copy = await readCopy(feedFiles(dataDir, feed).good)
    } catch (error) {
      log.error({ feed, error: errorText(error) }, 'the last good copy of a feed cannot be read; it is fetched again')
    }
    if (copy === undefined) owed.delete(feed)
    else await give(feed, copy)
  }

  async function payAll(): Promise<void> {
    while (owed.size > 0 && !signal.aborted) {
      for (const feed of [...owed]) {
        if (signal.aborted) return
        try {
          await exclusive(feed, async () => {
            if (owed.has(feed)) await giveCopy(feed)
          })
        } catch (error) {
          log.warn({ feed, error: errorText(error) }, 'indicators cannot be handed over and wait')
          await sleep(retryMs, undefined, { signal, ref: false }).catch(() => undefined)
        }
      }
    }
  }

  return {
    give,
    owe(feeds) {
      for (const feed of feeds) owed.add(feed)
    },
    pay() {
      paying ??= payAll().finally(() => {
        paying = undefined
      })
      return paying
    },
  }
}
