// Which files of the data directory go into a back-up? All but the services' own, what is made again at any time, and keys in the clear.

import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../../runtime/folders.ts'
import { KEY_NAME_FILE } from '../../runtime/known-key.ts'
import { storeFile } from '../../web/accounts/store.ts'
import { hashFile, isGone, linkFile, readFileBytes, walk, writeHashed } from './files.ts'
import { type BackedFile, type Manifest, readManifest } from './manifest.ts'

/** What collectors write as they go on: copied before the events. */
const EARLY = new Set(['positions', 'certificate-logs', 'lookalikes', 'probe', 'feeds'])
/** Kept by the services, which are copied by other means, made again at any time, or said by the manifest. */
const LEFT_OUT = new Set(['clickhouse', 'kafka', 'logs', 'cache', 'run', 'restore.json', 'lost+found', KEY_NAME_FILE])
const IN_THE_CLEAR = new Set(['secrets/master.key', 'secrets/demo.key', 'secrets/operator.key'])
/** Accounts, by SQLite's own means; locks; drafts of files (runtime/whole-file.ts). */
const PASSING = /^web\/accounts\.sqlite|\.lock$|\.\d+\.[0-9a-f]{8}$/

export const early = (name: string): boolean => EARLY.has(name)
export const late = (name: string): boolean => !EARLY.has(name)

/** What the last back-up has, so that it need not be written again. */
export interface Previous {
  readonly manifest: Manifest
  /** By table and ClickHouse's hash of a part. */
  readonly parts: ReadonlyMap<string, BackedFile & { readonly folder: string }>
  /** By path. */
  readonly files: ReadonlyMap<string, BackedFile & { readonly folder: string }>
}

/** Reads the manifest of a back-up that is to be added to; undefined if it is of no use for that. */
export async function readPrevious(folder: string): Promise<Previous | undefined> {
  const manifest = await readManifest(folder).then(
    (read) => read.manifest,
    () => undefined,
  )
  if (manifest === undefined) return undefined
  const files = new Map(manifest.files.map((file) => [file.path, { ...file, folder }]))
  const tables = manifest.clickhouse.kind === 'parts' ? manifest.clickhouse.tables : []
  const parts = tables.flatMap(({ name, parts: list }) =>
    list.flatMap(({ content, file }) => {
      const found = files.get(file)
      return content === '' || found === undefined ? [] : [[`${name}/${content}`, found] as const]
    }),
  )
  return { manifest, files, parts: new Map(parts) }
}

export interface CopyOptions {
  readonly dataDir: string
  readonly folder: string
  readonly previous: Previous | undefined
  readonly withMasterKey: boolean
  readonly signal: AbortSignal
  readonly take: (file: BackedFile, linked?: boolean) => void
}

/** Copies the folders and files of the data directory that `which` takes by name. */
export async function copyFolders(options: CopyOptions, which: (name: string) => boolean): Promise<void> {
  const { dataDir, folder, previous, withMasterKey, signal, take } = options
  const skip = (path: string): boolean => PASSING.test(path) || (!withMasterKey && IN_THE_CLEAR.has(path))
  const names = (await readdir(dataDir)).filter((name) => which(name) && !LEFT_OUT.has(name))
  for (const name of names.sort()) {
    for await (const { path: under, bytes, modified } of filesOf(dataDir, name, skip)) {
      signal.throwIfAborted()
      const from = join(dataDir, under)
      const path = `data/${under}`
      const before = previous?.files.get(path)
      const same = before !== undefined && before.bytes === bytes && before.modified === modified
      if (same && (await linkFile(join(before.folder, path), join(folder, path), bytes))) {
        take({ path, bytes, sha256: before.sha256, modified }, true)
        continue
      }
      try {
        take({ path, ...(await writeHashed(join(folder, path), readFileBytes(from))), modified })
      } catch (error) {
        if (!isGone(error)) throw error
        // It went away, as files of feeds do when they are replaced.
        await rm(join(folder, path), { force: true })
      }
    }
  }
}

async function* filesOf(dataDir: string, name: string, skip: (path: string) => boolean) {
  const inOne = (path: string): boolean => (path !== name && !path.startsWith(`${name}/`)) || skip(path)
  yield* walk(dataDir, inOne)
}

/** The accounts as they are at one moment, without sessions and one-time links: whoever finds the back-up could go on with them. Undefined if there are none. */
export async function copyAccounts(
  dataDir: string,
  folder: string,
): Promise<{ file: BackedFile; version: number } | undefined> {
  const path = 'data/web/accounts.sqlite'
  const place = join(folder, path)
  const source = openIfThere(storeFile(dataDir))
  if (source === undefined) return undefined
  makeFolder(join(folder, 'data', 'web'), 0o700)
  // SQLite would make it readable for others.
  await writeHashed(place, [])
  try {
    await backup(source, place)
  } finally {
    source.close()
  }
  const copy = new DatabaseSync(place)
  try {
    copy.exec('PRAGMA journal_mode = DELETE; DELETE FROM sessions; DELETE FROM links; VACUUM')
    const version = Number(Object.values(copy.prepare('PRAGMA user_version').get() ?? {})[0] ?? 0)
    return { file: { path, ...(await hashFile(place)) }, version }
  } finally {
    copy.close()
  }
}

function openIfThere(file: string): DatabaseSync | undefined {
  try {
    return new DatabaseSync(file, { readOnly: true })
  } catch {
    return undefined
  }
}
