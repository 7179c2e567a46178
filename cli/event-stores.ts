// Where do events land: on the server that everything else uses, or on the shards of a cluster?
import { SHARD_DATABASE } from '../deploy/clickhouse/sharded.ts'
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from '../runtime/clickhouse.ts'
import { type EventStores, oneEventStore, shardedEventStores } from '../sinks/clickhouse/event-stores.ts'

/** Clients of the shards, and how to close them; `home` stays with the caller. */
export interface OpenEventStores extends EventStores {
  close(): Promise<void>
}

/** @param shards how to log in at each shard, in their order; none: `home` is the only server */
export function openEventStores(home: ClickHouse, shards: readonly ClickHouseOptions[]): OpenEventStores {
  if (shards.length === 0) return { ...oneEventStore(home), close: async () => undefined }
  const clients = shards.map(createClickHouse)
  const stores = clients.map((clickhouse) => ({ clickhouse, database: SHARD_DATABASE }))
  return {
    ...shardedEventStores(home, stores),
    async close() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}
