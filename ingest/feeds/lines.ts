// What are the lines of these bytes? One at a time, each of bounded length, in UTF-8.

const MAX_LINE_BYTES = 64 * 1024

/** Lines without their ends; `undefined` for one that is too long. A byte order mark is left out. */
export function* linesOf(bytes: Buffer): Generator<string | undefined> {
  let from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (from < bytes.length) {
    let end = bytes.indexOf(10, from)
    if (end < 0) end = bytes.length
    const last = end > from && bytes[end - 1] === 13 ? end - 1 : end
    yield last - from > MAX_LINE_BYTES ? undefined : bytes.toString('utf8', from, last)
    from = end + 1
  }
}

const QUOTE = 34

/**
 * The bytes without lines whose quotation marks do not pair, each of which is told. One of them would take everything behind it into its
 * record; records of several lines, which feeds do not have, are the price.
 */
export function pairedLines(bytes: Buffer, onOdd: (line: string) => void): Buffer {
  const kept: Buffer[] = []
  let from = 0
  let quote = bytes.indexOf(QUOTE)
  while (quote >= 0) {
    let end = bytes.indexOf(10, quote)
    if (end < 0) end = bytes.length
    const start = bytes.lastIndexOf(10, quote) + 1
    let odd = false
    while (quote >= 0 && quote < end) {
      odd = !odd
      quote = bytes.indexOf(QUOTE, quote + 1)
    }
    if (!odd) continue
    onOdd(bytes.toString('utf8', start, Math.min(end, start + 200)))
    kept.push(bytes.subarray(from, start))
    from = end + 1
  }
  if (kept.length === 0) return bytes
  kept.push(bytes.subarray(Math.min(from, bytes.length)))
  return Buffer.concat(kept)
}
