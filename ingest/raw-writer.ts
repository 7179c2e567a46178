// How do events reach `siaga.raw`? As messages with headers, through one producer with group commit.
import type { BatchingProducer, OutgoingMessage } from '../runtime/kafka.ts'
import { type RawEvent, rawHeaders, topics } from '../schemas/raw-event.ts'
import type { RawWriter } from './collector.ts'

/** A writer over a producer. `write` resolves when Kafka has acknowledged with acks=all (DESIGN §3.1). */
export function createRawWriter(producer: BatchingProducer, topic: string = topics.raw): RawWriter {
  return { write: (events) => producer.send(topic, events.map(toMessage)) }
}

function toMessage(event: RawEvent): OutgoingMessage {
  const headers: Record<string, string> = {
    [rawHeaders.source]: event.source,
    [rawHeaders.receivedAt]: String(event.receivedAt),
    [rawHeaders.id]: event.id,
    [rawHeaders.hash]: event.hash,
  }
  if (event.format !== '') headers[rawHeaders.format] = event.format
  if (event.peer !== '') headers[rawHeaders.peer] = event.peer
  if (event.marks.length > 0) headers[rawHeaders.marks] = event.marks.join(',')
  return { key: event.key, value: event.value, headers }
}
