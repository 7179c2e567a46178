// How are findings, progress and fired windows kept together? In one Kafka transaction, under an id that only one scheduler can hold.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { SiagaError } from '../../runtime/errors.ts'
import type { KafkaClient, OutgoingMessage } from '../../runtime/kafka.ts'
import type { TransactionalProducer } from '../../runtime/kafka-transactions.ts'
import type { Finding } from '../../schemas/detection.ts'
import type { CorrelationStore } from './round.ts'
import { CorrelationState, recordKey, type StateChange, StateRecord } from './state.ts'

export interface KafkaStoreOptions {
  readonly kafka: KafkaClient
  readonly transactionalId: string
  /** Compacted topic of what is remembered. */
  readonly stateTopic: string
  readonly findingsTopic: string
  readonly findingMessage: (finding: Finding) => OutgoingMessage
}

/** Who takes over writes its name within this time. */
const TAKEOVER_MS = 2_000

/** The transactional id of Siaga's correlations. */
export const CORRELATION_ID = 'siaga-correlate'

/** A store on Kafka. Opening it shuts out whoever held it before; that one's next `commit` rejects with SCHEDULER_FENCED. */
export function createKafkaStore(options: KafkaStoreOptions): CorrelationStore {
  const { kafka, transactionalId, stateTopic, findingsTopic, findingMessage } = options
  const self = randomUUID()
  let producer: TransactionalProducer | undefined

  const read = async (): Promise<CorrelationState> => {
    const state = new CorrelationState()
    // By key, as compaction sees it: a removal names a record only by its key.
    const records = new Map<string, StateRecord>()
    await kafka.readAll(stateTopic, ({ key, value }) => {
      const name = key?.toString() ?? ''
      if (value === null) records.delete(name)
      else records.set(name, StateRecord.parse(JSON.parse(value.toString())))
    })
    for (const record of records.values()) state.apply({ record })
    return state
  }

  const send = async (findings: readonly Finding[], changes: readonly StateChange[]): Promise<void> => {
    if (producer === undefined) throw new SiagaError('KAFKA_UNAVAILABLE', { detail: 'the store is not open' })
    // Of several changes of a record only the last one matters.
    const last = new Map(changes.map((change) => [recordKey(change.record), change]))
    const state = [...last].map(([key, { record, removed }]): OutgoingMessage => {
      return { key, value: removed === true ? null : Buffer.from(JSON.stringify(record)), headers: {} }
    })
    const batches = [
      { topic: findingsTopic, messages: findings.map(findingMessage) },
      { topic: stateTopic, messages: state },
    ]
    try {
      await producer.transact(batches.filter(({ messages }) => messages.length > 0))
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
      const state = await read()
      const change: StateChange = { record: { kind: 'owner', id: self } }
      if (state.owner !== self) await send([], [change])
      state.apply(change)
      return state
    },
    commit: send,
    async close() {
      await producer?.close()
      producer = undefined
    },
  }
}
