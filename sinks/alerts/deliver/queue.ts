// Which message of a channel goes next? The most severe, then the oldest; those of one alert to one recipient in the order in which they were made.
import type { Notification } from '../../../schemas/alert.ts'
import type { Severity } from '../../../schemas/detection.ts'
import { pauseEnd } from './backoff.ts'
import { createHeap } from './heap.ts'

/** A message that has not ended. */
export interface Waiting {
  readonly notification: Notification
  /** Order in which they came, where nothing else tells. */
  readonly nth: number
  attempts: number
  /** Milliseconds since 1970 UTC. */
  due: number
  lastError: string
  /** It has been let go before its time once. */
  released: boolean
}

export interface Queue {
  /** Those that have not ended, also those under way. */
  readonly size: number
  has(id: string): boolean
  add(notification: Notification): void
  /** Takes the next that is due; it is under way until it is put back or ended. */
  take(now: number): Waiting | undefined
  /** Takes the one that was tried least of those that are due: one that is never taken must not shut out the others. */
  takeLeastTried(now: number): Waiting | undefined
  /** Takes one of these that is not under way, whatever its turn. */
  takeOne(which: (waiting: Waiting) => boolean): Waiting | undefined
  /** It waits again, until its `due`. */
  putBack(waiting: Waiting): void
  /** It has ended, and whatever waited for it may go. */
  end(waiting: Waiting): void
  /** Forgets a message that is not under way; false if it is, or is not there. */
  remove(id: string): boolean
  /** Those that failed are due now, once for each: the channel is well again. */
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

interface Turn {
  readonly rank: number
  readonly made: number
  readonly nth: number
}

interface Place extends Turn {
  readonly chain: Chain
  readonly version: number
  /** When it can go. */
  readonly at: number
}

const ranks: Readonly<Record<Severity, number>> = { critical: 4, high: 3, medium: 2, low: 1, informational: 0 }
const rankOf = ({ notification }: Waiting): number => ranks[notification.alert.severity]
const keyOf = ({ alert_id, recipient }: Notification): string => `${alert_id}\n${recipient}`

/** The most severe first, then the oldest. */
const isBefore = (a: Turn, b: Turn): boolean =>
  a.rank !== b.rank ? a.rank > b.rank : a.made !== b.made ? a.made < b.made : a.nth < b.nth

/** The messages of one channel. */
export function createQueue(): Queue {
  let count = 0
  const chains = new Map<string, Chain>()
  const byId = new Map<string, Waiting>()
  const ready = createHeap<Place>(isBefore)
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
    const entry = { chain, version: chain.version, at: next.at, ...turnOf(chain, next) }
    if (next.at <= moved) ready.push(entry)
    else later.push(entry)
  }
  const isStale = ({ chain, version }: Place): boolean => chain.version !== version
  const advance = (now: number): void => {
    if (now < moved) {
      // The clock was set back: what stood ready may have to wait again.
      moved = now
      for (const chain of chains.values()) {
        for (const waiting of chain.waiting) if (waiting.attempts > 0) waiting.due = pauseEnd(waiting.due, now)
        place(chain)
      }
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
      const { attempts, due_at: due } = notification
      const waiting = { notification, nth: count++, attempts, due, lastError: notification.last_error, released: false }
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
    takeLeastTried(now) {
      advance(now)
      let best: { chain: Chain; next: Next; turn: Turn } | undefined
      for (const chain of chains.values()) {
        const next = chain.busy ? undefined : nextOf(chain, moved)
        if (next === undefined || next.at > moved) continue
        const turn = turnOf(chain, next)
        const fewer = next.waiting.attempts - (best?.next.waiting.attempts ?? Number.POSITIVE_INFINITY)
        if (best === undefined || fewer < 0 || (fewer === 0 && isBefore(turn, best.turn))) best = { chain, next, turn }
      }
      return best === undefined ? undefined : begin(best.chain, best.next.waiting)
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
        const failed = chain.waiting.filter((one) => one.attempts > 0 && one.due > now && !one.released)
        for (const waiting of failed) {
          waiting.due = now
          waiting.released = true
        }
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

interface Next {
  readonly waiting: Waiting
  readonly at: number
}

/** What is urgent must not wait behind what is not because it is of the same alert: the most severe that is due by then counts. */
function turnOf(chain: Chain, { waiting, at }: Next): Turn {
  const rank = chain.waiting.reduce(
    (most, one) => (one.due <= at ? Math.max(most, rankOf(one)) : most),
    rankOf(waiting),
  )
  return { rank, made: waiting.notification.created_at, nth: waiting.nth }
}

/**
 * The message of a chain that goes next, and when. One that has not been tried and waits for its time (quiet hours) holds up none behind it; one
 * that was tried does: its recipient must not read of the end before the beginning.
 */
function nextOf({ waiting }: Chain, now: number): Next | undefined {
  let next: Next | undefined
  for (const one of waiting) {
    if (one.due <= now) return { waiting: one, at: one.due }
    if (next === undefined || one.due < next.at) next = { waiting: one, at: one.due }
    if (one.attempts > 0) break
  }
  return next
}
