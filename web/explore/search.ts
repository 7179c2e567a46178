// Which events answer a question? Pages by cursor, a histogram by severity, one event whole: SQL over `siaga.events` with every value as a parameter.

import type { z } from 'zod'
import { type EventColumn, eventColumns } from '../../schemas/event.ts'
import type { Cursor, EventKey, Order } from '../../schemas/explore-api.ts'
import { type Compiled, paramsOf } from './compile.ts'
import { allColumns } from './fields.ts'

export interface Asking {
  readonly query: string
  readonly params: Readonly<Record<string, string>>
}

export interface Span {
  /** Milliseconds since 1970 UTC: from is in the span, to is not. */
  readonly from: number
  readonly to: number
}

/** Characters of a text on a page of rows; the event itself has all of it. */
const SHOWN = 400
/**
 * An event lands after it happened (times in the future are set to the time of receipt), so days of landing before the span hold none of it. The
 * rest is for clocks of collectors and processors that differ. There is no bound the other way: logs may be handed in years later.
 */
const CLOCKS_DIFFER_MS = 3_600_000

const inSpan = `e.timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND e.timestamp < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  AND e.ingested_at >= fromUnixTimestamp64Milli({landed:Int64}, 'UTC')`

const spanParams = ({ from, to }: Span): Record<string, string> => ({
  from: String(from),
  to: String(to),
  landed: String(Math.max(0, from - CLOCKS_DIFFER_MS)),
})

/** `FROM … WHERE …` of the events of a span that a question is about. */
function matching(compiled: Compiled, span: Span): { where: string; params: Record<string, string> } {
  return {
    where: `FROM siaga.events AS e\nWHERE ${inSpan}\n  AND (${compiled.condition})`,
    params: { ...spanParams(span), ...paramsOf(compiled) },
  }
}

/** What stands behind the columns of a row: by these it is found again, and the next page begins. */
export const keyColumns = ['score', 'timestamp', '_stream', '_partition', '_offset'] as const
const sortKey = 'e.timestamp, e._stream, e._partition, e._offset'

const orders: Readonly<Record<Order, { by: string; key: string; beyond: string }>> = {
  newest: { by: 'DESC', key: sortKey, beyond: '<' },
  oldest: { by: 'ASC', key: sortKey, beyond: '>' },
  score: { by: 'DESC', key: `e.score, ${sortKey}`, beyond: '<' },
}

const places = "toDateTime64({k_at:String}, 3, 'UTC'), {k_stream:String}, {k_partition:UInt16}, {k_offset:UInt64}"

/** One page, and the row behind it that tells whether there is another. */
export function pageQuery(
  compiled: Compiled,
  span: Span,
  {
    columns,
    order,
    size,
    after,
  }: { columns: readonly EventColumn[]; order: Order; size: number; after?: Cursor | undefined },
): Asking {
  const { where, params } = matching(compiled, span)
  const { by, key, beyond } = orders[order]
  const beginning = after === undefined ? '' : beginsAfter(order, key, beyond)
  const shown = [...columns, ...keyColumns].map((column, at) => `${shownAs(column, at < columns.length)} AS c${at}`)
  return {
    query: `SELECT ${shown.join(', ')}\n${where}${beginning}\nORDER BY ${key.replaceAll(',', ` ${by},`)} ${by}\nLIMIT ${size + 1}`,
    params: after === undefined ? params : { ...params, ...cursorParams(after) },
  }
}

function beginsAfter(order: Order, key: string, beyond: string): string {
  if (order === 'score') return `\n  AND e.score <= {k_score:UInt8} AND (${key}) ${beyond} ({k_score:UInt8}, ${places})`
  // The bare comparison first: the sort key of the table is pruned by it.
  return `\n  AND e.timestamp ${beyond}= toDateTime64({k_at:String}, 3, 'UTC') AND (${key}) ${beyond} (${places})`
}

const cursorParams = ({ score, timestamp, stream, partition, offset }: Cursor): Record<string, string> => ({
  k_score: String(score),
  k_at: timestamp,
  k_stream: stream,
  k_partition: String(partition),
  k_offset: offset,
})

function shownAs(column: EventColumn, cut: boolean): string {
  const { type } = eventColumns[column]
  return cut && type === 'String' ? `substringUTF8(e.${column}, 1, ${SHOWN})` : `e.${column}`
}

/** Every column, for a file. `limit`: rows at most. */
export function exportQuery(
  compiled: Compiled,
  span: Span,
  { columns, order, limit }: { columns: readonly EventColumn[]; order: Order; limit: number },
): Asking {
  const { where, params } = matching(compiled, span)
  const { by, key } = orders[order]
  const shown = columns.map((column, at) => `e.${column} AS c${at}`)
  return {
    query: `SELECT ${shown.join(', ')}\n${where}\nORDER BY ${key.replaceAll(',', ` ${by},`)} ${by}\nLIMIT ${limit}`,
    params,
  }
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 364].map((n) => n * DAY),
]

export interface Bars {
  readonly step: number
  readonly begin: number
  readonly bars: number
}

/** Bars of a histogram: of a length that people count in, beginning on the clock of the viewer. `offsetHours`: hours east of UTC. */
export function barsOf({ from, to }: Span, most: number, offsetHours: number): Bars {
  const shift = offsetHours * HOUR
  // One more than fits, for the first bar begins before the span.
  const step = steps.find((one) => (to - from) / one <= most - 1) ?? Math.ceil((to - from) / (most - 1) / DAY) * DAY
  const begin = Math.floor((from + shift) / step) * step - shift
  return { step, begin, bars: Math.ceil((to - begin) / step) }
}

/** Rows of bar (from 0), severity (0 none … 4 critical) and number of events. */
export function histogramQuery(compiled: Compiled, span: Span, { step, begin }: Bars): Asking {
  const { where, params } = matching(compiled, span)
  return {
    query: `SELECT toUInt32(intDiv(toUnixTimestamp64Milli(e.timestamp) - {begin:Int64}, {step:Int64})) AS bar,
  multiIf(e.score >= 90, 4, e.score >= 70, 3, e.score >= 40, 2, e.score >= 20, 1, 0) AS severity, toUInt32(count()) AS events
${where}
GROUP BY bar, severity
ORDER BY bar, severity`,
    params: { ...params, begin: String(begin), step: String(step) },
  }
}

/** One event, all of its columns. */
export function eventQuery({ timestamp, stream, partition, offset }: z.infer<typeof EventKey>): Asking {
  return {
    query: `SELECT ${allColumns.map((column) => `e.${column} AS ${column}`).join(', ')}
FROM siaga.events AS e
WHERE e.timestamp = toDateTime64({k_at:String}, 3, 'UTC') AND e.ingested_at >= toDateTime64({k_at:String}, 3, 'UTC') - INTERVAL 1 HOUR
  AND e._stream = {k_stream:String} AND e._partition = {k_partition:UInt16} AND e._offset = {k_offset:UInt64}
LIMIT 1`,
    params: { k_at: timestamp, k_stream: stream, k_partition: String(partition), k_offset: offset },
  }
}

/** Values of a column among the newest of the viewer's events, the most frequent first. */
export function valuesQuery(column: EventColumn, to: number, rows: number, limit: number): Asking {
  const list = eventColumns[column].type === 'Array(String)'
  const text = list ? `arrayJoin(e.${column})` : `toString(e.${column})`
  return {
    query: `SELECT substringUTF8(value, 1, 200) AS value, toUInt32(count()) AS events
FROM (
  SELECT ${text} AS value FROM siaga.events AS e
  WHERE ${inSpan}
  LIMIT {rows:UInt32}
)
WHERE value NOT IN ('', '0')
GROUP BY value
ORDER BY events DESC, value
LIMIT {limit:UInt32}`,
    params: { ...spanParams({ from: Math.max(0, to - 7 * DAY), to }), rows: String(rows), limit: String(limit) },
  }
}
