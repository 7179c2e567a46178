// Was an event with this id written in the last ten minutes? Two generations of hashes in typed arrays: memory is bounded, and small beside the ids.
import { hash } from 'node:crypto'

const REMEMBER_MS = 10 * 60_000
/** Ids of one generation at most: 32 MiB. Beyond it the older generation goes early. */
const MAX_IDS = 2_000_000
const FIRST_SLOTS = 1 << 12

/** Ids of events of which Kafka has confirmed, and of those still on their way. */
export interface SeenIds {
  /** The write of an id that is on its way, true if it was confirmed, undefined if it is new or was forgotten. */
  look(id: string): Promise<void> | true | undefined
  /** Remembers ids on their way; once the write fails they are new again. */
  begin(ids: readonly string[], written: Promise<void>): void
}

/** `now` in milliseconds. An id is remembered for ten to twenty minutes, or until `maxIds` newer ones have come twice. */
export function createSeenIds(now: () => number, maxIds = MAX_IDS): SeenIds {
  const pending = new Map<string, Promise<void>>()
  let young = new HashSet()
  let old = new HashSet()
  let since = now()

  function turn(): void {
    const age = now() - since
    if (age < REMEMBER_MS && young.size < maxIds) return
    old = age < 2 * REMEMBER_MS ? young : new HashSet()
    young = new HashSet()
    since = now()
  }
  return {
    look(id) {
      turn()
      const write = pending.get(id)
      if (write !== undefined) return write
      const [high, low] = hashOf(id)
      return young.has(high, low) || old.has(high, low) ? true : undefined
    },
    begin(ids, written) {
      for (const id of ids) pending.set(id, written)
      const end = (confirmed: boolean): void => {
        for (const id of ids) {
          if (pending.get(id) === written) pending.delete(id)
          if (confirmed) {
            turn()
            young.add(...hashOf(id))
          }
        }
      }
      written.then(
        () => end(true),
        () => end(false),
      )
    },
  }
}

/** 64 bits of a hash, never both zero. Ids are keyed hashes already, but a sender may choose parts of others. */
function hashOf(id: string): [high: number, low: number] {
  const digest = hash('sha256', id, 'buffer')
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) | 1]
}

/** Pairs of 32 bits by open addressing; grows by doubling, at most half full. */
class HashSet {
  size = 0
  private slots = new Uint32Array(FIRST_SLOTS * 2)

  has(high: number, low: number): boolean {
    return this.find(this.slots, high, low) < 0
  }

  add(high: number, low: number): void {
    if (this.size * 4 >= this.slots.length) this.grow()
    const at = this.find(this.slots, high, low)
    if (at < 0) return
    this.slots[at] = high
    this.slots[at + 1] = low
    this.size++
  }

  /** The free place for a pair, -1 if it is there. */
  private find(slots: Uint32Array, high: number, low: number): number {
    const unsigned = low >>> 0
    const mask = slots.length - 1
    for (let at = (high * 2) & mask & ~1; ; at = (at + 2) & mask) {
      if (slots[at + 1] === 0) return at
      if (slots[at] === high && slots[at + 1] === unsigned) return -1
    }
  }

  private grow(): void {
    const before = this.slots
    const slots = new Uint32Array(before.length * 2)
    for (let i = 0; i < before.length; i += 2) {
      const [high = 0, low = 0] = [before[i], before[i + 1]]
      if (low === 0) continue
      const at = this.find(slots, high, low)
      slots[at] = high
      slots[at + 1] = low
    }
    this.slots = slots
  }
}
