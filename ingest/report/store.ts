// Where do attachments lie, and which requests were answered before? In the data directory, as opaque bytes under their hash, for nobody but us.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeJson } from '../../runtime/whole-file.ts'
import { type AttachmentRef, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, ReportAnswer } from '../../schemas/report.ts'
import { ReportError } from './errors.ts'

/** Attachments that a room may have sent without naming them in a report: two reports' worth. */
const MAX_UNFILED = 2 * MAX_ATTACHMENTS
const UNFILED_MS = 24 * 3_600_000

/** A request that was answered with a receipt. */
const Filed = z.object({ bodyHash: z.string(), answer: ReportAnswer })
export type Filed = z.infer<typeof Filed>

export interface StoredAttachment extends AttachmentRef {
  readonly bytes: number
}

/** A part of an attachment: where it begins, and how long the whole is. */
export interface Piece {
  readonly from: number
  readonly total: number
}

export interface ReportStore {
  /**
   * Keeps the bytes of an attachment, or the next piece of them, until a report names them. Rejects with ATTACHMENT_TOO_LARGE,
   * ATTACHMENT_HASH_MISMATCH or TOO_MANY_UNFILED, and nothing is kept then; with ATTACHMENT_OFFSET if a piece before this one is missing.
   */
  receive(
    room: string,
    sha256: string,
    bytes: AsyncIterable<Uint8Array>,
    piece?: Piece,
  ): Promise<{ bytes: number; complete: boolean }>
  /** Puts the attachments of a report under its receipt. Rejects with ATTACHMENT_MISSING if one has not been sent by this room. */
  attach(room: string, receipt: string, refs: readonly AttachmentRef[]): Promise<StoredAttachment[]>
  /** The answer that this request got before. */
  look(identity: string): Promise<Filed | undefined>
  /** Remembers an answer for good, and forgets what its attachments waited as. */
  remember(identity: string, filed: Filed, room: string): Promise<void>
}

/** Folder of reports under the data directory. */
function reportsDir(dataDir: string): string {
  return join(dataDir, 'reports')
}

/** Path of an attachment that was filed. Its name is its hash: what people call it is never a path. */
export function attachmentFile(dataDir: string, receipt: string, sha256: string): string {
  return join(reportsDir(dataDir), 'filed', receipt, sha256)
}

/** The store of a collector. `now` in milliseconds since 1970 UTC. Files are 0600, folders 0700, and nothing in them is ever opened as what it is. */
export function createReportStore(dataDir: string, now: () => number): ReportStore {
  const inbox = (room: string): string => join(reportsDir(dataDir), 'inbox', room)
  const requestFile = (identity: string): string => join(reportsDir(dataDir), 'requests', `${identity}.json`)

  /** Removes what no report named within a day; answers how many are left. */
  async function prune(folder: string): Promise<number> {
    let left = 0
    for (const name of await readdir(folder)) {
      const file = join(folder, name)
      const info = await stat(file).catch(() => undefined)
      if (info !== undefined && now() - info.mtimeMs > UNFILED_MS) await rm(file, { force: true })
      else left += 1
    }
    return left
  }

  return {
    async receive(room, sha256, bytes, piece) {
      const folder = inbox(room)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const first = piece === undefined || piece.from === 0
      if (first && (await prune(folder)) >= MAX_UNFILED)
        throw new ReportError('TOO_MANY_UNFILED', { limit: MAX_UNFILED })
      const draft = join(folder, `${sha256}.${piece === undefined ? randomBytes(6).toString('hex') : 'part'}`)
      try {
        const handle = await open(draft, first ? 'w' : 'r+', 0o600)
        let size = piece?.from ?? 0
        try {
          const { size: there } = await handle.stat()
          if (size > there) throw new ReportError('ATTACHMENT_OFFSET', { received: there })
          // A piece that comes again takes its own place.
          await handle.truncate(size)
          for await (const chunk of bytes) {
            if (size + chunk.length > MAX_ATTACHMENT_BYTES)
              throw new ReportError('ATTACHMENT_TOO_LARGE', { limit: MAX_ATTACHMENT_BYTES })
            await handle.write(chunk, 0, chunk.length, size)
            size += chunk.length
          }
          await handle.sync()
        } finally {
          await handle.close()
        }
        if (piece !== undefined && size < piece.total) return { bytes: size, complete: false }
        const found = await hashOf(draft)
        if (found !== sha256) throw new ReportError('ATTACHMENT_HASH_MISMATCH', { found })
        await rename(draft, join(folder, sha256))
        return { bytes: size, complete: true }
      } catch (error) {
        if (hasCode(error, 'ENOENT')) throw new ReportError('ATTACHMENT_OFFSET', { received: 0 })
        // A piece that was cut off is sent again; what the pieces before it brought stays.
        const resumable = piece !== undefined && !(error instanceof ReportError && error.code !== 'ATTACHMENT_OFFSET')
        if (!resumable) await rm(draft, { force: true })
        throw error
      }
    },

    async attach(room, receipt, refs) {
      const stored: StoredAttachment[] = []
      for (const ref of refs) {
        const target = attachmentFile(dataDir, receipt, ref.sha256)
        await mkdir(join(target, '..'), { recursive: true, mode: 0o700 })
        try {
          await link(join(inbox(room), ref.sha256), target)
        } catch (error) {
          // EEXIST: a repeat of this report. ENOENT: perhaps a repeat whose attachments no longer wait.
          if (!hasCode(error, 'EEXIST') && !hasCode(error, 'ENOENT')) throw error
        }
        const info = await stat(target).catch(() => undefined)
        if (info === undefined) throw new ReportError('ATTACHMENT_MISSING', { ...ref })
        stored.push({ ...ref, bytes: info.size })
      }
      return stored
    },

    async look(identity) {
      try {
        return Filed.parse(JSON.parse(await readFile(requestFile(identity), 'utf8')))
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return undefined
        throw error
      }
    },

    async remember(identity, filed, room) {
      const file = requestFile(identity)
      await writeJson(file, filed)
      for (const { sha256 } of filed.answer.attachments) await rm(join(inbox(room), sha256), { force: true })
    },
  }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
