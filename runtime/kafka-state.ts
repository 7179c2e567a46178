// How does one process at a time keep what it knows in Kafka? Records of a compacted topic and messages of others in one transaction, under an id that only one can hold.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SiagaError } from './errors.ts'
import type { KafkaClient, OutgoingMessage } from './kafka.ts'
import type { TransactionalProducer } from './kafka-transactions.ts'

export interface KafkaStateOptions {
  readonly kafka: Pick<KafkaClient, 'connectTransactional' | 'readAll'>
  /** Whoever connects with it shuts out who had it before. */
  readonly transactionalId: string
  /** Compacted topic of one partition. */
  readonly topic: string
  /** Told of a record that is no JSON; it is passed over, since what reads it again and again would hold up everything else. */
  readonly onUnreadable?: (key: string) => void
}

export interface KafkaState {
  /** Takes over from whoever had it and answers every record as parsed JSON, by key. */
  open(): Promise<Map<string, unknown>>
  /**
   * Keeps records (null forgets one) and sends the messages, all or nothing. Rejects with SCHEDULER_FENCED if somebody else has taken over: nothing
   * of it is kept then. Rejects with KAFKA_UNAVAILABLE if the outcome is unknown: what holds then is what the next `open` answers. Rejects with
   * another error if Kafka will never take one of them.
   */
  commit(
    records: Iterable<readonly [key: string, value: object | null]>,
    others?: readonly { topic: string; messages: readonly OutgoingMessage[] }[],
  ): Promise<void>
  close(): Promise<void>
}

/** Who takes over writes its name within this time. */
const TAKEOVER_MS = 2_000
const OWNER = 'owner'

/** Nothing connects before `open`. */
export function createKafkaState({ kafka, transactionalId, topic, onUnreadable }: KafkaStateOptions): KafkaState {
  const self = randomUUID()
  let producer: TransactionalProducer | undefined

  const read = async (): Promise<{ records: Map<string, unknown>; owner: string }> => {
    // By key, as compaction sees it: a removal names a record only by its key.
    const records = new Map<string, unknown>()
    await kafka.readAll(topic, ({ key, value }) => {
      const name = key?.toString() ?? ''
      if (value === null) {
        records.delete(name)
        return
      }
      try {
        records.set(name, JSON.parse(value.toString()))
      } catch {
        records.delete(name)
        onUnreadable?.(name)
      }
    })
    const record = records.get(OWNER)
    records.delete(OWNER)
    const named = typeof record === 'object' && record !== null && 'id' in record
    return { records, owner: named ? String(record.id) : '' }
  }

  const commit: KafkaState['commit'] = async (records, others = []) => {
    if (producer === undefined) throw new SiagaError('KAFKA_UNAVAILABLE', { detail: 'the store is not open' })
    const messages = Array.from(records, ([key, value]): OutgoingMessage => {
      return { key, value: value === null ? null : Buffer.from(JSON.stringify(value)), headers: {} }
    })
    const batches = [...others, { topic, messages }].filter((batch) => batch.messages.length > 0)
    if (batches.length === 0) return
    try {
      await producer.transact(batches)
    } catch (error) {
      producer = undefined
      if (!(error instanceof SiagaError) || error.code !== 'SCHEDULER_FENCED') throw error
      // The broker says the same when a transaction took too long, as after a pause. Whoever has taken over has written its name.
      await sleep(TAKEOVER_MS)
      if ((await read()).owner !== self) throw error
      throw new SiagaError('KAFKA_UNAVAILABLE', { detail: 'a transaction took too long' }, { cause: error })
    }
  }

  return {
    async open() {
      await producer?.close()
      producer = await kafka.connectTransactional(transactionalId)
      // Read after the former owner has been shut out: nothing is added behind what is read.
      const { records, owner } = await read()
      if (owner !== self) await commit([[OWNER, { kind: 'owner', id: self }]])
      return records
    },
    commit,
    async close() {
      await producer?.close()
      producer = undefined
    },
  }
}
