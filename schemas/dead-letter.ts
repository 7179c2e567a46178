// What is a dead letter? A poison event kept whole, with the reason and the cause.

/** Extra headers of a message on `siaga.dlq`; the raw headers and the payload stay as they were. */
export const deadLetterHeaders = {
  /** `<stream>-<partition>-<offset>`: readers drop repeats by it. */
  id: 'dlq-id',
  reason: 'dlq-reason',
  cause: 'dlq-cause',
  /** Milliseconds since 1970 UTC. */
  at: 'dlq-at',
  /** Topic that it was read from and is replayed to; not set: `siaga.raw`. */
  topic: 'dlq-topic',
  /** Kafka key of the message when it was poison. */
  key: 'dlq-key',
  /** On a marker without payload: the dead letter of this id has been replayed. */
  replayed: 'dlq-replayed',
} as const
