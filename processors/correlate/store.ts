// How are findings, progress and fired windows kept together? In one Kafka transaction, under an id that only one scheduler can hold.
import type { KafkaClient, OutgoingMessage } from '../../runtime/kafka.ts'
import { createKafkaState } from '../../runtime/kafka-state.ts'
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

/** The transactional id of Siaga's correlations. */
export const CORRELATION_ID = 'siaga-correlate'

/** A store on Kafka. Opening it shuts out whoever held it before; that one's next `commit` rejects with SCHEDULER_FENCED. */
export function createKafkaStore(options: KafkaStoreOptions): CorrelationStore {
  const { kafka, transactionalId, stateTopic, findingsTopic, findingMessage } = options
  const kept = createKafkaState({ kafka, transactionalId, topic: stateTopic })
  return {
    async open() {
      const state = new CorrelationState()
      for (const record of (await kept.open()).values()) state.apply({ record: StateRecord.parse(record) })
      return state
    },
    async commit(findings: readonly Finding[], changes: readonly StateChange[]) {
      // Of several changes of a record only the last one matters.
      const last = new Map(changes.map(({ record, removed }) => [recordKey(record), removed === true ? null : record]))
      await kept.commit(last, [{ topic: findingsTopic, messages: findings.map(findingMessage) }])
    },
    close: () => kept.close(),
  }
}
