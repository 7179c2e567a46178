// Is a file a copy that rotation made of another? Then reading goes on where it stopped in the original.
import { open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beginsAlike, holds, isGzip, isRotatedName, MARK_BYTES, markOf, readAt } from './content.ts'
import { gzipHolds } from './gzip.ts'
import type { Position } from './positions.ts'

/** A copy of a file that is still written on is rotation at work: wait so long for the original to be emptied. */
const WAIT_MS = 30_000

/** What is done with the file of a position now. `reading`: lines of it are on their way, so that its position is about to move. */
export type Use = 'reading' | 'followed' | 'ended'

export interface CopyFinder {
  /**
   * The position in the content of which `path` is a copy. `wait`: the copy is not whole yet, or its original is still there or being read.
   * `candidates`: positions of the same source.
   */
  originalOf(
    path: string,
    size: number,
    candidates: Iterable<Position>,
    useOf: (original: Position) => Use,
  ): Promise<Position | 'wait' | undefined>
}

/** Remembers for which copies it waits. `now` in milliseconds. */
export function createCopyFinder(now: () => number): CopyFinder {
  const waiting = new Map<string, number>()
  return {
    async originalOf(path, size, candidates, useOf) {
      for (const [other, since] of waiting) if (now() - since > 10 * WAIT_MS) waiting.delete(other)
      const since = waiting.get(path)
      const late = since !== undefined && now() - since >= WAIT_MS
      for (const one of candidates) {
        if (isGzip(one.path) || !isRotatedName(one.path, path)) continue
        const answer = isGzip(path)
          ? await inGzip(path, one, useOf(one), late)
          : await inCopy(path, size, one, useOf(one), late)
        if (answer === undefined) continue
        if (answer !== 'wait') waiting.delete(path)
        else if (since === undefined) waiting.set(path, now())
        return answer
      }
      waiting.delete(path)
      return undefined
    },
  }
}

async function inGzip(path: string, one: Position, use: Use, late: boolean): Promise<Position | 'wait' | undefined> {
  if (one.offset === 0) return undefined
  if (use === 'reading') return 'wait'
  const same = await gzipHolds(path, one)
  if (same === false || (same === undefined && late)) return undefined
  return same === true && (late || !(await isThere(one, use))) ? one : 'wait'
}

async function inCopy(
  path: string,
  size: number,
  one: Position,
  use: Use,
  late: boolean,
): Promise<Position | 'wait' | undefined> {
  // Only a copy has the longer name: the file written anew after a rotation by renaming is none, however alike they begin.
  if (path.length > one.path.length) {
    // What is on its way may be of the content that was copied and is gone by now.
    if (use === 'reading') return 'wait'
    if (use === 'followed' && (await beginsAlike(path, one.path).catch(() => false))) {
      if (!late || one.offset === 0) return 'wait'
      return size < one.offset ? endOf(path, one) : one
    }
    // Lines that were written and read between copying and truncating are not in the copy: nothing of it is left to read.
    if (size < one.offset) return endOf(path, one)
  }
  if (one.offset === 0 || size < one.offset || !(await contentHolds(path, one))) return undefined
  return !late && (await isThere(one, use)) ? 'wait' : one
}

/** The file of a position is there, with that content. */
async function isThere(one: Position, use: Use): Promise<boolean> {
  return use !== 'ended' && (await contentHolds(one.path, one).catch(() => false))
}

/** The end of a copy that holds less than was read of its original; `undefined` if it begins otherwise. */
async function endOf(path: string, one: Position): Promise<Position | undefined> {
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const { head } = one
    if (head.length === 0 || size < head.length) return undefined
    if (markOf(await readAt(handle, 0, head.length)) !== head.hash) return undefined
    const length = Math.min(MARK_BYTES, size)
    return { ...one, offset: size, tail: markOf(await readAt(handle, size - length, length)), skipping: false }
  } finally {
    await handle.close()
  }
}

/** Does the file at this path hold what was read, up to the place? */
async function contentHolds(path: string, position: Position): Promise<boolean> {
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
