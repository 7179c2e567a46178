// Do the migrations make the schema that the code expects, once, twice and from two processes at once?
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate, readMigrations, statements } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { eventColumns } from '../../schemas/event.ts'
import { getServices } from '../services.ts'

let clickhouse: ClickHouse
beforeAll(async () => {
  const services = await getServices()
  clickhouse = createClickHouse({ url: services.clickhouse.url, ...services.clickhouse.users.admin })
})
afterAll(() => clickhouse?.close())

test('two processes may migrate at once, and again', async () => {
  await Promise.all([migrate(clickhouse), migrate(clickhouse)])
  expect(await migrate(clickhouse)).toEqual([])
  const rows = await clickhouse.rows(
    z.object({ file: z.string() }),
    'SELECT file FROM siaga.migrations FINAL ORDER BY file',
  )
  expect(rows.map(({ file }) => file)).toEqual(readMigrations().map(({ file }) => file))
})

test('events has the columns of schemas/event.ts, in order, with type and comment', async () => {
  await migrate(clickhouse)
  const rows = await clickhouse.rows(
    z.object({ name: z.string(), type: z.string(), comment: z.string() }),
    "SELECT name, type, comment FROM system.columns WHERE database = 'siaga' AND table = 'events' ORDER BY position",
  )
  expect(rows).toEqual(Object.entries(eventColumns).map(([name, { type, comment }]) => ({ name, type, comment })))
})

test('every table and every column of a table says what it holds', async () => {
  const columns = await clickhouse.rows(
    z.object({ table: z.string(), name: z.string() }),
    "SELECT table, name FROM system.columns WHERE database = 'siaga' AND comment = '' AND table NOT LIKE '%_mv' AND table != 'migrations'" +
      // ClickHouse keeps no comments for columns of dictionaries.
      " AND table NOT IN (SELECT name FROM system.tables WHERE database = 'siaga' AND engine = 'Dictionary')",
  )
  expect(columns).toEqual([])
})

test('the same files serve a cluster', () => {
  const [first = ''] = statements(readMigrations()[0]?.sql ?? '', { database: 'siaga', cluster: 'pemilu' })
  expect(first).toContain("siaga.events ON CLUSTER 'pemilu'")
  expect(first).toContain('ENGINE = ReplicatedMergeTree')
})
