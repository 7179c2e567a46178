// Which master key was a data directory used with? Its name stays there: another key would make worthless what the first one made.
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, SiagaError } from './errors.ts'
import { makeFolder } from './folders.ts'

/** In the data directory itself: `secrets` may be shared by several, or not be written to. */
export const KEY_NAME_FILE = 'master-key.name'

/** What nobody writes before it has a master key, in directories of versions that kept no name. */
const MADE_WITH_ONE = [join('web', 'accounts.sqlite'), join('positions', 'files.json')]

/** What shows that a data directory was used with a master key, as a path in it; undefined if nothing does. */
export function traceOfKey(dataDir: string): string | undefined {
  return [KEY_NAME_FILE, ...MADE_WITH_ONE].find((path) => existsSync(join(dataDir, path)))
}

/** The name of the key that a data directory was used with; undefined if none was kept there. Throws the system's error if it cannot be read. */
export function knownKeyName(dataDir: string): string | undefined {
  try {
    // It is shown to people.
    return readFileSync(join(dataDir, KEY_NAME_FILE), 'utf8')
      .replace(/[^\w-]/g, '')
      .slice(0, 16)
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/**
 * Keeps a key's name in the data directory, unless one is there already: of two processes that start at once the first one's stays. Where nothing may be written
 * nothing is kept. Throws DATA_DIR_UNWRITABLE if writing fails otherwise.
 */
export function keepKeyName(dataDir: string, name: string): void {
  const file = join(dataDir, KEY_NAME_FILE)
  if (existsSync(file)) return
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    makeFolder(dataDir, 0o700)
    writeFileSync(draft, `${name}\n`, { mode: 0o600, flush: true })
    linkSync(draft, file)
  } catch (cause) {
    if (['EEXIST', 'EROFS', 'EACCES', 'EPERM'].some((code) => hasCode(cause, code))) return
    throw new SiagaError('DATA_DIR_UNWRITABLE', { dataDir }, { cause })
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Forgets the name in a data directory from which everything else is gone. */
export function forgetKeyName(dataDir: string): void {
  rmSync(join(dataDir, KEY_NAME_FILE), { force: true })
}
