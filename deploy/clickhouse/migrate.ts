// How does the schema come about? Numbered SQL files, applied in order, recorded with their checksum, safe to run twice or at once.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'

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
  cluster?: string
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

/** The statements of a migration with macros filled in. */
export function statements(sql: string, macros: MigrationMacros): string[] {
  const { database, cluster } = macros
  const replicated = (engine: string) => (cluster === undefined ? engine : `Replicated${engine}`)
  const values: Record<string, string> = {
    database,
    on_cluster: cluster === undefined ? '' : `ON CLUSTER '${cluster}'`,
    MergeTree: replicated('MergeTree'),
    AggregatingMergeTree: replicated('AggregatingMergeTree'),
    ReplacingMergeTree: replicated('ReplacingMergeTree'),
  }
  return sql
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole).trim())
    .filter((statement) => statement !== '')
}

const Applied = z.object({ file: z.string(), checksum: z.string() })

/**
 * Brings the database to the newest schema; answers the files that were applied now. Every statement is `IF NOT EXISTS`, so two
 * processes may do this at once: both end in the same schema, and the record of a file replaces its twin.
 * Rejects with MIGRATION_CHANGED if an applied file is not what it was.
 */
export async function migrate(
  clickhouse: ClickHouse,
  macros: MigrationMacros = { database: 'siaga' },
): Promise<string[]> {
  const migrations = readMigrations()
  const setup = `
    CREATE DATABASE IF NOT EXISTS {{database}} {{on_cluster}};
    CREATE TABLE IF NOT EXISTS {{database}}.migrations {{on_cluster}}
      (file String, checksum String, applied_at DateTime64(3, 'UTC'))
      ENGINE = {{ReplacingMergeTree}} ORDER BY file;`
  for (const statement of statements(setup, macros)) await clickhouse.command(statement)
  const rows = await clickhouse.rows(Applied, `SELECT file, checksum FROM ${macros.database}.migrations FINAL`)
  const applied = new Map(rows.map((row) => [row.file, row.checksum]))
  const done: string[] = []
  for (const { file, sql, checksum } of migrations) {
    const known = applied.get(file)
    if (known === checksum) continue
    if (known !== undefined) throw new SiagaError('MIGRATION_CHANGED', { file })
    for (const statement of statements(sql, macros)) await clickhouse.command(statement)
    await clickhouse.command(
      `INSERT INTO ${macros.database}.migrations SELECT {file:String}, {checksum:String}, now64(3)`,
      { file, checksum },
    )
    done.push(file)
  }
  return done
}
