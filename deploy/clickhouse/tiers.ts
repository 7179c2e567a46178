// Where do old events lie? On a second disk, if the embedded server was given one: after so many days their partitions move there.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { whole } from '../../runtime/clickhouse.ts'

/** Name of the storage policy that the embedded server has when it is given a second disk; its volumes are `default` and `cold`. */
export const TIERED = 'siaga_tiers'

const Table = z.object({ storage_policy: z.string(), create_table_query: z.string() })

/**
 * Makes partitions of `events` move to the volume `cold` so many days after they landed; `days` undefined: they stay where they are. Safe to repeat:
 * nothing is changed that is so already. The server must have the policy {@link TIERED} where `days` is given.
 */
export async function keepTiers(clickhouse: ClickHouse, days: number | undefined): Promise<void> {
  const [table] = await clickhouse.rows(
    Table,
    "SELECT storage_policy, create_table_query FROM system.tables WHERE database = 'siaga' AND name = 'events'",
  )
  if (table === undefined) return
  const moved = /toIntervalDay\((\d+)\) TO VOLUME/.exec(table.create_table_query)?.[1]
  if (moved === (days === undefined ? undefined : String(days))) return
  if (days !== undefined && table.storage_policy !== TIERED)
    await clickhouse.command(
      `ALTER TABLE siaga.events MODIFY SETTING storage_policy = '${TIERED}', materialize_ttl_recalculate_only = 1`,
    )
  const move = days === undefined ? '' : `, toDateTime(ingested_at) + INTERVAL ${whole(days)} DAY TO VOLUME 'cold'`
  // The rest of it as migration 0025 has it: a TTL is given as a whole.
  await clickhouse.command(
    `ALTER TABLE siaga.events MODIFY TTL retain_until DELETE${move}`,
    {},
    // Parts that are there learn when they move; with the setting above their columns are not written anew for it.
    { materialize_ttl_after_modify: days === undefined ? 0 : 1 },
  )
}
