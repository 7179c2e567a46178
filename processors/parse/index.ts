// Which parser reads a text? The registry, and the choice among it by the configured format or by the first characters.
import type { SourceFormat } from '../../schemas/config.ts'
import type { Event } from '../../schemas/event.ts'
import { blankLine, dead, formatHeader, miss, type Outcome } from '../../schemas/outcome.ts'
import { apacheAccess } from './apache-access.ts'
import { apacheError } from './apache-error.ts'
import { cef } from './cef.ts'
import { ecs } from './ecs.ts'
import { json } from './json.ts'
import { looksLikeObject } from './json-guard.ts'
import { kubernetesAudit } from './kubernetes-audit.ts'
import { nginxAccess } from './nginx-access.ts'
import { nginxError } from './nginx-error.ts'
import { paloAlto, readPaloAlto } from './palo-alto.ts'
import { pam } from './pam.ts'
import type { ParseContext, Parser } from './parser.ts'
import { plain } from './plain.ts'
import { postgresql } from './postgresql.ts'
import { sshd } from './sshd.ts'
import { structured } from './structured.ts'
import { sudo } from './sudo.ts'
import { suricataEve } from './suricata-eve.ts'
import { suricataFast } from './suricata-fast.ts'
import { programName, readMessage, syslog } from './syslog.ts'
import { readBareTag, readSyslogHeader } from './syslog-header.ts'
import { webAccess } from './web-access.ts'

/** Every parser; `format` is the dataset that it sets. */
export const parsers: readonly Parser[] = [
  sshd,
  pam,
  sudo,
  syslog,
  nginxAccess,
  nginxError,
  apacheAccess,
  apacheError,
  webAccess,
  suricataEve,
  suricataFast,
  cef,
  postgresql,
  ...paloAlto,
  kubernetesAudit,
  ecs,
  json,
  plain,
]

/** The parsers that a configured format allows, in the order in which they are tried. */
const allowed: ReadonlyMap<string, readonly Parser[]> = new Map([
  ['sshd', [sshd, pam]],
  ['pam', [pam]],
  ['sudo', [sudo, pam]],
  ['nginx', [nginxAccess, nginxError]],
  ['apache', [apacheAccess, apacheError]],
  ['suricata', [suricataEve, suricataFast]],
  ['cef', [cef]],
  ['postgresql', [postgresql]],
  ['paloalto', paloAlto],
  ['kubernetes', [kubernetesAudit]],
  ['ecs', [ecs]],
  ['json', [json]],
])

/** Programs whose lines belong to a configured format. */
const programs: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['sshd', new Set(['sshd', 'sshd-session', 'sshd-auth'])],
  ['sudo', new Set(['sudo'])],
  ['apache', new Set(['httpd', 'apache', 'apache2'])],
  ['postgresql', new Set(['postgres', 'postgresql'])],
])

/** Text without line end and byte order mark. */
function trim(text: string): string {
  let to = text.length
  while (to > 0 && (text.charCodeAt(to - 1) === 10 || text.charCodeAt(to - 1) === 13)) to--
  const from = text.charCodeAt(0) === 0xfeff ? 1 : 0
  return from === 0 && to === text.length ? text : text.slice(from, to)
}

function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c !== 32 && (c < 9 || c > 13) && c !== 0xa0) return false
  }
  return true
}

/** Recognise a text by its first characters; what nothing fits is a plain message. */
function recognise(text: string, event: Event, context: ParseContext): Outcome {
  const c = text.charCodeAt(0)
  let outcome: Outcome = miss
  if (c >= 48 && c <= 57) {
    const fifth = text.charCodeAt(4)
    if (fifth === 45 || text.charCodeAt(1) === 32) {
      if (text.charCodeAt(10) === 32) outcome = postgresql.parse(text, event, context)
      if (outcome === miss) outcome = syslog.parse(text, event, context)
    } else if (fifth === 47) outcome = nginxError.parse(text, event, context)
    else if (text.charCodeAt(1) === 124) outcome = cef.parse(text, event, context)
    else if (text.charCodeAt(1) === 44) outcome = readPaloAlto(text, event, context)
    else if (text.charCodeAt(2) === 47) outcome = suricataFast.parse(text, event, context)
    else outcome = webAccess.parse(text, event, context)
  } else if (c === 123 || c === 32 || c === 9) {
    if (looksLikeObject(text)) outcome = structured(text, event, context)
  } else if (c === 60) {
    outcome = syslog.parse(text, event, context)
    if (outcome === miss) outcome = postgresql.parse(text, event, context)
  } else if (c === 91) {
    outcome = apacheError.parse(text, event, context)
    if (outcome === miss && text.charCodeAt(1) === 123) outcome = json.parse(text, event, context)
    if (outcome === miss) outcome = webAccess.parse(text, event, context)
  } else {
    if (text.startsWith('CEF:')) outcome = cef.parse(text, event, context)
    if (outcome === miss) outcome = syslog.parse(text, event, context)
    if (outcome === miss && text.startsWith('pam_')) outcome = pam.parse(text, event, context)
    if (outcome === miss) outcome = webAccess.parse(text, event, context)
    if (outcome === miss) {
      const message = readBareTag(text, event)
      if (message >= 0) outcome = readMessage(text.slice(message), event, context)
    }
  }
  return outcome === miss ? plain.parse(text, event, context) : outcome
}

/** Read a text as one of the configured formats, bare or inside syslog; `miss` if it is none. */
function configured(
  text: string,
  event: Event,
  context: ParseContext,
  candidates: readonly Parser[],
  own: ReadonlySet<string> | undefined,
): Outcome {
  for (const parser of candidates) {
    const outcome = parser.parse(text, event, context)
    if (outcome !== miss) return outcome
  }
  let at = readSyslogHeader(text, event, context)
  if (at < 0) at = readBareTag(text, event)
  if (at < 0) return miss
  const message = text.slice(at)
  if (own?.has(programName(event.process_name)) || event.process_name.includes('(pam_')) {
    const outcome = readMessage(message, event, context)
    return candidates.some((parser) => parser.format === event.dataset) ? outcome : miss
  }
  for (const parser of candidates) {
    const outcome = parser.parse(message, event, context)
    if (outcome !== miss) return outcome
  }
  return miss
}

/** Whether a line is a comment or separator that log files carry besides events. */
function isHeader(text: string): boolean {
  return text.charCodeAt(0) === 35 || (text.startsWith('-- ') && text.endsWith(' --'))
}

/** First characters of a text, for a cause that people read. */
function sample(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}

/**
 * The parse step. The function made reads a text into the event by the configured format ('' or `auto`: recognised) and answers `ok`,
 * `drop` (blank line, header of a log file) or `dlq` (a configured format that does not fit, JSON beyond its limits). What it
 * recognises nothing in is dataset `plain`. Pure and synchronous; `event` must be a fresh one.
 */
export function createParse(): (
  text: string,
  format: SourceFormat | '',
  event: Event,
  context: ParseContext,
) => Outcome {
  return (raw, format, event, context) => {
    const text = trim(raw)
    if (isBlank(text)) return blankLine
    if (format === '' || format === 'auto' || format === 'syslog') return recognise(text, event, context)
    if (format === 'plain') return plain.parse(text, event, context)
    const candidates = allowed.get(format) ?? []
    const outcome = configured(text, event, context, candidates, programs.get(format))
    if (outcome !== miss) return outcome
    return isHeader(text) ? formatHeader : dead('format_mismatch', `not ${format}: ${sample(text)}`)
  }
}
