// What do clients, dashboards and the notebook look at in tests? Made events of some regions, and one attack with all that follows from it.
import type { ClickHouse } from '../../runtime/clickhouse.ts'

/** Address (of documentation, RFC 5737) of the made attack: it guesses passwords in 32.73 and tries the same elsewhere. */
export const ATTACKER = '203.0.113.66'
/** The alert about it in region 32.73. */
export const ALERT_ID = 'alert-cerita-1'
/** Ordinary events of each place. */
export const EVENTS_OF_A_PLACE = 30_000
/** Regions and owners of the ordinary events. */
const seedPlaces = [
  { region_code: '32', owner: 'pemda' },
  { region_code: '32', owner: 'kpu' },
  { region_code: '32.73', owner: 'kpu' },
  { region_code: '32.73', owner: '' },
  { region_code: '32.73', owner: 'bawaslu' },
  { region_code: '31', owner: 'kpu' },
  { region_code: '31.74', owner: 'pemda' },
  { region_code: '00', owner: 'bssn' },
  { region_code: '', owner: '' },
] as const

const list = (values: readonly string[]): string => `[${values.map((value) => `'${value}'`).join(', ')}]`
const regions = list(seedPlaces.map(({ region_code }) => region_code))
const owners = list(seedPlaces.map(({ owner }) => owner))

/** Fills database siaga, whose tables must be there. Rows end at `now` of the server; takes about two seconds. */
export async function seed(admin: ClickHouse): Promise<void> {
  await admin.command(ordinaryEvents)
  await admin.command(attackEvents)
  await admin.command(findings)
  await admin.command(alerts)
  await admin.command(verdicts)
  await admin.command(sourceStates)
  await admin.command(held)
  await admin.command(suppressions)
}

const eventColumns = `timestamp, received_at, ingested_at, retain_until, event_id, source_id, dataset, message, region_code, owner, asset_id,
  asset_criticality, election, phase, event_category, event_action, event_outcome, user_name, source_ip, source_country, source_asn, source_as_name,
  url_path, http_method, http_status_code, score, factors, rule_ids, score_version, _stream, _partition, _offset`

// Half of it within a day, the rest spread over nine days, so that a panel that looks a week back finds something.
const ordinaryEvents = `INSERT INTO siaga.events (${eventColumns})
WITH
  1 + number % ${seedPlaces.length} AS place,
  cityHash64(number, 1) AS a, cityHash64(number, 2) AS b,
  a % 10 < 7 AS web,
  if(b % 200 = 0, 70 + a % 30, if(b % 20 = 0, 20 + a % 40, a % 5)) AS points,
  now64(3, 'UTC') - toIntervalSecond(if(a % 2 = 0, b % 86400, b % 777600)) AS at
SELECT
  at, at + toIntervalMillisecond(a % 900), at + toIntervalMillisecond(1000 + b % 4000), now() + INTERVAL 1 YEAR,
  concat('biasa-', toString(number)), concat('sumber-', toString(place)), if(web, 'nginx.access', 'sshd'),
  concat('peristiwa ', toString(number)), ${regions}[place], ${owners}[place], concat('aset-', toString(place)), 'medium',
  if(a % 3 = 0, '', 'pilkada-2024'), if(a % 3 = 0, '', if(a % 3 = 1, 'kampanye', 'masa_tenang')),
  if(web, 'web', 'authentication'), if(web, '', 'ssh_login'), if(b % 7 = 0, 'failure', 'success'),
  if(web, '', concat('pengguna', toString(a % 50))), concat('198.51.100.', toString(a % 250)), 'ID', toUInt32(64500 + a % 9), 'CONTOH-AS',
  if(web, concat('/halaman/', toString(b % 40)), ''), if(web, 'GET', ''), if(web, if(b % 50 = 0, 503, 200), 0),
  points, [('prior', toInt32(-46), '')], if(points >= 70, ['auth.login_guessing'], []), 'v1', 'seed', number % 4, number
FROM numbers(${seedPlaces.length * EVENTS_OF_A_PLACE})`

// 40 wrong passwords from five hours ago on, one right one, then requests to the same site; the same address in 31.74 and without a region.
const attackEvents = `INSERT INTO siaga.events (${eventColumns})
WITH
  number < 41 AS login, number = 40 AS success, number < 60 AS here,
  now64(3, 'UTC') - INTERVAL 5 HOUR + toIntervalMinute(number) AS at
SELECT
  at, at + INTERVAL 1 SECOND, at + INTERVAL 2 SECOND, now() + INTERVAL 1 YEAR,
  concat('serangan-', toString(number)), 'sumber-3', if(login, 'sshd', 'nginx.access'),
  if(login, concat(if(success, 'Accepted', 'Failed'), ' password for admin from ${ATTACKER}'), 'GET /admin/hasil HTTP/1.1'),
  if(here, '32.73', if(number < 90, '31.74', '')), if(here, 'kpu', if(number < 90, 'pemda', '')), if(here, 'situs-kpu-bandung', 'situs-lain'), 'critical',
  'pilkada-2024', 'masa_tenang', if(login, 'authentication', 'web'), if(login, 'ssh_login', ''), if(login AND NOT success, 'failure', 'success'),
  if(login, 'admin', ''), '${ATTACKER}', 'NL', 64511, 'CONTOH-HOSTING',
  if(login, '', '/admin/hasil'), if(login, '', 'GET'), if(login, 0, 200),
  if(success, 95, if(login, 45, 75)), [('prior', toInt32(-46), ''), ('failed_login', toInt32(20), 'admin')], if(login, ['auth.login_guessing'], []), 'v1', 'seed-cerita', 0, number
FROM numbers(100)`

const severityOf = (score: string): string =>
  `multiIf(${score} >= 90, 'critical', ${score} >= 70, 'high', ${score} >= 40, 'medium', 'low')`

const findings = `INSERT INTO siaga.findings_rows
  (finding_id, rule_id, title, severity, attack, event_id, source_id, region_code, owner, asset_id, entity, evidence, window_start, window_end, score, dedup_key, landed_at)
SELECT
  concat('temuan-', event_id), if(event_category = 'web', 'web.admin_page', 'auth.login_guessing'),
  if(event_category = 'web', 'Admin page asked for', 'Passwords guessed'), ${severityOf('score')}, ['T1110'], event_id, source_id, region_code, owner, asset_id,
  concat('source_ip:', source_ip), [('source_ip', source_ip), ('user_name', user_name)], timestamp, timestamp, score, concat('k|', source_ip), ingested_at
FROM siaga.events WHERE score >= 70`

// Of each place one that is open, one resolved and one false alarm; and the one of the story.
const alerts = `INSERT INTO siaga.alerts_rows
  (alert_id, dedup_key, kind, status, rule_id, title, severity, score, region_code, owner, asset_id, entity, first_seen, last_seen, opened_at, changed_at,
   findings, findings_exact, matters, attack, worst, election, phase, acknowledged_at, acknowledged_by, version)
SELECT
  if(number = 0, '${ALERT_ID}', concat('alert-', toString(number))), concat('k|', toString(number)), 'findings',
  if(number = 0, 'open', ['open', 'resolved', 'false_positive'][1 + number % 3]) AS state, 'auth.login_guessing', 'Passwords guessed',
  if(number = 0, 'critical', 'high'), if(number = 0, 95, 75), if(number = 0, '32.73', ${regions}[place]), if(number = 0, 'kpu', ${owners}[place]),
  if(number = 0, 'situs-kpu-bandung', 'aset'), if(number = 0, 'source_ip:${ATTACKER}', concat('source_ip:198.51.100.', toString(number))),
  now64(3, 'UTC') - INTERVAL 5 HOUR, now64(3, 'UTC') - INTERVAL 4 HOUR, now64(3, 'UTC') - INTERVAL 4 HOUR AS opened, opened, 1 + number, 1, 1, ['T1110'], '{}',
  'pilkada-2024', 'masa_tenang', if(state = 'open', NULL, opened + toIntervalSecond(60 * (1 + number))), if(state = 'open', '', 'Dewi'), 1
FROM (SELECT number, 1 + intDiv(number, 3) % ${seedPlaces.length} AS place FROM numbers(${1 + 3 * seedPlaces.length}))`

const verdicts = `INSERT INTO siaga.verdicts
  (verdict_id, marked_at, marked_by, verdict, reason, subject, event_id, timestamp, region_code, owner, asset_id, source_ip, user_name, score, factors, score_version, _stream, _partition, _offset)
SELECT
  concat('nilai-', event_id), now64(3, 'UTC') - toIntervalMinute(_offset % 600), 'Dewi', if(score >= 80, 'true', 'false'), 'contoh', concat('event:', event_id),
  event_id, timestamp, region_code, owner, asset_id, source_ip, user_name, score, factors, score_version, _stream, _partition, _offset
FROM siaga.events WHERE score >= 70 AND _offset % 5 = 0`

const sourceStates = `INSERT INTO siaga.source_states
  (source_id, kind, region_code, owner, asset_id, state, counted_as, since, last_event, expected_at, reason, changed_at)
SELECT
  concat('sumber-', toString(number + 1)), 'source', ${regions}[number + 1], ${owners}[number + 1], concat('aset-', toString(number + 1)),
  ['live', 'live', 'silent', 'quiet', 'never'][1 + number % 5] AS now_it_is, now_it_is, now64(3, 'UTC') - INTERVAL 2 HOUR,
  if(now_it_is = 'never', toDateTime64(0, 3, 'UTC'), now64(3, 'UTC') - INTERVAL 2 HOUR), toDateTime64(0, 3, 'UTC'), 'contoh', now64(3, 'UTC') - INTERVAL 1 HOUR
FROM numbers(${seedPlaces.length})`

const held = `INSERT INTO siaga.alert_held_rows (hour, level, counts, findings)
SELECT toStartOfHour(now('UTC')) - INTERVAL 1 HOUR, 0, [('below_threshold', '70', 'web.admin_page', '32', toUInt64(12))], 12`

const suppressions = `INSERT INTO siaga.alert_suppressions_rows
  (suppression_id, kind, owner_name, reason, valid_from, valid_until, room, region_code, match, max_severity, made_at, made_by, findings, version)
SELECT 'tekan-1', 'suppression', 'Dewi', 'contoh', now64(3, 'UTC') - INTERVAL 1 DAY, now64(3, 'UTC') + INTERVAL 1 DAY, 'jabar', '32', '{}', 'medium', now64(3, 'UTC'), 'Dewi', 3, 1`

/** Regions and election windows, which the server is given when Siaga starts. */
export async function seedReference(admin: ClickHouse): Promise<void> {
  await admin.command(
    `INSERT INTO siaga.region_names (region_code, name, level, parent, zone) SELECT p.1 AS region_code, p.2 AS name, 'province' AS level, '' AS parent, 'WIB' AS zone
      FROM (SELECT arrayJoin([('00', 'Nasional'), ('31', 'DKI Jakarta'), ('31.74', 'Jakarta Selatan'), ('32', 'Jawa Barat'), ('32.73', 'Bandung')]) AS p)`,
  )
  await admin.command(
    `INSERT INTO siaga.election_windows (election, phase, region_code, \`from\`, \`to\`) SELECT 'pilkada-2024' AS election, arrayJoin(['kampanye', 'masa_tenang']) AS phase, '32' AS region_code,
      now64(3, 'UTC') - INTERVAL 9 DAY AS \`from\`, now64(3, 'UTC') AS \`to\``,
  )
}
