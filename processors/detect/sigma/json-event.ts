// What does a JSON event say in Sigma's field names? Windows events, ECS documents, and flat records that use Sigma's names already.
import { isWindowsEvent } from '../../parse/host/windows-document.ts'
import { isObject } from '../../parse/json/json-guard.ts'
import { ecsAliases, ecsSource } from './ecs-record.ts'
import { anySource } from './engine.ts'
import { createRecord, type SourcedRecord } from './record.ts'
import type { EventSource } from './rule.ts'
import { readWindowsEvent } from './windows-event.ts'

/**
 * Reads a parsed JSON event; undefined if it is no object. `source`: its log source, if the caller knows it. Otherwise Windows events and ECS
 * documents say it themselves, and of a flat record every rule is tried.
 */
export function readJsonEvent(value: unknown, source?: EventSource): SourcedRecord | undefined {
  if (!isObject(value)) return undefined
  if (isWindowsEvent(value)) {
    const read = readWindowsEvent(value)
    return source === undefined ? read : { record: read.record, source }
  }
  const record = createRecord()
  record.add('', value)
  ecsAliases(record)
  return { record: record.build(), source: source ?? ecsSource(record.get) ?? anySource }
}

/**
 * The log source that `--logsource category/product/service` names; parts may be empty: `process_creation/windows`, `/zeek/http`, `//sshd`.
 * Undefined if all are empty or there are more than three.
 */
export function parseLogSource(text: string): EventSource | undefined {
  const parts = text.split('/').map((part) => part.trim().toLowerCase())
  if (parts.length > 3 || parts.every((part) => part === '')) return undefined
  const [category = '', product = '', service = ''] = parts
  const one = (part: string): string[] => (part === '' ? [] : [part])
  return { categories: one(category), products: one(product), services: one(service) }
}
