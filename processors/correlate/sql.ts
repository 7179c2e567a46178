// How is ClickHouse asked for the events of a correlation? Statements are put together here; whatever comes from rules or events goes in as a quoted literal.
import { at, quote, whole } from '../../runtime/clickhouse.ts'
import { type EventColumn, eventColumns } from '../../schemas/event.ts'
import { columnOf } from '../detect/sigma/fields.ts'
import type { LinkedCorrelation } from './link.ts'
import { leastCount } from './rule.ts'

function quoteAll(texts: readonly string[]): string {
  return `[${texts.map(quote).join(', ')}]`
}

/** A stretch of event time, both ends included. Milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Offsets of one partition that are new in this round, and what is known of where they lie. */
export interface Slice {
  readonly stream: string
  readonly partition: number
  /** Behind this one, -1: from the beginning. */
  readonly after: number
  /** Up to this one; later ones are left for the next round. */
  readonly to: number
  /** New rows landed no earlier than this. Milliseconds since 1970. */
  readonly landedFrom: number
}

/** Rows of the slices. Each partition is bounded by its own offsets and landing times, so that old parts are not read. */
function inSlices(slices: readonly Slice[]): string {
  const filled = slices.filter(({ after, to }) => to > after)
  if (filled.length === 0) return '0'
  const one = ({ stream, partition, after, to, landedFrom }: Slice) =>
    `(_stream = ${quote(stream)} AND _partition = ${whole(partition)} AND _offset > ${whole(after)}` +
    `${to === Number.POSITIVE_INFINITY ? '' : ` AND _offset <= ${whole(to)}`} AND ingested_at >= ${at(landedFrom)})`
  return `(${filled.map(one).join(' OR ')})`
}

/** Rows that this round may see: not those that landed while it runs. */
function visible(slices: readonly Slice[]): string {
  if (slices.length === 0) return '1'
  const beyond = ({ stream, partition, to }: Slice) =>
    `(_stream = ${quote(stream)} AND _partition = ${whole(partition)} AND _offset > ${whole(to)})`
  return `NOT (${slices.map(beyond).join(' OR ')})`
}

function inSpans(spans: readonly Span[]): string {
  const one = ({ from, to }: Span) => `timestamp BETWEEN ${at(from)} AND ${at(to)}`
  return spans.length === 0 ? '1' : `(${spans.map(one).join(' OR ')})`
}

/** The text of a field, '' where it is unknown. */
export function fieldText(field: string): string {
  const column = columnOf(field)
  if (column === undefined || column === 'fields') {
    const [plain, windows] = [field, `winlog.event_data.${field}`].map((name) => `fields[${quote(name)}]`)
    return `if(${plain} != '', ${plain}, ${windows})`
  }
  return columnText(column)
}

function columnText(column: EventColumn): string {
  const { type } = eventColumns[column]
  if (type === 'String') return column
  if (type === 'LowCardinality(String)') return `toString(${column})`
  if (type === 'Array(String)') return `arrayStringConcat(${column}, ',')`
  if (type.startsWith('UInt')) return `if(${column} = 0, '', toString(${column}))`
  return `toString(${column})`
}

/** One text for all of the values, '' where one of them is unknown. */
function combined(texts: readonly string[]): string {
  const [first = "''", ...rest] = texts
  if (rest.length === 0) return first
  return `if(${texts.map((text) => `${text} = ''`).join(' OR ')}, '', arrayStringConcat([${texts.join(', ')}], ' | '))`
}

/** The same expression for each role, or a choice by `role` (from 1). */
function byRole(expressions: readonly string[]): string {
  const [first = "''"] = expressions
  if (expressions.every((expression) => expression === first)) return first
  const cases = expressions.map((expression, n) => `role = ${n + 1}, ${expression}`)
  return `multiIf(${cases.join(', ')}, '')`
}

/** What a correlation reads of an event. */
interface Source {
  readonly events: string
  readonly slices: readonly Slice[]
}

/** Rows of a correlation's base events, one for each role that an event plays: t, event, role, g, value, carry, and the columns asked for. */
function baseRows(
  correlation: LinkedCorrelation,
  spans: readonly Span[],
  source: Source,
  columns: readonly string[],
  where = '1',
): string {
  const { roles, carry } = correlation
  // Roles of inner correlations have no events; a rule id is never empty.
  const ids = roles.map(({ kind, id }) => (kind === 'rule' ? id : ''))
  const groups = correlation.rule.groupBy.map((_, n) => byRole(roles.map(({ groupBy }) => fieldText(groupBy[n] ?? ''))))
  const value = byRole(roles.map(({ fields }) => combined(fields.map(fieldText))))
  const texts = (list: readonly string[]) => (list.length === 0 ? "CAST([], 'Array(String)')" : `[${list.join(', ')}]`)
  const list = [
    'toUnixTimestamp64Milli(timestamp) AS t',
    'event_id AS event',
    'role',
    `${texts(groups)} AS g`,
    `${value} AS value`,
    `${texts(carry.map(fieldText))} AS carried`,
    ...columns,
  ]
  return `SELECT ${list.join(', ')} FROM ${source.events}
    ARRAY JOIN arrayFilter(r -> has(rule_ids, ${quoteAll(ids)}[r]), range(1, ${ids.length + 1})) AS role
    WHERE hasAny(rule_ids, ${quoteAll(ids.filter((id) => id !== ''))}) AND ${inSpans(spans)} AND ${visible(source.slices)} AND ${where}`
}

/** What a finding says of an event besides. */
const facts = ['region_code AS region', 'owner', 'asset_id AS asset', 'score', 'source_id AS source']

/** The facts of a group's first or last event. */
function factsOf(which: 'argMin' | 'argMax'): string {
  return ['event', 'region', 'owner', 'asset', 'score', 'source']
    .map((name) => `${which}(b.${name}, t) AS ${name}`)
    .join(', ')
}

/** Groups whose values are known. */
const known = "NOT has(g, '')"

/** How far each partition has got: stream, partition, last, landed, received of the rows behind the progress. */
export function headsQuery(events: string, slices: readonly Slice[]): string {
  return `SELECT _stream AS stream, _partition AS partition, max(_offset) AS last,
      toUnixTimestamp64Milli(max(ingested_at)) AS landed, toUnixTimestamp64Milli(max(received_at)) AS received
    FROM ${events} WHERE ${inSlices(slices)} GROUP BY stream, partition`
}

/** Which of the rules have new events, and when they happened: id, first, last for each hour. */
export function freshQuery(events: string, slices: readonly Slice[], ids: readonly string[]): string {
  return `SELECT id, toUnixTimestamp64Milli(min(timestamp)) AS first, toUnixTimestamp64Milli(max(timestamp)) AS last
    FROM ${events} ARRAY JOIN arrayIntersect(rule_ids, ${quoteAll(ids)}) AS id
    WHERE ${inSlices(slices)} AND hasAny(rule_ids, ${quoteAll(ids)})
    GROUP BY id, toStartOfHour(timestamp)`
}

/** What must be true of a group's neighbourhood for a window in it to hold; cheap to ask, so that most groups never leave ClickHouse. */
function necessary(correlation: LinkedCorrelation): string {
  const { pattern } = correlation.rule
  if (correlation.roles.some(({ kind }) => kind === 'correlation')) return '1'
  switch (pattern.type) {
    case 'event_count':
      // Not the exact number: what a sender repeats is left out when the rows are read.
      return `count() >= ${whole(leastCount(pattern.condition))}`
    case 'value_count':
      return `uniqExactIf(value, value != '') >= ${whole(leastCount(pattern.condition))}`
    case 'temporal':
      return `uniqExact(role) >= ${whole(leastCount(pattern.condition) || correlation.roles.length)}`
    case 'temporal_ordered':
      return `uniqExact(role) >= ${correlation.roles.length}`
    case 'impossible_travel':
      return "uniqExactIf(country, country != '') >= 2"
    default:
      return '1'
  }
}

/** Groups with new events in which a window may hold: g. */
export function candidatesQuery(correlation: LinkedCorrelation, spans: readonly Span[], source: Source): string {
  const columns = [`${inSlices(source.slices)} AS fresh`, 'source_country AS country']
  return `SELECT g FROM (${baseRows(correlation, spans, source, columns)})
    WHERE ${known} GROUP BY g HAVING countIf(fresh) > 0 AND ${necessary(correlation)}`
}

/** A stretch of a group that a fired window covers. */
export interface Cover extends Span {
  readonly group: readonly string[]
}

/** Covers that go into one statement; the rest is left out by whoever reads the rows. */
const MAX_COVERS = 2_000
/** Groups that go into one statement by name. */
export const MAX_GROUPS = 2_000

/**
 * Rows of these groups in order of group and time, the sender's repeats left out. Rows that fired windows cover are left out already in
 * ClickHouse: during a flood those are nearly all of them.
 */
export function rowsQuery(
  correlation: LinkedCorrelation,
  spans: readonly Span[],
  source: Source,
  groups: readonly (readonly string[])[] | undefined,
  covers: readonly Cover[],
): string {
  const base = baseRows(correlation, spans, source, [...facts, 'source_country AS country', 'source_asn AS asn'])
  const named =
    groups === undefined || correlation.rule.groupBy.length === 0 ? '1' : `g IN (${groups.map(quoteAll).join(', ')})`
  const rows = `SELECT * FROM (${base}) WHERE ${known} AND ${named}`
  const uncovered = leaveOut(rows, covers.slice(-MAX_COVERS), correlation.rule.groupBy.length > 0)
  return `SELECT * FROM (${uncovered}) ORDER BY g, t, event, role LIMIT 1 BY g, event, role`
}

/** The rows without those that the covers of their group hold. */
function leaveOut(rows: string, covers: readonly Cover[], grouped: boolean): string {
  if (covers.length === 0) return rows
  if (!grouped)
    return `SELECT * FROM (${rows}) WHERE NOT (${covers
      .map(({ from, to }) => `t BETWEEN ${whole(from)} AND ${whole(to)}`)
      .join(' OR ')})`
  const values = covers.map(({ group, from, to }) => `(${quoteAll(group)}, ${whole(from)}, ${whole(to)})`)
  return `SELECT * EXCEPT (w) FROM (${rows}) AS r LEFT JOIN (
      SELECT x.1 AS g, groupArray((x.2, x.3)) AS w FROM (SELECT arrayJoin([${values.join(', ')}]) AS x) GROUP BY g) AS c ON r.g = c.g
    WHERE NOT arrayExists(x -> t BETWEEN x.1 AND x.2, w)`
}

/** Values of each group, those of new events or those of the events before: g, value, first, last, and of the first event what a finding needs. */
export function valuesQuery(
  correlation: LinkedCorrelation,
  source: Source,
  which: { readonly fresh: true } | { readonly fresh: false; readonly span: Span },
): string {
  const fresh = inSlices(source.slices)
  const base = which.fresh
    ? baseRows(correlation, [], source, facts, fresh)
    : baseRows(correlation, [which.span], source, facts, `NOT ${fresh}`)
  return `SELECT g, value, min(t) AS first, max(t) AS last, ${factsOf('argMin')}
    FROM (${base}) AS b WHERE ${known} AND value != '' GROUP BY g, value`
}

/**
 * For absence, by group: expected events thinned to the first and last of each sixty-fourth of the timespan (no gap of a timespan can hide in
 * one), and all events that begin a wait.
 */
export function pulseQuery(correlation: LinkedCorrelation, span: Span, source: Source): string {
  const { timespanMs, rules } = correlation.rule
  const step = Math.max(1, Math.floor(timespanMs / 64))
  return `SELECT g, waits, min(t) AS first, max(t) AS last, ${factsOf('argMax')}
    FROM (SELECT *, role > ${rules.length} AS waits FROM (${baseRows(correlation, [span], source, facts)})) AS b
    WHERE ${known} GROUP BY g, waits, intDiv(t, if(waits, 1, ${whole(step)})) ORDER BY g, first`
}

/** Counts of the bucket that begins at `bucket` and of those of the weeks before: g, week (0: the bucket itself), n. */
export function baselineQuery(correlation: LinkedCorrelation, bucket: number, weeks: number, source: Source): string {
  const { timespanMs } = correlation.rule
  const WEEK = 7 * 86_400_000
  const spans = Array.from({ length: weeks + 1 }, (_, n) => ({
    from: bucket - n * WEEK,
    to: bucket - n * WEEK + timespanMs - 1,
  }))
  return `SELECT g, intDiv(${whole(bucket + timespanMs - 1)} - t, ${WEEK}) AS week, uniqExact(b.event) AS n, ${factsOf('argMax')}
    FROM (${baseRows(correlation, spans, source, facts)}) AS b WHERE ${known} GROUP BY g, week`
}
