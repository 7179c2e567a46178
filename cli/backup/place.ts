// Where do back-ups lie? A folder of its own for each, named by its time (UTC), beside those before it; old ones go when asked.
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { errorText } from '../../runtime/errors.ts'
import { makeFolder } from '../../runtime/folders.ts'
import { writeWhole } from '../../runtime/whole-file.ts'
import { CommandError } from '../frame.ts'
import { isComplete, readManifest } from './manifest.ts'

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
  /** Names of those that this account may not read. */
  readonly unreadable: readonly string[]
}

/** What lies in the folder of back-ups; anything else in it is not looked at. */
export async function listBackups(target: string): Promise<Placed> {
  const placed = { complete: [] as string[], cut: [] as string[], unreadable: [] as string[] }
  const entries = await readdir(target, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory() && NAME.test(entry.name)).map(({ name }) => name)
  for (const name of names.sort()) {
    const complete = await isComplete(join(target, name)).catch(() => undefined)
    placed[complete === undefined ? 'unreadable' : complete ? 'complete' : 'cut'].push(name)
  }
  return placed
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

export interface Removed {
  readonly names: readonly string[]
  /** Where a ClickHouse of one's own keeps the tables of those that went: it has no command to remove them. */
  readonly places: readonly string[]
  /** What did not work, in words. */
  readonly problems: readonly string[]
}

const DAY_MS = 86_400_000

/** Removes finished back-ups but the newest `keep`, and what was cut off a day before `now`. Never rejects: the new back-up is whole whatever becomes of old ones. */
export async function removeOld(target: string, keep: number, now: number): Promise<Removed> {
  const removed = { names: [] as string[], places: [] as string[], problems: [] as string[] }
  const { complete, cut, unreadable } = await listBackups(target)
  for (const name of unreadable) removed.problems.push(`${name} cannot be read and is left alone`)
  const old = complete.slice(0, Math.max(0, complete.length - keep))
  for (const name of [...old, ...cut.filter((one) => now - timeOf(one) > DAY_MS)]) {
    const manifest = await readManifest(join(target, name)).then(
      (read) => read.manifest,
      () => undefined,
    )
    try {
      await removeBackup(join(target, name))
    } catch (error) {
      removed.problems.push(`${name} could not be removed: ${errorText(error)}`)
      continue
    }
    if (old.includes(name)) removed.names.push(name)
    if (manifest?.clickhouse.kind === 'server')
      removed.places.push(...manifest.clickhouse.steps.map(({ place }) => place))
  }
  return removed
}

/** Milliseconds since 1970 UTC. */
function timeOf(name: string): number {
  return Date.parse(name.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

/** Removes a back-up. The manifest goes first: what is left after a kill is a cut-off one, which the next run removes. */
export async function removeBackup(folder: string): Promise<void> {
  await rm(join(folder, 'manifest.json'), { force: true })
  await rm(folder, { recursive: true, force: true })
}

const noteFile = (dataDir: string): string => join(dataDir, 'run', 'backup-folder')

/** Notes the folder of the back-up that is being made. To be called by who holds the data directory ({@link holdForBackup}). */
export function noteUnfinished(dataDir: string, folder: string): Promise<void> {
  return writeWhole(noteFile(dataDir), (handle) => handle.writeFile(folder))
}

export function forgetUnfinished(dataDir: string): Promise<void> {
  return rm(noteFile(dataDir), { force: true })
}

/**
 * Removes what a back-up of this data directory has left that was killed, before the next one begins: where it filled the disk there would be no room for one
 * ever again. To be called by who holds the data directory.
 */
export async function removeUnfinished(dataDir: string): Promise<void> {
  const folder = await readFile(noteFile(dataDir), 'utf8').catch(() => '')
  if (NAME.test(basename(folder)) && !(await isComplete(folder))) await removeBackup(folder)
  await forgetUnfinished(dataDir)
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
