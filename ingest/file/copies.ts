// Is a file a copy that rotation made of another? Then reading goes on where it stopped in the original.
import { open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { holds, isGzip, isRotatedName } from './content.ts'
import { gzipHolds } from './gzip.ts'
import type { Position } from './positions.ts'

/** A copy of a file that is still written on is rotation at work: wait so long for the original to be emptied. */
const WAIT_MS = 30_000

export interface CopyFinder {
  /**
   * The position in the content of which `path` is a copy. `wait`: the copy is not whole yet, or its original still in use.
   * `candidates`: positions of the same source; `isInUse`: the file of a position is there, with that content.
   */
  originalOf(
    path: string,
    size: number,
    candidates: Iterable<Position>,
    isInUse: (original: Position) => Promise<boolean>,
  ): Promise<Position | 'wait' | undefined>
}

/** Remembers for which copies it waits. `now` in milliseconds. */
export function createCopyFinder(now: () => number): CopyFinder {
  const waiting = new Map<string, { original: Position; since: number }>()
  return {
    async originalOf(path, size, candidates, isInUse) {
      for (const [other, { since }] of waiting) if (now() - since > 10 * WAIT_MS) waiting.delete(other)
      const before = waiting.get(path)
      const late = before !== undefined && now() - before.since >= WAIT_MS
      if (before !== undefined && !late && (await isInUse(before.original))) return 'wait'
      for (const one of candidates) {
        if (one.offset === 0 || isGzip(one.path) || !isRotatedName(one.path, path)) continue
        if (!isGzip(path) && one.offset > size) continue
        const same = isGzip(path) ? await gzipHolds(path, one) : await contentHolds(path, one)
        if (same === false || (same === undefined && late)) continue
        if (same === true && (late || !(await isInUse(one)))) {
          waiting.delete(path)
          return one
        }
        if (before === undefined) waiting.set(path, { original: one, since: now() })
        return 'wait'
      }
      waiting.delete(path)
      return undefined
    },
  }
}

/** Does the file at this path hold what was read, up to the place? */
export async function contentHolds(path: string, position: Position): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    return (await handle.stat()).size >= position.offset && (await holds(handle, position))
  } finally {
    await handle.close()
  }
}

/** The copy of a truncated file (copytruncate) beside it, whether a glob names it or not. */
export async function findCopy(position: Position): Promise<{ path: string; inode: string } | undefined> {
  const folder = dirname(position.path)
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    if (isGzip(path) || !isRotatedName(position.path, path)) continue
    const found = await stat(path).catch(() => undefined)
    if (found?.isFile() !== true || found.size < position.offset) continue
    if (await contentHolds(path, position).catch(() => false)) return { path, inode: `${found.dev}:${found.ino}` }
  }
  return undefined
}

/** The path in the same folder that a renamed file has now. */
export async function findInode({ path, inode }: Pick<Position, 'path' | 'inode'>): Promise<string | undefined> {
  const folder = dirname(path)
  for (const name of await readdir(folder).catch(() => [])) {
    const candidate = join(folder, name)
    const found = await stat(candidate).catch(() => undefined)
    if (found !== undefined && `${found.dev}:${found.ino}` === inode) return candidate
  }
  return undefined
}
