// How are files followed? Found by globs, read on as they grow, through rotation and restarts, each line once after Kafka has it.
import { type FSWatcher, type Stats, watch } from 'node:fs'
import { access, constants, glob, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '../../runtime/errors.ts'
import type { Collector, CollectorDependencies } from '../collector.ts'
import { isUnreadablyCompressed } from './content.ts'
import { createCopyFinder, findCopy, findInode, type Use } from './copies.ts'
import { gzipHolds } from './gzip.ts'
import { loadPositions, type Position, savePositions } from './positions.ts'
import { closeFile, createFileReader, isGzipDamage } from './read.ts'
import { adopt, atBeginning, type FileSource, newTrack, positionOf, type Track, trackKey } from './track.ts'

export interface FileSettings {
  dataDir: string
  /** How often files that are being written are looked at, where the system does not tell by itself. */
  pollMs?: number
  /** How often the globs are looked up. */
  scanMs?: number
  /** A rotated file that has not grown for so long has ended: its last line needs no newline. */
  idleMs?: number
}

/** Files read at the same time: what is in memory is bounded by so many pieces. */
const READERS = 4
const SAVE_MS = 1000
const RETRY_MS = 1000
/** Writers write line by line: look a little later than the first. */
const GATHER_MS = 50
/** Files kept open, so that one renamed away can be read to its end. */
const MAX_OPEN = 256
const MAX_WATCHED_FOLDERS = 256
/** A file untouched for so long is looked at only when the globs are. */
const COLD_MS = 60 * 60_000
/** A file gone for so long is forgotten. */
const FORGET_MS = 7 * 24 * 60 * 60_000
/** A .gz that is not whole after so long is damaged. */
const GZIP_PATIENCE_MS = 60_000
const MAX_RETIRED = 1000
/** Files looked at together. */
const STATS = 64

/** What was found at a path whose file was never seen. */
interface Stranger {
  readonly path: string
  readonly found: Stats
}

const cannotRead = 'a file cannot be read; give this user read access to it and its folder'

/** Follows the files of the sources. `stop` saves the positions. */
export async function startFiles(
  sources: readonly FileSource[],
  deps: Pick<CollectorDependencies, 'writer' | 'seal' | 'log' | 'metrics'>,
  { dataDir, pollMs = 1000, scanMs = 5000, idleMs = 30_000 }: FileSettings,
): Promise<Collector> {
  const { seal, log } = deps
  const followed = sources.filter(({ files }) => files.length > 0)
  const files = createFileReader(deps, idleMs, () => stopped)
  const copies = createCopyFinder(Date.now)
  const tracks = new Map<string, Track>()
  const byPath = new Map<string, Track[]>()
  const watchers = new Map<string, FSWatcher>()
  /** Paths that were complained about. */
  const troubled = new Set<string>()
  /** Paths that the system says were written to. */
  const hinted = new Set<string>()
  /** Paths of files that hold nothing yet or may be copies in the making. */
  const unbegun = new Set<string>()
  const queue: Track[] = []
  const idleReaders: (() => void)[] = []
  /** What truncated files held, so that their copies are recognised. */
  let retired: Position[] = []
  let stopped = false
  let unsaved = false
  let rescan = false
  let wake: () => void = () => {}

  /** File names may hold identifiers too. */
  function shown(text: string): string {
    const [sealed] = seal([
      { source: '', format: '', receivedAt: 0, peer: '', id: '-', key: '-', payload: Buffer.from(text) },
    ])
    return sealed?.value.toString() ?? ''
  }

  function complain(path: string, message: string, error?: unknown): void {
    if (troubled.has(path)) return
    troubled.add(path)
    log.warn({ path: shown(path), ...(error === undefined ? {} : { cause: shown(errorText(error)) }) }, message)
  }

  function enqueue(track: Track): void {
    if (track.queued || track.done || stopped) return
    track.queued = true
    queue.push(track)
    idleReaders.shift()?.()
  }

  // ---- which files there are

  async function scan(): Promise<void> {
    const now = Date.now()
    const present = new Set<Track>()
    unbegun.clear()
    for (const source of followed) {
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
        unsaved = true
      }
    }
    retired = retired.filter(({ seen }) => now - seen < FORGET_MS).slice(-MAX_RETIRED)
    watchFolders(present)
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
      if (track.path !== path) unsaved = true
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
    if (size === track.readSize && !(isOverdue(track) && !troubled.has(track.path))) return
    if (track.readSize >= 0 && size !== track.readSize) track.grewAt = Date.now()
    enqueue(track)
  }

  /** A .gz that should be whole by now. */
  function isOverdue({ gzip, done, modified }: Track): boolean {
    return gzip && !done && Date.now() - modified > GZIP_PATIENCE_MS
  }

  /**
   * A file never seen: new content from its beginning, or a copy of content that was read, from there on. What holds nothing yet, or cannot be
   * told yet from the copy of a file that is still there, has to wait.
   */
  async function begin(source: FileSource, { path, found }: Stranger): Promise<Track | undefined> {
    try {
      await access(path, constants.R_OK)
      const candidates = [...retired, ...tracks.values()].filter((one) => one.source === source.id)
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
        unsaved = true
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
    unsaved = true
    if (track.done) return
    if (track.handle === undefined) {
      const path = await findInode(track)
      if (path === undefined) return finish(track)
      track.path = path
    }
    enqueue(track)
  }

  function finish(track: Track): void {
    track.done = true
    unsaved = true
    // Who reads it closes it.
    if (!track.reading) void closeFile(track)
  }

  // ---- reading

  async function reader(): Promise<void> {
    while (!stopped) {
      const track = queue.shift()
      if (track === undefined) {
        await new Promise<void>((ready) => idleReaders.push(ready))
        continue
      }
      track.queued = false
      if (track.reading || track.done) continue
      track.reading = true
      const again = await readOn(track)
      track.reading = false
      if (track.done) await closeFile(track)
      else if (again) enqueue(track)
      await closeOldest()
    }
  }

  /** Reads one piece; true if the file is to be read again at once. */
  async function readOn(track: Track): Promise<boolean> {
    const { offset } = track
    try {
      const progress = await files.read(track)
      troubled.delete(track.path)
      if (progress === 'rewritten') await startOver(track)
      if (progress === 'finished') finish(track)
      return progress === 'more' || progress === 'rewritten'
    } catch (error) {
      if (hasCode(error, 'KAFKA_UNAVAILABLE')) {
        await sleep(RETRY_MS)
        return true
      }
      if (hasCode(error, 'ENOENT')) {
        if (track.goneAt !== 0) finish(track)
        rescan = true
        wake()
      } else if (track.gzip && isGzipDamage(error)) {
        // It may still be written: the next size tells.
        if (hasCode(error, 'Z_DATA_ERROR') || isOverdue(track)) {
          complain(track.path, 'a .gz file is damaged; what could be read of it was taken', error)
        }
      } else complain(track.path, cannotRead, error)
      return false
    } finally {
      unsaved ||= track.offset !== offset
    }
  }

  /**
   * The content is gone (copytruncate) or the inode is another file's now. What was not read of it may be in a copy beside it,
   * whether a glob names that or not.
   */
  async function startOver(track: Track): Promise<void> {
    if (track.offset > 0) {
      const before = { ...positionOf(track), seen: Date.now() }
      retired.push(before)
      const copy = await findCopy(before)
      if (copy !== undefined && !tracks.has(trackKey(track.source, copy.inode))) {
        const rest = newTrack({ id: track.source, format: 'auto', files: [] }, copy.path, copy.inode)
        adopt(rest, before)
        Object.assign(rest, { format: track.format, goneAt: Date.now() })
        tracks.set(trackKey(track.source, copy.inode), rest)
        enqueue(rest)
      }
    }
    Object.assign(track, atBeginning())
    unsaved = true
  }

  async function closeOldest(): Promise<void> {
    const open = [...tracks.values()].filter(({ handle }) => handle !== undefined)
    if (open.length <= MAX_OPEN) return
    const idle = open.filter(({ reading, goneAt }) => !reading && goneAt === 0)
    const [first] = idle
    if (first !== undefined) await closeFile(idle.reduce((a, b) => (b.usedAt < a.usedAt ? b : a), first))
  }

  // ---- what changes

  /** Looks at the files that are being written, and at those that are gone but not finished. */
  async function poll(): Promise<void> {
    const now = Date.now()
    const active = [...tracks.values()].filter(
      (track) => !track.done && (track.goneAt !== 0 || now - track.modified < COLD_MS),
    )
    for (let i = 0; i < active.length; i += STATS) {
      await Promise.all(
        active.slice(i, i + STATS).map(async (track) => {
          if (track.goneAt !== 0) return enqueue(track)
          const found = await stat(track.path).catch(() => undefined)
          if (found !== undefined && `${found.dev}:${found.ino}` === track.inode)
            notice(track, found.size, found.mtimeMs)
          else rescan = true
        }),
      )
    }
  }

  function watchFolders(present: Set<Track>): void {
    const folders = new Set([...present].map(({ path }) => dirname(path)))
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue
      watcher.close()
      watchers.delete(folder)
    }
    for (const folder of folders) {
      if (watchers.has(folder) || watchers.size >= MAX_WATCHED_FOLDERS) continue
      try {
        const watcher = watch(folder, { persistent: false }, (event, name) => {
          if (event === 'rename') rescan = true
          else if (name !== null && unbegun.has(join(folder, name))) rescan = true
          else if (name !== null) hinted.add(join(folder, name))
          wake()
        })
        watchers.set(folder, watcher)
        // No more watches to be had, or the folder is gone: polling sees what happens.
        watcher.on('error', () => {
          watcher.close()
          watchers.delete(folder)
        })
      } catch (error) {
        log.debug({ cause: shown(errorText(error)) }, 'a folder cannot be watched; it is polled')
      }
    }
  }

  async function run(): Promise<void> {
    let scanned = Date.now()
    let polled = scanned
    let saved = scanned
    /** A folder where files come and go all the time must not keep us looking. */
    let gap = Math.min(GATHER_MS, scanMs)
    while (!stopped) {
      await pause(rescan ? gap : pollMs)
      if (stopped) break
      const now = Date.now()
      try {
        if (now - scanned >= (rescan ? gap : scanMs)) {
          rescan = false
          await scan()
          scanned = Date.now()
          gap = Math.min(scanMs, Math.max(GATHER_MS, 5 * (scanned - now)))
        } else if (now - polled >= pollMs) {
          await poll()
          polled = Date.now()
        }
        for (const path of hinted) for (const track of byPath.get(path) ?? []) enqueue(track)
        hinted.clear()
      } catch (error) {
        log.error({ cause: shown(errorText(error)) }, 'looking for files failed')
      }
      if (now - saved >= SAVE_MS) {
        await save()
        saved = now
      }
    }
  }

  /** Until something happens in a folder, at most `ms`; what happens within a moment is gathered. */
  async function pause(ms: number): Promise<void> {
    const timer = new AbortController()
    const woken = new Promise<void>((ready) => {
      wake = ready
    })
    await Promise.race([woken, sleep(ms, undefined, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    if (!stopped) await sleep(Math.min(GATHER_MS, ms))
  }

  async function save(): Promise<void> {
    if (!unsaved) return
    unsaved = false
    try {
      await savePositions(dataDir, { version: 1, files: [...tracks.values()].map(positionOf), retired })
      troubled.delete(dataDir)
    } catch (error) {
      unsaved = true
      complain(dataDir, 'positions in files cannot be saved; give this user write access to the data directory', error)
    }
  }

  // ---- life

  const before = await loadPositions(dataDir, (file) =>
    log.warn({ file }, 'the positions in files were damaged and set aside; files are read again from their beginning'),
  )
  retired = before.retired
  for (const position of before.files) {
    const source = followed.find(({ id }) => id === position.source)
    if (source === undefined) continue
    const track = Object.assign(newTrack(source, position.path, position.inode), position)
    // A file that was gone stays gone until a glob finds it.
    if (track.done) track.goneAt = track.seen
    tracks.set(trackKey(position.source, position.inode), track)
  }
  await scan()
  const readers = Array.from({ length: READERS }, reader)
  const running = run()

  return {
    name: 'files',
    addresses: followed.flatMap(({ files: patterns }) => patterns),
    async stop() {
      stopped = true
      wake()
      for (const ready of idleReaders.splice(0)) ready()
      for (const watcher of watchers.values()) watcher.close()
      // What Kafka has not acknowledged by then is read again at the next start.
      const limit = new AbortController()
      await Promise.race([
        Promise.all([running, ...readers]),
        sleep(2000, undefined, { signal: limit.signal }).catch(() => {}),
      ])
      limit.abort()
      await save()
      for (const track of tracks.values()) await closeFile(track)
    },
  }
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

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
