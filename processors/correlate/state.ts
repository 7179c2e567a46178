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

/** Who writes the topic. */
const Owner = z.object({ kind: z.literal('owner'), id: z.string() })

export const StateRecord = z.discriminatedUnion('kind', [Progress, FiredWindow, SeenValue, Judged, Owner])
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
    case 'owner':
      return 'owner'
  }
}

/** Everything that is remembered, as it stands on the topic and what a round adds. */
export class CorrelationState {
  readonly #records = new Map<string, StateRecord>()
  /** rule → group → windows */
  readonly #windows = new Map<string, Map<string, Map<string, FiredWindow>>>()
  /** rule → group → value */
  readonly #seen = new Map<string, Map<string, Map<string, SeenValue>>>()

  get size(): number {
    return this.#records.size
  }

  get owner(): string {
    const record = this.#records.get('owner')
    return record?.kind === 'owner' ? record.id : ''
  }

  get progress(): Progress[] {
    return [...this.#records.values()].flatMap((record) => (record.kind === 'progress' ? [record] : []))
  }

  /** Keeps or forgets a record. */
  apply({ record, removed = false }: StateChange): void {
    const key = recordKey(record)
    if (removed) this.#records.delete(key)
    else this.#records.set(key, record)
    if (record.kind === 'window') index(this.#windows, record, key, removed)
    else if (record.kind === 'seen') index(this.#seen, record, record.value, removed)
  }

  /** Up to when the rule has been judged, undefined if never. */
  judged(rule: string): number | undefined {
    const record = this.#records.get(`judged/${rule}`)
    return record?.kind === 'judged' ? record.until : undefined
  }

  /** Fired windows of a rule and group. */
  windows(rule: string, group: readonly string[]): FiredWindow[] {
    return [...(this.#windows.get(rule)?.get(groupKey(group))?.values() ?? [])]
  }

  /** Fired windows of a rule, of all groups, that fired or cover something within the spans. */
  windowsWithin(rule: string, spans: readonly Span[]): FiredWindow[] {
    const found: FiredWindow[] = []
    for (const windows of this.#windows.get(rule)?.values() ?? [])
      for (const window of windows.values())
        if (spans.some(({ from, to }) => window.start <= to && Math.max(window.end, window.at) >= from))
          found.push(window)
    return found
  }

  /** Values that a group is known to have. */
  seen(rule: string, group: readonly string[]): ReadonlyMap<string, SeenValue> {
    return this.#seen.get(rule)?.get(groupKey(group)) ?? new Map()
  }

  /** Windows and values that end before `ms`: nothing that may still come can touch them. */
  olderThan(ms: number): StateRecord[] {
    return [...this.#records.values()].filter(
      (record) =>
        (record.kind === 'window' && Math.max(record.end, record.at) < ms) ||
        (record.kind === 'seen' && record.last < ms),
    )
  }
}

function index<T extends { rule: string; group: readonly string[] }>(
  into: Map<string, Map<string, Map<string, T>>>,
  record: T,
  key: string,
  removed: boolean,
): void {
  const groups = into.get(record.rule) ?? new Map<string, Map<string, T>>()
  into.set(record.rule, groups)
  const group = groupKey(record.group)
  const records = groups.get(group) ?? new Map<string, T>()
  if (removed) records.delete(key)
  else records.set(key, record)
  if (records.size > 0) groups.set(group, records)
  else groups.delete(group)
}
