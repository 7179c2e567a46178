// How do alerts stand now? A copy in memory that follows siaga.alerts, for whoever shows them; requests go the other way and come back answered.
import { randomUUID } from 'node:crypto'
import { errorText } from '../../runtime/errors.ts'
import type { IncomingBatch, KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import { keepConsuming } from '../../runtime/kafka-keep.ts'
import type { BatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import type { Alert, AlertAnswer, AlertRequest, Case, Notification, Suppression } from '../../schemas/alert.ts'
import type { Notice } from '../../schemas/notice.ts'
import { topics } from '../../schemas/raw-event.ts'
import type { ApprovedPolicy } from './policy/in-force.ts'
import { recordKey, StateRecord } from './records.ts'

/** A change as it is told live. `id` grows; of several changes of one thing only the last may be told to whoever comes back. */
export type BoardChange =
  | { readonly id: number; readonly kind: 'alert'; readonly alert: Alert }
  | { readonly id: number; readonly kind: 'case'; readonly case: Case }
  | { readonly id: number; readonly kind: 'suppression'; readonly suppression: Suppression }

export interface AlertBoard {
  /** Resolves when everything that was there at the start is there. */
  readonly ready: Promise<void>
  alerts(): Iterable<Alert>
  alert(id: string): Alert | undefined
  cases(): Iterable<Case>
  case(id: string): Case | undefined
  suppressions(): Iterable<Suppression>
  suppression(id: string): Suppression | undefined
  /** What decides how quiet Siaga is; undefined until somebody has held the alerts. */
  policy(): ApprovedPolicy | undefined
  notices(): Iterable<Notice>
  notice(id: string): Notice | undefined
  /** That of which a contact has a token with this hash. */
  noticeOf(tokenHash: string): Notice | undefined
  /** Messages under way, and those given up. */
  notifications(): Iterable<Notification>
  /** Accepted (kept by Kafka) when it resolves: with the answer, or with undefined if there is none yet after this time. Rejects with KAFKA_UNAVAILABLE. */
  ask(request: AlertRequest, timeoutMs: number): Promise<AlertAnswer | undefined>
  /** Id of the newest that is known: whoever begins to follow now has missed nothing behind it. -1 for nothing. */
  last(): number
  /** Tells what has changed after this id (nothing of before without one), then every change as it comes, until the function that it answers is called. */
  follow(after: number | undefined, onChange: (change: BoardChange) => void): () => void
  stop(): Promise<void>
}

export interface AlertBoardOptions {
  readonly kafka: Pick<KafkaClient, 'consume'>
  readonly admin: Pick<KafkaAdmin, 'offsets'>
  readonly producer: BatchingProducer
  readonly log: Log
  readonly now?: () => number
  readonly topic?: string
  readonly requestsTopic?: string
}

const FETCH_BYTES = 4 * 1024 * 1024
const HEARTBEAT_MS = 2_000

interface Kept {
  readonly offset: number
  readonly record: StateRecord
}

/** Starts to follow; every process that shows alerts has one. */
export function startAlertBoard(options: AlertBoardOptions): AlertBoard {
  const { kafka, admin, producer, log, now = Date.now, topic = topics.alerts } = options
  const requestsTopic = options.requestsTopic ?? topics.alertRequests
  const kept = new Map<string, Kept>()
  const byToken = new Map<string, string>()
  const followers = new Set<(change: BoardChange) => void>()
  /** By request: the same one may be asked twice at once. */
  const waiting = new Map<string, Set<(answer: AlertAnswer) => void>>()
  const stopping = new AbortController()
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  let end: number | undefined
  let next = 0

  const caughtUp = (): void => {
    if (end !== undefined && next >= end) isReady()
  }
  const find = async (): Promise<void> => {
    while (end === undefined && !stopping.signal.aborted) {
      try {
        const [partition] = await admin.offsets(topic)
        end = partition === undefined || partition.low >= partition.high ? 0 : partition.high
      } catch (error) {
        log.debug({ topic, error: errorText(error) }, 'the end of the alerts cannot be found yet')
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
    caughtUp()
  }

  const take = (offset: number, key: string, value: Buffer | null): void => {
    if (value === null) {
      const gone = kept.get(key)?.record
      for (const hash of gone?.kind === 'notice' ? tokensOf(gone.notice) : []) byToken.delete(hash)
      kept.delete(key)
      return
    }
    // The grouping's own, and most of all records: not read at all.
    if (key.startsWith('group/') || key === 'progress') return
    const parsed = StateRecord.safeParse(JSON.parse(value.toString('utf8')))
    // The owner's name, and what a newer version of Siaga has written.
    if (!parsed.success) return
    const record = parsed.data
    // Put behind all others: the order of the map is that of the last changes.
    kept.delete(key)
    kept.set(key, { offset, record })
    if (record.kind === 'notice') for (const hash of tokensOf(record.notice)) byToken.set(hash, record.notice.notice_id)
    if (record.kind === 'answer') for (const tell of waiting.get(record.answer.request_id) ?? []) tell(record.answer)
    const change = changeOf({ offset, record })
    if (change !== undefined) for (const tell of followers) tell(change)
  }

  const onBatch = async (batch: IncomingBatch): Promise<void> => {
    const { records } = batch
    // The topic was made anew: what is known is of the one before.
    if (batch.highWatermark < next) {
      next = 0
      kept.clear()
      byToken.clear()
    }
    const beat = setInterval(() => batch.heartbeat().catch(() => undefined), HEARTBEAT_MS)
    try {
      for (;;) {
        try {
          if (!records.next()) break
          if (records.offset >= next) take(records.offset, records.key?.toString('utf8') ?? '', records.value)
        } catch (error) {
          log.error({ topic, offset: records.offset, error: errorText(error) }, 'a record of the alerts cannot be read')
        }
      }
      if (records.lastOffset < 0) return
      next = Math.max(next, records.lastOffset + 1)
      batch.resolve(records.lastOffset)
    } finally {
      clearInterval(beat)
    }
  }

  const consumer = {
    // A group of its own: every process reads everything, from the beginning.
    groupId: `siaga-board-${randomUUID()}`,
    topic,
    maxBytesPerPartition: FETCH_BYTES,
    concurrency: 1,
    onBatch,
    // Also after each batch. The end of a transaction is the last thing on the topic whenever nothing is under way.
    onPassed(_partition: number, lastOffset: number) {
      next = Math.max(next, lastOffset + 1)
      caughtUp()
    },
    onAssignment: () => undefined,
  }
  const running = keepConsuming(kafka, consumer, {
    now,
    stopping: stopping.signal,
    onDeath: (error, againInMs) =>
      log.error({ topic, error: errorText(error), again_in_ms: againInMs }, 'alerts cannot be followed for now'),
  })
  void find()

  function* each<K extends StateRecord['kind']>(kind: K): Generator<Extract<StateRecord, { kind: K }>> {
    for (const { record } of kept.values()) if (isKind(record, kind)) yield record
  }
  function one<K extends StateRecord['kind']>(kind: K, id = ''): Extract<StateRecord, { kind: K }> | undefined {
    const record = kept.get(recordKey(kind, id))?.record
    return record !== undefined && isKind(record, kind) ? record : undefined
  }

  return {
    ready,
    *alerts() {
      for (const { alert } of each('alert')) yield alert
    },
    alert: (id) => one('alert', id)?.alert,
    *cases() {
      for (const record of each('case')) yield record.case
    },
    case: (id) => one('case', id)?.case,
    *suppressions() {
      for (const { suppression } of each('suppression')) yield suppression
    },
    suppression: (id) => one('suppression', id)?.suppression,
    policy: () => one('policy'),
    *notices() {
      for (const { notice } of each('notice')) yield notice
    },
    notice: (id) => one('notice', id)?.notice,
    noticeOf(tokenHash) {
      const id = byToken.get(tokenHash)
      return id === undefined ? undefined : one('notice', id)?.notice
    },
    *notifications() {
      for (const { notification } of each('notification')) yield notification
    },
    async ask(request, timeoutMs) {
      const { promise, resolve } = Promise.withResolvers<AlertAnswer | undefined>()
      const those = waiting.get(request.request_id) ?? new Set()
      waiting.set(request.request_id, those.add(resolve))
      const known = one('answer', request.request_id)?.answer
      if (known !== undefined) resolve(known)
      let timer: NodeJS.Timeout | undefined
      try {
        if (known === undefined) {
          const value = Buffer.from(JSON.stringify(request))
          await producer.send(requestsTopic, [{ key: request.request_id, value, headers: {} }])
        }
        timer = setTimeout(() => resolve(undefined), timeoutMs)
        return await promise
      } finally {
        clearTimeout(timer)
        those.delete(resolve)
        if (those.size === 0) waiting.delete(request.request_id)
      }
    },
    last: () => next - 1,
    follow(after, onChange) {
      // An id from before the topic was made anew says nothing of this one.
      const from = after !== undefined && after >= next ? -1 : after
      if (from !== undefined)
        for (const entry of kept.values()) {
          const change = entry.offset > from ? changeOf(entry) : undefined
          if (change !== undefined) onChange(change)
        }
      followers.add(onChange)
      return () => followers.delete(onChange)
    },
    async stop() {
      stopping.abort()
      followers.clear()
      await running
    },
  }
}

function tokensOf({ contacts }: Notice): string[] {
  return contacts.flatMap(({ token_hashes }) => token_hashes)
}

function isKind<K extends StateRecord['kind']>(
  record: StateRecord,
  kind: K,
): record is Extract<StateRecord, { kind: K }> {
  return record.kind === kind
}

function changeOf({ offset, record }: Kept): BoardChange | undefined {
  switch (record.kind) {
    case 'alert':
      return { id: offset, kind: 'alert', alert: record.alert }
    case 'case':
      return { id: offset, kind: 'case', case: record.case }
    case 'suppression':
      return { id: offset, kind: 'suppression', suppression: record.suppression }
    default:
      return undefined
  }
}
