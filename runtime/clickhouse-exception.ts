// Did the query fail halfway? ClickHouse then ends its 200 answer with a marked exception; it must not pass as data.
import type { Readable } from 'node:stream'
import { errorText, SiagaError } from './errors.ts'

const edge = '\r\n__exception__\r\n'
/** ClickHouse cuts its message at 16 KiB; marks and length come on top. */
const HELD_BYTES = 17 * 1024

/**
 * Passes data through, holding back the last bytes. Throws CLICKHOUSE_REFUSED if they end in a marked exception (the server then
 * also cuts the connection), CLICKHOUSE_UNAVAILABLE if the connection was cut for no stated reason.
 */
export async function* withoutException(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  let cut: unknown
  try {
    for await (const chunk of source) {
      const together = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const free = together.length - HELD_BYTES
      if (free > 0) yield together.subarray(0, free)
      held = free > 0 ? together.subarray(free) : together
    }
  } catch (error) {
    cut = error
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
  if (cut !== undefined) {
    throw new SiagaError('CLICKHOUSE_UNAVAILABLE', { detail: `the answer was cut: ${errorText(cut)}` }, { cause: cut })
  }
}

const MAX_QUEUED = 16

/**
 * Chunks of an answer, also the last ones before the connection is cut: a stream that is destroyed drops what it has buffered,
 * and the server cuts the connection right behind its exception.
 */
export async function* chunksOf(answer: Readable): AsyncGenerator<Buffer> {
  const queue: Buffer[] = []
  let ended = false
  let failure: unknown
  let wake = (): void => {}
  answer.on('data', (chunk: Buffer) => {
    queue.push(chunk)
    if (queue.length >= MAX_QUEUED) answer.pause()
    wake()
  })
  answer.on('error', (error) => {
    failure ??= error
    wake()
  })
  answer.on('close', () => {
    ended = true
    wake()
  })
  try {
    for (;;) {
      const chunk = queue.shift()
      if (chunk !== undefined) yield chunk
      else if (failure !== undefined) throw failure
      else if (ended) return
      else {
        answer.resume()
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    answer.destroy()
  }
}
