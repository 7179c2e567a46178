// How is ClickHouse asked about floods? A minute of every site, what is usual for one site, and the parts that its requests fall into.
import { at, quote, whole } from '../../runtime/clickhouse.ts'
import type { Networks } from './networks.ts'
import {
  BEFORE_MS,
  countNames,
  desktops,
  LEAST_BEATS,
  LEAST_REQUESTS,
  MAX_BEATS,
  MAX_PARTS,
  MINUTE_MS,
  type Minute,
  OLD_RELEASES,
  patterns,
  phones,
  SESSION_MS,
  STEADY,
} from './traffic.ts'

export interface FloodTables {
  readonly events: string
  readonly minutes: string
  readonly verdicts: string
  /** Requests of the sites that are being judged; empty between two minutes. */
  readonly requests: string
}

/** A site whose requests are kept for a while: its number there, and one client of so many. */
export interface Kept {
  readonly n: number
  readonly site: Pick<Minute, 'site' | 'region' | 'owner'>
  readonly sample: number
}

/** What a part of the kept requests is looked at with. */
export interface PartsOptions {
  /** Newest common release of Chrome, 0 unknown. */
  readonly chrome: number
  /** Paths that the site is known to have. */
  readonly known: readonly string[]
}

/** Sites of one minute that are looked at, the busiest first. */
const MAX_SITES = 500
const MAX_KNOWN_PATHS = 2000
const PATH_LENGTH = 120
const AGENT_LENGTH = 150

const list = (values: readonly (string | number)[]): string =>
  values.map((value) => (typeof value === 'number' ? whole(value) : quote(value))).join(', ')

/** Requests that servers were asked, none that Siaga or a filter on the way made. */
const isRequest = `event_category = 'web' AND http_method != '' AND http_status_code > 0
  AND NOT startsWith(dataset, 'siaga.') AND NOT startsWith(dataset, 'paloalto.') AND NOT startsWith(dataset, 'fortigate.')
  AND NOT startsWith(dataset, 'modsecurity')`

/** An asset, or the host that was asked where none is known. */
const SITE = `multiIf(asset_id != '', concat('asset:', asset_id), url_domain != '', concat('host:', url_domain),
  host_name != '', concat('host:', host_name), concat('source:', toString(source_id)))`

/** True for events of a site; an asset is a plain comparison. */
const siteIs = (site: string): string =>
  site.startsWith('asset:') ? `asset_id = ${quote(site.slice('asset:'.length))}` : `${SITE} = ${quote(site)}`

const classSql = ({ carriers, hosters, hosterNames }: Networks): string =>
  `multiIf(source_scope NOT IN ('', 'public', 'cgnat'), 'inside', source_scope = 'cgnat' OR source_asn IN (${list(carriers)}), 'mobile',
    source_asn IN (${list(hosters)}) OR multiSearchAny(lower(source_as_name), [${list(hosterNames)}]), 'hosting',
    source_country = 'ID', 'indonesia', source_country = '', 'unknown', 'abroad')`

/** Columns of one request that all counts are made of. */
const requestColumns = (networks: Networks): string => `
  substring(url_path, 1, ${PATH_LENGTH}) AS path,
  match(lower(url_path), ${quote(patterns.static)}) AS static,
  NOT static AND match(lower(url_path), ${quote(patterns.api)}) AS api,
  NOT static AND NOT api AS page,
  NOT static AND position(url_original, '?') > 0 AND NOT match(url_original, ${quote(patterns.shared)}) AS query,
  http_method NOT IN ('GET', 'HEAD') AS post,
  match(lower(url_path), ${quote(patterns.expensive)}) AND NOT static AS costly,
  post OR static OR api AS needs,
  needs AND http_referrer IN ('', '-') AS lacks,
  match(user_agent_original, ${quote(patterns.preview)}) AS preview,
  NOT preview AND (user_agent_original IN ('', '-') OR user_agent_bot = 1) AS tool,
  startsWith(http_version, '1') AS http1,
  user_agent_os IN (${list(desktops)}) AS desk,
  multiIf(preview, 'preview', tool, 'tool', desk, 'desktop', user_agent_os IN (${list(phones)}), 'phone', 'other') AS device,
  toUInt16OrZero(extract(user_agent_original, ${quote(patterns.chrome)})) AS major,
  ${classSql(networks)} AS class,
  concat(class, ' · ', device, if(http1, ' · HTTP/1', ' · HTTP/2')) AS kind`

/** How the counts of `traffic.ts` are made of those columns, where `test` limits them; novel and old need what is usual. */
const sums = (test: string, novel: string, old: string): string => {
  const of: Record<(typeof countNames)[number], string> = {
    requests: '1',
    pages: 'page',
    statics: 'static',
    apis: 'api',
    posts: 'post',
    queries: 'query',
    unique_queries: '',
    expensive: 'costly',
    due: 'needs',
    due_missing: 'lacks',
    tools: 'tool',
    old_http: 'http1',
    desktop: 'desk',
    old_agents: old,
    mobile: "class = 'mobile'",
    hosting: "class = 'hosting'",
    abroad: "class = 'abroad'",
    refused: 'http_status_code IN (400, 401, 403, 404, 405)',
    cut: 'http_status_code IN (408, 429, 499)',
    errors: 'http_status_code BETWEEN 500 AND 599',
    novel: novel,
  }
  return countNames
    .filter((name) => name !== 'unique_queries')
    .map((name) => `countIf((${of[name]}) AND ${test}) AS ${name}`)
    .join(',\n    ')
}

/** The minute that begins at `minute` of every site with at least so many requests, busiest first. Rows as `Minute`. */
export function minuteQuery({ events }: FloodTables, networks: Networks, minute: number, least: number): string {
  return `SELECT ${SITE} AS site, toString(region_code) AS region, owner, toInt64(${whole(minute)}) AS minute,
    any(asset_id) AS asset, any(asset_criticality) AS criticality, any(phase) AS phase, any(election) AS election, any(toString(source_id)) AS source,
    argMax(event_id, timestamp) AS event, toUInt64(uniq(source_ip)) AS addresses, toUInt32(ifNotFinite(quantileExactIf(0.9)(major, major > 0), 0)) AS chrome,
    topKIf(40)(path, NOT static) AS paths, sumMapIf(map(kind, toUInt64(1)), NOT static) AS kinds, uniqIf(url_original, query) AS unique_queries,
    ${sums('1', '0', '0')}
  FROM (SELECT *, ${requestColumns(networks)} FROM ${events}
    WHERE timestamp >= ${at(minute)} AND timestamp < ${at(minute + MINUTE_MS)} AND ${isRequest})
  GROUP BY site, region, owner HAVING requests >= ${whole(least)} ORDER BY requests DESC, site LIMIT ${MAX_SITES}`
}

/**
 * Minutes of a site by which its usual traffic is known: half an hour around this time of day on the fourteen days before, or, where there are
 * none, whatever there is of them; minutes of floods left out. Newest first. Rows as `Minute`.
 */
export function usualQuery(
  { minutes, verdicts }: FloodTables,
  { site, region, owner }: Kept['site'],
  window: number,
): string {
  const from = at(window - 14 * 86_400_000)
  const of = (column: string): string =>
    `site = ${quote(site)} AND ${column} = ${quote(region)} AND owner = ${quote(owner)}`
  return `SELECT * EXCEPT (minute, time_of_day), toUnixTimestamp64Milli(toDateTime64(minute, 3, 'UTC')) AS minute,
      time_of_day <= 30 OR time_of_day >= 1410 AS same_time
    FROM (SELECT *, abs(dateDiff('minute', ${at(window)}, minute)) % 1440 AS time_of_day FROM ${minutes} FINAL
      WHERE ${of('region')} AND minute >= ${from} AND minute < ${at(window - 20 * MINUTE_MS)}
        AND minute NOT IN (SELECT toDateTime(window_start) FROM ${verdicts} WHERE ${of('region_code')} AND window_start >= ${from} AND verdict IN ('attack', 'mixed')))
    ORDER BY same_time DESC, minute DESC LIMIT 900`
}

/** What probes saw of each site in the ten minutes before `until`. Rows as `Probed`. */
export function probesQuery({ events }: FloodTables, until: number): string {
  return `SELECT ${SITE} AS site, toString(region_code) AS region, owner, any(asset_id) AS asset, any(asset_criticality) AS criticality, any(phase) AS phase,
      any(election) AS election, any(toString(source_id)) AS source, argMax(event_id, timestamp) AS event, count() AS probes,
      countIf(event_outcome = 'failure' OR http_status_code >= 500) AS failures
    FROM ${events}
    WHERE timestamp >= ${at(until - SESSION_MS)} AND timestamp < ${at(until)} AND dataset = 'siaga.probe' AND event_action = 'page_probe'
    GROUP BY site, region, owner ORDER BY failures DESC, site LIMIT ${MAX_SITES}`
}

/** Sites that were suspicious in the two minutes before `window`: site, region, owner. */
export function suspectsQuery({ verdicts }: FloodTables, window: number): string {
  return `SELECT DISTINCT site, toString(region_code) AS region, toString(owner) AS owner FROM ${verdicts} FINAL
    WHERE window_start >= ${at(window - 2 * MINUTE_MS)} AND window_start < ${at(window)} AND verdict IN ('attack', 'mixed')`
}

/** The newest minute that is counted, milliseconds since 1970 UTC; 0 for none: last. */
export function lastQuery({ minutes }: FloodTables): string {
  return `SELECT toInt64(toUnixTimestamp(max(minute))) * 1000 AS last FROM ${minutes}`
}

/** Columns of kept requests that are asked for by name. */
const keptColumns = [
  'source_ip',
  'source_asn',
  'user_agent_original',
  'user_agent_name',
  'user_agent_os',
  'http_status_code',
  'path',
  'static',
  'api',
  'page',
  'query',
  'post',
  'costly',
  'needs',
  'lacks',
  'tool',
  'http1',
  'desk',
  'major',
  'class',
  'kind',
].join(', ')

/**
 * Keeps the requests of these sites in the ten minutes to the end of the window under the name `run`: events are read once for all of them, and
 * what is asked of them is asked of few rows.
 */
export function keepRequests(
  { events, requests }: FloodTables,
  networks: Networks,
  run: string,
  window: number,
  kept: readonly Kept[],
): string {
  const end = window + MINUTE_MS
  const sites = kept.map(({ site, sample }) => {
    const place = `${siteIs(site.site)} AND region_code = ${quote(site.region)} AND owner = ${quote(site.owner)}`
    return `(${place} AND cityHash64(source_ip, user_agent_original) % ${whole(sample)} = 0)`
  })
  const number = `multiIf(${kept.map(({ n }, at) => `${sites[at]}, ${whole(n)}`).join(', ')}, 0)`
  return `INSERT INTO ${requests} (run, n, url, t, recent, earlier, of_path, ${keptColumns})
    SELECT ${quote(run)}, ${number}, cityHash64(url_original), toUnixTimestamp64Milli(timestamp) AS t, timestamp >= ${at(window)} AS recent,
      timestamp >= ${at(window - BEFORE_MS)} AND NOT recent, if(static, substring(path(http_referrer), 1, ${PATH_LENGTH}), path), ${keptColumns}
    FROM (SELECT *, ${requestColumns(networks)} FROM ${events}
      WHERE timestamp >= ${at(end - SESSION_MS)} AND timestamp < ${at(end)} AND ${isRequest} AND (${sites.join(' OR ')}))`
}

/** The parts of the kept requests of site `n`, those with too few left out. Rows as `Part`. */
export function partsQuery(
  { requests: table }: FloodTables,
  run: string,
  n: number,
  { chrome, known }: PartsOptions,
): string {
  const inWindow = 'recent'
  const novel = `NOT static AND path NOT IN (${list(known.length === 0 ? ['/'] : known.slice(0, MAX_KNOWN_PATHS))})`
  const old = `major > 0 AND major + ${OLD_RELEASES} < ${whole(chrome)}`
  const requests = `SELECT * FROM ${table} WHERE run = ${quote(run)} AND n = ${whole(n)}`
  const clients = `SELECT source_ip AS ip, user_agent_original AS agent, any(source_asn) AS asn, any(class) AS network,
      concat(any(user_agent_name), ' · ', any(user_agent_os)) AS family, any(kind) AS client_kind,
      uniqExactStateIf(url, query AND recent) AS query_state,
      countIf(earlier) AS before, count() AS long, countIf(page AND NOT post) AS pages_long_, countIf(static) AS statics_long_, countIf(api) AS apis_long,
      countIf(post) AS posts_long, countIf(query) AS queries_long,
      groupArraySortedIf(${MAX_BEATS})(t, page AND NOT post) AS beats,
      ${sums(inWindow, novel, old)}
    FROM (${requests}) GROUP BY ip, agent, http1 HAVING requests > 0`
  const subnet = `if(position(ip, ':') > 0, arrayStringConcat(arraySlice(splitByChar(':', ip), 1, 3), ':'), arrayStringConcat(arraySlice(splitByChar('.', ip), 1, 3), '.'))`
  const keyed = `SELECT *, multiIf(posts_long * 2 > long, 'posts', queries_long * 2 > long, 'queries', apis_long * 2 > long, 'calls',
        statics_long_ > 0 OR apis_long > 0, 'browser', pages_long_ >= 3, 'bare', 'single') AS behaviour,
      length(beats) AS beat, if(beat >= ${LEAST_BEATS}, arrayElement(beats, -1) - arrayElement(beats, 1), 0) AS span,
      arraySum(gap -> gap * gap, arrayPopFront(arrayDifference(beats))) AS gaps,
      arrayJoin(['all:', concat('network:', network), concat('system:', toString(asn)), concat('subnet:', ${subnet}),
        concat('agent:', substring(agent, 1, ${AGENT_LENGTH})), concat('family:', family), concat('kind:', client_kind),
        concat('behaviour:', behaviour), concat('session:', behaviour, ' · ', network)]) AS part
    FROM (${clients})`
  const plain = countNames.filter((name) => name !== 'unique_queries')
  const columns = [
    ...plain,
    'unique_queries',
    'before',
    'clients',
    'addresses',
    'agents',
    'top_agent',
    'requests_long',
    'pages_long',
    'statics_long',
    'squares_long',
    'single',
    'bare',
    'paced',
    'steady',
  ]
  const ofClients = `SELECT part, ${plain.map((name) => `sum(c.${name}) AS ${name}`).join(', ')}, uniqExactMerge(query_state) AS unique_queries,
      sum(c.before) AS before, count() AS clients, uniqExact(ip) AS addresses, uniqExact(agent) AS agents,
      arrayMax(tupleElement(sumMap([cityHash64(agent)], [c.requests]), 2)) AS top_agent, sum(long) AS requests_long, sum(pages_long_) AS pages_long,
      sum(statics_long_) AS statics_long, sum(long * long) AS squares_long, countIf(behaviour = 'single' AND pages_long_ > 0) AS single,
      countIf(behaviour = 'bare') AS bare, countIf(beat >= ${LEAST_BEATS}) AS paced,
      countIf(beat >= ${LEAST_BEATS} AND span > 0 AND (beat - 1) * gaps < ${1 + STEADY ** 2} * span * span) AS steady
    FROM (${keyed}) AS c GROUP BY part`
  // Of paths all clients count, so that a flood behind the address and agent of voters still stands out by what it asks for.
  const ofPaths = `SELECT concat('path:', place) AS part, ${plain.map((name) => `sum(p.${name}) AS ${name}`).join(', ')}, uniqExactMerge(query_state) AS unique_queries,
      sum(p.before) AS before, countIf(asks > 0) AS clients, uniqExactIf(ip, asks > 0) AS addresses, uniqExactIf(agent, asks > 0) AS agents,
      arrayMax(tupleElement(sumMap([cityHash64(agent)], [p.requests]), 2)) AS top_agent, sum(long) AS requests_long, sum(pages_long_) AS pages_long, sum(statics_long_) AS statics_long, 0 AS squares_long,
      0 AS single, 0 AS bare, 0 AS paced, 0 AS steady
    FROM (SELECT of_path AS place, source_ip AS ip, user_agent_original AS agent,
        countIf(earlier AND NOT static) AS before, countIf(NOT static) AS long, countIf(page AND NOT post) AS pages_long_, countIf(static) AS statics_long_,
        countIf(recent AND NOT static) AS asks, uniqExactStateIf(url, query AND recent) AS query_state,
        ${sums('recent AND NOT static', novel, old)}
      FROM (${requests}) GROUP BY place, ip, agent, http1) AS p
    WHERE place != '' GROUP BY place HAVING requests > 0`
  return `SELECT part, ${columns.map((name) => `toFloat64(${name}) AS ${name}`).join(', ')}
    FROM (SELECT part, ${columns.join(', ')} FROM (${ofClients}) UNION ALL SELECT part, ${columns.join(', ')} FROM (${ofPaths}))
    WHERE requests >= ${LEAST_REQUESTS} ORDER BY requests DESC, part LIMIT ${MAX_PARTS} BY substringIndex(part, ':', 1)
    SETTINGS max_memory_usage = ${2 * 1024 ** 3}`
}
