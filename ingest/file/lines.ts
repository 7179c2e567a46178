// Which lines does a piece of a file hold? Over-long ones are cut without being kept in memory.
import { MAX_PAYLOAD_BYTES } from '../../schemas/raw-event.ts'
import { LONGEST_IDENTIFIER } from '../identifiers/identifier.ts'
import type { Line } from '../join/block.ts'

/** What is kept of an over-long line: the seal looks a little beyond the limit before it cuts. */
export const LONGEST_KEPT = MAX_PAYLOAD_BYTES + LONGEST_IDENTIFIER + 1

export interface Cut {
  /** Lines in order; blank ones are no events. */
  lines: Line[]
  /** Bytes of the piece that are done with. */
  used: number
  /** The piece ended inside an over-long line whose beginning was given: what follows up to its newline is passed over. */
  skipping: boolean
}

/**
 * Cuts a piece that begins at `base` of the file. The rest after the last newline waits for its own, unless `final`. `skipping` as
 * the piece before left it.
 */
export function cutLines(piece: Buffer, base: number, skipping: boolean, final: boolean): Cut {
  const lines: Line[] = []
  let at = 0
  if (skipping) {
    const feed = piece.indexOf(10)
    if (feed < 0) return { lines, used: piece.length, skipping: true }
    at = feed + 1
  }
  for (;;) {
    const feed = piece.indexOf(10, at)
    if (feed < 0) break
    addLine(lines, piece, base, at, feed)
    at = feed + 1
  }
  const rest = piece.length - at
  if (rest >= LONGEST_KEPT) {
    lines.push({ at: base + at, payload: piece.subarray(at, at + LONGEST_KEPT) })
    return { lines, used: piece.length, skipping: !final }
  }
  if (!final) return { lines, used: at, skipping: false }
  if (rest > 0) addLine(lines, piece, base, at, piece.length)
  return { lines, used: piece.length, skipping: false }
}

function addLine(lines: Line[], piece: Buffer, base: number, start: number, feed: number): void {
  const end = feed > start && piece[feed - 1] === 13 ? feed - 1 : feed
  for (let at = start; at < end; at++) {
    if (piece[at] !== 32 && piece[at] !== 9) {
      lines.push({ at: base + start, payload: piece.subarray(start, Math.min(end, start + LONGEST_KEPT)) })
      return
    }
  }
}
