// What may this user ask about? Tables, columns, functions and keywords, from the server, which shows each user their own.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'

const Relation = z.object({ name: z.string(), view: z.coerce.boolean(), comment: z.string() })
export type Relation = z.infer<typeof Relation>

const Column = z.object({ name: z.string(), type: z.string(), comment: z.string() })
export type Column = z.infer<typeof Column>

const Name = z.object({ name: z.string() })
const ColumnOf = z.object({ table: z.string(), name: z.string() })
const Server = z.object({ version: z.string(), user: z.string(), timezone: z.string() })
type Server = z.infer<typeof Server>
const Described = z.object({ name: z.string(), type: z.string() })

/** What completion knows. */
export interface Catalog {
  readonly relations: readonly string[]
  /** Columns by relation of the database. */
  readonly columns: ReadonlyMap<string, readonly string[]>
  readonly functions: readonly string[]
  readonly keywords: readonly string[]
  readonly formats: readonly string[]
}

export const emptyCatalog: Catalog = { relations: [], columns: new Map(), functions: [], keywords: [], formats: [] }

/** Tables and views of the database with their comments; those that only feed others are left out. */
export async function readRelations(clickhouse: ClickHouse): Promise<Relation[]> {
  return clickhouse.rows(
    Relation,
    `SELECT name, engine LIKE '%View' AS view, comment FROM system.tables
     WHERE database = currentDatabase() AND engine != 'MaterializedView' AND NOT startsWith(name, '.') ORDER BY name`,
  )
}

/** Columns of a table or view, `name` or `database.name`, with types and comments. Rejects with CLICKHOUSE_REFUSED for one that is not there. */
export function readColumns(clickhouse: ClickHouse, name: string): Promise<Column[]> {
  const quoted = name
    .split('.')
    .map((part) => `\`${part.replaceAll(/[`\\]/g, '\\$&')}\``)
    .join('.')
  return clickhouse.rows(Column, `DESCRIBE TABLE ${quoted}`)
}

/** Version and time zone of the server, and the user that it knows us as. */
export async function readServer(clickhouse: ClickHouse): Promise<Server> {
  const [row] = await clickhouse.rows(
    Server,
    'SELECT version() AS version, currentUser() AS user, timezone() AS timezone',
  )
  return row ?? { version: '', user: '', timezone: '' }
}

/** What the user may set. */
export interface Rights {
  /** As the server counts: 0 writes too, 1 changes no setting but those that its profile frees, 2 reads and sets. */
  readonly readonly: number
  /** It may limit the rows of an answer apart from the query's own LIMIT. */
  readonly limit: boolean
}

const Readonly = z.object({ readonly: z.coerce.number() })

export async function readRights(clickhouse: ClickHouse): Promise<Rights> {
  const [[user], [limit]] = await Promise.all([
    clickhouse.rows(Readonly, "SELECT getSetting('readonly') AS readonly"),
    orNothing(clickhouse.rows(Readonly, "SELECT readonly FROM system.settings WHERE name = 'limit'")),
  ])
  return { readonly: user?.readonly ?? 1, limit: limit?.readonly === 0 }
}

/** Columns that a SELECT answers. Rejects with CLICKHOUSE_REFUSED for anything that is no query. */
export function describeQuery(
  clickhouse: ClickHouse,
  query: string,
  params: Readonly<Record<string, string>>,
): Promise<z.infer<typeof Described>[]> {
  // The line break ends a comment behind the query.
  return clickhouse.rows(Described, `DESCRIBE (\n${query}\n)`, { ...params })
}

/** Everything for completion. What the user may not see stays empty; rejects only if the server is away. */
export async function readCatalog(clickhouse: ClickHouse): Promise<Catalog> {
  const names = async (query: string): Promise<string[]> =>
    (await orNothing(clickhouse.rows(Name, query))).map(({ name }) => name)
  const [relations, columns, functions, keywords, formats] = await Promise.all([
    orNothing(readRelations(clickhouse)),
    orNothing(
      clickhouse.rows(
        ColumnOf,
        'SELECT table, name FROM system.columns WHERE database = currentDatabase() ORDER BY table, position',
      ),
    ),
    names('SELECT name FROM system.functions ORDER BY name'),
    names('SELECT keyword AS name FROM system.keywords ORDER BY name'),
    names('SELECT name FROM system.formats WHERE is_output ORDER BY name'),
  ])
  const known = new Set(relations.map(({ name }) => name))
  const byTable = new Map<string, string[]>()
  for (const { table, name } of columns) {
    if (!known.has(table)) continue
    const before = byTable.get(table)
    if (before === undefined) byTable.set(table, [name])
    else before.push(name)
  }
  return {
    relations: [...known],
    columns: byTable,
    functions,
    keywords: keywords.length > 0 ? keywords : common,
    formats,
  }
}

async function orNothing<T>(work: Promise<T[]>): Promise<T[]> {
  try {
    return await work
  } catch (error) {
    if (error instanceof SiagaError && error.code === 'CLICKHOUSE_REFUSED') return []
    throw error
  }
}

/** Words of a query, for users who may not read the server's list. */
const common =
  `ALL AND ANTI ANY ARRAY JOIN AS ASC ASOF BETWEEN BY CASE CROSS JOIN CUBE DESC DESCRIBE TABLE DISTINCT ELSE END EXCEPT EXISTS EXPLAIN FALSE
  FILL FINAL FIRST FORMAT FROM FULL JOIN GLOBAL GROUP BY HAVING ILIKE IN INNER JOIN INTERSECT INTERVAL IS NOT NULL JOIN LAST LEFT JOIN LIKE LIMIT MATERIALIZED
  NOT NULL NULLS OFFSET ON OR ORDER BY OVER PARTITION PREWHERE QUALIFY RIGHT JOIN ROLLUP SAMPLE SELECT SEMI SETTINGS SHOW TABLES STEP THEN TO
  TOTALS TRUE UNION ALL USING WHEN WHERE WINDOW WITH SECOND MINUTE HOUR DAY WEEK MONTH YEAR`
    .split(/\s+/)
    .filter((word, at, all) => all.indexOf(word) === at)
