// What does a collector write to Kafka? The payload as received, and what is known about it in headers.

/** Kafka topics. `siaga.raw` is written by collectors only. */
export const topics = {
  raw: 'siaga.raw',
  deadLetters: 'siaga.dlq',
  findings: 'siaga.findings',
  /** What correlations remember: compacted, written in transactions. */
  correlations: 'siaga.correlate',
  /** Alerts, cases, suppressions and messages under way as they stand: compacted, written in transactions. */
  alerts: 'siaga.alerts',
  /** Everything that happened to them, to be landed. */
  alertLog: 'siaga.alert-log',
  /** What people ask to be done about them. */
  alertRequests: 'siaga.alert-requests',
  /** Who holds which duty; see runtime/lease.ts. */
  leases: 'siaga.leases',
} as const

/** Where others produce the events of a source to; a collector relays them. */
export function relayTopic(source: string): string {
  return `siaga.in.${source}`
}

/** The one header of a message on `siaga.raw`: what is known about the payload, in fields divided by tabs. One is cheaper to read than seven. */
export const RAW_HEADER = 'siaga'

/** What travels beside the payload. */
export interface Envelope {
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
  /** Marks of the collector, divided by commas. */
  marks: string
}

/** The format of an envelope for one that siaga.yaml or a request names: `auto` is told by saying nothing. */
export const envelopeFormat = (format: string): string => (format === 'auto' ? '' : format)

/** The text of the header. No field holds a tab: ids, formats, addresses and marks are ours. */
export function encodeEnvelope({ source, format, receivedAt, peer, id, hash, marks }: Envelope): string {
  return `${source}\t${format}\t${receivedAt}\t${peer}\t${id}\t${hash}\t${marks}`
}

/** Reads the text of the header into `envelope`; fields that are missing are left empty, a missing time is NaN. */
export function decodeEnvelope(text: string, envelope: Envelope): void {
  // Ends of the fields; one that is missing ends where the text does.
  const source = fieldEnd(text, 0)
  const format = fieldEnd(text, source + 1)
  const time = fieldEnd(text, format + 1)
  const peer = fieldEnd(text, time + 1)
  const id = fieldEnd(text, peer + 1)
  const hash = fieldEnd(text, id + 1)
  envelope.source = text.slice(0, source)
  envelope.format = text.slice(source + 1, format)
  envelope.receivedAt = time > format + 1 ? Number(text.slice(format + 1, time)) : Number.NaN
  envelope.peer = text.slice(time + 1, peer)
  envelope.id = text.slice(peer + 1, id)
  envelope.hash = text.slice(id + 1, hash)
  envelope.marks = text.slice(hash + 1)
}

function fieldEnd(text: string, from: number): number {
  const tab = text.indexOf('\t', from)
  return tab < 0 ? text.length : tab
}

export function emptyEnvelope(): Envelope {
  return { source: '', format: '', receivedAt: 0, peer: '', id: '', hash: '', marks: '' }
}

/** The longest payload that travels whole: 512 KiB. HTTP refuses more (413); other ways in cut it and mark it `truncated`. */
export const MAX_PAYLOAD_BYTES = 512 * 1024

/** Source that holds what comes from peers that no source names. */
export const UNKNOWN_PEER_SOURCE = 'unknown-peer'

/** Source of the pipeline's own audit trail. */
export const AUDIT_SOURCE = 'siaga-audit'

/** Source of the heartbeats of collector processes; no sensor of anything. */
export const HEARTBEAT_SOURCE = 'siaga-heartbeat'

/** Format of what Operation Rooms report, and its dataset. No source can be set to it. */
export const REPORT_FORMAT = 'siaga.report'

/** Sources of what Siaga itself sees from outside: probes, look-alike domains, certificate logs. */
export const PROBE_SOURCE = 'siaga-probe'
export const LOOKALIKE_SOURCE = 'siaga-lookalike'
export const CERTIFICATE_SOURCE = 'siaga-certificate'

/** Formats of their records, and their datasets. No source can be set to them. */
export const PROBE_FORMAT = 'siaga.probe'
export const LOOKALIKE_FORMAT = 'siaga.lookalike'
export const CERTIFICATE_FORMAT = 'siaga.certificate'

/** Formats that only Siaga's own collectors write; what they say of their asset is believed. */
export const ownFormats = [REPORT_FORMAT, PROBE_FORMAT, LOOKALIKE_FORMAT, CERTIFICATE_FORMAT] as const

/** Source for first steps: any format, loopback only. */
export const DEMO_SOURCE = 'demo'

/** Marks that a collector may put on an event; they become `tags`. `partial`: a part of an event whose lines are more than one event can hold. */
export type CollectorMark = 'truncated' | 'unknown_peer' | 'invalid_utf8' | 'tokenised' | 'partial'

/** One event on its way to `siaga.raw`. */
export interface RawEvent extends Omit<Envelope, 'marks'> {
  marks: CollectorMark[]
  /** Kafka key: request, connection or file. Never empty. */
  key: string
  /** Payload with citizens' identifiers already replaced. */
  value: Buffer
}
