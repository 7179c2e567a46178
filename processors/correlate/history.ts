// Was a new indicator in our events before anybody knew it? A hunt goes through the last days slice by slice, tells what it found, then remembers.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { at, type ClickHouse, quote, whole } from '../../runtime/clickhouse.ts'
import { canonicalHost, canonicalUrl } from '../../runtime/indicator-value.ts'
import type { Finding } from '../../schemas/detection.ts'
import type { ScoreWeights } from '../../schemas/score.ts'
import { CandidateFacts, EventGroup, groupKeyOf, historyFinding, mergeGroups } from './history-finding.ts'
import { type Kind, kindsOf } from './history-places.ts'
import {
  amongCandidates,
  candidateFacts,
  candidateTypes,
  countQuery,
  daysQuery,
  eventsQuery,
  type FeedProgress,
  givenCandidates,
  type HistorySlice,
  type HistoryTables,
  keepMatches,
  MAX_GROUPS,
  MAX_MATCHES,
  MAX_ODD,
  matchedKinds,
  newCandidates,
  oddQuery,
  progressQuery,
} from './history-sql.ts'

export interface HistoryOptions {
  readonly clickhouse: ClickHouse
  /** Resolves when Kafka has acknowledged the findings. */
  send(findings: readonly Finding[]): Promise<void>
  readonly days: number
  readonly weights: Pick<ScoreWeights, 'indicator'>
  /** Indicators that are newer wait for the next hunt: until then processors may not have had them, and their events may not have landed. */
  readonly settleMs?: number
  /** Rows of a slice, about. */
  readonly sliceRows?: number
  readonly tables?: HistoryTables
  /** Servers on which the rows of `tables.events` lie, with its name there; `clickhouse` alone unless told. */
  readonly holders?: readonly { readonly clickhouse: ClickHouse; readonly events: string }[]
}

export interface Hunt {
  /** New indicators that were looked for. */
  readonly indicators: number
  readonly findings: readonly Finding[]
  /** Something was left out, since there was more of it than a hunt takes. */
  readonly cut: boolean
}

export interface History {
  /**
   * Looks for indicators that were added since the hunt before. Rejects with the errors of ClickHouse and of `send`; the next hunt then begins where
   * this one did, with the same findings. Undefined if `signal` ended it.
   */
  hunt(now: number, options?: HuntOptions): Promise<Hunt | undefined>
  /**
   * How many of the events that landed in the hour before `now` carry one of the indicators sent under `version` (`give` of
   * sinks/clickhouse/indicators.ts), and how many there were.
   */
  traffic(version: string, now: number): Promise<{ readonly matched: number; readonly events: number }>
}

export interface HuntOptions {
  readonly signal?: AbortSignal
  onProgress?(done: number, of: number): void
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const SETTLE_MS = 120_000
/** Findings of one hunt at most; a hunt with more is about something else than a threat. */
const MAX_FINDINGS = 20_000
/** A query of a slice ends within its time and memory. */
const SLICE_ROWS = 10_000_000
/** Values that go into the text of one query. */
const CHUNK = 1_000

const siagaTables: HistoryTables = {
  events: 'siaga.events',
  indicators: 'siaga.indicator_rows',
  given: 'siaga.indicator_given',
  candidates: 'siaga.history_candidates',
  matches: 'siaga.history_matches',
  hunts: 'siaga.history_hunts',
}

/** Landing goes first: two threads, and what does not fit into memory goes to the disk. */
const settings = {
  max_threads: 2,
  // The connection of a query that says nothing for two minutes is taken for dead.
  send_progress_in_http_headers: 1,
  http_headers_progress_interval_ms: 30_000,
  max_execution_time: 600,
  max_memory_usage: 3 * 1024 ** 3,
  max_bytes_before_external_group_by: 1024 ** 3,
  max_query_size: 64 * 1024 * 1024,
  insert_deduplicate: 0,
  async_insert: 0,
}

const Progress = z.object({ source: z.string(), after: z.coerce.number(), upTo: z.coerce.number() })
const Types = z.object({ type: z.string(), n: z.coerce.number() })
const Kinds = z.object({ kind: z.enum(['ip', 'host', 'url', 'hash', 'tls', 'email']), n: z.coerce.number() })
const Text = z.object({ o: z.string() })
const Day = z.object({ day: z.string(), rows: z.coerce.number() })
const Value = z.object({ type: z.string(), value: z.string() })
const Counted = z.object({ events: z.coerce.number(), matched: z.coerce.number() })

/** Hunts and questions on these tables; one hunt at a time is the caller's duty (a job never overlaps with itself). */
export function createHistory(options: HistoryOptions): History {
  const { clickhouse, send, days, weights } = options
  const { settleMs = SETTLE_MS, sliceRows = SLICE_ROWS, tables = siagaTables } = options
  const { holders = [{ clickhouse, events: tables.events }] } = options
  const rows = <T>(schema: z.ZodType<T>, query: string) => clickhouse.rows(schema, query, {}, settings)
  const command = (query: string) => clickhouse.command(query, {}, settings)

  /** Rows by day of landing. */
  const rowsOfDays = async (): Promise<ReadonlyMap<string, number>> => {
    const sums = new Map<string, number>()
    for (const holder of holders)
      for (const { day, rows: n } of await holder.clickhouse.rows(Day, daysQuery(holder), {}, settings))
        sums.set(day, (sums.get(day) ?? 0) + n)
    return sums
  }

  /** Makes a name under which candidates and matches are kept, and removes them in the end. */
  const apart = async <T>(work: (hunt: string) => Promise<T>): Promise<T> => {
    const hunt = randomBytes(12).toString('hex')
    try {
      return await work(hunt)
    } finally {
      // What is not removed goes by itself after a day.
      for (const table of [tables.candidates, tables.matches])
        await command(`ALTER TABLE ${table} DROP PARTITION ${quote(hunt)}`).catch(() => undefined)
    }
  }

  /** Finds out which texts of the slice are which candidates. Answers the kinds that have some. */
  const look = async (hunt: string, kinds: readonly Kind[], slice: HistorySlice) => {
    let cut = false
    for (const kind of kinds) {
      await command(keepMatches(tables, hunt, kind, slice))
      const query = oddQuery(tables, hunt, kind, slice)
      const odd = query === undefined ? [] : await rows(Text, query)
      cut ||= odd.length >= MAX_ODD
      await keepOdd(hunt, kind, slice, odd)
    }
    const active = await rows(Kinds, matchedKinds(tables, hunt, slice))
    return { active: active.map(({ kind }) => kind), cut: cut || active.some(({ n }) => n >= MAX_MATCHES) }
  }

  /** Texts whose canonical form ClickHouse cannot tell. */
  const keepOdd = async (hunt: string, kind: Kind, slice: HistorySlice, odd: readonly { o: string }[]) => {
    for (let n = 0; n < odd.length; n += CHUNK) {
      const names = new Map(odd.slice(n, n + CHUNK).map(({ o }) => [o, namesOf(kind, o)]))
      const wanted = [...new Set([...names.values()].flat())]
      if (wanted.length === 0) continue
      const known = new Map(
        (await rows(Value, amongCandidates(tables, hunt, kind, wanted))).map((one) => [one.value, one]),
      )
      const found = [...names].flatMap(([observed, all]) =>
        all.flatMap((name) => {
          const { type, value } = known.get(name) ?? { type: '', value: '' }
          return type === ''
            ? []
            : [`(${[hunt, kind, observed, type, value].map(quote).join(', ')}, ${whole(slice.n)})`]
        }),
      )
      if (found.length > 0)
        await command(
          `INSERT INTO ${tables.matches} (hunt, kind, observed, type, value, slice) VALUES ${found.join(', ')}`,
        )
    }
  }

  const factsOf = async (hunt: string, groups: readonly EventGroup[]): Promise<Map<string, CandidateFacts>> => {
    const wanted = [...new Map(groups.map((group) => [indicatorKey(group), group])).values()]
    const facts = new Map<string, CandidateFacts>()
    for (let n = 0; n < wanted.length; n += CHUNK)
      for (const one of await rows(CandidateFacts, candidateFacts(tables, hunt, wanted.slice(n, n + CHUNK))))
        facts.set(indicatorKey(one), one)
    return facts
  }

  const search = async (hunt: string, now: number, { signal, onProgress }: HuntOptions) => {
    const types = await rows(Types, candidateTypes(tables, hunt))
    const kinds = kindsOf(types.map(({ type }) => type))
    const groups = new Map<string, EventGroup>()
    const landed = await rowsOfDays()
    const slices = kinds.length === 0 ? [] : slicesOf(now, days, landed, sliceRows)
    let cut = false
    for (const slice of slices) {
      if (signal?.aborted) return undefined
      const looked = await look(hunt, kinds, slice)
      cut ||= looked.cut
      if (looked.active.length > 0) {
        const found = await rows(EventGroup, eventsQuery(tables, hunt, looked.active, slice))
        cut ||= found.length >= MAX_GROUPS
        for (const group of found) {
          const key = groupKeyOf(group)
          const before = groups.get(key)
          if (before !== undefined) groups.set(key, mergeGroups(before, group))
          else if (groups.size < MAX_FINDINGS) groups.set(key, group)
          else cut = true
        }
      }
      onProgress?.(slice.n + 1, slices.length)
    }
    const facts = await factsOf(hunt, [...groups.values()])
    const findings = [...groups.values()].flatMap((group) => {
      const known = facts.get(indicatorKey(group))
      return known === undefined ? [] : [historyFinding(group, known, weights, days)]
    })
    return { indicators: types.reduce((sum, { n }) => sum + n, 0), findings, cut }
  }

  const remember = (feeds: readonly FeedProgress[], now: number, hunt: Hunt, seconds: number): Promise<void> => {
    const facts = `${whole(days)}, ${whole(hunt.indicators)}, ${whole(hunt.findings.length)}, ${seconds}`
    const lines = feeds.map(({ source, upTo }) => `(${at(now)}, ${quote(source)}, ${at(upTo)}, ${facts})`)
    return command(
      `INSERT INTO ${tables.hunts} (hunted_at, source, hunted_to, days, indicators, findings, seconds) VALUES ${lines.join(', ')}`,
    )
  }

  return {
    async hunt(now, huntOptions = {}) {
      const began = performance.now()
      const feeds = await rows(Progress, progressQuery(tables, now - settleMs))
      const fresh = feeds.filter(({ after, upTo }) => upTo > after)
      if (fresh.length === 0) return { indicators: 0, findings: [], cut: false }
      return apart(async (name) => {
        await command(newCandidates(tables, name, feeds, now))
        const hunt = await search(name, now, huntOptions)
        if (hunt === undefined) return undefined
        if (hunt.findings.length > 0) await send(hunt.findings)
        // Only now: whoever dies before sends the same findings again, and readers know them by their ids.
        await remember(fresh, now, hunt, (performance.now() - began) / 1000)
        return hunt
      })
    },
    traffic(version, now) {
      return apart(async (name) => {
        await command(givenCandidates(tables, name, version))
        const types = await rows(Types, candidateTypes(tables, name))
        const slice = { n: 0, from: now - HOUR_MS, to: now + 1 }
        const { active } = await look(name, kindsOf(types.map(({ type }) => type)), slice)
        const [counted] = await rows(Counted, countQuery(tables, name, active, slice))
        return counted ?? { events: 0, matched: 0 }
      })
    },
  }
}

function indicatorKey({ type, value }: { readonly type: string; readonly value: string }): string {
  return `${type} ${value}`
}

/** What an odd text may be called as an indicator. */
function namesOf(kind: Kind, text: string): string[] {
  if (kind === 'url') return [canonicalUrl(text)].filter((url) => url !== undefined)
  const labels = canonicalHost(text.replace(/:\d{0,5}$/, ''))?.split('.') ?? []
  return labels.slice(0, -1).map((_, n) => labels.slice(n).join('.'))
}

/**
 * The days before `now` on which something `landed` (rows by YYYYMMDD) in stretches of about so many rows, the newest first: whoever waits sees those
 * first. Quiet days are taken together, a day of many rows is cut into hours, or a few of them. Days are those of UTC, as partitions are.
 */
function slicesOf(now: number, days: number, landed: ReadonlyMap<string, number>, sliceRows: number): HistorySlice[] {
  const begin = now - days * DAY_MS
  const slices: HistorySlice[] = []
  let last: { from: number; to: number } | undefined
  let held = 0
  const close = (): void => {
    if (last !== undefined) slices.push({ n: slices.length, ...last })
    last = undefined
    held = 0
  }
  for (let to = now + 1; to > begin; ) {
    const from = Math.max(begin, Math.floor((to - 1) / DAY_MS) * DAY_MS)
    const rows = landed.get(new Date(from).toISOString().slice(0, 10).replaceAll('-', '')) ?? 0
    if (held + rows > sliceRows) close()
    const pieces = Math.min(24, Math.ceil(rows / sliceRows))
    if (pieces > 1) {
      const bound = (part: number) => from + Math.floor(((to - from) * part) / pieces)
      for (let n = pieces; n > 0; n -= 1) slices.push({ n: slices.length, from: bound(n - 1), to: bound(n) })
    } else if (rows > 0) {
      last = { from, to: last?.to ?? to }
      held += rows
    }
    to = from
  }
  close()
  return slices
}
