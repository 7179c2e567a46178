// What does a message of `siaga.raw` say about itself? Its headers, read once into one reused object.
import { dead, type Outcome, ok } from '../schemas/outcome.ts'
import { rawHeaders } from '../schemas/raw-event.ts'

/** A message as the consumer hands it over. */
export interface RawMessage {
  value: Buffer | null
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>
}

/** What the headers say. */
export interface Envelope {
  source: string
  format: string
  receivedAt: number
  peer: string
  id: string
  marks: string
}

export function emptyEnvelope(): Envelope {
  return { source: '', format: '', receivedAt: 0, peer: '', id: '', marks: '' }
}

/** Reads the headers into `envelope`; a message without source, time or id was not written by a collector and is poison. */
export function readEnvelope(message: RawMessage, envelope: Envelope): Outcome {
  const { headers } = message
  if (headers === undefined) return dead('bad_envelope', 'no headers')
  envelope.source = text(headers[rawHeaders.source])
  envelope.format = text(headers[rawHeaders.format])
  envelope.receivedAt = Number(text(headers[rawHeaders.receivedAt]))
  envelope.peer = text(headers[rawHeaders.peer])
  envelope.id = text(headers[rawHeaders.id])
  envelope.marks = text(headers[rawHeaders.marks])
  if (envelope.source === '') return dead('bad_envelope', `header ${rawHeaders.source} is missing`)
  if (envelope.id === '') return dead('bad_envelope', `header ${rawHeaders.id} is missing`)
  if (!(envelope.receivedAt > 0 && envelope.receivedAt < 8.64e15))
    return dead('bad_envelope', `header ${rawHeaders.receivedAt} is no time`)
  if (message.value === null) return dead('bad_envelope', 'no payload')
  return ok
}

function text(value: Buffer | string | (Buffer | string)[] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return text(value[0])
  // Headers are short and ours: one byte a character.
  return value.toString('latin1')
}
