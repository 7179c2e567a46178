// Is this the content that was read before? Beginnings, ends and names of files that rotation moves and copies.
import { hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Position } from './positions.ts'

/** Bytes by which a beginning and an end are recognised. */
export const MARK_BYTES = 1024

export function markOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url')
}

/** Up to `length` bytes from `at`; fewer at the end of the file. */
export async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.max(0, length))
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, at + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

/** Does the file still begin as it did, and hold before the place what was read there? Else it was truncated, replaced or rewritten. */
export async function holds(
  handle: FileHandle,
  { head, offset, tail }: Pick<Position, 'head' | 'offset' | 'tail'>,
): Promise<boolean> {
  if (head.length > 0 && markOf(await readAt(handle, 0, head.length)) !== head.hash) return false
  const length = Math.min(MARK_BYTES, offset)
  return length === 0 || markOf(await readAt(handle, offset - length, length)) === tail
}

/** Whether two files that are not empty hold the same as far as the shorter one goes: looked at are its beginning and its end. */
export async function beginsAlike(path: string, other: string): Promise<boolean> {
  const [a, b] = [await open(path, 'r'), await open(other, 'r').catch(() => undefined)]
  try {
    if (b === undefined) return false
    const size = Math.min((await a.stat()).size, (await b.stat()).size)
    const length = Math.min(MARK_BYTES, size)
    for (const at of [0, size - length])
      if (!(await readAt(a, at, length)).equals(await readAt(b, at, length))) return false
    return size > 0
  } finally {
    await a.close()
    await b?.close()
  }
}

/**
 * Is `name` what rotation calls an older part of `path` (logrotate: app.log.1, app.log-20241127, app-20241127.log, app.log.2.gz)?
 * Both must lie in one folder.
 */
export function isRotatedName(path: string, name: string): boolean {
  if (dirname(path) !== dirname(name) || path === name) return false
  const bare = (file: string): string => basename(file).replace(/\.gz$/, '')
  const stem = (file: string): string =>
    bare(file)
      // The look-ahead takes a number whole: a dash in it could begin another one, and trying all ways never ends.
      .replace(/(?:[.-]\d(?=([\dTt:_-]*))\1|\.(?:old|bak|prev|orig))+$/, '')
      .replace(/[.-]\d[\dTt:_-]*(?=\.[A-Za-z]+$)/, '')
  return stem(path) === stem(name)
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

export function isGzip(path: string): boolean {
  return path.endsWith('.gz')
}

/** Compressed otherwise: its bytes are no lines. */
export function isUnreadablyCompressed(path: string): boolean {
  return /\.(?:bz2|xz|zst|zip|7z|lz4|Z)$/.test(path)
}
