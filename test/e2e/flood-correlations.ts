// What do correlations say of a flood? Its events in a table of their own of a real ClickHouse, judged in rounds as the schedule does.
import { randomBytes } from 'node:crypto'
import type { LinkedCorrelation } from '../../processors/correlate/link.ts'
import { createCorrelator, createMemoryStore } from '../../processors/correlate/round.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import type { Finding } from '../../schemas/detection.ts'
import { createRowBuffer, insertColumns, type RowBuffer } from '../../sinks/clickhouse/rows.ts'

export interface FloodCorrelations {
  /** Stands in for the writer of a worker. */
  readonly append: RowBuffer['append']
  /** True when there is enough for an insert. */
  full(): boolean
  land(at: number): Promise<void>
  /** Lands what there is and judges it; everything up to `now` has arrived. */
  round(now: number): Promise<readonly Finding[]>
  close(): Promise<void>
}

export const STREAM = 'flood'
const FLUSH_ROWS = 50_000

/** Makes the table. `from`: nothing before is judged. */
export async function correlateFlood(
  clickhouse: ClickHouse,
  correlations: readonly LinkedCorrelation[],
  from: number,
): Promise<FloodCorrelations> {
  const table = `siaga.flood_events_${randomBytes(6).toString('hex')}`
  const buffer = createRowBuffer()
  const store = createMemoryStore()
  let watermark = from
  await store.commit(
    [],
    [
      {
        record: { kind: 'progress', stream: STREAM, partition: 0, offset: -1, landed: 0, received: 0 },
        removed: false,
      },
      ...correlations.map(({ rule: { id } }) => ({
        record: { kind: 'judged' as const, rule: id, until: from },
        removed: false,
      })),
    ],
  )
  await clickhouse.command(`CREATE TABLE ${table} AS siaga.events`)
  const correlator = createCorrelator({
    clickhouse,
    store,
    correlations: () => correlations,
    watermark: () => watermark,
    graceMs: 0,
    keepMs: Number.MAX_SAFE_INTEGER / 2,
    tables: { events: table, streams: '(SELECT * FROM siaga.streams WHERE 0)' },
  })
  const land = async (at: number): Promise<void> => {
    if (buffer.rows === 0) return
    buffer.stamp(at)
    await clickhouse.insert({
      statement: `INSERT INTO ${table} (${insertColumns}) FORMAT Native`,
      body: buffer.view(),
      queryId: `flood-${randomBytes(6).toString('hex')}`,
      settings: { async_insert: 0, insert_deduplicate: 0 },
      timeoutMs: 60_000,
    })
    buffer.clear()
  }
  return {
    append: buffer.append,
    full: () => buffer.rows >= FLUSH_ROWS,
    land,
    async round(now) {
      await land(now)
      watermark = now
      return (await correlator.round()).findings
    },
    async close() {
      await correlator.close()
      await clickhouse.command(`DROP TABLE IF EXISTS ${table} SYNC`)
    },
  }
}
