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
  /** How often the work that begins at an offset of a topic has failed, over all sessions of the holder. */
  readonly failures: Map<string, number>
}

/** Work that failed so often is done message by message, and then a message is left out: a mistake in Siaga must not hold up what is behind it. */
const SUSPECT = 2
const HOPELESS = 4

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
      const place = `${topic} ${intake.from()}`
      const failed = failures.get(place) ?? 0
      if (next > intake.from()) {
        const items = failed < HOPELESS ? page : []
        if (failed >= HOPELESS) log.error({ topic, before: next }, 'a message that alerts fail on is left out')
        try {
          await step(() => intake.take(items, next))
          failures.delete(place)
        } catch (error) {
          // Kafka away is no fault of the message.
          if (!(error instanceof SiagaError)) failures.set(place, failed + 1)
          throw error
        }
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
        const suspect = (failures.get(`${topic} ${intake.from()}`) ?? 0) >= SUSPECT
        if (page.length < (suspect ? 1 : PAGE)) continue
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

function readable<T>(parse: () => T | undefined): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
