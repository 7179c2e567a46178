// What was just answered to somebody with the same rights? Kept for seconds, asked for once however many want it.

/** A function that answers what `make` made for the key, while it is young enough; a failure is not kept. Bounded. */
export function createRemembered<T>(
  now: () => number,
  lastsMs: number,
  most = 500,
): (key: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, { readonly at: number; readonly value: Promise<T> }>()
  return (key, make) => {
    const known = kept.get(key)
    if (known !== undefined && now() - known.at < lastsMs) return known.value
    const value = make()
    kept.delete(key)
    kept.set(key, { at: now(), value })
    value.catch(() => kept.get(key)?.value === value && kept.delete(key))
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break
      kept.delete(oldest)
    }
    return value
  }
}
