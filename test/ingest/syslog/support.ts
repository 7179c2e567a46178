// What do the tests of the stream collectors share? A writer that records, dependencies that count, and small clients.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { CollectorDependencies, RawWriter } from '../../../ingest/collector.ts'
import { createSourceDirectory } from '../../../ingest/peer.ts'
import { createSeal } from '../../../ingest/seal.ts'
import { SiagaError } from '../../../runtime/errors.ts'
import { silentLog } from '../../../runtime/log.ts'
import { Source } from '../../../schemas/config.ts'
import type { RawEvent } from '../../../schemas/raw-event.ts'

/** A writer that keeps what it is given and can be made slow or failing. */
class FakeWriter implements RawWriter {
  readonly events: RawEvent[] = []
  failing = false
  delayMs = 0
  /** While set, writes wait. */
  #gate: Promise<void> | undefined
  #open: () => void = () => {}
  attempts = 0

  async write(events: RawEvent[]): Promise<void> {
    this.attempts += 1
    if (this.#gate !== undefined) await this.#gate
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    if (this.failing) throw new SiagaError('KAFKA_UNAVAILABLE', { detail: 'test' })
    // A copy, for the payload may be a view of a chunk.
    for (const event of events) this.events.push({ ...event, value: Buffer.from(event.value) })
  }

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  release(): void {
    this.#gate = undefined
    this.#open()
  }

  get texts(): string[] {
    return this.events.map((event) => event.value.toString('latin1'))
  }
}

/** Counters of one test. */
class Counts {
  received = 0
  bytes = 0
  accepted = 0
  joined = 0
  readonly refused: Record<string, number> = {}
  readonly lost: Record<string, number> = {}
}

export interface TestDependencies extends CollectorDependencies {
  writer: FakeWriter
  counts: Counts
}

/** Dependencies whose sources are given as in siaga.yaml. */
export function testDependencies(
  sources: { id: string; networks?: string[]; certificates?: string[]; format?: string }[] = [],
): TestDependencies {
  const counts = new Counts()
  return {
    writer: new FakeWriter(),
    seal: createSeal({ hashKey: Buffer.alloc(32, 1), tokenKey: Buffer.alloc(32, 2) }),
    log: silentLog,
    counts,
    sources: createSourceDirectory(sources.map((source) => Source.parse(source))),
    metrics: {
      received: (_source, events, bytes) => {
        counts.received += events
        counts.bytes += bytes
      },
      joined: (_source, lines) => {
        counts.joined += lines
      },
      accepted: (_source, events) => {
        counts.accepted += events
      },
      refused: (reason, events) => {
        counts.refused[reason] = (counts.refused[reason] ?? 0) + events
      },
      lost: (reason, events) => {
        counts.lost[reason] = (counts.lost[reason] ?? 0) + events
      },
      answered: () => undefined,
    },
  }
}

/** Waits until it is true. */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The port of an address such as `tcp://127.0.0.1:5514`. */
export function portOf(addresses: string[], scheme: string): number {
  const address = addresses.find((candidate) => candidate.startsWith(`${scheme}:`)) ?? ''
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

/** An open TCP connection to this machine. */
export async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Sends and waits until the kernel has it. */
export function sendAll(socket: Socket, data: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => socket.write(data, (error) => (error ? reject(error) : resolve())))
}
