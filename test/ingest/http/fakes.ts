// A collector's surroundings in memory: a writer that can be slow or fail, counters, a directory of sources.

import type { CollectorDependencies, CollectorMetrics, RawWriter, SourceRef } from '../../../ingest/collector.ts'
import { createSeal } from '../../../ingest/seal.ts'
import { SiagaError } from '../../../runtime/errors.ts'
import { silentLog } from '../../../runtime/log.ts'
import type { RawEvent } from '../../../schemas/raw-event.ts'

/** A writer that keeps what it is given; `gate` and `failures` hold it up. */
class FakeWriter implements RawWriter {
  readonly events: RawEvent[] = []
  writes = 0
  /** So many of the next writes fail. */
  failures = 0
  keep = true
  count = 0
  private waiting: Promise<void> | undefined
  private open: (() => void) | undefined

  async write(events: RawEvent[]): Promise<void> {
    this.writes++
    if (this.waiting !== undefined) await this.waiting
    else await new Promise((resolve) => setImmediate(resolve))
    if (this.failures > 0) {
      this.failures--
      throw new SiagaError('KAFKA_UNAVAILABLE', { detail: 'test' })
    }
    this.count += events.length
    if (this.keep) this.events.push(...events)
  }

  /** No write ends until the gate is opened. */
  closeGate(): void {
    this.waiting ??= new Promise((resolve) => {
      this.open = resolve
    })
  }

  openGate(): void {
    this.open?.()
    this.waiting = undefined
  }

  get texts(): string[] {
    return this.events.map(({ value }) => value.toString())
  }
}

class FakeMetrics implements CollectorMetrics {
  readonly counts = { received: 0, accepted: 0, refused: 0, lost: 0 }
  readonly reasons: Record<string, number> = {}
  readonly answers: string[] = []
  joinedLines = 0
  received(_source: string, n: number): void {
    this.counts.received += n
  }
  joined(_source: string, n: number): void {
    this.joinedLines += n
  }
  accepted(_source: string, n: number): void {
    this.counts.accepted += n
  }
  refused(reason: string, n: number): void {
    this.counts.refused += n
    this.reasons[reason] = (this.reasons[reason] ?? 0) + n
  }
  lost(reason: string, n: number): void {
    this.counts.lost += n
    this.reasons[reason] = (this.reasons[reason] ?? 0) + n
  }
  answered(protocol: string, status: number): void {
    this.answers.push(`${protocol} ${status}`)
  }
}

const testSeal = createSeal({ hashKey: Buffer.alloc(32, 1), tokenKey: Buffer.alloc(32, 2) })

export function fakeDependencies(refs: SourceRef[] = []) {
  const writer = new FakeWriter()
  const metrics = new FakeMetrics()
  const deps: CollectorDependencies = {
    writer,
    metrics,
    seal: testSeal,
    log: silentLog,
    sources: {
      byPeer: () => undefined,
      byCertificate: () => undefined,
      byId: (id) => refs.find((ref) => ref.id === id),
      unknownPeer: { id: 'unknown-peer', format: '' },
    },
  }
  return { deps, writer, metrics }
}
