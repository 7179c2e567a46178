// What may the viewer ask about? Tables, views, columns with their comments, functions and words, as the server shows them to the viewer's own user.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { eventColumns } from '../../schemas/event.ts'
import type { SqlCatalog } from '../../schemas/sql-api.ts'

const Table = z.object({ name: z.string(), comment: z.string() })
const Column = z.object({ table: z.string(), name: z.string(), type: z.string(), comment: z.string() })
const Name = z.object({ name: z.string() })

/** What the user may not see stays empty; rejects only if the server is away. `person` stands in the audit trail. */
export async function readCatalog(clickhouse: ClickHouse, person: string): Promise<SqlCatalog> {
  const settings = { log_comment: person }
  const asked = async <T>(schema: z.ZodType<T>, query: string): Promise<T[]> => {
    try {
      return await clickhouse.rows(schema, query, {}, settings)
    } catch (error) {
      if (error instanceof SiagaError && error.code === 'CLICKHOUSE_REFUSED') return []
      throw error
    }
  }
  const [tables, columns, functions, keywords] = await Promise.all([
    asked(
      Table,
      `SELECT name, comment FROM system.tables WHERE database = 'siaga' AND engine != 'MaterializedView' AND NOT startsWith(name, '.') ORDER BY name`,
    ),
    asked(
      Column,
      `SELECT table, name, type, comment FROM system.columns WHERE database = 'siaga' ORDER BY table, position`,
    ),
    asked(Name, 'SELECT name FROM system.functions ORDER BY name'),
    asked(Name, 'SELECT keyword AS name FROM system.keywords ORDER BY name'),
  ])
  const byTable = new Map<string, { name: string; type: string; comment: string }[]>()
  for (const { table, ...column } of columns) {
    const known = byTable.get(table)
    if (known === undefined) byTable.set(table, [column])
    else known.push(column)
  }
  const listed = tables.map((table) => ({ ...table, columns: byTable.get(table.name) ?? [] }))
  return {
    // Rooms may ask it, but are not shown it in lists, which would tell how many rows all regions have.
    tables: listed.some(({ name }) => name === 'events') ? listed : [events(), ...listed],
    functions: functions.map(({ name }) => name),
    keywords: keywords.map(({ name }) => name),
  }
}

function events(): SqlCatalog['tables'][number] {
  const columns = Object.entries(eventColumns).map(([name, { type, judul, comment }]) => ({
    name,
    type,
    comment: `${judul}. ${comment}`,
  }))
  return {
    name: 'events',
    comment: 'Peristiwa. Scored events: one row for each event that a collector accepted',
    columns,
  }
}
