// How does the pipeline stand? Read from the rollups in ClickHouse, the consumer group and the dead letters in Kafka.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { ResolvedConfig } from '../../runtime/config.ts'
import type { KafkaAdmin, KafkaClient } from '../../runtime/kafka.ts'
import type { Reference } from '../../runtime/reference.ts'
import type { TimeZone } from '../../schemas/place.ts'
import { DEMO_SOURCE, topics, UNKNOWN_PEER_SOURCE } from '../../schemas/raw-event.ts'
import { listDeadLetters } from '../../sinks/dlq/dead-letters.ts'

/** A source says nothing for so long: it is blind, which is not the same as quiet. */
const BLIND_AFTER_MS = 3_600_000

/** `blind`: configured, but nothing in the last hour; `never`: nothing in the last seven days. */
export type SourceState = 'live' | 'blind' | 'never'

export interface SourceStatus {
  readonly id: string
  readonly name: string
  readonly region: string
  readonly zone: TimeZone
  readonly state: SourceState
  /** Events of the last minute, from the last one to two minutes. */
  readonly perMinute: number
  readonly perHour: number
  /** Events a second, from the same. */
  readonly rate: number
  /** Milliseconds since 1970 UTC by the device's clock; undefined if there was none in seven days. */
  readonly lastEvent: number | undefined
  readonly lastLanded: number | undefined
  /** 95 % of the events of the last hour landed within so many milliseconds of receipt (a power of two). */
  readonly lagP95Ms: number | undefined
  /** Mean milliseconds by which the device's clock is behind the receipt, over the last hour. */
  readonly skewMs: number | undefined
  readonly clockFuture: number
  /** Not replayed yet; undefined if Kafka does not answer. */
  readonly deadLetters: number | undefined
}

export interface PartitionStatus {
  readonly partition: number
  /** Offset before which everything has landed. */
  readonly landed: number
  readonly end: number
  /** Messages in Kafka that have not landed. */
  readonly waiting: number
}

export interface StatusReport {
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly sources: readonly SourceStatus[]
  /** Undefined if Kafka does not answer. */
  readonly partitions: readonly PartitionStatus[] | undefined
  readonly totals: {
    readonly perMinute: number
    readonly perHour: number
    readonly rate: number
    readonly events: number
    readonly waiting: number | undefined
    readonly deadLetters: number | undefined
    readonly blind: number
  }
}

const SourceRow = z.object({
  id: z.string(),
  recent: z.coerce.number(),
  perHour: z.coerce.number(),
  lastEvent: z.coerce.number(),
  lastLanded: z.coerce.number(),
  skewSum: z.coerce.number(),
  clockFuture: z.coerce.number(),
})
const LagRow = z.object({ id: z.string(), p95: z.coerce.number() })
const NowRow = z.object({ now: z.coerce.number(), total: z.coerce.number() })

// The server's clock decides what the last minute is; `now` comes along so that all figures are of one moment.
const NOW = 'SELECT toUnixTimestamp64Milli(now64(3)) AS now, sum(events) AS total FROM siaga.source_minutes'
const SOURCES = `
  SELECT source_id AS id,
    sumIf(events, minute >= toStartOfMinute(now()) - 60) AS recent,
    sumIf(events, minute >= now() - 3600) AS perHour,
    toUnixTimestamp64Milli(max(last_timestamp)) AS lastEvent,
    toUnixTimestamp64Milli(max(last_ingested_at)) AS lastLanded,
    sumIf(skew_ms_sum, minute >= now() - 3600) AS skewSum,
    sumIf(clock_future, minute >= now() - 3600) AS clockFuture
  FROM siaga.source_minutes WHERE minute >= now() - 7 * 86400 GROUP BY source_id`
const LAG = `
  SELECT source_id AS id, quantileExactWeighted(0.95)(bucket_ms, toUInt64(greatest(0, total))) AS p95
  FROM (SELECT source_id, bucket_ms, sum(events) AS total FROM siaga.ingest_lag WHERE minute >= now() - 3600 GROUP BY source_id, bucket_ms)
  GROUP BY source_id HAVING sum(greatest(0, total)) > 0`

/** Dead letters that were not replayed, by source. */
export async function countDeadLetters(kafka: KafkaClient): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const { source } of await listDeadLetters(kafka)) counts.set(source, (counts.get(source) ?? 0) + 1)
  return counts
}

/** Offsets of siaga.raw and of the processors' group. */
export async function readPartitions(admin: KafkaAdmin, groupId: string): Promise<PartitionStatus[]> {
  const [offsets, committed] = await Promise.all([admin.offsets(topics.raw), admin.committed(groupId, topics.raw)])
  const done = new Map(committed.map(({ partition, offset }) => [partition, offset]))
  return offsets
    .map(({ partition, low, high }) => {
      const landed = Math.max(low, done.get(partition) ?? low)
      return { partition, landed, end: high, waiting: Math.max(0, high - landed) }
    })
    .toSorted((a, b) => a.partition - b.partition)
}

export interface ReportInput {
  readonly clickhouse: ClickHouse
  readonly config: Pick<ResolvedConfig, 'sources'>
  readonly reference: Pick<Reference, 'regions'>
  readonly partitions: readonly PartitionStatus[] | undefined
  readonly deadLetters: ReadonlyMap<string, number> | undefined
}

/** One look at everything. Rejects if ClickHouse does not answer. */
export async function readStatus({
  clickhouse,
  config,
  reference,
  partitions,
  deadLetters,
}: ReportInput): Promise<StatusReport> {
  const [[moment], rows, lags] = await Promise.all([
    clickhouse.rows(NowRow, NOW),
    clickhouse.rows(SourceRow, SOURCES),
    clickhouse.rows(LagRow, LAG),
  ])
  const at = moment?.now ?? Date.now()
  // `recent` covers this minute so far and the whole one before it.
  const coveredSeconds = 60 + ((at / 1_000) % 60)
  const found = new Map(rows.map((row) => [row.id, row]))
  const lagOf = new Map(lags.map(({ id, p95 }) => [id, p95]))
  const configured = new Map(config.sources.map((source) => [source.id, source]))
  const ids = [...configured.keys(), ...[...found.keys()].filter((id) => !configured.has(id))]

  const sources = ids.flatMap((id): SourceStatus[] => {
    const row = found.get(id)
    const source = configured.get(id)
    const dead = deadLetters && (deadLetters.get(id) ?? 0)
    // What exists without being asked for is shown once it has something to say.
    const optional = id === DEMO_SOURCE || id === UNKNOWN_PEER_SOURCE || source === undefined
    if (!row && optional && !dead) return []
    const blind = row === undefined || at - row.lastLanded > BLIND_AFTER_MS
    const rate = (row?.recent ?? 0) / coveredSeconds
    const region = source?.region ?? ''
    return [
      {
        id,
        name: source?.name ?? '',
        region,
        zone: reference.regions.get(region)?.zone ?? 'WIB',
        state: optional || !blind ? 'live' : row ? 'blind' : 'never',
        perMinute: Math.round(rate * 60),
        perHour: row?.perHour ?? 0,
        rate,
        lastEvent: row?.lastEvent,
        lastLanded: row?.lastLanded,
        lagP95Ms: lagOf.get(id),
        skewMs: row && row.perHour > 0 ? row.skewSum / row.perHour : undefined,
        clockFuture: row?.clockFuture ?? 0,
        deadLetters: dead,
      },
    ]
  })
  const sum = (value: (source: SourceStatus) => number): number =>
    sources.reduce((total, source) => total + value(source), 0)
  const rate = sum((source) => source.rate)
  return {
    at,
    sources,
    partitions,
    totals: {
      perMinute: Math.round(rate * 60),
      perHour: sum((source) => source.perHour),
      rate,
      events: moment?.total ?? 0,
      waiting: partitions?.reduce((total, { waiting }) => total + waiting, 0),
      deadLetters: deadLetters && [...deadLetters.values()].reduce((total, count) => total + count, 0),
      blind: sources.filter(({ state }) => state !== 'live').length,
    },
  }
}
