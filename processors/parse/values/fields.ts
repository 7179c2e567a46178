// How does what has no column of its own get into an event, and how much of it?
import type { Event } from '../../../schemas/event.ts'
import type { JsonObject } from '../json/json-guard.ts'
import { toAddress } from './address.ts'

/** The most entries that `event.fields` may hold. */
export const MAX_FIELDS = 256
/** The longest value in `event.fields`, bytes of UTF-8. */
export const MAX_FIELD_BYTES = 8192
const MAX_NAME = 256

/** How many dotted names are remembered: far more than programs use, and a bound against those who invent names. */
const MAX_REMEMBERED = 8192
const remembered = new Map<string, Map<string, string>>()
let rememberedCount = 0

/** `prefix.name`, remembered: joining and hashing anew costs more than the rest of a field. */
export function dotted(prefix: string, name: string): string {
  if (prefix === '') return name
  const inner = remembered.get(prefix)
  const known = inner?.get(name)
  if (known !== undefined) return known
  const joined = `${prefix}.${name}`
  if (rememberedCount < MAX_REMEMBERED && joined.length <= MAX_NAME) {
    rememberedCount++
    if (inner === undefined) remembered.set(prefix, new Map([[name, joined]]))
    else inner.set(name, joined)
  }
  return joined
}

/** Mark the event once. */
export function tag(event: Event, name: string): void {
  if (!event.tags.includes(name)) event.tags.push(name)
}

/** The first `bytes` bytes of a text, never half a character. */
function cut(text: string, bytes: number): string {
  let short = text.slice(0, bytes)
  while (Buffer.byteLength(short) > bytes) {
    const over = Buffer.byteLength(short) - bytes
    short = short.slice(0, short.length - Math.max(1, Math.ceil(over / 3)))
  }
  const last = short.charCodeAt(short.length - 1)
  return last >= 0xd800 && last < 0xdc00 ? short.slice(0, -1) : short
}

/** Put a value under a dotted name; empty values are left out, long ones cut, too many left out, both marked `fields_cut`. */
export function put(event: Event, name: string, value: string): void {
  if (value === '') return
  let key = name
  if (key.length > MAX_NAME) {
    key = cut(key, MAX_NAME)
    tag(event, 'fields_cut')
  }
  if (event.fields.size >= MAX_FIELDS && !event.fields.has(key)) {
    tag(event, 'fields_cut')
    return
  }
  if (
    value.length * 3 > MAX_FIELD_BYTES &&
    (value.length > MAX_FIELD_BYTES || Buffer.byteLength(value) > MAX_FIELD_BYTES)
  ) {
    tag(event, 'fields_cut')
    event.fields.set(key, cut(value, MAX_FIELD_BYTES))
  } else {
    event.fields.set(key, value)
  }
}

/** Set where the activity came from: an address as `source_ip`, a name as field `source.domain`. */
export function putSource(event: Event, host: string): void {
  const address = toAddress(host)
  if (address !== '') event.source_ip = address
  else if (host !== '-' && host !== 'UNKNOWN') put(event, 'source.domain', host)
}

/** Put all leaves of a JSON value under dotted names; an array is one entry, and one with a
 * single text is that text. Depth must have been checked before. */
export function putJson(event: Event, name: string, value: unknown): void {
  if (typeof value === 'string') put(event, name, value)
  else if (typeof value === 'number' || typeof value === 'boolean') put(event, name, String(value))
  else if (typeof value === 'object' && value !== null) {
    if (event.fields.size >= MAX_FIELDS) {
      tag(event, 'fields_cut')
    } else if (Array.isArray(value)) {
      const [only] = value
      if (value.length === 1 && typeof only === 'string') put(event, name, only)
      else if (value.length > 0) put(event, name, JSON.stringify(value))
    } else {
      const values = value as JsonObject
      for (const key in values) putJson(event, dotted(name, key), values[key])
    }
  }
}
