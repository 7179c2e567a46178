// Which Sigma names do the fields of an ECS document have, and which log source does it say that it is of?
// Source: ECS 8 field reference, Winlogbeat's `winlog` fields, Sigma taxonomy appendix 2.1.
import type { RecordBuilder } from './record.ts'
import type { EventSource, FieldValue } from './rule.ts'
import { windowsSource } from './windows-source.ts'

/** ECS names, and the names that Sigma has for the same. */
const names: Readonly<Record<string, readonly string[]>> = {
  'process.executable': ['Image'],
  'process.command_line': ['CommandLine'],
  'process.pid': ['ProcessId'],
  'process.entity_id': ['ProcessGuid'],
  'process.working_directory': ['CurrentDirectory'],
  'process.pe.original_file_name': ['OriginalFileName'],
  'process.pe.description': ['Description'],
  'process.pe.product': ['Product'],
  'process.pe.company': ['Company'],
  'process.pe.file_version': ['FileVersion'],
  'process.pe.imphash': ['imphash'],
  'process.hash.md5': ['md5'],
  'process.hash.sha1': ['sha1'],
  'process.hash.sha256': ['sha256'],
  'process.parent.executable': ['ParentImage'],
  'process.parent.command_line': ['ParentCommandLine'],
  'process.parent.pid': ['ParentProcessId'],
  'process.parent.entity_id': ['ParentProcessGuid'],
  'process.parent.user.name': ['ParentUser'],
  'process.integrity_level': ['IntegrityLevel'],
  'winlog.logon.id': ['LogonId'],
  'file.path': ['TargetFilename'],
  'dll.path': ['ImageLoaded'],
  'dll.code_signature.status': ['SignatureStatus'],
  'dll.code_signature.subject_name': ['Signature'],
  'registry.path': ['TargetObject'],
  'registry.data.strings': ['Details'],
  'powershell.file.script_block_text': ['ScriptBlockText'],
  'dns.question.name': ['QueryName', 'query'],
  'dns.question.type': ['record_type', 'qtype_name'],
  'dns.answers.data': ['answer', 'answers'],
  'source.ip': ['SourceIp', 'src_ip', 'c-ip'],
  'source.port': ['SourcePort', 'src_port'],
  'source.domain': ['SourceHostname'],
  'destination.ip': ['DestinationIp', 'dst_ip'],
  'destination.port': ['DestinationPort', 'dst_port'],
  'destination.domain': ['DestinationHostname'],
  'network.transport': ['Protocol'],
  'url.original': ['c-uri', 'cs-uri'],
  'url.path': ['cs-uri-stem', 'c-uri-stem'],
  'url.query': ['cs-uri-query', 'c-uri-query'],
  'url.extension': ['c-uri-extension'],
  'url.domain': ['cs-host', 'r-dns'],
  'http.request.method': ['cs-method'],
  'http.response.status_code': ['sc-status'],
  'http.response.body.bytes': ['sc-bytes'],
  'http.request.referrer': ['cs-referer', 'cs-referrer'],
  'http.version': ['cs-version'],
  'user_agent.original': ['cs-user-agent', 'c-useragent'],
  'user.name': ['cs-username', 'username'],
  'winlog.computer_name': ['Computer'],
  'host.name': ['Computer'],
  'winlog.channel': ['Channel'],
  'winlog.provider_name': ['Provider_Name'],
  'winlog.event_id': ['EventID'],
  'winlog.level': ['Level'],
  'winlog.keywords': ['Keywords'],
  'winlog.record_id': ['EventRecordID'],
  'winlog.message': ['Message'],
}

const ecsNames = new Map<string, string[]>()
for (const [ecs, sigma] of Object.entries(names)) {
  for (const name of sigma) ecsNames.set(name, [...(ecsNames.get(name) ?? []), ecs])
}

/** The ECS names of what Sigma calls so. */
export function ecsNamesOf(sigma: string): readonly string[] {
  return ecsNames.get(sigma) ?? []
}

/** Winlogbeat keeps the fields of Windows events under these, with the names that Windows gave them, which are Sigma's. */
const windowsData = ['winlog.event_data.', 'winlog.user_data.']

/** Adds Sigma's names for the ECS names that a record has. */
export function ecsAliases(record: RecordBuilder): void {
  for (const [name, value] of record.build().fields) {
    const prefix = windowsData.find((one) => name.startsWith(one))
    if (prefix !== undefined) record.alias(name.slice(prefix.length), value)
  }
  for (const [name, sigma] of Object.entries(names)) {
    const value = record.get(name)
    if (value !== undefined) for (const one of sigma) record.alias(one, value)
  }
  // Outside of Windows an event's code is no EventID.
  if (record.get('winlog.channel') !== undefined) record.alias('EventID', record.get('event.code'))
  const user = record.get('user.name')
  const domain = record.get('user.domain')
  if (typeof user === 'string') record.alias('User', typeof domain === 'string' ? `${domain}\\${user}` : user)
  record.alias('Hashes', hashes(record))
}

/** Sysmon writes all hashes into one field: `MD5=…,SHA256=…,IMPHASH=…`. */
function hashes(record: RecordBuilder): FieldValue {
  const found = [
    ['MD5', 'process.hash.md5'],
    ['SHA1', 'process.hash.sha1'],
    ['SHA256', 'process.hash.sha256'],
    ['IMPHASH', 'process.pe.imphash'],
  ].flatMap(([kind, name = '']) => {
    const value = record.get(name)
    return typeof value === 'string' ? [`${kind}=${value.toUpperCase()}`] : []
  })
  return found.length === 0 ? undefined : found.join(',')
}

/** ECS categories with an event type, and Sigma's category for them; the first that fits. */
const kinds: readonly (readonly [category: string, type: string, sigma: string])[] = [
  ['process', 'start', 'process_creation'],
  ['process', 'end', 'process_termination'],
  ['file', 'creation', 'file_event'],
  ['file', 'deletion', 'file_delete'],
  ['driver', 'start', 'driver_load'],
  ['library', 'start', 'image_load'],
  ['web', 'access', 'webserver'],
]

const products = new Set(['windows', 'linux', 'macos'])

/** The log source that an ECS document says it is of; undefined if it does not say any. */
export function ecsSource(get: (name: string) => FieldValue): EventSource | undefined {
  const channel = get('winlog.channel')
  if (typeof channel === 'string') {
    const id = get('winlog.event_id') ?? get('event.code')
    return windowsSource(channel, Number(id ?? 0), String(get('winlog.event_data.EventType') ?? ''))
  }
  const categories = texts(get('event.category'))
  const types = texts(get('event.type'))
  const kind = kinds.find(([category, type]) => categories.includes(category) && types.includes(type))
  if (kind === undefined) return undefined
  const system = String(get('host.os.type') ?? get('host.os.family') ?? '').toLowerCase()
  return interned(kind[2], system === 'darwin' ? 'macos' : products.has(system) ? system : '')
}

function texts(value: FieldValue): readonly FieldValue[] {
  return Array.isArray(value) ? value : [value]
}

const sources = new Map<string, EventSource>()

function interned(category: string, product: string): EventSource {
  const key = `${category}|${product}`
  const known = sources.get(key)
  if (known !== undefined) return known
  const source: EventSource = { categories: [category], products: product === '' ? [] : [product], services: [] }
  sources.set(key, source)
  return source
}
