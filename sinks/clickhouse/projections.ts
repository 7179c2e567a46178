// Which parts have stayed without their projection, and how do they come by it? Landing writes none, merges do (ADR 38, 40); of what merges leave over, here.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'

/** Between two looks at work that the server does by itself. */
const LOOK_MS = 200
/** Later than any part. */
const EVER = 10_000_000_000_000
const Missing = z.object({ table: z.string(), projection: z.string(), partition: z.string() })
const Mutation = z.object({ reason: z.string() })

export interface Parts {
  /** A table of its database; all tables with projections if not given. */
  readonly table?: string | undefined
  /** Its partition id; all if not given. */
  readonly partition?: string | undefined
  /** Milliseconds since 1970 UTC: parts that are younger still wait for a merge and are left to it; none is left out if not given. */
  readonly before?: number
}

/**
 * ClickHouse 26.7 does not merge a part that has a projection with one that has not, nor does OPTIMIZE … FINAL, which says nothing of it: a part that
 * merges left over between two others stays for ever, and its partition is never one part again. Such parts are given their projections; the others are
 * linked, not written anew. A partition in which no part has one is left to the merge that makes it for all.
 *
 * @param database of the tables
 */
export async function completeProjections(
  clickhouse: ClickHouse,
  database: string,
  { table = '', partition = '', before = EVER }: Parts,
  signal?: AbortSignal,
): Promise<void> {
  const missing = await clickhouse.rows(
    Missing,
    `SELECT table, projection, partition_id AS partition
     FROM (SELECT table, partition_id, projections, modification_time FROM system.parts
           WHERE database = {database:String} AND active AND {table:String} IN ('', table) AND {partition:String} IN ('', partition_id)) AS parts
     INNER JOIN (SELECT table, name AS projection FROM system.projections WHERE database = {database:String}) AS defined USING (table)
     GROUP BY table, projection, partition
     HAVING countIf(has(projections, projection)) > 0
       AND countIf(NOT has(projections, projection) AND modification_time < fromUnixTimestamp64Milli({before:Int64}, 'UTC')) > 0
     ORDER BY table, projection, partition`,
    { database, table, partition, before },
  )
  for (const { table, projection, partition } of missing) {
    if (signal?.aborted) return
    await clickhouse.command(
      `ALTER TABLE ${database}.${table} MATERIALIZE PROJECTION ${projection} IN PARTITION ID '${partition}'`,
    )
    await made(clickhouse, database, table, signal)
  }
}

/** Minutes, for a large part: longer than a silent connection lasts. Rejects with what the server says if it cannot; it tries again by itself. */
async function made(clickhouse: ClickHouse, database: string, table: string, signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted) {
    const [running] = await clickhouse.rows(
      Mutation,
      `SELECT latest_fail_reason AS reason FROM system.mutations
       WHERE database = {database:String} AND table = {table:String} AND NOT is_done AND startsWith(command, 'MATERIALIZE PROJECTION') ORDER BY reason DESC LIMIT 1`,
      { database, table },
    )
    if (running === undefined) return
    if (running.reason !== '') throw new SiagaError('CLICKHOUSE_REFUSED', { detail: running.reason })
    await sleep(LOOK_MS)
  }
}
