// How do alerts live? One holder at a time: findings and requests in, every step kept in one Kafka transaction, messages out after it.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { KafkaClient, OutgoingMessage } from '../../runtime/kafka.ts'
import { createKafkaState, type KafkaState } from '../../runtime/kafka-state.ts'
import type { Log } from '../../runtime/log.ts'
import { ALERT_FINDINGS_GROUP, ALERT_REQUESTS_GROUP } from '../../runtime/topics.ts'
import { type AlertLogEntry, entryId } from '../../schemas/alert-log.ts'
import { topics } from '../../schemas/raw-event.ts'
import type { Dispatcher } from './deliver/dispatcher.ts'
import type { Engine } from './engine.ts'
import { type Failure, followFindings, followRequests } from './intake.ts'

export interface AlertTopics {
  readonly findings: string
  readonly requests: string
  readonly state: string
  readonly log: string
}

export interface AlertHolderOptions {
  readonly kafka: Pick<KafkaClient, 'consume' | 'connectTransactional' | 'readAll'>
  readonly log: Log
  /** A fresh engine each time the alerts are taken over. */
  readonly engine: () => Engine
  /** Delivers what the engine offers; `attempted` must be called after each attempt, and waited for. */
  readonly dispatcher: (attempted: Attempted) => Dispatcher
  readonly onCounts: (engine: Engine) => void
  /** Told true once the alerts are taken over and followed, false whenever that is interrupted. */
  readonly onWorking?: (works: boolean) => void
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  readonly tickMs?: number
  readonly topics?: AlertTopics
  /** Prefix of consumer groups and the transactional id. */
  readonly names?: { readonly findings: string; readonly requests: string; readonly transactional: string }
}

export type Attempted = (...result: Parameters<Engine['attempted']>) => Promise<void>

const STOP_MS = 5_000
const TICK_MS = 500
const RETRY_MS = 1_000
const COUNT_MS = 1_000

/** The transactional id of Siaga's alerts. */
const ALERTS_ID = 'siaga-alerts'

/**
 * Holds the alerts until the signal is given: takes them over, goes on where the last holder left off, and begins anew from what was kept whenever the
 * outcome of a step is unknown. Rejects with SCHEDULER_FENCED when another holder has taken over.
 */
export async function holdAlerts(options: AlertHolderOptions, signal: AbortSignal): Promise<void> {
  const { log, kafka } = options
  const names = options.names ?? {
    findings: ALERT_FINDINGS_GROUP,
    requests: ALERT_REQUESTS_GROUP,
    transactional: ALERTS_ID,
  }
  const state = createKafkaState({
    kafka,
    transactionalId: names.transactional,
    topic: options.topics?.state ?? topics.alerts,
    onUnreadable: (key) => log.error({ key }, 'a record of the alerts cannot be read and is passed over'),
  })
  const failures = new Map<string, Failure>()
  while (!signal.aborted) {
    try {
      await session({ ...options, names, failures }, state, signal)
    } catch (error) {
      if (error instanceof SiagaError && error.code === 'SCHEDULER_FENCED') throw error
      log.warn({ error: errorText(error) }, 'the alerts begin anew from what was kept')
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
    } finally {
      options.onWorking?.(false)
      await state.close().catch(() => undefined)
    }
  }
}

/** From taking over to the first step whose outcome is unknown, or to the signal. */
async function session(
  options: AlertHolderOptions & {
    readonly names: NonNullable<AlertHolderOptions['names']>
    readonly failures: Map<string, Failure>
  },
  state: KafkaState,
  signal: AbortSignal,
): Promise<void> {
  const { kafka, log, now = Date.now, tickMs = TICK_MS, names } = options
  const findingsTopic = options.topics?.findings ?? topics.findings
  const requestsTopic = options.topics?.requests ?? topics.alertRequests
  const engine = options.engine()
  engine.restore(await state.open(), now())
  const ended = new AbortController()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => undefined)
  let countedAt = Number.NEGATIVE_INFINITY
  const submit = createSteps(engine, state, options.topics?.log ?? topics.alertLog, (changes) => {
    for (const notification of changes.offers) dispatcher.offer(notification)
    // It takes a look at each alert, and there is a step for each attempt.
    if (Math.abs(now() - countedAt) < COUNT_MS) return
    countedAt = now()
    options.onCounts(engine)
  })
  /** A step; a failure ends the session. */
  const step = async (work: () => void): Promise<void> => {
    try {
      await submit(work)
    } catch (error) {
      ended.abort()
      failed.reject(error)
      throw error
    }
  }
  const dispatcher = options.dispatcher((attempt, next) => step(() => engine.attempted(attempt, next)))
  for (const notification of engine.pending()) dispatcher.offer(notification)
  const stop = (): void => ended.abort()
  signal.addEventListener('abort', stop, { once: true })
  const common = { kafka, log, now, stopping: ended.signal, step, failures: options.failures }
  const running = Promise.all([
    followFindings({ ...common, topic: findingsTopic, groupId: names.findings, engine }),
    followRequests({ ...common, topic: requestsTopic, groupId: names.requests, engine }),
    ticking(() => step(() => engine.tick(now())), tickMs, ended.signal),
  ])
  options.onWorking?.(true)
  try {
    await Promise.race([running, failed.promise])
  } finally {
    ended.abort()
    signal.removeEventListener('abort', stop)
    await dispatcher.close()
    await Promise.race([running.catch(() => undefined), sleep(STOP_MS, undefined, { ref: false })])
  }
}

async function ticking(tick: () => Promise<void>, everyMs: number, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await tick()
    await sleep(everyMs, undefined, { signal: stopping }).catch(() => undefined)
  }
}

/** Runs steps one after another; those that wait while a transaction is under way share the next one. */
function createSteps(
  engine: Engine,
  state: KafkaState,
  logTopic: string,
  onKept: (changes: ReturnType<Engine['take']>) => void,
): (work: () => void) => Promise<void> {
  let waiting: { work: () => void; resolve: () => void; reject: (error: unknown) => void }[] = []
  let running = false
  let broken: unknown
  const run = async (): Promise<void> => {
    running = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      let culprit: (typeof batch)[number] | undefined
      try {
        if (broken !== undefined) throw broken
        for (const one of batch) {
          culprit = one
          one.work()
        }
        culprit = undefined
        const changes = engine.take()
        await state.commit(changes.records, [{ topic: logTopic, messages: changes.log.map(logMessage) }])
        onKept(changes)
        for (const { resolve } of batch) resolve()
      } catch (error) {
        // What the engine has in mind is not what was kept: nothing more is built on it. Whoever shares the step is not to blame for it.
        const others = new SiagaError('KAFKA_UNAVAILABLE', { detail: 'a step of the alerts failed' }, { cause: error })
        broken = others
        for (const one of batch) one.reject(culprit === undefined || one === culprit ? error : others)
      }
    }
    running = false
  }
  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push({ work, resolve, reject })
      if (!running) void run()
    })
}

function logMessage(entry: AlertLogEntry): OutgoingMessage {
  return { key: entryId(entry), value: Buffer.from(JSON.stringify(entry)), headers: {} }
}
