// Which regions are watched? Sources expected, reporting and silent for each, and when its Operation Rooms last reported.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import { NATIONAL, type Reference } from '../../runtime/reference.ts'
import { builtInSources } from '../../schemas/config.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import { isFresh, type Judgement } from './judged.ts'
import type { SourceStatus } from './read.ts'

/** `unmonitored`: no source of the region works. What its room reports does not change that. */
export type RegionState = 'monitored' | 'partly' | 'unmonitored'

export interface RoomStatus {
  readonly id: string
  readonly name: string
  /** Milliseconds since 1970 UTC; undefined if it has not reported in ninety days. */
  readonly lastReport: number | undefined
  readonly lastKind: 'incident' | 'nihil' | undefined
}

export interface RegionStatus {
  /** Kemendagri code; empty: sources whose region is not known. */
  readonly region: string
  readonly name: string
  readonly zone: TimeZone
  readonly state: RegionState
  readonly expected: number
  readonly reporting: number
  readonly silent: number
  readonly silentSources: readonly string[]
  /** Nothing comes of these, as is usual at this hour; they count as reporting. When each is expected, milliseconds since 1970 UTC. */
  readonly quietSources: readonly { readonly id: string; readonly expectedAt: number | undefined }[]
  /** Their collector is away: they count as they did before. */
  readonly unjudgedSources: readonly string[]
  /** Assets whose site is not probed any more: the region is watched in part. */
  readonly unprobedSites: readonly string[]
  readonly rooms: readonly RoomStatus[]
}

export interface RegionReport {
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  /** Up to when silence has been judged; undefined: never. */
  readonly judgedUntil: number | undefined
  /** False: what is shown goes by whether a source was heard in the last hour. */
  readonly judged: boolean
  readonly regions: readonly RegionStatus[]
  readonly totals: {
    readonly expected: number
    readonly reporting: number
    readonly silent: number
    readonly unmonitored: number
    /** Provinces in which no source works, neither of the province nor of a kabupaten or kota beneath it. */
    readonly provincesUnmonitored: number
    readonly provinces: number
  }
}

export interface LastReport {
  readonly room: string
  readonly at: number
  readonly kind: 'incident' | 'nihil'
}

const Last = z.object({ room: z.string(), at: z.coerce.number(), kind: z.enum(['incident', 'nihil']) })

/** When each room reported last, within ninety days. */
export function readLastReports(clickhouse: ClickHouse): Promise<LastReport[]> {
  return clickhouse.rows(
    Last,
    `SELECT source_id AS room, toUnixTimestamp64Milli(max(timestamp)) AS at,
       argMax(fields['siaga.report.kind'], timestamp) AS kind
     FROM siaga.events WHERE dataset = '${REPORT_FORMAT}' AND ingested_at >= now() - INTERVAL 90 DAY GROUP BY source_id`,
  )
}

const builtIn = new Set(builtInSources.map(({ id }) => id))

export interface RegionInput {
  readonly at: number
  readonly sources: readonly Pick<SourceStatus, 'id' | 'state'>[]
  readonly config: Pick<ResolvedConfig, 'sources' | 'rooms'>
  readonly reference: Pick<Reference, 'regions'>
  readonly lastReports: readonly LastReport[]
  /** What the judge of silence says; where it does not keep up, a source is silent after an hour. */
  readonly judgement?: Judgement
  /** Provinces without any source or room too. */
  readonly all: boolean
}

/** Folds the state of sources into that of regions. What exists without being configured is no sensor of a region. */
export function regionsOf({ at, sources, config, reference, lastReports, judgement, all }: RegionInput): RegionReport {
  const judged = judgement !== undefined && isFresh(judgement, at)
  const found = judged ? judgement.sources : []
  const ofSource = new Map(found.filter(({ kind }) => kind === 'source').map((one) => [one.id, one]))
  const works = (id: string): boolean => {
    const counted = ofSource.get(id)?.counted
    return counted === undefined ? states.get(id) === 'live' : counted === 'live' || counted === 'quiet'
  }
  const states = new Map(sources.map(({ id, state }) => [id, state]))
  const last = new Map(lastReports.map((report) => [report.room, report]))
  const sensors = config.sources.filter(({ id }) => !builtIn.has(id))
  const working = new Set(sensors.filter(({ id }) => works(id)).map(({ id }) => id))
  const provinces = [...reference.regions.keys()].filter((code) => code.length === 2 && code !== NATIONAL)
  const codes = new Set([
    ...sensors.map(({ region }) => region),
    ...config.rooms.map(({ region }) => region),
    ...(all ? provinces : []),
  ])
  const regions = [...codes].sort().map((region): RegionStatus => {
    const expected = sensors.filter((source) => source.region === region).map(({ id }) => id)
    const silentSources = expected.filter((id) => !working.has(id))
    const reporting = expected.length - silentSources.length
    const here = expected.flatMap((id) => ofSource.get(id) ?? [])
    const unprobed = found.filter((one) => one.kind === 'probe' && one.region === region && one.counted === 'silent')
    return {
      region,
      name: reference.regions.get(region)?.name ?? '',
      zone: reference.regions.get(region)?.zone ?? 'WIB',
      state: reporting === 0 ? 'unmonitored' : silentSources.length + unprobed.length > 0 ? 'partly' : 'monitored',
      expected: expected.length,
      reporting,
      silent: silentSources.length,
      silentSources,
      quietSources: here
        .filter(({ state }) => state === 'quiet')
        .map(({ id, expected: time }) => ({ id, expectedAt: time > 0 ? time : undefined })),
      unjudgedSources: here.filter(({ state }) => state === 'unjudged').map(({ id }) => id),
      unprobedSites: unprobed.map(({ asset }) => asset),
      rooms: config.rooms
        .filter((room) => room.region === region)
        .map(({ id, name }) => ({ id, name, lastReport: last.get(id)?.at, lastKind: last.get(id)?.kind })),
    }
  })
  const watched = new Set(sensors.filter(({ id }) => working.has(id)).map(({ region }) => region.slice(0, 2)))
  return {
    at,
    judgedUntil: judgement?.until,
    judged,
    regions,
    totals: {
      expected: sensors.length,
      reporting: working.size,
      silent: sensors.length - working.size,
      unmonitored: regions.filter(({ state }) => state === 'unmonitored').length,
      provincesUnmonitored: provinces.filter((code) => !watched.has(code)).length,
      provinces: provinces.length,
    },
  }
}
