// What must a log be able to answer? The same questions for both APIs.
import type { Entry } from './entry.ts'
import type { Frontier } from './merkle.ts'
import type { TreeHead } from './tree-head.ts'

export interface LogSource {
  /** The newest tree head, its signature checked. */
  head(signal: AbortSignal): Promise<TreeHead>
  /** Proof that the tree of `first` leaves is a beginning of that of `second`; whoever asks checks it. */
  consistency(first: number, second: number, signal: AbortSignal): Promise<Buffer[]>
  /** The frontier of the tree of a head; whoever asks checks it against the root. Undefined if the answer cannot be one. */
  frontier(head: TreeHead, signal: AbortSignal): Promise<Frontier | undefined>
  /** Entries from `from` up to and without `to`, in order, a few at a time; `size` is that of the head. */
  entries(from: number, to: number, size: number, signal: AbortSignal): AsyncIterable<Entry[]>
}

/** Requests on their way at one time. */
export const PARALLEL = 3
/** Most bytes of one answer with entries; three of them are held at a time. */
export const MAX_ENTRIES_BYTES = 32 * 1024 * 1024
export const MAX_SMALL_BYTES = 256 * 1024
