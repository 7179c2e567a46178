// Does every query of docs/analysts.md run, as the reader user, on the schema as it is?
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../deploy/clickhouse/migrate.ts'
import { type ClickHouse, createClickHouse } from '../../runtime/clickhouse.ts'
import { getServices } from '../services.ts'
import { blocksOf, readDocument } from './markdown.ts'

const queries = blocksOf(readDocument('docs/analysts.md')).filter(({ language }) => language === 'sql')

let reader: ClickHouse
beforeAll(async () => {
  const { clickhouse } = await getServices()
  const admin = createClickHouse({ url: clickhouse.url, ...clickhouse.users.admin })
  await migrate(admin).finally(() => admin.close())
  reader = createClickHouse({ url: clickhouse.url, ...clickhouse.users.reader })
})
afterAll(() => reader?.close())

test('there are queries to learn from', () => {
  expect(queries.length).toBeGreaterThanOrEqual(10)
})

test.each(queries.map((query) => ({ ...query, first: query.text.split('\n')[0] })))(
  'line $line: $first',
  async ({ text: query }) => {
    const answer = await text(await reader.stream(`${query} FORMAT TSVWithNames`))
    expect(answer.split('\n')[0]).not.toBe('')
    expect(answer).not.toContain('Exception')
  },
)
