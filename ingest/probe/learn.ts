// What is usual? Values that were there before, those that wait to be usual, and numbers that should not leap. Pure: the time is an argument.
import { z } from 'zod'

/** Seconds since 1970 UTC. */
const Seconds = z.int()

/**
 * A set of values that are learned: [value, how often, when last]; and of those that wait: [value, since when, how often, of how many probes,
 * when last]. Tuples and not objects: values are a stranger's words.
 */
export const Facet = z.object({
  known: z.array(z.tuple([z.string(), z.int(), Seconds])),
  waiting: z.array(z.tuple([z.string(), Seconds, z.int(), z.int(), Seconds])),
})
export type Facet = z.infer<typeof Facet>

export const emptyFacet = (): Facet => ({ known: [], waiting: [] })

export interface Learning {
  /** Seconds since 1970 UTC. */
  readonly at: number
  /** What is there now is usual: the first probes. */
  readonly first: boolean
  /** How long something new must stay. */
  readonly adoptSeconds: number
}

/** Something new becomes usual when it was in at least this share of the probes of its time: what rotates does, what came for an hour does not. */
export const LEAST_SHARE = 0.1
const MAX_VALUE = 300
const MAX_KNOWN = 300
/** Values not seen for so long are no longer known. */
const FORGET_SECONDS = 45 * 86_400

/** Learns the values of a probe; answers those that are new and have not stayed long enough. */
export function learn(
  facet: Facet,
  values: readonly string[],
  { at, first, adoptSeconds }: Learning,
  maxKnown = MAX_KNOWN,
): { facet: Facet; fresh: string[] } {
  const known = new Map(facet.known.map(([value, times, last]) => [value, { times, last }]))
  const waiting = new Map(
    facet.waiting.map(([value, since, seen, of, last]) => [value, { since, seen, of: of + 1, last }]),
  )
  const fresh: string[] = []
  for (const value of new Set(values.map((one) => one.slice(0, MAX_VALUE)))) {
    const usual = known.get(value)
    if (usual !== undefined || first) {
      known.set(value, { times: Math.min(1_000_000, (usual?.times ?? 0) + 1), last: at })
      continue
    }
    const wait = waiting.get(value) ?? { since: at, seen: 0, of: 1, last: at }
    wait.seen += 1
    wait.last = at
    if (at - wait.since >= adoptSeconds && wait.seen / wait.of >= LEAST_SHARE) {
      known.set(value, { times: wait.seen, last: at })
      waiting.delete(value)
    } else {
      waiting.set(value, wait)
      fresh.push(value)
    }
  }
  for (const [value, { since, seen, of }] of waiting)
    if (at - since >= adoptSeconds && seen / of < LEAST_SHARE) waiting.delete(value)
  for (const [value, { last }] of known) if (at - last > FORGET_SECONDS) known.delete(value)
  return {
    facet: {
      known: newest([...known], maxKnown).map(([value, { times, last }]) => [value, times, last]),
      waiting: newest([...waiting], maxKnown).map(([value, { since, seen, of, last }]) => [
        value,
        since,
        seen,
        of,
        last,
      ]),
    },
    fresh,
  }
}

/** What waits and was there in the last probe becomes usual at once. */
export function acceptFacet({ known, waiting }: Facet, last: number): Facet {
  const now = waiting.filter((entry) => entry[4] === last)
  return {
    known: [...known, ...now.map(([value, , seen, , when]): Facet['known'][number] => [value, seen, when])],
    waiting: waiting.filter((entry) => entry[4] !== last),
  }
}

function newest<T extends { last: number }>(entries: [string, T][], max: number): [string, T][] {
  return entries.length <= max ? entries : entries.sort(([, a], [, b]) => b.last - a.last).slice(0, max)
}

/** A number that may grow, and not leap. */
export const Level = z.object({
  usual: z.int(),
  /** It has leapt to this, since when. */
  leapt: z.object({ to: z.int(), since: Seconds }).optional(),
})
export type Level = z.infer<typeof Level>

export const emptyLevel = (): Level => ({ usual: 0 })

/** Learns a number; true if it is more than twice the usual and `slack`, and has not been so long enough. */
export function learnLevel(
  level: Level,
  value: number,
  slack: number,
  { at, first, adoptSeconds }: Learning,
): { level: Level; leapt: boolean } {
  // Slowly down: what goes and comes back is no leap.
  const usual = Math.max(value, Math.floor(level.usual * 0.98))
  if (first || value <= 2 * level.usual + slack) return { level: { usual }, leapt: false }
  const since = level.leapt?.since ?? at
  if (at - since >= adoptSeconds) return { level: { usual }, leapt: false }
  return { level: { usual: level.usual, leapt: { to: value, since } }, leapt: true }
}

export function acceptLevel({ usual, leapt }: Level): Level {
  return { usual: leapt?.to ?? usual }
}
