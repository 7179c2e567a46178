// What is counted in a sliding window? Events, values or numbers that come in at one end and go out at the other.
import { type Bound, holds, type Pattern } from './rule.ts'

/** What is known of an event that takes part in a correlation. Times are milliseconds since 1970. */
export interface Row {
  readonly t: number
  readonly event: string
  /** From 1, in the order of `rules`. */
  readonly role: number
  readonly value: string
  readonly carried: readonly string[]
  readonly region: string
  readonly owner: string
  readonly asset: string
  readonly country: string
  readonly asn: number
  readonly score: number
  readonly source: string
}

/** The state of a sliding window. */
export interface Window {
  add(row: Row): void
  remove(row: Row): void
  /** What the condition is held against. */
  measure(): number
}

/** Patterns with a condition on a number. */
export type Sliding = Extract<Pattern, { condition: readonly Bound[] }>

function tally(of: (row: Row) => string | number): Window {
  const seen = new Map<string | number, number>()
  return {
    add(row) {
      const key = of(row)
      if (key !== '') seen.set(key, (seen.get(key) ?? 0) + 1)
    },
    remove(row) {
      const key = of(row)
      const left = (seen.get(key) ?? 0) - 1
      if (left > 0) seen.set(key, left)
      else seen.delete(key)
    },
    measure: () => seen.size,
  }
}

/** The number that a text holds; NaN if it holds none. */
function numberIn({ value }: Row): number {
  return value.trim() === '' ? Number.NaN : Number(value)
}

/** Numbers of the window in order of size. An event that plays two parts counts once. */
function numbers(measure: (sorted: readonly number[]) => number): Window {
  const sorted: number[] = []
  const held = new Map<string, number>()
  const place = (value: number): number => {
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sorted[middle] ?? 0) < value) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    add(row) {
      const value = numberIn(row)
      if (!Number.isFinite(value)) return
      const parts = held.get(row.event) ?? 0
      held.set(row.event, parts + 1)
      if (parts === 0) sorted.splice(place(value), 0, value)
    },
    remove(row) {
      const value = numberIn(row)
      const parts = held.get(row.event) ?? 0
      if (!Number.isFinite(value) || parts === 0) return
      if (parts > 1) held.set(row.event, parts - 1)
      else {
        held.delete(row.event)
        sorted.splice(place(value), 1)
      }
    },
    // No numbers, no statement: NaN meets no bound but `neq`, which is asked apart.
    measure: () => (sorted.length === 0 ? Number.NaN : measure(sorted)),
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** An empty window for what the pattern counts. */
export function windowOf(pattern: Sliding): Window {
  switch (pattern.type) {
    case 'event_count':
      return tally(({ event }) => event)
    case 'value_count':
      return tally(({ value }) => value)
    case 'value_sum':
      return numbers(sum)
    case 'value_avg':
      return numbers((values) => sum(values) / values.length)
    case 'value_percentile': {
      // The nearest rank: a value that occurred.
      const share = pattern.percentile / 100
      return numbers((values) => values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN)
    }
    case 'temporal':
      return tally(({ role }) => role)
  }
}

/** True if the measure of a window meets the condition. */
export function conditionMet(pattern: Sliding, roles: number, measure: number): boolean {
  if (pattern.type === 'temporal' && pattern.condition.length === 0) return measure >= roles
  return !Number.isNaN(measure) && holds(pattern.condition, measure)
}
