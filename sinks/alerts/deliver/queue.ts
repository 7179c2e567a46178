// Which message of a channel goes next? The most severe, then the oldest; those of one alert to one recipient in the order in which they were made.
import type { Notification } from '../../../schemas/alert.ts'
import type { Severity } from '../../../schemas/detection.ts'
import { createHeap } from './heap.ts'

/** A message that has not ended. */
export interface Waiting {
  readonly notification: Notification
  attempts: number
  /** Milliseconds since 1970 UTC. */
  due: number
}

export interface Queue {
  /** Those that have not ended, also those under way. */
  readonly size: number
  has(id: string): boolean
  add(notification: Notification): void
  /** Takes the next that is due; it is under way until it is put back or ended. */
  take(now: number): Waiting | undefined
  /** Takes one of these that is not under way, whatever its turn. */
  takeOne(which: (waiting: Waiting) => boolean): Waiting | undefined
  /** It waits again, until its `due`. */
  putBack(waiting: Waiting): void
  /** It has ended, and whatever waited for it may go. */
  end(waiting: Waiting): void
  /** Forgets a message that is not under way; false if it is, or is not there. */
  remove(id: string): boolean
  /** Those that failed before are due now: the channel is well again. */
  release(now: number): void
  /** When the next one is due that is not yet; undefined if there is none. */
  nextDue(now: number): number | undefined
  /** When the oldest one that is due was made; undefined if none is. */
  oldest(now: number): number | undefined
}

/** What is told to one recipient of one alert, in order. */
interface Chain {
  readonly key: string
  readonly waiting: Waiting[]
  busy: boolean
  /** Counts up with every change: what stands in a heap with an older one is out of date. */
  version: number
}

interface Place {
  readonly chain: Chain
  readonly version: number
  readonly rank: number
  readonly made: number
  /** When it can go. */
  readonly at: number
}

const ranks: Readonly<Record<Severity, number>> = { critical: 4, high: 3, medium: 2, low: 1, informational: 0 }
const rankOf = ({ notification }: Waiting): number => ranks[notification.alert.severity]
const keyOf = ({ alert_id, recipient }: Notification): string => `${alert_id}\n${recipient}`

/** The messages of one channel. */
export function createQueue(): Queue {
  const chains = new Map<string, Chain>()
  const byId = new Map<string, Waiting>()
  const ready = createHeap<Place>((a, b) => a.rank > b.rank || (a.rank === b.rank && a.made < b.made))
  const later = createHeap<Place>((a, b) => a.at < b.at)
  /** Up to this moment all that is due stands in `ready`. */
  let moved = Number.NEGATIVE_INFINITY

  /** Puts a chain where it belongs after a change. */
  const place = (chain: Chain): void => {
    chain.version += 1
    if (chain.waiting.length === 0) chains.delete(chain.key)
    if (chain.busy) return
    const next = nextOf(chain, moved)
    if (next === undefined) return
    const { waiting, at } = next
    // What is urgent must not wait behind what is not because it is of the same alert.
    const rank = Math.max(...chain.waiting.filter(({ due }) => due <= at).map(rankOf), rankOf(waiting))
    const entry = { chain, version: chain.version, rank, made: waiting.notification.created_at, at }
    if (at <= moved) ready.push(entry)
    else later.push(entry)
  }
  const isStale = ({ chain, version }: Place): boolean => chain.version !== version
  const advance = (now: number): void => {
    if (now < moved) {
      // The clock was set back: what stood ready may have to wait again.
      moved = now
      for (const chain of chains.values()) place(chain)
    }
    moved = now
    for (let first = later.peek(); first !== undefined && (first.at <= moved || isStale(first)); first = later.peek()) {
      later.pop()
      if (!isStale(first)) place(first.chain)
    }
  }
  const begin = (chain: Chain, waiting: Waiting): Waiting => {
    chain.busy = true
    chain.version += 1
    return waiting
  }
  const chainOf = ({ notification }: Waiting): Chain | undefined => chains.get(keyOf(notification))
  const drop = (waiting: Waiting): void => {
    byId.delete(waiting.notification.notification_id)
    const chain = chainOf(waiting)
    if (chain === undefined) return
    chain.waiting.splice(chain.waiting.indexOf(waiting), 1)
  }

  return {
    get size() {
      return byId.size
    },
    has: (id) => byId.has(id),
    add(notification) {
      const key = keyOf(notification)
      const chain = chains.get(key) ?? { key, waiting: [], busy: false, version: 0 }
      chains.set(key, chain)
      const waiting = { notification, attempts: notification.attempts, due: notification.due_at }
      byId.set(notification.notification_id, waiting)
      // After a restart they are offered in any order.
      const behind = chain.waiting.findIndex((one) => one.notification.created_at > notification.created_at)
      chain.waiting.splice(behind < 0 ? chain.waiting.length : behind, 0, waiting)
      place(chain)
    },
    take(now) {
      advance(now)
      for (let first = ready.pop(); first !== undefined; first = ready.pop()) {
        if (isStale(first)) continue
        const next = nextOf(first.chain, moved)
        if (next !== undefined && next.at <= moved) return begin(first.chain, next.waiting)
      }
      return undefined
    },
    takeOne(which) {
      for (const chain of chains.values()) {
        const found = chain.busy ? undefined : chain.waiting.find(which)
        if (found !== undefined) return begin(chain, found)
      }
      return undefined
    },
    putBack(waiting) {
      const chain = chainOf(waiting)
      if (chain === undefined) return
      chain.busy = false
      place(chain)
    },
    end(waiting) {
      const chain = chainOf(waiting)
      drop(waiting)
      if (chain === undefined) return
      chain.busy = false
      place(chain)
    },
    remove(id) {
      const waiting = byId.get(id)
      const chain = waiting === undefined ? undefined : chainOf(waiting)
      if (waiting === undefined || chain === undefined || chain.busy) return false
      drop(waiting)
      place(chain)
      return true
    },
    release(now) {
      for (const chain of chains.values()) {
        const failed = chain.waiting.filter(({ attempts, due }) => attempts > 0 && due > now)
        for (const waiting of failed) waiting.due = now
        if (failed.length > 0) place(chain)
      }
    },
    nextDue(now) {
      advance(now)
      return later.peek()?.at
    },
    oldest(now) {
      let oldest: number | undefined
      for (const { notification, due, attempts } of byId.values())
        if (due <= now || attempts > 0) oldest = Math.min(oldest ?? notification.created_at, notification.created_at)
      return oldest
    },
  }
}

/**
 * The message of a chain that goes next, and when. One that has not been tried and waits for its time (quiet hours) holds up none behind it; one
 * that was tried does: its recipient must not read of the end before the beginning.
 */
function nextOf({ waiting }: Chain, now: number): { readonly waiting: Waiting; readonly at: number } | undefined {
  let next: { waiting: Waiting; at: number } | undefined
  for (const one of waiting) {
    if (one.due <= now) return { waiting: one, at: one.due }
    if (next === undefined || one.due < next.at) next = { waiting: one, at: one.due }
    if (one.attempts > 0) break
  }
  return next
}
