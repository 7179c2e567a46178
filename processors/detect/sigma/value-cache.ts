// How is the work on values that come again and again done once? Agents, referrers and host names repeat; what was found in them is kept.

/** What was found in a value of one field. */
export interface SeenValue {
  /** Groups of which a literal stands in it, each once. */
  readonly groups: readonly number[]
  /** Results of tests on it, once there are any. */
  results: Map<number, boolean> | undefined
}

export interface ValueCache {
  get(value: string): SeenValue | undefined
  /** Keeps what was found in a value; undefined if the value is too long, or values of this field hardly repeat. */
  add(value: string, groups: readonly number[]): SeenValue | undefined
}

const MAX_VALUES = 2_000
const MAX_LENGTH = 512
/** Look-ups after which it is judged whether keeping is worth while, and for how many it is then left alone. */
const TRIAL = 8_192
const PAUSE = 131_072
/** Of the look-ups of a trial at least this part must have been answered. */
const WORTH = 0.5
const none: readonly number[] = Object.freeze([])

/** A cache for the values of one field. A sender who never repeats a value costs look-ups of a short trial now and then, and no memory. */
export function createValueCache(): ValueCache {
  const known = new Map<string, SeenValue>()
  let lookups = 0
  let answered = 0
  let paused = 0

  return {
    get(value) {
      if (paused > 0) {
        paused -= 1
        return undefined
      }
      if (value.length > MAX_LENGTH) return undefined
      lookups += 1
      const seen = known.get(value)
      if (seen !== undefined) answered += 1
      if (lookups === TRIAL) {
        if (answered < TRIAL * WORTH) {
          paused = PAUSE
          known.clear()
        }
        lookups = 0
        answered = 0
      }
      return seen
    },
    add(value, groups) {
      if (paused > 0 || value.length > MAX_LENGTH) return undefined
      if (known.size >= MAX_VALUES) known.clear()
      const seen: SeenValue = {
        groups: groups.length === 0 ? none : [...new Set(groups)],
        results: undefined,
      }
      // A copy of the text: one cut from a line would keep the whole line alive.
      known.set(` ${value}`.slice(1), seen)
      return seen
    },
  }
}
