// What does a viewer's own ClickHouse user say about a stretch of time? Trend, risk, targets, attackers, and a replay by five minutes.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { type Attacker, Attacker as AttackerRow, type Span, Target, type Trend } from '../../schemas/situation-api.ts'

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** How long each span is, and its steps. */
export const spans: Readonly<Record<Span, { readonly ms: number; readonly step: number; readonly hours?: true }>> = {
  '1h': { ms: HOUR, step: MINUTE },
  '6h': { ms: 6 * HOUR, step: 5 * MINUTE },
  '24h': { ms: DAY, step: 15 * MINUTE },
  '7d': { ms: 7 * DAY, step: HOUR, hours: true },
}

type Store = Pick<ClickHouse, 'rows'>
const TOP = 10

/** Rows of a region and beneath, written so that the order of the tables is used; of undefined all. */
function inRegion(region: string | undefined): { readonly sql: string; readonly params: Record<string, string> } {
  return region === undefined
    ? { sql: '1', params: {} }
    : {
        sql: '(region_code = {region:String} OR startsWith(region_code, {beneath:String}))',
        params: { region, beneath: `${region}.` },
      }
}

const table = (hours: boolean): { readonly name: string; readonly time: string } =>
  hours
    ? { name: 'siaga.activity_hours', time: 'event_hour' }
    : { name: 'siaga.activity_minutes', time: 'event_minute' }

const seconds = (ms: number): number => Math.floor(ms / 1000)

const TrendRow = z.object({
  t: z.number(),
  events: z.number(),
  critical: z.number(),
  high: z.number(),
  medium: z.number(),
  low: z.number(),
})

/** Events by step and severity; the last step is the one that is under way. */
export async function trendOf(store: Store, region: string | undefined, span: Span, now: number): Promise<Trend> {
  const { ms, step, hours = false } = spans[span]
  const start = Math.floor((now - ms) / step) * step + step
  const { name, time } = table(hours)
  const where = inRegion(region)
  const rows = await store.rows(
    TrendRow,
    `SELECT intDiv(toUInt32(${time}), {step:UInt32}) * {step:UInt32} AS t, sum(n) AS events,
       sumIf(n, severity = 'critical') AS critical, sumIf(n, severity = 'high') AS high,
       sumIf(n, severity = 'medium') AS medium, sumIf(n, severity = 'low') AS low
     FROM (SELECT ${time}, severity, sum(events) AS n FROM ${name}
       WHERE ${time} >= toDateTime({from:UInt32}, 'UTC') AND ${time} <= toDateTime({to:UInt32}, 'UTC') AND ${where.sql} GROUP BY ${time}, severity)
     GROUP BY t`,
    { ...where.params, step: step / 1000, from: seconds(start), to: seconds(now) },
  )
  const count = Math.floor((now - start) / step) + 1
  const trend: Trend = {
    start,
    step_ms: step,
    events: zeros(count),
    critical: zeros(count),
    high: zeros(count),
    medium: zeros(count),
    low: zeros(count),
  }
  for (const { t, ...counts } of rows) {
    const index = (t * 1000 - start) / step
    if (index < 0 || index >= count) continue
    trend.events[index] = counts.events
    trend.critical[index] = counts.critical
    trend.high[index] = counts.high
    trend.medium[index] = counts.medium
    trend.low[index] = counts.low
  }
  return trend
}

export const zeros = (count: number): number[] => new Array<number>(count).fill(0)

const HourPoints = z.object({ hour: z.number(), points: z.number() })
const HALF_LIFE_MS = DAY
const RISK_DAYS = 45

/**
 * Points of risk at each full hour of a stretch and now: at each what `entity_risk_at` would have said then of what is known today (docs/scoring.md), false
 * positives left out.
 */
export async function riskOf(
  store: Store,
  region: string | undefined,
  hours: number,
  now: number,
): Promise<{ at: number; points: number }[]> {
  const where = inRegion(region)
  const rows = await store.rows(
    HourPoints,
    `SELECT toUInt32(hour) AS hour, sum(points) AS points FROM (
       SELECT hour, sum(points) AS points FROM siaga.entity_risk_hours
       WHERE entity_type = 'region' AND hour > toDateTime({from:UInt32}, 'UTC') AND hour <= toDateTime({to:UInt32}, 'UTC') AND ${where.sql} GROUP BY hour
       UNION ALL
       SELECT toStartOfHour(timestamp) AS hour, -toInt64(score) AS points FROM (
         SELECT any(region_code) AS place, any(score) AS score, any(timestamp) AS timestamp, argMax(verdict, (marked_at, verdict_id)) AS last
         FROM siaga.verdicts WHERE ${where.sql} GROUP BY _stream, _partition, _offset HAVING last = 'false' AND score >= 20 AND place != '')
       WHERE hour > toDateTime({from:UInt32}, 'UTC') AND hour <= toDateTime({to:UInt32}, 'UTC'))
     GROUP BY hour ORDER BY hour`,
    { ...where.params, from: seconds(now - RISK_DAYS * DAY), to: seconds(now) },
  )
  const first = Math.floor(now / HOUR) * HOUR - (hours - 1) * HOUR
  const times = [...Array.from({ length: hours }, (_, index) => first + index * HOUR), now]
  return times.map((at) => {
    let points = 0
    for (const row of rows) {
      const age = at - row.hour * 1000
      // At a full hour that hour has only begun.
      if (age > 0 || at === now) points += row.points * 2 ** (-age / HALF_LIFE_MS)
    }
    return { at, points: Math.max(0, Math.round(points)) }
  })
}

const TargetRow = Target.omit({ name: true, place: true })

/** Assets with most events of score 70 and more. */
export function targetsOf(
  store: Store,
  region: string | undefined,
  span: Span,
  now: number,
): Promise<z.infer<typeof TargetRow>[]> {
  const { ms, hours = false } = spans[span]
  const { name, time } = table(hours)
  const where = inRegion(region)
  return store.rows(
    TargetRow,
    `SELECT asset_id AS asset, any(region_code) AS region, sum(events) AS events, sum(alerts_score) AS high, max(score_max) AS score_max
     FROM ${name} WHERE ${time} > toDateTime({from:UInt32}, 'UTC') AND ${time} <= toDateTime({to:UInt32}, 'UTC') AND asset_id != '' AND ${where.sql}
     GROUP BY asset_id HAVING score_max >= 20 ORDER BY high DESC, score_max DESC, events DESC, asset LIMIT ${TOP}`,
    { ...where.params, from: seconds(now - ms), to: seconds(now) },
  )
}

/** Addresses with most points of score, by hour: those of the first hour count whole. */
export function attackersOf(store: Store, region: string | undefined, span: Span, now: number): Promise<Attacker[]> {
  const where = inRegion(region)
  return store.rows(
    AttackerRow,
    `SELECT value, sum(points) AS points, sum(events) AS events, max(score_max) AS score_max, uniqExact(region_code) AS regions
     FROM siaga.top_hours WHERE kind = 'source_ip' AND event_hour >= toDateTime({from:UInt32}, 'UTC') AND event_hour <= toDateTime({to:UInt32}, 'UTC') AND ${where.sql}
     GROUP BY value HAVING points > 0 ORDER BY points DESC, events DESC, value LIMIT ${TOP}`,
    { ...where.params, from: seconds(Math.floor((now - spans[span].ms) / HOUR) * HOUR), to: seconds(now) },
  )
}

export interface Stretch {
  readonly start: number
  readonly step: number
  readonly steps: number
  /** From the hours, which are kept longer than the minutes. */
  readonly hours: boolean
}

const ReplayRow = z.object({ t: z.number(), code: z.string(), events: z.number(), high: z.number(), top: z.number() })

/** Events by step and by what lies directly beneath the region: provinces of the nation, else regions by their own code. */
export function replayOf(
  store: Store,
  region: string | undefined,
  { start, step, steps, hours }: Stretch,
): Promise<z.infer<typeof ReplayRow>[]> {
  const { name, time } = table(hours)
  const where = inRegion(region)
  return store.rows(
    ReplayRow,
    `SELECT intDiv(toUInt32(${time}) - {from:UInt32}, {step:UInt32}) AS t, ${region === undefined ? 'substring(toString(region_code), 1, 2)' : 'toString(region_code)'} AS code,
       sum(events) AS events, sum(alerts_score) AS high, max(score_max) AS top
     FROM ${name} WHERE ${time} >= toDateTime({from:UInt32}, 'UTC') AND ${time} < toDateTime({to:UInt32}, 'UTC') AND ${where.sql}
     GROUP BY t, code LIMIT 100000`,
    { ...where.params, from: seconds(start), to: seconds(start + step * steps), step: step / 1000 },
  )
}

const AlertRow = z.object({ t: z.number(), alerts: z.number() })

/** Alerts that were made, by step. */
export function openedIn(
  store: Store,
  region: string | undefined,
  { start, step, steps }: Stretch,
): Promise<z.infer<typeof AlertRow>[]> {
  const where = inRegion(region)
  return store.rows(
    AlertRow,
    `SELECT intDiv(toUInt32(opened_at) - {from:UInt32}, {step:UInt32}) AS t, count() AS alerts FROM siaga.alerts
     WHERE opened_at >= toDateTime({from:UInt32}, 'UTC') AND opened_at < toDateTime({to:UInt32}, 'UTC') AND status != 'merged' AND ${where.sql} GROUP BY t`,
    { ...where.params, from: seconds(start), to: seconds(start + step * steps), step: step / 1000 },
  )
}
