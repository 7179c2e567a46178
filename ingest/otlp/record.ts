// What is the payload of a log record of OpenTelemetry? One JSON object of body, attributes and resource; the form is ours, and documented.

/** A value of JSON. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** What a log record says. Numbers of 64 bits that a JSON number cannot hold are texts; bytes are base64. */
export interface LogRecord {
  timeUnixNano: string
  observedTimeUnixNano: string
  severityNumber: number
  severityText: string
  eventName: string
  body: Json
  attributes: { [name: string]: Json }
  traceId: string
  spanId: string
}

/** What is said once for many records; JSON texts, empty if nothing is said. */
export interface LogGroup {
  resource: string
  scope: string
}

/** Deepest nesting of values: more is no log. */
export const MAX_VALUE_DEPTH = 32

export function emptyRecord(): LogRecord {
  return {
    timeUnixNano: '',
    observedTimeUnixNano: '',
    severityNumber: 0,
    severityText: '',
    eventName: '',
    body: null,
    attributes: {},
    traceId: '',
    spanId: '',
  }
}

/**
 * The payload. Its first member tells parsers what it is; what is not said is left out. A record that says nothing but a text is that
 * text.
 */
export function payloadOf(record: LogRecord, { resource, scope }: LogGroup): string {
  const said: Record<string, Json> = {}
  for (const name of [
    'timeUnixNano',
    'observedTimeUnixNano',
    'severityText',
    'eventName',
    'traceId',
    'spanId',
  ] as const)
    if (record[name] !== '' && record[name] !== '0') said[name] = record[name]
  if (record.severityNumber !== 0) said.severityNumber = record.severityNumber
  if (Object.keys(record.attributes).length > 0) said.attributes = record.attributes
  const { body } = record
  if (typeof body === 'string' && body !== '' && resource === '' && scope === '' && Object.keys(said).length === 0)
    return body
  const text = JSON.stringify({ otlp: 1, ...(body !== null && { body }), ...said })
  const around = `${resource === '' ? '' : `,"resource":${resource}`}${scope === '' ? '' : `,"scope":${scope}`}`
  return `${text.slice(0, -1)}${around}}`
}

/** The JSON text of a group's part; empty if it says nothing. */
export function groupText(values: { [name: string]: Json }): string {
  return Object.keys(values).length === 0 ? '' : JSON.stringify(values)
}

/** A number of 64 bits: as such if JSON holds it exactly, else its digits. */
export function integerOf(value: bigint): Json {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

/** A number of 64 bits with fraction; JSON has no NaN and no infinity. */
export function doubleOf(value: number): Json {
  return Number.isFinite(value) ? value : String(value)
}
