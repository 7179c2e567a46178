// How does a round of correlations go? New events since the progress, the rules they concern, what fires, and all of it kept in one transaction.
import { z } from 'zod'
import { type ClickHouse, quote } from '../../runtime/clickhouse.ts'
import { SiagaError } from '../../runtime/errors.ts'
import type { Finding } from '../../schemas/detection.ts'
import { topics } from '../../schemas/raw-event.ts'
import { type Duty, judgeDuties } from './duty.ts'
import { evaluateSliding, type RoundContext } from './evaluate.ts'
import { type Fired, findingOf, windowOf } from './finding.ts'
import { evaluateFirstSeen } from './first-seen.ts'
import { judge } from './judge.ts'
import type { LinkedCorrelation } from './link.ts'
import { waitsForEnd } from './rule.ts'
import { freshQuery, headsQuery, type Slice, type Span } from './sql.ts'
import { CorrelationState, type FiredWindow, type StateChange, type StateRecord } from './state.ts'

/** Where findings, progress and fired windows are kept, together or not at all. */
export interface CorrelationStore {
  /** Takes the correlations over from whoever had them and answers what is remembered. */
  open(): Promise<CorrelationState>
  /** Rejects if somebody else has taken over; nothing of it is kept then. */
  commit(findings: readonly Finding[], changes: readonly StateChange[]): Promise<void>
  close(): Promise<void>
}

export interface CorrelatorOptions {
  readonly clickhouse: ClickHouse
  readonly store: CorrelationStore
  /** In the order in which they depend on each other (`linkCorrelations`); asked at each round. */
  readonly correlations: () => readonly LinkedCorrelation[]
  /** Rooms that must report, and when; their silence is judged with the same care as everything else. */
  readonly duties?: readonly Duty[]
  /** Up to which event time everything has arrived, given the latest receipt of each partition. Milliseconds since 1970. */
  readonly watermark: (received: ReadonlyMap<number, number>) => number | Promise<number>
  /** How long absence and baselines wait for late events. */
  readonly graceMs: number
  /** How long fired windows are remembered: as long as events are kept. */
  readonly keepMs: number
  readonly tables?: { readonly events: string; readonly streams: string }
  /** At the very first round only events that landed so lately are new: an hour, unless history is to be judged. */
  readonly lookBackMs?: number
  readonly now?: () => number
  /** ClickHouse settings of all queries. */
  readonly settings?: Readonly<Record<string, string | number>>
}

export interface Correlator {
  /**
   * One round. Rejects if ClickHouse or Kafka fail: the next round begins again from what was kept. Rejects with SCHEDULER_FENCED for good
   * once another scheduler has taken over.
   */
  round(): Promise<{ readonly findings: readonly Finding[] }>
  close(): Promise<void>
}

const HOUR_MS = 3_600_000
/** Clocks of workers may differ, and a range may land a while after its landing time was fixed. */
const LANDING_SLACK_MS = HOUR_MS
const PRUNE_EVERY_MS = HOUR_MS

/** Some thousand groups are named in one statement. */
const limits = { max_query_size: 64 * 1024 * 1024, max_ast_elements: 2_000_000, max_expanded_ast_elements: 4_000_000 }

const Stream = z.object({ stream: z.string(), partition: z.number(), created: z.number() })
const Head = z.object({
  stream: z.string(),
  partition: z.number(),
  last: z.number(),
  landed: z.number(),
  received: z.number(),
})
const Fresh = z.object({ id: z.string(), first: z.number(), last: z.number() })

/** An engine that runs rounds one at a time. Nothing happens before the first. */
export function createCorrelator(options: CorrelatorOptions): Correlator {
  const { clickhouse, store, correlations, graceMs, keepMs } = options
  const settings = { ...limits, ...options.settings }
  const tables = options.tables ?? { events: 'siaga.events', streams: 'siaga.streams' }
  const now = options.now ?? Date.now
  let state: CorrelationState | undefined
  let prunedAt = 0
  let fenced: SiagaError | undefined

  const run = async (held: CorrelationState): Promise<Finding[]> => {
    const linked = correlations()
    const changes: StateChange[] = []
    const fired: Fired[] = []
    const firedNow = new Map<string, FiredWindow[]>()
    const change = (record: StateRecord, removed = false): void => {
      const entry = { record, removed }
      held.apply(entry)
      changes.push(entry)
    }
    const slices = await advance(held, change)
    const received = new Map(held.progress.map(({ partition, received: at }) => [partition, at]))
    const watermark = Math.floor(await options.watermark(received))
    const context: RoundContext = {
      clickhouse,
      settings,
      events: tables.events,
      slices,
      state: held,
      byId: new Map(linked.map((correlation) => [correlation.rule.id, correlation])),
      firedNow,
      fire(one) {
        const window = windowOf(one)
        fired.push(one)
        firedNow.set(window.rule, [...(firedNow.get(window.rule) ?? []), window])
        change(window)
      },
      remember: change,
    }
    const fresh = await freshTimes(linked, context)
    for (const correlation of linked) {
      const { pattern } = correlation.rule
      const times = correlation.roles.flatMap(({ id }) => fresh.get(id) ?? [])
      if (pattern.type === 'absence' || pattern.type === 'baseline' || waitsForEnd(pattern))
        await judge(correlation, watermark - graceMs, context)
      else if (pattern.type === 'first_seen') await evaluateFirstSeen(correlation, times, watermark, context)
      else await evaluateSliding(correlation, times, context)
    }
    await judgeDuties(options.duties ?? [], watermark - graceMs, context)
    if (watermark - prunedAt > PRUNE_EVERY_MS) {
      for (const record of held.olderThan(watermark - keepMs)) change(record, true)
      prunedAt = watermark
    }
    const findings = fired.filter(({ correlation }) => !correlation.silent).map(findingOf)
    if (changes.length > 0) await store.commit(findings, changes)
    return findings
  }

  /** Finds how far each partition has got, moves the progress there and answers what lies between. */
  const advance = async (
    held: CorrelationState,
    change: (record: StateRecord, removed?: boolean) => void,
  ): Promise<Slice[]> => {
    const latest = await clickhouse.rows(
      Stream,
      `SELECT stream, partition, toUnixTimestamp64Milli(created_at) AS created FROM ${tables.streams}
       WHERE topic = ${quote(topics.raw)} ORDER BY created_at DESC LIMIT 1 BY partition`,
      {},
      settings,
    )
    const known = held.progress
    const first = known.length === 0
    const watched: Slice[] = known.map(({ stream, partition, offset, landed }) => ({
      stream,
      partition,
      after: offset,
      to: Number.POSITIVE_INFINITY,
      landedFrom: landed - LANDING_SLACK_MS,
    }))
    for (const { stream, partition, created } of latest) {
      if (watched.some((slice) => slice.stream === stream && slice.partition === partition)) continue
      const landedFrom = first ? Math.max(0, now() - (options.lookBackMs ?? HOUR_MS)) : created - LANDING_SLACK_MS
      watched.push({ stream, partition, after: -1, to: Number.POSITIVE_INFINITY, landedFrom })
    }
    if (watched.length === 0) return []
    const heads = await clickhouse.rows(Head, headsQuery(tables.events, watched), {}, settings)
    return watched.map((slice) => {
      const { stream, partition, after, landedFrom } = slice
      const head = heads.find((row) => row.stream === stream && row.partition === partition)
      const progress = known.find((record) => record.stream === stream && record.partition === partition)
      if (head !== undefined) {
        const { last, landed, received } = head
        change({
          kind: 'progress',
          stream,
          partition,
          offset: last,
          landed: Math.max(landed, progress?.landed ?? 0),
          received: Math.max(received, progress?.received ?? 0),
        })
      } else if (first) {
        // So that what landed before the very first round stays old, whenever the partition's next events come.
        change({ kind: 'progress', stream, partition, offset: -1, landed: landedFrom + LANDING_SLACK_MS, received: 0 })
      } else if (progress !== undefined && superseded(progress, latest, known)) {
        change(progress, true)
      }
      return { ...slice, to: head?.last ?? after }
    })
  }

  const freshTimes = async (
    linked: readonly LinkedCorrelation[],
    { slices }: RoundContext,
  ): Promise<Map<string, Span[]>> => {
    const fresh = new Map<string, Span[]>()
    const ids = new Set(linked.flatMap(({ roles }) => roles.flatMap(({ kind, id }) => (kind === 'rule' ? [id] : []))))
    if (ids.size === 0 || slices.every(({ after, to }) => to <= after)) return fresh
    for (const { id, first, last } of await clickhouse.rows(
      Fresh,
      freshQuery(tables.events, slices, [...ids]),
      {},
      settings,
    ))
      fresh.set(id, [...(fresh.get(id) ?? []), { from: first, to: last }])
    return fresh
  }

  return {
    async round() {
      if (fenced !== undefined) throw fenced
      // Dropped before and taken back after: a round that fails in the middle leaves nothing half remembered.
      const held = state ?? (await store.open())
      state = undefined
      try {
        const findings = await run(held)
        state = held
        return { findings }
      } catch (error) {
        // Opening the store again would shut out the one that has taken over.
        if (error instanceof SiagaError && error.code === 'SCHEDULER_FENCED') fenced = error
        throw error
      }
    },
    close: () => store.close(),
  }
}

/** True for a stream whose partition has a newer one that is being read: nothing more comes of the old. */
function superseded(
  { stream, partition }: { stream: string; partition: number },
  latest: readonly { stream: string; partition: number }[],
  known: readonly { stream: string; partition: number; offset: number }[],
): boolean {
  const newest = latest.find((row) => row.partition === partition)
  if (newest === undefined || newest.stream === stream) return false
  return known.some((row) => row.stream === newest.stream && row.partition === partition && row.offset >= 0)
}

/** A store without Kafka, for cases and trial runs: what is committed is kept in memory. */
export function createMemoryStore(): CorrelationStore {
  const kept: StateChange[] = []
  return {
    async open() {
      const state = new CorrelationState()
      for (const change of kept) state.apply(change)
      return state
    },
    async commit(_findings, changes) {
      kept.push(...changes)
    },
    close: async () => undefined,
  }
}
