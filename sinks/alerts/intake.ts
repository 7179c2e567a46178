// What comes in? Pages of findings and of requests, each handed to the engine once: what was taken before is known by its offset.
import { errorText, SiagaError } from '../../runtime/errors.ts'
import type { IncomingBatch, KafkaClient } from '../../runtime/kafka.ts'
import { keepConsuming } from '../../runtime/kafka-keep.ts'
import type { Log } from '../../runtime/log.ts'
import { AlertRequest } from '../../schemas/alert.ts'
import { Finding } from '../../schemas/detection.ts'
import type { Engine } from './engine.ts'

interface IntakeOptions {
  readonly kafka: Pick<KafkaClient, 'consume'>
  readonly topic: string
  readonly groupId: string
  readonly log: Log
  readonly now: () => number
  readonly stopping: AbortSignal
  readonly engine: Engine
  /** Runs the work and keeps what came of it; rejects if that is unknown. */
  readonly step: (work: () => void) => Promise<void>
  /** Work of a topic that failed, over all sessions of the holder. */
  readonly failures: Map<string, Failure>
}

/** What failed: the messages from an offset up to another one, so often in a row. `alone`: they are taken one by one, to find the one that it is. */
export interface Failure {
  readonly from: number
  readonly until: number
  readonly times: number
  readonly alone: boolean
}

/** Work that failed so often is done message by message, and a message that did is left out: a mistake in Siaga must not hold up what is behind it. */
const MOST_FAILURES = 2

const FETCH_BYTES = 1024 * 1024
const PAGE = 1_000
const HEARTBEAT_MS = 2_000
/** When alerts are made for the first time, findings made before this are history. */
const FIRST_LOOK_BACK_MS = 3_600_000

/** Findings until stopped. What is no finding was put into the dead-letter queue by whoever lands findings, and is passed over here. */
export function followFindings(options: IntakeOptions): Promise<void> {
  const { engine } = options
  const parse = (value: Buffer): Finding | undefined => Finding.safeParse(JSON.parse(value.toString('utf8'))).data
  return follow(options, parse, {
    from: () => engine.progress.findings,
    take: (findings, next) => engine.findings(findings, next, options.now()),
    restart: () => engine.restarted('findings'),
  })
}

/** Requests of people until stopped. */
export function followRequests(options: IntakeOptions): Promise<void> {
  const { engine } = options
  const parse = (value: Buffer): AlertRequest | undefined =>
    AlertRequest.safeParse(JSON.parse(value.toString('utf8'))).data
  return follow(options, parse, {
    from: () => engine.progress.requests,
    take: (requests, next) => engine.requests(requests, next, options.now()),
    restart: () => engine.restarted('requests'),
  })
}

interface Intake<T> {
  /** Offset behind what has been taken; -1 before the very first. */
  readonly from: () => number
  readonly take: (items: readonly T[], next: number) => void
  /** The topic was made anew. */
  readonly restart: () => void
}

function follow<T>(
  { kafka, topic, groupId, log, now, stopping, step, failures }: IntakeOptions,
  parse: (value: Buffer) => T | undefined,
  intake: Intake<T>,
): Promise<void> {
  const onBatch = async (batch: IncomingBatch): Promise<void> => {
    const { records } = batch
    const beat = setInterval(() => batch.heartbeat().catch(() => undefined), HEARTBEAT_MS)
    let page: T[] = []
    const hand = async (next: number): Promise<void> => {
      const from = intake.from()
      // Of history alone nothing is told: the first look is not over.
      if (next > from && !(from < 0 && page.length === 0)) {
        const failure = failures.get(topic)
        const times = failure?.from === from ? failure.times : 0
        const hopeless = failure?.alone === true && times >= MOST_FAILURES
        if (hopeless) log.error({ topic, before: next }, 'a message that alerts fail on is left out')
        const items = hopeless ? [] : page
        try {
          await step(() => intake.take(items, next))
        } catch (error) {
          // Kafka away is no fault of the message.
          if (!(error instanceof SiagaError)) failures.set(topic, failedAgain(failure, { from, until: next, times }))
          throw error
        }
        if (failure !== undefined && next < failure.until) failures.set(topic, { ...failure, from: next, times: 0 })
        else failures.delete(topic)
      }
      page = []
      await batch.commit(next, '')
      batch.resolve(next - 1)
    }
    try {
      if (batch.highWatermark < intake.from()) await step(intake.restart)
      const first = intake.from() < 0
      for (;;) {
        try {
          if (!records.next()) break
        } catch (error) {
          log.error({ topic, error: errorText(error) }, 'records cannot be unpacked and are left out')
          continue
        }
        const { offset, value, timestamp } = records
        if (offset < intake.from() || (first && timestamp < now() - FIRST_LOOK_BACK_MS)) continue
        const item = value === null ? undefined : readable(() => parse(value))
        if (item === undefined) continue
        page.push(item)
        if (page.length < (failures.get(topic)?.alone === true ? 1 : PAGE)) continue
        if (stopping.aborted || !batch.isCurrent()) return
        await hand(offset + 1)
      }
      if (records.lastOffset < 0 || stopping.aborted || !batch.isCurrent()) return
      await hand(records.lastOffset + 1)
    } finally {
      clearInterval(beat)
    }
  }
  const consumer = {
    groupId,
    topic,
    maxBytesPerPartition: FETCH_BYTES,
    concurrency: 1,
    onBatch,
    onAssignment: () => undefined,
  }
  return keepConsuming(kafka, consumer, {
    now,
    stopping,
    onDeath: (error, againInMs) =>
      log.error({ topic, error: errorText(error), again_in_ms: againInMs }, 'alerts get nothing for now'),
  })
}

function failedAgain(before: Failure | undefined, now: Pick<Failure, 'from' | 'until' | 'times'>): Failure {
  const times = now.times + 1
  if (before?.alone === true) return { ...before, from: now.from, times }
  const alone = times >= MOST_FAILURES
  return { from: now.from, until: now.until, times: alone ? 0 : times, alone }
}

function readable<T>(parse: () => T | undefined): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
