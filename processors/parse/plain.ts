// What can be said about a line of no known format? Its time, if it starts with one.
import { ok } from '../../schemas/outcome.ts'
import type { Parser } from './parser.ts'
import { monthAt, readAscTime, readDashTime, readIsoTime, takeTime } from './values/time.ts'

export const plain: Parser = {
  format: 'plain',
  parse(text, event, context) {
    event.dataset = 'plain'
    const c = text.charCodeAt(0)
    if (c >= 48 && c <= 57) {
      if (readIsoTime(text, 0, context.zoneMinutes) || readDashTime(text, 0, context.zoneMinutes)) takeTime(event)
    } else if (text.charCodeAt(3) === 32 && monthAt(text, 4) > 0 && readAscTime(text, 0, context)) {
      takeTime(event)
    }
    return ok
  },
}
