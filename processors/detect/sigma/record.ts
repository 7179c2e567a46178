// How are fields kept for events that do not come from the pipeline? A flat record under Sigma's own field names, and the accessor over it.
import type { Accessor } from './engine.ts'
import type { EventSource, FieldValue } from './rule.ts'

/** An event under Sigma field names. Names are taken as they are written, case included. */
export interface SigmaRecord {
  readonly fields: ReadonlyMap<string, FieldValue>
  /** Texts in which keywords are looked for: every value, each once. */
  readonly texts: FieldValue
}

/** A record, and the log source that it belongs to. */
export interface SourcedRecord {
  readonly record: SigmaRecord
  readonly source: EventSource
}

/** Builds a record: nested objects under names with dots, lists of objects as one list for each of their names. */
export interface RecordBuilder {
  /** Adds a value under a name; objects and lists are taken apart. */
  add(name: string, value: unknown): void
  /** Sets another name for a value, unless the event has a value under that name. */
  alias(name: string, value: FieldValue): void
  get(name: string): FieldValue
  build(): SigmaRecord
}

const MAX_DEPTH = 64

/** An empty record. */
export function createRecord(): RecordBuilder {
  const fields = new Map<string, FieldValue>()
  const texts: (string | number | boolean)[] = []

  const put = (name: string, value: string | number | boolean | null, listed: boolean): void => {
    const before = fields.get(name)
    if (Array.isArray(before)) fields.set(name, [...before, value])
    else fields.set(name, listed ? [value] : value)
  }

  const add = (name: string, value: unknown, listed: boolean, depth: number): void => {
    if (value === undefined || depth > MAX_DEPTH) return
    if (Array.isArray(value)) {
      if (!fields.has(name)) fields.set(name, [])
      for (const one of value) add(name, one, true, depth + 1)
    } else if (typeof value === 'object' && value !== null) {
      // A rule may name the object itself: `responseElements|contains: masterUserPassword`.
      if (name !== '' && shallow(value, MAX_DEPTH)) put(name, JSON.stringify(value), listed)
      for (const [key, one] of Object.entries(value)) add(name === '' ? key : `${name}.${key}`, one, listed, depth + 1)
    } else {
      const scalar = typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value)
      if (scalar !== null) texts.push(scalar)
      put(name, scalar, listed)
    }
  }

  return {
    add: (name, value) => add(name, value, false, 0),
    alias(name, value) {
      if (value !== undefined && !fields.has(name)) fields.set(name, value)
    },
    get: (name) => fields.get(name),
    build: () => ({ fields, texts }),
  }
}

/** Whether nothing in a value is nested deeper, so that turning it into text can't exhaust the stack. */
function shallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((one) => shallow(one, depth - 1))
}

/** ISO 8601; time without a zone is UTC, as Sysmon writes `2025-10-25 17:38:32.006`. */
const iso = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[-+]\d\d:?\d\d)?)?$/i

/** A field's value as a point in time, milliseconds since 1970 UTC; undefined if it is neither such a number nor ISO 8601. */
export function timeOf(value: FieldValue): number | undefined {
  if (typeof value === 'number') return value
  const found = typeof value === 'string' ? iso.exec(value) : null
  if (found === null) return undefined
  const [, day = '', time = '00:00', zone = 'Z'] = found
  const at = Date.parse(`${day}T${time}${zone}`)
  return Number.isNaN(at) ? undefined : at
}

/** How the engine reads records. */
export const recordAccessor: Accessor<SigmaRecord> = {
  canonical: (field) => field,
  reader:
    (field) =>
    ({ fields }) =>
      fields.get(field),
  texts: ({ texts }) => texts,
  time: timeOf,
}
