// What does an ExportLogsServiceRequest say in JSON? The protobuf's names in camelCase, 64 bits as text, ids in hex (OTLP, "JSON Protobuf Encoding").
import { HttpError } from '../http/errors.ts'
import type { JsonWalker } from '../wire/walk.ts'
import {
  doubleOf,
  emptyRecord,
  groupText,
  integerOf,
  type Json,
  type LogGroup,
  type LogRecord,
  MAX_VALUE_DEPTH,
} from './record.ts'

type Values = Readonly<Record<string, unknown>>

/** Reads the records one after the other. */
export function* readJson(walker: JsonWalker): Generator<[LogRecord, LogGroup]> {
  for (const name of walker.members()) {
    if (name !== 'resourceLogs') continue
    for (const _ of walker.elements()) yield* readResourceLogs(walker)
  }
  walker.finish()
}

function* readResourceLogs(walker: JsonWalker): Generator<[LogRecord, LogGroup]> {
  let resource: string | undefined
  for (const name of walker.members()) {
    if (name === 'resource') resource = resourceOf(walker.parse())
    else if (name === 'scopeLogs') {
      resource ??= resourceOf(walker.ahead('resource'))
      for (const _ of walker.elements()) yield* readScopeLogs(walker, resource)
    }
  }
}

function* readScopeLogs(walker: JsonWalker, resource: string): Generator<[LogRecord, LogGroup]> {
  let scope: string | undefined
  for (const name of walker.members()) {
    if (name === 'scope') scope = scopeOf(membersOf(walker.parse()))
    else if (name === 'logRecords') {
      scope ??= scopeOf(membersOf(walker.ahead('scope')))
      for (const _ of walker.elements()) yield [recordOf(membersOf(walker.parse())), { resource, scope }]
    }
  }
}

function resourceOf(value: unknown): string {
  return groupText(attributesOf(membersOf(value).attributes, 0))
}

function scopeOf({ name, version, attributes }: Values): string {
  const all = attributesOf(attributes, 0)
  return groupText({
    ...(textOf(name) !== '' && { name: textOf(name) }),
    ...(textOf(version) !== '' && { version: textOf(version) }),
    ...(Object.keys(all).length > 0 && { attributes: all }),
  })
}

function recordOf(values: Values): LogRecord {
  return {
    ...emptyRecord(),
    timeUnixNano: textOf(values.timeUnixNano),
    observedTimeUnixNano: textOf(values.observedTimeUnixNano),
    severityNumber: Number(textOf(values.severityNumber)) || 0,
    severityText: textOf(values.severityText),
    eventName: textOf(values.eventName),
    body: values.body === undefined ? null : jsonOf(values.body, 0),
    attributes: attributesOf(values.attributes, 0),
    traceId: textOf(values.traceId),
    spanId: textOf(values.spanId),
  }
}

function attributesOf(list: unknown, depth: number): { [name: string]: Json } {
  if (!Array.isArray(list)) return {}
  return Object.fromEntries(
    list.map((pair: unknown) => {
      const { key, value } = membersOf(pair)
      return [textOf(key), jsonOf(value, depth)]
    }),
  )
}

function jsonOf(value: unknown, depth: number): Json {
  if (depth > MAX_VALUE_DEPTH) throw new HttpError('JSON_TOO_DEEP', { line: 1, column: 1, limit: MAX_VALUE_DEPTH })
  const [[kind, content] = []] = Object.entries(membersOf(value))
  switch (kind) {
    case 'stringValue':
    case 'bytesValue':
      return textOf(content)
    case 'boolValue':
      return content === true || content === 'true'
    case 'intValue':
      return /^-?\d{1,20}$/.test(textOf(content)) ? integerOf(BigInt(textOf(content))) : textOf(content)
    case 'doubleValue':
      return typeof content === 'number' ? doubleOf(content) : textOf(content)
    case 'arrayValue': {
      const { values } = membersOf(content)
      return Array.isArray(values) ? values.map((item: unknown) => jsonOf(item, depth + 1)) : []
    }
    case 'kvlistValue':
      return attributesOf(membersOf(content).values, depth + 1)
    default:
      return null
  }
}

function membersOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
