// What do all collectors share? The writer they hand events to, the seal, and what they must count.
import type { Log } from '../runtime/log.ts'
import type { CollectorMark, RawEvent } from '../schemas/raw-event.ts'

/** Hands events to Kafka. */
export interface RawWriter {
  /**
   * Resolves when all events are acknowledged with acks=all. The writer itself keeps trying for minutes; it rejects with
   * KAFKA_UNAVAILABLE only when it has given up.
   */
  write(events: RawEvent[]): Promise<void>
}

/** An event as it came from the wire. */
export interface Unsealed {
  source: string
  format: string
  /** Milliseconds since 1970 UTC. */
  receivedAt: number
  peer: string
  /** Empty: the seal makes one. */
  id: string
  key: string
  payload: Buffer
  marks?: CollectorMark[]
}

/** Replaces citizens' identifiers by tokens, cuts over-long payloads (marked `truncated`), hashes the original. */
export type Seal = (events: Unsealed[]) => RawEvent[]

/** A running collector. */
export interface Collector {
  readonly name: string
  /** Where it listens, for people. */
  readonly addresses: string[]
  stop(): Promise<void>
}

/** The counters that every collector keeps: received = accepted + refused + lost, once nothing is in flight. */
export interface CollectorMetrics {
  received(source: string, events: number, bytes: number): void
  /** Lines that went into the event of a line before them: lines = received + joined. */
  joined(source: string, lines: number): void
  /** After the acknowledgement, never before. */
  accepted(source: string, events: number): void
  refused(reason: string, events: number): void
  lost(reason: string, events: number): void
  /** A request of a shipper was answered with this HTTP status. */
  answered(protocol: string, status: number): void
}

export interface SourceRef {
  id: string
  format: string
  loopbackOnly?: boolean
}

/** Which source does a peer belong to? */
export interface SourceDirectory {
  byPeer(address: string): SourceRef | undefined
  byCertificate(names: string[]): SourceRef | undefined
  byId(id: string): SourceRef | undefined
  readonly unknownPeer: SourceRef
}

export interface CollectorDependencies {
  writer: RawWriter
  seal: Seal
  log: Log
  metrics: CollectorMetrics
  sources: SourceDirectory
}
