// Where is a field of a rule in our event? Sigma's, ECS' and our own names lead to columns, to the map `fields`, or to text that is derived.
// Source: the Sigma taxonomy of SigmaHQ.
import { type Event, type EventColumn, eventColumns } from '../../../schemas/event.ts'
import { decode } from '../text.ts'
import type { Accessor } from './engine.ts'
import type { FieldValue } from './rule.ts'

/** Sigma names of common log sources and the columns that hold them. */
const aliases: Readonly<Record<string, EventColumn>> = {
  // webserver, proxy
  'c-ip': 'source_ip',
  'cs-ip': 'source_ip',
  'c-port': 'source_port',
  'cs-username': 'user_name',
  'cs-method': 'http_method',
  'c-method': 'http_method',
  'c-uri': 'url_original',
  'cs-uri': 'url_original',
  'r-uri': 'url_original',
  'c-uri-stem': 'url_path',
  'cs-uri-stem': 'url_path',
  'cs-host': 'url_domain',
  'r-dns': 'url_domain',
  'sc-status': 'http_status_code',
  'cs-version': 'http_version',
  'sc-bytes': 'http_response_bytes',
  'c-useragent': 'user_agent_original',
  'cs-user-agent': 'user_agent_original',
  'cs(User-Agent)': 'user_agent_original',
  'cs-referer': 'http_referrer',
  'cs-referrer': 'http_referrer',
  'cs(Referer)': 'http_referrer',
  's-ip': 'destination_ip',
  's-port': 'destination_port',
  // network
  src_ip: 'source_ip',
  src_port: 'source_port',
  dst_ip: 'destination_ip',
  dst_port: 'destination_port',
  SourceIp: 'source_ip',
  SourcePort: 'source_port',
  DestinationIp: 'destination_ip',
  DestinationPort: 'destination_port',
  DestinationHostname: 'url_domain',
  Protocol: 'network_transport',
  'id.orig_h': 'source_ip',
  'id.orig_p': 'source_port',
  'id.resp_h': 'destination_ip',
  'id.resp_p': 'destination_port',
  IpAddress: 'source_ip',
  IpPort: 'source_port',
  SourceAddress: 'source_ip',
  // dns
  query: 'dns_question_name',
  QueryName: 'dns_question_name',
  record_type: 'dns_question_type',
  qtype_name: 'dns_question_type',
  rcode_name: 'dns_response_code',
  // process, user, host
  CommandLine: 'process_command_line',
  ProcessId: 'process_pid',
  User: 'user_name',
  SubjectUserName: 'user_name',
  username: 'user_name',
  TargetUserName: 'user_target_name',
  Computer: 'host_name',
  ComputerName: 'host_name',
  hostname: 'host_name',
  EventID: 'event_code',
  FileName: 'file_name',
  Filename: 'file_name',
  TargetFilename: 'file_name',
  Hashes: 'file_hash',
  Signature: 'rule_name',
  action: 'event_action',
}

const byEcs = new Map<string, EventColumn>(
  (Object.keys(eventColumns) as EventColumn[]).flatMap((column) => {
    const { ecs } = eventColumns[column]
    return ecs === '' ? [] : [[ecs, column] as const]
  }),
)

/** The column that holds a field, by its Sigma, ECS or own name; undefined if it is in the map `fields` under its own name. */
export function columnOf(field: string): EventColumn | undefined {
  if (Object.hasOwn(aliases, field)) return aliases[field]
  return byEcs.get(field) ?? (Object.hasOwn(eventColumns, field) ? (field as EventColumn) : undefined)
}

type Reader = (event: Event) => FieldValue

/** A text as detections read it, decoded once however many rules ask: see `decode` in text.ts. */
function decoded(raw: (event: Event) => string, query: boolean): Reader {
  let last = ''
  let text = ''
  return (event) => {
    const present = raw(event)
    if (present === '') return undefined
    if (present !== last) {
      last = present
      text = plain.test(present) && !present.includes('  ') ? present : decode(present, query).text
    }
    return text
  }
}

/** Text that decoding would leave as it is but for the case, which matching ignores. */
const plain = /^[A-Za-z0-9/._~:;,@!=?[\]() -]*$/

const derived: Readonly<Record<string, () => Reader>> = {
  'url.decoded': () => decoded((event) => event.url_original, false),
  'http.request.referrer.decoded': () => decoded((event) => event.http_referrer, true),
  'user_agent.decoded': () => decoded((event) => event.user_agent_original, true),
  'url.disguised': () => (event) => {
    const raw = event.url_original
    return raw !== '' && (raw.includes('%') || raw.includes('\\')) ? decode(raw, false).disguised : false
  },
  'url.query': () => (event) => {
    const at = event.url_original.indexOf('?')
    return at < 0 ? undefined : event.url_original.slice(at + 1)
  },
  'url.extension': () => (event) => {
    const path = event.url_path
    const dot = path.lastIndexOf('.')
    return dot < 0 || path.includes('/', dot) ? undefined : path.slice(dot + 1)
  },
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

/** How rules read our events. One accessor for one engine: it keeps the last decoded text. */
export function createEventAccessor(): Accessor<Event> {
  return {
    canonical(field) {
      const name = derivedAliases[field] ?? field
      if (Object.hasOwn(derived, name)) return name
      return columnOf(name) ?? `fields.${name}`
    },
    reader(canonical) {
      const make = Object.hasOwn(derived, canonical) ? derived[canonical] : undefined
      if (make !== undefined) return make()
      if (!canonical.startsWith('fields.')) {
        return columnReader(canonical as EventColumn)
      }
      const name = canonical.slice('fields.'.length)
      const nested = `winlog.event_data.${name}`
      return ({ fields }) => (fields.size === 0 ? undefined : (fields.get(name) ?? fields.get(nested)))
    },
    texts: (event) => event.message,
    time(value) {
      if (typeof value === 'number') return value
      const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
      return Number.isNaN(at) ? undefined : at
    },
  }
}
