// What do tests of deliveries need? Notifications, a clock that moves when told, a store of what was kept, and real servers.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import { createLog } from '../../../../runtime/log.ts'
import { Alert, type Attempt, Notification } from '../../../../schemas/alert.ts'
import type { Severity } from '../../../../schemas/detection.ts'
import type { ChannelSender, SendOutcome } from '../../../../sinks/alerts/channels/channel.ts'
import { createDispatcher, type Dispatcher, type NextState } from '../../../../sinks/alerts/deliver/dispatcher.ts'

export const T0 = Date.parse('2024-11-27T03:00:00Z')

function alertOf(id: string, severity: Severity = 'high'): Alert {
  return Alert.parse({
    alert_id: id,
    dedup_key: id,
    kind: 'findings',
    rule_id: 'rule',
    title: 'A title',
    severity,
    score: 80,
    region_code: '32.73',
    owner: 'kpu',
    asset_id: 'asset',
    entity: 'ip|203.0.113.7',
    first_seen: T0,
    last_seen: T0,
    opened_at: T0,
    changed_at: T0,
    findings: 1,
    findings_exact: true,
    matters: 1,
    rules: [],
    attack: [],
    worst: [],
    election: '',
    phase: '',
    status: 'open',
    merged_into: '',
    assignee: '',
    asks: [],
    acknowledged_at: 0,
    acknowledged_by: '',
    case_id: '',
    actions: [],
    version: 1,
  })
}

interface Given {
  readonly alert?: string
  readonly severity?: Severity
  readonly channel?: string
  readonly recipient?: string
  readonly reason?: Notification['reason']
  readonly created?: number
  readonly due?: number
  readonly attempts?: number
}

export function notificationOf(id: string, given: Given = {}): Notification {
  const created = given.created ?? T0
  return Notification.parse({
    notification_id: id,
    alert_id: given.alert ?? id,
    channel: given.channel ?? 'webhook',
    recipient: given.recipient ?? 'duty',
    room: 'room',
    level: 'pusat',
    reason: given.reason ?? 'opened',
    created_at: created,
    due_at: given.due ?? created,
    attempts: given.attempts ?? 0,
    last_error: '',
    status: 'pending',
    alert: alertOf(given.alert ?? id, given.severity),
  })
}

/** A clock that moves when told. */
export function createClock(start = T0) {
  let now = start
  const timers = new Set<{ readonly at: number; readonly wake: () => void }>()
  let shift = 0
  return {
    /** As the machine tells it: set back by `setBack`. */
    now: () => now - shift,
    setBack(ms: number) {
      shift += ms
    },
    after(ms: number, wake: () => void) {
      const timer = { at: now + ms, wake }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    /** Moves to the next timer, or `until` if there is none before; false then. */
    step(told: number): boolean {
      const until = told + shift
      const [next] = [...timers].sort((a, b) => a.at - b.at)
      now = Math.max(now, Math.min(next?.at ?? until, until))
      if (next === undefined || next.at > until) return false
      timers.delete(next)
      next.wake()
      return true
    },
  }
}

export type Clock = ReturnType<typeof createClock>

/** What the engine does: pending notifications as they stand, and every attempt. It can fail. */
export function createKeeper() {
  const pending = new Map<string, Notification>()
  const ended = new Map<string, NextState['status'][]>()
  const attempts: Attempt[] = []
  const lastError = new Map<string, string>()
  const keeper = {
    pending,
    ended,
    attempts,
    lastError,
    failing: false,
    async onAttempt(attempt: Attempt, next: NextState): Promise<void> {
      await Promise.resolve()
      if (keeper.failing) throw new Error('Kafka does not answer')
      attempts.push(attempt)
      lastError.set(attempt.notification_id, next.last_error)
      const notification = pending.get(attempt.notification_id)
      if (next.status !== 'pending') {
        pending.delete(attempt.notification_id)
        ended.set(attempt.notification_id, [...(ended.get(attempt.notification_id) ?? []), next.status])
      } else if (notification !== undefined) pending.set(attempt.notification_id, { ...notification, ...next })
    },
  }
  return keeper
}

export type Keeper = ReturnType<typeof createKeeper>
type Channels = Parameters<typeof createDispatcher>[0]['channels']

export interface Rigged {
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  readonly keeper: Keeper
  readonly logged: { readonly level: number; readonly msg: string; readonly channel?: string }[]
  readonly counts: Map<string, number>
  readonly gauges: Map<string, readonly [messages: number, oldest: number]>
  offer(...notifications: Notification[]): void
  /** Lets time pass; whatever begins on the way ends before the clock goes on. */
  pass(ms: number): Promise<void>
  /** Lets time pass without waiting for what is under way, until it is so. */
  until(isSo: () => boolean): Promise<void>
}

export interface RigOptions {
  readonly clock?: Clock
  readonly keeper?: Keeper
  readonly random?: () => number
}

export function createRig(
  senders: Readonly<Record<string, ChannelSender>>,
  settings: Partial<{ concurrency: number; timeout_seconds: number; give_up_hours: number }> = {},
  { clock = createClock(), keeper = createKeeper(), random = () => 1 }: RigOptions = {},
): Rigged {
  const logged: Rigged['logged'] = []
  const counts = new Map<string, number>()
  const gauges: Rigged['gauges'] = new Map()
  const log = createLog('silent')
  const note =
    (level: number) =>
    (fields: object, msg: string): void =>
      void logged.push({ level, msg, ...fields })
  const channels: Channels = new Map(
    Object.entries(senders).map(([id, sender]) => [
      id,
      { sender, settings: { concurrency: 4, timeout_seconds: 10, give_up_hours: 72, ...settings } },
    ]),
  )
  const dispatcher = createDispatcher({
    channels,
    render: (notification) => ({
      notification,
      recipient: undefined,
      message: {
        language: 'id',
        title: notification.alert.title,
        severity: 'TINGGI',
        region: '32.73',
        link: '',
        parts: [],
        text: '',
        html: '',
        short: '',
      },
    }),
    onAttempt: keeper.onAttempt,
    now: clock.now,
    random,
    after: clock.after,
    log: Object.assign(Object.create(log), { error: note(50), warn: note(40) }),
    metrics: {
      attempted: (channel, outcome) =>
        void counts.set(`${channel} ${outcome}`, (counts.get(`${channel} ${outcome}`) ?? 0) + 1),
      waiting: (channel, messages, oldest) => void gauges.set(channel, [messages, oldest]),
    },
  })
  return {
    dispatcher,
    clock,
    keeper,
    logged,
    counts,
    gauges,
    offer(...notifications) {
      for (const notification of notifications) {
        keeper.pending.set(notification.notification_id, notification)
        dispatcher.offer(notification)
      }
    },
    async pass(ms) {
      const until = clock.now() + ms
      await dispatcher.idle()
      while (clock.step(until)) await dispatcher.idle()
    },
    async until(isSo) {
      for (let n = 0; n < 20_000; n += 1) {
        await new Promise((resolve) => setImmediate(resolve))
        if (isSo()) return
        clock.step(clock.now() + 1_000)
      }
      throw new Error('it did not come to pass')
    },
  }
}

/** A sender that does as the function says; it remembers what it was asked for, in order. */
export function scripted(answer: (id: string, nth: number, signal: AbortSignal) => SendOutcome | Promise<SendOutcome>) {
  const asked: string[] = []
  const times = new Map<string, number>()
  const underWay = new Map<string, number>()
  let most = 0
  const sender: ChannelSender = {
    async send({ notification: { notification_id: id } }, signal) {
      asked.push(id)
      const nth = (times.get(id) ?? 0) + 1
      times.set(id, nth)
      underWay.set(id, (underWay.get(id) ?? 0) + 1)
      most = Math.max(most, underWay.size)
      if ((underWay.get(id) ?? 0) > 1) throw new Error(`two attempts of ${id} at one time`)
      try {
        await Promise.resolve()
        return await answer(id, nth, signal)
      } finally {
        underWay.delete(id)
      }
    },
    close: async () => undefined,
  }
  return {
    sender,
    asked,
    /** Most that were under way at one time. */
    get most() {
      return most
    },
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

export const delivered: SendOutcome = { kind: 'delivered', detail: 'ok' }
export const failed: SendOutcome = { kind: 'retry', detail: 'HTTP 500' }

export interface Receiver {
  readonly sender: ChannelSender
  /** Ids in the order in which they came, and of those that were answered 200. */
  readonly asked: string[]
  readonly taken: string[]
  answer: (id: string, response: ServerResponse) => void
}

/** A real HTTP server on this machine, and a channel that posts to it. */
export async function startReceiver(answer: Receiver['answer']): Promise<Receiver> {
  const asked: string[] = []
  const taken: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const id = request.url?.slice(1) ?? ''
    request.resume()
    request.on('end', () => {
      asked.push(id)
      response.on('finish', () => {
        if (response.statusCode === 200) taken.push(id)
      })
      receiver.answer(id, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const receiver: Receiver = {
    asked,
    taken,
    answer,
    sender: {
      async send({ notification }, signal) {
        try {
          const response = await fetch(`http://127.0.0.1:${port}/${notification.notification_id}`, {
            method: 'POST',
            body: 'x',
            signal,
          })
          await response.arrayBuffer()
          const { status } = response
          if (status < 300) return { kind: 'delivered', detail: `HTTP ${status}` }
          const after = response.headers.get('retry-after')
          if (status >= 500 || status === 429)
            return {
              kind: 'retry',
              detail: `HTTP ${status}`,
              ...(after === null ? {} : { retryAfterMs: Number(after) * 1000 }),
            }
          return { kind: 'refused', detail: `HTTP ${status}` }
        } catch (error) {
          return { kind: 'retry', detail: String(error) }
        }
      },
      close: async () => undefined,
    },
  }
  return receiver
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}) =>
  (_id: string, response: ServerResponse): void =>
    void response.writeHead(code, headers).end()
