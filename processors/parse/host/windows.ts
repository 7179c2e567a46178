// What happened on a Windows machine? Events of its event logs, as XML, as JSON of several shippers, as Winlogbeat's documents.
import type { Event } from '../../../schemas/event.ts'
import { miss, type Outcome, ok } from '../../../schemas/outcome.ts'
import { readEcs } from '../json/ecs.ts'
import { asText, isObject, type JsonObject, looksLikeObject, readObject } from '../json/json-guard.ts'
import type { ParseContext, Parser } from '../parser.ts'
import { put, putJson, tag } from '../values/fields.ts'
import { anyTime, setTime } from '../values/time.ts'
import { setWindowsColumns } from './windows-columns.ts'
import { isWindowsEvent, visitData, visitHeader, visitUserData } from './windows-document.ts'
import { datasetOf, windowsDatasets } from './windows-ids.ts'
import { looksLikeEventXml, readEventXml } from './windows-xml.ts'

/** Header names, and what Winlogbeat calls them. */
const headers: Readonly<Record<string, string>> = {
  Channel: 'winlog.channel',
  Provider_Name: 'winlog.provider_name',
  Provider_Guid: 'winlog.provider_guid',
  EventRecordID: 'winlog.record_id',
  Level: 'winlog.level',
  Keywords: 'winlog.keywords',
  Opcode: 'winlog.opcode',
  Task: 'winlog.task',
  Version: 'winlog.version',
  Execution_ProcessID: 'winlog.process.pid',
  Execution_ThreadID: 'winlog.process.thread.id',
  Security_UserID: 'winlog.user.identifier',
  Correlation_ActivityID: 'winlog.activity_id',
}

const levels: Readonly<Record<string, string>> = {
  '1': 'critical',
  '2': 'error',
  '3': 'warning',
  '4': 'info',
  '5': 'debug',
}

/** Data that go to a column whole, however long they are: what was run. */
const ran = ['CommandLine', 'ProcessCommandLine', 'ScriptBlockText'] as const

/** Text of a value: lists as JSON. */
function flat(value: unknown): string {
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : asText(value)
}

/** An event under the names of its own schema. */
interface WindowsEvent {
  readonly header: ReadonlyMap<string, unknown>
  readonly data: ReadonlyMap<string, unknown>
  readonly userData: ReadonlyMap<string, unknown>
  readonly message: string
}

function text(values: ReadonlyMap<string, unknown>, name: string): string {
  return flat(values.get(name))
}

/** Writes an event into a row. */
function write(found: WindowsEvent, event: Event, context: ParseContext): Outcome {
  const { header, data, userData } = found
  const channel = text(header, 'Channel')
  event.dataset = datasetOf(channel.toLowerCase())
  event.event_code = text(header, 'EventID')
  event.host_name = text(header, 'Computer') || event.host_name
  setTime(event, anyTime(header.get('TimeCreated_SystemTime'), context))
  event.log_level = levels[text(header, 'Level')] ?? event.log_level
  for (const [name, value] of header) {
    const ecs = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (ecs !== undefined) put(event, ecs, flat(value))
  }
  for (const name of ran) event.process_command_line ||= text(data, name)
  for (const [name, value] of data) {
    if (!ran.some((one) => one === name)) putJson(event, `winlog.event_data.${name}`, value)
  }
  for (const [name, value] of userData) putJson(event, `winlog.user_data.${name}`, value)
  put(event, 'winlog.message', found.message)
  setWindowsColumns(event, channel.toLowerCase(), (name) => text(data, name) || text(userData, name), context)
  return ok
}

function collected(visit: (add: (name: string, value: unknown) => void) => void): Map<string, unknown> {
  const values = new Map<string, unknown>()
  visit((name, value) => {
    if (value !== null && value !== undefined && !values.has(name)) values.set(name, value)
  })
  return values
}

/** `System`, `EventData`, `UserData`. */
function readEvent(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const { System: system, EventData: data, UserData: userData, RenderingInfo: rendering } = values
  if (!isObject(system)) return miss
  const header = collected((add) => visitHeader(system, add))
  if (!header.has('EventID')) return miss
  return write(
    {
      header,
      data: collected((add) => (isObject(data) ? visitData(data, add) : undefined)),
      userData: collected((add) => (isObject(userData) ? visitUserData(userData, add) : undefined)),
      message: isObject(rendering) ? asText(rendering.Message) : '',
    },
    event,
    context,
  )
}

/** Names of flat records (NXLog, Winlogbeat before 7), and the header that they are. */
const flatHeaders: Readonly<Record<string, string>> = {
  EventID: 'EventID',
  event_id: 'EventID',
  Channel: 'Channel',
  log_name: 'Channel',
  SourceName: 'Provider_Name',
  Provider_Name: 'Provider_Name',
  source_name: 'Provider_Name',
  ProviderGuid: 'Provider_Guid',
  Hostname: 'Computer',
  Computer: 'Computer',
  computer_name: 'Computer',
  EventTime: 'TimeCreated_SystemTime',
  TimeCreated: 'TimeCreated_SystemTime',
  '@timestamp': 'TimeCreated_SystemTime',
  RecordNumber: 'EventRecordID',
  record_number: 'EventRecordID',
  Keywords: 'Keywords',
  ActivityID: 'Correlation_ActivityID',
}

/** What NXLog and other shippers say of themselves or twice. */
const shippers: ReadonlySet<string> = new Set([
  'EventReceivedTime',
  'SourceModuleName',
  'SourceModuleType',
  'SeverityValue',
  'Severity',
  'OpcodeValue',
  '@version',
  'event_data',
  'user_data',
  'Message',
  'message',
])

function isFlat(values: JsonObject): boolean {
  return (
    (typeof values.Channel === 'string' &&
      (typeof values.EventID === 'number' || typeof values.EventID === 'string')) ||
    (typeof values.log_name === 'string' && values.event_id !== undefined && isObject(values.event_data))
  )
}

/** One object with the header and the data side by side. NXLog's EventType says whether an audit succeeded. */
function readFlat(values: JsonObject, event: Event, context: ParseContext): Outcome {
  const header = new Map<string, unknown>()
  const data = new Map<string, unknown>()
  for (const [name, value] of Object.entries(values)) {
    const own = Object.hasOwn(flatHeaders, name) ? flatHeaders[name] : undefined
    if (value === null) continue
    if (own !== undefined) {
      if (!header.has(own)) header.set(own, value)
    } else if (!shippers.has(name) && !(name === 'EventType' && /^AUDIT_/.test(asText(value)))) data.set(name, value)
  }
  for (const nested of [values.event_data, values.user_data]) {
    if (isObject(nested)) visitData(nested, (name, value) => data.set(name, value))
  }
  const type = asText(values.EventType)
  if (type === 'AUDIT_FAILURE') event.event_outcome = 'failure'
  else if (type === 'AUDIT_SUCCESS') event.event_outcome = 'success'
  const message = asText(values.Message) || asText(values.message)
  return write({ header, data, userData: new Map(), message }, event, context)
}

/** Winlogbeat 7 and later, or Elastic Agent: an ECS document. */
function isWinlog(values: JsonObject): boolean {
  return isObject(values.winlog) ? 'channel' in values.winlog : typeof values['winlog.channel'] === 'string'
}

/** What Winlogbeat's modules moved to ECS is read as any ECS document; its other names are ours. */
function readWinlog(values: JsonObject, event: Event, context: ParseContext): Outcome {
  readEcs(values, event, context)
  const { fields } = event
  const channel = (fields.get('winlog.channel') ?? '').toLowerCase()
  event.dataset = datasetOf(channel)
  event.event_code ||= fields.get('winlog.event_id') ?? ''
  event.host_name = fields.get('winlog.computer_name') ?? event.host_name
  const take = (name: string): string => fields.get(`winlog.event_data.${name}`) ?? ''
  // From the document itself: among the fields long texts are cut.
  const data = isObject(values.winlog) && isObject(values.winlog.event_data) ? values.winlog.event_data : {}
  for (const name of ran) {
    const whole = asText(data[name] ?? values[`winlog.event_data.${name}`])
    event.process_command_line ||= whole
    if (whole === event.process_command_line) fields.delete(`winlog.event_data.${name}`)
  }
  setWindowsColumns(event, channel, (name) => take(name) || (fields.get(`winlog.user_data.${name}`) ?? ''), context)
  return ok
}

/** Whether a JSON object is a Windows event in one of the schemas. */
export function isWindows(values: JsonObject): boolean {
  return (
    isWindowsEvent(values) ||
    isWinlog(values) ||
    isFlat(values) ||
    (isObject(values.System) && 'EventID' in values.System)
  )
}

/** Reads a JSON object that is one. */
export function readWindowsObject(values: JsonObject, event: Event, context: ParseContext): Outcome {
  if (isWindowsEvent(values)) return readEvent(values.Event, event, context)
  if (isWinlog(values)) return readWinlog(values, event, context)
  return isFlat(values) ? readFlat(values, event, context) : readEvent(values, event, context)
}

/** Reads the XML of an event. */
export function readWindowsXml(xml: string, event: Event, context: ParseContext): Outcome {
  const found = looksLikeEventXml(xml) ? readEventXml(xml) : undefined
  if (found === undefined) return miss
  const outcome = readEvent(found.event, event, context)
  if (outcome === ok && found.cut) tag(event, 'xml_cut')
  return outcome
}

/** The channel of an object that is a Windows event. */
function channelOf(values: JsonObject): string {
  const { Event: inner, System: system, winlog } = values
  const header = isObject(inner) && isObject(inner.System) ? inner.System : isObject(system) ? system : undefined
  if (header !== undefined) return flat(isObject(header.Channel) ? header.Channel['#text'] : header.Channel)
  if (isObject(winlog)) return asText(winlog.channel)
  return asText(values['winlog.channel']) || asText(values.Channel) || asText(values.log_name)
}

function read(source: string, event: Event, context: ParseContext, dataset: string): Outcome {
  const of = (values: JsonObject): boolean => datasetOf(channelOf(values).toLowerCase()) === dataset
  if (looksLikeObject(source)) {
    return readObject(source, event, context, (values) =>
      isWindows(values) && of(values) ? readWindowsObject(values, event, context) : miss,
    )
  }
  // The channel tells before anything is read, so that four of five parsers do not read at all.
  const channel = looksLikeEventXml(source) ? (/<Channel>([^<]{0,256})/.exec(source)?.[1] ?? '') : undefined
  return channel !== undefined && datasetOf(channel.toLowerCase()) === dataset
    ? readWindowsXml(source, event, context)
    : miss
}

/** One parser for each dataset. */
export const windows: readonly Parser[] = windowsDatasets.map((dataset) => ({
  format: dataset,
  parse: (source, event, context) => read(source, event, context, dataset),
}))
