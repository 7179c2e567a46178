// How does a partition become one part, however large it is? The server merges it; whoever asked waits, also when the connection does not last that long.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { completeProjections } from './projections.ts'

/** Between two looks at a merge that goes on by itself. */
const LOOK_MS = 1_000
const Merge = z.object({ id: z.string() })

/**
 * `OPTIMIZE … FINAL` for one partition. Millions of rows take minutes, in which the server says nothing, and a connection of two silent minutes is
 * given up: the merge goes on without it and is looked at until it is over. Parts that have their projections and parts that have not would not merge:
 * all have them first. A partition that the server was merging by itself may be left as that merge makes it. Rejects with what the server says, and when it does not answer at all.
 *
 * @param table with its database
 */
export async function mergePartition(
  clickhouse: ClickHouse,
  table: string,
  partition: string,
  signal?: AbortSignal,
): Promise<void> {
  const [database = '', name = ''] = table.split('.')
  await completeProjections(clickhouse, database, { table: name, partition }, signal)
  try {
    await clickhouse.command(`OPTIMIZE TABLE ${table} PARTITION ID '${partition}' FINAL`, {}, { max_execution_time: 0 })
  } catch (error) {
    if (!(error instanceof SiagaError) || error.code !== 'CLICKHOUSE_UNAVAILABLE') throw error
    const isMerging = async (): Promise<boolean> => {
      const merges = await clickhouse.rows(
        Merge,
        'SELECT partition_id AS id FROM system.merges WHERE database = {database:String} AND table = {name:String} AND partition_id = {partition:String}',
        { database, name, partition },
      )
      return merges.length > 0
    }
    while (!signal?.aborted && (await isMerging())) await sleep(LOOK_MS)
  }
}
