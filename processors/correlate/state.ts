// What do correlations remember? Progress, fired windows and known values, as records of a compacted topic.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Span } from './sql.ts'

const Ms = z.number().int()

/** How far a partition has been looked at. */
const Progress = z.object({
  kind: z.literal('progress'),
  stream: z.string(),
  partition: z.number().int(),
  /** The last offset, -1 none yet. */
  offset: z.number().int(),
  /** Latest landing and receipt of its rows. */
  landed: Ms,
  received: Ms,
})
export type Progress = z.infer<typeof Progress>

/** A window that has fired. */
const FiredWindow = z.object({
  kind: z.literal('window'),
  rule: z.string(),
  group: z.array(z.string()),
  start: Ms,
  /** End of what it covers. */
  end: Ms,
  /** When the condition came to hold. */
  at: Ms,
  /** Values of the fields that outer correlations ask for, in the order of `carry`. */
  carried: z.array(z.array(z.string())),
  event: z.string(),
  region: z.string(),
  owner: z.string(),
  asset: z.string(),
  score: z.number(),
  source: z.string(),
})
export type FiredWindow = z.infer<typeof FiredWindow>

/** A value that a group is known to have. */
const SeenValue = z.object({
  kind: z.literal('seen'),
  rule: z.string(),
  group: z.array(z.string()),
  value: z.string(),
  first: Ms,
  last: Ms,
})
export type SeenValue = z.infer<typeof SeenValue>

/** Up to when a rule that waits has been judged; for first_seen: that what was there before is known. */
const Judged = z.object({ kind: z.literal('judged'), rule: z.string(), until: Ms })

export const StateRecord = z.discriminatedUnion('kind', [Progress, FiredWindow, SeenValue, Judged])
export type StateRecord = z.infer<typeof StateRecord>

/** A record to keep, or one to forget. */
export interface StateChange {
  readonly record: StateRecord
  readonly removed?: boolean
}

/** One text for a group's values. */
export function groupKey(group: readonly string[]): string {
  return JSON.stringify(group)
}

/** A short name for a group that is safe in ids. */
export function groupHash(group: readonly string[]): string {
  return createHash('sha256').update(groupKey(group)).digest('hex').slice(0, 20)
}

/** The Kafka key of a record: a later record of the same key takes its place. */
export function recordKey(record: StateRecord): string {
  switch (record.kind) {
    case 'progress':
      return `progress/${record.stream}/${record.partition}`
    case 'window':
      return `window/${record.rule}/${groupHash(record.group)}/${record.start}`
    case 'seen':
      return `seen/${record.rule}/${groupHash([...record.group, record.value])}`
    case 'judged':
      return `judged/${record.rule}`
  }
}

const DAY_MS = 86_400_000
const dayOf = (ms: number): number => Math.floor(ms / DAY_MS)

/** Windows of a rule by the day on which they begin, so that a look at some days does not pass by years of them. */
interface WindowIndex {
  /** The longest of them, in milliseconds. */
  longest: number
  /** day → group → key → window */
  readonly days: Map<number, Map<string, Map<string, FiredWindow>>>
}

/** Everything that is remembered, as it stands on the topic and what a round adds. */
export class CorrelationState {
  readonly #records = new Map<string, StateRecord>()
  readonly #progress = new Map<string, Progress>()
  readonly #windows = new Map<string, WindowIndex>()
  /** rule → group → value */
  readonly #seen = new Map<string, Map<string, Map<string, SeenValue>>>()

  get size(): number {
    return this.#records.size
  }

  get progress(): Progress[] {
    return [...this.#progress.values()]
  }

  /** Keeps or forgets a record. */
  apply({ record, removed = false }: StateChange): void {
    const key = recordKey(record)
    if (removed) this.#records.delete(key)
    else this.#records.set(key, record)
    if (record.kind === 'progress') put(this.#progress, key, record, removed)
    else if (record.kind === 'window') {
      const index = at(this.#windows, record.rule, () => ({ longest: 0, days: new Map() }))
      index.longest = Math.max(index.longest, endOf(record) - record.start)
      const groups = at(index.days, dayOf(record.start), () => new Map<string, Map<string, FiredWindow>>())
      nest(groups, groupKey(record.group), key, record, removed)
      if (groups.size === 0) index.days.delete(dayOf(record.start))
    } else if (record.kind === 'seen') {
      const groups = at(this.#seen, record.rule, () => new Map<string, Map<string, SeenValue>>())
      nest(groups, groupKey(record.group), record.value, record, removed)
    }
  }

  /** Up to when the rule has been judged, undefined if never. */
  judged(rule: string): number | undefined {
    const record = this.#records.get(`judged/${rule}`)
    return record?.kind === 'judged' ? record.until : undefined
  }

  /** Fired windows of a rule that touch one of the spans, of one group or of all. */
  windows(rule: string, spans: readonly Span[], group?: readonly string[]): FiredWindow[] {
    const index = this.#windows.get(rule)
    const found = new Set<FiredWindow>()
    if (index === undefined) return []
    const key = group === undefined ? undefined : groupKey(group)
    for (const { from, to } of spans) {
      const [first, last] = [dayOf(from - index.longest), dayOf(to)]
      // A long look passes by the days that there are, a short one by the days it asks for.
      const days =
        last - first < index.days.size
          ? Array.from({ length: last - first + 1 }, (_, n) => first + n)
          : [...index.days.keys()].filter((day) => day >= first && day <= last)
      for (const day of days) {
        const groups = index.days.get(day)
        const lists = key === undefined ? [...(groups?.values() ?? [])] : [groups?.get(key)]
        for (const list of lists)
          for (const window of list?.values() ?? []) if (window.start <= to && endOf(window) >= from) found.add(window)
      }
    }
    return [...found]
  }

  /** Values that a group is known to have. */
  seen(rule: string, group: readonly string[]): ReadonlyMap<string, SeenValue> {
    return this.#seen.get(rule)?.get(groupKey(group)) ?? new Map()
  }

  /** Windows and values that end before `ms`: nothing that may still come can touch them. */
  olderThan(ms: number): StateRecord[] {
    return [...this.#records.values()].filter(
      (record) => (record.kind === 'window' && endOf(record) < ms) || (record.kind === 'seen' && record.last < ms),
    )
  }
}

function endOf({ end, at: reached }: FiredWindow): number {
  return Math.max(end, reached)
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const held = map.get(key)
  if (held !== undefined) return held
  const made = make()
  map.set(key, made)
  return made
}

function put<V>(map: Map<string, V>, key: string, value: V, removed: boolean): void {
  if (removed) map.delete(key)
  else map.set(key, value)
}

function nest<V>(groups: Map<string, Map<string, V>>, group: string, key: string, value: V, removed: boolean): void {
  const held = at(groups, group, () => new Map<string, V>())
  put(held, key, value, removed)
  if (held.size === 0) groups.delete(group)
}
