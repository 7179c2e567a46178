// How does a round of silence go? Up to when everything has arrived, who was heard, what state each source is in, and what of it has to be told.
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { Finding } from '../../schemas/detection.ts'
import { PROBE_SOURCE } from '../../schemas/raw-event.ts'
import { createBeatBook, FORGET_MS, hasStopped, type Reach, reachOf } from './beats.ts'
import { type Judged, type Over, overOf, type Places, tellCollectors, tellPipeline, tellSensors } from './decide.ts'
import { silenceRules, type Weights } from './finding.ts'
import { networkFinding } from './finding-siaga.ts'
import { isBusy, usualAt } from './judge.ts'
import { createRhythmBook } from './learning.ts'
import { everyMs, foldProbes, isNetworkGone, networkOf, type ProbedSite, probeLimit } from './probes.ts'
import { DAY_MS, type LocalCalendar, MINUTE_MS } from './rhythm.ts'
import {
  type KnownFinding,
  keepRound,
  keepStates,
  readBeats,
  readHeard,
  readKnown,
  readProbes,
  readStates,
} from './sql.ts'
import { byRhythm, judgeSensor, type Sensor, type SensorInput, type StateRow } from './states.ts'

export interface SilenceOptions {
  readonly clickhouse: ClickHouse
  /** What should be heard: sources of the configuration without built-in ones, and sites that are probed (kind `probe`). */
  readonly sensors: readonly Sensor[]
  /** Local calendar of the region of a source. */
  readonly calendar: (region: string) => LocalCalendar
  readonly places: Places
  readonly weights: Weights
  readonly settings: {
    readonly learnDays: number
    readonly floorMs: number
    readonly maxMs: number
    readonly stoppedMs: number
    readonly pauseMs: number
    readonly reconnectMs: number
  }
  /** Partitions of siaga.raw with messages that have not landed. */
  readonly behind: () => Promise<readonly number[]>
  /** Resolves when Kafka has acknowledged them. */
  readonly send: (findings: readonly Finding[], over: readonly Over[]) => Promise<void>
  readonly now?: () => number
}

export interface SilenceRound {
  readonly findings: readonly Finding[]
  readonly over: readonly Over[]
  /** Up to this time everything had arrived. */
  readonly watermark: number
  /** Sensors by state. */
  readonly states: ReadonlyMap<string, number>
}

export interface Silence {
  /** One round; rejects with the errors of ClickHouse and Kafka, and the next begins where this one did. */
  round(): Promise<SilenceRound>
}

/** Events of one moment may take so long from the collector to Kafka. */
const ARRIVAL_MS = 2_000
const PROBES_EVERY_MS = MINUTE_MS
const KEEP_ROUND_MS = MINUTE_MS
/** What landed lately is read again, since inserts of several partitions overlap. */
const AGAIN_MS = 2 * MINUTE_MS
const MAX_KNOWN = 50_000

/** The judge of silence. Nothing is read before its first round. */
export function createSilence(options: SilenceOptions): Silence {
  const { clickhouse, sensors, settings, weights, places } = options
  const now = options.now ?? Date.now
  const startedAt = now()
  const sources = sensors.filter(({ kind }) => kind === 'source')
  const regionOf = new Map(sources.map(({ id, region }) => [id, region]))
  const book = createBeatBook(new Set([...regionOf.keys(), PROBE_SOURCE]), settings)
  const rhythms = createRhythmBook({
    clickhouse,
    sources: [...regionOf.keys()],
    learnDays: settings.learnDays,
    calendar: (source) => options.calendar(regionOf.get(source) ?? ''),
  })
  const heard = new Map<string, number>()
  const received = new Map<number, number>()
  const sites = new Map<string, ProbedSite>()
  const states = new Map<string, StateRow>()
  const known = new Set<string>()
  let collectors: ReadonlyMap<string, number> = new Map()
  let standing: number | undefined
  let networkGone: number | undefined
  let begun = false
  let heardTo = 0
  let probesTo = 0
  let keptAt = 0

  async function begin(at: number): Promise<void> {
    for (const row of await readStates(clickhouse)) states.set(row.source_id, row)
    const findings = await readKnown(clickhouse, at)
    for (const { finding_id } of findings) known.add(finding_id)
    const of = (rule: string): KnownFinding[] => findings.filter(({ rule_id }) => rule_id === rule)
    collectors = new Map(
      of(silenceRules.collector).map(({ entity, since }) => [entity.replace(/^collector:/, ''), since]),
    )
    networkGone = of(silenceRules.probeNetwork).at(-1)?.since
    begun = true
  }

  async function look(at: number): Promise<void> {
    const since = heardTo === 0 ? at - settings.learnDays * DAY_MS : heardTo - AGAIN_MS
    for (const row of await readHeard(clickhouse, since)) {
      heard.set(row.source, Math.max(row.received, heard.get(row.source) ?? 0))
      received.set(row.partition, Math.max(row.received, received.get(row.partition) ?? 0))
    }
    heardTo = at
    book.fold(await readBeats(clickhouse, book.landed === 0 ? at - FORGET_MS : book.landed - AGAIN_MS))
    book.prune(at)
    if (at - probesTo >= PROBES_EVERY_MS && sensors.length > sources.length) {
      foldProbes(sites, await readProbes(clickhouse, probesTo === 0 ? at - DAY_MS : probesTo - AGAIN_MS))
      probesTo = at
    }
    await rhythms.refresh(at)
  }

  function reach(source: string, watermark: number): Reach {
    const carried = reachOf(book, source, watermark, settings.stoppedMs)
    if (carried.kind !== 'unknown' || book.instances.size === 0) return carried
    // Whoever carried it last is not known any more: it may be one of those that are away.
    const all = [...book.instances.values()]
    const away = all.filter((instance) => hasStopped(instance, watermark, settings.stoppedMs))
    if (away.length > 0)
      return {
        kind: 'away',
        until: 0,
        since: 0,
        by: away
          .map(({ instance }) => instance)
          .join(', ')
          .slice(0, 200),
      }
    return { ...carried, kind: 'carried', until: Math.min(watermark, ...all.map(({ last }) => last)) }
  }

  function judge(sensor: Sensor, watermark: number, at: number): Judged {
    const probe = sensor.kind === 'probe'
    const site = probe ? sites.get(sensor.asset) : undefined
    const lastEvent = probe ? site?.times.at(-1) : heard.get(sensor.id)
    const every = site === undefined ? undefined : everyMs(site)
    const rhythm = rhythms.of(sensor.id)
    const forever: Pick<SensorInput, 'limit' | 'quiet'> = {
      limit: () => ({ at: Number.POSITIVE_INFINITY, why: 'new' }),
      quiet: () => undefined,
    }
    const by = probe
      ? every === undefined
        ? forever
        : { ...forever, limit: (from: number) => probeLimit(every, from) }
      : rhythm === undefined
        ? forever
        : byRhythm(rhythm, lastEvent, settings)
    const reached: Reach =
      probe && networkGone !== undefined
        ? { kind: 'away', until: 0, since: 0, by: 'jaringan pemeriksa / network of the probes' }
        : reach(probe ? PROBE_SOURCE : sensor.id, watermark)
    const verdict = judgeSensor({
      sensor,
      lastEvent,
      reach: reached,
      ...by,
      awayUntil: book.pauses.at(-1)?.to ?? 0,
      reconnectMs: settings.reconnectMs,
      previous: states.get(sensor.id),
      now: at,
    })
    const heardAt = verdict.row.last_event
    return {
      sensor,
      verdict,
      until: Math.max(reached.until, heardAt),
      busy: rhythm !== undefined && isBusy(rhythm, heardAt),
      usualRate: rhythm === undefined ? 0 : usualAt(rhythm, heardAt).rate,
      everyMs: every ?? 0,
    }
  }

  function tellNetwork(watermark: number): { findings: Finding[]; over: Over[]; gone: number | undefined } {
    const view = networkOf(sites, watermark)
    if (isNetworkGone(view, networkGone !== undefined)) {
      const since = networkGone ?? view.since
      const finding = networkFinding({ since, until: watermark, sites: view.sites, failing: view.failing }, weights)
      return { findings: [finding], over: [], gone: since }
    }
    if (networkGone === undefined) return { findings: [], over: [], gone: undefined }
    const reason = 'situs menjawab lagi / sites answer again'
    return { findings: [], over: [overOf(silenceRules.probeNetwork, 'probes', view.since, reason)], gone: undefined }
  }

  return {
    async round() {
      // Asked before anything is read: what had landed by then is read below.
      const at = now()
      const waiting = await options.behind()
      if (!begun) await begin(at)
      await look(at)
      const watermark = Math.min(at, ...waiting.map((partition) => received.get(partition) || startedAt)) - ARRIVAL_MS

      const pipeline = tellPipeline({ book, now: at, startedAt, pauseMs: settings.pauseMs, known, standing }, weights)
      const stopped = tellCollectors(
        { book, sources: [...regionOf.keys()], watermark, stoppedMs: settings.stoppedMs, told: collectors },
        weights,
      )
      const network = tellNetwork(watermark)
      networkGone = network.gone
      const judged = sensors.map((sensor) => judge(sensor, watermark, at))
      const told = tellSensors(judged, places, weights)

      const all = [pipeline, stopped, network, told]
      const findings = all.flatMap((one) => [...one.findings]).filter(({ finding_id }) => !known.has(finding_id))
      const over = all.flatMap((one) => [...one.over])
      if (findings.length + over.length > 0) await options.send(findings, over)
      // Kept behind what was told: whoever dies in between tells it again, with the same ids.
      for (const { finding_id } of findings) known.add(finding_id)
      if (known.size > MAX_KNOWN) known.clear()
      standing = pipeline.standing
      collectors = stopped.told
      const rows = judged.filter(({ verdict }) => verdict.changed).map(({ verdict }) => verdict.row)
      const ids = new Set(sensors.map(({ id }) => id))
      const gone = [...states.values()]
        .filter(({ source_id, state }) => !ids.has(source_id) && state !== 'gone')
        .map((row): StateRow => ({ ...row, state: 'gone', counted_as: 'gone', changed_at: at, reason: '' }))
      await keepStates(clickhouse, [...rows, ...gone])
      for (const row of [...rows, ...gone]) states.set(row.source_id, row)
      if (at - keptAt >= KEEP_ROUND_MS) {
        await keepRound(clickhouse, watermark, at)
        keptAt = at
      }
      const byState = Map.groupBy(judged, ({ verdict }) => verdict.row.state)
      return {
        findings,
        over,
        watermark,
        states: new Map([...byState].map(([state, some]) => [state, some.length])),
      }
    },
  }
}
