// What does a message of `siaga.raw` say about itself? Its header, read into one reused object.
import { dead, type Outcome, ok } from '../schemas/outcome.ts'
import { decodeEnvelope, type Envelope, RAW_HEADER } from '../schemas/raw-event.ts'

/** A message as the consumer hands it over. */
export interface RawMessage {
  value: Buffer | null
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>
}

/** Reads the header into `envelope`; a message without source, time or id was not written by a collector and is poison. */
export function readEnvelope(message: RawMessage, envelope: Envelope): Outcome {
  const header = message.headers?.[RAW_HEADER]
  if (header === undefined || Array.isArray(header))
    return dead('bad_envelope', `there is not one header ${RAW_HEADER}`)
  // One byte a character: what collectors write there is ASCII.
  decodeEnvelope(typeof header === 'string' ? header : header.toString('latin1'), envelope)
  if (envelope.source === '') return dead('bad_envelope', 'the source is missing')
  if (envelope.id === '') return dead('bad_envelope', 'the event id is missing')
  if (!(envelope.receivedAt > 0 && envelope.receivedAt < 8.64e15))
    return dead('bad_envelope', 'the time of receipt is no time')
  if (message.value === null) return dead('bad_envelope', 'no payload')
  return ok
}
