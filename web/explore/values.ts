// Which values does completion offer? Those among the viewer's own events, asked once a minute at most for each room and column.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { EventColumn } from '../../schemas/event.ts'
import { type ExploreValues, exploreLimits } from '../../schemas/explore-api.ts'
import type { Viewer } from '../viewer.ts'
import { valuesQuery } from './search.ts'

const HOLDS_MS = 60_000
/** Answers that are kept; the oldest goes. */
const MAX_KEPT = 1_000
/** Events that are looked at. */
const SAMPLE_ROWS = 300_000

const Row = z.object({ value: z.string(), events: z.number() })

export type ReadValues = (
  clickhouse: ClickHouse,
  viewer: Pick<Viewer, 'room' | 'name'>,
  column: EventColumn,
  to: number,
) => Promise<ExploreValues>

/** @param now milliseconds since 1970 UTC */
export function createValues(now: () => number): ReadValues {
  const kept = new Map<string, { at: number; values: Promise<ExploreValues> }>()
  return (clickhouse, { room, name }, column, to) => {
    // The values of a day hardly change by the end of the span: an hour of it shares an answer.
    const key = `${room.id}\n${column}\n${Math.floor(to / 3_600_000)}`
    const known = kept.get(key)
    if (known !== undefined && now() - known.at < HOLDS_MS) return known.values
    const { query, params } = valuesQuery(column, to, SAMPLE_ROWS, exploreLimits.values)
    const values = clickhouse
      .rows(Row, query, { ...params }, { log_comment: name, max_execution_time: 10 })
      .then((rows) => ({ values: rows, sampled: rows.reduce((sum, { events }) => sum + events, 0) >= SAMPLE_ROWS }))
    kept.delete(key)
    kept.set(key, { at: now(), values })
    // What failed is asked again.
    values.catch(() => kept.delete(key))
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break
      kept.delete(oldest)
    }
    return values
  }
}
