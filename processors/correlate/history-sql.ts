// How is ClickHouse asked which events of a stretch of time carry one of a million indicators? First which texts are one, then which events hold them.
import { at, quote, whole } from '../../runtime/clickhouse.ts'
import { INDICATOR_RULES } from '../../schemas/indicator.ts'
import {
  ADDRESS_OF_O,
  hostNames,
  hostOf,
  isOddHost,
  type Kind,
  looseHost,
  oddOf,
  type Place,
  places,
  typesOf,
  urlHost,
  urlParts,
} from './history-places.ts'

export interface HistoryTables {
  readonly events: string
  /** Indicators of all feeds (sinks/clickhouse/indicators.ts). */
  readonly indicators: string
  /** Indicators that were sent for a question. */
  readonly given: string
  readonly candidates: string
  readonly matches: string
  readonly hunts: string
}

/** A stretch of landing time, its end left out, and its number in the hunt. Milliseconds since 1970 UTC. */
export interface HistorySlice {
  readonly n: number
  readonly from: number
  readonly to: number
}

/** Columns of a candidate that follow from `type` and `value`. */
const keyColumns = `if(type = 'url', ${looseHost("substringIndex(value, '/', 1)")}, '') AS host,
  type IN ('ip', 'network') AND toIPv6OrNull(substringIndex(value, '/', 1)) IS NOT NULL AS is_net,
  toIPv6OrDefault(substringIndex(value, '/', 1)) AS address,
  position(value, ':') = 0 AS is_v4,
  if(type = 'ip', 128, toUInt16OrZero(substringIndex(value, '/', -1)) + if(is_v4, 96, 0)) AS bits,
  if(is_net, tupleElement(IPv6CIDRToRange(address, toUInt8(least(bits, 128))), 1), toIPv6('::')) AS net,
  toUInt16(if(is_net, bits + if(is_v4, 2000, 1000), 0)) AS net_bits`

/** How far a feed has been hunted, and to where it will be. Milliseconds since 1970. */
export interface FeedProgress {
  readonly source: string
  /** Indicators added later than this are new. */
  readonly after: number
  readonly upTo: number
}

/** How far each feed was hunted, and its newest indicator up to `cutoff`: source, after, upTo. */
export function progressQuery({ indicators, hunts }: HistoryTables, cutoff: number): string {
  return `SELECT i.source AS source, toUnixTimestamp64Milli(h.hunted) AS after, greatest(after, toUnixTimestamp64Milli(i.newest)) AS upTo
    FROM (SELECT toString(source) AS source, maxIf(added_at, added_at <= ${at(cutoff)}) AS newest FROM ${indicators} GROUP BY source) AS i
    LEFT JOIN (SELECT toString(source) AS source, max(hunted_to) AS hunted FROM ${hunts} GROUP BY source) AS h ON i.source = h.source
    ORDER BY source`
}

/** Takes the new indicators that count at `now` for candidates; what another feed told before is not new. */
export function newCandidates(
  tables: HistoryTables,
  hunt: string,
  feeds: readonly FeedProgress[],
  now: number,
): string {
  const { indicators, candidates } = tables
  const some = (test: (feed: FeedProgress) => string): string =>
    `(${feeds.map((feed) => `(source = ${quote(feed.source)} AND ${test(feed)})`).join(' OR ')})`
  const fresh = some(({ after, upTo }) => `added_at > ${at(after)} AND added_at <= ${at(upTo)}`)
  const old = some(({ after }) => `added_at <= ${at(after)}`)
  const active = `(expires = ${at(0)} OR expires > ${at(now)})`
  return `INSERT INTO ${candidates} (hunt, type, value, host, net, net_bits, best, sources, added_at)
    SELECT ${quote(hunt)}, type, value, host, net, net_bits, best, sources, first FROM (
      SELECT type, value, ${keyColumns}, best, sources, first FROM (
        SELECT type, value, groupUniqArray(toString(source)) AS sources, min(added_at) AS first,
          argMax((toString(source), confidence, first_seen, last_seen, toString(tlp), threat, reference), (confidence, last_seen, source)) AS best
        FROM ${indicators}
        WHERE ${active} AND (type, value) IN (SELECT type, value FROM ${indicators} WHERE ${active} AND ${fresh})
        GROUP BY type, value
        HAVING max(${old}) = 0))`
}

/** Takes the indicators that were sent under `version` for candidates. */
export function givenCandidates({ given, candidates }: HistoryTables, hunt: string, version: string): string {
  return `INSERT INTO ${candidates} (hunt, type, value, host, net, net_bits)
    SELECT ${quote(hunt)}, type, value, host, net, net_bits FROM (
      SELECT type, value, ${keyColumns} FROM (SELECT DISTINCT type, value FROM ${given} WHERE version = ${quote(version)}))`
}

/** How many candidates of each type: type, n. */
export function candidateTypes({ candidates }: HistoryTables, hunt: string): string {
  return `SELECT toString(type) AS type, count() AS n FROM ${candidates} WHERE hunt = ${quote(hunt)} GROUP BY type`
}

/** Texts of one slice that are indicators: most that are kept. */
export const MAX_MATCHES = 200_000
/** Texts that are looked at one by one: most of a slice. */
export const MAX_ODD = 20_000
/** Groups of events in a slice: most of one indicator, and of all. */
const MAX_GROUPS_EACH = 300
export const MAX_GROUPS = 20_000
const EXAMPLES = 5

/** Days on which something landed, as YYYYMMDD, as partitions are named, and how many rows: day, rows. */
export function daysQuery({ events }: Pick<HistoryTables, 'events'>): string {
  return `SELECT partition_id AS day, sum(rows) AS rows FROM system.parts
    WHERE active AND concat(database, '.', table) = ${quote(events)} GROUP BY day`
}

const inSlice = ({ from, to }: HistorySlice): string => `ingested_at >= ${at(from)} AND ingested_at < ${at(to)}`
const candidatesOf = ({ candidates }: HistoryTables, hunt: string, kind: Kind): string =>
  `${candidates} WHERE hunt = ${quote(hunt)} AND type IN (${typesOf[kind].map(quote).join(', ')})`
const matchesOf = ({ matches }: HistoryTables, hunt: string, { n }: HistorySlice): string =>
  `${matches} WHERE hunt = ${quote(hunt)} AND slice = ${whole(n)}`

/** Each text of the slice that may be an indicator of this kind, once or twice: o. */
function observed(tables: HistoryTables, hunt: string, kind: Kind, slice: HistorySlice): string {
  // Of URLs only those of hosts that an indicator names: there are as many URLs as events.
  const hosts = `(SELECT host FROM ${candidatesOf(tables, hunt, 'url')})`
  const one = ({ field, text }: Place): string => {
    const host = field === 'url_original' ? `if(startsWith(url_original, '/'), url_domain, ${urlHost})` : hostOf(field)
    const named = kind === 'url' ? ` AND (${looseHost(host)} IN ${hosts} OR ${isOddHost(host)})` : ''
    return `SELECT ${text} AS o FROM ${tables.events} WHERE ${inSlice(slice)} AND o != ''${named} GROUP BY o`
  }
  return places[kind].map(one).join(' UNION ALL ')
}

/** Which texts are which indicators: o, type, value. */
function matched(tables: HistoryTables, hunt: string, kind: Kind, slice: HistorySlice): string {
  const texts = observed(tables, hunt, kind, slice)
  const candidates = candidatesOf(tables, hunt, kind)
  if (kind === 'ip') {
    const lengths = `(SELECT groupUniqArray(net_bits) FROM ${candidates} AND net_bits > 0)`
    const first = (address: string, bits: string) => `tupleElement(IPv6CIDRToRange(${address}, ${bits}), 1)`
    return `SELECT e.o AS o, c.type AS type, c.value AS value FROM (
        SELECT o, bits, ${first('address', 'toUInt8(bits % 1000)')} AS net FROM (
          SELECT o, assumeNotNull(parsed) AS address, arrayJoin(${lengths}) AS bits
          FROM (SELECT o, ${ADDRESS_OF_O} AS parsed FROM (${texts})) WHERE parsed IS NOT NULL)
        WHERE intDiv(bits, 1000) = if(${first('address', 'toUInt8(96)')} = toIPv6('::ffff:0.0.0.0'), 2, 1)) AS e
      INNER JOIN (SELECT type, value, net, net_bits FROM ${candidates}) AS c ON e.net = c.net AND e.bits = c.net_bits`
  }
  const keyed =
    kind === 'host'
      ? `SELECT o, arrayJoin(${hostNames}) AS key FROM (${texts}) WHERE length(o) BETWEEN 3 AND 255`
      : kind === 'url'
        ? `SELECT o, plain AS key FROM (SELECT o, ${urlParts} FROM (${texts})) WHERE NOT odd`
        : `SELECT o, lower(o) AS key FROM (${texts})`
  return `SELECT e.o AS o, c.type AS type, c.value AS value FROM (${keyed}) AS e
    INNER JOIN (SELECT type, value FROM ${candidates}) AS c ON e.key = c.value`
}

/** Keeps which texts of the slice are which indicators, MAX_MATCHES at most. */
export function keepMatches(tables: HistoryTables, hunt: string, kind: Kind, slice: HistorySlice): string {
  return `INSERT INTO ${tables.matches} (hunt, slice, kind, observed, type, value)
    SELECT DISTINCT ${quote(hunt)}, ${whole(slice.n)}, ${quote(kind)}, o, type, value
    FROM (${matched(tables, hunt, kind, slice)}) LIMIT ${MAX_MATCHES}`
}

/** Texts of the slice that must be looked at one by one: o. Undefined if no text of the kind must. */
export function oddQuery(tables: HistoryTables, hunt: string, kind: Kind, slice: HistorySlice): string | undefined {
  const odd = oddOf[kind]
  if (odd === undefined) return undefined
  const texts = observed(tables, hunt, kind, slice)
  const parts = kind === 'url' ? `SELECT o, ${urlParts} FROM (${texts})` : texts
  return `SELECT DISTINCT o FROM (${parts}) WHERE ${odd} LIMIT ${MAX_ODD}`
}

/** Which of these are candidates: type, value. */
export function amongCandidates(tables: HistoryTables, hunt: string, kind: Kind, values: readonly string[]): string {
  return `SELECT toString(type) AS type, value FROM ${candidatesOf(tables, hunt, kind)} AND value IN (${values.map(quote).join(', ')})`
}

/** Kinds that have matches in the slice: kind, n. */
export function matchedKinds(tables: HistoryTables, hunt: string, slice: HistorySlice): string {
  return `SELECT toString(kind) AS kind, count() AS n FROM ${matchesOf(tables, hunt, slice)} GROUP BY kind`
}

/** True for an event that holds one of the matched texts. */
function holds(tables: HistoryTables, hunt: string, active: readonly Kind[], slice: HistorySlice): string {
  if (active.length === 0) return '0'
  const some = active.flatMap((kind) =>
    places[kind].map(({ text }) => {
      const known = `(SELECT observed FROM ${matchesOf(tables, hunt, slice)} AND kind = ${quote(kind)})`
      return `(${text} != '' AND ${text} IN ${known})`
    }),
  )
  return `(${some.join(' OR ')})`
}

/** Of all events of the slice, how many hold a matched text: events, matched. */
export function countQuery(tables: HistoryTables, hunt: string, active: readonly Kind[], slice: HistorySlice): string {
  return `SELECT count() AS events, countIf(${holds(tables, hunt, active, slice)}) AS matched FROM ${tables.events} WHERE ${inSlice(slice)}`
}

/** As findings on single events say it (sinks/findings.ts). */
const ENTITY = `multiIf(source_ip != '', concat('source_ip:', source_ip), user_name != '', concat('user:', user_name),
  asset_id != '', concat('asset:', asset_id), concat('source:', toString(source_id)))`

/**
 * Events of the slice that hold a matched text, by indicator, region, owner, asset and entity. An event in which several texts are the same indicator
 * counts once, up to a hundred thousand of a group exactly. What landed after the indicator came and was told as it passed is no history.
 */
export function eventsQuery(tables: HistoryTables, hunt: string, active: readonly Kind[], slice: HistorySlice): string {
  const all = active.flatMap((kind) =>
    places[kind].map(({ field, text }) => `(${quote(kind)}, ${quote(field)}, ${text})`),
  )
  return `SELECT type, value, region, owner, asset, entity, uniqCombined64(id) AS n, toUnixTimestamp64Milli(min(t)) AS first,
      toUnixTimestamp64Milli(max(t)) AS last, max(s) AS score, argMax(event, t) AS last_event, groupUniqArray(${EXAMPLES})(event) AS examples,
      groupUniqArray(2)(source) AS sources, argMax(p.2, t) AS field, argMax(p.3, t) AS observed
    FROM (
      SELECT arrayJoin(arrayFilter(place -> place.3 != '', [${all.join(', ')}])) AS p, toString(region_code) AS region, owner, asset_id AS asset,
        ${ENTITY} AS entity, timestamp AS t, toInt64(events.score) AS s, event_id AS event, toString(source_id) AS source,
        cityHash64(_stream, _partition, _offset) AS id, ingested_at AS landed, rule_ids AS told
      FROM ${tables.events} AS events WHERE ${inSlice(slice)} AND ${holds(tables, hunt, active, slice)}) AS e
    INNER JOIN (
      SELECT DISTINCT t.kind AS kind, t.observed AS text, toString(t.type) AS type, t.value AS value, c.added_at AS added
      FROM (SELECT kind, observed, type, value FROM ${matchesOf(tables, hunt, slice)}) AS t
      INNER JOIN (SELECT type, value, added_at FROM ${tables.candidates} WHERE hunt = ${quote(hunt)}) AS c ON t.type = c.type AND t.value = c.value
    ) AS m ON e.p.1 = m.kind AND e.p.3 = m.text
    WHERE NOT (e.landed > m.added AND has(e.told, concat('${INDICATOR_RULES}', m.type)))
    GROUP BY type, value, region, owner, asset, entity
    ORDER BY score DESC, n DESC, entity LIMIT ${MAX_GROUPS_EACH} BY type, value LIMIT ${MAX_GROUPS}`
}

/** What the feeds say of candidates: type, value, best, sources, added. */
export function candidateFacts(
  tables: HistoryTables,
  hunt: string,
  wanted: readonly { readonly type: string; readonly value: string }[],
): string {
  return `SELECT toString(type) AS type, value, best.source AS source, best.confidence AS confidence,
      toUnixTimestamp64Milli(best.first_seen) AS first_seen, toUnixTimestamp64Milli(best.last_seen) AS last_seen, best.tlp AS tlp,
      best.threat AS threat, best.reference AS reference, arraySort(sources) AS sources, toUnixTimestamp64Milli(added_at) AS added
    FROM ${tables.candidates} WHERE hunt = ${quote(hunt)}
      AND (type, value) IN (${wanted.map(({ type, value }) => `(${quote(type)}, ${quote(value)})`).join(', ')})`
}
