// How do old days come to take half the disk? Each partition of `events` is written once more, packed well, when two days have passed (ADR 36, 40).
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { mergePartition } from './merge-partition.ts'

const DAY_MS = 86_400_000
/** The last days are asked most, and what is packed fast is read fast. */
const UNPACKED_DAYS = 2
const WELL = 'ZSTD(3)'
const Partition = z.object({ id: z.string() })

/** Partitions of `events` (days of landing, YYYYMMDD, oldest first) that are complete, two days old at `now`, and not packed well yet. */
export async function oldDays(clickhouse: ClickHouse, now: number, table = 'siaga.events'): Promise<string[]> {
  const [database = '', name = ''] = table.split('.')
  const rows = await clickhouse.rows(
    Partition,
    `SELECT partition_id AS id FROM system.parts
     WHERE database = {database:String} AND table = {name:String} AND active AND default_compression_codec != '${WELL}'
       AND partition_id < toString(toYYYYMMDD(fromUnixTimestamp64Milli({until:Int64}, 'UTC'))) GROUP BY id ORDER BY id`,
    { database, name, until: now - UNPACKED_DAYS * DAY_MS },
  )
  return rows.map(({ id }) => id)
}

/**
 * Packs the partitions, one after the other; each becomes one part. Nobody writes to them any more; what lands meanwhile is packed well too, which
 * costs it a little and harms nothing. Whatever was not reached, because of `signal` or because the server was busy with it, is there the next time.
 *
 * The table's codec is turned for so long, and not told to it as TTL … RECOMPRESS: with that, ClickHouse 26.7 compares the codecs of every old part
 * whenever it looks for something to merge, which is at each insert (a fifth of a core with a year of days at 10,000 events a second).
 */
export async function packDays(
  clickhouse: ClickHouse,
  partitions: readonly string[],
  signal?: AbortSignal,
  table = 'siaga.events',
): Promise<void> {
  if (partitions.length === 0) return
  await clickhouse.command(`ALTER TABLE ${table} MODIFY SETTING default_compression_codec = '${WELL}'`)
  try {
    for (const partition of partitions) {
      if (signal?.aborted) return
      await mergePartition(clickhouse, table, partition, signal)
    }
  } finally {
    await clickhouse.command(`ALTER TABLE ${table} RESET SETTING default_compression_codec`)
  }
}
