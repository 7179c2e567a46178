// What is asked of ClickHouse for everybody who looks? Figures by region and owner, so that each viewer's part can be cut from them.
import { z } from 'zod'
import { REPORT_FORMAT } from '../../schemas/raw-event.ts'
import { FeedItem } from '../../schemas/situation-api.ts'

/** Events a second are counted over so long. */
const WINDOW_MS = 10_000
/** Events from this score on are told one by one. */
const FEED_SCORE = 40
/** So many of each region and owner are kept, and so many shown to a viewer. */
export const FEED_ITEMS = 30
/** How far back a feed begins. */
export const FEED_MS = 3_600_000

const Key = z.object({ region_code: z.string(), owner: z.string() })

/** One kind of figures: where they stand in `Figures`, how often they are asked for, and how. `to` is the time of asking, milliseconds since 1970 UTC. */
export interface Question {
  readonly name: string
  readonly everyMs: number
  readonly at: number
  readonly row: z.ZodType<z.infer<typeof Key> & { readonly figures: number[] }>
  readonly sql: string
}

const Row = Key.extend({ figures: z.array(z.number()) })
const landed = `ingested_at > fromUnixTimestamp64Milli({to:Int64} - ${WINDOW_MS}, 'UTC') AND ingested_at <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')`

/** Every question but the feed. Row policies make of each what its asker may see; `test/web/live/cut.test.ts` holds the cut to that. */
export const questions: readonly Question[] = [
  {
    name: 'landed',
    everyMs: 900,
    at: 0,
    row: Row,
    sql: `SELECT region_code, owner, [toFloat64(count()), toFloat64(countIf(score >= 70))] AS figures
FROM siaga.events WHERE ${landed} GROUP BY region_code, owner`,
  },
  {
    name: 'alerts',
    everyMs: 1_900,
    at: 2,
    row: Row,
    sql: `SELECT region_code, owner, [toFloat64(countIf(severity = 'critical')), toFloat64(countIf(severity = 'high')),
  toFloat64(countIf(severity = 'medium')), toFloat64(countIf(severity IN ('low', 'informational')))] AS figures
FROM siaga.alerts WHERE status IN ('open', 'acknowledged', 'in_work') GROUP BY region_code, owner`,
  },
  {
    name: 'risk',
    everyMs: 15_000,
    at: 6,
    row: Row,
    sql: `SELECT region_code, owner, [sum(points)] AS figures
FROM siaga.entity_risk_at(at = toDateTime(intDiv({to:Int64}, 1000), 'UTC'), half_life_hours = 24)
WHERE entity_type = 'region' GROUP BY region_code, owner`,
  },
  {
    name: 'states',
    everyMs: 5_000,
    at: 7,
    row: Row,
    sql: `SELECT region_code, owner, [toFloat64(countIf(kind = 'source')), toFloat64(countIf(kind = 'source' AND counted_as IN ('live', 'quiet'))),
  toFloat64(countIf(state = 'unjudged')), toFloat64(countIf(kind = 'probe' AND counted_as = 'silent'))] AS figures
FROM siaga.source_states_now GROUP BY region_code, owner`,
  },
]

/** How many figures a region has. */
export const FIGURES = 11

export const FeedRow = FeedItem.omit({ region: true, place: true }).extend({
  region_code: z.string(),
  owner: z.string(),
})
export type FeedRow = z.infer<typeof FeedRow>

/** By what an insert is known again: all rows of one carry the same partition and landing time, and are seen at once. */
const INSERT = "concat(_stream, '-', toString(_partition), '@', toString(toUnixTimestamp64Milli(ingested_at)))"

/** The insert that a row of the feed came with. */
export const insertOf = ({ id, landed }: Pick<FeedRow, 'id' | 'landed'>): string =>
  `${id.slice(0, id.lastIndexOf('-'))}@${landed}`

/**
 * The newest events worth a look of each region and owner that landed after `after` and until `to`, milliseconds since 1970 UTC, of other inserts than
 * those `known`: what is not told again is hardly read again. Of a report its title and, on a line of its own, what its room says: its JSON is nothing to
 * read.
 */
export const feedQuestion = `SELECT concat(_stream, '-', toString(_partition), '-', toString(_offset)) AS id, toUnixTimestamp64Milli(timestamp) AS at,
  toUnixTimestamp64Milli(ingested_at) AS landed, region_code, owner, score, event_category AS category, dataset, source_ip AS ip, user_name AS user,
  asset_id AS asset, if(empty(rule_ids), '', rule_ids[1]) AS rule,
  substringUTF8(if(dataset = '${REPORT_FORMAT}', concat(rule_name, '\n', JSONExtractString(message, 'description')), message), 1, 200) AS text
FROM siaga.events
WHERE ingested_at > fromUnixTimestamp64Milli({after:Int64}, 'UTC') AND ingested_at <= fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND score >= ${FEED_SCORE}
  AND NOT has({known:Array(String)}, ${INSERT})
ORDER BY ingested_at DESC, _stream, _partition, _offset DESC
LIMIT ${FEED_ITEMS} BY region_code, owner
LIMIT 10000`
