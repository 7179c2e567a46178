// How do the parser tests read a line? One helper: the outcome, and the event without what is empty.
import { createParse } from '../../../processors/parse/index.ts'
import type { ParseContext } from '../../../processors/parse/parser.ts'
import type { EventFormat } from '../../../schemas/config.ts'
import { type Event, emptyEvent } from '../../../schemas/event.ts'
import type { Outcome } from '../../../schemas/outcome.ts'

/** Received on 10 July 2026, 00:00 UTC, from a source in Western Indonesia. */
export const context: ParseContext = { receivedAt: Date.UTC(2026, 6, 10), zoneMinutes: 420, columns: [] }

export const parse = createParse()

/** Parse one text into a fresh event. */
export function parseOne(
  text: string,
  format: EventFormat | '' = '',
  at: ParseContext = context,
): { outcome: Outcome; event: Event } {
  const event = emptyEvent()
  return { outcome: parse(text, format, event, at), event }
}

/** What a line sets: the time in ISO form, `fields` as an object, nothing that is empty. The line must be read. */
export function read(text: string, format: EventFormat | '' = '', at: ParseContext = context): Record<string, unknown> {
  const { outcome, event } = parseOne(text, format, at)
  if (outcome.kind !== 'ok') throw new Error(`${JSON.stringify(outcome)} for ${text}`)
  const set: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(event)) {
    if (value instanceof Map) {
      if (value.size > 0) set[column] = Object.fromEntries(value)
    } else if (Array.isArray(value) ? value.length > 0 : value !== '' && value !== 0) {
      set[column] = column === 'timestamp' ? new Date(Number(value)).toISOString() : value
    }
  }
  return set
}
