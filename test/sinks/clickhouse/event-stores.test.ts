// Does a Kafka partition stay on its shard, whoever asks, and do new ones go where there are fewest?
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../../runtime/clickhouse.ts'
import { type EventStore, oneEventStore, shardedEventStores } from '../../../sinks/clickhouse/event-stores.ts'
import { getServices } from '../../services.ts'

/** One topic for each test: the record is one for all of them. */
const topic = (): string => `test-${randomBytes(6).toString('hex')}`
let home: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin).finally(() => admin.close())
  // What workers log in as.
  home = createClickHouse({ url: clickhouse.url, ...clickhouse.users.pipeline })
})
afterAll(() => home?.close())

/** Servers that say of themselves which shard they are. */
const shards = (...numbers: readonly number[]): EventStore[] =>
  numbers.map((shard) => ({
    clickhouse: { ...home, rows: async (schema) => [schema.parse({ shard })] },
    database: `shard_${shard}`,
  }))
const databaseOf = async (stores: ReturnType<typeof shardedEventStores>, name: string, partition: number) =>
  (await stores.of(name, partition)).database

test('partitions are spread evenly, each recorded once, though many ask at once', async () => {
  const name = topic()
  const ask = () => {
    const stores = shardedEventStores(home, shards(1, 2))
    return Promise.all([0, 1, 2, 3, 4, 5].map((partition) => databaseOf(stores, name, partition)))
  }
  const [first, ...others] = await Promise.all([ask(), ask(), ask()])
  for (const other of others) expect(other).toEqual(first)
  expect(first?.filter((database) => database === 'shard_1').length).toBe(3)
  const rows = await home.rows(
    z.object({ n: z.coerce.number() }),
    'SELECT count() AS n FROM siaga.partition_shards WHERE topic = {name:String}',
    { name },
  )
  expect(rows).toEqual([{ n: 6 }])
})

test('a shard that comes later gets new partitions, and those that are there stay', async () => {
  const name = topic()
  const two = shardedEventStores(home, shards(1, 2))
  const before: string[] = []
  for (const partition of [0, 1, 2, 3]) before.push(await databaseOf(two, name, partition))
  const three = shardedEventStores(home, shards(1, 2, 3))
  for (const partition of [4, 5]) expect(await databaseOf(three, name, partition)).toBe('shard_3')
  for (const partition of [0, 1, 2, 3]) expect(await databaseOf(three, name, partition)).toBe(before[partition])
})

test('a server that is another shard than its place says, or is missing, takes nothing', async () => {
  const name = topic()
  await expect(shardedEventStores(home, shards(2, 1)).of(name, 0)).rejects.toThrow('is shard 2')
  const three = shardedEventStores(home, shards(1, 2, 3))
  const last = await Promise.all([0, 1, 2].map((partition) => databaseOf(three, name, partition)))
  const lost = last.indexOf('shard_3')
  await expect(shardedEventStores(home, shards(1, 2)).of(name, lost)).rejects.toThrow(
    'clickhouse.cluster.shards names 2',
  )
})

test('one server has everything', async () => {
  const stores = oneEventStore(home)
  expect(await stores.of(topic(), 7)).toEqual({ clickhouse: home, database: 'siaga' })
  expect(stores.sharded).toBe(false)
})
