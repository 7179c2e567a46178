// What becomes of the cells of an alert that goes on for weeks? Old ones hand over what they hold to the oldest of their kind, and stay as marks.
import type { Cell } from './cell.ts'
import { emptyTally, mergeTally } from './tally.ts'

/** Hours that may be full. */
const MAX_FULL = 512
/** Hours that stay full when there are more. */
const STAY_FULL = 256

const isFull = ({ tally }: Cell): boolean => tally.worst.length > 0

/**
 * Hands over what is older than the newest 256 cells, once an alert has more than 512 that hold something. `cells` are those of an alert in
 * order of time; answers those that have changed. The alert says the same as before, whatever the order was.
 *
 * What is given up for bounded memory: cells that have handed over, or taken, are frozen. A storm that is recognised only by findings
 * that come so late that over 256 hours of an alert without a pause lie behind theirs takes nothing from it.
 */
export function handOver(cells: readonly Cell[]): Cell[] {
  if (cells.length <= MAX_FULL) return []
  const full = cells.filter(isFull)
  if (full.length <= MAX_FULL) return []
  const changed: Cell[] = []
  const oldest = new Map<string, Cell>()
  for (const cell of full.slice(0, -STAY_FULL)) {
    const { rule, asset, region } = cell.place
    const kind = JSON.stringify([rule, asset, region, cell.matter?.dedup, cell.matter?.entity])
    const taker = oldest.get(kind)
    if (cell.hold === '') cell.hold = 'frozen'
    changed.push(cell)
    if (taker === undefined) {
      oldest.set(kind, cell)
      continue
    }
    mergeTally(taker.tally, cell.tally)
    emptyTally(cell.tally)
  }
  return changed
}
