// What event does a line of NDJSON hold? Windows event, ECS document or flat record of Sigma names; each line says itself which.
import type { Accessor } from '../../processors/detect/sigma/engine.ts'
import { readJsonEvent } from '../../processors/detect/sigma/json-event.ts'
import { recordAccessor, type SigmaRecord } from '../../processors/detect/sigma/record.ts'
import type { EventSource, FieldValue } from '../../processors/detect/sigma/rule.ts'
import { isWindowsEvent } from '../../processors/parse/host/windows-document.ts'

export interface FormEvent {
  readonly record: SigmaRecord
  /** The document as it is, for pipelines that name places in it. */
  readonly raw: unknown
}

export type Form =
  | { readonly kind: 'event'; readonly event: FormEvent; readonly source: EventSource }
  | { readonly kind: 'bad'; readonly reason: string }

/** Reads a line. `logsource` is that of events that do not say theirs as Windows events do; without it every rule is tried where nothing is said. */
export function readForm(text: string, logsource?: EventSource): Form {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return { kind: 'bad', reason: 'is not JSON' }
  }
  const read = readJsonEvent(raw, isWindowsEvent(raw) ? undefined : logsource)
  if (read === undefined) return { kind: 'bad', reason: 'is JSON, but no object' }
  return { kind: 'event', event: { record: read.record, raw }, source: read.source }
}

/** How rules read such events: Sigma's and ECS names, and paths such as `Event.EventData.CommandLine`. */
export const formAccessor: Accessor<FormEvent> = {
  canonical: recordAccessor.canonical,
  reader(field) {
    const read = recordAccessor.reader(field)
    if (!field.startsWith('Event.')) return ({ record }) => read(record)
    const path = field.split('.')
    return ({ record, raw }) => read(record) ?? at(raw, path)
  },
  texts: ({ record }) => recordAccessor.texts(record),
  time: recordAccessor.time,
}

function at(raw: unknown, path: readonly string[]): FieldValue {
  let value = raw
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = Reflect.get(value, name)
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
    ? value
    : undefined
}
