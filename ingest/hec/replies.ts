// Which numbers and texts does a Splunk HTTP Event Collector answer? One table (Splunk, "Troubleshoot HTTP Event Collector", possible error codes).
import type { HttpErrorCode } from '../http/errors.ts'

/** code → HTTP status and text. */
export const replies = {
  0: { status: 200, text: 'Success' },
  2: { status: 401, text: 'Token is required' },
  3: { status: 401, text: 'Invalid authorization' },
  4: { status: 403, text: 'Invalid token' },
  5: { status: 400, text: 'No data' },
  6: { status: 400, text: 'Invalid data format' },
  7: { status: 400, text: 'Incorrect index' },
  8: { status: 500, text: 'Internal server error' },
  9: { status: 503, text: 'Server is busy' },
  10: { status: 400, text: 'Data channel is missing' },
  11: { status: 400, text: 'Invalid data channel' },
  12: { status: 400, text: 'Event field is required' },
  13: { status: 400, text: 'Event field cannot be blank' },
  17: { status: 200, text: 'HEC is healthy' },
  27: { status: 413, text: 'Request entity too large' },
} as const

export type ReplyCode = keyof typeof replies

/** The code for a refusal; any other is an invalid data format. The HTTP status is that of the refusal where it says more. */
export const codeOf: Partial<Record<HttpErrorCode, ReplyCode>> = {
  KEY_MISSING: 2,
  KEY_REFUSED: 4,
  KEY_OF_ANOTHER_SOURCE: 7,
  LOOPBACK_ONLY: 4,
  SOURCE_UNKNOWN: 7,
  RATE_LIMITED: 9,
  BUSY: 9,
  KAFKA_UNAVAILABLE: 9,
  BODY_TOO_LARGE: 27,
  DECOMPRESSED_TOO_LARGE: 27,
  TOO_MANY_EVENTS: 27,
  LINE_TOO_LONG: 27,
  INTERNAL: 8,
}
