// How are files followed? Found by globs, read on as they grow, through rotation and restarts, each line once after Kafka has it.
import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorText } from '../../runtime/errors.ts'
import type { Collector, CollectorDependencies } from '../collector.ts'
import { JOIN_MS } from '../join/joiner.ts'
import { hasCode } from './content.ts'
import { findCopy } from './copies.ts'
import { loadPositions, savePositions } from './positions.ts'
import { closeFile, createFileReader, isGzipDamage } from './read.ts'
import { cannotRead, createScanner, type Followed, STATS } from './scan.ts'
import { adopt, atBeginning, type FileSource, isOverdue, newTrack, positionOf, type Track, trackKey } from './track.ts'

export interface FileSettings {
  dataDir: string
  /** How often files that are being written are looked at, where the system does not tell by itself. */
  pollMs?: number
  /** How often the globs are looked up. */
  scanMs?: number
  /** A rotated file that has not grown for so long has ended: its last line needs no newline. */
  idleMs?: number
  /** Lines at the end of a file wait so long for more of their event. */
  joinMs?: number
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

/** Follows the files of the sources. `stop` saves the positions. */
export async function startFiles(
  sources: readonly FileSource[],
  deps: Pick<CollectorDependencies, 'writer' | 'seal' | 'log' | 'metrics'>,
  { dataDir, pollMs = 1000, scanMs = 5000, idleMs = 30_000, joinMs = JOIN_MS }: FileSettings,
): Promise<Collector> {
  const { seal, log } = deps
  const wanted = sources.filter(({ files }) => files.length > 0)
  const files = createFileReader(deps, { idleMs, joinMs }, () => stopped)
  const tracks = new Map<string, Track>()
  const troubled = new Set<string>()
  const followed: Followed = { tracks, retired: [], unsaved: false, troubled, complain, enqueue, finish }
  const scanner = createScanner(wanted, followed, joinMs)
  const watchers = new Map<string, FSWatcher>()
  /** Paths that the system says were written to. */
  const hinted = new Set<string>()
  const queue: Track[] = []
  const idleReaders: (() => void)[] = []
  let stopped = false
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

  function finish(track: Track): void {
    track.done = true
    followed.unsaved = true
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
      followed.unsaved ||= track.offset !== offset
    }
  }

  /**
   * The content is gone (copytruncate) or the inode is another file's now. What was not read of it may be in a copy beside it,
   * whether a glob names that or not.
   */
  async function startOver(track: Track): Promise<void> {
    if (track.offset > 0) {
      const before = { ...positionOf(track), seen: Date.now() }
      followed.retired.push(before)
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
    followed.unsaved = true
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
            scanner.notice(track, found.size, found.mtimeMs)
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
          else if (name !== null && scanner.unbegun.has(join(folder, name))) rescan = true
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
          watchFolders(await scanner.scan())
          scanned = Date.now()
          gap = Math.min(scanMs, Math.max(GATHER_MS, 5 * (scanned - now)))
        } else if (now - polled >= pollMs) {
          await poll()
          polled = Date.now()
        }
        for (const path of hinted) for (const track of scanner.byPath.get(path) ?? []) enqueue(track)
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
    if (!followed.unsaved) return
    followed.unsaved = false
    try {
      await savePositions(dataDir, {
        version: 1,
        files: [...tracks.values()].map(positionOf),
        retired: followed.retired,
      })
      troubled.delete(dataDir)
    } catch (error) {
      followed.unsaved = true
      complain(dataDir, 'positions in files cannot be saved; give this user write access to the data directory', error)
    }
  }

  // ---- life

  const before = await loadPositions(dataDir, (file) =>
    log.warn({ file }, 'the positions in files were damaged and set aside; files are read again from their beginning'),
  )
  followed.retired = before.retired
  for (const position of before.files) {
    const source = wanted.find(({ id }) => id === position.source)
    if (source === undefined) continue
    const track = Object.assign(newTrack(source, position.path, position.inode), position)
    // A file that was gone stays gone until a glob finds it.
    if (track.done) track.goneAt = track.seen
    tracks.set(trackKey(position.source, position.inode), track)
  }
  watchFolders(await scanner.scan())
  const readers = Array.from({ length: READERS }, reader)
  const running = run()

  return {
    name: 'files',
    addresses: wanted.flatMap(({ files: patterns }) => patterns),
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
