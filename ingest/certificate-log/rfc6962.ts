// How is a log of RFC 6962 read? get-sth, get-sth-consistency, get-proof-by-hash and get-entries.
import { z } from 'zod'
import { FetchFailure } from '../../runtime/guard/failure.ts'
import { type Ask, parseJson } from './ask.ts'
import { type Entry, readLeafInput } from './entry.ts'
import { frontierOfLastLeaf, HASH_BYTES } from './merkle.ts'
import { MissingEntry, Refused, Unreadable } from './problems.ts'
import { type LogSource, MAX_ENTRIES_BYTES, MAX_SMALL_BYTES, PARALLEL } from './source.ts'
import { type LogKey, readSignedTreeHead } from './tree-head.ts'

const Hashes = z.array(z.base64()).max(64)
const Consistency = z.object({ consistency: Hashes })
const Inclusion = z.object({ leaf_index: z.int().min(0), audit_path: Hashes })
const Entries = z.object({ entries: z.array(z.object({ leaf_input: z.string(), extra_data: z.string() })) })

/** Entries that are asked for at a time until the log shows how many it gives. */
const ASK_ENTRIES = 256

/** A source over the RFC 6962 API. Logs may answer fewer entries than asked for (section 4.6); they are asked again for the rest. */
export function createRfc6962Source(ask: Ask, key: LogKey): LogSource {
  /** What one answer holds, as seen so far. */
  let step = ASK_ENTRIES
  let learned = false

  async function json<T>(schema: z.ZodType<T>, path: string, maxBytes: number, signal: AbortSignal): Promise<T> {
    const parsed = schema.safeParse(parseJson(await ask(`ct/v1/${path}`, maxBytes, signal)))
    if (!parsed.success) throw new Unreadable(`the answer to ${path.replace(/\?.*$/s, '')} is not of its form`)
    return parsed.data
  }

  /** At least one entry from `from`, at most up to `to`. Fewer are asked for where an answer would be too large. */
  async function some(from: number, to: number, signal: AbortSignal): Promise<Entry[]> {
    for (let count = to - from; ; count = Math.ceil(count / 4)) {
      try {
        const path = `get-entries?start=${from}&end=${from + count - 1}`
        const { entries } = await json(Entries, path, MAX_ENTRIES_BYTES, signal)
        if (entries.length === 0) throw new MissingEntry(`entry ${from} is not answered`)
        return entries
          .slice(0, count)
          .map(({ leaf_input, extra_data }, n) => readLeafInput(from + n, leaf_input, extra_data))
      } catch (error) {
        if (error instanceof Refused && error.status >= 400 && error.status < 500) {
          throw new MissingEntry(`entry ${from} is not answered: ${error.message}`)
        }
        if (!(error instanceof FetchFailure && error.kind === 'too_large') || count === 1) throw error
        step = Math.max(1, Math.ceil(count / 4))
      }
    }
  }

  return {
    async head(signal) {
      return readSignedTreeHead(parseJson(await ask('ct/v1/get-sth', MAX_SMALL_BYTES, signal)), key)
    },

    async consistency(first, second, signal) {
      const path = `get-sth-consistency?first=${first}&second=${second}`
      return hashes((await json(Consistency, path, MAX_SMALL_BYTES, signal)).consistency)
    },

    async frontier({ size }, signal) {
      const [last] = await some(size - 1, size, signal)
      if (last === undefined) return undefined
      const path = `get-proof-by-hash?hash=${encodeURIComponent(last.leafHash.toString('base64'))}&tree_size=${size}`
      const { leaf_index, audit_path } = await json(Inclusion, path, MAX_SMALL_BYTES, signal)
      // The same entry may stand twice in a log; the proof is then of the other one, and the next head is tried.
      return leaf_index === size - 1 ? frontierOfLastLeaf(size, last.leafHash, hashes(audit_path)) : undefined
    },

    async *entries(from, to, _size, outer) {
      const stop = new AbortController()
      const signal = AbortSignal.any([outer, stop.signal])
      const waiting: { from: number; to: number; answer: Promise<Entry[]> }[] = []
      let next = from
      try {
        while (waiting.length > 0 || next < to) {
          while (next < to && waiting.length < (learned ? PARALLEL : 1)) {
            // Logs answer up to a multiple of what they give at a time: ranges that end there are answered whole.
            const end = Math.min(to, (Math.floor(next / step) + 1) * step)
            const answer = some(next, end, signal)
            answer.catch(() => undefined)
            waiting.push({ from: next, to: end, answer })
            next = end
          }
          const first = waiting.shift()
          if (first === undefined) return
          let answered = await first.answer
          yield answered
          let largest = answered.length
          let at = first.from + answered.length
          const short = at < first.to
          while (at < first.to) {
            answered = await some(at, first.to, signal)
            yield answered
            largest = Math.max(largest, answered.length)
            at += answered.length
          }
          if (short) step = largest
          learned = true
        }
      } finally {
        stop.abort()
      }
    },
  }
}

function hashes(encoded: readonly string[]): Buffer[] {
  const decoded = encoded.map((text) => Buffer.from(text, 'base64'))
  if (decoded.some(({ length }) => length !== HASH_BYTES)) throw new Unreadable('a hash of a proof has not 32 bytes')
  return decoded
}
