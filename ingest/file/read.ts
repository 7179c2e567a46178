// How is a file read on? Piece by piece; the position moves once Kafka has acknowledged.
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { CollectorDependencies } from '../collector.ts'
import { withoutDash } from '../seal.ts'
import { holds, MARK_BYTES, markOf, readAt } from './content.ts'
import { gunzipFrom } from './gzip.ts'
import { cutLines, type Line } from './lines.ts'
import { headOf, type Track } from './track.ts'

const PIECE_BYTES = 1024 * 1024
/** Lines handed to Kafka at a time. */
const BATCH_LINES = 5000

/** `more`: there is more to read now. `end`: read to its end for now. `finished`: nothing will come. `rewritten`: other content. */
export type Progress = 'more' | 'end' | 'finished' | 'rewritten'

export interface FileReader {
  /** Reads on by one piece. Throws KAFKA_UNAVAILABLE, or what the file system says; ENOENT also if another file took the place. */
  read(track: Track): Promise<Progress>
}

/** `idleMs`: a rotated file that has not grown for so long has ended. `isStopped`: leave off between pieces. */
export function createFileReader(
  { writer, seal, metrics }: Pick<CollectorDependencies, 'writer' | 'seal' | 'metrics'>,
  idleMs: number,
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
      await deliver(track, cut.lines, piece, cut.used, cut.skipping)
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
    async function give(final: boolean): Promise<void> {
      rest = Buffer.concat([rest, ...gathered])
      gathered = []
      bytes = 0
      const cut = cutLines(rest, track.offset, track.skipping, final)
      if (cut.used === 0) return
      if (track.head.length === 0) track.head = headOf(rest)
      if (track.id === '') nameFile(track, rest.subarray(0, MARK_BYTES))
      await deliver(track, cut.lines, rest, cut.used, cut.skipping)
      rest = rest.subarray(cut.used)
    }
    track.readSize = size
    try {
      for await (const chunk of gunzipFrom(track.path, track.offset)) {
        gathered.push(chunk)
        bytes += chunk.length
        if (bytes < PIECE_BYTES) continue
        await give(false)
        if (isStopped()) return 'more'
      }
    } catch (error) {
      // Whole lines before the damage are good.
      if (isGzipDamage(error)) await give(false)
      throw error
    }
    await give(true)
    return 'finished'
  }

  async function deliver(track: Track, lines: Line[], piece: Buffer, used: number, skipping: boolean): Promise<void> {
    const base = track.offset
    const { source, format, id } = track
    for (let i = 0; i < lines.length; i += BATCH_LINES) {
      const batch = lines.slice(i, i + BATCH_LINES)
      const receivedAt = Date.now()
      const events = seal(
        batch.map(({ payload }) => ({ source, format, receivedAt, peer: '', id: '-', key: id, payload })),
      )
      // File, place and content: a line read again after a crash carries the same id.
      events.forEach((event, n) => {
        event.id = `${id}-${(batch[n]?.at ?? 0).toString(36)}-${event.hash.slice(0, 8)}`
      })
      await writer.write(events)
      const bytes = batch.reduce((sum, { payload }) => sum + payload.length, 0)
      metrics.received(source, batch.length, bytes)
      metrics.accepted(source, batch.length)
      const next = lines[i + BATCH_LINES]
      if (next !== undefined) move(track, piece, base, next.at - base)
    }
    move(track, piece, base, used)
    track.skipping = skipping
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

/** The file ends early, or is no gzip from some place on. */
export function isGzipDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'Z_BUF_ERROR' || error.code === 'Z_DATA_ERROR')
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
