// What does an ExportLogsServiceRequest say in protobuf? Resource, scope, record by record (opentelemetry-proto, logs/v1 and common/v1).
import { HttpError } from '../http/errors.ts'
import type { ProtobufReader } from '../wire/protobuf.ts'
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

type Attributes = [name: string, value: Json][]

/** Reads the records one after the other. */
export function* readProtobuf(request: ProtobufReader): Generator<[LogRecord, LogGroup]> {
  while (request.next()) if (request.field === 1) yield* readResourceLogs(request)
}

/** Goes through twice: what is said of all records may stand behind them. */
function* readResourceLogs(request: ProtobufReader): Generator<[LogRecord, LogGroup]> {
  const attributes: Attributes = []
  for (const logs = request.message(); logs.next(); ) {
    if (logs.field !== 1) continue
    for (const resource = logs.message(); resource.next(); )
      if (resource.field === 1) attributes.push(readPair(resource, 0))
  }
  const resource = groupText(Object.fromEntries(attributes))
  for (const logs = request.message(); logs.next(); ) if (logs.field === 2) yield* readScopeLogs(logs, resource)
}

function* readScopeLogs(logs: ProtobufReader, resource: string): Generator<[LogRecord, LogGroup]> {
  let scope = ''
  for (const parts = logs.message(); parts.next(); ) if (parts.field === 1) scope = readScope(parts.message())
  for (const parts = logs.message(); parts.next(); ) {
    if (parts.field === 2) yield [readRecord(parts.message()), { resource, scope }]
  }
}

function readScope(scope: ProtobufReader): string {
  const said: { [name: string]: Json } = {}
  const attributes: Attributes = []
  while (scope.next()) {
    if (scope.field === 1 && scope.text() !== '') said.name = scope.text()
    else if (scope.field === 2 && scope.text() !== '') said.version = scope.text()
    else if (scope.field === 3) attributes.push(readPair(scope, 0))
  }
  if (attributes.length > 0) said.attributes = Object.fromEntries(attributes)
  return groupText(said)
}

function readRecord(fields: ProtobufReader): LogRecord {
  const record = emptyRecord()
  const attributes: Attributes = []
  while (fields.next()) {
    switch (fields.field) {
      case 1:
        record.timeUnixNano = fields.fixed64().toString()
        break
      case 2:
        record.severityNumber = Number(fields.integer())
        break
      case 3:
        record.severityText = fields.text()
        break
      case 5:
        record.body = readValue(fields.message(), 0)
        break
      case 6:
        attributes.push(readPair(fields, 0))
        break
      case 9:
        record.traceId = fields.data().toString('hex')
        break
      case 10:
        record.spanId = fields.data().toString('hex')
        break
      case 11:
        record.observedTimeUnixNano = fields.fixed64().toString()
        break
      case 12:
        record.eventName = fields.text()
        break
      default:
    }
  }
  record.attributes = Object.fromEntries(attributes)
  return record
}

function readPair(at: ProtobufReader, depth: number): [string, Json] {
  let name = ''
  let value: Json = null
  for (const pair = at.message(); pair.next(); ) {
    if (pair.field === 1) name = pair.text()
    else if (pair.field === 2) value = readValue(pair.message(), depth)
  }
  return [name, value]
}

function readValue(value: ProtobufReader, depth: number): Json {
  if (depth > MAX_VALUE_DEPTH) throw new HttpError('JSON_TOO_DEEP', { line: 1, column: 1, limit: MAX_VALUE_DEPTH })
  let read: Json = null
  while (value.next()) {
    switch (value.field) {
      case 1:
        read = value.text()
        break
      case 2:
        read = value.integer() !== 0n
        break
      case 3:
        read = integerOf(value.integer())
        break
      case 4:
        read = doubleOf(value.double())
        break
      case 5: {
        const list: Json[] = []
        for (const items = value.message(); items.next(); )
          if (items.field === 1) list.push(readValue(items.message(), depth + 1))
        read = list
        break
      }
      case 6: {
        const pairs: Attributes = []
        for (const items = value.message(); items.next(); )
          if (items.field === 1) pairs.push(readPair(items, depth + 1))
        read = Object.fromEntries(pairs)
        break
      }
      case 7:
        read = value.data().toString('base64')
        break
      default:
    }
  }
  return read
}
