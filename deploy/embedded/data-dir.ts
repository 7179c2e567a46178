// Whose data directory is it? Exactly one process at a time may run embedded services in it.
import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SiagaError } from '../../runtime/errors.ts'
import { makeFolder } from '../../runtime/folders.ts'

/** Releases the data directory. */
export type Release = () => void

const sqliteBusy = 5

/**
 * Takes the data directory for this process, making it if need be. The lock is the kernel's (held through SQLite, the
 * file lock Node has), so it goes with its holder however that dies.
 * Throws DATA_DIR_IN_USE with the holder's pid, or DATA_DIR_UNWRITABLE.
 */
export function lockDataDir(dataDir: string): Release {
  const run = join(dataDir, 'run')
  try {
    makeFolder(run, 0o700)
    accessSync(dataDir, constants.W_OK)
    accessSync(run, constants.W_OK)
  } catch (cause) {
    throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause })
  }
  const holderFile = join(run, 'holder.pid')
  const lock = acquire(join(run, 'lock.db'), holderFile, dataDir)
  writeFileSync(holderFile, `${process.pid}\n`)
  return () => {
    if (!lock.isOpen) return
    rmSync(holderFile, { force: true })
    lock.close()
  }
}

function acquire(file: string, holderFile: string, dataDir: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (cause) {
    database?.close()
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === sqliteBusy) {
      throw new SiagaError('DATA_DIR_IN_USE', { dataDir, pid: readHolder(holderFile) }, { cause })
    }
    throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause })
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'unknown'
  } catch {
    return 'unknown'
  }
}
