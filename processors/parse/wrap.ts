// What carries a log line that another program wrote? Container runtimes and shippers: their wrapping is taken off and what it says is kept.
import type { Event } from '../../schemas/event.ts'
import { asText, type JsonObject } from './json/json-guard.ts'
import type { ParseContext } from './parser.ts'
import { put } from './values/fields.ts'
import { readIsoTime, setTime, stamp } from './values/time.ts'
import { trimEnd } from './values/trim.ts'
import { shipperWrappers } from './wrap-shippers.ts'

/**
 * Takes the wrapping off a text: what it says goes into the event, the inner text is answered. `undefined`: not this wrapping, and the event
 * is untouched.
 */
export type TextWrapper = (text: string, event: Event, context: ParseContext) => string | undefined

/** A JSON object that carries the text of another program. */
export interface ObjectWrapper {
  is(values: JsonObject): boolean
  /** Answers the inner text. */
  open(values: JsonObject, event: Event, context: ParseContext): string
}

/**
 * `2024-11-27T01:16:03.123456789Z stdout F message`, as containerd and CRI-O write. Tags (F whole, P part) are divided by colons.
 * Source: Kubernetes, "CRI: log management", 2017.
 */
function openCri(text: string, event: Event, { zoneMinutes }: ParseContext): string | undefined {
  const stream = text.charCodeAt(4) === 45 && text.charCodeAt(10) === 84 ? text.indexOf(' std') : -1
  if (stream < 19 || stream > 40) return undefined
  const from = text.startsWith('out ', stream + 4) || text.startsWith('err ', stream + 4) ? stream + 8 : -1
  const tags = from < 0 ? -1 : text.indexOf(' ', from)
  const tag = text.charCodeAt(from)
  if (tags < 0 || tags - from > 64 || (tag !== 70 && tag !== 80)) return undefined
  if (!readIsoTime(text, 0, zoneMinutes) || stamp.end !== stream || !stamp.zoned) return undefined
  setTime(event, stamp.ms)
  put(event, 'container.log.stream', text.slice(stream + 1, stream + 7))
  if (tag === 80) put(event, 'container.log.partial', 'true')
  return text.slice(tags + 1)
}

/** `{"log":"message\n","stream":"stdout","time":"2024-11-27T01:16:03.123456789Z"}` of Docker's json-file driver. */
const dockerJson: ObjectWrapper = {
  is: ({ log, stream, time }) =>
    typeof log === 'string' && (stream === 'stdout' || stream === 'stderr') && typeof time === 'string',
  open(values, event, { zoneMinutes }) {
    if (readIsoTime(asText(values.time), 0, zoneMinutes)) setTime(event, stamp.ms)
    put(event, 'container.log.stream', asText(values.stream))
    return trimEnd(asText(values.log), '\r\n')
  },
}

export const textWrappers: readonly TextWrapper[] = [openCri]
export const objectWrappers: readonly ObjectWrapper[] = [...shipperWrappers, dockerJson]
