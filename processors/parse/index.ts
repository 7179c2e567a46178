// Which parser reads a text? The configured format, bare or inside a wrapping; without one, what the text shows (recognise.ts).
import type { EventFormat } from '../../schemas/config.ts'
import type { Event } from '../../schemas/event.ts'
import { blankLine, dead, formatHeader, miss, type Outcome } from '../../schemas/outcome.ts'
import { type Allowed, allowed, byProgram, guestsOf } from './formats.ts'
import { looksLikeObject, readObject } from './json/json-guard.ts'
import type { ParseContext, Parser } from './parser.ts'
import { plain } from './plain.ts'
import { MAX_DEPTH, programName, readMessage, recognise, syslog } from './recognise.ts'
import { readBareTag, readSyslogHeader } from './syslog/syslog-header.ts'
import { webAccess } from './web/web-access.ts'
import { objectWrappers, textWrappers } from './wrap.ts'

/** Every parser, each once; `format` is the dataset that it sets. */
export const parsers: readonly Parser[] = [
  ...new Set([...allowed.values()].flatMap(({ parsers: own }) => own)),
  syslog,
  webAccess,
  plain,
]

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

/** Whether lines of a program can be of a format. */
function writes(program: string, format: EventFormat): boolean {
  return byProgram.get(program)?.name === format || guestsOf.get(program)?.some(({ name }) => name === format) === true
}

/** Read a text as one of the configured formats, bare or wrapped; `miss` if it is none. */
function configured(
  text: string,
  event: Event,
  context: ParseContext,
  format: EventFormat,
  candidates: Allowed,
  depth: number,
): Outcome {
  for (const read of candidates.readers) {
    const outcome = read(text, event, context)
    if (outcome !== miss) return outcome
  }
  if (depth >= MAX_DEPTH) return miss
  for (const open of textWrappers) {
    const inner = open(text, event, context)
    if (inner !== undefined) return configured(inner, event, context, format, candidates, depth + 1)
  }
  if (looksLikeObject(text)) {
    return readObject(text, event, context, (values) => {
      const wrapper = objectWrappers.find(({ is }) => is(values))
      if (wrapper === undefined) return miss
      return configured(wrapper.open(values, event, context), event, context, format, candidates, depth + 1)
    })
  }
  let at = readSyslogHeader(text, event, context)
  if (at < 0) at = readBareTag(text, event)
  if (at < 0) return miss
  const message = text.slice(at)
  if (writes(programName(event.process_name), format) || event.process_name.includes('(pam_')) {
    const outcome = readMessage(message, event, context)
    return candidates.datasets.has(event.dataset) ? outcome : miss
  }
  return at === 0 ? miss : configured(message, event, context, format, candidates, depth + 1)
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
  format: EventFormat | '',
  event: Event,
  context: ParseContext,
) => Outcome {
  return (raw, format, event, context) => {
    const text = trim(raw)
    if (isBlank(text)) return blankLine
    if (format === '' || format === 'auto' || format === 'syslog') return recognise(text, event, context)
    if (format === 'plain') return plain.parse(text, event, context)
    const candidates = allowed.get(format)
    const outcome = candidates === undefined ? miss : configured(text, event, context, format, candidates, 0)
    if (outcome !== miss) return outcome
    return isHeader(text) ? formatHeader : dead('format_mismatch', `not ${format}: ${sample(text)}`)
  }
}
