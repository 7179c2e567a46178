// How do the messages of one channel go out? A few at a time, each until it is delivered, refused or given up; what came of it is kept before anything else.
import type { Attempt, Notification } from '../../../schemas/alert.ts'
import type { ChannelSender, Outgoing, SendOutcome } from '../channels/channel.ts'
import { backoffMs, pauseEnd, pauseMs } from './backoff.ts'
import { createBreaker } from './breaker.ts'
import { createQueue, type Waiting } from './queue.ts'

/** What a channel allows; the fields of its settings. */
export interface LaneSettings {
  readonly concurrency: number
  readonly timeout_seconds: number
  readonly give_up_hours: number
}

/** How a notification stands after an attempt. */
export interface NextState {
  readonly status: Notification['status']
  /** Milliseconds since 1970 UTC. */
  readonly due_at: number
  readonly attempts: number
  readonly last_error: string
}

export interface LaneOptions {
  readonly sender: ChannelSender
  readonly settings: LaneSettings
  readonly render: (notification: Notification) => Outgoing
  /** Keeps what came of an attempt. The message goes on when it resolves; tried again with the same values while it rejects. */
  readonly onAttempt: (attempt: Attempt, next: NextState) => Promise<void>
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  /** Calls after so many milliseconds; answers how to call it off. */
  readonly after: (ms: number, wake: () => void) => () => void
  readonly told: LaneEvents
}

/** What people are told. */
export interface LaneEvents {
  attempted(attempt: Attempt): void
  /** It failed so often in a row that it is asked by one message at a time. */
  down(detail: string): void
  up(): void
  /** It cannot be kept what came of attempts. */
  unkept(error: unknown): void
  /** A message could not be written, or its sender rejected: a mistake in Siaga. */
  broken(notification: Notification, error: unknown): void
  changed(): void
}

export interface Lane {
  readonly waiting: number
  /** No attempt is under way, and none can begin before the clock moves on. */
  readonly isIdle: boolean
  /** When the oldest message that is due was made; undefined if none is. */
  oldest(): number | undefined
  has(id: string): boolean
  offer(notification: Notification): void
  withdraw(id: string): boolean
  /** Begins nothing more; attempts under way may end within two seconds, then they are broken off. */
  close(): Promise<void>
}

const HOUR_MS = 3_600_000
const LOOK_MS = 10_000
const KEEP_AGAIN_MS = [1_000, 2_000, 5_000, 15_000, 30_000] as const
const GRACE_MS = 2_000

export function createLane(options: LaneOptions): Lane {
  const { settings, sender, now, random, after, told } = options
  const giveUpMs = settings.give_up_hours * HOUR_MS
  const queue = createQueue()
  const breaker = createBreaker()
  const closing = new AbortController()
  const breakOff = new AbortController()
  const underWay = new Set<Promise<void>>()
  let callOff: (() => void) | undefined
  let soon = false

  /** Too old to be tried again. One that has never been tried is tried once, however old, unless its channel is down. */
  const isHopeless = ({ notification, attempts }: Waiting): boolean =>
    now() >= notification.created_at + giveUpMs && (attempts > 0 || (breaker.open && now() < breaker.until))

  /** Begins what can begin, and is called again when more may. */
  const pump = (): void => {
    callOff?.()
    callOff = undefined
    if (!closing.signal.aborted) beginAll()
    told.changed()
  }

  const beginAll = (): void => {
    const at = now()
    while (underWay.size < breaker.room(at, settings.concurrency)) {
      const next = breaker.open ? queue.takeLeastTried(at) : queue.take(at)
      if (next === undefined) break
      begin(next)
    }
    // Behind a channel that takes nothing they would wait for good.
    while (at < breaker.until && underWay.size < settings.concurrency) {
      const old = queue.takeOne(isHopeless)
      if (old === undefined) break
      begin(old)
    }
    if (queue.size > 0) {
      const next = at < breaker.until ? breaker.until : (queue.nextDue(at) ?? Number.POSITIVE_INFINITY)
      // Looked at again in any case: a clock may be set, messages grow old, and their age is told.
      callOff = after(Math.min(Math.max(1, next - at), LOOK_MS), pump)
    }
  }

  const begin = (waiting: Waiting): void => {
    const done = attempt(waiting).finally(() => {
      underWay.delete(done)
      pump()
    })
    underWay.add(done)
  }

  const attempt = async (waiting: Waiting): Promise<void> => {
    const { notification } = waiting
    const began = now()
    const outcome = isHopeless(waiting) ? undefined : await send(notification)
    if (outcome?.kind === 'retry' && breakOff.signal.aborted) return queue.putBack(waiting)
    const at = now()
    const attempts = waiting.attempts + 1
    const next = nextState(waiting, outcome, at)
    if (outcome !== undefined) noteChannel(outcome, at)
    const { notification_id, alert_id, channel, recipient, room, reason } = notification
    const record: Attempt = {
      notification_id,
      alert_id,
      channel,
      recipient,
      room,
      reason,
      attempt: attempts,
      at: began,
      took_ms: Math.max(0, Math.round(at - began)),
      outcome: next.status === 'pending' ? 'retry' : next.status,
      detail: outcome?.detail ?? `not tried again: older than ${settings.give_up_hours} h`,
    }
    if (!(await keep(record, next))) return queue.putBack(waiting)
    waiting.attempts = attempts
    waiting.due = next.due_at
    waiting.lastError = next.last_error
    if (next.status === 'pending') queue.putBack(waiting)
    else queue.end(waiting)
    told.attempted(record)
  }

  const send = async (notification: Notification): Promise<SendOutcome> => {
    const tooLate = new AbortController()
    const { timeout_seconds: seconds } = settings
    const cancel = after(seconds * 1000, () => tooLate.abort(new Error(`no answer within ${seconds} s`)))
    try {
      const outgoing = options.render(notification)
      const outcome = await sender.send(outgoing, AbortSignal.any([tooLate.signal, breakOff.signal]))
      return outcome.kind === 'retry' && tooLate.signal.aborted
        ? { kind: 'retry', detail: `no answer within ${seconds} s` }
        : outcome
    } catch (error) {
      told.broken(notification, error)
      return { kind: 'retry', detail: 'Siaga could not write or send it' }
    } finally {
      cancel()
    }
  }

  const nextState = (waiting: Waiting, outcome: SendOutcome | undefined, at: number): NextState => {
    const attempts = waiting.attempts + 1
    const due_at = waiting.due
    if (outcome?.kind === 'delivered') return { status: 'delivered', due_at, attempts, last_error: '' }
    const last_error = outcome?.detail ?? waiting.lastError
    if (outcome?.kind === 'refused') return { status: 'refused', due_at, attempts, last_error }
    const end = waiting.notification.created_at + giveUpMs
    if (outcome === undefined || at >= end) return { status: 'given_up', due_at, attempts, last_error }
    const { retryAfterMs } = outcome
    const waits = retryAfterMs === undefined ? backoffMs(attempts, random()) : pauseMs(retryAfterMs)
    // At the end it is given up, not when it would have been tried next.
    return { status: 'pending', due_at: Math.min(at + waits, end), attempts, last_error }
  }

  /** What an outcome says of the channel. */
  const noteChannel = (outcome: SendOutcome, at: number): void => {
    if (outcome.kind !== 'retry') {
      if (!breaker.answered()) return
      // What failed while it was down need not sit out its time.
      queue.release(at)
      told.up()
    } else if (outcome.retryAfterMs !== undefined) {
      breaker.pause(at + pauseMs(outcome.retryAfterMs))
    } else if (breaker.failed(at, random())) {
      told.down(outcome.detail)
    }
  }

  /** True once it is kept; false if the dispatcher closes before. Meanwhile nothing else goes in its place: what is sent must be kept. */
  const keep = async (record: Attempt, next: NextState): Promise<boolean> => {
    for (let failures = 0; ; failures += 1) {
      try {
        await options.onAttempt(record, next)
        return true
      } catch (error) {
        if (failures === 0) told.unkept(error)
        if (closing.signal.aborted) return false
        await pause(KEEP_AGAIN_MS[Math.min(failures, KEEP_AGAIN_MS.length - 1)] ?? 0)
        if (closing.signal.aborted) return false
      }
    }
  }
  /** Ends early when the lane closes. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = after(ms, done)
      closing.signal.addEventListener('abort', done, { once: true })
      function done(): void {
        cancel()
        closing.signal.removeEventListener('abort', done)
        resolve()
      }
    })

  return {
    get waiting() {
      return queue.size
    },
    get isIdle() {
      return underWay.size === 0 && !soon
    },
    oldest: () => queue.oldest(now()),
    has: (id) => queue.has(id),
    offer(notification) {
      const { attempts, due_at } = notification
      queue.add(attempts > 0 ? { ...notification, due_at: pauseEnd(due_at, now()) } : notification)
      if (soon) return
      soon = true
      // What is offered together, as after a restart in any order, is seen together: the first is not the first to come.
      queueMicrotask(() => {
        soon = false
        pump()
      })
    },
    withdraw: (id) => queue.remove(id),
    async close() {
      closing.abort()
      callOff?.()
      const hopeless = Promise.withResolvers<void>()
      const cancels = [after(GRACE_MS, () => breakOff.abort()), after(2 * GRACE_MS, hopeless.resolve)]
      await Promise.race([Promise.all(underWay), hopeless.promise])
      for (const cancel of cancels) cancel()
    },
  }
}
