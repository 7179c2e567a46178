// When is each site probed, and where does what was seen go? Rounds by the clock, spread and bounded; each result sealed, written and counted.
import { setTimeout as sleep } from 'node:timers/promises'
import pLimit from 'p-limit'
import { errorText } from '../../runtime/errors.ts'
import { createGuard, type Guard } from '../../runtime/guard/fetch.ts'
import { startScheduler } from '../../runtime/scheduler.ts'
import type { Asset } from '../../schemas/config.ts'
import type { ProbeRecord } from '../../schemas/probe.ts'
import { PROBE_FORMAT } from '../../schemas/raw-event.ts'
import type { Room } from '../../schemas/room.ts'
import type { Probes } from '../../schemas/watch.ts'
import type { Collector, CollectorDependencies, Unsealed } from '../collector.ts'
import { type Baselines, createBaselines } from './baseline.ts'
import { createHostGate, type HostGate } from './gate.ts'
import { emptyKnown } from './known.ts'
import { type ObserveOptions, observe, type WeakMemory } from './observe.ts'
import { payloadOf, recordsOf } from './records.ts'
import { assetTargets, roomTargets, type Target } from './target.ts'
import { createWatchlist } from './watchlist.ts'

export interface ProbeOptions {
  readonly dataDir: string
  /** Version of Siaga, said in its agent string. */
  readonly version?: string
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number
  /** 0 to 1: where in the jitter a probe begins. */
  readonly random?: () => number
  /** Certificate authorities in place of the system's, PEM. */
  readonly ca?: string | readonly string[]
  readonly guard?: Guard
}

/** What may be probed: assets of the configuration, and rooms with the domains that the centre has verified. */
export interface Watched {
  readonly assets: readonly Pick<Asset, 'id' | 'url' | 'hosts'>[]
  readonly rooms: readonly Pick<Room, 'id' | 'domains'>[]
}

export interface ProbeCollector extends Collector {
  /** One round at once, without jitter; one that is still running is joined and not started twice. */
  round(): Promise<void>
  /** Probes an asset at once; false if it is not probed. A probe of it that is under way is joined. */
  look(asset: string): Promise<boolean>
}

/** How long `stop` waits for what is being written. */
const STOP_MS = 2_000

/** Probes assets and what rooms have listed, by the clock. The list of a room is read anew in each round. */
export function startProbes(
  settings: Probes,
  watched: Watched,
  deps: CollectorDependencies,
  options: ProbeOptions,
): ProbeCollector {
  const { now = Date.now, random = Math.random } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const baselines = createBaselines(options.dataDir)
  const observing = observeOptions(settings, options, signal)
  const limit = pLimit(settings.concurrency)
  /** The round that runs; every target is in it once. */
  let running: Promise<void> | undefined
  /** Targets that are being probed, by key: no two probes of one at a time. */
  const underWay = new Map<string, Promise<void>>()

  async function probe(target: Target, delayMs: number): Promise<void> {
    try {
      if (delayMs > 0) await sleep(delayMs, undefined, { signal, ref: false })
      await limit(async () => {
        signal.throwIfAborted()
        const probing =
          underWay.get(target.key) ??
          probeAndWrite(target, settings, baselines, observing, deps, now).finally(() => underWay.delete(target.key))
        underWay.set(target.key, probing)
        await probing
      })
    } catch (error) {
      // What was broken off says nothing of the site.
      if (!signal.aborted)
        deps.log.warn({ target: target.key, error: errorText(error) }, 'a probe failed and comes again')
    }
  }

  async function probeAll(jitterMs: number): Promise<void> {
    const targets = await targetsOf(watched, options.dataDir)
    await baselines.prune(
      watched.rooms.map(({ id }) => id),
      new Set(targets.map(({ key }) => key)),
    )
    await Promise.all(targets.map((target) => probe(target, Math.floor(random() * jitterMs))))
  }

  function round(jitterMs: number): Promise<void> {
    running ??= probeAll(jitterMs).finally(() => {
      running = undefined
    })
    return running
  }

  const endSchedule = startScheduler(
    [{ name: 'probes', when: settings.when, run: () => round(settings.jitter_seconds * 1000) }],
    deps.log,
  )
  return {
    name: 'Probes',
    addresses: [settings.when],
    round: () => round(0),
    async look(asset) {
      const target = assetTargets(watched.assets).find(({ key }) => key === asset)
      if (target === undefined) return false
      await probe(target, 0)
      return true
    },
    async stop() {
      stopping.abort()
      await endSchedule()
      await Promise.race([running?.catch(() => undefined), sleep(STOP_MS, undefined, { ref: false })])
    },
  }
}

/** Assets with a web address, and what rooms list beneath the domains that they have today. */
export async function targetsOf({ assets, rooms }: Watched, dataDir: string): Promise<Target[]> {
  const watchlist = createWatchlist(dataDir)
  const listed = await Promise.all(rooms.map(async (room) => roomTargets(room, await watchlist.read(room.id))))
  // Each once: no two probes of one target run at a time, and one file is what is known of it.
  return [...new Map([...assetTargets(assets), ...listed.flat()].map((target) => [target.key, target])).values()]
}

/**
 * One probe, told and not written: its records, with what differs from what is known of the target. What is known is not changed. For an
 * address that is no asset: `assetTargets([{ id: '', url, hosts: [] }])`.
 */
export async function probeOnce(
  target: Target,
  settings: Probes,
  options: Omit<ProbeOptions, 'dataDir' | 'random'> & { readonly dataDir?: string; readonly signal?: AbortSignal },
): Promise<ProbeRecord[]> {
  const { now = Date.now, dataDir, signal = new AbortController().signal } = options
  const seen = await observe(target, observeOptions(settings, options, signal))
  const known = dataDir === undefined ? emptyKnown(target.url) : await createBaselines(dataDir).load(target)
  return recordsOf(target, seen, known, now(), settings).records
}

function observeOptions(
  settings: Probes,
  { version = '', now = Date.now, ca, guard }: Omit<ProbeOptions, 'dataDir'>,
  signal: AbortSignal,
): ObserveOptions {
  const gate: HostGate = createHostGate(settings.host_interval_ms)
  const weak: WeakMemory = new Map()
  return {
    guard: guard ?? createGuard({ allowPrivate: settings.allow_private, resolvers: settings.resolvers }),
    gate,
    settings,
    version,
    now,
    signal,
    weak,
    ...(ca === undefined ? {} : { ca }),
  }
}

async function probeAndWrite(
  target: Target,
  settings: Probes,
  baselines: Baselines,
  observing: ObserveOptions,
  { writer, seal, metrics, log }: CollectorDependencies,
  now: () => number,
): Promise<void> {
  const seen = await observe(target, observing)
  const at = now()
  const { records, known } = recordsOf(target, seen, await baselines.load(target), at, settings)
  // Before it is written: what waits to be usual is told again by the next probe, so that nothing is missed if this one is lost.
  await baselines.save(target, known)
  const events = records.map(
    (record): Unsealed => ({
      source: target.source,
      format: PROBE_FORMAT,
      receivedAt: at,
      peer: '',
      id: '',
      key: target.key,
      payload: payloadOf(record),
    }),
  )
  const bytes = events.reduce((sum, { payload }) => sum + payload.length, 0)
  metrics.received(target.source, events.length, bytes)
  try {
    await writer.write(seal(events))
  } catch (error) {
    // Nobody sends it again; the next round looks again.
    metrics.lost('probe_unwritten', events.length)
    log.warn({ target: target.key, error: errorText(error) }, 'what a probe saw could not be written')
    return
  }
  metrics.accepted(target.source, events.length)
}
