// How does a change show? What was before and what is now, side by side, so that rules and people see both.
import type { Event } from '../../../schemas/event.ts'
import { put } from '../values/fields.ts'

/** Stands where there was, or is, nothing: a field that is blank would be absent, and a change has two sides. */
const NOTHING = '(none)'

/** Puts `name.before` and `name.after` where the two differ. */
export function putChange(event: Event, name: string, before: string, after: string): void {
  if (before === after) return
  put(event, `${name}.before`, before || NOTHING)
  put(event, `${name}.after`, after || NOTHING)
}

/** The same of lists whose order says nothing; also what came in addition and what is gone, as `name.added` and `name.removed`. */
export function putListChange(event: Event, name: string, before: readonly string[], after: readonly string[]): void {
  const added = without(after, before)
  const removed = without(before, after)
  if (added.length === 0 && removed.length === 0) return
  putChange(event, name, listed(before), listed(after))
  put(event, `${name}.added`, listed(added))
  put(event, `${name}.removed`, listed(removed))
}

/** A list as a person reads it. */
export function listed(values: readonly string[]): string {
  return [...new Set(values)].sort().join(', ')
}

function without(values: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others)
  return values.filter((value) => !known.has(value))
}
