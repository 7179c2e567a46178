// Does `events` have the order, codecs and indexes that were measured (docs/adr/0036)?
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'

let clickhouse: ClickHouse
beforeAll(async () => {
  const services = await getServices()
  clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
  await migrate(clickhouse)
})
afterAll(() => clickhouse?.close())

test('the order begins with region and time, a part is of one landing day', async () => {
  const [table] = await clickhouse.rows(
    z.object({ sorting_key: z.string(), partition_key: z.string(), create_table_query: z.string() }),
    "SELECT sorting_key, partition_key, create_table_query FROM system.tables WHERE database = 'siaga' AND name = 'events'",
  )
  expect(table?.sorting_key).toBe('region_code, timestamp, source_id')
  expect(table?.partition_key).toBe('toYYYYMMDD(ingested_at)')
  expect(table?.create_table_query).toContain(
    'TTL retain_until, toDateTime(ingested_at) + toIntervalDay(2) RECOMPRESS CODEC(ZSTD(3))',
  )
})

test('only times and offsets have a codec of their own: the rest is packed fast first and well later', async () => {
  const rows = await clickhouse.rows(
    z.object({ name: z.string(), compression_codec: z.string() }),
    "SELECT name, compression_codec FROM system.columns WHERE database = 'siaga' AND table = 'events' AND compression_codec != ''",
  )
  expect(Object.fromEntries(rows.map((row) => [row.name, row.compression_codec]))).toEqual({
    timestamp: 'CODEC(Delta(8), ZSTD(1))',
    received_at: 'CODEC(Delta(8), ZSTD(1))',
    ingested_at: 'CODEC(Delta(8), ZSTD(1))',
    retain_until: 'CODEC(Delta(4), ZSTD(1))',
    _offset: 'CODEC(Delta(8), ZSTD(1))',
  })
})

test('skip indexes are those that the ADR names', async () => {
  const rows = await clickhouse.rows(
    z.object({ index: z.string() }),
    "SELECT concat(name, ' ', type_full, ' ', toString(granularity)) AS index FROM system.data_skipping_indices WHERE database = 'siaga' AND table = 'events' ORDER BY name",
  )
  expect(rows.map(({ index }) => index)).toEqual([
    'by_dataset set(64) 4',
    'by_election set(16) 4',
    'by_event_id bloom_filter(0.01) 4',
    'by_ingested_at minmax 1',
    'by_offset minmax 1',
    'by_partition set(64) 1',
    'by_phase set(16) 4',
    'by_rule_ids bloom_filter(0.01) 1',
    'by_score minmax 1',
    'by_source_ip bloom_filter(0.01) 4',
    'by_timestamp minmax 1',
    'by_user_name bloom_filter(0.01) 4',
  ])
})

test('a part of an old day is packed anew by the server itself', async () => {
  // A table of its own: the shared one is others' too.
  await clickhouse.command('CREATE TABLE siaga.storage_repacked AS siaga.events')
  try {
    await clickhouse.command(
      "INSERT INTO siaga.storage_repacked (ingested_at, timestamp, retain_until, message) SELECT now64(3) - INTERVAL 3 DAY, now64(3), now() + INTERVAL 1 YEAR, repeat('a line that says little ', 9) FROM numbers(5000)",
    )
    const codec = async () => {
      const [row] = await clickhouse.rows(
        z.object({ codec: z.string(), rows: z.coerce.number() }),
        "SELECT any(default_compression_codec) AS codec, sum(rows) AS rows FROM system.parts WHERE database = 'siaga' AND table = 'storage_repacked' AND active",
      )
      return row
    }
    await expect.poll(codec, { timeout: 50_000, interval: 500 }).toEqual({ codec: 'ZSTD(3)', rows: 5000 })
  } finally {
    await clickhouse.command('DROP TABLE siaga.storage_repacked')
  }
})
