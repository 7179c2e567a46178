// Which fields can be asked for in Explore, under which names, and what kind of question does each take? From the columns of schemas/event.ts.
import { nearest } from '../../runtime/config-nearest.ts'
import { type EventColumn, eventColumns } from '../../schemas/event.ts'
import type { ExploreField } from '../../schemas/explore-api.ts'

/**
 * `text` equals, `words` contains, `several`: any of its columns, `region` with those beneath, `severity` by score, `map`: `fields.NAME`,
 * `factors`: names of factors of the score.
 */
export type FieldKind = ExploreField['kind']

export interface Field {
  /** As people write it: the ECS name where there is one. */
  readonly name: string
  readonly kind: FieldKind
  /** Columns that it looks at; several mean any of them. */
  readonly columns: readonly EventColumn[]
  readonly id: string
  readonly en: string
  /** Column with few enough values to list them. */
  readonly listed: boolean
}

const words: ReadonlySet<EventColumn> = new Set([
  'message',
  'url_original',
  'user_agent_original',
  'process_command_line',
  'http_referrer',
])
const addresses: ReadonlySet<EventColumn> = new Set(['source_ip', 'destination_ip'])

/** Columns whose values completion offers: few of them, and none that is about a person. */
const listed: ReadonlySet<EventColumn> = new Set([
  'source_id',
  'dataset',
  'region_code',
  'owner',
  'asset_id',
  'asset_criticality',
  'election',
  'phase',
  'event_category',
  'event_action',
  'event_outcome',
  'event_code',
  'log_level',
  'host_name',
  'process_name',
  'source_country',
  'source_scope',
  'source_scanner',
  'source_as_name',
  'destination_country',
  'network_transport',
  'network_protocol',
  'url_domain',
  'http_method',
  'http_status_code',
  'user_agent_name',
  'user_agent_os',
  'dns_question_type',
  'dns_response_code',
  'tls_version',
  'rule_name',
  'observer_vendor',
  'observer_product',
  'tags',
  'rule_ids',
])

function kindOf(column: EventColumn): FieldKind {
  if (words.has(column)) return 'words'
  if (addresses.has(column)) return 'address'
  const { type } = eventColumns[column]
  if (type === 'Array(String)') return 'list'
  if (type === 'Map(String, String)') return 'map'
  if (type.startsWith('DateTime')) return 'time'
  if (type.startsWith('UInt')) return 'number'
  return column === 'factors' ? 'factors' : 'text'
}

/** Every column of events, in order. */
export const allColumns = Object.keys(eventColumns).filter((name): name is EventColumn =>
  Object.hasOwn(eventColumns, name),
)

const ofColumns = allColumns.map((column): Field => {
  const { ecs, judul, comment } = eventColumns[column]
  return {
    name: ecs === '' || column === 'message' || column === 'score' ? column : ecs,
    kind: kindOf(column),
    columns: [column],
    id: judul,
    en: comment,
    listed: listed.has(column),
  }
})

/** Words of ours that stand for more than a column. */
const ofOurs: readonly Field[] = [
  {
    name: 'ip',
    kind: 'address',
    columns: ['source_ip', 'destination_ip'],
    id: 'Alamat asal atau tujuan',
    en: 'Address the activity came from or went to',
    listed: false,
  },
  {
    name: 'user',
    kind: 'several',
    columns: ['user_name', 'user_target_name'],
    id: 'Pengguna yang bertindak, dicoba, atau dituju',
    en: 'User who acted, was tried or was acted on',
    listed: false,
  },
  {
    name: 'region',
    kind: 'region',
    columns: ['region_code'],
    id: 'Wilayah beserta yang di bawahnya',
    en: 'Region with those beneath it',
    listed: true,
  },
  {
    name: 'severity',
    kind: 'severity',
    columns: ['score'],
    id: 'Tingkat menurut skor: critical dari 90, high 70, medium 40, low 20, none di bawahnya',
    en: 'By score: critical from 90, high 70, medium 40, low 20, none below',
    listed: false,
  },
]

/** Short and Indonesian words for fields. */
const aliases: Readonly<Record<string, string>> = {
  asset: 'asset_id',
  aset: 'asset_id',
  host: 'host_name',
  path: 'url_path',
  domain: 'url_domain',
  rule: 'rule_ids',
  aturan: 'rule_ids',
  country: 'source_country',
  negara: 'source_country',
  asn: 'source_asn',
  skor: 'score',
  waktu: 'timestamp',
  pesan: 'message',
  alamat: 'ip',
  pengguna: 'user',
  wilayah: 'region',
  tingkat: 'severity',
}

export const fields: readonly Field[] = [...ofOurs, ...ofColumns]

const byName = new Map<string, Field>()
for (const field of fields) {
  byName.set(field.name.toLowerCase(), field)
  for (const column of field.columns)
    if (field.columns.length === 1 && !ofOurs.includes(field)) byName.set(column, field)
}
for (const column of ofColumns) {
  const [name] = column.columns
  const ecs = name === undefined ? '' : eventColumns[name].ecs
  if (ecs !== '') byName.set(ecs.toLowerCase(), column)
}
for (const [alias, name] of Object.entries(aliases)) {
  const field = byName.get(name)
  if (field !== undefined) byName.set(alias, field)
}

/** A field by any of its names, in any case. `fields.NAME` is the map, with its key. */
export function fieldOf(name: string): { field: Field; key: string } | undefined {
  const found = byName.get(name.toLowerCase())
  if (found !== undefined) return { field: found, key: '' }
  const map = byName.get('fields')
  return map !== undefined && /^fields\../i.test(name) ? { field: map, key: name.slice('fields.'.length) } : undefined
}

/** The name that somebody may have meant. */
export function nearestField(name: string): string | undefined {
  return nearest(name, byName.keys())
}

/** A column by its own name or any other; undefined for fields that are no single column. */
export function columnOf(name: string): EventColumn | undefined {
  const found = byName.get(name.toLowerCase())
  return found === undefined || ofOurs.includes(found) ? undefined : found.columns[0]
}

/** What the page is told about fields. */
export function describeFields(): ExploreField[] {
  return fields.map(({ name, kind, columns, id, en, listed: values }) => ({
    name,
    kind,
    column: columns.length === 1 ? (columns[0] ?? '') : '',
    id,
    en,
    values,
  }))
}
