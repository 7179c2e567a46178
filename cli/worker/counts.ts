// What does a worker tell its parent? Counts since the last report; for each page in = landed + dropped + dead.

export interface Counts {
  consumed: number
  landed: number
  dropped: Record<string, number>
  dead: Record<string, number>
  findings: Record<string, number>
  insertRetries: number
  /** Milliseconds of each landing. */
  insertMs: number[]
  /** Messages behind the end, by partition. */
  lag: Map<number, number>
}

export function emptyCounts(): Counts {
  return { consumed: 0, landed: 0, dropped: {}, dead: {}, findings: {}, insertRetries: 0, insertMs: [], lag: new Map() }
}
