// How do messages of several topics go to Kafka together or not at all? Transactions under a fixed id, which shuts out whoever had the id before.
import { errorText, SiagaError } from './errors.ts'
import type { OutgoingMessage } from './kafka.ts'
import type { loadKafka } from './kafkajs.ts'

type Kafka = InstanceType<ReturnType<typeof loadKafka>['Kafka']>
type Producer = ReturnType<Kafka['producer']>
type Transaction = Awaited<ReturnType<Producer['transaction']>>

/** A producer that owns a transactional id until somebody else takes it. */
export interface TransactionalProducer {
  /**
   * Sends the messages in one transaction. Rejects with SCHEDULER_FENCED if the id was taken over (nothing was kept), with
   * KAFKA_UNAVAILABLE if the outcome is unknown, with another error if Kafka will never take one of them; this producer is of no use after any.
   */
  transact(messages: readonly { topic: string; messages: readonly OutgoingMessage[] }[]): Promise<void>
  close(): Promise<void>
}

interface Options {
  readonly transactionalId: string
  /** Number of the compression codec, as kafkajs counts them. */
  readonly compression: number
  readonly createPartitioner: NonNullable<Parameters<Kafka['producer']>[0]>['createPartitioner']
}

/** Messages of one produce request, and bytes before compression: the broker refuses a batch that is larger than `max.message.bytes`. */
const MAX_MESSAGES = 2_000
const MAX_BYTES = 1024 * 1024
/** About ten seconds: whoever calls comes again. */
const retry = { initialRetryTime: 100, maxRetryTime: 1_500, multiplier: 1.6, factor: 0.2, retries: 10 }

/** A broker that cannot make the topic of transactions is asked for ever by kafkajs, and nobody would be told. */
const BEGIN_MS = 20_000

/**
 * Takes the transactional id over: transactions that its former owner left open are aborted, and its next one is refused. Messages of
 * committed transactions can be read when this resolves. Rejects with KAFKA_UNAVAILABLE also where the brokers begin no transaction within 20 s.
 */
export async function connectTransactional(kafka: Kafka, options: Options): Promise<TransactionalProducer> {
  const { transactionalId, compression, createPartitioner } = options
  const producer: Producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    ...(createPartitioner === undefined ? {} : { createPartitioner }),
    retry,
  })
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    const text = `no transaction has begun within ${BEGIN_MS / 1000} s: are there as many brokers as their setting transaction.state.log.replication.factor asks for?`
    timer = setTimeout(() => reject(new Error(text)), BEGIN_MS)
  })
  // kafkajs asks for the id with the first transaction, not when it connects; an empty one is never sent.
  const begun = producer.connect().then(async () => (await producer.transaction()).abort())
  begun.catch(() => undefined)
  try {
    await Promise.race([begun, tooLong])
  } catch (error) {
    await producer.disconnect().catch(() => undefined)
    // What still asks connects again; it is closed once it has given up, after some minutes.
    void begun.catch(() => undefined).then(() => producer.disconnect().catch(() => undefined))
    throw failureOf(error)
  } finally {
    clearTimeout(timer)
  }
  return {
    async transact(messages) {
      let transaction: Transaction | undefined
      try {
        transaction = await producer.transaction()
        for (const { topic, messages: all } of messages)
          for (const part of partsOf(all)) await transaction.send({ topic, messages: part, acks: -1, compression })
        await transaction.commit()
      } catch (error) {
        // Best effort: the next owner of the id aborts what stays open.
        if (transaction?.isActive() === true) await transaction.abort().catch(() => undefined)
        await producer.disconnect().catch(() => undefined)
        throw failureOf(error)
      }
    },
    close: () => producer.disconnect(),
  }
}

/** In their order; a part is never empty. */
function* partsOf(messages: readonly OutgoingMessage[]): Generator<OutgoingMessage[]> {
  let part: OutgoingMessage[] = []
  let bytes = 0
  for (const message of messages) {
    const size = (message.value?.length ?? 0) + message.key.length
    if (part.length > 0 && (part.length === MAX_MESSAGES || bytes + size > MAX_BYTES)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(message)
    bytes += size
  }
  if (part.length > 0) yield part
}

/** What a broker answers to a producer whose id belongs to somebody else. It says the same when a transaction took too long. */
const fencedTypes = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'])

/** Whoever comes again with the same messages gets the same answer. */
const hopelessTypes = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])

function failureOf(error: unknown): Error {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const type = 'type' in cause ? String(cause.type) : ''
    const code = 'code' in cause ? cause.code : undefined
    if (hopelessTypes.has(type)) return new Error(`Kafka refuses a message: ${type}`, { cause: error })
    if (fencedTypes.has(type) || code === PRODUCER_FENCED)
      return new SiagaError('SCHEDULER_FENCED', { detail: errorText(error) }, { cause: error })
  }
  return new SiagaError('KAFKA_UNAVAILABLE', { detail: errorText(error) }, { cause: error })
}

/** kafkajs does not know this code by name. */
const PRODUCER_FENCED = 90
