// Which windows of one correlation hold among the events that are new? Asks ClickHouse for the groups concerned and looks at their neighbourhood.
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { ClickHouse } from '../../runtime/clickhouse.ts'
import { agree, type Fired } from './finding.ts'
import type { LinkedCorrelation, Role } from './link.ts'
import { canonical } from './link.ts'
import { findMatches, type Match, type Row } from './scan.ts'
import { type Cover, candidatesQuery, MAX_GROUPS, rowsQuery, type Slice, type Span } from './sql.ts'
import { type CorrelationState, type FiredWindow, groupHash, groupKey, type StateRecord } from './state.ts'

/** What a round works with. */
export interface RoundContext {
  readonly clickhouse: ClickHouse
  readonly settings: Readonly<Record<string, string | number>>
  readonly events: string
  readonly slices: readonly Slice[]
  readonly state: CorrelationState
  readonly byId: ReadonlyMap<string, LinkedCorrelation>
  /** Windows of this round, by correlation. */
  readonly firedNow: ReadonlyMap<string, readonly FiredWindow[]>
  fire(fired: Fired): void
  remember(record: StateRecord): void
}

const Text = z.string()
/** Columns of what a finding says of an event. */
export const factColumns = { event: Text, region: Text, owner: Text, asset: Text, score: z.number(), source: Text }
const Group = z.object({ g: z.array(Text) })
const EventRow = z.object({
  ...factColumns,
  t: z.number(),
  role: z.number(),
  g: z.array(Text),
  value: Text,
  carried: z.array(Text),
  country: Text,
  asn: z.number(),
})
type EventRow = z.infer<typeof EventRow>

/** Values of a field that a window keeps for outer correlations, at most. */
const MAX_CARRIED = 100
/** Values that a finding shows, at most. */
const MAX_SHOWN = 10

/** Joins stretches that touch; of more than `most` the nearest are joined too. */
export function mergeSpans(spans: readonly Span[], most = 64): Span[] {
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  while (merged.length > most) {
    let nearest = 1
    for (let n = 2; n < merged.length; n += 1) {
      const gap = (i: number) => (merged[i]?.from ?? 0) - (merged[i - 1]?.to ?? 0)
      if (gap(n) < gap(nearest)) nearest = n
    }
    const [taken] = merged.splice(nearest, 1)
    const before = merged[nearest - 1]
    if (taken !== undefined && before !== undefined) before.to = taken.to
  }
  return merged
}

/** Rows of a statement group by group; rows come ordered by group. */
export async function* groupsOf(
  { clickhouse, settings }: Pick<RoundContext, 'clickhouse' | 'settings'>,
  query: string,
): AsyncGenerator<{ group: readonly string[]; rows: Row[] }> {
  // With wait_end_of_query a failure comes as a failure, not in the middle of the rows.
  const stream = await clickhouse.stream(`${query} FORMAT JSONEachRow`, {}, { ...settings, wait_end_of_query: 1 })
  let current: { key: string; group: readonly string[]; rows: Row[] } | undefined
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line === '') continue
    const row: EventRow = EventRow.parse(JSON.parse(line))
    const key = groupKey(row.g)
    if (current?.key !== key) {
      if (current !== undefined) yield current
      current = { key, group: row.g, rows: [] }
    }
    current.rows.push(row)
  }
  if (current !== undefined) yield current
}

/** Values of a field in a window of an inner correlation. */
function valuesOf(window: FiredWindow, inner: LinkedCorrelation, field: string): readonly string[] {
  const n = inner.rule.groupBy.findIndex((name) => canonical(name) === field)
  if (n >= 0) return [window.group[n] ?? '']
  return window.carried[inner.carry.indexOf(field)] ?? []
}

function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (all, values) => all.flatMap((head) => values.map((value) => [...head, value])).slice(0, MAX_CARRIED * MAX_CARRIED),
    [[]],
  )
}

/** The windows of an inner correlation as events of the outer one. */
function innerRows(
  window: FiredWindow,
  inner: LinkedCorrelation,
  role: Role,
  n: number,
  outer: LinkedCorrelation,
): { group: string[]; row: Row }[] {
  const fields = [...role.groupBy, ...outer.carry]
  return combinations(fields.map((field) => valuesOf(window, inner, field))).flatMap((values) => {
    const group = values.slice(0, role.groupBy.length)
    if (group.includes('')) return []
    const { region, owner, asset, score, source, rule, start, at } = window
    const event = `${rule}-${groupHash(window.group)}-${start}`
    const carried = values.slice(role.groupBy.length)
    return [
      {
        group,
        row: {
          t: at,
          event,
          role: n + 1,
          value: '',
          carried,
          country: '',
          asn: 0,
          region,
          owner,
          asset,
          score,
          source,
        },
      },
    ]
  })
}

function shown(match: Match, { rule }: LinkedCorrelation): { field: string; value: string }[] {
  const { pattern } = rule
  const { rows, measure } = match
  const events = { field: 'events', value: String(new Set(rows.map(({ event }) => event)).size) }
  const values = [...new Set(rows.map(({ value }) => value).filter((value) => value !== ''))]
  switch (pattern.type) {
    case 'value_count':
      return [events, { field: pattern.fields.join(' | '), value: values.slice(0, MAX_SHOWN).join(', ') }]
    case 'value_sum':
    case 'value_avg':
    case 'value_percentile':
      return [
        events,
        { field: `${pattern.type}(${pattern.fields.join()})`, value: String(Math.round(measure * 1000) / 1000) },
      ]
    case 'impossible_travel': {
      const places = [...new Set(rows.map(({ country }) => country).filter((country) => country !== ''))]
      return [
        events,
        { field: 'source.geo.country_iso_code', value: places.join(', ') },
        { field: 'kilometres', value: String(measure) },
      ]
    }
    default:
      return [events]
  }
}

/** What fires, of a match. */
export function firedOf(correlation: LinkedCorrelation, group: readonly string[], match: Match): Fired {
  const { rows, start, at } = match
  return {
    correlation,
    group,
    start,
    at,
    end: start + correlation.rule.timespanMs,
    carried: correlation.carry.map((_, n) =>
      [...new Set(rows.map(({ carried }) => carried[n] ?? '').filter((value) => value !== ''))].slice(0, MAX_CARRIED),
    ),
    facts: agree(rows),
    evidence: shown(match, correlation),
  }
}

/** Stretches of a group that fired windows of a rule cover. */
export function coversOf(
  state: CorrelationState,
  rule: string,
  spans: readonly Span[],
  group: readonly string[],
): Cover[] {
  return state.windows(rule, spans, group).map(({ start, end }) => ({ group, from: start, to: end }))
}

/**
 * Looks at the groups of a correlation that have new events (or new windows of inner correlations), from a timespan before the first of them to a timespan
 * behind the last, and fires what holds there and has not fired.
 *
 * @param fresh times of new base events
 */
export async function evaluateSliding(
  correlation: LinkedCorrelation,
  fresh: readonly Span[],
  context: RoundContext,
): Promise<void> {
  const { rule, roles } = correlation
  const { clickhouse, settings, state, byId, firedNow } = context
  const inner = roles.flatMap((role, n) => {
    const named = role.kind === 'correlation' ? byId.get(role.id) : undefined
    return named === undefined ? [] : [{ role, n, named }]
  })
  const touched = new Map<string, readonly string[]>()
  const innerTimes: Span[] = []
  for (const { role, n, named } of inner)
    for (const window of firedNow.get(role.id) ?? []) {
      innerTimes.push({ from: window.at, to: window.at })
      for (const { group } of innerRows(window, named, role, n, correlation)) touched.set(groupKey(group), group)
    }
  const spans = mergeSpans(
    [...fresh, ...innerTimes].map(({ from, to }) => ({ from: from - rule.timespanMs, to: to + rule.timespanMs })),
  )
  if (spans.length === 0) return
  if (fresh.length > 0)
    for (const { g } of await clickhouse.rows(Group, candidatesQuery(correlation, spans, context), {}, settings))
      touched.set(groupKey(g), g)
  if (touched.size === 0) return

  const extra = new Map<string, Row[]>()
  for (const { role, n, named } of inner)
    for (const window of state.windows(role.id, spans))
      for (const { group, row } of innerRows(window, named, role, n, correlation)) {
        const key = groupKey(group)
        if (touched.has(key)) extra.set(key, [...(extra.get(key) ?? []), row])
      }
  const settle = (group: readonly string[], rows: readonly Row[]): void => {
    const key = groupKey(group)
    const fired = coversOf(state, rule.id, spans, group)
    for (const match of findMatches(
      rule.pattern,
      rule.timespanMs,
      roles.length,
      [...rows, ...(extra.get(key) ?? [])],
      fired,
    ))
      context.fire(firedOf(correlation, group, match))
    extra.delete(key)
  }
  const groups = [...touched.values()]
  if (roles.some(({ kind }) => kind === 'rule'))
    for (let n = 0; n < groups.length; n += MAX_GROUPS) {
      const some = groups.slice(n, n + MAX_GROUPS)
      const covers = some.flatMap((group) => coversOf(state, rule.id, spans, group))
      const query = rowsQuery(correlation, spans, context, some, covers)
      for await (const { group, rows } of groupsOf(context, query)) settle(group, rows)
    }
  for (const key of [...extra.keys()]) settle(touched.get(key) ?? [], [])
}
