// Do the rollups agree with the raw rows? After a doubtful insert the difference of one partition and minute is measured and added.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { Log } from '../../runtime/log.ts'
import type { LandingRange } from './insert.ts'

const View = z.object({ view: z.string(), target: z.string(), as_select: z.string() })
const TargetColumn = z.object({ name: z.string(), type: z.string() })

/**
 * Makes every rollup of `events` equal to the raw rows, for the minute and the Kafka partition of the range. Only the owner of a partition
 * writes rows with its number, one insert at a time, so nothing moves while this measures. A rollup is a view `<target>_mv` whose columns
 * are keys (with `minute`, `_stream` and `_partition` among them) or SimpleAggregateFunction of sum, max or min.
 */
export async function repairRollups(clickhouse: ClickHouse, range: LandingRange, log: Log): Promise<void> {
  const views = await clickhouse.rows(
    View,
    `SELECT name AS view, replaceRegexpOne(name, '_mv$', '') AS target, as_select FROM system.tables
     WHERE database = 'siaga' AND engine = 'MaterializedView' AND position(as_select, 'siaga.events') > 0`,
  )
  for (const { target, as_select: select } of views) await repair(clickhouse, target, select, range, log)
}

async function repair(
  clickhouse: ClickHouse,
  target: string,
  select: string,
  range: LandingRange,
  log: Log,
): Promise<void> {
  const columns = await clickhouse.rows(
    TargetColumn,
    `SELECT name, type FROM system.columns WHERE database = 'siaga' AND table = {table:String} ORDER BY position`,
    { table: target },
  )
  const aggregates = columns.map(({ name, type }) => ({ name, how: /^SimpleAggregateFunction\((\w+)/.exec(type)?.[1] }))
  const names = aggregates.map(({ name }) => name)
  const keys = aggregates.filter(({ how }) => how === undefined).map(({ name }) => name)
  const at = `fromUnixTimestamp64Milli({at:Int64}, 'UTC')`
  const mine = '_stream = {stream:String} AND _partition = {partition:UInt16}'
  const raw = select.replace(
    'siaga.events',
    `(SELECT * FROM siaga.events WHERE ${mine} AND toDate(ingested_at) = toDate(${at}) AND toStartOfMinute(ingested_at) = toStartOfMinute(${at})) AS events`,
  )
  // What is recorded, with its sums turned negative: added to what is there in truth, it leaves the difference.
  const recorded = aggregates.map(({ name, how }) =>
    how === 'sum' ? `-1 * sum(${name})` : how === undefined ? name : `${how}(${name})`,
  )
  const added = aggregates.map(({ name, how }, i) => (how === undefined ? name : `${how}(${name}) AS total_${i}`))
  const differs = aggregates.flatMap(({ how }, i) => (how === 'sum' ? [`total_${i} != 0`] : []))
  const difference = `
    SELECT ${added.join(', ')} FROM (
      SELECT ${names.join(', ')} FROM (${raw})
      UNION ALL
      SELECT ${recorded.join(', ')} FROM siaga.${target} WHERE ${mine} AND minute = toStartOfMinute(${at}) GROUP BY ${keys.join(', ')}
    ) GROUP BY ${keys.join(', ')} HAVING ${differs.join(' OR ')}`
  const params = { at: range.ingestedAt, stream: range.stream, partition: range.partition }
  await clickhouse.command(`INSERT INTO siaga.${target} (${names.join(', ')}) ${difference}`, params, {
    insert_deduplicate: 0,
  })
  log.debug({ target, ...params }, 'rollup compared with raw rows')
}
