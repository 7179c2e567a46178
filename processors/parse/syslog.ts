// What does a syslog message say? The header sets host, program, level and time; the message goes on to the program's own parser.
import type { Event } from '../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../schemas/outcome.ts'
import { apacheAccess } from './apache-access.ts'
import { apacheError, readApacheError } from './apache-error.ts'
import { cef } from './cef.ts'
import { looksLikeObject } from './json-guard.ts'
import { nginxAccess } from './nginx-access.ts'
import { nginxError } from './nginx-error.ts'
import { readPaloAlto } from './palo-alto.ts'
import { pam, readPamMessage } from './pam.ts'
import type { ParseContext, Parser } from './parser.ts'
import { readPostgresSyslog } from './postgresql.ts'
import { readProgram } from './programs.ts'
import { sshd } from './sshd.ts'
import { structured } from './structured.ts'
import { sudo } from './sudo.ts'
import { suricataFast } from './suricata-fast.ts'
import { readSyslogHeader } from './syslog-header.ts'
import { webAccess } from './web-access.ts'

/** Last part of a program's path: `postfix/smtpd` is smtpd. Apache is told apart by instance: `httpd/backend1` is httpd. */
export function programName(process: string): string {
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

/** A program's own dataset also holds its lines that say nothing of interest. */
function own(event: Event, outcome: Outcome, dataset: string): Outcome {
  if (outcome !== miss) return outcome
  event.dataset = dataset
  return ok
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
  let outcome = miss
  switch (program) {
    case 'sshd':
    case 'sshd-session':
    case 'sshd-auth':
      return own(event, sshd.parse(text, event, context), 'sshd')
    case 'sudo':
      return own(event, sudo.parse(text, event, context), 'sudo')
    case 'postgres':
    case 'postgresql':
      return own(event, readPostgresSyslog(text, event, context), 'postgresql')
    case 'nginx':
      outcome = nginxError.parse(text, event, context)
      if (outcome === miss) outcome = nginxAccess.parse(text, event, context)
      break
    case 'httpd':
    case 'apache':
    case 'apache2':
      outcome = readApacheError(text, event, context, true)
      if (outcome === miss) outcome = apacheAccess.parse(text, event, context)
      break
    default:
      outcome = byFirstCharacter(text, event, context)
  }
  if (outcome !== miss) return outcome
  event.dataset = 'syslog'
  readProgram(event, program, text)
  return ok
}

/** Messages that show their own format, whatever the program is called. */
function byFirstCharacter(text: string, event: Event, context: ParseContext): Outcome {
  const c = text.charCodeAt(0)
  if (c === 123) return looksLikeObject(text) ? structured(text, event, context) : miss
  if (c === 67 && text.startsWith('CEF:')) return cef.parse(text, event, context)
  if (c === 64 && text.startsWith('@cee:')) return structured(text.slice(5), event, context)
  if (c === 91) return apacheError.parse(text, event, context)
  if (c >= 48 && c <= 57) {
    if (text.charCodeAt(1) === 124) return cef.parse(text, event, context)
    if (text.charCodeAt(1) === 44) return readPaloAlto(text, event, context)
    if (text.charCodeAt(2) === 47) return suricataFast.parse(text, event, context)
    if (text.charCodeAt(4) === 47) return nginxError.parse(text, event, context)
    return webAccess.parse(text, event, context)
  }
  return miss
}

export const syslog: Parser = {
  format: 'syslog',
  parse(text, event, context) {
    const message = readSyslogHeader(text, event, context)
    return message < 0 ? miss : readMessage(message === 0 ? text : text.slice(message), event, context)
  },
}
