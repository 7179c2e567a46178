// What does the single sign-on Keycloak log? Events of users and administrators and its server log, as text of Quarkus or WildFly and as JSON.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asText, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import { object } from '../json/json-values.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { put } from '../values/fields.ts'
import { anyTime, readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'
import { beginApplication, putMessage } from './application.ts'
import { readEventValues, readPairs } from './keycloak-event.ts'

/** `WARN  [org.keycloak.events] (executor-thread-1) ` behind the time. */
const origin = /^ +(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +\[([\w.$:-]{1,256})\] \(([^)\n]{1,256})\) /
const clock = /^\d\d:\d\d:\d\d,\d{3}/

const levels: ReadonlyMap<string, string> = new Map([
  ['WARN', 'warning'],
  ['FATAL', 'critical'],
])

/** Index behind the colours with which WildFly writes to a terminal. */
function behindColours(text: string): number {
  let at = 0
  while (text.charCodeAt(at) === 27 && text.charCodeAt(at + 1) === 91) {
    const end = text.indexOf('m', at)
    if (end < 0 || end - at > 8) break
    at = end + 1
  }
  return at
}

/** Whether a message is an event. Keys of its own begin it, whatever its logger is called. */
function isEventText(message: string): boolean {
  return /^(?:type|operationType)=["']?[A-Z_]{3,64}["']?, realmId=/.test(message.slice(0, 128))
}

interface Line {
  readonly level: string
  readonly logger: string
  readonly message: string
}

/** Read a message and who wrote it; `miss` if nothing in it is of Keycloak, unless `lenient`: then any line of its server is. */
function readLine(event: Event, { level, logger, message }: Line, lenient: boolean): Outcome {
  const isEvent = isEventText(message)
  if (!isEvent && !lenient && !logger.startsWith('org.keycloak')) return miss
  if (isEvent) readEventValues(event, readPairs(message, event))
  else {
    beginApplication(event, 'keycloak.log', levels.get(level) ?? level)
    event.observer_product = 'Keycloak'
    putMessage(event, message)
  }
  event.log_level = levels.get(level) ?? level.toLowerCase()
  put(event, 'log.logger', logger)
  return ok
}

/** Read a line of text. WildFly writes the time of day alone to a terminal: then the time is that of receipt. */
function readText(text: string, event: Event, context: ParseContext, lenient: boolean): Outcome {
  const from = behindColours(text)
  const dated = readIsoTime(text, from, context.zoneMinutes)
  const { end, ms, zoned } = stamp
  if (!dated && (text.charCodeAt(from + 2) !== 58 || !clock.test(text.slice(from, from + 12)))) return miss
  const at = dated ? end : from + 12
  const found = origin.exec(text.slice(at, at + 640))
  if (found === null) return miss
  const [all, level = '', logger = '', thread = ''] = found
  const coloured = text.endsWith('\u001b[0m') ? text.length - 4 : text.length
  const outcome = readLine(event, { level, logger, message: text.slice(at + all.length, coloured) }, lenient)
  if (outcome === miss) return miss
  if (dated && zoned) setTime(event, ms)
  else if (dated) setLocalTime(event, ms)
  put(event, 'process.thread.name', thread)
  return ok
}

/** Whether a JSON object is a line of the server's log. */
function isLogJson({ loggerName, message, level }: JsonObject): boolean {
  return typeof loggerName === 'string' && typeof message === 'string' && typeof level === 'string'
}

function readLogJson(values: JsonObject, event: Event, context: ParseContext, lenient: boolean): Outcome {
  const line = { level: asText(values.level), logger: asText(values.loggerName), message: asText(values.message) }
  if (readLine(event, line, lenient) === miss) return miss
  setTime(event, anyTime(values.timestamp, context))
  const host = asText(values.hostName)
  if (host !== '') event.host_name = host
  put(event, 'process.thread.name', asText(values.threadName))
  return ok
}

/** Whether a JSON object is an event as Keycloak's interfaces give it. */
function isEventJson(values: JsonObject): boolean {
  const { type, operationType, realmId } = values
  if (typeof realmId !== 'string') return false
  if (typeof operationType === 'string') return 'resourcePath' in values || 'authDetails' in values
  return typeof type === 'string' && 'ipAddress' in values && /^[A-Z_]{3,64}$/.test(type)
}

/** Names and texts of an event: its own, then what stands in `authDetails` and `details`. */
function readEventJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const pairs = new Map<string, string>()
  for (const part of [values, object(values.authDetails), object(values.details)]) {
    for (const key in part) {
      const text = asText(part[key])
      if (text !== '' && key !== 'time' && !pairs.has(key)) pairs.set(key, text)
    }
  }
  readEventValues(event, pairs)
  setTime(event, anyTime(values.time, context))
  return ok
}

/** Whether a JSON object is surely of Keycloak. */
export function isKeycloak(values: JsonObject): boolean {
  return (isLogJson(values) && asText(values.loggerName).startsWith('org.keycloak')) || isEventJson(values)
}

function readJson(values: JsonObject, event: Event, context: ParseContext, lenient: boolean): Outcome {
  if (isEventJson(values)) return readEventJson(values, event, context)
  return isLogJson(values) ? readLogJson(values, event, context, lenient) : miss
}

/** Read an object of which `isKeycloak` holds. */
export function readKeycloakJson(values: JsonObject, event: Event, context: ParseContext): Outcome {
  return readJson(values, event, context, false)
}

/** Read a line that shows by its logger or its message that it is Keycloak's. */
export function readKeycloakText(text: string, event: Event, context: ParseContext): Outcome {
  return readText(text, event, context, false)
}

/** A line of Keycloak's log: the two datasets differ by the message, so both are tried by one reader. */
function keycloakParser(dataset: string): Parser {
  return {
    format: dataset,
    parse(text, event, context) {
      if (looksLikeObject(text)) {
        return readObject(text, event, context, (values) =>
          datasetOf(values) === dataset ? readJson(values, event, context, true) : miss,
        )
      }
      return (isEventLine(text) ? 'keycloak.event' : 'keycloak.log') === dataset
        ? readText(text, event, context, true)
        : miss
    },
  }
}

function datasetOf(values: JsonObject): string {
  return isEventJson(values) || isEventText(asText(values.message)) ? 'keycloak.event' : 'keycloak.log'
}

/** Whether the message of a line begins as an event does: behind the thread, which comes early. */
function isEventLine(text: string): boolean {
  const thread = text.slice(0, 640).indexOf(') ')
  return thread >= 0 && isEventText(text.slice(thread + 2, thread + 130))
}

export const keycloak: readonly Parser[] = [keycloakParser('keycloak.event'), keycloakParser('keycloak.log')]
