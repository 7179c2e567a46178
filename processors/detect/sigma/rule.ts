// What is a Sigma rule once it has been read? Metadata, log source, and its detection as one expression of matchers.
import type { Severity } from '../../../schemas/detection.ts'

/** What a rule's `logsource` names; each part that is given must be met. */
export interface LogSource {
  readonly category?: string
  readonly product?: string
  readonly service?: string
}

/** What an event's log belongs to; see `logsource.ts`. */
export interface EventSource {
  readonly categories: readonly string[]
  readonly products: readonly string[]
  readonly services: readonly string[]
}

/** A value of an event's field; undefined: the event has no such field; null: it has it without a value. */
export type FieldValue = string | number | boolean | null | undefined | readonly (string | number | boolean | null)[]

/** One piece of a string pattern: literal text, or a wildcard. */
export type Piece = string | { readonly wildcard: 'any' | 'one' }

/** What a value of a field is held against. */
export type Matcher =
  /** Pieces in order; `exact`: case matters. */
  | { readonly kind: 'pattern'; readonly pieces: readonly Piece[]; readonly exact: boolean }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  | { readonly kind: 'cidr'; readonly network: string }
  | { readonly kind: 'compare'; readonly operator: 'lt' | 'lte' | 'gt' | 'gte'; readonly value: number }
  /** Without a value: absent, null or empty. */
  | { readonly kind: 'null' }
  | { readonly kind: 'exists'; readonly present: boolean }
  /** Equal to the value of another field, or begins, ends with or contains it. */
  | {
      readonly kind: 'fieldref'
      readonly field: string
      readonly place: 'whole' | 'start' | 'end' | 'anywhere'
      readonly exact: boolean
    }
  /** A part of a point in time, UTC. */
  | {
      readonly kind: 'time'
      readonly part: 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'
      readonly value: number
      readonly operator: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'
    }

export type Expression =
  | { readonly op: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly op: 'not'; readonly of: Expression }
  /** `field` undefined: a keyword, looked for anywhere in the event. */
  | { readonly op: 'match'; readonly field: string | undefined; readonly matcher: Matcher }

/** What our own rules say beyond the standard, under the key `siaga`. */
export interface Guidance {
  /** Title in Indonesian. */
  readonly judul: string
  /** What to do. */
  readonly response: { readonly id: string; readonly en: string }
}

export interface SigmaRule {
  /** The rule's UUID, or its file's name where it has none. */
  readonly id: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly status: string
  readonly level: Severity
  readonly tags: readonly string[]
  /** Technique ids of the tags, such as T1190 or T1110.003. */
  readonly attack: readonly string[]
  readonly falsePositives: readonly string[]
  readonly logsource: LogSource
  readonly detection: Expression
  readonly guidance: Guidance | undefined
  readonly file: string
}

/** Why a file, or a document in it, can't be used. */
export interface RuleProblem {
  readonly file: string
  /** Line from 1, 0 unknown. */
  readonly line: number
  /** Id or title of the rule, if known. */
  readonly rule: string
  readonly reason: string
}
