// Which files are there? Found by globs, told from those known, from copies that rotation makes and from files that are gone.
import type { Stats } from 'node:fs'
import { access, constants, glob, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { hasCode, isUnreadablyCompressed } from './content.ts'
import { createCopyFinder, findInode, type Use } from './copies.ts'
import { gzipHolds } from './gzip.ts'
import type { Position } from './positions.ts'
import { adopt, atBeginning, type FileSource, isOverdue, newTrack, type Track, trackKey } from './track.ts'

/** A file gone for so long is forgotten. */
const FORGET_MS = 7 * 24 * 60 * 60_000
const MAX_RETIRED = 1000
/** Files looked at together. */
export const STATS = 64

export const cannotRead = 'a file cannot be read; give this user read access to it and its folder'

/** What the parts of the collector know together. */
export interface Followed {
  /** By source and inode (`trackKey`). */
  readonly tracks: Map<string, Track>
  /** What truncated files held, so that their copies are recognised. */
  retired: Position[]
  /** Positions differ from what was saved. */
  unsaved: boolean
  /** Paths that were complained about. */
  readonly troubled: Set<string>
  /** Tells people once about a path. */
  complain(path: string, message: string, error?: unknown): void
  /** Has a file read on. */
  enqueue(track: Track): void
  /** Nothing will come any more. */
  finish(track: Track): void
}

export interface Scanner {
  /** Looks the globs up. Answers the files that they name. */
  scan(): Promise<Set<Track>>
  /** A file has this size now: read on if there is something to do. */
  notice(track: Track, size: number, modified: number): void
  /** Files by the path at which they were found. */
  readonly byPath: ReadonlyMap<string, readonly Track[]>
  /** Paths of files that hold nothing yet or may be copies in the making. */
  readonly unbegun: ReadonlySet<string>
}

/** What was found at a path whose file was never seen. */
interface Stranger {
  readonly path: string
  readonly found: Stats
}

/** `joinMs`: how long lines at the end of a file wait for more of their event. */
export function createScanner(sources: readonly FileSource[], followed: Followed, joinMs: number): Scanner {
  const { tracks, troubled, complain, enqueue, finish } = followed
  const copies = createCopyFinder(Date.now)
  const byPath = new Map<string, Track[]>()
  const unbegun = new Set<string>()

  async function scan(): Promise<Set<Track>> {
    const now = Date.now()
    const present = new Set<Track>()
    unbegun.clear()
    for (const source of sources) {
      const paths = await findPaths(source.files, (pattern, error) =>
        complain(pattern, 'a pattern for files cannot be looked up', error),
      )
      const strangers: Stranger[] = []
      for (let i = 0; i < paths.length; i += STATS) {
        const met = await Promise.all(paths.slice(i, i + STATS).map((path) => meet(source, path)))
        for (const one of met) {
          if (one === undefined) continue
          if ('found' in one) strangers.push(one)
          else present.add(one)
        }
      }
      // One by one and the originals first, whose names are shorter: a copy must not be taken for a file of its own.
      for (const stranger of strangers.sort((a, b) => a.path.length - b.path.length)) {
        const track = await begin(source, stranger)
        if (track !== undefined) present.add(track)
      }
    }
    byPath.clear()
    for (const track of [...tracks.values()]) {
      if (present.has(track)) {
        track.goneAt = 0
        track.seen = now
        byPath.set(track.path, [...(byPath.get(track.path) ?? []), track])
      } else if (track.goneAt === 0) await lose(track, now)
      else if (track.done && now - track.seen > FORGET_MS) {
        tracks.delete(trackKey(track.source, track.inode))
        followed.unsaved = true
      }
    }
    followed.retired = followed.retired.filter(({ seen }) => now - seen < FORGET_MS).slice(-MAX_RETIRED)
    return present
  }

  /** A path of the globs: the track of its file, or what was found there if it was never seen. */
  async function meet(source: FileSource, path: string): Promise<Track | Stranger | undefined> {
    if (isUnreadablyCompressed(path)) {
      complain(path, 'a compressed file other than .gz is passed over; decompress it, or leave it out of the pattern')
      return undefined
    }
    try {
      const found = await stat(path)
      if (!found.isFile()) return undefined
      const track = tracks.get(trackKey(source.id, `${found.dev}:${found.ino}`))
      if (track === undefined) return { path, found }
      if (track.path !== path) followed.unsaved = true
      track.path = path
      // The inode of a file that was read to its end may be another file's by now.
      if (track.done && (!track.gzip || found.mtimeMs > track.seen)) await revive(track)
      notice(track, found.size, found.mtimeMs)
      return track
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) complain(path, cannotRead, error)
      return undefined
    }
  }

  function notice(track: Track, size: number, modified: number): void {
    track.modified = modified
    const isDue = track.waitsAt >= 0 && Date.now() - track.waitsSince >= joinMs
    if (size === track.readSize && !isDue && !(isOverdue(track) && !troubled.has(track.path))) return
    if (track.readSize >= 0 && size !== track.readSize) track.grewAt = Date.now()
    enqueue(track)
  }

  /**
   * A file never seen: new content from its beginning, or a copy of content that was read, from there on. What holds nothing yet, or cannot be
   * told yet from the copy of a file that is still there, has to wait.
   */
  async function begin(source: FileSource, { path, found }: Stranger): Promise<Track | undefined> {
    try {
      await access(path, constants.R_OK)
      const candidates = [...followed.retired, ...tracks.values()].filter((one) => one.source === source.id)
      const original = found.size === 0 ? 'wait' : await copies.originalOf(path, found.size, candidates, useOf)
      if (original === 'wait') {
        unbegun.add(path)
        return undefined
      }
      // Meanwhile it may have been found under another name, or as the copy of a truncated file.
      const inode = `${found.dev}:${found.ino}`
      const track = tracks.get(trackKey(source.id, inode)) ?? newTrack(source, path, inode)
      if (!tracks.has(trackKey(source.id, inode))) {
        if (original !== undefined) adopt(track, original)
        tracks.set(trackKey(source.id, inode), track)
        followed.unsaved = true
      }
      notice(track, found.size, found.mtimeMs)
      return track
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) complain(path, cannotRead, error)
      return undefined
    }
  }

  function useOf(one: Position): Use {
    const track = tracks.get(trackKey(one.source, one.inode))
    if (track === undefined || track !== one) return 'ended'
    if (track.reading) return 'reading'
    return track.done || track.goneAt !== 0 ? 'ended' : 'followed'
  }

  async function revive(track: Track): Promise<void> {
    track.done = false
    track.readSize = -1
    if (track.gzip && (await gzipHolds(track.path, track)) !== true) Object.assign(track, atBeginning())
  }

  /** No longer found by the globs: renamed, or deleted. While it is open, or found under another name, it is read to its end. */
  async function lose(track: Track, now: number): Promise<void> {
    track.goneAt = now
    followed.unsaved = true
    if (track.done) return
    if (track.handle === undefined) {
      const path = await findInode(track)
      if (path === undefined) return finish(track)
      track.path = path
    }
    enqueue(track)
  }

  return { scan, notice, byPath, unbegun }
}

async function findPaths(
  patterns: readonly string[],
  onError: (pattern: string, error: unknown) => void,
): Promise<string[]> {
  const paths = new Set<string>()
  for (const pattern of patterns) {
    if (!/[*?[{(!]/.test(pattern)) {
      paths.add(resolve(pattern))
      continue
    }
    try {
      for await (const entry of glob(pattern, { withFileTypes: true })) {
        if (!entry.isDirectory()) paths.add(resolve(entry.parentPath, entry.name))
      }
    } catch (error) {
      onError(pattern, error)
    }
  }
  return [...paths]
}
