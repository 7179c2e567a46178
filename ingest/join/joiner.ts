// What do all ways of joining lines share? What a joiner is, its bounds, and the group of lines that it holds open.
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'

/** Lines of one event at most; the rest makes an event of its own. */
const MAX_LINES = 4096
/** An event that gets no further line for so long is over, though nothing says so. */
export const JOIN_MS = 2000

/** What is joined: a line of a file or request, or a message of syslog. */
export interface Payload {
  readonly payload: Buffer
}

/** Takes the lines of an event that is over, in their order. `partial`: it was larger than the bounds and this is a part of it. */
export type Ended<L> = (lines: readonly L[], partial: boolean) => void

/** What may be open at a time; the oldest event ends where it becomes more. */
export interface JoinLimits {
  readonly groups: number
  readonly bytes: number
}

/** Of one stream: a few processors of a host write at the same time, and their records lie near each other. */
export const streamLimits: JoinLimits = { groups: 16, bytes: 2 * MAX_PAYLOAD_BYTES }

/**
 * Puts the lines of one event together. What it answers depends on the lines alone, never on how they came in pieces, so that lines which are
 * read again make the same events again; only `pause`, `endOld` and `end` bring the clock in, and whoever calls them decides.
 */
export interface Joiner<L extends Payload> {
  /** Takes a line; false if it is an event of its own, which then is the caller's to send. */
  take(line: L): boolean
  /** A line that is an event of its own has come: whatever waits for nothing but its end mark is over. */
  passed(): void
  /** Nothing more is there for now: ends what is surely whole. */
  pause(): void
  /** Ends what was open at the last call already. */
  endOld(): void
  end(): void
  /** Events that are open, and memory of their lines. */
  readonly open: number
  readonly bytes: number
  /** Everything before the line that was taken last is over; that line has begun an event. */
  readonly justBegun: boolean
}

/** The lines of an event that is open. */
export interface Group<L> {
  readonly lines: L[]
  bytes: number
  partial: boolean
  /** It was open when `endOld` was called last. */
  old: boolean
}

export function newGroup<L extends Payload>(line: L, partial: boolean): Group<L> {
  return { lines: [line], bytes: line.payload.length, partial, old: false }
}

/** Adds a line if the bounds allow it. */
export function addLine<L extends Payload>(group: Group<L>, line: L): boolean {
  const bytes = group.bytes + 1 + line.payload.length
  if (bytes > MAX_PAYLOAD_BYTES || group.lines.length >= MAX_LINES) return false
  group.lines.push(line)
  group.bytes = bytes
  return true
}

const LINE_END = Buffer.from('\n')

/** The text of an event: its lines whole, as they came, divided by line ends. */
export function joinPayloads(lines: readonly Payload[]): Buffer {
  const parts: Buffer[] = []
  for (const { payload } of lines) {
    const before = parts.at(-1)
    if (before !== undefined && before[before.length - 1] !== 10) parts.push(LINE_END)
    parts.push(payload)
  }
  return Buffer.concat(parts)
}
