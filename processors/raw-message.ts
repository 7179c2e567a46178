// What does a message of `siaga.raw` say about itself? Its header, read into one reused object.
import { dead, type Outcome, ok } from '../schemas/outcome.ts'
import { decodeEnvelope, type Envelope, RAW_HEADER } from '../schemas/raw-event.ts'

/** A message as the consumer hands it over. */
export interface RawMessage {
  readonly value: Buffer | null
  /** Value of a header as one byte a character; undefined unless there is exactly one of that name. */
  header(name: string): string | undefined
}

/** Reads the header into `envelope`; a message without source, time or id was not written by a collector and is poison. */
export function readEnvelope(message: RawMessage, envelope: Envelope): Outcome {
  const header = message.header(RAW_HEADER)
  if (header === undefined) return dead('bad_envelope', `there is not one header ${RAW_HEADER}`)
  // What collectors write there is ASCII.
  decodeEnvelope(header, envelope)
  if (envelope.source === '') return dead('bad_envelope', 'the source is missing')
  if (envelope.id === '') return dead('bad_envelope', 'the event id is missing')
  if (!(envelope.receivedAt > 0 && envelope.receivedAt < 8.64e15))
    return dead('bad_envelope', 'the time of receipt is no time')
  if (message.value === null) return dead('bad_envelope', 'no payload')
  return ok
}
