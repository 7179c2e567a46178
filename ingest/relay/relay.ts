// How do events get in that others produce to Kafka themselves? From siaga.in.<source>, tokenised and sealed, into siaga.raw.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '../../runtime/errors.ts'
import type { IncomingBatch, KafkaClient } from '../../runtime/kafka.ts'
import { keepConsuming } from '../../runtime/kafka-keep.ts'
import type { Source } from '../../schemas/config.ts'
import { relayTopic } from '../../schemas/raw-event.ts'
import type { Collector, CollectorDependencies, SourceRef, Unsealed } from '../collector.ts'
import { createSeenIds, type SeenIds } from '../seen.ts'
import { deleteRelayed, type Relayed } from './delete-relayed.ts'

/** Events sealed, written and committed at a time. */
const PIECE_EVENTS = 2000
const PIECE_BYTES = 1024 * 1024
const FETCH_BYTES = 1024 * 1024
const CONCURRENCY = 4
const STOP_MS = 2_000

export interface RelayOptions {
  readonly kafka: Pick<KafkaClient, 'consume' | 'connectAdmin'>
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  /** Told each time that what was relayed could not be deleted from the topic of this source. */
  readonly onKept?: (source: string) => void
  readonly deleteMs?: number
}

/** What the relay of one source goes by. */
interface Way extends Pick<Relayed, 'topic' | 'offsets'> {
  readonly source: SourceRef
  readonly seen: SeenIds
}

/** The group that remembers how far a source has been relayed. */
export function relayGroup(source: string): string {
  return `siaga-relay.${source}`
}

/**
 * Relays the topics of sources with `kafka: true`, each by a consumer of its own: one that cannot be read holds up no other. Source and
 * region come from the configuration, never from what a producer wrote into headers.
 */
export function startRelay(sources: readonly Source[], deps: CollectorDependencies, options: RelayOptions): Collector {
  const stopping = new AbortController()
  const relayed: Relayed[] = []
  const seen = createSeenIds(options.now ?? Date.now)
  const loops: Promise<void>[] = []
  for (const { id, kafka } of sources) {
    const source = kafka ? deps.sources.byId(id) : undefined
    if (source === undefined) continue
    const topic = relayTopic(id)
    const offsets = new Map<number, number>()
    relayed.push({ source: id, topic, groupId: relayGroup(id), offsets })
    loops.push(keepRelaying({ source, topic, offsets, seen }, deps, options, stopping.signal))
  }
  const { kafka, deleteMs, onKept = () => undefined } = options
  const deleting = deleteRelayed(relayed, { kafka, log: deps.log, stopping: stopping.signal, onKept, deleteMs })
  return {
    name: 'Kafka relay',
    addresses: relayed.map(({ topic }) => topic),
    async stop() {
      stopping.abort()
      await Promise.race([Promise.all([...loops, deleting]), sleep(STOP_MS, undefined, { ref: false })])
    },
  }
}

/** Runs a consumer, and a new one when it has died. */
function keepRelaying(
  way: Way,
  deps: CollectorDependencies,
  { kafka, now = Date.now }: RelayOptions,
  stopping: AbortSignal,
): Promise<void> {
  const { source, topic } = way
  const consumer = {
    groupId: relayGroup(source.id),
    topic,
    maxBytesPerPartition: FETCH_BYTES,
    concurrency: CONCURRENCY,
    onBatch: (batch: IncomingBatch) => relay(batch, way, deps, now),
    onAssignment: () => undefined,
  }
  return keepConsuming(kafka, consumer, {
    now,
    stopping,
    onDeath: (error, againInMs) =>
      deps.log.error({ topic, error: errorText(error), again_in_ms: againInMs }, 'a topic cannot be relayed for now'),
  })
}

/**
 * Relays a batch piece by piece: written, then committed. A piece whose commit failed, because Kafka was away or the partition moved, is read
 * again and known by its ids; whoever dies between the two relays it again under the same ids. A record batch that cannot be unpacked is left out and counted, for it would hold up everything behind it.
 */
async function relay(
  batch: IncomingBatch,
  { source, topic, offsets, seen }: Way,
  { writer, seal, metrics, log }: CollectorDependencies,
  now: () => number,
): Promise<void> {
  const { records, partition } = batch
  let piece: Unsealed[] = []
  let bytes = 0
  let repeats = 0
  const others = new Set<Promise<void>>()
  const hand = async (next: number): Promise<void> => {
    const events = piece.length
    if (repeats > 0) {
      metrics.received(source.id, repeats, 0)
      metrics.refused('idempotent_repeat', repeats)
      repeats = 0
    }
    // What is still on its way from before must have arrived before anything behind it is committed.
    await Promise.all(others)
    others.clear()
    if (events > 0) {
      metrics.received(source.id, events, bytes)
      try {
        const written = writer.write(seal(piece))
        seen.begin(
          piece.map(({ id }) => id),
          written,
        )
        await written
      } catch (error) {
        // The piece stays where it is and is read again.
        metrics.refused('KAFKA_UNAVAILABLE', events)
        throw error
      }
      metrics.accepted(source.id, events)
    }
    piece = []
    bytes = 0
    await batch.commit(next, '')
    batch.resolve(next - 1)
    offsets.set(partition, next)
    await batch.heartbeat()
  }
  for (;;) {
    try {
      if (!records.next()) break
    } catch (error) {
      metrics.received(source.id, 1, 0)
      metrics.refused('relay_unreadable', 1)
      log.error({ topic, partition, error: errorText(error) }, 'a batch of records cannot be unpacked and is left out')
      continue
    }
    const { offset, timestamp, value } = records
    if (value === null || value.length === 0) {
      metrics.received(source.id, 1, 0)
      metrics.refused('relay_empty', 1)
      continue
    }
    const id = `${source.id}.${partition}.${offset}.${timestamp.toString(36)}`
    const known = seen.look(id)
    if (known !== undefined) {
      repeats++
      if (known !== true) others.add(known)
      continue
    }
    // Copied: the memory of the batch is given back when the next one is read.
    const payload = Buffer.from(value)
    piece.push({ source: source.id, format: source.format, receivedAt: now(), peer: '', id, key: id, payload })
    bytes += payload.length
    if (piece.length >= PIECE_EVENTS || bytes >= PIECE_BYTES) await hand(offset + 1)
  }
  await hand(records.lastOffset + 1)
}
