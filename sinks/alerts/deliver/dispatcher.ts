// How do messages reach people? By the queue of their channel; a channel that is down, slow or hangs delays none of another.
import { errorText } from '../../../runtime/errors.ts'
import type { Log } from '../../../runtime/log.ts'
import type { Attempt, Notification } from '../../../schemas/alert.ts'
import type { ChannelSender, Outgoing } from '../channels/channel.ts'
import { createLane, type Lane, type LaneSettings, type NextState } from './lane.ts'

export type { NextState } from './lane.ts'

export interface DispatcherOptions {
  /** By id. */
  readonly channels: ReadonlyMap<string, { readonly sender: ChannelSender; readonly settings: LaneSettings }>
  readonly render: (notification: Notification) => Outgoing
  /**
   * Keeps what came of an attempt, and how the notification stands then. The dispatcher goes on with this message when it resolves; it is called
   * again with the same values while it rejects.
   */
  readonly onAttempt: (attempt: Attempt, next: NextState) => Promise<void>
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly log: Log
  readonly metrics: DeliveryMetrics
  /** Calls after so many milliseconds; answers how to call it off. Timers of the process unless told. */
  readonly after?: (ms: number, wake: () => void) => () => void
}

export interface DeliveryMetrics {
  attempted(channel: string, outcome: Attempt['outcome']): void
  /** Messages that wait, and the age of the oldest that is due, in seconds. */
  waiting(channel: string, messages: number, oldestSeconds: number): void
}

export interface Dispatcher {
  /** Takes a message that is pending; one that it has already is left as it is. */
  offer(notification: Notification): void
  /** Forgets a message that need not be sent any more; false if it is under way or has ended. */
  withdraw(notificationId: string): boolean
  /** Begins nothing more. Attempts under way end within some seconds; one that is broken off counts as not made. Senders stay open. */
  close(): Promise<void>
  /** Messages that have not ended. */
  readonly waiting: number
  /** Resolves when no attempt is under way and none can begin before the clock moves on. */
  idle(): Promise<void>
}

const TELL_MS = 1_000

/** Of a channel that is no longer in the settings. Its messages wait for it to come back: a slip in siaga.yaml must not lose them. */
const missing = { concurrency: 1, timeout_seconds: 10, give_up_hours: 72 } as const

/**
 * Delivers at least once: what was delivered is known when `onAttempt` has resolved, so that a crash between makes a repeat with the same
 * `notification_id`. Memory holds what was offered and has not ended, nothing else.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { channels, now, log, metrics, after = timer } = options
  const lanes = new Map<string, Lane>()
  const idlers = new Set<() => void>()
  let closed = false

  const laneOf = (id: string): Lane => {
    const found = lanes.get(id)
    if (found !== undefined) return found
    const channel = channels.get(id) ?? { sender: absent(id), settings: missing }
    let toldAt = Number.NEGATIVE_INFINITY
    const lane: Lane = createLane({
      ...channel,
      render: options.render,
      onAttempt: options.onAttempt,
      now,
      random: options.random,
      after,
      told: {
        attempted(attempt) {
          const { outcome, alert_id, recipient, notification_id, attempt: attempts, detail } = attempt
          metrics.attempted(id, outcome)
          if (outcome === 'refused' || outcome === 'given_up')
            log.error(
              { channel: id, outcome, alert: alert_id, recipient, notification: notification_id, attempts, detail },
              'a message of an alert did not reach its recipient',
            )
        },
        down: (detail) => log.error({ channel: id, detail }, 'a channel takes no messages; they wait'),
        up: () => log.warn({ channel: id }, 'a channel takes messages again'),
        unkept: (error) =>
          log.error(
            { channel: id, error: errorText(error) },
            'what came of messages cannot be kept; no others are sent',
          ),
        broken: (notification, error) =>
          log.error(
            { channel: id, notification: notification.notification_id, error: errorText(error) },
            'a message cannot be written or sent',
          ),
        changed() {
          tellIdle()
          // To find the oldest takes a look at each.
          if (lane.waiting > 0 && Math.abs(now() - toldAt) < TELL_MS) return
          toldAt = now()
          const oldest = lane.oldest()
          metrics.waiting(id, lane.waiting, oldest === undefined ? 0 : Math.max(0, now() - oldest) / 1000)
        },
      },
    })
    lanes.set(id, lane)
    return lane
  }
  const isIdle = (): boolean => [...lanes.values()].every((lane) => lane.isIdle)
  const tellIdle = (): void => {
    if (idlers.size === 0 || !isIdle()) return
    for (const resolve of idlers) resolve()
    idlers.clear()
  }

  return {
    offer(notification) {
      if (closed || notification.status !== 'pending') return
      const lane = laneOf(notification.channel)
      if (!lane.has(notification.notification_id)) lane.offer(notification)
    },
    withdraw: (id) => [...lanes.values()].some((lane) => lane.withdraw(id)),
    async close() {
      closed = true
      await Promise.all(Array.from(lanes.values(), (lane) => lane.close()))
      tellIdle()
    },
    get waiting() {
      return [...lanes.values()].reduce((sum, lane) => sum + lane.waiting, 0)
    },
    idle: () =>
      new Promise((resolve) => {
        idlers.add(resolve)
        tellIdle()
      }),
  }
}

function timer(ms: number, wake: () => void): () => void {
  const set = setTimeout(wake, ms)
  return () => clearTimeout(set)
}

function absent(id: string): ChannelSender {
  return {
    send: async () => ({ kind: 'retry', detail: `there is no channel ${id} in the settings` }),
    close: async () => undefined,
  }
}
