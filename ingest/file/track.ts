// What is known about a file that is followed?
import type { FileHandle } from 'node:fs/promises'
import type { Source } from '../../schemas/config.ts'
import { envelopeFormat } from '../../schemas/raw-event.ts'
import { isGzip, MARK_BYTES, markOf } from './content.ts'
import type { Position } from './positions.ts'

export type FileSource = Pick<Source, 'id' | 'format' | 'files'>

/** A file that is followed: its position, and its state in this process. */
export interface Track extends Position {
  format: string
  gzip: boolean
  handle: FileHandle | undefined
  /** Last bytes before the offset; `undefined` until they are read from the file. */
  tailBytes: Buffer | undefined
  /** Size when it was last read to its end, else -1; nothing to do until it differs. */
  readSize: number
  /** The place of the first line that waits for more of its event, and when it was first seen there; -1 while none waits. */
  waitsAt: number
  waitsSince: number
  /** When it was last written, as the file system says. */
  modified: number
  /** When it was no longer found by the globs; 0 while it is. */
  goneAt: number
  grewAt: number
  queued: boolean
  reading: boolean
  usedAt: number
}

export function newTrack({ id, format }: FileSource, path: string, inode: string): Track {
  return {
    source: id,
    format: envelopeFormat(format),
    path,
    inode,
    gzip: isGzip(path),
    ...atBeginning(),
    done: false,
    seen: Date.now(),
    handle: undefined,
    modified: 0,
    goneAt: 0,
    grewAt: Date.now(),
    queued: false,
    reading: false,
    usedAt: 0,
  }
}

/** The part of a track that belongs to its content, before anything is read. */
export function atBeginning() {
  return {
    id: '',
    head: { length: 0, hash: '' },
    offset: 0,
    tail: '',
    tailBytes: undefined,
    skipping: false,
    readSize: -1,
    waitsAt: -1,
    waitsSince: 0,
  }
}

/** Goes on where the same content was read to. */
export function adopt(track: Track, { head, offset, tail, skipping, id }: Position): void {
  Object.assign(track, { head: { ...head }, offset, tail, tailBytes: undefined, skipping, id, waitsAt: -1 })
}

export function positionOf({ source, path, inode, id, head, offset, tail, skipping, done, seen }: Track): Position {
  return { source, path, inode, id, head, offset, tail, skipping, done, seen }
}

export function headOf(bytes: Buffer): Position['head'] {
  const head = bytes.subarray(0, MARK_BYTES)
  return { length: head.length, hash: markOf(head) }
}

/** A .gz that is not whole after so long is damaged. */
const GZIP_PATIENCE_MS = 60_000

/** A .gz that should be whole by now. */
export function isOverdue({ gzip, done, modified }: Pick<Track, 'gzip' | 'done' | 'modified'>): boolean {
  return gzip && !done && Date.now() - modified > GZIP_PATIENCE_MS
}

export function trackKey(source: string, inode: string): string {
  return `${source} ${inode}`
}
