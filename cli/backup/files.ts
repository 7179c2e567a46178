// How do files get into a back-up and out of it? Hashed on their way, for nobody but us to read; what the last back-up has already is linked, not copied.
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, link, lstat, open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../../runtime/folders.ts'

export interface Written {
  readonly bytes: number
  readonly sha256: string
}

/** Writes a new file, for nobody but us to read; rejects if there is one, or a link, in its place. Missing folders are made. */
export async function writeHashed(
  file: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Written> {
  makeFolder(dirname(file), 0o700)
  const hash = createHash('sha256')
  let bytes = 0
  // O_EXCL follows no link.
  const handle = await open(file, 'wx', 0o600)
  try {
    for await (const part of source) {
      hash.update(part)
      bytes += part.length
      await handle.writeFile(part)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

const PIECE = 1024 * 1024

/** The bytes of a file. The buffer is used again: whoever keeps a piece copies it. A link in its place is refused. */
export async function* readFileBytes(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  const buffer = Buffer.allocUnsafe(PIECE)
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** Size and SHA-256 of a file; a link in its place is refused. */
export async function hashFile(file: string): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const part of readFileBytes(file)) {
    hash.update(part)
    bytes += part.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** What a file system says that has no hard links, or not between these two places. */
const noLink = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/** The same file once more: as a hard link, or as a copy where there are none. False, and nothing done, if it is gone or not of `bytes` any more. */
export async function linkFile(from: string, to: string, bytes: number): Promise<boolean> {
  const found = await lstat(from).catch(() => undefined)
  if (found?.isFile() !== true || found.size !== bytes) return false
  makeFolder(dirname(to), 0o700)
  try {
    await link(from, to)
  } catch (error) {
    if (isGone(error)) return false
    if (!(error instanceof Error && 'code' in error && noLink.has(String(error.code)))) throw error
    await copyFile(from, to, constants.COPYFILE_EXCL)
  }
  return true
}

export interface FoundFile {
  /** Beneath the folder, with `/` between its parts. */
  readonly path: string
  readonly bytes: number
  /** Milliseconds since 1970 UTC. */
  readonly modified: number
}

/** Regular files beneath a folder, in order; links and whatever else is no file are left out. Nothing if there is no such folder. */
export async function* walk(folder: string, skip: (path: string) => boolean, under = ''): AsyncGenerator<FoundFile> {
  const entries = await readdir(join(folder, under), { withFileTypes: true }).catch((error: unknown) => {
    if (isGone(error)) return []
    throw error
  })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = under === '' ? entry.name : `${under}/${entry.name}`
    if (skip(path)) continue
    if (entry.isDirectory()) yield* walk(folder, skip, path)
    if (!entry.isFile()) continue
    const found = await stat(join(folder, path)).catch(() => undefined)
    if (found?.isFile() === true) yield { path, bytes: found.size, modified: found.mtimeMs }
  }
}

/** True if a file or folder went away before it was looked at. */
export function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
