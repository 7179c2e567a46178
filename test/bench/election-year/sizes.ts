// What does an event cost on disk? Bytes by table and by column, packed and unpacked.
import { z } from 'zod'
import { number, type Paint, table } from '../../../cli/terminal.ts'
import type { ClickHouse } from '../../../runtime/clickhouse.ts'

const Table = z.object({
  name: z.string(),
  rows: z.coerce.number(),
  bytes: z.coerce.number(),
  parts: z.coerce.number(),
})
const Column = z.object({ name: z.string(), packed: z.coerce.number(), plain: z.coerce.number() })
const Index = z.object({ name: z.string(), packed: z.coerce.number() })

/** Tables with their bytes, then every column of `events` with bytes an event, largest first, then its indexes. */
export async function printSizes(clickhouse: ClickHouse, say: (line: string) => void, paint: Paint): Promise<void> {
  const tables = await clickhouse.rows(
    Table,
    `SELECT table AS name, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts
     WHERE database = 'siaga' AND active GROUP BY table HAVING rows > 1000 ORDER BY bytes DESC`,
  )
  const columns = await clickhouse.rows(
    Column,
    `SELECT column AS name, sum(column_data_compressed_bytes + column_marks_bytes) / sum(rows) AS packed, sum(column_data_uncompressed_bytes) / sum(rows) AS plain
     FROM system.parts_columns WHERE database = 'siaga' AND table = 'events' AND active AND part_type = 'Wide' GROUP BY column ORDER BY packed DESC`,
  )
  const events = tables.find(({ name }) => name === 'events')
  const indexes = await clickhouse.rows(
    Index,
    `SELECT name, sum(data_compressed_bytes + marks_bytes) AS packed FROM system.data_skipping_indices WHERE database = 'siaga' AND table = 'events' GROUP BY name ORDER BY packed DESC`,
  )
  const right = { align: 'right' } as const
  const sizes = tables.map(({ name, rows, bytes, parts }) => [
    name,
    number(rows),
    number(parts),
    `${number(bytes / 2 ** 20)} MiB`,
    (bytes / rows).toFixed(1),
    (bytes / (events?.rows ?? rows)).toFixed(1),
  ])
  const heads = ['rows', 'parts', 'on disk', 'bytes a row', 'bytes an event'].map((title) => ({ title, ...right }))
  say(table([{ title: 'table' }, ...heads], sizes, paint))
  const lines = columns.map(({ name, packed, plain }) => [
    name,
    packed.toFixed(2),
    plain.toFixed(1),
    `${(plain / Math.max(packed, 1e-9)).toFixed(1)} ×`,
  ])
  say(
    table(
      [
        { title: 'column of events (in wide parts)' },
        ...['bytes', 'unpacked', 'ratio'].map((title) => ({ title, ...right })),
      ],
      lines,
      paint,
    ),
  )
  const perEvent = indexes.map(({ name, packed }) => `${name} ${(packed / (events?.rows ?? 1)).toFixed(3)}`)
  say(`skip indexes, bytes an event: ${perEvent.join(', ')}`)
}
