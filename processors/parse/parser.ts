// What is a parser, and what makes parsers a format that people can name?
import type { EventFormat } from '../../schemas/config.ts'
import type { Event } from '../../schemas/event.ts'
import type { Outcome } from '../../schemas/outcome.ts'
import type { JudgePage } from '../detect/page/judgement.ts'
import type { JsonObject, ObjectReader } from './json/json-guard.ts'

/** What a parser may know besides the text. */
export interface ParseContext {
  /** When a collector received the text, milliseconds since 1970 UTC. */
  readonly receivedAt: number
  /** Offset of times written without a zone, minutes east of UTC. */
  readonly zoneMinutes: number
  /** Names of the columns that the source's lines have, where they have others than the format usually; empty: the usual ones. */
  readonly columns: readonly string[]
  /** Judges pages of probes; absent: they are told without a judgement. */
  readonly judgePage?: JudgePage
}

/**
 * Reads one text: writes what it understands into the event (timestamp left 0 if the text has none, `dataset` always set on `ok`) and
 * answers `ok`, `miss` (leave the event untouched), `drop` or `dlq`. Pure, synchronous, never throws on any text, linear in the length of
 * the text.
 */
export type TextReader = (text: string, event: Event, context: ParseContext) => Outcome

/** A parser of one dataset. */
export interface Parser {
  /** Name of the dataset that it sets. */
  readonly format: string
  readonly parse: TextReader
}

/** A JSON schema by which a format writes its events. */
export interface ObjectSchema {
  /** Cheap, and true only for objects that are surely of this schema. */
  is(values: JsonObject): boolean
  readonly read: ObjectReader
}

/** What a product writes: the family that people set as a source's `format`, and how it is recognised where they set none. */
export interface Format {
  readonly name: EventFormat
  /** Its datasets, tried in this order when the format is set. */
  readonly parsers: readonly Parser[]
  /**
   * Characters that a text which shows its own format begins with; `recognise` is then tried on such texts, bare or behind a syslog header of a
   * program that nobody knows. Absent: it is not recognised by its text.
   */
  readonly begins?: string
  /** What is tried then, in place of all parsers: only what is sure of its format. */
  readonly recognise?: readonly TextReader[]
  /** What programs of this format write to syslog, behind the header. */
  readonly syslog?: {
    /** Last part of the program's path, as in the header. */
    readonly programs: readonly string[]
    readonly read: TextReader
    /** Programs that also write what is of other formats (the kernel): what `read` does not know stays theirs. */
    readonly guestOf?: readonly string[]
    /** Dataset of their lines that say nothing of interest; absent: they are plain syslog. */
    readonly dataset?: string
  }
  /** Objects of JSON that are of this format, wherever they come from. */
  readonly objects?: readonly ObjectSchema[]
}
