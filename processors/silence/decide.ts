// What has to be told of a round? From the verdicts on all sensors: sources one by one, or their region as a whole; collectors; the pipeline itself.
import type { Finding } from '../../schemas/detection.ts'
import type { TimeZone } from '../../schemas/place.ts'
import type { BeatBook, Instance } from './beats.ts'
import { hasStopped } from './beats.ts'
import {
  probeFinding,
  regionFinding,
  type SilenceRule,
  silenceKey,
  silenceRules,
  sourceFinding,
  type Weights,
} from './finding.ts'
import { collectorFinding, pipelineFinding } from './finding-siaga.ts'
import type { Sensor, SensorVerdict } from './states.ts'

/** An alert that is over: whoever is silent no more. */
export interface Over {
  readonly rule: SilenceRule
  readonly dedupKey: string
  /** Makes the request's id: the same one for the same end. */
  readonly at: number
  readonly reason: string
}

export interface Judged {
  readonly sensor: Sensor
  readonly verdict: SensorVerdict
  /** Up to which time it was judged. */
  readonly until: number
  readonly busy: boolean
  readonly usualRate: number
  /** Of a probe: milliseconds between two. */
  readonly everyMs: number
}

export interface Places {
  zone(region: string): TimeZone
  name(region: string): string
}

export interface Told {
  readonly findings: readonly Finding[]
  readonly over: readonly Over[]
}

const silentOrNever: ReadonlySet<string> = new Set(['silent', 'never'])

/**
 * Findings and ends of a round. Where the last sources of a region fall silent at once, and there are others that fell silent before or with them, the
 * region is one finding and they are not told one by one. The only source of a region is a finding of its own, which says that its region is blind.
 */
export function tellSensors(all: readonly Judged[], places: Places, weights: Weights): Told {
  const findings: Finding[] = []
  const over: Over[] = []
  for (const [region, judged] of Map.groupBy(all, ({ sensor }) => sensor.region)) {
    const sources = judged.filter(({ sensor }) => sensor.kind === 'source')
    const blind = sources.length > 0 && sources.every(({ verdict }) => silentOrNever.has(verdict.row.counted_as))
    const fell = sources.filter(({ verdict }) => verdict.told !== undefined)
    const heard = sources.filter(({ verdict }) => verdict.row.counted_as !== 'never')
    const asRegion = blind && fell.length > 0 && heard.length > 1
    const zone = places.zone(region)
    if (asRegion) {
      findings.push(
        regionFinding(
          {
            region,
            regionName: places.name(region),
            zone,
            owner: only(sources.map(({ sensor }) => sensor.owner)),
            sources: sources.map(({ sensor, verdict }) => ({ id: sensor.id, lastEvent: verdict.row.last_event })),
            until: fell.reduce((max, { until }) => Math.max(max, until), 0),
            busy: fell.some(({ busy }) => busy),
          },
          weights,
        ),
      )
    }
    // Those that fell silent together with the region are told by it; one alone is told beside it, since it was the last.
    for (const { sensor, verdict, until, busy, usualRate } of asRegion && fell.length > 1 ? [] : fell) {
      if (verdict.told === undefined) continue
      findings.push(
        sourceFinding(
          {
            ...sensor,
            zone,
            lastEvent: verdict.row.last_event,
            until,
            limit: verdict.told,
            busy,
            usualRate,
            regionBlind: blind && !asRegion,
          },
          weights,
        ),
      )
    }
    for (const { sensor, verdict } of judged) {
      if (!verdict.spoke) continue
      const probe = sensor.kind === 'probe'
      const rule = probe ? silenceRules.probe : silenceRules.source
      over.push(
        overOf(
          rule,
          probe ? sensor.asset : sensor.id,
          verdict.row.since,
          `${sensor.id} terdengar lagi / is heard again`,
        ),
      )
    }
    const back = sources.find(({ verdict }) => verdict.spoke)
    if (back !== undefined) {
      const about = region === '' ? 'unknown' : region
      over.push(
        overOf(silenceRules.region, about, back.verdict.row.since, `${back.sensor.id} terdengar lagi / is heard again`),
      )
    }
    for (const { sensor, verdict, until, everyMs } of judged) {
      if (sensor.kind !== 'probe' || verdict.told === undefined) continue
      const last = verdict.row.last_event
      findings.push(probeFinding({ ...sensor, zone, last, until, everyMs }, weights))
    }
  }
  return { findings, over }
}

export function overOf(rule: SilenceRule, about: string, at: number, reason: string): Over {
  return { rule, dedupKey: silenceKey(rule, about), at, reason }
}

function only(values: readonly string[]): string {
  return new Set(values).size === 1 ? (values[0] ?? '') : ''
}

/** A collector that was stopped in order may be away so long before it is told. */
const GOODBYE_MS = 10 * 60_000

export interface CollectorInput {
  readonly book: Pick<BeatBook, 'instances' | 'carriers'>
  /** Ids of the sources that are configured. */
  readonly sources: readonly string[]
  readonly watermark: number
  readonly stoppedMs: number
  /** Instances that were told, by name, with the time of their last heartbeat then. */
  readonly told: ReadonlyMap<string, number>
}

/** Collectors that have stopped while others go on, and those that are back. `told` is not changed. */
export function tellCollectors(
  { book, sources, watermark, stoppedMs, told }: CollectorInput,
  weights: Weights,
): Told & { readonly told: ReadonlyMap<string, number> } {
  const findings: Finding[] = []
  const over: Over[] = []
  const next = new Map(told)
  for (const instance of book.instances.values()) {
    const before = next.get(instance.instance)
    if (isGone(instance, watermark, stoppedMs)) {
      if (before === instance.last) continue
      next.set(instance.instance, instance.last)
      const carried = sources.filter((source) => isLastCarrier(book, source, instance.instance))
      findings.push(collectorFinding({ ...instance, until: watermark, sources: carried }, weights))
    } else if (before !== undefined && instance.last > before && !hasStopped(instance, watermark, stoppedMs)) {
      next.delete(instance.instance)
      over.push(
        overOf(silenceRules.collector, instance.instance, instance.since, `${instance.instance} hidup lagi / is back`),
      )
    }
  }
  return { findings, over, told: next }
}

function isGone(instance: Instance, watermark: number, stoppedMs: number): boolean {
  if (!instance.goodbye) return hasStopped(instance, watermark, stoppedMs)
  return watermark - instance.last > Math.max(GOODBYE_MS, stoppedMs)
}

function isLastCarrier({ carriers }: Pick<BeatBook, 'carriers'>, source: string, instance: string): boolean {
  const by = carriers(source)
  const at = by.get(instance)
  return at !== undefined && [...by.values()].every((other) => other <= at)
}

export interface PipelineInput {
  readonly book: Pick<BeatBook, 'pauses' | 'landed'>
  readonly now: number
  /** Since when whoever asks has been running: before it, standing still was being down. */
  readonly startedAt: number
  readonly pauseMs: number
  /** Ids of findings that were told before. */
  readonly known: ReadonlySet<string>
  /** Beginning of the standstill that was told while it lasts. */
  readonly standing: number | undefined
}

/** Times in which Siaga was down, and a standstill that lasts. */
export function tellPipeline(
  { book, now, startedAt, pauseMs, known, standing }: PipelineInput,
  weights: Weights,
): Told & { readonly standing: number | undefined } {
  const findings: Finding[] = []
  const over: Over[] = []
  const tell = (finding: Finding): void => {
    if (!known.has(finding.finding_id)) findings.push(finding)
  }
  for (const { from, to, orderly } of book.pauses) {
    if (from !== standing) tell(pipelineFinding({ from, to, until: to, orderly }, weights))
  }
  const still = book.landed > 0 && now - book.landed > pauseMs && now - startedAt > pauseMs
  if (still && standing === undefined) {
    tell(pipelineFinding({ from: book.landed, to: undefined, until: now, orderly: false }, weights))
    return { findings, over, standing: book.landed }
  }
  if (!still && standing !== undefined && book.landed > standing) {
    over.push(overOf(silenceRules.pipeline, 'siaga', book.landed, 'kejadian mendarat lagi / events land again'))
    return { findings, over, standing: undefined }
  }
  return { findings, over, standing }
}
