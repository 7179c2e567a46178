// What is a text that nobody named the format of? Tried by its first character, its wrapping and its program; the rest is a plain message.
import type { Event } from '../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../schemas/outcome.ts'
import { byFirstCharacter, byProgram, guestsOf, objectSchemas } from './formats.ts'
import { pam, readPamMessage } from './host/pam.ts'
import { json } from './json/json.ts'
import { type JsonObject, looksLikeObject, readObject } from './json/json-guard.ts'
import type { Format, ParseContext, Parser, TextReader } from './parser.ts'
import { plain } from './plain.ts'
import { readProgram } from './syslog/programs.ts'
import { readBareTag, readSyslogHeader } from './syslog/syslog-header.ts'
import { webAccess } from './web/web-access.ts'
import { objectWrappers, textWrappers } from './wrap.ts'

/** Wrappings inside each other that are opened; what lies deeper is what a forger would send. */
export const MAX_DEPTH = 4
const none: readonly TextReader[] = []
const noFormats: readonly Format[] = []

let depth = 0

/** Runs a reader for the text inside a wrapping; `miss` if that many wrappings were opened already. */
function inside(read: () => Outcome): Outcome {
  if (depth >= MAX_DEPTH) return miss
  depth++
  try {
    return read()
  } finally {
    depth--
  }
}

/**
 * Last part of a program's path: `postfix/smtpd` is smtpd. Apache is told apart by instance: `httpd/backend1` is httpd. What a service of Dovecot is
 * for stands in brackets: `auth-worker(123)`.
 */
export function programName(process: string): string {
  const open = process.endsWith(')') ? process.indexOf('(') : -1
  if (open > 0) return programName(process.slice(0, open))
  const slash = process.lastIndexOf('/')
  if (slash < 0) return process
  return process.startsWith('httpd/') || process.startsWith('apache2/')
    ? process.slice(0, slash)
    : process.slice(slash + 1)
}

/** Message behind the id that Solaris writes first: `[ID 800047 auth.info] message`. */
function withoutId(text: string): string {
  const close = text.startsWith('[ID ') ? text.indexOf('] ') : -1
  return close > 0 && close < 64 ? text.slice(close + 2) : text
}

/** `sshd(pam_unix)` of before 2006: the program and its PAM module. */
function readOldPam(event: Event, text: string, open: number): Outcome {
  const close = event.process_name.indexOf(')', open)
  const service = event.process_name.slice(0, open)
  readPamMessage(event, event.process_name.slice(open + 1, close < 0 ? undefined : close), service, '', text)
  event.process_name = service
  return ok
}

/** The first reader that knows a text by its first character. */
function readByFirstCharacter(text: string, event: Event, context: ParseContext): Outcome {
  for (const read of byFirstCharacter.get(text.charCodeAt(0)) ?? none) {
    const outcome = read(text, event, context)
    if (outcome !== miss) return outcome
  }
  return miss
}

/** The message of a program that has no format of its own here. */
function readUnknownProgram(text: string, event: Event, context: ParseContext): Outcome {
  const c = text.charCodeAt(0)
  if (c === 123) return structured(text, event, context)
  if (c === 64 && text.startsWith('@cee:')) return structured(text.slice(5), event, context)
  const outcome = readByFirstCharacter(text, event, context)
  if (outcome !== miss) return outcome
  return c >= 48 && c <= 57 ? webAccess.parse(text, event, context) : miss
}

/** Read the message of a program whose header is already in the event; `ok` always, unless a JSON limit is passed. */
export function readMessage(raw: string, event: Event, context: ParseContext): Outcome {
  const text = withoutId(raw)
  const old = event.process_name.indexOf('(pam_')
  if (old > 0) return readOldPam(event, text, old)
  if (text.startsWith('pam_') || text.startsWith('PAM ') || text.startsWith('(pam_')) {
    const outcome = pam.parse(text, event, context)
    if (outcome !== miss) return outcome
  }
  const program = programName(event.process_name)
  for (const { syslog: guest } of guestsOf.get(program) ?? noFormats) {
    const outcome = guest?.read(text, event, context) ?? miss
    if (outcome !== miss) return outcome
  }
  const own = byProgram.get(program)?.syslog
  const outcome = own === undefined ? readUnknownProgram(text, event, context) : own.read(text, event, context)
  if (outcome !== miss) return outcome
  if (own?.dataset !== undefined) {
    event.dataset = own.dataset
    return ok
  }
  event.dataset = 'syslog'
  readProgram(event, program, text)
  return ok
}

/** A syslog header with any message behind it. */
export const syslog: Parser = {
  format: 'syslog',
  parse(text, event, context) {
    const message = readSyslogHeader(text, event, context)
    return message < 0 ? miss : readMessage(message === 0 ? text : text.slice(message), event, context)
  },
}

/** The schema that an object is in, opened if it carries another text. */
function readAnyObject(values: JsonObject, event: Event, context: ParseContext): Outcome {
  for (const wrapper of objectWrappers) {
    if (!wrapper.is(values)) continue
    const outcome = inside(() => recognise(wrapper.open(values, event, context), event, context))
    if (outcome !== miss) return outcome
  }
  for (const schema of objectSchemas) {
    if (!schema.is(values)) continue
    const outcome = schema.read(values, event, context)
    if (outcome !== miss) return outcome
  }
  return miss
}

/** Read a JSON object in whatever schema it is written; `miss` if the text is no JSON object, a dead letter if it passes a limit. */
function structured(text: string, event: Event, context: ParseContext): Outcome {
  return looksLikeObject(text) ? readObject(text, event, context, readAnyObject) : miss
}

/** A text in a wrapping that shows itself: read as what lies inside. */
function readWrapped(text: string, event: Event, context: ParseContext): Outcome {
  for (const wrapper of textWrappers) {
    const inner = wrapper(text, event, context)
    if (inner !== undefined) return inside(() => recognise(inner, event, context))
  }
  return miss
}

/** Recognise a text; what nothing fits is a plain message. */
export function recognise(text: string, event: Event, context: ParseContext): Outcome {
  const c = text.charCodeAt(0)
  if (c === 123 || c === 32 || c === 9) {
    const outcome = structured(text, event, context)
    if (outcome !== miss || c === 123) return outcome === miss ? plain.parse(text, event, context) : outcome
  }
  let outcome = readWrapped(text, event, context)
  if (outcome === miss) outcome = readByFirstCharacter(text, event, context)
  if (outcome === miss && canBeSyslog(text, c)) outcome = syslog.parse(text, event, context)
  if (outcome === miss && c === 91 && text.charCodeAt(1) === 123) outcome = json.parse(text, event, context)
  if (outcome === miss && c !== 60) outcome = webAccess.parse(text, event, context)
  if (outcome === miss && !(c >= 48 && c <= 57) && c !== 91 && c !== 60) {
    const message = readBareTag(text, event)
    if (message >= 0) outcome = readMessage(text.slice(message), event, context)
  }
  return outcome === miss ? plain.parse(text, event, context) : outcome
}

/** Of what begins with a digit only times (`2024-…`) and RFC 5424 without its priority (`1 2024-…`) begin a syslog header. */
function canBeSyslog(text: string, c: number): boolean {
  return c >= 48 && c <= 57 ? text.charCodeAt(4) === 45 || text.charCodeAt(1) === 32 : c !== 91
}
