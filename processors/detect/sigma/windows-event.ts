// What does a Windows event say in Sigma's field names? `{"Event":{"System":…,"EventData":…}}` becomes a record.
import { textOf, visitData, visitHeader, visitUserData } from '../../parse/host/windows-document.ts'
import { isObject, type JsonObject } from '../../parse/json/json-guard.ts'
import { createRecord, type RecordBuilder, type SourcedRecord } from './record.ts'
import type { FieldValue } from './rule.ts'
import { windowsSource } from './windows-source.ts'

/** Reads a Windows event. */
export function readWindowsEvent({ Event: event }: { readonly Event: JsonObject }): SourcedRecord {
  const record = createRecord()
  // The event's own data come first: a name of the header gives way to theirs (EventID, Channel and Provider_Name apart, which rules need).
  const header = createRecord()
  if (isObject(event.System)) visitHeader(event.System, header.add)
  for (const name of ['EventID', 'Channel', 'Provider_Name']) record.add(name, header.get(name))
  const data = createRecord()
  if (isObject(event.EventData)) visitData(event.EventData, data.add)
  if (isObject(event.UserData)) visitUserData(event.UserData, data.add)
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
