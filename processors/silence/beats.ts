// Which collector processes live, whom have they heard, and when did nothing land? Folded from their heartbeats, in any order, twice or once.

/** A heartbeat as it landed. Times are milliseconds since 1970 UTC. */
export interface Beat {
  readonly instance: string
  readonly run: string
  readonly host: string
  readonly kinds: readonly string[]
  readonly sources: readonly string[]
  /** When the collector wrote it, and when it landed. */
  readonly at: number
  readonly landed: number
  readonly goodbye: boolean
}

export interface Instance {
  readonly instance: string
  readonly host: string
  readonly run: string
  readonly kinds: readonly string[]
  /** First heartbeat since it was started or came back, and the last one. */
  readonly since: number
  readonly last: number
  /** When the last one landed: clocks of machines differ, and whoever lands lives. */
  readonly landed: number
  /** It said goodbye: somebody stopped it in order. */
  readonly goodbye: boolean
}

/** A time in which nothing landed. */
export interface Pause {
  readonly from: number
  readonly to: number
  /** Every collector process had said goodbye before it. */
  readonly orderly: boolean
}

/** Names of instances are ours, but a topic can be written to by mistake. */
const MAX_INSTANCES = 2_000
const MAX_PAUSES = 100
/** Instances that were last heard before this are forgotten, and what only they carried is judged without them. */
export const FORGET_MS = 24 * 3_600_000

export interface BeatBook {
  readonly instances: ReadonlyMap<string, Instance>
  readonly pauses: readonly Pause[]
  /** When the newest heartbeat landed; 0: none yet. */
  readonly landed: number
  /** Folds heartbeats in, oldest landing first. Those that were folded before change nothing. */
  fold(beats: readonly Beat[]): void
  /** Who has heard a source, and when last: instance → time. */
  carriers(source: string): ReadonlyMap<string, number>
  /** Forgets instances that were last heard a day before `now`. */
  prune(now: number): void
}

/** An empty book. `known`: sources that can be heard. Nothing landed for longer than `pauseMs` is a pause; an instance quiet for `stoppedMs` had stopped and came back. */
export function createBeatBook(
  known: ReadonlySet<string>,
  { pauseMs, stoppedMs }: { readonly pauseMs: number; readonly stoppedMs: number },
): BeatBook {
  const instances = new Map<string, Instance>()
  const heard = new Map<string, Map<string, number>>()
  const pauses: Pause[] = []
  let landed = 0

  function fold(beat: Beat): void {
    if (beat.landed > landed) {
      if (landed > 0 && beat.landed - landed > pauseMs) {
        pauses.push({
          from: landed,
          to: beat.landed,
          orderly: [...instances.values()].every(({ goodbye, last }) => goodbye || last < landed - FORGET_MS),
        })
        if (pauses.length > MAX_PAUSES) pauses.shift()
      }
      landed = beat.landed
    }
    const before = instances.get(beat.instance)
    if (before === undefined && instances.size >= MAX_INSTANCES) return
    if (before === undefined || beat.at >= before.last) {
      const { instance, host, run, kinds, at, goodbye } = beat
      // What comes after a goodbye of the same run was written before it.
      const over = before !== undefined && before.run === run && before.goodbye
      instances.set(instance, {
        instance,
        host,
        run,
        kinds,
        since: before?.run === run && at - before.last <= stoppedMs ? before.since : at,
        last: at,
        landed: Math.max(beat.landed, before?.landed ?? 0),
        goodbye: goodbye || over,
      })
    }
    for (const source of beat.sources) {
      if (!known.has(source)) continue
      const by = heard.get(source) ?? new Map<string, number>()
      by.set(beat.instance, Math.max(beat.at, by.get(beat.instance) ?? 0))
      heard.set(source, by)
    }
  }

  const nobody: ReadonlyMap<string, number> = new Map()
  return {
    instances,
    pauses,
    get landed() {
      return landed
    },
    fold(beats) {
      for (const beat of beats) fold(beat)
    },
    carriers: (source) => heard.get(source) ?? nobody,
    prune(now) {
      for (const [name, { last }] of instances) {
        if (now - last < FORGET_MS) continue
        instances.delete(name)
        for (const by of heard.values()) by.delete(name)
      }
    },
  }
}

/** Carriers that heard a source about as lately as the last one did. */
const TOGETHER_MS = 10 * 60_000

export interface Reach {
  /** `unknown`: nobody says that it carries the source; `away`: whoever did has stopped. */
  readonly kind: 'carried' | 'away' | 'unknown'
  /** Carried: up to which time a silence is the source's own. */
  readonly until: number
  /** Since when whoever carries it has been there; silence before is nobody's. */
  readonly since: number
  /** Away: who carried it. */
  readonly by: string
}

/** Whether a source could be heard: by the collectors that carried it last. An instance that says nothing for `stoppedMs` before `watermark` has stopped. */
export function reachOf(
  { instances, carriers }: Pick<BeatBook, 'instances' | 'carriers'>,
  source: string,
  watermark: number,
  stoppedMs: number,
): Reach {
  const all = [...carriers(source)].flatMap(([name, at]) => {
    const instance = instances.get(name)
    return instance === undefined ? [] : [{ instance, at }]
  })
  if (all.length === 0) return { kind: 'unknown', until: watermark, since: 0, by: '' }
  const latest = all.reduce((max, { at }) => Math.max(max, at), 0)
  const last = all.filter(({ at }) => at >= latest - TOGETHER_MS).map(({ instance }) => instance)
  const there = last.filter((instance) => !hasStopped(instance, watermark, stoppedMs))
  if (there.length === 0) {
    return { kind: 'away', until: 0, since: 0, by: last.map(({ instance }) => instance).join(', ') }
  }
  return {
    kind: 'carried',
    until: Math.min(watermark, ...there.map(({ last: beat }) => beat)),
    since: Math.max(...there.map(({ since }) => since)),
    by: '',
  }
}

/** True for one that said goodbye, or that has said nothing for too long. */
export function hasStopped(
  { goodbye, last, landed }: Pick<Instance, 'goodbye' | 'last' | 'landed'>,
  watermark: number,
  stoppedMs: number,
): boolean {
  return goodbye || watermark - Math.max(last, landed) > stoppedMs
}
