// What can the HTTP collector answer but 202? One table: code, status, message, what the sender should do.

interface HttpErrorSpec {
  readonly status: number
  /** Sentence with {placeholders}. */
  readonly message: string
  readonly action: string
}

export const httpErrors = {
  REQUEST_INVALID: {
    status: 400,
    message: 'The request cannot be read: {detail}.',
    action: 'Send POST /v1/events/{source} as HTTP/1.1 with a body.',
  },
  REQUEST_CUT: {
    status: 400,
    message: 'The connection ended before the body was complete; nothing was written.',
    action: 'Send the request again.',
  },
  BODY_BROKEN: {
    status: 400,
    message: 'The body is not a complete {encoding} stream; nothing was written.',
    action: 'Compress the whole body once and send it again.',
  },
  JSON_INVALID: {
    status: 400,
    message: 'Line {line}, column {column}: {detail}; nothing was written.',
    action: 'Correct that line and send the whole request again.',
  },
  JSON_TOO_DEEP: {
    status: 400,
    message: 'Line {line}, column {column}: more than {limit} levels of nesting; nothing was written.',
    action: 'Leave that event out, or send it as text/plain.',
  },
  FORMAT_UNKNOWN: {
    status: 400,
    message: 'There is no format {format}.',
    action: 'Use one of {known}, or leave ?format= out.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    message: 'The Idempotency-Key is not 1 to 255 printable ASCII characters.',
    action: 'Send a UUID, a new one for each body.',
  },
  KEY_MISSING: {
    status: 401,
    message: 'No API key was sent.',
    action: 'Send it as "Authorization: Bearer <key>". Make one with: siaga keys create --source <source>',
  },
  KEY_REFUSED: {
    status: 401,
    message: 'The API key is unknown or was revoked.',
    action: 'Check the key. Make a new one with: siaga keys create --source <source>',
  },
  KEY_OF_ANOTHER_SOURCE: {
    status: 403,
    message: 'This API key is not for the source {source}.',
    action: 'Use a key of that source, or send to the source of the key.',
  },
  LOOPBACK_ONLY: {
    status: 403,
    message: 'The source {source} takes events from this machine only.',
    action: 'Send from the machine that runs Siaga, or add a source of your own to siaga.yaml.',
  },
  SOURCE_UNKNOWN: {
    status: 404,
    message: 'There is no source {source}.',
    action: 'Add it to siaga.yaml and start Siaga again, or correct the address.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    message: 'Events are sent with POST.',
    action: 'Send POST /v1/events/{source}.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 409,
    message: 'This Idempotency-Key came with another body within the last ten minutes; nothing was written.',
    action: 'Send a new Idempotency-Key with each new body.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    message: 'The body is larger than {limit} bytes; nothing was written.',
    action: 'Send fewer events in a request, or compress them.',
  },
  DECOMPRESSED_TOO_LARGE: {
    status: 413,
    message: 'The body is larger than {limit} bytes after decompression; nothing was written.',
    action: 'Send fewer events in a request.',
  },
  TOO_MANY_EVENTS: {
    status: 413,
    message: 'The body holds more than {limit} events; nothing was written.',
    action: 'Send fewer events in a request.',
  },
  LINE_TOO_LONG: {
    status: 413,
    message: 'Line {line} holds an event of more than {limit} bytes; nothing was written.',
    action: 'Leave that event out or shorten it, and send the rest again.',
  },
  CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    message: 'The Content-Type {type} is not understood.',
    action: 'Use text/plain (a line an event), application/x-ndjson, or application/json (an object or an array).',
  },
  CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    message: 'The Content-Encoding {encoding} is not understood.',
    action: 'Use gzip, br, zstd or none.',
  },
  RATE_LIMITED: {
    status: 429,
    message: 'This key sends more than {rate} events a second; nothing was written.',
    action: 'Send the request again after the seconds in Retry-After.',
  },
  BUSY: {
    status: 503,
    message: 'Too many bodies are being received or written; nothing of this one was written.',
    action: 'Send the request again after the seconds in Retry-After.',
  },
  KAFKA_UNAVAILABLE: {
    status: 503,
    message: 'Kafka has not confirmed the events yet; they may still be written.',
    action: 'Send the same request again after the seconds in Retry-After; with an Idempotency-Key it is written once.',
  },
  INTERNAL: {
    status: 500,
    message: 'Something failed inside Siaga; the events may not have been written.',
    action: 'Send the request again; if it goes on, tell the operator to read the log.',
  },
} as const satisfies Record<string, HttpErrorSpec>

export type HttpErrorCode = keyof typeof httpErrors

/** What stands in the body of every answer but 202. */
export interface HttpErrorBody {
  error: HttpErrorCode
  message: string
  action: string
  /** Line of the body, from 1, that the request was refused for. */
  line?: number
}

/** A request refused: a code of the table and its parameters. `retryAfter` in seconds. */
export class HttpError extends Error {
  readonly code: HttpErrorCode
  readonly status: number
  readonly body: HttpErrorBody
  readonly retryAfter: number | undefined

  constructor(code: HttpErrorCode, params: Record<string, string | number> = {}, retryAfter?: number) {
    const spec: HttpErrorSpec = httpErrors[code]
    const message = fill(spec.message, params)
    super(message)
    this.name = 'HttpError'
    this.code = code
    this.status = spec.status
    this.retryAfter = retryAfter
    this.body = { error: code, message, action: fill(spec.action, params) }
    if (typeof params.line === 'number') this.body.line = params.line
  }
}

function fill(template: string, params: Record<string, string | number>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole).slice(0, 200))
}
