// On which server do the rows of a Kafka partition lie? On one for good, recorded before its first insert; without a cluster on the only one.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type ClickHouse, isAlreadyRunning, quote, whole } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'

/** A server on which events land, and the database of `events` and of what is counted from them. */
export interface EventStore {
  readonly clickhouse: ClickHouse
  readonly database: string
}

/** Where events land. */
export interface EventStores {
  /** Every server, in the order of shards. */
  readonly all: readonly EventStore[]
  /** True if an answer may be missing from one server while the others have theirs. */
  readonly sharded: boolean
  /**
   * The server of a partition. Rejects with CLICKHOUSE_UNAVAILABLE while it, or the one that keeps the record, is away; with CONFIG_INVALID if it is not
   * the shard that it should be.
   */
  of(topic: string, partition: number): Promise<EventStore>
}

/** One server for all. */
export function oneEventStore(clickhouse: ClickHouse): EventStores {
  const store = { clickhouse, database: 'siaga' }
  return { all: [store], sharded: false, of: async () => store }
}

const RETRY_MS = 50
const Shard = z.object({ shard: z.coerce.number() })

/**
 * The shards of a cluster.
 *
 * @param home the server with everything else, which keeps the record
 */
export function shardedEventStores(home: ClickHouse, all: readonly EventStore[]): EventStores {
  const known = new Map<string, number>()
  const compared = new Set<number>()
  return {
    all,
    sharded: true,
    async of(topic, partition) {
      const key = `${topic}/${partition}`
      // It never changes, so it is asked once.
      const shard = known.get(key) ?? (await shardOf(home, topic, partition, all.length))
      known.set(key, shard)
      const store = all[shard - 1]
      if (store === undefined) {
        const detail = `partition ${partition} of ${topic} lies on shard ${shard}, and clickhouse.cluster.shards names ${all.length}`
        throw new SiagaError('CONFIG_INVALID', { detail })
      }
      if (!compared.has(shard)) await expectPlace(store, shard)
      compared.add(shard)
      return store
    },
  }
}

const recorded = (topic: string, partition: number): string =>
  `SELECT shard FROM siaga.partition_shards WHERE topic = ${quote(topic)} AND partition = ${whole(partition)} ORDER BY recorded_at LIMIT 1`

/** The recorded shard; of a partition that nobody has met, the shard with the fewest partitions, recorded now. */
async function shardOf(home: ClickHouse, topic: string, partition: number, shards: number): Promise<number> {
  for (;;) {
    const [row] = await home.rows(Shard, recorded(topic, partition))
    if (row !== undefined) return row.shard
    try {
      await home.command(
        `INSERT INTO siaga.partition_shards (topic, partition, shard, recorded_at)
         SELECT ${quote(topic)}, ${whole(partition)}, number + 1, now64(3)
         FROM numbers(${whole(shards)}) AS shards
         LEFT JOIN (SELECT shard, uniqExact(partition) AS partitions FROM siaga.partition_shards WHERE topic = ${quote(topic)} GROUP BY shard) AS taken ON taken.shard = shards.number + 1
         WHERE (SELECT count() FROM (${recorded(topic, partition)})) = 0
         ORDER BY partitions, number LIMIT 1`,
        {},
        {},
        // The server runs one query of an id at a time: nobody chooses between another's look and its record.
        'siaga-partition-shards',
      )
    } catch (error) {
      if (!isAlreadyRunning(error)) throw error
      await sleep(RETRY_MS * (0.5 + Math.random()))
    }
  }
}

async function expectPlace({ clickhouse, database }: EventStore, shard: number): Promise<void> {
  const [place] = await clickhouse.rows(Shard, `SELECT shard FROM ${database}.shard_place ORDER BY made_at LIMIT 1`)
  if (place?.shard === shard) return
  const detail = `the server at place ${shard} of clickhouse.cluster.shards is ${place === undefined ? 'no shard yet (siaga migrate)' : `shard ${place.shard}`}`
  throw new SiagaError('CONFIG_INVALID', { detail })
}
