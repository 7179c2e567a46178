// How does HEC refuse what no other protocol knows? By its own code, and the place of the event that it is about.
import { HttpError } from '../http/errors.ts'
import type { ReplyCode } from './replies.ts'

/** A request refused with a code of HEC. `eventNumber` counts from 0, as Splunk does. */
export class HecError extends HttpError {
  readonly reply: ReplyCode
  readonly eventNumber: number | undefined

  constructor(reply: ReplyCode, eventNumber?: number) {
    super('REQUEST_INVALID', { detail: 'it is no HEC request' })
    this.reply = reply
    this.eventNumber = eventNumber
  }
}
