// Which events do the text lines of a request make? Those of one event are joined, within the request.
import { setImmediate as turn } from 'node:timers/promises'
import type { CollectorMark } from '../../schemas/raw-event.ts'
import { type BlockEvent, joinLines, type Line } from '../join/block.ts'
import { joiningOf } from '../join/join.ts'
import type { Batch, Held } from './door.ts'

/** Events joined at a time: other requests get their turn in between. */
const PIECE_EVENTS = 2000
/** Rough memory of a line, beside its bytes. */
const LINE_OVERHEAD = 128

const partial: readonly CollectorMark[] = ['partial']

/** Events of a request. `number`: of the first line of an event, which stands for it in its id. */
export type Joined = Pick<Batch, 'count' | 'payload' | 'marks' | 'joined'> & { number(at: number): number }

/**
 * Joins lines, given as starts and ends in turns (Splitter). All events end with the request. Undefined if there is nothing to join: each line is
 * an event then. What it needs of memory is taken from the lease; throws BUSY.
 */
export async function joinSpans(
  spans: readonly number[],
  { body, lease }: Pick<Held, 'body' | 'lease'>,
  format: string,
): Promise<Joined | undefined> {
  const joining = joiningOf(format)
  if (joining?.mayJoin(body) !== true) return undefined
  const count = spans.length / 2
  // Lines that do not lie behind each other are copied.
  lease.take(body.length + count * LINE_OVERHEAD)
  const lines = Array.from({ length: count }, (_, n): Line => {
    const at = spans[n * 2] ?? 0
    return { at, payload: body.subarray(at, spans[n * 2 + 1]) }
  })
  const events: BlockEvent[] = []
  for (let from = 0; from < count; ) {
    const run = joinLines(joining, { bytes: body, base: 0 }, lines, from, PIECE_EVENTS, true)
    for (const event of run.events) events.push(event)
    from = run.next
    await turn()
  }
  const numbers = new Uint32Array(events.length)
  let number = 0
  for (const [n, { at }] of events.entries()) {
    while ((spans[number * 2] ?? at) < at) number++
    numbers[n] = number
  }
  return {
    count: events.length,
    payload: (at) => events[at]?.payload ?? Buffer.alloc(0),
    marks: (at) => (events[at]?.joined?.partial === true ? partial : []),
    number: (at) => numbers[at] ?? 0,
    joined: count - events.length,
  }
}
