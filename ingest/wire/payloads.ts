// How are events kept that a protocol does not carry as bytes of their own? As texts made once, their memory counted before it is taken.

import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import type { Door, Held } from '../http/door.ts'
import { HttpError } from '../http/errors.ts'

/** Payloads of one request. */
export interface Payloads {
  readonly all: Buffer[]
  /** Payloads that were too long and left out. */
  tooLong: number
  /**
   * Adds one. What is said once for many events (labels, a resource) is in each payload: all of them together are bounded like a body
   * that was compressed. Throws DECOMPRESSED_TOO_LARGE, TOO_MANY_EVENTS or BUSY.
   */
  add(text: string): void
}

export function createPayloads({ limits, maxEvents }: Pick<Door, 'limits' | 'maxEvents'>, { lease }: Held): Payloads {
  const all: Buffer[] = []
  let bytes = 0
  return {
    all,
    tooLong: 0,
    add(text) {
      const payload = Buffer.from(text)
      if (payload.length > MAX_PAYLOAD_BYTES) {
        this.tooLong++
        return
      }
      bytes += payload.length
      if (bytes > limits.max_decompressed_bytes)
        throw new HttpError('DECOMPRESSED_TOO_LARGE', { limit: limits.max_decompressed_bytes })
      if (all.length >= maxEvents) throw new HttpError('TOO_MANY_EVENTS', { limit: maxEvents })
      lease.take(payload.length)
      all.push(payload)
    },
  }
}
