// What does an event in the Elastic Common Schema say? Nested or dotted, each name goes to its column.
import { type Event, type EventColumn, eventColumns } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { toAddress, toPort } from '../values/address.ts'
import { dotted, put, putJson, tag } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setUrl, statusOutcome } from '../web/web.ts'
import { asNumber, asText, isObject, type JsonObject, looksLikeObject, readObject } from './json-guard.ts'

/** Columns that the pipeline sets itself: a sender's word for them stays in `fields`. */
const ours: ReadonlySet<EventColumn> = new Set<EventColumn>([
  'timestamp',
  'received_at',
  'ingested_at',
  'event_id',
  'source_id',
  'dataset',
  'message',
  'tags',
  'source_country',
  'source_asn',
  'source_as_name',
  'destination_country',
  'url_registered_domain',
  'user_agent_name',
  'user_agent_os',
  'score',
  'rule_ids',
])

/** ECS name → column, for every column that a sender may set. */
const columnOf: ReadonlyMap<string, EventColumn> = new Map([
  ...(Object.keys(eventColumns) as EventColumn[])
    .filter((column) => eventColumns[column].ecs !== '' && !ours.has(column))
    .map((column): [string, EventColumn] => [eventColumns[column].ecs, column]),
])

/** Other ECS names for a column, used where its own name is absent; the better ones first. */
const alternatives: readonly (readonly [name: string, column: EventColumn])[] = [
  ['source.address', 'source_ip'],
  ['client.ip', 'source_ip'],
  ['client.port', 'source_port'],
  ['server.ip', 'destination_ip'],
  ['server.port', 'destination_port'],
  ['host.hostname', 'host_name'],
  ['url.full', 'url_original'],
  ['http.response.body.bytes', 'http_response_bytes'],
  ['file.hash.sha256', 'file_hash'],
  ['file.hash.sha1', 'file_hash'],
  ['file.hash.md5', 'file_hash'],
  ['tls.client.ja4', 'tls_ja3'],
]

const columnOfAlternative: ReadonlyMap<string, EventColumn> = new Map(alternatives)

/** Set a column from a JSON value; false if the value does not fit it. */
function setColumn(event: Event, column: EventColumn, raw: unknown): boolean {
  const value = Array.isArray(raw) ? raw[0] : raw
  const text = asText(value)
  if (text === '') return false
  switch (column) {
    case 'source_ip':
    case 'destination_ip':
      event[column] = toAddress(text)
      return event[column] !== ''
    case 'source_port':
    case 'destination_port':
      event[column] = toPort(text)
      return event[column] !== 0
    case 'event_outcome':
      if (text !== 'success' && text !== 'failure' && text !== 'unknown') return false
      event.event_outcome = text
      return true
    case 'event_severity':
      event.event_severity = Math.min(100, asNumber(value, Number.MAX_SAFE_INTEGER))
      return true
    case 'http_status_code':
      event.http_status_code = asNumber(value, 999)
      return event.http_status_code > 0
    case 'http_method':
      event.http_method = text.toUpperCase()
      return true
    case 'network_transport':
    case 'network_protocol':
    case 'log_level':
      event[column] = text.toLowerCase()
      return true
    case 'process_pid':
      event.process_pid = asNumber(value, 0xffff_ffff)
      return true
    case 'http_response_bytes':
    case 'network_bytes':
      event[column] = asNumber(value, Number.MAX_SAFE_INTEGER)
      return true
    default: {
      const target: Partial<Record<EventColumn, unknown>> = event
      if (typeof target[column] !== 'string') return false
      target[column] = text
      return true
    }
  }
}

/** How many leaves are looked at: columns may stand behind many fields, hostile documents hold thousands. */
const MAX_LEAVES = 2048

/** Every leaf with its dotted name; arrays are leaves. */
function leaves(values: JsonObject, prefix: string, into: Map<string, unknown>): void {
  for (const key of Object.keys(values)) {
    if (into.size >= MAX_LEAVES) return
    const value = values[key]
    const name = dotted(prefix, key)
    if (name.length > 512) continue
    if (isObject(value)) leaves(value, name, into)
    else if (value !== null) into.set(name, value)
  }
}

/** Whether a JSON object is written in ECS: it says so, or has `@timestamp` beside one of the schema's own objects. */
export function isEcs(values: JsonObject): boolean {
  if ('ecs' in values || 'ecs.version' in values) return true
  if (!('@timestamp' in values)) return false
  return (
    isObject(values.event) ||
    isObject(values.source) ||
    isObject(values.host) ||
    isObject(values.agent) ||
    isObject(values.log) ||
    'event.action' in values ||
    'event.category' in values ||
    'event.dataset' in values ||
    'event.module' in values ||
    'source.ip' in values ||
    'log.level' in values ||
    'host.name' in values
  )
}

/** Read an ECS document. Source: elastic.co/docs/reference/ecs. */
export function readEcs(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const all = new Map<string, unknown>()
  leaves(values, '', all)
  if (all.size >= MAX_LEAVES) tag(event, 'fields_cut')
  event.dataset = 'ecs'
  setTime(event, anyTime(all.get('@timestamp'), context) || anyTime(all.get('event.created'), context))
  const rest: [string, unknown][] = []
  for (const [name, value] of all) {
    if (name === '@timestamp' && event.timestamp !== 0) continue
    const column = columnOf.get(name)
    if (column === undefined || !setColumn(event, column, value)) rest.push([name, value])
  }
  for (const [name, column] of alternatives) {
    if ((event[column] === '' || event[column] === 0) && all.has(name)) setColumn(event, column, all.get(name))
  }
  for (const [name, value] of rest) {
    const column = columnOfAlternative.get(name)
    if (column === undefined || String(event[column]) !== asText(value)) putJson(event, name, value)
  }
  const domain = asText(all.get('source.domain'))
  if (event.source_ip === '' && domain !== '') put(event, 'source.domain', domain)
  const path = event.url_path
  if (event.url_original !== '') setUrl(event, event.url_original)
  if (path !== '') event.url_path = path
  else if (event.url_original === '' && event.url_path !== '') event.url_original = event.url_path
  if (event.event_outcome === '' && event.http_method !== '')
    event.event_outcome = statusOutcome(event.http_status_code)
  return ok
}

export const ecs: Parser = {
  format: 'ecs',
  parse(text, event, context) {
    if (!looksLikeObject(text)) return miss
    return readObject(text, event, context, (values) =>
      isEcs(values) || '@timestamp' in values ? readEcs(values, event, context) : miss,
    )
  },
}
