// Was this request written before? Idempotency keys of the last ten minutes, per source, in bounded memory.

const REMEMBER_MS = 10 * 60_000
/** All sources together; some 40 MB. Beyond it the source with the most loses its oldest. */
const MAX_ENTRIES = 200_000

interface Entry {
  readonly bodyHash: string
  readonly events: number
  readonly written: Promise<void>
  /** When it was written; 0 while it is on its way. */
  at: number
}

export type Answer =
  | { readonly kind: 'new' }
  | { readonly kind: 'conflict' }
  /** The same request; `written` settles with the first write of it. */
  | { readonly kind: 'repeat'; readonly events: number; readonly written: Promise<void> }

export interface IdempotencyMemory {
  look(source: string, key: string, bodyHash: string): Answer
  /** Remembers a write that has begun. One that fails is forgotten, so that a repeat tries again. */
  begin(source: string, key: string, bodyHash: string, events: number, written: Promise<void>): void
  readonly size: number
}

/** `now` in milliseconds. */
export function createIdempotencyMemory(now: () => number, maxEntries = MAX_ENTRIES): IdempotencyMemory {
  const sources = new Map<string, Map<string, Entry>>()
  let size = 0

  function remove(entries: Map<string, Entry>, key: string): void {
    if (entries.delete(key)) size--
  }

  function expire(entries: Map<string, Entry>): void {
    for (const [key, entry] of entries) {
      // Entries are in the order in which they were written; what is on its way is put at the end once it is.
      if (entry.at === 0) continue
      if (now() - entry.at < REMEMBER_MS) break
      remove(entries, key)
    }
  }

  function makeRoom(): void {
    if (size < maxEntries) return
    for (const entries of sources.values()) expire(entries)
    if (size < maxEntries) return
    let most: Map<string, Entry> | undefined
    for (const entries of sources.values()) if (entries.size > (most?.size ?? 0)) most = entries
    if (most === undefined) return
    for (const [key, entry] of most) {
      if (entry.at === 0) continue
      remove(most, key)
      return
    }
  }

  return {
    get size() {
      return size
    },
    look(source, key, bodyHash) {
      const entry = sources.get(source)?.get(key)
      if (entry === undefined || (entry.at !== 0 && now() - entry.at >= REMEMBER_MS)) return { kind: 'new' }
      if (entry.bodyHash !== bodyHash) return { kind: 'conflict' }
      return { kind: 'repeat', events: entry.events, written: entry.written }
    },
    begin(source, key, bodyHash, events, written) {
      const entries = sources.get(source) ?? new Map<string, Entry>()
      sources.set(source, entries)
      expire(entries)
      remove(entries, key)
      makeRoom()
      const entry: Entry = { bodyHash, events, written, at: 0 }
      entries.set(key, entry)
      size++
      written.then(
        () => {
          if (entries.get(key) !== entry) return
          entry.at = now()
          entries.delete(key)
          entries.set(key, entry)
        },
        () => {
          if (entries.get(key) === entry) remove(entries, key)
        },
      )
    },
  }
}
