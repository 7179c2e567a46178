// How do rollups get what landed before they were made, or was lost with a disk? Hour by hour of landing, the difference is measured and added.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type ClickHouse, isAlreadyRunning } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { fillRollup, type LandedRows, type Rollup, readRollups } from './rollups.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** An insert takes a minute at most (insert.ts); one that is tried again later compares its rollups by itself. */
const SETTLED_MS = 5 * MINUTE_MS

const Landed = z.object({ hour: z.coerce.number(), streams: z.array(z.string()), events: z.coerce.number() })

export interface RebuildProgress {
  /** Hours of landing, and their events: done and altogether. */
  readonly hours: number
  readonly allHours: number
  readonly events: number
  readonly allEvents: number
  /** The hour that comes next, milliseconds since 1970 UTC. */
  readonly hour: number
}

export interface RebuildOptions {
  /** Milliseconds since 1970 UTC. */
  readonly now: number
  /** Only what landed since; everything unless told. Milliseconds since 1970 UTC. */
  readonly since?: number | undefined
  readonly onProgress?: (progress: RebuildProgress) => void
  /** Of the events and their rollups, as on a shard; siaga unless told. */
  readonly database?: string
}

export interface Rebuilt {
  readonly hours: number
  readonly events: number
  /** Rollups by hour of landing hold nothing of what landed from here on before they were made; 0 if nothing is left to do. */
  readonly open: number
}

/**
 * Fills every rollup from the raw rows; the newest hours first. It may be run again, killed, and run by several processes at once, while events
 * land: the server measures and adds in one query, and takes one query for a rollup, stream and hour at a time. The hour that is still
 * running is filled by minute only.
 */
export async function rebuildRollups(
  clickhouse: ClickHouse,
  { now, since = 0, onProgress, database = 'siaga' }: RebuildOptions,
): Promise<Rebuilt> {
  const rollups = await readRollups(clickhouse, database)
  const landed = await clickhouse.rows(
    Landed,
    `SELECT toUnixTimestamp(toStartOfHour(ingested_at)) * 1000 AS hour, groupUniqArray(_stream) AS streams, count() AS events
     FROM ${database}.events WHERE ingested_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY hour ORDER BY hour DESC`,
    { since: Math.floor(since / HOUR_MS) * HOUR_MS },
  )
  const settled = Math.floor((now - SETTLED_MS) / MINUTE_MS) * MINUTE_MS
  const allEvents = landed.reduce((sum, { events }) => sum + events, 0)
  let done = 0
  let open = 0
  for (const [at, { hour, streams, events }] of landed.entries()) {
    onProgress?.({ hours: at, allHours: landed.length, events: done, allEvents, hour })
    const closed = hour + HOUR_MS <= settled
    if (!closed) open = hour
    for (const stream of streams) {
      const rows = { stream, from: hour, to: closed ? hour + HOUR_MS : settled }
      for (const rollup of rollups) {
        if (rows.from < rows.to && (closed || rollup.slot === 'minute')) await fill(clickhouse, rollups, rollup, rows)
      }
    }
    done += events
  }
  return { hours: landed.length, events: done, open }
}

/** Waits while the server does the same for somebody else, or still for us after the connection was lost. */
async function fill(
  clickhouse: ClickHouse,
  rollups: readonly Rollup[],
  rollup: Rollup,
  rows: LandedRows,
): Promise<void> {
  for (;;) {
    try {
      await fillRollup(clickhouse, rollups, rollup, rows)
      return
    } catch (error) {
      const lost = error instanceof SiagaError && error.code === 'CLICKHOUSE_UNAVAILABLE' && (await clickhouse.ping())
      if (!lost && !isAlreadyRunning(error)) throw error
      await sleep(500)
    }
  }
}
