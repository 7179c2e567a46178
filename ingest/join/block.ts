// Which events do the lines of a block (a piece of a file, the body of a request) make, and up to which line is that sure?
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import type { Joining } from './join.ts'
import { joinPayloads } from './joiner.ts'

export interface Line {
  /** Place where the line begins, in the file or the body. */
  at: number
  payload: Buffer
}

/** An event: a line, or several joined. It stands where its first line does. */
export interface BlockEvent extends Line {
  /** Of an event of several lines, or of a part of one. */
  joined?: { readonly first: Buffer; readonly lines: number; readonly partial: boolean }
}

export interface Block {
  readonly bytes: Buffer
  /** Place of the first byte. */
  readonly base: number
}

/** Events in the order of their first lines. */
export interface Run {
  readonly events: BlockEvent[]
  /** Number of the first line that belongs to none of them. */
  readonly next: number
}

/**
 * Joins lines from number `from` on, until about `limit` events are there. The run ends where no event is open, so that reading can go on behind
 * it as if from the beginning: no event of it has a line behind `next`, and none behind `next` one before. `whole`: no more lines will come, all
 * events end with the block.
 */
export function joinLines(
  { createJoiner }: Pick<Joining, 'createJoiner'>,
  block: Block,
  lines: readonly Line[],
  from: number,
  limit: number,
  whole: boolean,
): Run {
  const events: BlockEvent[] = []
  const joiner = createJoiner<Line>((parts, partial) => events.push(eventOf(parts, partial, block)))
  let next = from
  let settled = 0
  for (let i = from; i < lines.length && settled < limit; i++) {
    const line = lines[i]
    if (line === undefined) break
    const taken = joiner.take(line)
    if (!taken) {
      joiner.passed()
      events.push(line)
    }
    if (joiner.open === 0) next = i + 1
    else if (taken && joiner.justBegun) next = i
    else continue
    settled = events.length
  }
  if (settled < limit) {
    if (whole) joiner.end()
    else joiner.pause()
    if (joiner.open === 0) {
      next = lines.length
      settled = events.length
    }
  }
  events.length = settled
  return { events: events.sort((a, b) => a.at - b.at), next }
}

function eventOf(lines: readonly Line[], partial: boolean, { bytes, base }: Block): BlockEvent {
  const [first] = lines
  const last = lines.at(-1)
  if (first === undefined || last === undefined) throw new RangeError('an event without lines')
  if (lines.length === 1 && !partial) return first
  const end = last.at + last.payload.length
  // Lines behind each other stay as they are, line ends and blank lines too.
  const verbatim =
    end - first.at <= MAX_PAYLOAD_BYTES && lines.every((line, n) => follows(bytes, base, lines[n - 1], line))
  const payload = verbatim ? bytes.subarray(first.at - base, end - base) : joinPayloads(lines)
  return { at: first.at, payload, joined: { first: first.payload, lines: lines.length, partial } }
}

/** Whether nothing but blanks and line ends stands between two lines. */
function follows(bytes: Buffer, base: number, before: Line | undefined, line: Line): boolean {
  if (before === undefined) return true
  for (let at = before.at + before.payload.length; at < line.at; at++) {
    const c = bytes[at - base]
    if (c !== 10 && c !== 13 && c !== 32 && c !== 9) return false
  }
  return true
}
