// Is this JSON small enough in depth and keys to be parsed at all? Checked on the text, before anything is built or recursed into.
import type { Event } from '../../../schemas/event.ts'
import { dead, miss, type Outcome } from '../../../schemas/outcome.ts'
import type { ParseContext } from '../parser.ts'

/** The deepest nesting of objects and arrays. */
const MAX_DEPTH = 64
/** The most keys over all levels. */
const MAX_KEYS = 4096

/** A JSON object as parsed. */
export type JsonObject = Readonly<Record<string, unknown>>

/** A text shorter than this cannot hold more than MAX_KEYS keys: `"":0,` is the shortest pair. */
const FEW_KEYS = MAX_KEYS * 4

/** Whether at most `limit` brackets of this kind are opened, strings included: if so, no deeper nesting is possible. */
function fewOpened(text: string): boolean {
  let opened = 0
  for (const bracket of '{[') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++opened > MAX_DEPTH) return false
    }
  }
  return true
}

/** Index of the quote that closes the string whose first character is at `from`, or the end of the text. */
function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let back = at - 1
    while (back >= from && text.charCodeAt(back) === 92) back--
    if (((at - back) & 1) === 1) return at
  }
  return text.length
}

/** The limit that a JSON text passes, or `miss` if none. One linear scan, and mostly none at all. */
function checkJson(text: string): Outcome {
  if (text.length < FEW_KEYS && fewOpened(text)) return miss
  let depth = 0
  let keys = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 34:
        i = stringEnd(text, i + 1)
        break
      case 123:
      case 91:
        if (++depth > MAX_DEPTH) return dead('json_too_deep', `more than ${MAX_DEPTH} levels at character ${i}`)
        break
      case 125:
      case 93:
        depth--
        break
      case 58:
        if (++keys > MAX_KEYS) return dead('json_too_many_keys', `more than ${MAX_KEYS} keys at character ${i}`)
        break
      default:
    }
  }
  return miss
}

/** Reads a parsed object into an event. */
export type ObjectReader = (values: JsonObject, event: Event, context: ParseContext) => Outcome

/** Hand the object that a text is as JSON to a reader; `miss` if it is none, a dead letter if it passes a limit. */
export function readObject(text: string, event: Event, context: ParseContext, reader: ObjectReader): Outcome {
  const limit = checkJson(text)
  if (limit !== miss) return limit
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return miss
  }
  return isObject(value) ? reader(value, event, context) : miss
}

/** Whether a text begins as a JSON object does: `{`, then a quote or `}`, spaces between. */
export function looksLikeObject(text: string): boolean {
  let i = 0
  while (isSpace(text.charCodeAt(i))) i++
  if (text.charCodeAt(i) !== 123) return false
  i++
  while (isSpace(text.charCodeAt(i))) i++
  const c = text.charCodeAt(i)
  return c === 34 || c === 125
}

function isSpace(c: number): boolean {
  return c === 32 || c === 9 || c === 10 || c === 13
}

/** Whether a value is an object and no array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The text of a JSON scalar, '' for anything else. */
export function asText(value: unknown): string {
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
}

/** A non-negative safe integer at most `max` in a JSON number or its text, else 0. */
export function asNumber(value: unknown, max: number): number {
  const n =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && value !== '' && value.length < 17
        ? Number(value)
        : 0
  return n > 0 && n <= max && Number.isSafeInteger(Math.trunc(n)) ? Math.trunc(n) : 0
}
