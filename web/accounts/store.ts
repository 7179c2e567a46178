// Where are accounts, sessions and one-time links kept? In one SQLite file of the data directory, which holds hashes and no secret in the clear.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { z } from 'zod'
import { makeFolder } from '../../runtime/folders.ts'

export interface Store {
  /** Rows as the schema has them; throws if the file holds something else. */
  rows<T>(schema: z.ZodType<T>, sql: string, ...values: SQLInputValue[]): T[]
  /** Number of rows that changed. */
  run(sql: string, ...values: SQLInputValue[]): number
  /** All or nothing. */
  transaction<T>(work: () => T): T
  close(): void
}

/** Each step is applied once, in order; a released one never changes, and leaves what the version before it reads and writes. */
export const accountSteps: readonly string[] = [
  `CREATE TABLE accounts (
     id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, room TEXT NOT NULL, language TEXT NOT NULL,
     password TEXT, totp TEXT, totp_step INTEGER NOT NULL DEFAULT 0, oidc_subject TEXT UNIQUE,
     disabled_at INTEGER, created_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE sessions (
     hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, kind TEXT NOT NULL, label TEXT NOT NULL DEFAULT '',
     csrf TEXT NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     address TEXT NOT NULL, agent TEXT NOT NULL
   ) STRICT;
   CREATE INDEX sessions_account ON sessions (account);
   CREATE TABLE links (
     hash TEXT PRIMARY KEY, account TEXT REFERENCES accounts (id) ON DELETE CASCADE, purpose TEXT NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
   ) STRICT;`,
  `ALTER TABLE accounts ADD COLUMN totp_waiting TEXT;
   ALTER TABLE links ADD COLUMN id TEXT NOT NULL DEFAULT '';
   ALTER TABLE links ADD COLUMN label TEXT NOT NULL DEFAULT '';
   CREATE TABLE recovery_codes (
     hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
   ) STRICT;
   CREATE INDEX recovery_codes_account ON recovery_codes (account);
   CREATE TABLE tokens (
     hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, label TEXT NOT NULL,
     verb TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
   ) STRICT;
   CREATE INDEX tokens_account ON tokens (account);
   CREATE TABLE devices (
     hash TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, seen_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX devices_account ON devices (account);
   CREATE TABLE outbox (n INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL) STRICT;`,
]

/** Version of the file as this Siaga makes it. */
export const ACCOUNTS_VERSION = accountSteps.length

/** The file of a data directory. */
export const storeFile = (dataDir: string): string => join(dataDir, 'web', 'accounts.sqlite')

/**
 * Opens (and makes) `<dataDir>/web/accounts.sqlite`, for nobody but us to read. `steps` are those of this Siaga; a file of a newer one, which has more of them, is
 * used as it is.
 */
export function openStore(dataDir: string, steps: readonly string[] = accountSteps): Store {
  const folder = join(dataDir, 'web')
  makeFolder(folder, 0o700)
  const file = storeFile(dataDir)
  const db = new DatabaseSync(file)
  chmodSync(file, 0o600)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000')
  const transaction = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE')
    try {
      const done = work()
      db.exec('COMMIT')
      return done
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
  transaction(() => {
    const version = Number(Object.values(db.prepare('PRAGMA user_version').get() ?? {})[0] ?? 0)
    for (const step of steps.slice(version)) db.exec(step)
    // Never lower: whoever goes back a version and forth again would have the newer one apply its steps a second time.
    if (version < steps.length) db.exec(`PRAGMA user_version = ${steps.length}`)
  })
  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepared = (sql: string): ReturnType<DatabaseSync['prepare']> => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = db.prepare(sql)
    statements.set(sql, made)
    return made
  }
  return {
    rows: (schema, sql, ...values) =>
      prepared(sql)
        .all(...values)
        .map((row) => schema.parse(row)),
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    transaction,
    close: () => db.close(),
  }
}
