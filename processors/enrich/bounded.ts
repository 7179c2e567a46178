// How is work on repeated strings done once? A map that never grows beyond its limit, whatever a sender makes up.

/**
 * `make` with its answers kept for strings of at most `maxLength` characters; longer ones are worked out each time. When `limit`
 * answers are held all are let go: no bookkeeping on a hit. Keys are copied, because a string cut from a line would keep the whole line alive.
 */
export function bounded<T>(make: (key: string) => T, limit: number, maxLength: number): (key: string) => T {
  const known = new Map<string, T>()
  return (key) => {
    const hit = known.get(key)
    if (hit !== undefined) return hit
    const made = make(key)
    if (key.length > maxLength) return made
    if (known.size >= limit) known.clear()
    known.set(copied(key), made)
    return made
  }
}

/** The same text in memory of its own: joined to something and cut off again, which is the cheapest way to have the engine copy it. */
function copied(text: string): string {
  return ` ${text}`.slice(1)
}
