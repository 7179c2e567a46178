// What does a `_bulk` body say? Lines in turns: an action, then its document, which is taken as the bytes it is (Elasticsearch REST API, "Bulk").
import { z } from 'zod'
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import { HttpError } from '../http/errors.ts'

/** The longest line that names an action. */
const MAX_ACTION_BYTES = 8 * 1024

const Target = z.object({
  _index: z.string().max(255).optional(),
  _id: z.union([z.string().max(512), z.number()]).optional(),
})
const Action = z.union([
  z.strictObject({ index: Target }),
  z.strictObject({ create: Target }),
  z.strictObject({ update: Target }),
  z.strictObject({ delete: Target }),
])

export type BulkRefusal = 'unsupported' | 'too_long'

/** One action of a request, in its order. */
export interface BulkItem {
  readonly operation: 'index' | 'create' | 'update' | 'delete'
  readonly index: string
  /** As the sender gave it; undefined: it gave none. */
  readonly id: string | undefined
  /** Place of the document in the body. */
  readonly start: number
  readonly end: number
  /** Why this item, and no other, is not taken. */
  readonly refused?: BulkRefusal
}

/** Reads a body some bytes at a time, so that a large one does not hold up others. */
export interface BulkReader {
  readonly items: BulkItem[]
  /** Reads on for about `bytes`; true when the body is done. Throws HttpError for an action that refuses the request. */
  step(bytes: number): boolean
}

/** A reader for a body. `pathIndex`: the index in the path, for actions that name none. It refuses more than `maxEvents`. */
export function createBulkReader(body: Buffer, pathIndex: string, maxEvents: number): BulkReader {
  const items: BulkItem[] = []
  let at = 0
  let line = 0
  /** End of the line at `at`, its break left out; moves on behind it. */
  function nextLine(): { start: number; end: number } {
    const start = at
    const feed = body.indexOf(10, at)
    const next = feed < 0 ? body.length : feed
    at = next + 1
    line++
    return { start, end: next > start && body[next - 1] === 13 ? next - 1 : next }
  }
  return {
    items,
    step(bytes) {
      const until = at + bytes
      while (at < body.length && at < until) {
        const head = nextLine()
        if (head.start === head.end) continue
        const { operation, index, id } = readAction(body, head.start, head.end, line)
        const base = { operation, index: index ?? pathIndex, id }
        if (items.length >= maxEvents) throw new HttpError('TOO_MANY_EVENTS', { limit: maxEvents })
        if (operation === 'delete') {
          items.push({ ...base, start: 0, end: 0, refused: 'unsupported' })
          continue
        }
        if (at >= body.length) throw malformed(line, 'an action without its document')
        const { start, end } = nextLine()
        if (start === end) throw malformed(line, 'an empty line where a document should stand')
        if (operation === 'update') items.push({ ...base, start, end, refused: 'unsupported' })
        else if (end - start > MAX_PAYLOAD_BYTES) items.push({ ...base, start, end, refused: 'too_long' })
        else items.push({ ...base, start, end })
      }
      return at >= body.length
    },
  }
}

interface Head {
  operation: BulkItem['operation']
  index: string | undefined
  id: string | undefined
}

function readAction(body: Buffer, start: number, end: number, line: number): Head {
  if (end - start > MAX_ACTION_BYTES) throw malformed(line, 'an action that is too long')
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8', start, end))
  } catch {
    throw malformed(line, 'no JSON where an action should stand')
  }
  const action = Action.safeParse(value)
  if (!action.success) throw malformed(line, 'no action that is known')
  const [[operation, target] = []] = Object.entries(action.data)
  if (operation === undefined || target === undefined || !isOperation(operation))
    throw malformed(line, 'no action that is known')
  return { operation, index: target._index, id: target._id === undefined ? undefined : String(target._id) }
}

const operations: readonly string[] = ['index', 'create', 'update', 'delete']

function isOperation(name: string): name is BulkItem['operation'] {
  return operations.includes(name)
}

function malformed(line: number, detail: string): HttpError {
  return new HttpError('JSON_INVALID', { line, column: 1, detail })
}
