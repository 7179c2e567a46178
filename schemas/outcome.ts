// What can a step say about an event? Outcomes are data, never exceptions.

/** `ok`: go on. `miss`: not this parser's format. `drop`: expected, counted by reason. `dlq`: poison, kept whole. */
export type Outcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'miss' }
  | { readonly kind: 'drop'; readonly reason: DropReason }
  | { readonly kind: 'dlq'; readonly reason: DeadLetterReason; readonly cause: string }

/** Why an event may be left out without being a fault. */
export type DropReason = 'blank_line' | 'format_header'

/** Why an event is poison. */
export type DeadLetterReason =
  | 'bad_envelope'
  | 'unknown_source'
  | 'format_mismatch'
  | 'json_too_deep'
  | 'json_too_many_keys'
  | 'parser_error'
  | 'row_too_large'

export const ok: Outcome = Object.freeze({ kind: 'ok' })
export const miss: Outcome = Object.freeze({ kind: 'miss' })
export const blankLine: Outcome = Object.freeze({ kind: 'drop', reason: 'blank_line' })
export const formatHeader: Outcome = Object.freeze({ kind: 'drop', reason: 'format_header' })

/** A dead-letter outcome with its cause in words. */
export function dead(reason: DeadLetterReason, cause: string): Outcome {
  return { kind: 'dlq', reason, cause }
}
