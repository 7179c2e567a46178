// How is a package written and read? As plain ustar (POSIX.1-1988), entry behind entry; a size is filled in when it is known, so that nothing is held in memory.
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

const BLOCK = 512
/** What eleven octal digits hold; larger sizes are written as GNU tar and all others read them, in base 256. */
const MAX_OCTAL = 8 ** 11 - 1
const READ_BYTES = 256 * 1024

export interface TarEntry {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
  /** Where its content begins in the archive. */
  readonly at: number
}

export interface TarWriter {
  /** Appends a file, as long as its source turns out to be. */
  add(name: string, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<TarEntry>
  /** The content of an entry again. */
  read(entry: Pick<TarEntry, 'at' | 'bytes'>): AsyncGenerator<Buffer>
  end(): Promise<void>
}

/** Writes to an empty file that can be read too. `mtime` in milliseconds since 1970 UTC. */
export function createTar(file: FileHandle, mtime: number): TarWriter {
  let end = 0
  const put = async (bytes: Uint8Array): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, end + done)).bytesWritten
    }
    end += bytes.length
  }
  return {
    async add(name, source) {
      const head = end
      end += BLOCK
      const hash = createHash('sha256')
      for await (const part of source) {
        hash.update(part)
        await put(part)
      }
      const bytes = end - head - BLOCK
      await put(new Uint8Array((BLOCK - (bytes % BLOCK)) % BLOCK))
      await file.write(tarHeader(name, bytes, mtime), 0, BLOCK, head)
      return { name, bytes, sha256: hash.digest('hex'), at: head + BLOCK }
    },
    read: ({ at, bytes }) => readBytes(file, at, bytes),
    end: () => put(new Uint8Array(2 * BLOCK)),
  }
}

/** The head of an entry. `mtime` in milliseconds since 1970 UTC. */
export function tarHeader(name: string, size: number, mtime: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  if (Buffer.byteLength(name) > 100) throw new RangeError(`${name} is too long for a name in a package`)
  block.write(name, 0)
  block.write('0000600\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  if (size <= MAX_OCTAL) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(size), 128)
  }
  block.write(
    `${Math.floor(mtime / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  )
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  block.write('siaga', 265)
  block.write('siaga', 297)
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** Sum of the bytes of a header, its own field taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 0
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0)
  return sum
}

export type TarRead =
  | { readonly kind: 'file'; readonly name: string; readonly bytes: number; readonly at: number }
  /** What no package has: another kind of entry, a broken header, bytes behind the end. Nothing is read after it. */
  | { readonly kind: 'wrong'; readonly why: 'broken' | 'not_a_file' | 'cut' | 'more_behind' }

/** The entries of an archive, and what is wrong with it. */
export async function* readTar(file: FileHandle): AsyncGenerator<TarRead> {
  const { size: total } = await file.stat()
  const block = Buffer.alloc(BLOCK)
  for (let at = 0; ; ) {
    if ((await file.read(block, 0, BLOCK, at)).bytesRead < BLOCK) return yield { kind: 'wrong', why: 'cut' }
    if (block.every((byte) => byte === 0)) {
      for await (const part of readBytes(file, at, total - at)) {
        if (part.some((byte) => byte !== 0)) return yield { kind: 'wrong', why: 'more_behind' }
      }
      return
    }
    if (octal(block, 148, 8) !== checksum(block)) return yield { kind: 'wrong', why: 'broken' }
    const type = block[156]
    if ((type !== 0x30 && type !== 0) || block[345] !== 0) return yield { kind: 'wrong', why: 'not_a_file' }
    const bytes = block[124] === 0x80 ? Number(block.readBigUInt64BE(128)) : octal(block, 124, 12)
    if (!Number.isSafeInteger(bytes)) return yield { kind: 'wrong', why: 'broken' }
    if (at + BLOCK + bytes > total) return yield { kind: 'wrong', why: 'cut' }
    const padding = (BLOCK - (bytes % BLOCK)) % BLOCK
    for await (const part of readBytes(file, at + BLOCK + bytes, padding)) {
      if (part.some((byte) => byte !== 0)) return yield { kind: 'wrong', why: 'broken' }
    }
    yield { kind: 'file', name: block.toString('utf8', 0, 100).replace(/\0[\s\S]*$/, ''), bytes, at: at + BLOCK }
    at += BLOCK + bytes + padding
  }
}

function octal(block: Buffer, at: number, length: number): number {
  const text = block
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim()
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
}

/** A part of a file, in pieces. */
export async function* readBytes(file: FileHandle, at: number, bytes: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < bytes; ) {
    const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - done))
    const { bytesRead } = await file.read(piece, 0, piece.length, at + done)
    if (bytesRead === 0) return
    done += bytesRead
    yield piece.subarray(0, bytesRead)
  }
}
