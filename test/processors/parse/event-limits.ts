// Does an event fit into its row? What every column may hold, whatever the text was.
import { isIP } from 'node:net'
import { MAX_FIELD_BYTES, MAX_FIELDS } from '../../../processors/parse/values/fields.ts'
import { type ColumnType, type Event, type EventColumn, eventColumns } from '../../../schemas/event.ts'

const highest: Partial<Record<ColumnType, number>> = {
  UInt8: 255,
  UInt16: 65_535,
  UInt32: 0xffff_ffff,
  UInt64: Number.MAX_SAFE_INTEGER,
  "DateTime64(3, 'UTC')": 253_402_300_800_000,
  DateTime: 0xffff_ffff * 1000,
}
const outcomes = new Set(['', 'success', 'failure', 'unknown'])
const columns = Object.keys(eventColumns) as EventColumn[]

/** What about an event is wrong, '' if nothing is: no dataset, an address that is none, a number beyond its column, fields beyond their limits. `own`: fields that later steps may add to those of the parser. */
export function unfit(event: Event, own = 0): string {
  if (event.dataset === '') return 'no dataset'
  if (!outcomes.has(event.event_outcome)) return `event_outcome ${event.event_outcome}`
  if (event.event_severity > 100) return `event_severity ${event.event_severity}`
  for (const column of ['source_ip', 'destination_ip'] as const)
    if (event[column] !== '' && isIP(event[column]) === 0) return `${column} ${event[column]}`
  if (event.fields.size > MAX_FIELDS + own) return `${event.fields.size} fields`
  for (const [name, value] of event.fields) {
    if (typeof value !== 'string') return `field ${name} is a ${typeof value}`
    if (value.length * 3 > MAX_FIELD_BYTES && Buffer.byteLength(value) > MAX_FIELD_BYTES)
      return `field ${name} has ${Buffer.byteLength(value)} bytes`
  }
  for (const column of columns) {
    const { type } = eventColumns[column]
    const value: unknown = event[column]
    const limit = highest[type]
    if (limit !== undefined) {
      if (!Number.isSafeInteger(value) || Number(value) < 0 || Number(value) > limit)
        return `${column} ${String(value)}`
    } else if ((type === 'String' || type === 'LowCardinality(String)') && typeof value !== 'string') {
      return `${column} is a ${typeof value}`
    }
  }
  return ''
}
