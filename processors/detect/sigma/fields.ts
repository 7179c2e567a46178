// Where is a field of a rule in our event? Sigma's, ECS' and our own names lead to columns, to the map `fields`, or to text that is derived.
// Source: the Sigma taxonomy of SigmaHQ.
import { type Event, type EventColumn, eventColumns } from '../../../schemas/event.ts'
import { bounded } from '../../enrich/bounded.ts'
import { type Decoded, decode } from '../text.ts'
import { ecsNamesOf } from './ecs-record.ts'
import type { Accessor, Derived } from './engine.ts'
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
  'cs(Host)': 'url_domain',
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
  ScriptBlockText: 'process_command_line',
  'sc-bytes': 'http_response_bytes',
  action: 'event_action',
}

/**
 * Names of Windows events whose own value is more than that of their column: `KPU\budi` rather than budi, all hashes rather than one. Rules read
 * it where the event has it; groups and histories go by the column.
 */
const windowsOwn: ReadonlySet<string> = new Set([
  'User',
  'SubjectUserName',
  'TargetUserName',
  'IpAddress',
  'IpPort',
  'SourceAddress',
  'SourceIp',
  'DestinationIp',
  'DestinationHostname',
  'Protocol',
  'ProcessId',
  'FileName',
  'Filename',
  'Hashes',
  'Signature',
  'QueryName',
  'ScriptBlockText',
])

/** Names that the rules of Linux' audit system use; several records of an event may each have one. */
const auditNames: ReadonlySet<string> = new Set([
  'type',
  'name',
  'nametype',
  'key',
  'comm',
  'exe',
  'euid',
  'unit',
  'syscall',
  'SYSCALL',
  ...Array.from({ length: 16 }, (_, n) => `a${n}`),
])

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
    ...(auditNames.has(field) ? [`auditd.log.${field}`] : []),
    ...products.map((product) => `${product}.${field}`),
  ]
}

/** A field of the map `fields`, under the first of its names that the event has. */
function mapReader(field: string): (event: Event) => string | undefined {
  const names = fieldNames(field)
  return ({ fields }) => {
    if (fields.size === 0) return undefined
    for (let i = 0; i < names.length; i += 1) {
      const value = fields.get(names[i] as string)
      if (value !== undefined) return value
    }
    return undefined
  }
}

/** A field that may hold a list of texts as JSON, as parsers write several values of one name. */
function listReader(field: string): Reader {
  const read = mapReader(field)
  const list = bounded(listOf, MAX_REMEMBERED, MAX_REMEMBERED_LENGTH)
  return (event) => {
    const value = read(event)
    return value?.startsWith('["') === true ? list(value) : value
  }
}

function listOf(text: string): FieldValue {
  try {
    const values: unknown = JSON.parse(text)
    return Array.isArray(values) ? values.filter((one) => typeof one === 'string') : text
  } catch {
    return text
  }
}

/** A field of Windows events, else its column. A user's name goes with its domain. */
function ownReader(field: string): Reader {
  const own = mapReader(field)
  const column = columnReader(columnOf(field) ?? 'message')
  if (field !== 'User') return (event) => own(event) ?? column(event)
  return (event) => {
    const named = own(event)
    const domain = named === undefined ? event.fields.get('user.domain') : undefined
    return named ?? (domain === undefined || event.user_name === '' ? column(event) : `${domain}\\${event.user_name}`)
  }
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

/** Values of lists that are remembered, and how long they may be. */
const MAX_REMEMBERED = 4_000
const MAX_REMEMBERED_LENGTH = 512

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

/** Text that decoding would leave as it is. */
const plain = /^[a-z0-9/._~:;,@!=?[\]() -]*$/

function decoded(text: string, query: boolean): Decoded {
  return plain.test(text) && !text.includes('  ') ? { text, disguised: false } : decode(text, query)
}

/** Fields that are worked out from headers, which come again and again. */
const headers: Readonly<Record<string, EventColumn>> = {
  'http.request.referrer.decoded': 'http_referrer',
  'user_agent.decoded': 'user_agent_original',
}

function headerOf(column: EventColumn): Derived<Event> {
  return {
    from: (event) => event[column] as string,
    make: (text) => decoded(text, true).text,
  }
}

/** Fields that are worked out from columns. */
function derivedReaders(): Readonly<Record<string, Reader>> {
  const url = once(
    (event) => event.url_original,
    (text) => decoded(text, false),
  )
  return {
    'url.decoded': (event) => url(event)?.text,
    'url.disguised': (event) => url(event)?.disguised ?? false,
    'url.query': (event) => {
      const at = event.url_original.indexOf('?')
      return at < 0 ? undefined : event.url_original.slice(at + 1)
    },
    'url.extension': (event) => {
      const path = event.url_path
      const dot = path.lastIndexOf('.')
      return dot < 0 || path.includes('/', dot) ? undefined : path.slice(dot + 1)
    },
    ...Object.fromEntries(
      Object.entries(headers).map(([name, column]) => {
        const { from, make } = headerOf(column)
        return [name, once(from, make)]
      }),
    ),
  }
}

const derivedAliases: Readonly<Record<string, string>> = {
  'c-uri-query': 'url.query',
  'cs-uri-query': 'url.query',
  'c-uri-extension': 'url.extension',
}

/** Readers of columns by their type. Each is compiled for its column: one function for all would look every name up again for every event. */
function columnReader(column: EventColumn): Reader {
  const { type } = eventColumns[column]
  if (type === 'Map(String, String)' || (type.startsWith('Array(') && type !== 'Array(String)')) return () => undefined
  // Blank is absent: '' and 0 mean unknown.
  const body =
    type === 'Array(String)'
      ? `return event.${column}`
      : `const value = event.${column}; return value === '' || value === 0 ? undefined : value`
  return new Function('event', body) as Reader
}

/** How rules read our events. One accessor for one engine: it keeps the last decoded text. */
export function createEventAccessor(): Accessor<Event> {
  const derived = derivedReaders()
  return {
    canonical(field) {
      const name = derivedAliases[field] ?? field
      if (Object.hasOwn(derived, name) || windowsOwn.has(name)) return name
      return columnOf(name) ?? `fields.${name}`
    },
    reader(canonical) {
      const own = Object.hasOwn(derived, canonical) ? derived[canonical] : undefined
      if (own !== undefined) return own
      if (windowsOwn.has(canonical)) return ownReader(canonical)
      if (!canonical.startsWith('fields.')) return columnReader(canonical as EventColumn)
      const field = canonical.slice('fields.'.length)
      const read = auditNames.has(field) ? listReader(field) : mapReader(field)
      const column = Object.hasOwn(zeekColumns, field) ? zeekColumns[field] : undefined
      if (column === undefined) return read
      const readColumn = columnReader(column)
      return (event) => read(event) ?? (event.dataset.startsWith('zeek.') ? readColumn(event) : undefined)
    },
    derived: (canonical) => {
      const column = Object.hasOwn(headers, canonical) ? headers[canonical] : undefined
      return column === undefined ? undefined : headerOf(column)
    },
    texts: (event) => event.message,
    time: timeOf,
  }
}
