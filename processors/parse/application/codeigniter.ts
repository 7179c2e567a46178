// What does a CodeIgniter application log? Messages, errors and pages that do not exist, of versions 2 to 4.
import type { Event } from '../../../schemas/event.ts'
import { formatHeader, miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { plain } from '../plain.ts'
import { put } from '../values/fields.ts'
import { readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'
import { setUrl } from '../web/web.ts'
import { beginApplication, putMessage, readLoginWords } from './application.ts'

/** Version 2 and 3 write two spaces behind INFO. */
const begins = /^(EMERGENCY|ALERT|CRITICAL|ERROR|WARNING|NOTICE|INFO|DEBUG|ALL) {1,2}- /

/** Lines that go on from the one before, where a collector hands on each for itself. */
const goesOn =
  /^(?:in (?:APPPATH|SYSTEMPATH|ROOTPATH|FCPATH)|\[(?:Method|Caused by)[: ]| {0,2}\d{1,4} (?:APPPATH|SYSTEMPATH|ROOTPATH|FCPATH|\[)|#\d{1,5} )/

const exception = /^(?:Severity: [\w ]{1,32} --> )?([A-Za-z_][\w\\]{2,200}(?:Exception|Error))\b/
const severity = /^Severity: ([\w ]{1,32}) --> /
/** Version 4.3 and later; before it, the route is named by the exception itself. */
const request = /\n\[Method: ([A-Z]{2,16}), Route: ([^\]\n]{1,2048})\]/
const noRoute = /^[\w\\]{1,200}PageNotFoundException: Can't find a route for '(?:([A-Za-z]{2,16}): )?([^'\n]{1,2048})'/
const origin = /(?:\nin | in )([^\s:]{1,512}\.php) on line (\d{1,7})\.?/

function setRoute(event: Event, method: string, route: string): void {
  event.http_method = method.toUpperCase()
  setUrl(event, route.startsWith('/') ? route : `/${route}`)
}

/** A page that was asked for and does not exist. Version 3 names the controller that it looked for, not the address. */
function readNotFound(event: Event, message: string): boolean {
  const old = message.startsWith('404 Page Not Found: ')
  if (!old && !/^[\w\\]{1,200}PageNotFoundException\b/.test(message.slice(0, 256))) return false
  event.event_action = 'page_not_found'
  event.event_outcome = 'failure'
  event.http_status_code = 404
  if (old) put(event, 'codeigniter.page', message.slice(20).split('\n', 1)[0] ?? '')
  const found = noRoute.exec(message.slice(0, 4096))
  if (found !== null) setRoute(event, found[1] ?? '', found[2] ?? '')
  return true
}

/** What the message says beyond its level. */
function readMessage(event: Event, message: string): void {
  const lineEnd = message.indexOf('\n')
  const first = lineEnd < 0 ? message : message.slice(0, lineEnd)
  const head = message.slice(0, 512)
  putMessage(event, first)
  put(event, 'error.type', exception.exec(head)?.[1] ?? '')
  put(event, 'codeigniter.severity', severity.exec(head)?.[1] ?? '')
  if (lineEnd >= 0) put(event, 'error.stack_trace', message.slice(lineEnd + 1))
  // What a client wrote ends with the first line; these stand behind it.
  const behind = lineEnd < 0 ? '' : message.slice(lineEnd, lineEnd + 8192)
  const asked = request.exec(behind)
  if (asked !== null) setRoute(event, asked[1] ?? '', asked[2] ?? '')
  const at = origin.exec(behind)
  put(event, 'log.origin.file.name', at?.[1] ?? '')
  put(event, 'log.origin.file.line', at?.[2] ?? '')
  if (readNotFound(event, message)) return
  if (first.startsWith('Query error: ')) event.event_action = 'query_error'
  readLoginWords(event, first)
}

/** Read a text that begins with `ERROR - 2024-11-27 08:16:03 --> `. */
export function readCodeIgniterEntry(text: string, event: Event, context: ParseContext): Outcome {
  // Most of what begins with such a letter is something else.
  const dash = text.indexOf(' ') + 1
  if (text.charCodeAt(dash) !== 45 && text.charCodeAt(dash + 1) !== 45) return miss
  const found = begins.exec(text.slice(0, 16))
  if (found === null) return miss
  const [all, level = ''] = found
  if (!readIsoTime(text, all.length, context.zoneMinutes)) return miss
  const { end, ms, zoned } = stamp
  if (!text.startsWith(' --> ', end)) return miss
  beginApplication(event, 'codeigniter', level === 'ALL' ? 'debug' : level)
  if (zoned) setTime(event, ms)
  else setLocalTime(event, ms)
  readMessage(event, text.slice(end + 5))
  return ok
}

/**
 * `ERROR - 2024-11-27 08:16:03 --> Severity: Warning --> …` and `CRITICAL - 2024-11-27 08:16:03 --> ErrorException: …` with the lines behind it, whole
 * or one by one. The first line of a log file is PHP that keeps it from being read over the web.
 * Source: CodeIgniter 3 and 4 user guides, "Error Handling" and "Logging Information"; `system/core/Log.php`.
 */
export const codeigniter: Parser = {
  format: 'codeigniter',
  parse(text, event, context) {
    const outcome = readCodeIgniterEntry(text, event, context)
    if (outcome !== miss) return outcome
    if (text.startsWith('<?php ') && text.includes('BASEPATH')) return formatHeader
    return goesOn.test(text.slice(0, 64)) ? plain.parse(text, event, context) : miss
  },
}
