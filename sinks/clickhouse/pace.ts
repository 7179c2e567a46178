// How long may a page fill before it goes? As long as configured; longer where many rows come and landing them keeps the store busy.

/** With fewer rows there is little to share a page with: nobody waits for that. */
const FEW_ROWS = 500
/** A partition lands for at most one part in so many of its time: an insert pays most of its cost before its first row (docs/adr/0040). */
const PARTS = 8
/** So many times `flushMs` a page may fill for that: nobody waits much longer for a row, however slow the store is. */
const MOST = 3

/**
 * Milliseconds from a page's first message until it goes, when its partition keeps up. Where inserts take long, fewer and larger ones take over
 * by themselves.
 *
 * @param lastInsertMs how long the partition's last insert took; 0 if there was none
 * @param rows in the page when `flushMs` are over
 */
export function fillingMs(flushMs: number, lastInsertMs: number, rows: number): number {
  if (rows < FEW_ROWS) return flushMs
  return Math.min(Math.max(flushMs, lastInsertMs * (PARTS - 1)), flushMs * MOST)
}
