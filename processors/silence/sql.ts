// What does ClickHouse know of silence? When sources were heard, their minutes by the hour, heartbeats, probes, and what was found out before.
import { z } from 'zod'
import { at, type ClickHouse, quote, whole } from '../../runtime/clickhouse.ts'
import { Heartbeat } from '../../schemas/heartbeat.ts'
import { HEARTBEAT_SOURCE, PROBE_FORMAT, PROBE_SOURCE } from '../../schemas/raw-event.ts'
import type { Beat } from './beats.ts'
import { silenceRules } from './finding.ts'
import type { Probe } from './probes.ts'
import { HOUR_MS, MINUTE_MS } from './rhythm.ts'
import { StateRow } from './states.ts'

const Heard = z.object({ source: z.string(), partition: z.number(), received: z.number() })
const BeatRow = z.object({ at: z.number(), landed: z.number(), message: z.string() })
const Hours = z.object({
  source: z.string(),
  hours: z.array(z.number()),
  low: z.array(z.number()),
  high: z.array(z.number()),
  events: z.array(z.number()),
})
const HourBits = z.object({ hour: z.number(), low: z.number(), high: z.number() })
const Lag = z.object({ minute: z.number(), lag: z.number() })
const ProbeRow = z.object({ asset: z.string(), at: z.number(), failure: z.string() })
const Known = z.object({
  finding_id: z.string(),
  rule_id: z.string(),
  entity: z.string(),
  since: z.number(),
  title: z.string(),
})

/** A finding of these rules that has landed. */
export type KnownFinding = z.infer<typeof Known>

/** Minutes of an hour as two halves of thirty bits. */
export interface HourMinutes {
  /** Beginning of the hour, milliseconds since 1970 UTC. */
  readonly at: number
  readonly low: number
  readonly high: number
}

const seconds = (ms: number): string => `toDateTime(${whole(Math.floor(ms / 1000))}, 'UTC')`
// Both branches of `if` are computed, so no shift may be negative in either.
const bit = 'bitShiftLeft(toUInt32(1), toMinute(minute) % 30)'
const bits = `groupBitOr(if(toMinute(minute) < 30, ${bit}, 0)) AS low, groupBitOr(if(toMinute(minute) < 30, 0, ${bit})) AS high`

/** When sources were received last, by partition, of what landed since a time. */
export function readHeard(clickhouse: ClickHouse, sinceMs: number): Promise<z.infer<typeof Heard>[]> {
  // What landed before the column was there has none: its landing stands for it.
  return clickhouse.rows(
    Heard,
    `SELECT source_id AS source, _partition AS partition,
       max(toUnixTimestamp64Milli(if(toUnixTimestamp64Milli(last_received_at) <= 0, last_ingested_at, last_received_at))) AS received
     FROM siaga.source_minutes WHERE minute >= ${seconds(sinceMs - MINUTE_MS)} GROUP BY source, partition`,
  )
}

/** Heartbeats that landed since a time, oldest landing first. Those that cannot be read were written by somebody else and say nothing. */
export async function readBeats(clickhouse: ClickHouse, sinceMs: number): Promise<Beat[]> {
  const rows = await clickhouse.rows(
    BeatRow,
    `SELECT toUnixTimestamp64Milli(received_at) AS at, toUnixTimestamp64Milli(ingested_at) AS landed, message
     FROM siaga.events WHERE source_id = ${quote(HEARTBEAT_SOURCE)} AND ingested_at >= ${at(sinceMs)}
     ORDER BY ingested_at, received_at`,
  )
  return rows.flatMap(({ at: time, landed, message }) => {
    const record = Heartbeat.safeParse(readJson(message))
    if (!record.success) return []
    const { data } = record
    return [
      {
        instance: data['siaga.collector.instance'],
        run: data['siaga.collector.run'],
        host: data['host.name'],
        kinds: data['siaga.collector.kinds'],
        sources: data['siaga.collector.sources'],
        at: time,
        landed,
        goodbye: data['event.action'] === 'goodbye',
      },
    ]
  })
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Minutes with events of some sources by the hour, and how many events. */
export async function readMinutes(
  clickhouse: ClickHouse,
  sources: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<Map<string, { readonly minutes: HourMinutes; readonly events: number }[]>> {
  const rows = await clickhouse.rows(
    Hours,
    `SELECT source, groupArray(hour) AS hours, groupArray(low) AS low, groupArray(high) AS high, groupArray(n) AS events FROM (
       SELECT source_id AS source, toUnixTimestamp(toStartOfHour(minute)) AS hour, ${bits}, toFloat64(sum(events)) AS n
       FROM siaga.source_minutes
       WHERE source_id IN (${sources.map(quote).join(', ')}) AND minute >= ${seconds(fromMs)} AND minute < ${seconds(toMs)} AND events > 0
       GROUP BY source, hour
     ) GROUP BY source`,
  )
  return new Map(
    rows.map(({ source, hours, low, high, events }) => [
      source,
      hours.map((hour, n) => ({
        minutes: { at: hour * 1000, low: low[n] ?? 0, high: high[n] ?? 0 },
        events: events[n] ?? 0,
      })),
    ]),
  )
}

/** Minutes in which anything at all landed: Siaga worked. */
export async function readObserved(clickhouse: ClickHouse, fromMs: number, toMs: number): Promise<HourMinutes[]> {
  const rows = await clickhouse.rows(
    HourBits,
    `SELECT toUnixTimestamp(toStartOfHour(minute)) AS hour, ${bits} FROM siaga.source_minutes
     WHERE minute >= ${seconds(fromMs)} AND minute < ${seconds(toMs)} GROUP BY hour`,
  )
  return rows.map(({ hour, low, high }) => ({ at: hour * 1000, low, high }))
}

/** Minutes whose heartbeats landed late, and how late, milliseconds: what came before them is not complete by its minutes. */
export async function readLags(
  clickhouse: ClickHouse,
  fromMs: number,
  toMs: number,
): Promise<{ readonly at: number; readonly lagMs: number }[]> {
  const rows = await clickhouse.rows(
    Lag,
    `SELECT toUnixTimestamp(minute) AS minute, max(lag_ms_max) AS lag FROM siaga.source_minutes
     WHERE source_id = ${quote(HEARTBEAT_SOURCE)} AND minute >= ${seconds(fromMs)} AND minute < ${seconds(toMs)} AND lag_ms_max > ${MINUTE_MS}
     GROUP BY minute`,
  )
  return rows.map(({ minute, lag }) => ({ at: minute * 1000, lagMs: lag }))
}

/** Probes of assets that landed since a time. */
export function readProbes(clickhouse: ClickHouse, sinceMs: number): Promise<Probe[]> {
  return clickhouse.rows(
    ProbeRow,
    `SELECT asset_id AS asset, toUnixTimestamp64Milli(received_at) AS at, fields['siaga.probe.failure'] AS failure FROM siaga.events
     WHERE source_id = ${quote(PROBE_SOURCE)} AND dataset = ${quote(PROBE_FORMAT)} AND event_action = 'page_probe' AND asset_id != ''
       AND ingested_at >= ${at(sinceMs)}
     ORDER BY received_at`,
  )
}

/** Findings of these rules that landed in the last three days. */
export function readKnown(clickhouse: ClickHouse, nowMs: number): Promise<KnownFinding[]> {
  return clickhouse.rows(
    Known,
    `SELECT finding_id, rule_id, entity, toUnixTimestamp64Milli(window_start) AS since, title FROM siaga.findings
     WHERE rule_id IN (${Object.values(silenceRules).map(quote).join(', ')}) AND landed_at >= ${at(nowMs - 72 * HOUR_MS)}
     ORDER BY window_start`,
  )
}

/** The state of each sensor as it was last kept. */
export function readStates(clickhouse: ClickHouse): Promise<StateRow[]> {
  return clickhouse.rows(
    StateRow,
    `SELECT source_id, kind, region_code, owner, asset_id, state, counted_as, toUnixTimestamp64Milli(since) AS since,
       toUnixTimestamp64Milli(last_event) AS last_event, toUnixTimestamp64Milli(expected_at) AS expected_at, reason,
       toUnixTimestamp64Milli(changed_at) AS changed_at
     FROM siaga.source_states_now`,
  )
}

/** Appends rows. A repeat of a row says the same again. */
export async function keepStates(clickhouse: ClickHouse, rows: readonly StateRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) =>
    [
      ...[row.source_id, row.kind, row.region_code, row.owner, row.asset_id, row.state, row.counted_as].map(quote),
      at(row.since),
      at(row.last_event),
      at(row.expected_at),
      quote(row.reason),
      at(row.changed_at),
    ].join(', '),
  )
  await clickhouse.command(
    `INSERT INTO siaga.source_states
       (source_id, kind, region_code, owner, asset_id, state, counted_as, since, last_event, expected_at, reason, changed_at)
     VALUES ${values.map((value) => `(${value})`).join(', ')}`,
    {},
    { max_query_size: 64 * 1024 * 1024 },
  )
}

/** Keeps up to when silence has been judged. */
export async function keepRound(clickhouse: ClickHouse, judgedUntil: number, now: number): Promise<void> {
  await clickhouse.command(
    `INSERT INTO siaga.silence_rounds (name, judged_until, made_at) VALUES ('silence', ${at(judgedUntil)}, ${at(now)})`,
  )
}
