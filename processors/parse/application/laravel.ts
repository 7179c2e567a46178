// What does a Laravel application log? Messages of Monolog with their context, and exceptions with stack traces over many lines.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { asText, type JsonObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { plain } from '../plain.ts'
import { toAddress } from '../values/address.ts'
import { dotted, put, putJson } from '../values/fields.ts'
import { readIsoTime, setLocalTime, setTime, stamp } from '../values/time.ts'
import { setUrl } from '../web/web.ts'
import { beginApplication, putMessage, readLoginWords } from './application.ts'

const origin = /^([\w.-]{1,64})\.(DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY): ?/

/** Lines that go on from the one before, where a collector hands on each for itself. */
const goesOn = /^(?:#\d{1,5} |\[stacktrace\]|\[previous exception\]|"\} ?$|\{main\})/

/** Names that applications give to who did what, the best first. */
const roles = {
  ip: ['ip', 'ip_address', 'ipAddress', 'client_ip', 'remote_addr'],
  user: ['username', 'user_name', 'email', 'user', 'login', 'nip'],
  url: ['url', 'uri', 'path'],
  method: ['method', 'http_method'],
  agent: ['user_agent', 'userAgent', 'agent'],
} as const

function firstOf(values: JsonObject, names: readonly string[]): string {
  for (const name of names) {
    const text = asText(values[name])
    if (text !== '') return text
  }
  return ''
}

/** Names whose values have a place of their own. */
const taken: ReadonlySet<string> = new Set(['exception', 'userId'])

function readContext(values: JsonObject, event: Event): void {
  event.source_ip = toAddress(firstOf(values, roles.ip))
  event.user_name = firstOf(values, roles.user)
  event.http_method = firstOf(values, roles.method).toUpperCase()
  event.user_agent_original = firstOf(values, roles.agent)
  const url = firstOf(values, roles.url)
  if (url !== '') setUrl(event, url)
  put(event, 'user.id', asText(values.userId))
  for (const key in values) if (!taken.has(key)) putJson(event, dotted('laravel.context', key), values[key])
}

/** `[object] (Illuminate\\Database\\QueryException(code: 42S22): message at /var/www/app/Models/Dpt.php:760)` */
const thrown = /\[object\] \(([\w\\]{1,256})\(code: ([^)]{0,32})\): /
const place = / at ([^\s:]{1,512}):(\d{1,7})\)/

/** Read the exception in a context; its message may hold anything. */
function readException(event: Event, text: string): void {
  const found = thrown.exec(text)
  if (found === null) return
  const [all, type = '', code = ''] = found
  put(event, 'error.type', type.replaceAll('\\\\', '\\'))
  if (code !== '0') put(event, 'error.code', code)
  const at = place.exec(text.slice(found.index + all.length, found.index + all.length + 16_384))
  put(event, 'log.origin.file.name', at?.[1] ?? '')
  put(event, 'log.origin.file.line', at?.[2] ?? '')
  const trace = text.indexOf('[stacktrace]\n')
  if (trace >= 0) put(event, 'error.stack_trace', text.slice(trace + 13))
}

/**
 * Where the context begins: the last ` {"`. Inside of its texts quotes are escaped and its inner objects stand behind a colon, so that nothing in it
 * looks so. A message with no context that ends with an object of its own can't be told from one.
 */
function contextAt(text: string): number {
  return text.lastIndexOf(' {"')
}

/** The beginning of a context whose end stands in another line: that of an exception with its stack trace. */
const cutContext = /^ \{(?:"userId":"?[^",]{1,64}"?,)?"exception":"\[object\] \(/

/** Monolog writes line ends in texts of the context as they are. */
function jsonOf(text: string): string {
  const end = text.lastIndexOf('}')
  return text
    .slice(0, end + 1)
    .replaceAll('\r', '\\r')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
}

/** What Monolog writes for an empty context and empty extra fields. */
function withoutEmpty(text: string): string {
  let end = text.trimEnd()
  while (end.endsWith(' []') || end.endsWith(' {}')) end = end.slice(0, -3).trimEnd()
  return end
}

function readBody(event: Event, body: string, context: ParseContext): void {
  const text = withoutEmpty(body)
  const last = contextAt(text)
  const at = text.endsWith('}') || cutContext.test(text.slice(last, last + 128)) ? last : -1
  const message = (at < 0 ? text : text.slice(0, at)).trimEnd()
  putMessage(event, message)
  if (at >= 0) {
    const inner = text.slice(at + 1)
    readObject(jsonOf(inner), event, context, (values) => {
      readContext(values, event)
      return ok
    })
    readException(event, inner)
  }
  readLoginWords(event, message)
}

/** Read `production.ERROR: message …` at `from`. */
function readRecord(text: string, from: number, event: Event, context: ParseContext): boolean {
  const found = origin.exec(text.slice(from, from + 128))
  if (found === null) return false
  const [all, channel = '', level = ''] = found
  beginApplication(event, 'laravel', level)
  put(event, 'laravel.channel', channel)
  readBody(event, text.slice(from + all.length), context)
  return true
}

/** Read a text that begins with `[2024-11-27 08:16:03] production.ERROR: `. */
export function readLaravelEntry(text: string, event: Event, context: ParseContext): Outcome {
  if (text.charCodeAt(0) !== 91 || !readIsoTime(text, 1, context.zoneMinutes)) return miss
  const { end, ms, zoned } = stamp
  if (!text.startsWith('] ', end) || !readRecord(text, end + 2, event, context)) return miss
  if (zoned) setTime(event, ms)
  else setLocalTime(event, ms)
  return ok
}

/** Read what the channel `syslog` writes: no time of its own. */
export function readLaravelSyslog(text: string, event: Event, context: ParseContext): Outcome {
  if (text.charCodeAt(0) === 91) return readLaravelEntry(text, event, context)
  return readRecord(text, 0, event, context) ? ok : miss
}

/**
 * `[2024-11-27 08:16:03] production.ERROR: message {"userId":5,"exception":"[object] (…)\n[stacktrace]\n#0 …"}`, whole or its lines one by one.
 * Source: Laravel documentation, "Logging"; Monolog's LineFormatter.
 */
export const laravel: Parser = {
  format: 'laravel',
  parse(text, event, context) {
    const outcome = readLaravelEntry(text, event, context)
    return outcome === miss && goesOn.test(text.slice(0, 64)) ? plain.parse(text, event, context) : outcome
  },
}
