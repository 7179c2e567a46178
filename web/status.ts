// What does the status page show? One look at the rollups and the highest scores of the last hour.
import { z } from 'zod'
import type { ClickHouse } from '../runtime/clickhouse.ts'

const SourceRow = z.object({
  id: z.string(),
  perMinute: z.coerce.number(),
  perHour: z.coerce.number(),
  lastTimestamp: z.coerce.number(),
  lagP95: z.coerce.number(),
})
const TopRow = z.object({
  score: z.number(),
  timestamp: z.coerce.number(),
  source: z.string(),
  address: z.string(),
  message: z.string(),
})
const HighRow = z.object({ n: z.coerce.number() })

export interface StatusReport {
  reasons: string[]
  perMinute: number
  perHour: number
  waiting: number
  highScores: number
  sources: z.infer<typeof SourceRow>[]
  top: z.infer<typeof TopRow>[]
}

const SOURCES = `
  SELECT source_id AS id, toUInt64(sumIf(events, minute >= toStartOfMinute(now() - 60)) * 60 / (60 + toSecond(now()))) AS perMinute, sum(events) AS perHour,
    toUnixTimestamp64Milli(max(last_timestamp)) AS lastTimestamp, any(lag.p95) AS lagP95
  FROM siaga.source_minutes
  LEFT JOIN (
    SELECT source_id AS lag_source, quantileExactWeighted(0.95)(bucket_ms, toUInt64(greatest(0, events))) AS p95
    FROM siaga.ingest_lag WHERE minute >= now() - 3600 GROUP BY lag_source
  ) AS lag ON lag.lag_source = source_id
  WHERE minute >= now() - 3600 GROUP BY source_id ORDER BY perHour DESC, id LIMIT 200`

const TOP = `
  SELECT score, toUnixTimestamp64Milli(timestamp) AS timestamp, source_id AS source, source_ip AS address, substringUTF8(message, 1, 240) AS message
  FROM siaga.events WHERE ingested_at >= now() - 3600 ORDER BY score DESC, events.timestamp DESC LIMIT 10`

const HIGH = 'SELECT count() AS n FROM siaga.events WHERE ingested_at >= now() - 3600 AND score >= 70'

/** A function that answers the newest report; calls within a second share one, so that many open pages cost one query. */
export function createStatus(
  clickhouse: ClickHouse,
  configured: readonly string[],
  waiting: () => Promise<number>,
  notReady: () => Promise<string[]>,
): () => Promise<StatusReport> {
  let latest: Promise<StatusReport> | undefined
  let at = 0
  const read = async (): Promise<StatusReport> => {
    const [sources, top, high, behind, reasons] = await Promise.all([
      clickhouse.rows(SourceRow, SOURCES),
      clickhouse.rows(TopRow, TOP),
      clickhouse.rows(HighRow, HIGH),
      waiting(),
      notReady(),
    ])
    const heard = new Set(sources.map(({ id }) => id))
    const silent = configured
      .filter((id) => !heard.has(id))
      .map((id) => ({ id, perMinute: 0, perHour: 0, lastTimestamp: 0, lagP95: 0 }))
    const sum = (key: 'perMinute' | 'perHour') => sources.reduce((total, source) => total + source[key], 0)
    return {
      reasons,
      perMinute: sum('perMinute'),
      perHour: sum('perHour'),
      waiting: behind,
      highScores: high[0]?.n ?? 0,
      sources: [...sources, ...silent],
      top,
    }
  }
  return () => {
    if (latest === undefined || Date.now() - at > 1_000) {
      at = Date.now()
      latest = read()
    }
    return latest
  }
}
