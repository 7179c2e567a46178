// Does `events` have the order, codecs and indexes that were measured (docs/adr/0036)?
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { oldDays, packDays } from '../../sinks/clickhouse/packing.ts'
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
  expect(table?.create_table_query).toContain('TTL retain_until SETTINGS')
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

test('days are packed when two have passed since, whole, by the user who lands, and only once', async () => {
  // A table of its own: the shared one is others' too.
  const table = 'siaga.storage_packed'
  await clickhouse.command(`CREATE TABLE ${table} AS siaga.events`)
  try {
    const now = Date.now()
    const land = (daysAgo: number) =>
      clickhouse.command(
        `INSERT INTO ${table} (ingested_at, timestamp, retain_until, message) SELECT fromUnixTimestamp64Milli(${now - daysAgo * 86_400_000}, 'UTC'), now64(3), now() + INTERVAL 1 YEAR, repeat('a line that says little ', 9) FROM numbers(2000)`,
      )
    for (const daysAgo of [4, 3, 3, 2, 1, 0]) await land(daysAgo)
    const day = (daysAgo: number) => new Date(now - daysAgo * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
    expect(await oldDays(clickhouse, now, table)).toEqual([day(4), day(3)])
    await packDays(clickhouse, [day(4), day(3)], undefined, table)
    const parts = await clickhouse.rows(
      z.object({ day: z.string(), codecs: z.array(z.string()), parts: z.coerce.number(), rows: z.coerce.number() }),
      "SELECT partition_id AS day, groupUniqArray(default_compression_codec) AS codecs, count() AS parts, sum(rows) AS rows FROM system.parts WHERE database = 'siaga' AND table = 'storage_packed' AND active GROUP BY day ORDER BY day",
    )
    expect(parts).toEqual([
      { day: day(4), codecs: ['ZSTD(3)'], parts: 1, rows: 2000 },
      { day: day(3), codecs: ['ZSTD(3)'], parts: 1, rows: 4000 },
      ...[2, 1, 0].map((ago) => ({ day: day(ago), codecs: ['LZ4'], parts: 1, rows: 2000 })),
    ])
    expect(await oldDays(clickhouse, now, table)).toEqual([])
    // What lands from now on is packed fast again.
    await land(0)
    const [newest] = await clickhouse.rows(
      z.object({ codec: z.string() }),
      "SELECT default_compression_codec AS codec FROM system.parts WHERE database = 'siaga' AND table = 'storage_packed' AND active ORDER BY modification_time DESC, name DESC LIMIT 1",
    )
    expect(newest).toEqual({ codec: 'LZ4' })
  } finally {
    await clickhouse.command(`DROP TABLE ${table}`)
  }
})

test('a day whose packing outlives its connection is packed before the next one', async () => {
  const table = 'siaga.storage_slow'
  await clickhouse.command(`CREATE TABLE ${table} AS siaga.events`)
  // So that the merge which is seen is the one that was asked for.
  await clickhouse.command(
    `ALTER TABLE ${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, max_bytes_to_merge_at_min_space_in_pool = 1`,
  )
  // As a client that gave up after the statement had gone out.
  const begun: Promise<void>[] = []
  const impatient: ClickHouse = {
    ...clickhouse,
    async command(query, ...rest) {
      if (!query.startsWith('OPTIMIZE')) return clickhouse.command(query, ...rest)
      const running = clickhouse.command(query, ...rest)
      begun.push(running)
      const merges = "SELECT count() AS n FROM system.merges WHERE table = 'storage_slow'"
      await expect
        .poll(async () => (await clickhouse.rows(z.object({ n: z.coerce.number() }), merges))[0]?.n, { interval: 5 })
        .toBe(1)
      throw new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: 'Timeout error.' })
    },
  }
  try {
    const days = ['2020-01-01', '2020-01-02']
    for (const day of days)
      for (const half of [1, 2])
        await clickhouse.command(
          `INSERT INTO ${table} (ingested_at, timestamp, retain_until, message) SELECT toDateTime64('${day} 00:00:00', 3, 'UTC'), now64(3), now() + INTERVAL 1 YEAR, concat(hex(sipHash128(number, ${half})), repeat('a line ', 9)) FROM numbers(150000)`,
        )
    await packDays(impatient, ['20200101', '20200102'], undefined, table)
    expect(begun).toHaveLength(2)
    // Both merges were waited for: nothing is left to do when it says that it is done.
    expect(await oldDays(clickhouse, Date.now(), table)).toEqual([])
    await Promise.all(begun)
  } finally {
    await clickhouse.command(`DROP TABLE ${table}`)
  }
})

test('who lands may pack `events`, and change no other setting of a table', async () => {
  const { clickhouse: server } = await getServices()
  const pipeline = createClickHouse({ url: server.url, ...server.users.pipeline })
  try {
    await packDays(pipeline, ['19700101'])
    const refused = pipeline.command('ALTER TABLE siaga.verdicts MODIFY SETTING merge_selector_base = 6')
    await expect(refused).rejects.toThrow(/privileges|ACCESS_DENIED/)
  } finally {
    await pipeline.close()
  }
})
