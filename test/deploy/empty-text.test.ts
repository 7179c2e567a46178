// Does a question for what is empty (`owner = ''`) work on every view? ClickHouse 26.7 would look for a subcolumn that views lack.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'

const Column = z.object({ table: z.string(), name: z.string(), other: z.string() })
const Count = z.object({ n: z.coerce.number() })
let admin: ClickHouse
let reader: ClickHouse
beforeAll(async () => {
  const { url, users } = (await getServices()).clickhouse
  admin = createClickHouse({ url, ...users.admin })
  reader = createClickHouse({ url, ...users.reader })
  await migrate(admin)
})
afterAll(async () => {
  await admin.close()
  await reader.close()
})

test('what is empty is found in every view', async () => {
  const columns = await admin.rows(
    Column,
    `SELECT a.table AS table, a.name AS name, b.name AS other FROM system.columns AS a INNER JOIN system.columns AS b ON a.table = b.table
     WHERE a.database = 'siaga' AND b.database = 'siaga' AND a.type = 'String' AND b.type = 'String' AND a.name < b.name
       AND a.table IN (SELECT name FROM system.tables WHERE database = 'siaga' AND engine = 'View')
     ORDER BY cityHash64(a.table, a.name, b.name) LIMIT 400`,
  )
  expect(columns.length).toBeGreaterThan(5)
  const failed: string[] = []
  for (const { table, name, other } of columns) {
    const query = `SELECT count() AS n FROM siaga.${table} WHERE ${name} = '' AND ${other} = 'x'`
    await reader
      .rows(Count, query)
      .catch((error: unknown) => failed.push(`${table}.${name}: ${String(error).slice(0, 120)}`))
  }
  expect(failed).toEqual([])
})
