// What is advice? Steps for the first minutes, whom to call, what to leave alone.
import type { Language } from '../../../../schemas/language.ts'
import type { Words } from '../words.ts'

export interface Advice {
  /** The kind of attack or trouble in a few words; a title without any detail. */
  readonly title: Words
  /** Three to six, imperative, the first thing first. For somebody who runs an office, not for a specialist. */
  readonly steps: Readonly<Record<Language, readonly string[]>>
  readonly call: Words
  /** What would make it worse, or destroys evidence. */
  readonly never: Words
  /** Duty to report once it is confirmed: the incident, or exposed personal data as well. */
  readonly report?: 'incident' | 'personal_data'
}
