// What is a parser? It reads one text into an event, or says that the text is not of its format.
import type { Event } from '../../schemas/event.ts'
import type { Outcome } from '../../schemas/outcome.ts'

/** What a parser may know besides the text. */
export interface ParseContext {
  /** When a collector received the text, milliseconds since 1970 UTC. */
  readonly receivedAt: number
  /** Offset of times written without a zone, minutes east of UTC. */
  readonly zoneMinutes: number
}

/**
 * A parser of one format. `parse` writes what it understands into the event (timestamp left 0 if the text has none,
 * `dataset` always set on `ok`) and answers `ok`, `miss` (leave the event untouched), `drop` or `dlq`. Pure, synchronous, never
 * throws on any text, linear in the length of the text.
 */
export interface Parser {
  /** Name of the format, as in `dataset`. */
  readonly format: string
  parse(text: string, event: Event, context: ParseContext): Outcome
}
