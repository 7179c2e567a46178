// How are files written that somebody reads at the same time, or after a crash? Beside their place and renamed: the old one is there or the new one, never a part, and the new one for good.
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './folders.ts'

/** Puts what `write` writes in the place of `file`, for nobody but us to read. Folders are made; what was begun is removed if it fails. */
export async function writeWhole(file: string, write: (handle: FileHandle) => Promise<unknown>): Promise<void> {
  makeFolder(dirname(file), 0o700)
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await write(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Resolves once what was named in a folder is named there after a power cut, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes a value as JSON in place of what was there. */
export function writeJson(file: string, value: unknown): Promise<void> {
  return writeWhole(file, (handle) => handle.writeFile(JSON.stringify(value)))
}

/** The text of a file; undefined if there is none. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The value of a JSON file; undefined if there is none. Rejects if it cannot be read or is no JSON. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readIfThere(file)
  return text === undefined ? undefined : JSON.parse(text)
}
