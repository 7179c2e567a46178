// What does a collector write to Kafka? The payload as received, and what is known about it in headers.

/** Kafka topics. `siaga.raw` is written by collectors only. */
export const topics = {
  raw: 'siaga.raw',
  deadLetters: 'siaga.dlq',
  findings: 'siaga.findings',
} as const

/** Header names of a message on `siaga.raw`; short, since they travel with every message. */
export const rawHeaders = {
  source: 'src',
  format: 'fmt',
  receivedAt: 'at',
  peer: 'peer',
  id: 'id',
  hash: 'hmac',
  marks: 'marks',
} as const

/** The longest payload that travels whole: 512 KiB. HTTP refuses more (413); other ways in cut it and mark it `truncated`. */
export const MAX_PAYLOAD_BYTES = 512 * 1024

/** Source that holds what comes from peers that no source names. */
export const UNKNOWN_PEER_SOURCE = 'unknown-peer'

/** Source of the pipeline's own audit trail. */
export const AUDIT_SOURCE = 'siaga-audit'

/** Source for first steps: any format, loopback only. */
export const DEMO_SOURCE = 'demo'

/** Marks that a collector may put on an event; they become `tags`. */
export type CollectorMark = 'truncated' | 'unknown_peer' | 'invalid_utf8' | 'tokenised'

/** One event on its way to `siaga.raw`. */
export interface RawEvent {
  /** Configured source id. */
  source: string
  /** Format to parse with; empty: recognise it. */
  format: string
  /** Milliseconds since 1970 UTC. */
  receivedAt: number
  /** Address of the sender, without port; empty if there is none (a file). */
  peer: string
  /** Unique id; the same again if the sender repeats the same event. */
  id: string
  /** Keyed hash (HMAC-SHA-256, base64url) of the payload before tokenisation. */
  hash: string
  marks: CollectorMark[]
  /** Kafka key: request, connection or file. Never empty. */
  key: string
  /** Payload with citizens' identifiers already replaced. */
  value: Buffer
}
