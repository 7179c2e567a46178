// Did the query fail halfway? ClickHouse then ends its 200 answer with a marked exception; it must not pass as data.
import { SiagaError } from '../../runtime/errors.ts'

const edge = '\r\n__exception__\r\n'
/** ClickHouse cuts its message at 16 KiB; marks and length come on top. */
const HELD_BYTES = 17 * 1024

/** Passes data through, holding back the last bytes; throws CLICKHOUSE_REFUSED if they end in a marked exception. */
export async function* withoutException(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    const together = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const free = together.length - HELD_BYTES
    if (free > 0) yield together.subarray(0, free)
    held = free > 0 ? together.subarray(free) : together
  }
  const marked = held.toString('latin1')
  if (marked.endsWith(edge)) {
    const start = marked.lastIndexOf(edge, marked.length - edge.length - 1)
    const tail = marked.slice(start + edge.length, -edge.length).match(/^(\S+)\r\n([\s\S]*)\r?\n(\d+) \1$/)
    if (start >= 0 && tail) {
      if (start > 0) yield held.subarray(0, start)
      const detail = Buffer.from(tail[2] ?? '', 'latin1')
        .toString('utf8')
        .trim()
      throw new SiagaError('CLICKHOUSE_REFUSED', { detail })
    }
  }
  if (held.length > 0) yield held
}
