// Where in a group's events does a correlation hold? Pure functions over the rows of one group in order of time.
import { leastDistance } from './countries.ts'
import type { Pattern } from './rule.ts'
import type { Span } from './sql.ts'
import { conditionMet, type Row, type Sliding, windowOf } from './windows.ts'

export type { Row }

/** A stretch in which the condition holds. */
export interface Match {
  /** Time of the first event. */
  readonly start: number
  /** Time at which the condition came to hold. */
  readonly at: number
  readonly rows: readonly Row[]
  /** What was counted: events, values, the sum, the mean … */
  readonly measure: number
}

/** What a detector is told: the next row, and that what came before no longer counts. */
interface Detector {
  /** The match that this row completes. */
  next(row: Row, index: number): { start: number; measure: number } | undefined
  reset(): void
}

/** Any stretch of `timespanMs` that ends at an event. */
function sliding(pattern: Sliding, timespanMs: number, roles: number, rows: readonly Row[]): Detector {
  let window = windowOf(pattern)
  let first = -1
  return {
    next(row, index) {
      if (first < 0) first = index
      window.add(row)
      for (let oldest = rows[first]; oldest !== undefined && row.t - oldest.t > timespanMs; oldest = rows[first]) {
        window.remove(oldest)
        first += 1
      }
      const measure = window.measure()
      if (!conditionMet(pattern, roles, measure)) return undefined
      return { start: rows[first]?.t ?? row.t, measure }
    },
    reset() {
      window = windowOf(pattern)
      first = -1
    },
  }
}

/** Every role in order. For each role the chain that began latest is kept, and one that ends with another event. */
function ordered(timespanMs: number, roles: number): Detector {
  interface Chain {
    start: number
    event: string
  }
  let best: (Chain | undefined)[] = []
  let other: (Chain | undefined)[] = []
  const take = (role: number, chain: Chain): void => {
    const held = best[role]
    if (held === undefined || chain.start >= held.start) {
      if (held !== undefined && held.event !== chain.event) other[role] = held
      best[role] = chain
    } else if (held.event !== chain.event && chain.start >= (other[role]?.start ?? Number.NEGATIVE_INFINITY)) {
      other[role] = chain
    }
  }
  return {
    next({ t, event, role }) {
      if (role === 1) take(1, { start: t, event })
      else {
        const before = [best[role - 1], other[role - 1]].find((chain) => chain !== undefined && chain.event !== event)
        if (before === undefined || t - before.start > timespanMs) return undefined
        take(role, { start: before.start, event })
      }
      const whole = best[roles]
      return role === roles && whole !== undefined && t - whole.start <= timespanMs
        ? { start: whole.start, measure: roles }
        : undefined
    },
    reset() {
      best = []
      other = []
    },
  }
}

const HOUR_MS = 3_600_000

/** Two events from countries too far apart for the time between them. */
function travel(kmPerHour: number, timespanMs: number): Detector {
  let seen = new Map<string, Row>()
  return {
    next(row) {
      if (row.country === '') return undefined
      let found: { start: number; measure: number } | undefined
      for (const before of seen.values()) {
        if (row.t - before.t > timespanMs || (row.asn !== 0 && row.asn === before.asn)) continue
        const distance = leastDistance(before.country, row.country)
        if (distance > (kmPerHour * (row.t - before.t)) / HOUR_MS && distance > (found?.measure ?? 0))
          found = { start: before.t, measure: Math.round(distance) }
      }
      seen.set(`${row.country}/${row.asn}`, row)
      return found
    },
    reset() {
      seen = new Map()
    },
  }
}

function detectorOf(pattern: Pattern, timespanMs: number, roles: number, rows: readonly Row[]): Detector {
  switch (pattern.type) {
    case 'temporal_ordered':
      return ordered(timespanMs, roles)
    case 'impossible_travel':
      return travel(pattern.kmPerHour, timespanMs)
    case 'absence':
    case 'first_seen':
    case 'baseline':
      throw new TypeError(`${pattern.type} is not judged event by event`)
    default:
      return sliding(pattern, timespanMs, roles, rows)
  }
}

/**
 * The windows that hold in one group's rows, earliest first. Rows under `covers` (windows that have fired) belong to those; each match covers
 * `timespanMs` from its first event on.
 */
export function findMatches(
  pattern: Pattern,
  timespanMs: number,
  roles: number,
  unsorted: readonly Row[],
  covers: readonly Span[],
): Match[] {
  // Of events at the same millisecond nobody knows the order: the one that suits the rule is taken.
  const rows = unsorted.toSorted((a, b) => a.t - b.t || a.role - b.role)
  const detector = detectorOf(pattern, timespanMs, roles, rows)
  const fired = covers.toSorted((a, b) => a.from - b.from)
  const matches: Match[] = []
  let until = Number.NEGATIVE_INFINITY
  let cover = 0
  for (const [index, row] of rows.entries()) {
    // Covers may overlap, so the end that reaches farthest counts.
    for (let next = fired[cover]; next !== undefined && next.from <= row.t; next = fired[cover]) {
      until = Math.max(until, next.to)
      cover += 1
      detector.reset()
    }
    if (row.t <= until) continue
    const found = detector.next(row, index)
    if (found === undefined) continue
    const { start, measure } = found
    matches.push({ start, at: row.t, measure, rows: rows.filter(({ t }) => t >= start && t <= row.t) })
    until = Math.max(until, start + timespanMs)
    detector.reset()
  }
  return matches
}

/** For conditions that only an ended window can meet: windows that begin at an event of `begins` and hold when they are over. */
export function findEnded(
  pattern: Sliding,
  timespanMs: number,
  roles: number,
  unsorted: readonly Row[],
  covers: readonly Span[],
  begins: Span,
): Match[] {
  const rows = unsorted.toSorted((a, b) => a.t - b.t || a.role - b.role)
  const window = windowOf(pattern)
  const matches: Match[] = []
  let until = Number.NEGATIVE_INFINITY
  let end = 0
  for (const [index, row] of rows.entries()) {
    for (; end < rows.length && (rows[end]?.t ?? 0) <= row.t + timespanMs; end += 1) {
      const entering = rows[end]
      if (entering !== undefined) window.add(entering)
    }
    const within = row.t >= begins.from && row.t <= begins.to
    const taken = row.t <= until || covers.some(({ from, to }) => row.t >= from && row.t <= to)
    const measure = window.measure()
    if (within && !taken && conditionMet(pattern, roles, measure)) {
      matches.push({ start: row.t, at: row.t + timespanMs, measure, rows: rows.slice(index, end) })
      until = row.t + timespanMs
    }
    window.remove(row)
  }
  return matches
}

/** What is unusual about a count, or undefined. */
export function deviation(
  count: number,
  past: readonly number[],
  {
    deviations,
    direction,
    minimum,
  }: Pick<Extract<Pattern, { type: 'baseline' }>, 'deviations' | 'direction' | 'minimum'>,
): { usual: number; spread: number } | undefined {
  const usual = median(past)
  // A count of events varies by about its root anyway; without this floor an hour that is always alike would fire at the first event more.
  const spread = Math.max(1.4826 * median(past.map((value) => Math.abs(value - usual))), Math.sqrt(usual), 1)
  const above = direction !== 'below' && count >= minimum && count - usual >= deviations * spread
  const below = direction !== 'above' && usual >= minimum && usual - count >= deviations * spread
  return above || below ? { usual, spread } : undefined
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2
}
