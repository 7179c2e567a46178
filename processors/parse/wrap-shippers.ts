// How do shippers wrap the lines that they carry? Documents of Filebeat, Fluent Bit, Logstash, rsyslog and journald; records of HEC, OTLP and Loki.
import type { Event } from '../../schemas/event.ts'
import { readEcs } from './json/ecs.ts'
import { asNumber, asText, isObject, type JsonObject } from './json/json-guard.ts'
import type { ParseContext } from './parser.ts'
import { put, putJson } from './values/fields.ts'
import { anyTime, setTime } from './values/time.ts'
import { trimEnd } from './values/trim.ts'
import type { ObjectWrapper } from './wrap.ts'

const none: JsonObject = {}

function inner(value: unknown): JsonObject {
  return isObject(value) ? value : none
}

/** The first of these that says something. */
function first(...values: unknown[]): string {
  for (const value of values) {
    const text = asText(value)
    if (text !== '') return text
  }
  return ''
}

function setAnyTime(event: Event, value: unknown, context: ParseContext): void {
  const ms = anyTime(value, context)
  if (ms !== 0) setTime(event, ms)
}

/** Nanoseconds since 1970 in digits. */
function setNanos(event: Event, value: unknown): boolean {
  const digits = asText(value)
  if (!/^\d{16,20}$/.test(digits)) return false
  setTime(event, Number(digits.slice(0, -6)))
  return true
}

/** Keeps the members under their own names, but for those that are said elsewhere. */
function keep(event: Event, values: JsonObject, ...left: readonly string[]): void {
  for (const name in values) if (!left.includes(name)) putJson(event, name, values[name])
}

/** The line as syslog would have it, so that it is read by what is known of the program that wrote it. */
function withTag(program: string, pid: string, message: string): string {
  if (!/^[\w./-]{1,64}$/.test(program)) return message
  return `${program}[${/^\d{1,10}$/.test(pid) ? pid : '0'}]: ${message}`
}

function setLevel(event: Event, level: string): void {
  if (level !== '' && level.length <= 32) event.log_level = level.toLowerCase()
}

/**
 * `{"@timestamp","message","agent":{"type":"filebeat"},"host":{"name"},"log":{"file":{"path"}}}`. A document whose module has already said
 * what happened is read as ECS.
 */
const filebeat: ObjectWrapper = {
  is: ({ message, agent, event, source }) =>
    typeof message === 'string' &&
    asText(inner(agent).type) === 'filebeat' &&
    !isObject(source) &&
    inner(event).action === undefined &&
    inner(event).category === undefined,
  open(values, event, context) {
    setAnyTime(event, values['@timestamp'], context)
    const { agent, host, process, syslog, log } = values
    event.host_name = first(inner(host).name, inner(host).hostname, inner(agent).name)
    keep(event, values, '@timestamp', '@metadata', 'message', 'agent', 'ecs', 'host')
    const program = first(inner(syslog).identifier, inner(inner(log).syslog).appname, inner(process).name)
    return withTag(program, first(inner(process).pid, inner(syslog).pid), asText(values.message))
  },
}

/** `{"@timestamp" or "date","log","stream","kubernetes":{"pod_name","host"}}` of Fluent Bit and Fluentd. */
const fluent: ObjectWrapper = {
  is: ({ log, date, kubernetes, '@timestamp': at }) =>
    typeof log === 'string' && (at !== undefined || date !== undefined || isObject(kubernetes)),
  open(values, event, context) {
    setAnyTime(event, first(values.time, values['@timestamp'], values.date), context)
    const { kubernetes, host, hostname } = values
    event.host_name = first(inner(kubernetes).host, host, hostname)
    keep(event, values, '@timestamp', 'date', 'time', 'log', 'host', 'hostname', 'stream')
    put(event, 'container.log.stream', asText(values.stream))
    return trimEnd(asText(values.log), '\r\n')
  },
}

/** `{"@timestamp","@version":"1","message","host","path"}` */
const logstash: ObjectWrapper = {
  is: ({ message, '@version': version, '@timestamp': at }) =>
    typeof message === 'string' && asText(version) === '1' && at !== undefined,
  open(values, event, context) {
    setAnyTime(event, values['@timestamp'], context)
    const { host, event: about } = values
    event.host_name = first(host, inner(host).name, inner(host).hostname)
    keep(event, values, '@timestamp', '@version', '@metadata', 'message', 'host', 'event')
    return first(inner(about).original, values.message)
  },
}

/** What rsyslog's templates of JSON commonly name: `message` beside the tag or program, and a time. */
const rsyslog: ObjectWrapper = {
  is: ({ message, syslogtag, programname, timereported, timegenerated, '@timestamp': at }) =>
    typeof message === 'string' &&
    (typeof syslogtag === 'string' || typeof programname === 'string') &&
    (timereported !== undefined || timegenerated !== undefined || at !== undefined),
  open(values, event, context) {
    const { syslogtag, programname, procid } = values
    setAnyTime(event, first(values.timereported, values['@timestamp'], values.timegenerated), context)
    event.host_name = first(values.hostname, values.host, values.fromhost)
    keep(
      event,
      values,
      '@timestamp',
      'timereported',
      'timegenerated',
      'message',
      'syslogtag',
      'programname',
      'hostname',
      'host',
    )
    const [, program = '', pid = ''] = /^([^[\]:\s]+)(?:\[(\d+)\])?:?$/.exec(asText(syslogtag)) ?? []
    return withTag(first(program, programname), first(pid, procid), asText(values.message).trimStart())
  },
}

/** An entry of the journal, as `journalctl -o json` and the systemd inputs of Fluent Bit, Vector and Alloy write it (systemd.journal-fields). */
const journal: ObjectWrapper = {
  is: ({ MESSAGE, _HOSTNAME, _BOOT_ID, __REALTIME_TIMESTAMP }) =>
    typeof MESSAGE === 'string' && (_HOSTNAME ?? _BOOT_ID ?? __REALTIME_TIMESTAMP) !== undefined,
  open(values, event, context) {
    const micros = first(values._SOURCE_REALTIME_TIMESTAMP, values.__REALTIME_TIMESTAMP)
    if (!setNanos(event, `${micros}000`)) setAnyTime(event, first(values['@timestamp'], values.date), context)
    event.host_name = asText(values._HOSTNAME)
    put(event, 'systemd.unit', asText(values._SYSTEMD_UNIT))
    put(event, 'process.executable', asText(values._EXE))
    put(event, 'process.command_line', asText(values._CMDLINE))
    const program = first(values.SYSLOG_IDENTIFIER, values._COMM)
    return withTag(program, first(values.SYSLOG_PID, values._PID), asText(values.MESSAGE))
  },
}

/** Members that an event of Splunk's HEC may have. */
const hecMembers: ReadonlySet<string> = new Set(['event', 'time', 'host', 'source', 'sourcetype', 'index', 'fields'])

/** `{"event":"text" or {…},"time","host","source","sourcetype"}`. A program's own JSON may have an `event` and a `time`, too. */
const hec: ObjectWrapper = {
  is(values) {
    const { event, sourcetype, source, index, fields } = values
    for (const name in values) if (!hecMembers.has(name)) return false
    if (isObject(event)) return true
    return typeof event === 'string' && (event.includes(' ') || (sourcetype ?? source ?? index ?? fields) !== undefined)
  },
  open(values, event, context) {
    setAnyTime(event, values.time, context)
    event.host_name = asText(values.host)
    put(event, 'hec.sourcetype', asText(values.sourcetype))
    put(event, 'hec.source', asText(values.source))
    if (isObject(values.fields)) putJson(event, 'labels', values.fields)
    return typeof values.event === 'string' ? values.event : JSON.stringify(values.event)
  },
}

/** An entry of Loki, in the form that our collector gives it (ingest/loki/entries.ts). */
const loki: ObjectWrapper = {
  is: ({ loki: version, line }) => version === 1 && typeof line === 'string',
  open(values, event) {
    setNanos(event, values.timestamp)
    const labels = inner(values.labels)
    const metadata = inner(values.metadata)
    event.host_name = first(
      labels.host,
      labels.hostname,
      labels.host_name,
      labels.node_name,
      labels.instance,
      metadata.host_name,
    )
    setLevel(event, first(labels.level, labels.detected_level, metadata.level, metadata.detected_level))
    putJson(event, 'log.file.path', labels.filename)
    putJson(event, 'labels', labels)
    putJson(event, 'labels', metadata)
    return asText(values.line)
  },
}

/** Names of OpenTelemetry's semantic conventions, also former ones, that ECS has under another name. */
const ecsNames: Readonly<Record<string, string>> = {
  'client.address': 'client.ip',
  'net.peer.ip': 'client.ip',
  'network.peer.address': 'client.ip',
  'http.client_ip': 'client.ip',
  'server.address': 'url.domain',
  'enduser.id': 'user.name',
  'http.method': 'http.request.method',
  'http.status_code': 'http.response.status_code',
  'http.url': 'url.full',
  'http.target': 'url.original',
  'http.user_agent': 'user_agent.original',
}

/** A log record of OpenTelemetry, in the form that our collector gives it (ingest/otlp/record.ts). */
const otlp: ObjectWrapper = {
  is: ({ otlp: version }) => version === 1,
  open(values, event, context) {
    const resource = inner(values.resource)
    const attributes = Object.fromEntries(
      Object.entries(inner(values.attributes)).map(([name, value]) => [ecsNames[name] ?? name, value]),
    )
    const { body } = values
    const text = typeof body === 'string' ? body : isObject(body) ? JSON.stringify(body) : ''
    // What the record says of itself goes first: a line that is recognised knows better.
    if (text !== '') readEcs(attributes, event, context)
    event.host_name ||= asText(resource['host.name'])
    event.process_name ||= first(resource['process.executable.name'], resource['service.name'])
    event.process_pid ||= asNumber(resource['process.pid'], 0xffff_ffff)
    keep(event, resource, 'host.name', 'process.executable.name', 'process.pid')
    if (isObject(values.scope)) putJson(event, 'otel.scope', values.scope)
    put(event, 'trace.id', asText(values.traceId))
    put(event, 'span.id', asText(values.spanId))
    setLevel(event, first(values.severityText, levelOf(asNumber(values.severityNumber, 24))))
    const name = first(values.eventName, attributes['event.name'])
    if (name !== '' && event.event_action === '') event.event_action = name
    if (!setNanos(event, values.timeUnixNano)) setNanos(event, values.observedTimeUnixNano)
    return text === '' ? JSON.stringify({ 'ecs.version': 'otlp', 'event.action': name, ...attributes }) : text
  },
}

/** SeverityNumber: four numbers for each of six names (OpenTelemetry, "Logs Data Model"). */
function levelOf(severity: number): string {
  return severity === 0
    ? ''
    : (['trace', 'debug', 'info', 'warn', 'error', 'fatal'][Math.floor((severity - 1) / 4)] ?? '')
}

/** The surest first. */
export const shipperWrappers: readonly ObjectWrapper[] = [otlp, loki, filebeat, journal, fluent, logstash, rsyslog, hec]
