// How is a file read on? Piece by piece; the position moves once Kafka has acknowledged.
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { CollectorDependencies } from '../collector.ts'
import { type BlockEvent, joinLines, type Run } from '../join/block.ts'
import { joiningOf } from '../join/join.ts'
import { withoutDash } from '../seal.ts'
import { hasCode, holds, MARK_BYTES, markOf, readAt } from './content.ts'
import { gunzipFrom } from './gzip.ts'
import { type Cut, cutLines } from './lines.ts'
import { headOf, isOverdue, type Track } from './track.ts'

const PIECE_BYTES = 1024 * 1024
/** Events handed to Kafka at a time. */
const BATCH_EVENTS = 5000

/** `more`: there is more to read now. `end`: read to its end for now. `finished`: nothing will come. `rewritten`: other content. */
export type Progress = 'more' | 'end' | 'finished' | 'rewritten'

export interface FileReader {
  /** Reads on by one piece. Throws KAFKA_UNAVAILABLE, or what the file system says; ENOENT also if another file took the place. */
  read(track: Track): Promise<Progress>
}

export interface ReaderSettings {
  /** A rotated file that has not grown for so long has ended. */
  idleMs: number
  /** Lines at the end of a file wait so long for more of their event. */
  joinMs: number
}

/** `isStopped`: leave off between pieces. */
export function createFileReader(
  { writer, seal, metrics }: Pick<CollectorDependencies, 'writer' | 'seal' | 'metrics'>,
  { idleMs, joinMs }: ReaderSettings,
  isStopped: () => boolean,
): FileReader {
  async function readPiece(track: Track): Promise<Progress> {
    const handle = await openFile(track)
    const { size } = await handle.stat()
    if (size < track.offset || !(await holds(handle, track))) return 'rewritten'
    if (track.head.length < MARK_BYTES && size > track.head.length)
      track.head = headOf(await readAt(handle, 0, MARK_BYTES))
    const idle = track.goneAt !== 0 && Date.now() - Math.max(track.goneAt, track.grewAt) >= idleMs
    const piece = await readAt(handle, track.offset, Math.min(PIECE_BYTES, size - track.offset))
    // Truncated and written anew between looking and reading: what was read is from the middle of other content.
    if ((await handle.stat()).size < track.offset + piece.length || !(await holds(handle, track))) return 'rewritten'
    const atEnd = track.offset + piece.length >= size
    const cut = cutLines(piece, track.offset, track.skipping, idle && atEnd)
    if (cut.used > 0) {
      if (track.id === '') nameFile(track, await readAt(handle, 0, MARK_BYTES))
      await deliver(track, piece, cut, (from) => {
        if (!atEnd) return from === 0
        return idle || hasWaited(track, cut.lines[from]?.at ?? 0)
      })
    }
    if (!atEnd) return 'more'
    track.readSize = size
    return idle ? 'finished' : 'end'
  }

  async function readGzip(track: Track): Promise<Progress> {
    const { size } = await stat(track.path)
    let rest: Buffer = Buffer.alloc(0)
    let gathered: Buffer[] = []
    let bytes = 0
    async function give(final: boolean, whole: boolean): Promise<void> {
      rest = Buffer.concat([rest, ...gathered])
      gathered = []
      bytes = 0
      const { offset } = track
      const cut = cutLines(rest, offset, track.skipping, final)
      if (cut.used === 0) return
      if (track.head.length === 0) track.head = headOf(rest)
      if (track.id === '') nameFile(track, rest.subarray(0, MARK_BYTES))
      await deliver(
        track,
        rest,
        cut,
        (from) => whole || offset + rest.length - (cut.lines[from]?.at ?? 0) >= PIECE_BYTES,
      )
      rest = rest.subarray(track.offset - offset)
    }
    track.readSize = size
    try {
      for await (const chunk of gunzipFrom(track.path, track.offset)) {
        gathered.push(chunk)
        bytes += chunk.length
        if (bytes < PIECE_BYTES) continue
        await give(false, false)
        if (isStopped()) return 'more'
      }
    } catch (error) {
      // Whole lines before the damage are good. Of an event that begins there more may come, unless the file is damaged for good.
      if (isGzipDamage(error)) await give(false, hasCode(error, 'Z_DATA_ERROR') || isOverdue(track))
      throw error
    }
    await give(true, true)
    return 'finished'
  }

  /**
   * Writes the events of a piece and moves the position behind them. It never stands behind the first line of an event that is open: lines from
   * there on are read again. `isWhole`: whether what is open at that line must end without waiting for more.
   */
  async function deliver(track: Track, piece: Buffer, cut: Cut, isWhole: (from: number) => boolean): Promise<void> {
    const base = track.offset
    const { lines } = cut
    const format = joiningOf(track.format)
    const joining = format?.mayJoin(piece) === true ? format : undefined
    const block = { bytes: piece, base }
    let from = 0
    for (let whole = false; from < lines.length; ) {
      const run: Run =
        joining === undefined ? linesOf(cut, from) : joinLines(joining, block, lines, from, BATCH_EVENTS, whole)
      if (run.events.length > 0) await write(track, run.events)
      const stuck = run.next === from
      from = run.next
      const next = lines[from]
      if (next === undefined) break
      move(track, piece, base, next.at - base)
      whole ||= stuck && isWhole(from)
      if (stuck && !whole) return
    }
    track.waitsAt = -1
    move(track, piece, base, cut.used)
    track.skipping = cut.skipping
  }

  async function write({ source, format, id }: Track, batch: readonly BlockEvent[]): Promise<void> {
    const receivedAt = Date.now()
    const unsealed = (payload: Buffer) => ({ source, format, receivedAt, peer: '', id: '-', key: id, payload })
    const events = seal(
      batch.map(({ payload, joined }) =>
        joined?.partial === true ? { ...unsealed(payload), marks: ['partial' as const] } : unsealed(payload),
      ),
    )
    const firsts = seal(batch.flatMap(({ joined }) => (joined === undefined ? [] : unsealed(joined.first))))
    let bytes = 0
    let lines = 0
    let nextFirst = 0
    // File, place and content: what is read again after a crash carries the same id. Of joined lines the first one counts, for the last of them
    // may not have been there yet when the event was sent.
    events.forEach((event, n) => {
      const { at = 0, payload, joined } = batch[n] ?? {}
      const { hash = '' } = (joined === undefined ? event : firsts[nextFirst++]) ?? {}
      event.id = `${id}-${at.toString(36)}-${hash.slice(0, 8)}`
      bytes += payload?.length ?? 0
      lines += joined?.lines ?? 1
    })
    await writer.write(events)
    metrics.received(source, batch.length, bytes)
    if (lines > batch.length) metrics.joined(source, lines - batch.length)
    metrics.accepted(source, batch.length)
  }

  /** Whether lines from this place to the end of the file have waited long enough for more of their event. */
  function hasWaited(track: Track, at: number): boolean {
    if (track.waitsAt !== at) {
      track.waitsAt = at
      track.waitsSince = Date.now()
    }
    return Date.now() - track.waitsSince >= joinMs
  }

  /** Puts the position after the first `used` bytes of a piece that begins at `base`. */
  function move(track: Track, piece: Buffer, base: number, used: number): void {
    const read = piece.subarray(track.offset - base, used)
    const before = track.tailBytes ?? Buffer.alloc(0)
    const tailBytes = Buffer.from(
      read.length >= MARK_BYTES ? read.subarray(-MARK_BYTES) : Buffer.concat([before, read]).subarray(-MARK_BYTES),
    )
    track.offset = base + used
    track.tailBytes = tailBytes
    track.tail = markOf(tailBytes)
    track.skipping = false
  }

  /** Gives the file its id from its inode and first line, through the seal: keyed, since the line may hold an identifier. */
  function nameFile(track: Track, beginning: Buffer): void {
    const feed = beginning.indexOf(10)
    const first = feed < 0 ? beginning : beginning.subarray(0, feed)
    const payload = Buffer.concat([Buffer.from(`${track.source}\n${track.inode}\n`), first])
    const [sealed] = seal([{ source: '', format: '', receivedAt: 0, peer: '', id: '-', key: '-', payload }])
    track.id = withoutDash((sealed?.hash ?? '').slice(0, 22))
  }

  return { read: (track) => (track.gzip ? readGzip(track) : readPiece(track)) }
}

/** Lines that are events each. */
function linesOf({ lines }: Cut, from: number): Run {
  const events = lines.slice(from, from + BATCH_EVENTS)
  return { events, next: from + events.length }
}

/** The file ends early, or is no gzip from some place on. */
export function isGzipDamage(error: unknown): boolean {
  return hasCode(error, 'Z_BUF_ERROR') || hasCode(error, 'Z_DATA_ERROR')
}

async function openFile(track: Track): Promise<FileHandle> {
  track.usedAt = Date.now()
  if (track.handle !== undefined) return track.handle
  const handle = await open(track.path, 'r')
  try {
    const { dev, ino } = await handle.stat()
    if (`${dev}:${ino}` !== track.inode) throw Object.assign(new Error('another file is there now'), { code: 'ENOENT' })
    if (track.offset > 0 && track.tailBytes === undefined) {
      const length = Math.min(MARK_BYTES, track.offset)
      track.tailBytes = await readAt(handle, track.offset - length, length)
    }
  } catch (error) {
    await handle.close()
    throw error
  }
  track.handle = handle
  return handle
}

export async function closeFile(track: Track): Promise<void> {
  const { handle } = track
  track.handle = undefined
  await handle?.close().catch(() => {})
}
