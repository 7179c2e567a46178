// When did each scheduled job last run? Kept on Kafka under an id that one process holds, so that whoever takes over knows.
import { z } from 'zod'
import { topics } from '../schemas/raw-event.ts'
import type { KafkaClient } from './kafka.ts'
import type { TransactionalProducer } from './kafka-transactions.ts'

/** Times of last runs, milliseconds since 1970 UTC. */
export interface JobRuns {
  /** Takes them over from whoever had them, and answers them by the name of the job. */
  open(): Promise<ReadonlyMap<string, number>>
  /** Rejects with SCHEDULER_FENCED if somebody else has taken them over; nothing is kept then. */
  note(job: string, at: number): Promise<void>
  close(): Promise<void>
}

const JobRun = z.object({ at: z.number() })
const PREFIX = 'job:'

/** Last runs on the compacted topic of leases, one key a job. */
export function createJobRuns(
  kafka: Pick<KafkaClient, 'connectTransactional' | 'readAll'>,
  { transactionalId = 'siaga-schedule', topic = topics.leases }: { transactionalId?: string; topic?: string } = {},
): JobRuns {
  let producer: TransactionalProducer | undefined
  const close = async (): Promise<void> => {
    await producer?.close()
    producer = undefined
  }
  return {
    async open() {
      await close()
      producer = await kafka.connectTransactional(transactionalId)
      const runs = new Map<string, number>()
      await kafka.readAll(topic, ({ key, value }) => {
        const name = key?.toString() ?? ''
        if (!name.startsWith(PREFIX) || value === null) return
        runs.set(name.slice(PREFIX.length), JobRun.parse(JSON.parse(value.toString())).at)
      })
      return runs
    },
    async note(job, at) {
      const value = Buffer.from(JSON.stringify({ at }))
      await producer?.transact([{ topic, messages: [{ key: `${PREFIX}${job}`, value, headers: {} }] }])
    },
    close,
  }
}
