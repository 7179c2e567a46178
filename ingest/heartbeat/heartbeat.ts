// Does this collector process live? A small record every few seconds through the same way as events: what it listens with, and whom it has just heard.
import { randomBytes } from 'node:crypto'
import { errorText } from '../../runtime/errors.ts'
import { type Heartbeat, MAX_BEAT_SOURCES } from '../../schemas/heartbeat.ts'
import { HEARTBEAT_SOURCE } from '../../schemas/raw-event.ts'
import type { CollectorDependencies } from '../collector.ts'

export interface HeartbeatOptions {
  /** Name of the machine. */
  readonly host: string
  /** Tells processes of one machine apart and stays the same over a restart, such as `start-8080`. */
  readonly role: string
  /** Names of the collectors that run, asked at each record. */
  readonly kinds: () => readonly string[]
  readonly everyMs: number
  readonly now?: () => number
}

export interface HeartbeatWriter {
  /** To be called when events of a source were accepted. Cheap: it is on the way of every batch. */
  heard(source: string): void
  /** One record at once; the schedule goes on. Never rejects. */
  beat(): Promise<void>
  /** Says goodbye, for at most so many milliseconds: whoever does not say it has been stopped by something else. */
  stop(timeoutMs?: number): Promise<void>
}

/** Starts to write heartbeats from source `siaga-heartbeat`, the first one at once. One is on its way at a time, so that none piles up while Kafka is away. */
export function startHeartbeat(
  { writer, seal, log, metrics }: Pick<CollectorDependencies, 'writer' | 'seal' | 'log' | 'metrics'>,
  { host, role, kinds, everyMs, now = Date.now }: HeartbeatOptions,
): HeartbeatWriter {
  // Letters alone: a run of digits would look like a citizen's number to the seal.
  const run = [...randomBytes(12)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')
  const instance = `${host}/${role}`
  let heard = new Set<string>()
  let writing: Promise<void> | undefined
  let stopped = false

  async function write(action: Heartbeat['event.action']): Promise<void> {
    const told = [...heard].slice(0, MAX_BEAT_SOURCES)
    const before = heard
    heard = new Set([...before].slice(MAX_BEAT_SOURCES))
    const at = now()
    const record: Heartbeat = {
      '@timestamp': new Date(at).toISOString(),
      'event.kind': 'metric',
      'event.action': action,
      'host.name': host,
      'siaga.collector.instance': instance,
      'siaga.collector.run': run,
      'siaga.collector.kinds': [...kinds()],
      'siaga.collector.sources': told,
      message: `${action} of ${instance}`,
    }
    const payload = Buffer.from(JSON.stringify(record))
    const event = { source: HEARTBEAT_SOURCE, format: 'ecs', receivedAt: at, peer: '', id: '', key: instance, payload }
    metrics.received(HEARTBEAT_SOURCE, 1, payload.length)
    try {
      await writer.write(seal([event]))
      metrics.accepted(HEARTBEAT_SOURCE, 1)
    } catch (error) {
      for (const source of told) heard.add(source)
      metrics.lost('heartbeat_unwritten', 1)
      log.debug({ error: errorText(error) }, 'a heartbeat could not be written; the next one says it all')
    }
  }

  function beat(): Promise<void> {
    writing ??= write('heartbeat').finally(() => {
      writing = undefined
    })
    return writing
  }

  const timer = setInterval(() => void beat(), everyMs)
  timer.unref()
  void beat()
  return {
    heard(source) {
      if (source !== HEARTBEAT_SOURCE) heard.add(source)
    },
    beat,
    async stop(timeoutMs = 1_000) {
      if (stopped) return
      stopped = true
      clearInterval(timer)
      let limit: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        limit = setTimeout(resolve, timeoutMs)
      })
      await Promise.race([(writing ?? Promise.resolve()).then(() => write('goodbye')), late])
      clearTimeout(limit)
    },
  }
}
