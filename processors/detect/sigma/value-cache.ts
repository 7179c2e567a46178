// How is the work on values that come again and again done once? Agents, referrers and host names repeat; what was found in them is kept.
import type { FieldValue } from './rule.ts'

/** What was found in a value of one field. */
export interface SeenValue {
  /** The value as rules read it, where the key is what it is derived from. */
  readonly value: FieldValue
  /** Groups of which a literal stands in it, each once. */
  readonly groups: readonly number[]
  /** Rules that those groups wake, each once. */
  readonly woken: readonly number[]
  /** Groups of literals that are looked for only when a rule asks, once one did. */
  rest: readonly number[] | undefined
  /** Results of tests on it, once there are any. */
  results: Map<number, boolean> | undefined
}

/** A value, or the text that it is derived from. */
export type Key = string | number | boolean

const MAX_VALUES = 2_000
const MAX_LENGTH = 512
const SHORT = 32
/** Look-ups after which it is judged whether keeping is worth while: at least this part of them must have been answered. */
const TRIAL = 8_192
const WORTH = 0.5
/** What hardly ever repeats shows sooner; what is kept of it meanwhile is garbage that has grown old. */
const FIRST_LOOK = 2_048
const FIRST_WORTH = 0.2
/** For so many look-ups it is then left alone, each time longer. */
const PAUSE = 131_072
const PAUSE_GROWTH = 4
const MAX_PAUSE = 2_097_152

/**
 * A cache for the values of one field. A sender who never repeats a value costs look-ups of a short trial now and then, and no memory. A class
 * and no closure, because every event asks several: the engine then calls one function and not one for each field.
 */
export class ValueCache {
  readonly #known = new Map<Key, SeenValue>()
  #lookups = 0
  #answered = 0
  #paused = 0
  #nextPause = PAUSE
  // Methods, statuses and short referrers are often those of the line before. To compare long texts costs as much as to look them up.
  #lastKey: Key | undefined
  #last: SeenValue | undefined

  get(key: Key): SeenValue | undefined {
    if (key === this.#lastKey) return this.#last
    if (this.#paused > 0) {
      this.#paused -= 1
      return undefined
    }
    return this.#find(key)
  }

  /** Whether what is found under a key will be kept: not if it is too long, or values of this field hardly repeat. */
  keeps(key: Key): boolean {
    return this.#paused === 0 && (typeof key !== 'string' || key.length <= MAX_LENGTH)
  }

  add(key: Key, seen: SeenValue): void {
    if (this.#known.size >= MAX_VALUES) this.#known.clear()
    // A copy of the text: one cut from a line would keep the whole line alive.
    this.#known.set(typeof key === 'string' ? ` ${key}`.slice(1) : key, seen)
  }

  clear(): void {
    this.#known.clear()
    this.#lastKey = undefined
    this.#last = undefined
  }

  #find(key: Key): SeenValue | undefined {
    if (typeof key === 'string' && key.length > MAX_LENGTH) return undefined
    this.#lookups += 1
    const seen = this.#known.get(key)
    if (seen !== undefined) {
      this.#answered += 1
      if (typeof key !== 'string' || key.length < SHORT) {
        this.#lastKey = key
        this.#last = seen
      }
    }
    if (this.#lookups === FIRST_LOOK && this.#answered < FIRST_LOOK * FIRST_WORTH) this.#leaveAlone()
    else if (this.#lookups === TRIAL) this.#judge()
    return seen
  }

  #judge(): void {
    if (this.#answered < TRIAL * WORTH) {
      this.#leaveAlone()
      return
    }
    this.#nextPause = PAUSE
    this.#lookups = 0
    this.#answered = 0
  }

  #leaveAlone(): void {
    this.#paused = this.#nextPause
    this.#nextPause = Math.min(this.#nextPause * PAUSE_GROWTH, MAX_PAUSE)
    this.#lookups = 0
    this.#answered = 0
    this.#known.clear()
  }
}
