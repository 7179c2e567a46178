// How is a file of any size read line by line? In bounded memory, each line with its number from 0.
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** A line, or why it can't be read. */
export type NumberedLine =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly text: undefined; readonly reason: string }

/** Longest line that is taken; what is longer is no event. */
const MAX_LINE_BYTES = 16 * 1024 * 1024

/** A file, unpacked if its name ends in .gz or .zst; `-` is standard input. */
export function openEvents(name: string, stdin: Readable): Readable {
  if (name === '-') return stdin
  const file = createReadStream(name, { highWaterMark: 256 * 1024 })
  const unpack = name.endsWith('.gz') ? createGunzip() : name.endsWith('.zst') ? createZstdDecompress() : undefined
  if (unpack === undefined) return file
  file.once('error', (error) => unpack.destroy(error))
  return file.pipe(unpack)
}

/** The lines of a stream, in batches as they come. Blank ones are left out but counted. */
export async function* readLines(input: AsyncIterable<Buffer | string>, first = 0): AsyncGenerator<NumberedLine[]> {
  let number = first
  let held: Buffer[] = []
  let heldBytes = 0
  let tooLong = false
  const take = (last: Buffer): NumberedLine | undefined => {
    const bytes = held.length === 0 ? last : Buffer.concat([...held, last])
    const long = tooLong || bytes.length > MAX_LINE_BYTES
    held = []
    heldBytes = 0
    tooLong = false
    const at = number
    number += 1
    if (long) return { number: at, text: undefined, reason: `is longer than ${MAX_LINE_BYTES} bytes` }
    const text = bytes.toString('utf8')
    return text.trim() === ''
      ? undefined
      : { number: at, text: at === 0 && text.startsWith('\uFEFF') ? text.slice(1) : text }
  }
  for await (const part of input) {
    const chunk = typeof part === 'string' ? Buffer.from(part) : part
    const lines: NumberedLine[] = []
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = take(chunk.subarray(from, end))
      if (line !== undefined) lines.push(line)
      from = end + 1
    }
    const rest = chunk.subarray(from)
    if (rest.length > 0 && !tooLong) {
      held.push(rest)
      heldBytes += rest.length
      if (heldBytes > MAX_LINE_BYTES) {
        tooLong = true
        held = []
      }
    }
    if (lines.length > 0) yield lines
  }
  if (heldBytes > 0) {
    const line = take(Buffer.alloc(0))
    if (line !== undefined) yield [line]
  }
}
