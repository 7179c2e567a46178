// How is a snappy block unpacked? Literals and copies of what came before (google/snappy, format_description.txt), into memory bounded beforehand.
import type { Lease } from '../http/body.ts'
import { HttpError } from '../http/errors.ts'

/**
 * The block unpacked. Its length stands first, so that a bomb is refused before anything is unpacked. Throws DECOMPRESSED_TOO_LARGE, BUSY
 * or BODY_BROKEN.
 */
export function unpackSnappy(packed: Buffer, maxBytes: number, lease: Lease): Buffer {
  let at = 0
  let length = 0
  for (let factor = 1; ; factor *= 0x80) {
    const byte = packed[at++]
    if (byte === undefined || factor > 0x8000_0000) throw broken()
    length += (byte & 0x7f) * factor
    if (byte < 0x80) break
  }
  if (length > maxBytes) throw new HttpError('DECOMPRESSED_TOO_LARGE', { limit: maxBytes })
  // A byte makes 64 at most (a copy of two bytes makes 64, and one of three as many).
  if (length > packed.length * 64) throw broken()
  lease.take(length)
  const out = Buffer.allocUnsafeSlow(length)
  let to = 0
  while (at < packed.length) {
    const tag = packed[at++] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      let size = (tag >> 2) + 1
      if (size > 60) {
        const bytes = size - 60
        if (at + bytes > packed.length) throw broken()
        size = packed.readUIntLE(at, bytes) + 1
        at += bytes
      }
      if (at + size > packed.length || to + size > length) throw broken()
      packed.copy(out, to, at, at + size)
      at += size
      to += size
      continue
    }
    const bytes = kind === 3 ? 4 : kind
    if (at + bytes > packed.length) throw broken()
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const offset = kind === 1 ? ((tag >> 5) << 8) | (packed[at] ?? 0) : packed.readUIntLE(at, bytes)
    at += bytes
    if (offset === 0 || offset > to || to + size > length) throw broken()
    // What is copied may overlap what is being written: a run of one byte is a copy from one byte back.
    if (offset >= size) out.copyWithin(to, to - offset, to - offset + size)
    else for (let i = 0; i < size; i++) out[to + i] = out[to + i - offset] ?? 0
    to += size
  }
  if (to !== length) throw broken()
  return out
}

function broken(): HttpError {
  return new HttpError('BODY_BROKEN', { encoding: 'snappy' })
}
