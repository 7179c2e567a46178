// How do events reach `siaga.raw`? As messages with a header, through one producer with group commit.
import type { OutgoingMessage } from '../runtime/kafka.ts'
import type { BatchingProducer } from '../runtime/kafka-producer.ts'
import { encodeEnvelope, RAW_HEADER, type RawEvent, topics } from '../schemas/raw-event.ts'
import type { RawWriter } from './collector.ts'

/** A writer over a producer. `write` resolves when Kafka has acknowledged with acks=all (DESIGN §3.1). */
export function createRawWriter(producer: BatchingProducer, topic: string = topics.raw): RawWriter {
  return { write: (events) => producer.send(topic, events.map(toMessage)) }
}

function toMessage(event: RawEvent): OutgoingMessage {
  const marks = event.marks.length === 0 ? '' : event.marks.join(',')
  return { key: event.key, value: event.value, headers: { [RAW_HEADER]: encodeEnvelope({ ...event, marks }) } }
}
