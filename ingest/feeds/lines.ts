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
