// What of a value is shown as evidence? Where the literal stands in it, and the text around that.
import type { Place } from './literals.ts'

/** Where a literal stands in a folded value, -1 if it does not. */
export function placeOf(value: string, text: string, place: Place): number {
  if (place === 'anywhere') return value.indexOf(text)
  if (place === 'whole') return value === text ? 0 : -1
  if (place === 'start') return value.startsWith(text) ? 0 : -1
  return value.endsWith(text) ? value.length - text.length : -1
}

export const MAX_EXCERPT = 200
const CONTEXT = 24

/** What matched with a little around it, at most 200 characters, without control characters. */
export function excerpt(value: string, at: number, length: number): string {
  const from = Math.max(0, at - CONTEXT)
  const to = Math.min(value.length, at + length + CONTEXT, from + MAX_EXCERPT)
  return value
    .slice(from, to)
    .replaceAll('ÿ', '&')
    .replace(/\p{Cc}/gu, ' ')
    .toWellFormed()
}
