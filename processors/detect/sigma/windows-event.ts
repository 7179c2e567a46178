// What does a Windows event say in Sigma's field names? `{"Event":{"System":…,"EventData":…}}` as evtx_dump and others write it becomes a record.
// Source: Sigma specification 2.1, "Field Usage" (attributes of System are joined by an underscore: Provider_Name).
import { isObject, type JsonObject } from '../../parse/json/json-guard.ts'
import { createRecord, type RecordBuilder, type SourcedRecord } from './record.ts'
import type { FieldValue } from './rule.ts'
import { windowsSource } from './windows-source.ts'

/** Whether a JSON value is a Windows event. */
export function isWindowsEvent(value: unknown): value is { readonly Event: JsonObject } {
  return isObject(value) && isObject(value.Event) && isObject(value.Event.System)
}

/** Reads a Windows event. */
export function readWindowsEvent({ Event: event }: { readonly Event: JsonObject }): SourcedRecord {
  const record = createRecord()
  // The event's own data come first: a name of the header gives way to theirs (EventID, Channel and Provider_Name apart, which rules need).
  const header = createRecord()
  if (isObject(event.System)) addHeader(header, event.System)
  for (const name of ['EventID', 'Channel', 'Provider_Name']) record.add(name, header.get(name))
  const data = createRecord()
  if (isObject(event.EventData)) addData(data, event.EventData)
  if (isObject(event.UserData)) addUserData(data, event.UserData)
  for (const from of [data, header]) {
    for (const [name, value] of from.build().fields) if (record.get(name) === undefined) record.add(name, value)
  }
  const rendering = event.RenderingInfo
  if (isObject(rendering) && record.get('Message') === undefined) record.add('Message', textOf(rendering.Message))
  const channel = String(record.get('Channel') ?? '')
  const id = Number(record.get('EventID') ?? 0)
  const source = windowsSource(channel, id, String(record.get('EventType') ?? ''))
  if (source.services[0] === 'security' && source.categories.includes('process_creation'))
    return process4688(record, source)
  return { record: record.build(), source }
}

/** Text of an element that has attributes too. */
function textOf(value: unknown): unknown {
  if (!isObject(value)) return value
  if (Object.hasOwn(value, '#text')) return value['#text']
  return Object.keys(value).every(isAttribute) ? null : value
}

function isAttribute(name: string): boolean {
  return name === '#attributes' || name.startsWith('@')
}

/** Attributes of an element, however the converter wrote them. */
function attributesOf(element: JsonObject): [string, unknown][] {
  const found = isObject(element['#attributes']) ? Object.entries(element['#attributes']) : []
  for (const [name, value] of Object.entries(element)) {
    if (name.startsWith('@')) found.push([name.slice(1), value])
    else if (!name.startsWith('#') && !isObject(value)) found.push([name, value])
  }
  return found
}

function addHeader(record: RecordBuilder, system: JsonObject): void {
  for (const [name, value] of Object.entries(system)) {
    if (isAttribute(name)) continue
    if (!isObject(value)) {
      if (value !== null) record.add(name, value)
      continue
    }
    if (Object.hasOwn(value, '#text')) record.add(name, value['#text'])
    for (const [attribute, one] of attributesOf(value)) record.add(`${name}_${attribute}`, one)
  }
}

/** Named data under their names; data without names, as old providers write them, as the list `Data`. */
function addData(record: RecordBuilder, data: JsonObject): void {
  for (const [name, value] of Object.entries(data)) {
    if (isAttribute(name)) continue
    if (name !== 'Data') {
      record.add(name, textOf(value))
      continue
    }
    const unnamed: unknown[] = []
    for (const one of Array.isArray(value) ? value : [value]) {
      const own = isObject(one) ? attributesOf(one).find(([attribute]) => attribute === 'Name')?.[1] : undefined
      if (typeof own === 'string') record.add(own, textOf(one))
      else unnamed.push(textOf(one))
    }
    const flat = unnamed.flat()
    if (flat.length > 0) record.add('Data', flat.length === 1 ? flat[0] : flat)
  }
}

/** Providers put a document of their own into UserData; its elements are the fields. */
function addUserData(record: RecordBuilder, data: JsonObject): void {
  for (const [name, value] of Object.entries(data)) {
    if (isAttribute(name)) continue
    const text = textOf(value)
    if (isObject(text)) addUserData(record, text)
    else record.add(name, text)
  }
}

/** Security 4688 under the names of Sysmon's event 1, and what 4688 says by identifiers. */
const renamed: readonly (readonly [string, string])[] = [
  ['NewProcessName', 'Image'],
  ['ParentProcessName', 'ParentImage'],
  ['ProcessCommandLine', 'CommandLine'],
  ['SubjectLogonId', 'LogonId'],
]

/** Mandatory labels: rules write either form. */
const integrity: Readonly<Record<string, string>> = {
  'S-1-16-0': 'Untrusted',
  'S-1-16-4096': 'Low',
  'S-1-16-8192': 'Medium',
  'S-1-16-8448': 'Medium',
  'S-1-16-12288': 'High',
  'S-1-16-16384': 'System',
}

function process4688(before: RecordBuilder, source: SourcedRecord['source']): SourcedRecord {
  const { fields, texts } = before.build()
  const record = new Map<string, FieldValue>(fields)
  const alias = (name: string, value: FieldValue): void => {
    if (value !== undefined && !record.has(name)) record.set(name, value)
  }
  for (const [from, to] of renamed) alias(to, fields.get(from))
  // Its ProcessId is the creator's, and the new one has a name of its own.
  const created = fields.get('NewProcessId')
  if (created !== undefined) {
    alias('ParentProcessId', fields.get('ProcessId'))
    record.set('ProcessId', created)
  }
  const creator = account(fields.get('SubjectDomainName'), fields.get('SubjectUserName'))
  alias('ParentUser', creator)
  // A process that is started as somebody else names them as its target.
  alias('User', account(fields.get('TargetDomainName'), fields.get('TargetUserName')) ?? creator)
  const label = fields.get('MandatoryLabel')
  const level = typeof label === 'string' && Object.hasOwn(integrity, label) ? integrity[label] : undefined
  if (typeof label === 'string') alias('IntegrityLevel', level === undefined ? label : [level, label])
  return { record: { fields: record, texts }, source }
}

function account(domain: FieldValue, user: FieldValue): string | undefined {
  if (typeof user !== 'string' || user === '' || user === '-') return undefined
  return typeof domain === 'string' && domain !== '' && domain !== '-' ? `${domain}\\${user}` : user
}
