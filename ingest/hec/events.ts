// Where does each event of a HEC body begin and end? JSON objects one behind the other, or lines; each stays the bytes it is.
import { z } from 'zod'
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import { HttpError } from '../http/errors.ts'
import { JsonWalker } from '../wire/walk.ts'
import { HecError } from './hec-error.ts'

const Envelope = z.looseObject({ event: z.unknown().optional(), index: z.string().optional() })

/** Finds events some at a time, and checks the index that one names. */
export function* readEvents(body: Buffer, maxEvents: number, checkIndex: (index: string) => void): Generator<Buffer> {
  const walker = new JsonWalker(body)
  for (let number = 0; !walker.done; number++) {
    if (!walker.isObject) throw new HecError(6, number)
    let payload: Buffer
    try {
      payload = walker.skip()
    } catch {
      throw new HecError(6, number)
    }
    if (payload.length > MAX_PAYLOAD_BYTES)
      throw new HttpError('LINE_TOO_LONG', { line: number + 1, limit: MAX_PAYLOAD_BYTES })
    if (number >= maxEvents) throw new HttpError('TOO_MANY_EVENTS', { limit: maxEvents })
    const envelope = Envelope.safeParse(JSON.parse(payload.toString()))
    if (!envelope.success) throw new HecError(6, number)
    const { event, index = '' } = envelope.data
    if (event === undefined || event === null) throw new HecError(12, number)
    if (event === '') throw new HecError(13, number)
    checkIndex(index)
    yield payload
  }
}
