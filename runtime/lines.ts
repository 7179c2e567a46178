// How does a stream of bytes become lines? At line feeds, wherever its pieces were cut.

/** Lines without their line feeds; undefined, and no more, once the whole has become longer than `most` bytes. */
export async function* linesOf(source: AsyncIterable<Buffer>, most: number): AsyncGenerator<string | undefined> {
  let held: Buffer[] = []
  let bytes = 0
  for await (const part of source) {
    bytes += part.length
    let from = 0
    for (let end = part.indexOf(10); end >= 0; end = part.indexOf(10, from)) {
      const line = part.subarray(from, end)
      yield (held.length === 0 ? line : Buffer.concat([...held, line])).toString('utf8')
      held = []
      from = end + 1
    }
    if (bytes > most) {
      yield undefined
      return
    }
    if (from < part.length) held.push(part.subarray(from))
  }
  if (held.length > 0) yield Buffer.concat(held).toString('utf8')
}
