// Where is a field of a rule in our event? Sigma's, ECS' and our own names lead to columns, to the map `fields`, or to text that is derived.
// Source: the Sigma taxonomy of SigmaHQ.
import { type Event, type EventColumn, eventColumns } from '../../../schemas/event.ts'
import { bounded } from '../../enrich/bounded.ts'
import { type Decoded, decode } from '../text.ts'
import { ecsNamesOf } from './ecs-record.ts'
import type { Accessor } from './engine.ts'
import { timeOf } from './record.ts'
import type { FieldValue } from './rule.ts'

/** Sigma names whose columns ECS does not lead to; see `ecsNamesOf` for the others. */
const aliases: Readonly<Record<string, EventColumn>> = {
  // webserver, proxy
  'cs-ip': 'source_ip',
  'c-port': 'source_port',
  'c-method': 'http_method',
  'r-uri': 'url_original',
  'cs(User-Agent)': 'user_agent_original',
  'cs-user-agent': 'user_agent_original',
  'cs(Referer)': 'http_referrer',
  's-ip': 'destination_ip',
  's-port': 'destination_port',
  // network
  DestinationHostname: 'url_domain',
  'id.orig_h': 'source_ip',
  'id.orig_p': 'source_port',
  'id.resp_h': 'destination_ip',
  'id.resp_p': 'destination_port',
  IpAddress: 'source_ip',
  IpPort: 'source_port',
  SourceAddress: 'source_ip',
  // dns
  rcode_name: 'dns_response_code',
  // process, user, host
  User: 'user_name',
  SubjectUserName: 'user_name',
  TargetUserName: 'user_target_name',
  Computer: 'host_name',
  ComputerName: 'host_name',
  hostname: 'host_name',
  EventID: 'event_code',
  FileName: 'file_name',
  Filename: 'file_name',
  Hashes: 'file_hash',
  Signature: 'rule_name',
  'sc-bytes': 'http_response_bytes',
  action: 'event_action',
}

const byEcs = new Map<string, EventColumn>(
  (Object.keys(eventColumns) as EventColumn[]).flatMap((column) => {
    const { ecs } = eventColumns[column]
    return ecs === '' ? [] : [[ecs, column] as const]
  }),
)

/** The column that holds a field, by its Sigma, ECS or own name; undefined if it is in the map `fields`. */
export function columnOf(field: string): EventColumn | undefined {
  if (Object.hasOwn(aliases, field)) return aliases[field]
  if (Object.hasOwn(eventColumns, field)) return field as EventColumn
  for (const name of [field, ...ecsNamesOf(field)]) {
    const column = byEcs.get(name)
    if (column !== undefined) return column
  }
  return undefined
}

/** Products whose own names rules use as they are; `fields` holds them behind the name of the product. */
const products = ['zeek', 'fortigate', 'opencanary']

/** Names under which the map `fields` may hold what a rule calls `field`. */
function fieldNames(field: string): string[] {
  return [
    field,
    `winlog.event_data.${field}`,
    `winlog.user_data.${field}`,
    ...ecsNamesOf(field),
    ...products.map((product) => `${product}.${field}`),
  ]
}

/**
 * Zeek's names for what is a column here. They are common words, so that they lead to the column for events of Zeek alone.
 * Source: rules/network/zeek of SigmaHQ.
 */
const zeekColumns: Readonly<Record<string, EventColumn>> = {
  host: 'url_domain',
  uri: 'url_original',
  method: 'http_method',
  status_code: 'http_status_code',
  user_agent: 'user_agent_original',
  referrer: 'http_referrer',
  response_body_len: 'http_response_bytes',
  proto: 'network_transport',
  service: 'network_protocol',
  server_name: 'tls_server_name',
  client: 'user_name',
  note: 'rule_name',
  filename: 'file_name',
  sha256: 'file_hash',
}

type Reader = (event: Event) => FieldValue

/** `make` of a text of the event, made once however many rules ask; undefined for a blank one. */
function once<T>(raw: (event: Event) => string, make: (text: string) => T): (event: Event) => T | undefined {
  let last: { text: string; made: T } | undefined
  return (event) => {
    const text = raw(event)
    if (text === '') return undefined
    if (last?.text !== text) last = { text, made: make(text) }
    return last.made
  }
}

const MAX_REMEMBERED = 4_000
const MAX_REMEMBERED_LENGTH = 512

/** Text that decoding would leave as it is. */
const plain = /^[a-z0-9/._~:;,@!=?[\]() -]*$/

function decoded(text: string, query: boolean): Decoded {
  return plain.test(text) && !text.includes('  ') ? { text, disguised: false } : decode(text, query)
}

/** Fields that are worked out from columns. Agents and referrers come again, so their texts are remembered. */
function derivedReaders(): Readonly<Record<string, Reader>> {
  const url = once(
    (event) => event.url_original,
    (text) => decoded(text, false),
  )
  const header = bounded((text) => decoded(text, true).text, MAX_REMEMBERED, MAX_REMEMBERED_LENGTH)
  return {
    'url.decoded': (event) => url(event)?.text,
    'url.disguised': (event) => url(event)?.disguised ?? false,
    'http.request.referrer.decoded': once((event) => event.http_referrer, header),
    'user_agent.decoded': once((event) => event.user_agent_original, header),
    'url.query': (event) => {
      const at = event.url_original.indexOf('?')
      return at < 0 ? undefined : event.url_original.slice(at + 1)
    },
    'url.extension': (event) => {
      const path = event.url_path
      const dot = path.lastIndexOf('.')
      return dot < 0 || path.includes('/', dot) ? undefined : path.slice(dot + 1)
    },
  }
}

const derivedAliases: Readonly<Record<string, string>> = {
  'c-uri-query': 'url.query',
  'cs-uri-query': 'url.query',
  'c-uri-extension': 'url.extension',
}

function columnReader(column: EventColumn): Reader {
  const { type } = eventColumns[column]
  if (type === 'Array(String)') return (event) => event[column] as string[]
  if (type === 'Map(String, String)' || type.startsWith('Array(')) return () => undefined
  // Blank is absent: '' and 0 mean unknown.
  return (event) => {
    const value = event[column] as string | number
    return value === '' || value === 0 ? undefined : value
  }
}

/** The first of several names that the map `fields` holds. */
function fieldReader(names: readonly string[]): Reader {
  return ({ fields }) => {
    if (fields.size === 0) return undefined
    for (let i = 0; i < names.length; i += 1) {
      const value = fields.get(names[i] as string)
      if (value !== undefined) return value
    }
    return undefined
  }
}

/** How rules read our events. One accessor for one engine: it keeps the last decoded text. */
export function createEventAccessor(): Accessor<Event> {
  const derived = derivedReaders()
  return {
    canonical(field) {
      const name = derivedAliases[field] ?? field
      if (Object.hasOwn(derived, name)) return name
      return columnOf(name) ?? `fields.${name}`
    },
    reader(canonical) {
      const own = Object.hasOwn(derived, canonical) ? derived[canonical] : undefined
      if (own !== undefined) return own
      if (!canonical.startsWith('fields.')) return columnReader(canonical as EventColumn)
      const field = canonical.slice('fields.'.length)
      const read = fieldReader(fieldNames(field))
      const column = Object.hasOwn(zeekColumns, field) ? zeekColumns[field] : undefined
      if (column === undefined) return read
      const readColumn = columnReader(column)
      return (event) => read(event) ?? (event.dataset.startsWith('zeek.') ? readColumn(event) : undefined)
    },
    texts: (event) => event.message,
    time: timeOf,
  }
}
