// Which names does a server of a cluster know, whose rows lie elsewhere? Tables that read all shards, and on the other shards the names of the first server.
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { quote } from '../../runtime/clickhouse.ts'
import { SHARD_DATABASE, shardedTables } from './sharded.ts'

const Column = z.object({ table: z.string(), name: z.string(), type: z.string(), comment: z.string() })
type Column = z.infer<typeof Column>
const Made = z.object({ name: z.string(), engine: z.string(), text: z.string() })

/** Tables whose rows lie on the shards, the number of each among them. */
const spread = [...shardedTables, 'shard_place']

/**
 * Makes the names of `siaga` at a server that read all shards, with the columns that the shards have now. A table that only reads holds no rows: it is
 * made anew when it has other columns.
 *
 * @param on ` ON CLUSTER …` for the server's replicas, or empty
 */
export async function readShards(server: ClickHouse, shard: ClickHouse, cluster: string, on: string): Promise<void> {
  await server.command(`CREATE DATABASE IF NOT EXISTS siaga ${on}`)
  const there = await columnsIn(shard, SHARD_DATABASE)
  await keepReaders(server, spread, there, on, (table) => `${quote(cluster)}, '${SHARD_DATABASE}', '${table}'`)
}

/**
 * Makes everything else of `siaga` known at a shard: a part of a question that ClickHouse sends there whole may name it (docs/adr/0044). Tables read the
 * first server, views and dictionaries are the same as there.
 */
export async function mirrorHome(home: ClickHouse, shard: ClickHouse, cluster: string, on: string): Promise<void> {
  const all =
    "SELECT name, engine, create_table_query AS text FROM system.tables WHERE database = 'siaga' ORDER BY name"
  const [made, known] = [await home.rows(Made, all), await shard.rows(Made, all)]
  const tables = made.filter(({ name, engine }) => engine.endsWith('MergeTree') && !name.includes('_next_'))
  const columns = await columnsIn(home, 'siaga')
  const first = quote(`${cluster}_1`)
  await keepReaders(
    shard,
    tables.map(({ name }) => name),
    columns,
    on,
    (table) => `${first}, 'siaga', '${table}'`,
  )
  const wanted = made.filter(({ name, engine, text }) => {
    const same = known.some((one) => one.name === name && one.text === text)
    return ['View', 'Dictionary'].includes(engine) && !same
  })
  // One may read another: those that cannot be made yet come again, for as long as others could.
  for (let left = wanted; left.length > 0; ) {
    const failed: { readonly one: z.infer<typeof Made>; readonly error: unknown }[] = []
    for (const one of left) {
      const sql = one.text.replace(/^CREATE (VIEW|DICTIONARY) (\S+)/, `CREATE OR REPLACE $1 $2 ${on}`)
      await shard.command(sql).catch((error: unknown) => failed.push({ one, error }))
    }
    if (failed.length === left.length) throw failed[0]?.error
    left = failed.map(({ one }) => one)
  }
}

function columnsIn(server: ClickHouse, database: string): Promise<Column[]> {
  return server.rows(
    Column,
    'SELECT table, name, type, comment FROM system.columns WHERE database = {database:String} ORDER BY table, position',
    { database },
  )
}

async function keepReaders(
  server: ClickHouse,
  tables: readonly string[],
  there: readonly Column[],
  on: string,
  of: (table: string) => string,
): Promise<void> {
  const here = Map.groupBy(await columnsIn(server, 'siaga'), ({ table }) => table)
  const wanted = Map.groupBy(there, ({ table }) => table)
  const definition = (columns: readonly Column[] = []): string =>
    columns.map(({ name, type, comment }) => `\`${name}\` ${type} COMMENT ${quote(comment)}`).join(',\n')
  for (const table of tables) {
    const columns = definition(wanted.get(table))
    if (columns === definition(here.get(table))) continue
    await server.command(
      `CREATE OR REPLACE TABLE siaga.${table} ${on} (${columns}) ENGINE = Distributed(${of(table)}) COMMENT 'Reads other servers'`,
    )
  }
}
