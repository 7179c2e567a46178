// May this back-up be restored here? It is whole, of this master key and of a version that is known, and there is nothing that it would take the place of.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readMigrations } from '../../deploy/clickhouse/migrate.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { KEY_NAME_FILE } from '../../runtime/known-key.ts'
import { givenMasterKey, KEY_FILE } from '../../runtime/secrets.ts'
import { ACCOUNTS_VERSION } from '../../web/accounts/store.ts'
import { CommandError } from '../frame.ts'
import { hashFile, isGone } from './files.ts'
import { damaged, type Manifest } from './manifest.ts'

/** The master key of the environment, of the data directory, or of the back-up if it has it. Throws a CommandError if there is none. */
export function keyForRestore(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  folder: string,
  { with_master_key }: Pick<Manifest, 'with_master_key'>,
): Buffer {
  // Whether it is the one of the data directory is asked where something is written there: a back-up of another installation may be examined here.
  const masterKey =
    givenMasterKey(dataDir, env) ?? (with_master_key ? givenMasterKey(join(folder, 'data'), {}) : undefined)
  if (masterKey !== undefined) return masterKey
  throw new CommandError(
    'A restore needs the master key of the installation that was backed up.',
    `Put it into ${join(dataDir, KEY_FILE)} (folder mode 700, file mode 600), or name its copy in SIAGA_MASTER_KEY_FILE. It is what you printed and kept apart.`,
  )
}

/** Throws a CommandError if the back-up is of a newer Siaga than this one. */
export function knownVersion({ clickhouse, accounts, siaga }: Manifest): void {
  const newer = new CommandError(
    `The back-up was made by Siaga ${siaga}, whose data this version does not know.`,
    'Install that version or a later one, then run this again.',
  )
  if ((accounts ?? 0) > ACCOUNTS_VERSION) throw newer
  if (clickhouse.kind === 'none') return
  const known = new Map(readMigrations().map(({ file, checksum }) => [file, checksum]))
  if (clickhouse.migrations.some(({ file, checksum }) => known.get(file) !== checksum)) throw newer
}

/** Reads every file of the back-up. Rejects with a CommandError at the first that is not what it was. */
export async function verifyFiles(
  folder: string,
  { files }: Manifest,
  { onFile, signal }: { onFile: (bytes: number) => void; signal: AbortSignal },
): Promise<void> {
  let bytes = 0
  for (const file of files) {
    signal.throwIfAborted()
    onFile(bytes)
    const found = await hashFile(join(folder, file.path)).catch((error: unknown) => {
      if (isGone(error)) throw damaged(folder, `${file.path} is missing`)
      if (error instanceof Error && 'code' in error && error.code === 'ELOOP')
        throw damaged(folder, `${file.path} is a link`)
      throw error
    })
    if (found.bytes !== file.bytes || found.sha256 !== file.sha256)
      throw damaged(folder, `${file.path} is not what was written`)
    bytes += file.bytes
  }
}

/** What may lie in a data directory that is to be filled: the key, and what says nothing. */
const HARMLESS = new Set(['run', 'logs', 'cache', 'lost+found', 'restore.json', KEY_NAME_FILE])

/** Rejects with a CommandError if the data directory, or the folder for old events, has anything of an installation in it. */
export async function nothingThere(dataDir: string, coldDir: string): Promise<void> {
  const found = (await names(dataDir)).filter((name) => !HARMLESS.has(name) && name !== 'secrets')
  found.push(...(await names(join(dataDir, 'secrets'))).filter((name) => name !== 'master.key'))
  if (found.length > 0)
    throw new CommandError(
      `There is data in ${dataDir} already (${found.slice(0, 5).join(', ')}).`,
      'A restore fills an empty data directory: move what is there away, all but secrets/master.key. Is only a part of it lost? See --only.',
    )
  if (coldDir !== '' && (await names(coldDir)).some((name) => name !== 'lost+found'))
    throw new CommandError(
      `There is data in ${coldDir} (clickhouse.cold_dir) already.`,
      'Move it away: the old events are in the back-up, too.',
    )
}

async function names(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: unknown) => {
    if (isGone(error)) return []
    throw error
  })
}

const Rows = z.object({ name: z.string(), rows: z.coerce.number() })

/** Rejects with a CommandError if ClickHouse holds events, findings or alerts. */
export async function emptyDatabase(clickhouse: ClickHouse): Promise<void> {
  const rows = await clickhouse.rows(
    Rows,
    `SELECT name, toUInt64(assumeNotNull(total_rows)) AS rows FROM system.tables
     WHERE database = 'siaga' AND name IN ('events', 'findings_rows', 'alerts_rows', 'alert_actions_rows') AND total_rows > 0`,
  )
  const [first] = rows
  if (first !== undefined)
    throw new CommandError(
      `Database siaga of ClickHouse is not empty (${first.name}: ${first.rows} rows).`,
      'A restore fills an empty one: move the data of ClickHouse away, or drop the database, if it is to be replaced.',
    )
}
