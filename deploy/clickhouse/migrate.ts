// How does the schema come about? Numbered SQL files, applied in order, recorded with their checksum, safe to run twice or at once.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import { acquireLock } from './lock.ts'
import { parseReorder, reorder } from './reorder.ts'

const directory = new URL('./migrations/', import.meta.url)

export interface Migration {
  file: string
  checksum: string
  /** Statements with their macros still in place. */
  sql: string
}

/** Engine names and ON CLUSTER, so that one node and a cluster share the files. */
export interface MigrationMacros {
  database: string
  /** Servers that hold the same rows, as a cluster of ClickHouse's configuration: statements reach all of them, tables are replicated. */
  cluster?: string | undefined
  /** Replicated tables also where statements reach one server only; where there is a cluster unless told. */
  replicated?: boolean
  /** Statements that are not meant for this database (cluster.ts); all are, unless told. */
  applies?: (statement: string) => boolean
}

/** The shipped migrations in order. */
export function readMigrations(): Migration[] {
  return readdirSync(directory)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, directory), 'utf8')
      return { file, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

/**
 * The path says it all, so that nothing depends on ids that a server makes: a table that takes the name of another (reorder.ts) keeps its own path, and
 * `{shard}` and `{replica}` are macros of each server.
 */
export function replicatedEngine(engine: string, parameters = ''): string {
  const more = parameters === '' ? '' : `, ${parameters}`
  return `Replicated${engine}('/clickhouse/tables/{shard}/{database}/{table}', '{replica}'${more})`
}

/** The statements of a migration with macros filled in. */
export function statements(sql: string, macros: MigrationMacros): string[] {
  const { database, cluster, replicated: isReplicated = cluster !== undefined } = macros
  const values: Record<string, string> = {
    database,
    on_cluster: cluster === undefined ? '' : `ON CLUSTER '${cluster}'`,
  }
  return sql
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .replace(/\{\{(\w*MergeTree)\}\}(?:\(([^)]*)\))?/g, (_whole, engine: string, parameters = '') => {
      if (isReplicated) return replicatedEngine(engine, parameters)
      return parameters === '' ? engine : `${engine}(${parameters})`
    })
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole).trim())
    .filter((statement) => statement !== '')
}

const Applied = z.object({ file: z.string(), checksum: z.string() })

/**
 * Brings the database to the newest schema; answers the files that were applied now. One process at a time does so, others wait; every statement may
 * be run again, so that whoever comes after one that was killed goes on where it was cut off. The record of a file comes after its last statement.
 * Rejects with MIGRATION_CHANGED if an applied file is not what it was.
 *
 * @param migrations those to apply, in order; the shipped ones unless told
 * @param onWait called every two seconds while another process changes the schema
 */
export async function migrate(
  clickhouse: ClickHouse,
  macros: MigrationMacros = { database: 'siaga' },
  migrations: readonly Migration[] = readMigrations(),
  onWait: () => void = () => undefined,
): Promise<string[]> {
  const setup = `
    CREATE DATABASE IF NOT EXISTS {{database}} {{on_cluster}};
    CREATE TABLE IF NOT EXISTS {{database}}.migrations {{on_cluster}}
      (file String, checksum String, applied_at DateTime64(3, 'UTC'))
      ENGINE = {{ReplacingMergeTree}} ORDER BY file;`
  for (const statement of statements(setup, macros)) await clickhouse.command(statement)
  const isPending = async (): Promise<boolean> => (await outstanding(clickhouse, macros, migrations)).length > 0
  if (!(await isPending())) return []
  const lock = await acquireLock(clickhouse, lockName(macros.database), async () => {
    onWait()
    return isPending()
  })
  if (lock === undefined) return []
  try {
    const done: string[] = []
    // Asked again: somebody else may have applied them while this waited.
    for (const { file, sql, checksum } of await outstanding(clickhouse, macros, migrations)) {
      // A table that the server makes when it first writes to it: one that has just started has none, whatever the one before had.
      const before = sql.includes('system.query_log') ? 'SYSTEM FLUSH LOGS {{on_cluster}} query_log;\n' : ''
      for (const statement of statements(before + sql, macros).filter(macros.applies ?? (() => true))) {
        const step = parseReorder(statement)
        lock.check()
        await (step === undefined ? clickhouse.command(statement) : reorder(clickhouse, step, lock.check))
      }
      await clickhouse.command(
        `INSERT INTO ${macros.database}.migrations SELECT {file:String}, {checksum:String}, now64(3)`,
        { file, checksum },
      )
      done.push(file)
    }
    return done
  } finally {
    await lock.release()
  }
}

const lockName = (database: string): string => `siaga-migrate-${database}`

const Found = z.object({ n: z.coerce.number() })

/** Whether some process changes the schema of a database at this moment. */
export async function migrationRuns(clickhouse: ClickHouse, database = 'siaga'): Promise<boolean> {
  const [row] = await clickhouse.rows(
    Found,
    'SELECT count() AS n FROM system.processes WHERE query_id = {name:String}',
    { name: lockName(database) },
  )
  return (row?.n ?? 0) > 0
}

/** Names of the shipped migrations that are not applied; all of them where there is no database yet. Rejects with MIGRATION_CHANGED. */
export async function pendingMigrations(
  clickhouse: ClickHouse,
  macros: MigrationMacros = { database: 'siaga' },
): Promise<string[]> {
  const [table] = await clickhouse.rows(
    Found,
    "SELECT count() AS n FROM system.tables WHERE database = {database:String} AND name = 'migrations'",
    { database: macros.database },
  )
  const migrations = readMigrations()
  const pending = table?.n === 0 ? migrations : await outstanding(clickhouse, macros, migrations)
  return pending.map(({ file }) => file)
}

/** Those that the database has no record of. */
async function outstanding(
  clickhouse: ClickHouse,
  { database }: MigrationMacros,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const rows = await clickhouse.rows(Applied, `SELECT file, checksum FROM ${database}.migrations FINAL`)
  const applied = new Map(rows.map((row) => [row.file, row.checksum]))
  return migrations.filter(({ file, checksum }) => {
    const known = applied.get(file)
    if (known !== undefined && known !== checksum) throw new SiagaError('MIGRATION_CHANGED', { file })
    return known === undefined
  })
}
