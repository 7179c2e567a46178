// How is it told that somebody is silent? A scheduled job: its findings go with all others, and what speaks again asks for its alert to be closed.
import type { Over } from '../../processors/silence/decide.ts'
import { DAY_MS, dayNumber, HOUR_MS, type LocalCalendar } from '../../processors/silence/rhythm.ts'
import { createSilence } from '../../processors/silence/round.ts'
import { type Sensor, SensorState } from '../../processors/silence/states.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaAdmin, KafkaClient, OutgoingMessage } from '../../runtime/kafka.ts'
import { createBatchingProducer } from '../../runtime/kafka-producer.ts'
import type { Log } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { loadReference, phaseAt, phasesOf, type Reference } from '../../runtime/reference.ts'
import type { Job } from '../../runtime/scheduler.ts'
import { siagaActor } from '../../schemas/actor.ts'
import type { AlertRequest } from '../../schemas/alert.ts'
import { builtInSources } from '../../schemas/config.ts'
import { zoneOffsetHours } from '../../schemas/place.ts'
import { topics } from '../../schemas/raw-event.ts'
import { findingMessage } from '../../sinks/findings.ts'
import { partitionsBehind } from './jobs.ts'

export interface SilenceParts {
  readonly config: ResolvedConfig
  readonly baseDir: string
  readonly kafka: KafkaClient
  readonly admin: KafkaAdmin
  readonly clickhouse: ClickHouse
  readonly metrics: Metrics
  readonly log: Log
}

/** The job that looks who is silent; `stop` waits for the look under way. */
export function silenceJob(parts: SilenceParts): { job: Job; stop(): Promise<void> } {
  const { config, baseDir, kafka, admin, clickhouse, metrics, log } = parts
  const { silence: settings } = config.alerts
  const reference = loadReference(config, baseDir)
  const criticality = new Map(config.assets.map((asset) => [asset.id, asset.criticality]))
  const producer = createBatchingProducer(kafka, log)
  const silence = createSilence({
    clickhouse,
    sensors: sensorsOf(config),
    calendar: calendars(reference, settings.holidays),
    places: {
      zone: (region) => reference.regions.get(region)?.zone ?? 'WIB',
      name: (region) => reference.regions.get(region)?.name ?? '',
    },
    weights: {
      score: config.score,
      criticality: (asset) => criticality.get(asset) ?? '',
      phase: (region, at) => phaseAt(reference, region, at),
    },
    settings: {
      learnDays: settings.learn_days,
      floorMs: settings.busy_seconds * 1000,
      maxMs: settings.quiet_hours_max * HOUR_MS,
      stoppedMs: settings.stopped_seconds * 1000,
      pauseMs: settings.pipeline_seconds * 1000,
      reconnectMs: settings.reconnect_seconds * 1000,
    },
    behind: async () => (await partitionsBehind(admin)).map(({ partition }) => partition),
    async send(findings, over) {
      if (findings.length > 0) await producer.send(topics.findings, findings.map(findingMessage))
      if (over.length > 0) await producer.send(topics.alertRequests, over.map(requestMessage))
    },
  })
  let ended = false
  let running: Promise<unknown> = Promise.resolve()

  const round = async (): Promise<void> => {
    const end = metrics.silenceSeconds.startTimer()
    const { findings, states, watermark } = await silence.round()
    end()
    for (const { severity } of findings) metrics.findings.inc({ severity })
    for (const state of SensorState.exclude(['gone']).options)
      metrics.sourcesByState.set({ state }, states.get(state) ?? 0)
    metrics.silenceWatermark.set(watermark / 1000)
  }
  return {
    job: {
      name: 'silence',
      when: `*/${settings.interval_seconds} * * * * *`,
      async run() {
        if (ended) return
        const begun = round()
        running = begun.catch(() => undefined)
        await begun
      },
    },
    async stop() {
      ended = true
      await running
      await producer.close(500)
    },
  }
}

/** What is configured to be heard: sources, and sites that are probed. What exists without being configured is no sensor. */
function sensorsOf({ sources, assets, probes }: Pick<ResolvedConfig, 'sources' | 'assets' | 'probes'>): Sensor[] {
  const builtIn = new Set(builtInSources.map(({ id }) => id))
  const sites = probes.enabled ? assets.filter(({ url }) => /^https?:/i.test(url)) : []
  return [
    ...sources
      .filter(({ id }) => !builtIn.has(id))
      .map(({ id, name, region, owner, asset }): Sensor => ({ id, kind: 'source', name, region, owner, asset })),
    ...sites.map(
      ({ id, name, region, owner }): Sensor => ({ id: `probe:${id}`, kind: 'probe', name, region, owner, asset: id }),
    ),
  ]
}

/** Calendars by region: its zone, the holidays of the settings, and the days on which it votes, which are holidays by law. */
function calendars(
  reference: Pick<Reference, 'regions' | 'phases'>,
  dates: readonly string[],
): (region: string) => LocalCalendar {
  const known = new Map<string, LocalCalendar>()
  return (region) => {
    const before = known.get(region)
    if (before !== undefined) return before
    const offsetMs = zoneOffsetHours[reference.regions.get(region)?.zone ?? 'WIB'] * HOUR_MS
    const holidays = new Set(dates.map(dayNumber))
    for (const { phase, from, to } of phasesOf(reference, region))
      if (phase === 'pemungutan')
        for (let at = from + offsetMs; at < to + offsetMs; at += DAY_MS) holidays.add(Math.floor(at / DAY_MS))
    const calendar = { offsetMs, holidays }
    known.set(region, calendar)
    return calendar
  }
}

/** Siaga itself asks for an alert to be closed. */
function requestMessage({ rule, dedupKey, at, reason }: Over): OutgoingMessage {
  const request: AlertRequest = {
    kind: 'act',
    request_id: `${rule}|${dedupKey}|${at}`,
    at: Date.now(),
    actor: siagaActor,
    verb: 'resolve',
    alert_id: '',
    dedup_key: dedupKey,
    reason,
    assignee: '',
    other: '',
  }
  return { key: dedupKey, value: Buffer.from(JSON.stringify(request)), headers: { id: request.request_id } }
}
