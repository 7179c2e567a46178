// Which 25 questions does a situation room ask? Each as one would ask it here, and as one would ask a plain table in order of time.
import { NOW, utc } from './world.ts'

/** A question in two forms with the same answer. `naive` reads siaga.naive and no rollup. */
export interface Question {
  readonly name: string
  /** The question in a line. */
  readonly asks: string
  readonly good: string
  readonly naive: string
}

/** Values that events of the run hold: asked of the made year before the questions are. */
export interface Subjects {
  /** Codes of four provinces, each asked about by other questions. */
  readonly provinces: readonly [string, string, string, string]
  /** A scanner's address that came often in the last day. */
  readonly address: string
  readonly user: string
  readonly userRegion: string
  readonly asset: string
  readonly assetRegion: string
  readonly eventId: string
  readonly eventRegion: string
  /** `YYYY-MM-DD hh:mm:ss.sss` UTC. */
  readonly eventTime: string
}

const now = utc(NOW)
const since = (hours: number, column: string): string =>
  `${column} >= ${now} - INTERVAL ${hours * 60} MINUTE AND ${column} < ${now}`
/** Before it happened no event lands. Days are partitions, so that this leaves out the rest of the year. */
const landed = (hours: number): string => `ingested_at >= ${now} - INTERVAL ${hours} HOUR`
/** A province and what lies beneath it, in the words that the sort key understands: codes below run from `32.` up to `32/`. */
const under = (code: string): string =>
  `(region_code = '${code}' OR (region_code >= '${code}.' AND region_code < '${code}/'))`
const level = `multiIf(score >= 90, 'critical', score >= 70, 'high', score >= 40, 'medium', score >= 20, 'low', 'none')`
const top = (kind: Kind, hours: number, region: string, order: string): string =>
  `SELECT value, sum(events) AS n, sum(failures) AS failed, sum(points) AS risk FROM siaga.top_hours
   WHERE kind = '${kind}' AND ${region} AND ${since(hours, 'event_hour')} GROUP BY value ORDER BY ${order} DESC, value LIMIT 20`
// What top_hours leaves out, event by event (ADR 34), is left out here too, so that the answers can be compared.
const told = {
  source_ip:
    "source_ip != '' AND (score >= 20 OR event_category = 'authentication') AND event_category != 'network' AND network_transport NOT IN ('udp', 'icmp', 'ipv6-icmp') AND source_scope NOT IN ('loopback', 'link_local')",
  source_asn: 'source_asn != 0',
  user_name: "user_name != '' AND length(user_name) <= 64",
  url_path:
    "url_path != '' AND length(url_path) <= 128 AND (http_status_code BETWEEN 200 AND 299 OR http_status_code IN (304, 401, 500))",
} as const
type Kind = keyof typeof told
const topNaive = (kind: Kind, hours: number, region: string, order: string): string =>
  `SELECT toString(${kind}) AS value, count() AS n, countIf(event_outcome = 'failure') AS failed, sumIf(score, score >= 20) AS risk FROM siaga.naive
   WHERE ${told[kind]} AND ${region} AND ${since(hours, 'timestamp')} GROUP BY value ORDER BY ${order} DESC, value LIMIT 20`

/** The questions, in the order in which they are asked. */
export function questions(of: Subjects): Question[] {
  return [...situation(of), ...people(of), ...hunts(of)]
}

function situation({ provinces: [first, second, third, fourth] }: Subjects): Question[] {
  return [
    {
      name: 'minutes',
      asks: 'events by minute in the last hour, nation',
      good: `SELECT event_minute, sum(events) AS n FROM siaga.activity_minutes WHERE ${since(1, 'event_minute')} GROUP BY event_minute ORDER BY event_minute`,
      naive: `SELECT toStartOfMinute(timestamp) AS event_minute, count() AS n FROM siaga.naive WHERE ${since(1, 'timestamp')} GROUP BY event_minute ORDER BY event_minute`,
    },
    {
      name: 'provinces',
      asks: 'events and high scores by province in the last 15 minutes',
      good: `SELECT substring(region_code, 1, 2) AS province, sum(events) AS n, sum(alerts_score) AS high FROM siaga.activity_minutes WHERE ${since(0.25, 'event_minute')} GROUP BY province ORDER BY province`,
      naive: `SELECT substring(region_code, 1, 2) AS province, count() AS n, countIf(score >= 70) AS high FROM siaga.naive WHERE ${since(0.25, 'timestamp')} GROUP BY province ORDER BY province`,
    },
    {
      name: 'severities',
      asks: 'severities of the last 24 hours in a province with its districts',
      good: `SELECT severity, sum(events) AS n, max(score_max) AS worst FROM siaga.activity_hours WHERE ${under(first)} AND ${since(24, 'event_hour')} GROUP BY severity ORDER BY severity`,
      naive: `SELECT ${level} AS severity, count() AS n, max(score) AS worst FROM siaga.naive WHERE ${under(first)} AND ${since(24, 'timestamp')} GROUP BY severity ORDER BY severity`,
    },
    {
      name: 'top_sources_region',
      asks: 'top addresses of a province in 24 hours',
      good: top('source_ip', 24, under(first), 'n'),
      naive: topNaive('source_ip', 24, under(first), 'n'),
    },
    {
      name: 'top_asns_region',
      asks: 'top networks of a province in 7 days',
      good: top('source_asn', 168, under(second), 'n'),
      naive: topNaive('source_asn', 168, under(second), 'n'),
    },
    {
      name: 'top_users_nation',
      asks: 'users with most failures in 24 hours, nation',
      good: top('user_name', 24, '1', 'failed'),
      naive: topNaive('user_name', 24, '1', 'failed'),
    },
    {
      name: 'top_urls_nation',
      asks: 'top paths in 24 hours, nation',
      good: top('url_path', 24, '1', 'n'),
      naive: topNaive('url_path', 24, '1', 'n'),
    },
    {
      name: 'ingest_lag',
      asks: 'histogram of the time from receipt to landing in the last hour',
      good: `SELECT bucket_ms, sum(events) AS n FROM siaga.ingest_lag WHERE ${since(1, 'minute')} GROUP BY bucket_ms ORDER BY bucket_ms`,
      naive: `SELECT toUInt32(exp2(ceil(log2(greatest(1, least(2147483648, dateDiff('millisecond', received_at, ingested_at))))))) AS bucket_ms, count() AS n
        FROM siaga.naive WHERE ${since(1, 'ingested_at')} GROUP BY bucket_ms ORDER BY bucket_ms`,
    },
    {
      name: 'voting_day_hours',
      asks: 'voting day hour by hour and category, nation',
      good: `SELECT event_hour, event_category, sum(events) AS n, sum(http_errors) AS errors FROM siaga.activity_hours WHERE election = 'pilkada-2024' AND phase = 'pemungutan' AND event_hour < ${now} GROUP BY event_hour, event_category ORDER BY event_hour, event_category`,
      naive: `SELECT toStartOfHour(timestamp) AS event_hour, event_category, count() AS n, countIf(http_status_code >= 500) AS errors FROM siaga.naive WHERE election = 'pilkada-2024' AND phase = 'pemungutan' AND timestamp < ${now} GROUP BY event_hour, event_category ORDER BY event_hour, event_category`,
    },
    {
      name: 'phases_compared',
      asks: 'the same phases of two elections by category, nation',
      good: `SELECT election, phase, event_category, sum(events) AS n, sum(failures) AS failed FROM siaga.activity_hours WHERE election IN ('pemilu-2024', 'pilkada-2024') AND phase IN ('masa_tenang', 'pemungutan') AND event_hour < ${now} GROUP BY election, phase, event_category ORDER BY election, phase, event_category`,
      naive: `SELECT election, phase, event_category, count() AS n, countIf(event_outcome = 'failure') AS failed FROM siaga.naive WHERE election IN ('pemilu-2024', 'pilkada-2024') AND phase IN ('masa_tenang', 'pemungutan') AND timestamp < ${now} GROUP BY election, phase, event_category ORDER BY election, phase, event_category`,
    },
    {
      name: 'web_errors',
      asks: 'share of web requests that failed by province in 24 hours',
      good: `SELECT substring(region_code, 1, 2) AS province, sum(events) AS n, sum(http_errors) AS errors FROM siaga.activity_hours WHERE event_category = 'web' AND ${since(24, 'event_hour')} GROUP BY province ORDER BY province`,
      naive: `SELECT substring(region_code, 1, 2) AS province, count() AS n, countIf(http_status_code >= 500) AS errors FROM siaga.naive WHERE event_category = 'web' AND ${since(24, 'timestamp')} GROUP BY province ORDER BY province`,
    },
    {
      name: 'risk_ranking',
      asks: 'addresses by points of risk in 7 days in a province',
      good: top('source_ip', 168, under(fourth), 'risk'),
      naive: topNaive('source_ip', 168, under(fourth), 'risk'),
    },
    {
      name: 'scanner_share',
      asks: 'requests of research scanners by district of a province in 24 hours',
      good: `SELECT region_code, count() AS n, countIf(source_scanner != '') AS scans FROM siaga.events WHERE ${under(third)} AND ${since(24, 'timestamp')} AND ${landed(24)} GROUP BY region_code ORDER BY region_code`,
      naive: `SELECT region_code, count() AS n, countIf(source_scanner != '') AS scans FROM siaga.naive WHERE ${under(third)} AND ${since(24, 'timestamp')} GROUP BY region_code ORDER BY region_code`,
    },
  ]
}

function people(of: Subjects): Question[] {
  // As people write it. Lines of one address or user hardly share a millisecond; where two do, the comparison of the answers shows it.
  const raw = (table: string, where: string, more: string): string =>
    `SELECT timestamp, region_code, event_id, score, message FROM siaga.${table} WHERE ${where} AND ${more} ORDER BY timestamp DESC LIMIT 100`
  return [
    {
      name: 'address_regions',
      asks: 'one address across regions and hours, 30 days',
      good: `SELECT region_code, count() AS hours, sum(n) AS n, max(m) AS worst FROM (SELECT region_code, event_hour, sum(events) AS n, max(score_max) AS m FROM siaga.top_hours WHERE kind = 'source_ip' AND value = '${of.address}' AND ${since(720, 'event_hour')} GROUP BY region_code, event_hour) GROUP BY region_code ORDER BY n DESC, region_code LIMIT 50`,
      naive: `SELECT region_code, uniqExact(toStartOfHour(timestamp)) AS hours, count() AS n, max(score) AS worst FROM siaga.naive WHERE source_ip = '${of.address}' AND ${told.source_ip} AND ${since(720, 'timestamp')} GROUP BY region_code ORDER BY n DESC, region_code LIMIT 50`,
    },
    {
      name: 'address_timeline',
      asks: 'the latest lines of one address, 24 hours, nation',
      good: raw('events', `source_ip = '${of.address}'`, `${since(24, 'timestamp')} AND ${landed(24)}`),
      naive: raw('naive', `source_ip = '${of.address}'`, since(24, 'timestamp')),
    },
    {
      name: 'user_timeline',
      asks: 'the latest lines of one user in a region, 30 days',
      good: raw(
        'events',
        `user_name = '${of.user}' AND region_code = '${of.userRegion}'`,
        `${since(720, 'timestamp')} AND ${landed(720)}`,
      ),
      naive: raw('naive', `user_name = '${of.user}' AND region_code = '${of.userRegion}'`, since(720, 'timestamp')),
    },
    {
      name: 'event_by_id',
      asks: 'one event by id, region and time, as an alert names it',
      good: `SELECT * EXCEPT (fields, factors) FROM siaga.events WHERE event_id = '${of.eventId}' AND region_code = '${of.eventRegion}' AND timestamp = '${of.eventTime}' AND ingested_at >= '${of.eventTime}'`,
      naive: `SELECT * EXCEPT (fields, factors) FROM siaga.naive WHERE event_id = '${of.eventId}' AND region_code = '${of.eventRegion}' AND timestamp = '${of.eventTime}'`,
    },
    {
      name: 'asset_errors',
      asks: "one asset's requests and errors by hour, 7 days",
      good: `SELECT event_hour, sum(events) AS n, sum(http_errors) AS errors FROM siaga.activity_hours WHERE region_code = '${of.assetRegion}' AND asset_id = '${of.asset}' AND ${since(168, 'event_hour')} GROUP BY event_hour ORDER BY event_hour`,
      naive: `SELECT toStartOfHour(timestamp) AS event_hour, count() AS n, countIf(http_status_code >= 500) AS errors FROM siaga.naive WHERE region_code = '${of.assetRegion}' AND asset_id = '${of.asset}' AND ${since(168, 'timestamp')} GROUP BY event_hour ORDER BY event_hour`,
    },
  ]
}

function hunts({ provinces: [first, second] }: Subjects): Question[] {
  const both = (name: string, asks: string, hours: number, ask: (table: string, when: string) => string): Question => ({
    name,
    asks,
    good: ask('siaga.events', `${since(hours, 'timestamp')} AND ${landed(hours)}`),
    naive: ask('siaga.naive', since(hours, 'timestamp')),
  })
  const tool = (table: string, when: string): string =>
    `SELECT source_ip, uniqExact(region_code) AS regions, count() AS n FROM ${table} WHERE user_agent_name = 'sqlmap' AND ${when} GROUP BY source_ip HAVING regions >= 3 ORDER BY regions DESC, n DESC, source_ip LIMIT 100`
  return [
    both(
      'guessed_then_in',
      'ten failures and a success from one address in an hour, nation, 24 hours',
      24,
      (table, when) =>
        `SELECT source_ip, toStartOfHour(timestamp) AS hour, countIf(event_outcome = 'failure') AS failed, countIf(event_outcome = 'success') AS succeeded FROM ${table}
       WHERE event_category = 'authentication' AND ${when} GROUP BY source_ip, hour HAVING failed >= 10 AND succeeded > 0 ORDER BY failed DESC, source_ip, hour LIMIT 100`,
    ),
    {
      name: 'web_shells',
      asks: 'paths of web shells that did not answer 404, by region, 30 days',
      good: `SELECT region_code, value AS path, sum(events) AS n, max(score_max) AS worst FROM siaga.top_hours WHERE kind = 'url_path' AND value LIKE '/uploads/%.php' AND ${since(720, 'event_hour')} GROUP BY region_code, path ORDER BY n DESC, region_code, path LIMIT 100`,
      naive: `SELECT region_code, url_path AS path, count() AS n, max(score) AS worst FROM siaga.naive WHERE url_path LIKE '/uploads/%.php' AND ${told.url_path} AND ${since(720, 'timestamp')} GROUP BY region_code, path ORDER BY n DESC, region_code, path LIMIT 100`,
    },
    both(
      'password_spray',
      'addresses that failed with 20 users of a region, 24 hours',
      24,
      (table, when) =>
        `SELECT source_ip, uniqExact(user_name) AS users, count() AS failed FROM ${table} WHERE event_category = 'authentication' AND event_outcome = 'failure' AND (region_code = '00' OR ${under(second)}) AND ${when}
       GROUP BY source_ip HAVING users >= 20 ORDER BY users DESC, source_ip LIMIT 100`,
    ),
    both(
      'new_admins',
      'accounts with rights of an administrator made in 24 hours, nation',
      24,
      (table, when) =>
        `SELECT timestamp, region_code, host_name, user_name, user_target_name FROM ${table} WHERE event_category = 'iam' AND event_action = 'user_created' AND score >= 20 AND ${when} ORDER BY timestamp DESC, event_id LIMIT 100`,
    ),
    {
      name: 'tool_in_regions',
      asks: 'one tool in several regions, 24 hours',
      // Only requests have a user agent: said, it leaves out the rest.
      good: tool('siaga.events', `event_category = 'web' AND ${since(24, 'timestamp')} AND ${landed(24)}`),
      naive: tool('siaga.naive', since(24, 'timestamp')),
    },
    {
      name: 'rare_paths',
      asks: 'paths that were asked for once in 24 hours in a province',
      good: `SELECT value AS path, sum(events) AS n FROM siaga.top_hours WHERE kind = 'url_path' AND ${under(first)} AND ${since(24, 'event_hour')} GROUP BY path HAVING n = 1 ORDER BY path LIMIT 100`,
      naive: `SELECT url_path AS path, count() AS n FROM siaga.naive WHERE ${told.url_path} AND ${under(first)} AND ${since(24, 'timestamp')} GROUP BY path HAVING n = 1 ORDER BY path LIMIT 100`,
    },
    both(
      'text_search',
      'a text in the lines of a province, 24 hours',
      24,
      (table, when) =>
        `SELECT timestamp, region_code, source_ip, message FROM ${table} WHERE ${under(first)} AND message LIKE '%UNION%SELECT%' AND ${when} ORDER BY timestamp DESC, event_id LIMIT 100`,
    ),
  ]
}
