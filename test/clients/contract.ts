// Which tables do the dashboards ask for that other migrations make? Made here from their contract while they are missing; then this file goes.
import { tableAccess } from '../../deploy/clickhouse/tables.ts'
import type { ClickHouse } from '../../runtime/clickhouse.ts'

const severity = `multiIf(score >= 90, 'critical', score >= 70, 'high', score >= 40, 'medium', score >= 20, 'low', 'none')`
const sums = `count() AS events, sum(length(message)) AS bytes, countIf(event_outcome = 'failure') AS failures,
  countIf(http_status_code >= 500) AS http_errors, countIf(events.score >= 70) AS alerts_score, max(events.score)::SimpleAggregateFunction(max, UInt8) AS score_max,
  max(ingested_at)::SimpleAggregateFunction(max, DateTime64(3, 'UTC')) AS last_ingested_at`
const activity = (column: string, start: string): string => `
SELECT region_code, owner, election, phase, ${start}(timestamp)::DateTime('UTC') AS ${column}, event_category, ${severity} AS severity, asset_id, ${sums}
FROM siaga.events GROUP BY region_code, owner, election, phase, ${column}, event_category, severity, asset_id`

/** Tables of the contract, each with its kind and the query that makes it. */
const contract = {
  activity_minutes: { kind: 'regional', made: activity('event_minute', 'toStartOfMinute') },
  activity_hours: { kind: 'regional', made: activity('event_hour', 'toStartOfHour') },
  top_hours: {
    kind: 'regional',
    made: `SELECT region_code, owner, kv.1 AS kind, kv.2 AS value, toStartOfHour(timestamp)::DateTime('UTC') AS event_hour, count() AS events,
      countIf(event_outcome = 'failure') AS failures, sum(score) AS points, max(score)::SimpleAggregateFunction(max, UInt8) AS score_max
      FROM siaga.events ARRAY JOIN arrayFilter(e -> e.2 NOT IN ('', '0'), [('source_ip', source_ip), ('user_name', user_name), ('url_path', url_path), ('source_asn', toString(source_asn))]) AS kv
      GROUP BY region_code, owner, kind, value, event_hour`,
  },
  region_names: {
    kind: 'common',
    made: `SELECT p.1 AS region_code, p.2 AS name, 'province' AS level, '' AS parent, 'WIB' AS zone
      FROM (SELECT arrayJoin([('00', 'Nasional'), ('31', 'DKI Jakarta'), ('31.74', 'Jakarta Selatan'), ('32', 'Jawa Barat'), ('32.73', 'Bandung')]) AS p)`,
  },
  election_windows: {
    kind: 'common',
    made: `SELECT 'pilkada-2024' AS election, arrayJoin(['kampanye', 'masa_tenang']) AS phase, '32' AS region_code,
      now64(3, 'UTC') - INTERVAL 9 DAY AS \`from\`, now64(3, 'UTC') AS \`to\``,
  },
} as const

const missing = Object.entries(contract).filter(([name]) => tableAccess[name] === undefined)

/** Before the server starts: rooms may read what is missing. */
export function grantMissing(): void {
  for (const [name, { kind }] of missing) {
    const access = kind === 'regional' ? { kind, region: 'region_code', owner: 'owner' } : { kind }
    Object.assign(tableAccess, { [name]: access })
  }
}

/** After the rows are in: the tables that are missing, and rows of reference in those that are there and empty. */
export async function makeMissing(admin: ClickHouse): Promise<void> {
  for (const [name, { kind, made }] of Object.entries(contract)) {
    const isMissing = missing.some(([one]) => one === name)
    if (isMissing) await admin.command(`CREATE TABLE siaga.${name} ENGINE = MergeTree ORDER BY tuple() AS ${made}`)
    else if (kind === 'common') await admin.command(`INSERT INTO siaga.${name} (${columns[name]}) ${made}`)
  }
}

/** Columns of the rows of reference, as the contract names them. */
const columns: Readonly<Record<string, string>> = {
  region_names: 'region_code, name, level, parent, zone',
  election_windows: 'election, phase, region_code, `from`, `to`',
}
