// How does a verdict reach ClickHouse? One row for each event that it is about, with what entity risk and later readers need of it.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { Verdict } from '../../schemas/verdict.ts'

/** Findings of one matter in a region (with those beneath it; `00` and empty: anywhere) that rest on the data of one owner. */
export interface VerdictMatter {
  readonly dedupKey: string
  readonly region: string
  readonly owner: string
  readonly from: number
  readonly to: number
}

/**
 * The events that a verdict is about: by id, with those of all findings of a matter that have landed if one is given, or everything that still weighs on an
 * entity, of a span of event time if one is given (milliseconds since 1970 UTC, both inclusive; the window of a finding).
 */
export type VerdictTarget =
  | { readonly eventIds: readonly string[]; readonly matter?: VerdictMatter | undefined }
  | { readonly entity: EntityType; readonly value: string; readonly from?: number; readonly to?: number }

/** What entity risk is kept for, and the column that names it. */
export const entityColumns = {
  source_ip: 'source_ip',
  user: 'user_name',
  asset: 'asset_id',
  region: 'region_code',
} as const
export type EntityType = keyof typeof entityColumns

export interface VerdictAct {
  /** Unique for this act of marking; the same act sent again is one. */
  readonly id: string
  /** Milliseconds since 1970 UTC. */
  readonly at: number
  readonly by: string
  readonly verdict: Verdict
  readonly reason: string
  /** What was marked, as type:value, such as alert:42 or source_ip:192.0.2.1 */
  readonly subject: string
}

const Count = z.object({ n: z.coerce.number() })

/** Columns of the event that its verdict keeps. */
const copied = `event_id, timestamp, region_code, owner, asset_id, source_ip, user_name, asset_criticality, phase, event_severity,
  score, factors, score_version, _stream, _partition, _offset`

/** Lower scores weigh on no entity, and older hours are forgotten: as in migration 0004. */
const WEIGHS = 'score >= 20 AND timestamp > now() - INTERVAL 46 DAY'
const SPAN =
  "timestamp BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')"
/** Within what DateTime64(3) holds, whose last year is 2299. */
const FOREVER = 10_000_000_000_000

/** Events of a matter that one act marks: the newest, which weigh most. */
const MAX_EVENTS = 50_000
/** What a device's clock may be off by, between an event and the window of its finding. */
const ASIDE_MS = 3_600_000
const OF_MATTER = `${SPAN} AND event_id NOT IN ({ids:Array(String)}) AND event_id IN (
  SELECT event_id FROM siaga.findings WHERE dedup_key = {dedup:String} AND owner = {owner:String}
    AND window_end BETWEEN fromUnixTimestamp64Milli({first:Int64}, 'UTC') AND fromUnixTimestamp64Milli({last:Int64}, 'UTC')
    AND ({region:String} IN ('', '00') OR region_code = {region:String} OR startsWith(region_code, {region:String} || '.'))
  ORDER BY window_end DESC LIMIT ${MAX_EVENTS})`

/** ClickHouse 26.7 reads `owner = ''` of a view as a subcolumn that the view does not have, and refuses the query. */
const plain = { optimize_functions_to_subcolumns: 0 } as const

type Selection = readonly [where: string, params: Readonly<Record<string, string | number | string[]>>]

/** Conditions on events, each with its parameters; no event fits two. */
function selectionsOf(target: VerdictTarget): Selection[] {
  if (!('eventIds' in target)) {
    const { entity, value, from = 0, to = FOREVER } = target
    return [[`${entityColumns[entity]} = {value:String} AND ${WEIGHS} AND ${SPAN}`, { value, from, to }]]
  }
  const ids = [...target.eventIds]
  const named: Selection = ['event_id IN ({ids:Array(String)})', { ids }]
  if (target.matter === undefined) return [named]
  const { dedupKey: dedup, region, owner } = target.matter
  // What ClickHouse has no time for would be refused again and again, and everything behind it with it.
  const known = (ms: number): number => Math.min(FOREVER, Math.max(ASIDE_MS, ms))
  const [first, last] = [known(target.matter.from), known(target.matter.to)] as const
  const span = { from: first - ASIDE_MS, to: last }
  return [named, [OF_MATTER, { ids, dedup, region, owner, first, last, ...span }]]
}

/** Appends the rows of one act of marking. Nothing is overwritten: the latest row of an event holds. */
export async function appendVerdict(clickhouse: ClickHouse, act: VerdictAct, target: VerdictTarget): Promise<void> {
  const { id, at, by, verdict, reason, subject } = act
  for (const [n, [where, params]] of selectionsOf(target).entries())
    await clickhouse.command(
      `INSERT INTO siaga.verdicts (verdict_id, marked_at, marked_by, verdict, reason, subject, ${copied})
       SELECT {id:String}, fromUnixTimestamp64Milli({at:Int64}, 'UTC'), {by:String}, {verdict:String}, {reason:String}, {subject:String}, ${copied}
       FROM siaga.events WHERE ${where}`,
      { ...params, id, at, by, verdict, reason, subject },
      { insert_deduplication_token: n === 0 ? id : `${id}-${n}`, ...plain },
    )
}

/** The same; answers for how many events. */
export async function recordVerdict(clickhouse: ClickHouse, act: VerdictAct, target: VerdictTarget): Promise<number> {
  await appendVerdict(clickhouse, act, target)
  const { id } = act
  const [row] = await clickhouse.rows(Count, 'SELECT count() AS n FROM siaga.verdicts WHERE verdict_id = {id:String}', {
    id,
  })
  return row?.n ?? 0
}
