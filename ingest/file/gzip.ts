// What does a .gz file hold? Its content piece by piece, and whether it is a copy of content that was read.
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { MARK_BYTES, markOf } from './content.ts'
import type { Position } from './positions.ts'

/** The decompressed content from `offset` on, in chunks. Throws Z_BUF_ERROR at the end of a file that is not whole (yet). */
export async function* gunzipFrom(path: string, offset: number): AsyncGenerator<Buffer> {
  const stream = (await open(path, 'r')).createReadStream()
  const decoder = stream.pipe(createGunzip())
  stream.on('error', (error) => decoder.destroy(error))
  let skip = offset
  try {
    for await (const chunk of decoder) {
      if (!Buffer.isBuffer(chunk)) continue
      if (skip < chunk.length) yield chunk.subarray(skip)
      skip = Math.max(0, skip - chunk.length)
    }
  } finally {
    decoder.destroy()
    stream.destroy()
  }
}

/** Does the file hold what was read, up to the place? `undefined`: it ends before the place; it may not be whole yet. */
export async function gzipHolds(
  path: string,
  { head, offset, tail }: Pick<Position, 'head' | 'offset' | 'tail'>,
): Promise<boolean | undefined> {
  let beginning: Buffer = Buffer.alloc(0)
  let end: Buffer = Buffer.alloc(0)
  let at = 0
  try {
    for await (const chunk of gunzipFrom(path, 0)) {
      if (beginning.length < head.length) {
        beginning = Buffer.concat([beginning, chunk]).subarray(0, head.length)
        if (beginning.length === head.length && markOf(beginning) !== head.hash) return false
      }
      end = Buffer.concat([end, chunk.subarray(0, Math.max(0, offset - at))]).subarray(-MARK_BYTES)
      at += chunk.length
      if (at >= offset && beginning.length === head.length) return markOf(end) === tail
    }
  } catch {
    return undefined
  }
  return undefined
}
