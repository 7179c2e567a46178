// Which rules match an event? One pass over the event's texts for all rules of its log source; then only the rules whose literals were seen.
import { compileProgram, type Program } from './program.ts'
import type { EventSource, FieldValue, LogSource, SigmaRule } from './rule.ts'

/** How the engine reads an event of type T. */
export interface Accessor<T> {
  /** A name under which all spellings of one field meet, so that its text is searched once. */
  canonical(field: string): string
  /** Reads the field of that canonical name. */
  reader(canonical: string): (event: T) => FieldValue
  /** For a field that is worked out from a text alone: that text and how, so that it is done once for each text. */
  derived?(canonical: string): Derived<T> | undefined
  /** Texts in which keywords are looked for. */
  texts(event: T): FieldValue
  /** Event time in milliseconds since 1970 UTC for time parts of a field's value; undefined if it is no time. */
  time(value: FieldValue): number | undefined
}

/** A field worked out from one text of the event, '' for none. */
export interface Derived<T> {
  from(event: T): string
  make(text: string): FieldValue
}

/** A part of an event that made a rule match. */
export interface Evidence {
  /** Canonical name of the field; `message` for keywords. */
  readonly field: string
  /** What matched, with the text around it where that is short. */
  readonly value: string
}

export interface SigmaMatch {
  readonly rule: SigmaRule
  /** The parts that matched, positive ones only, at most eight. Valid until the next call of `match`. */
  evidence(): Evidence[]
}

export interface Sigma<T> {
  /** The rules that match, in the order in which they were given; the same empty array whenever there are none. */
  match(event: T, source: EventSource): readonly SigmaMatch[]
  /** Rules that may see events of a log source. */
  rulesOf(source: EventSource): readonly SigmaRule[]
}

/** A source whose events every rule sees, for events of which nothing is known. */
export const anySource: EventSource = Object.freeze({ categories: [], products: [], services: [] })

/** Whether a rule's log source is among those of an event. */
export function appliesTo(logsource: LogSource, source: EventSource): boolean {
  if (source === anySource) return true
  return (
    (logsource.category === undefined || source.categories.includes(logsource.category)) &&
    (logsource.product === undefined || source.products.includes(logsource.product)) &&
    (logsource.service === undefined || source.services.includes(logsource.service))
  )
}

/**
 * Compiles rules. Events are given with an interned `EventSource`: for each one the rules that apply are compiled together at its first event.
 * The rules must have passed `loadRules`: a network that is none throws DetectionError here, a regex that RE2 does not take when it is first asked.
 */
export function createSigma<T>(rules: readonly SigmaRule[], accessor: Accessor<T>): Sigma<T> {
  const programs = new Map<EventSource, Program<T>>()
  const programOf = (source: EventSource): Program<T> => {
    const known = programs.get(source)
    if (known !== undefined) return known
    const program = compileProgram(
      rules.filter(({ logsource }) => appliesTo(logsource, source)),
      accessor,
    )
    programs.set(source, program)
    return program
  }
  // Events of one source come one behind the other.
  let last: EventSource | undefined
  let program: Program<T> | undefined
  return {
    match(event, source) {
      if (source !== last || program === undefined) {
        program = programOf(source)
        last = source
      }
      return program.match(event)
    },
    rulesOf: (source) => programOf(source).rules,
  }
}
