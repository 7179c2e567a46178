// Where do back-ups lie? A folder of its own for each, named by its time (UTC), beside those before it; old ones go when asked.
import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../../runtime/folders.ts'
import { CommandError } from '../frame.ts'
import { isComplete } from './manifest.ts'

const NAME = /^\d{8}T\d{6}Z$/

/** `20261129T190000Z` */
function nameOf(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '')
}

export interface Placed {
  /** Names of finished back-ups, oldest first. */
  readonly complete: readonly string[]
  /** Names of those that were cut off. */
  readonly cut: readonly string[]
}

/** What lies in the folder of back-ups; anything else in it is not looked at. */
export async function listBackups(target: string): Promise<Placed> {
  const complete: string[] = []
  const cut: string[] = []
  const entries = await readdir(target, { withFileTypes: true }).catch(() => [])
  for (const { name } of entries.filter((entry) => entry.isDirectory() && NAME.test(entry.name)))
    ((await isComplete(join(target, name))) ? complete : cut).push(name)
  return { complete: complete.sort(), cut: cut.sort() }
}

/** Makes the folder of a new back-up, for nobody but us to read. Its name is the next second that none has. */
export async function makePlace(target: string, at: number): Promise<string> {
  makeFolder(target, 0o700)
  for (let time = at; ; time += 1_000) {
    const folder = join(target, nameOf(time))
    try {
      await mkdir(folder, { mode: 0o700 })
      await chmod(folder, 0o700)
      return folder
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

/** Removes finished back-ups but the newest `keep`. Answers the names of those that went. */
export async function removeOld(target: string, keep: number): Promise<string[]> {
  const { complete } = await listBackups(target)
  const old = complete.slice(0, Math.max(0, complete.length - keep))
  for (const name of old) await removeBackup(join(target, name))
  return old
}

/** Removes a back-up. The manifest goes first: what is left after a kill is a cut-off one, which the next run removes. */
export async function removeBackup(folder: string): Promise<void> {
  await rm(join(folder, 'manifest.json'), { force: true })
  await rm(folder, { recursive: true, force: true })
}

const sqliteBusy = 5

/**
 * Holds a data directory for one back-up at a time; the lock is the kernel's, so it goes with its holder however that dies. Answers how to let go.
 * Throws a CommandError if another one runs.
 */
export function holdForBackup(dataDir: string): () => void {
  const run = join(dataDir, 'run')
  makeFolder(run, 0o700)
  const database = new DatabaseSync(join(run, 'backup.db'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy)
      throw new CommandError(`Another back-up of ${dataDir} is being made.`, 'Wait until it has ended.')
    throw error
  }
  return () => database.close()
}
