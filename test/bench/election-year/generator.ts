// How does an event of the election year come about? One SELECT for some landing days, every value a function of seed, day and number.
import { quote } from '../../../runtime/clickhouse.ts'
import { eventColumns } from '../../../schemas/event.ts'
import {
  agents,
  type Day,
  guessed,
  paths,
  probes,
  scannerNetworks,
  signatures,
  tools,
  visitorNetworks,
  type World,
} from './world.ts'

/** A landing day or a piece of one: `first` counts the events before the piece. */
export interface Piece extends Day {
  /** Where it starts within its day. */
  readonly from: number
}

/** A part of 0 (included) to 1, another for each `k`. */
const u = (k: number): string => `(bitShiftRight(intHash64(h + ${k}), 11) / 9007199254740992)`
/** A whole number below `m`. */
const n = (k: number, m: number | string): string => `(intHash64(h + ${k}) % ${m})`
/** A whole number below `m`, small ones by far the most frequent (Zipf's law with exponent 1). */
const skew = (k: number, m: number | string): string => `toUInt32(least(${m}, floor(exp(${u(k)} * log(${m} + 1)))) - 1)`
const list = (values: readonly (string | number)[]): string =>
  `[${values.map((value) => (typeof value === 'string' ? quote(value) : value)).join(',')}]`
const pick = (values: readonly (string | number)[], index: string): string =>
  `arrayElement(${list(values)}, toUInt32(${index}) + 1)`
const ip = (high: string, hash: string): string =>
  `IPv4NumToString(toUInt32(bitShiftLeft(toUInt32(${high}), 24) + (${hash} % 16777216)))`

/**
 * A query whose rows are these landing days, in the order of `eventColumns`. Times of day follow the clock of the place, scanners do not; 2 % arrive up
 * to three days late. Deterministic: same seed, same rows, whatever the number of threads and pieces. Rows of other days change nothing here but ids
 * and offsets. Several days in one query, because the server thinks for a second before it begins.
 */
export function selectDays(world: World, pieces: readonly Piece[], seed: number): string {
  const columns = Object.keys(eventColumns)
  const numbers = pieces.map(
    ({ day, rows, first, from, seconds }) =>
      `SELECT number AS i, toUInt64(${first - from} + number) AS nth, toUInt32(${day / 1000}) AS day, toUInt32(${seconds}) AS seconds FROM numbers(${from}, ${rows})`,
  )
  return `SELECT ${columns.join(', ')} FROM (SELECT *, ${lines()} FROM (SELECT *, ${texts()} FROM (SELECT *, ${kindsOfEvents()} FROM (SELECT *, ${facts(world)}
  FROM (SELECT *, ${places(world)} FROM (SELECT *, ${placeOf(world)} FROM (SELECT *, ${kinds(seed)} FROM (
    SELECT *, cityHash64(toUInt64(${seed}), day, i) AS h FROM (${numbers.join(' UNION ALL ')})
))))))))`
}

// What it is, and whether it belongs to a campaign of guessing: ten a day, each from one address against one place in one hour.
function kinds(seed: number): string {
  return `
    toUInt32(${n(1, 1000)}) AS k,
    multiIf(k < 620, 'web', k < 760, 'firewall', k < 880, 'ssh', k < 930, 'ids', k < 970, 'login', k < 990, 'sudo', 'dns') AS kind,
    kind IN ('ssh', 'login') AND ${n(2, 25)} = 0 AS campaign,
    cityHash64(toUInt64(${seed}), day, ${n(3, 10)}) AS ch,
    campaign OR toUInt32(${n(4, 100)}) < multiIf(kind = 'web', 7, kind = 'firewall', 85, kind = 'ssh', 60, kind = 'ids', 75, kind = 'login', 8, 0) AS scans,
    ${u(5)} AS r`
}

const placeOf = ({ slots }: World): string =>
  `${pick(slots, `if(campaign, ch, intHash64(h + 6)) % ${slots.length}`)} AS place`

function places({ places: all }: World): string {
  return `
    ${pick(
      all.map(({ code }) => code),
      'place',
    )} AS region_code,
    toInt32(${pick(
      all.map(({ offset }) => offset),
      'place',
    )}) AS zone,
    toUInt32(${pick(
      all.map(({ phases }) => phases),
      'place',
    )}) AS calendar,
    ${u(7)} * 86400 AS even,
    -- The density of the day is 1 + 0.8 cos, highest at 14:00 of the place.
    even - 0.75 * 13750.99 * sin(6.2831853 * (even - (14 - zone) * 3600) / 86400) AS rhythm,
    toUInt32(multiIf(campaign, ch % 23 * 3600 + ${n(8, 3600)}, scans, even, rhythm < 0, rhythm + 86400, rhythm >= 86400, rhythm - 86400, rhythm)) % seconds AS second,
    fromUnixTimestamp64Milli((toInt64(day) + second) * 1000, 'UTC') AS ingested_at,
    ingested_at - toIntervalMillisecond(60 + toUInt32(${u(9)} * ${u(10)} * 940)) AS received_at,
    toUInt32(${n(11, 50)}) = 0 AS late,
    received_at - toIntervalMillisecond(if(late, toUInt32(60000 + ${u(12)} * ${u(12)} * 259000000), toUInt32(${u(13)} * ${u(14)} * 1500))) AS timestamp`
}

function facts({ elections, phases, phaseDays, firstPhaseDay }: World): string {
  const address = `multiIf(campaign, ${ip('45 + ch % 150', 'intHash64(ch)')},
      scans, ${ip('60 + rank % 130', 'intHash64(rank)')},
      kind IN ('sudo', 'dns'), concat('10.', toString(place % 250), '.', toString(rank % 4), '.', toString(10 + rank % 200)),
      ${ip(pick([36, 103, 114, 118, 125, 139, 180, 182], 'rank % 8'), 'intHash64(rank * 1000 + place)')})`
  const asset = `multiIf(kind = 'web', ${pick(['web', 'web', 'info', 'api'], n(20, 4))}, kind = 'login', 'sirekap', kind IN ('firewall', 'ids'), 'gw', 'db')`
  return `
    kind AS _kind,
    arrayElement(${list(elections)}, 1 + ${phaseDays} * calendar + toUInt32(intDiv(toUnixTimestamp64Milli(timestamp) + zone * 3600000 - ${firstPhaseDay}, 86400000))) AS election,
    arrayElement(${list(phases)}, 1 + ${phaseDays} * calendar + toUInt32(intDiv(toUnixTimestamp64Milli(timestamp) + zone * 3600000 - ${firstPhaseDay}, 86400000))) AS phase,
    ${pick(['kpu', 'kpu', 'kpu', 'kpu', 'kpu', 'bawaslu', 'bawaslu', 'pemda', 'pemda', 'pemda'], n(21, 10))} AS owner,
    ${asset} AS service,
    if(region_code = '', '', concat(owner, '-', region_code, '-', service)) AS asset_id,
    if(region_code = '', '', ${pick(['high', 'medium', 'critical', 'high'], `cityHash64(asset_id) % 4`)}) AS asset_criticality,
    concat(owner, '-', if(region_code = '', 'asing', region_code), '-', multiIf(kind = 'web', 'nginx', kind = 'login', 'sso', kind IN ('firewall', 'ids'), 'gw', 'host')) AS source_id,
    concat(service, '.', if(region_code = '', 'asing', region_code), '.', owner, '.go.id') AS host_name,
    if(scans, ${skew(22, 20_000)}, ${skew(22, 'multiIf(place < 2, 200000, 12000)')}) AS rank,
    ${address} AS source_ip,
    toUInt32(if(scans, ${skew(23, 1)}, 0)) AS unused,
    toUInt32(if(scans, least(${scannerNetworks.length - 1}, toUInt32(pow(intHash64(rank) % 1000 / 1000, 2) * ${scannerNetworks.length})), least(${visitorNetworks.length - 1}, toUInt32(pow(intHash64(rank) % 1000 / 1000, 2) * ${visitorNetworks.length})))) AS network,
    kind IN ('sudo', 'dns') AS inside,
    toUInt32(multiIf(inside, 0, scans, ${pick(
      scannerNetworks.map(([asn]) => asn),
      'network',
    )}, ${pick(
      visitorNetworks.map(([asn]) => asn),
      `network % ${visitorNetworks.length}`,
    )})) AS source_asn,
    multiIf(inside, '', scans, ${pick(
      scannerNetworks.map(([, name]) => name),
      'network',
    )}, ${pick(
      visitorNetworks.map(([, name]) => name),
      `network % ${visitorNetworks.length}`,
    )}) AS source_as_name,
    multiIf(inside, '', scans, ${pick(
      scannerNetworks.map(([, , country]) => country),
      'network',
    )}, 'ID') AS source_country,
    if(inside, 'private', 'public') AS source_scope,
    if(scans AND NOT campaign, ${pick(
      scannerNetworks.map(([, , , scanner]) => scanner),
      'network',
    )}, '') AS source_scanner,
    toUInt16(if(kind = 'sudo', 0, 1024 + ${n(24, 64_000)})) AS source_port,
    toUInt32(${skew(25, probes.length)}) AS probe,
    toUInt32(${skew(26, paths.length)}) AS page,
    toUInt32(if(scans, rank % ${tools.length}, ${skew(27, agents.length)})) AS agent,
    -- The signatures of serious attacks are the last of their lists.
    toUInt32(${skew(28, signatures.length)}) AS signature,
    toUInt32(${skew(29, guessed.length)}) AS guess`
}

function kindsOfEvents(): string {
  return `
    multiIf(_kind = 'web', 'web', _kind = 'firewall', 'network', _kind IN ('ssh', 'login'), 'authentication', _kind = 'ids', 'intrusion_detection', _kind = 'sudo' AND ${n(40, 40)} = 0, 'iam', _kind = 'sudo', 'process', 'network') AS event_category,
    multiIf(_kind = 'web', 'http_request', _kind = 'firewall', 'block', _kind = 'ssh', 'ssh_login', _kind = 'ids', 'alert', _kind = 'login', 'login', event_category = 'iam', 'user_created', _kind = 'sudo', 'sudo', 'dns_query') AS event_action,
    multiIf(_kind = 'web', toUInt16(multiIf(scans, ${pick([404, 404, 404, 404, 403, 200, 301, 400], n(41, 8))},
      phase = 'pemungutan' AND r < 0.04, ${pick([503, 502, 504], n(42, 3))}, r < 0.003, 500, r < 0.03, 404, r < 0.08, 304, r < 0.1, 302, 200)), 0) AS http_status_code,
    multiIf(_kind = 'web', if(http_status_code >= 400, 'failure', 'success'),
      _kind IN ('ssh', 'login'), multiIf(campaign, if(i % 61 = 0, 'success', 'failure'), scans, 'failure', r < 0.08, 'failure', 'success'), _kind = 'firewall', 'failure', _kind = 'sudo', 'success', 'unknown') AS event_outcome`
}

function texts(): string {
  const http = (value: string, otherwise = "''"): string => `if(_kind = 'web', ${value}, ${otherwise})`
  const agentText = (at: 0 | 1): string =>
    `if(scans, ${pick(
      tools.map((a) => a[at]),
      `agent % ${tools.length}`,
    )}, ${pick(
      agents.map((a) => a[at]),
      `agent % ${agents.length}`,
    )})`
  const agentOf = (at: 2 | 3): string => agentText(at as 0 | 1)
  return `
    toDateTime(ingested_at + toIntervalDay(3650)) AS retain_until,
    concat(substring(base64Encode(reinterpretAsString(cityHash64(toStartOfHour(ingested_at), nth % 4))), 1, 11), 'AbCdE-', lower(hex(toUInt32(nth)))) AS event_id,
    multiIf(_kind = 'web', 'nginx.access', _kind = 'firewall', 'netfilter', _kind = 'ssh', 'sshd', _kind = 'ids', 'suricata.alert', _kind = 'login', 'keycloak', _kind = 'sudo', 'sudo', 'bind.query') AS dataset,
    if(late AND i % 97 = 0, ['year_guessed'], emptyArrayString()) AS tags,
    if(_kind = 'ids', toString(2000000 + signature * 137), '') AS event_code,
    toUInt8(if(_kind = 'ids', ${pick(
      signatures.map(([, severity]) => severity),
      'signature',
    )}, 0)) AS event_severity,
    if(_kind = 'ids', ${pick(
      signatures.map(([name]) => name),
      'signature',
    )}, '') AS rule_name,
    if(_kind = 'login', 'WARN', '') AS log_level,
    multiIf(_kind = 'firewall', 'kernel', _kind = 'ssh', 'sshd', _kind = 'sudo', 'sudo', _kind = 'dns', 'named', '') AS process_name,
    toUInt32(if(_kind IN ('ssh', 'dns'), 300 + ${n(43, 32_000)}, 0)) AS process_pid,
    if(event_category = 'iam', concat('admin', toString(${n(44, 5000)})), if(_kind = 'sudo', 'root', '')) AS user_target_name,
    multiIf(event_category = 'iam', concat('/usr/sbin/useradd -G sudo ', user_target_name), _kind = 'sudo', ${pick(['/usr/bin/systemctl restart nginx', '/usr/bin/apt update', '/usr/bin/tail -f /var/log/syslog', '/usr/bin/pg_dump sirekap'], n(45, 4))}, '') AS process_command_line,
    multiIf(_kind = 'ssh' AND (scans OR event_outcome = 'failure'), ${pick(guessed, 'guess')},
      _kind = 'login' AND campaign, concat('petugas', toString(${n(46, 900)}), '_', toString(place)), _kind IN ('login', 'ssh', 'sudo'), concat('op', toString(${skew(47, 40)}), '_', if(region_code = '', 'asing', region_code)), '') AS user_name,
    if(_kind IN ('firewall', 'ids', 'web'), concat('103.', toString(place % 200), '.', toString(intDiv(place, 200)), '.', toString(10 + cityHash64(service) % 6)), '') AS destination_ip,
    toUInt16(multiIf(_kind = 'web', 443, _kind = 'ssh', 22, _kind = 'dns', 53, _kind IN ('firewall', 'ids'), ${pick([23, 22, 80, 443, 3389, 445, 8080, 5060, 3306, 6379, 2222, 8443], skew(48, 12))}, 0)) AS destination_port,
    if(destination_ip = '', '', 'ID') AS destination_country,
    multiIf(_kind = 'dns', 'udp', _kind IN ('sudo', 'login'), '', 'tcp') AS network_transport,
    multiIf(_kind = 'web', 'http', _kind = 'ssh', 'ssh', _kind = 'dns', 'dns', '') AS network_protocol,
    toUInt64(if(_kind = 'web', toUInt64(exp(4 + ${u(49)} * 8)), 0)) AS http_response_bytes,
    toUInt64(multiIf(_kind = 'web', http_response_bytes, _kind = 'firewall', ${pick([40, 44, 52, 60], n(50, 4))}, 0)) AS network_bytes,
    ${http(
      `if(scans, ${pick(
        probes.map(([target]) => target),
        'probe',
      )}, concat(${pick(paths, 'page')}, multiIf(i % 200003 = 7, concat('x', lower(hex(h))), page IN (3, 4, 6, 10), concat(region_code, '/', toString(${skew(51, 400)})), page IN (7, 12, 14, 15), toString(${skew(51, 3000)}), page = 8, concat('?nomor=TKN', toString(${n(52, 1_000_000)})), '')))`,
    )} AS url_original,
    cutQueryString(url_original) AS url_path,
    ${http('host_name')} AS url_domain,
    ${http("concat(owner, '.go.id')")} AS url_registered_domain,
    ${http("if(page IN (11, 13) OR probe = 2 AND scans, 'POST', 'GET')")} AS http_method,
    ${http("if(scans, '1.1', '2.0')")} AS http_version,
    ${http("if(scans OR page IN (0, 5), '', concat('https://', host_name, '/'))")} AS http_referrer,
    ${http(`concat(${agentText(0)}, toString(if(scans, rank % 9, 110 + ${skew(53, 20)})), ${agentText(1)})`)} AS user_agent_original,
    ${http(agentOf(2))} AS user_agent_name,
    ${http(agentOf(3))} AS user_agent_os,
    toUInt8(${http(`if(scans, 1, agent >= 5)`, '0')}) AS user_agent_bot,
    if(_kind = 'dns', concat(${pick(['www', 'api', 'mail', 'update', 'cdn', 'ntp'], n(54, 6))}, '.', ${pick(['kpu.go.id', 'google.com', 'ubuntu.com', 'bawaslu.go.id', 'cloudflare.com', 'windowsupdate.com'], skew(55, 6))}), '') AS dns_question_name,
    if(_kind = 'dns', ${pick(['A', 'AAAA', 'HTTPS'], skew(56, 3))}, '') AS dns_question_type,
    if(_kind = 'dns', 'NOERROR', '') AS dns_response_code,
    '' AS tls_server_name,
    ${http("if(scans, 'TLSv1.2', 'TLSv1.3')")} AS tls_version,
    '' AS tls_ja3,
    '' AS file_name,
    '' AS file_hash,
    multiIf(_kind = 'ids', 'OISF', _kind = 'firewall', 'Linux', _kind = 'login', 'Keycloak', '') AS observer_vendor,
    multiIf(_kind = 'ids', 'Suricata', _kind = 'firewall', 'netfilter', _kind = 'login', 'Keycloak', '') AS observer_product,
    multiIf(_kind = 'ids', map('flow_id', toString(h), 'in_iface', 'eth1'), _kind = 'firewall', map('netfilter.ttl', toString(40 + rank % 200), 'netfilter.window', ${pick(['1024', '65535', '64240'], 'rank % 3')}), _kind = 'login', map('keycloak.realm', 'kpu', 'keycloak.client', 'sirekap'), map()) AS fields,
    multiIf(_kind = 'web' AND scans, toInt32(${pick(
      probes.map(([, , points]) => points),
      'probe',
    )}), _kind = 'ssh' AND event_outcome = 'failure', 10, _kind = 'ssh' AND campaign, 45, _kind = 'login' AND campaign, 25, event_category = 'iam', 45, 0) AS rule_points,
    multiIf(_kind = 'web' AND scans, ${pick(
      probes.map(([, rule]) => rule),
      'probe',
    )}, _kind = 'ssh' AND event_outcome = 'failure', 'siaga.auth.ssh_failed_login', _kind = 'ssh' AND campaign, 'siaga.auth.ssh_root_login', _kind = 'login' AND campaign, 'siaga.auth.login_from_hosting', event_category = 'iam', 'siaga.host.admin_added', '') AS rule,
    'w1-5f2c9a' AS score_version,
    'kafka-bench-election-year' AS _stream,
    toUInt16(nth % 4) AS _partition,
    toUInt64(intDiv(nth, 4)) AS _offset`
}

function lines(): string {
  return `
    if(rule = '', emptyArrayString(), [rule]) AS rule_ids,
    arrayFilter(f -> f.2 != 0, CAST([('prior', -46, ''), ('asset', ${pick([0, 5, 10], "multiIf(asset_criticality = 'critical', 2, asset_criticality = 'high', 1, 0)")}, asset_criticality),
      ('phase', transform(phase, ['kampanye', 'masa_tenang', 'pemungutan', 'rekapitulasi', 'sengketa'], [3, 6, 10, 8, 4], 0), phase),
      ('device_severity', intDiv(event_severity, 2), ''), (concat('rule:', rule), rule_points, ''), ('known_scanner', if(source_scanner != '' AND rule_points < 20, -10, 0), source_scanner)], 'Array(Tuple(name String, points Int32, detail String))')) AS factors,
    toUInt8(round(100 / (1 + exp(-arraySum(f -> f.2, factors) / 10)))) AS score,
    ${messageText(`formatDateTime(timestamp + toIntervalHour(zone), '%b %d %H:%i:%S')`)} AS message`
}

function messageText(time: string): string {
  const host = `splitByChar('.', host_name)[1]`
  return `multiIf(
      _kind = 'web', concat(source_ip, ' - - [', formatDateTime(timestamp + toIntervalHour(zone), '%d/%b/%Y:%H:%i:%S'), ' +0', toString(zone), '00] "', http_method, ' ', url_original, ' HTTP/', http_version, '" ', toString(http_status_code), ' ', toString(http_response_bytes), ' "', if(http_referrer = '', '-', http_referrer), '" "', user_agent_original, '"'),
      _kind = 'firewall', concat(${time}, ' ', ${host}, ' kernel: [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:ab:1c:', lower(hex(toUInt8(place))), ':0c:29:3e:00:01:08:00 SRC=', source_ip, ' DST=', destination_ip, ' LEN=', toString(network_bytes), ' TOS=0x00 PREC=0x00 TTL=', toString(40 + rank % 200), ' ID=', toString(${n(60, 65_536)}), ' PROTO=TCP SPT=', toString(source_port), ' DPT=', toString(destination_port), ' WINDOW=1024 RES=0x00 SYN URGP=0'),
      _kind = 'ssh', concat(${time}, ' ', ${host}, ' sshd[', toString(process_pid), ']: ', if(event_outcome = 'success', 'Accepted password for ', if(guess > 1, 'Failed password for invalid user ', 'Failed password for ')), user_name, ' from ', source_ip, ' port ', toString(source_port), ' ssh2'),
      _kind = 'ids', concat('{"timestamp":"', formatDateTime(timestamp, '%Y-%m-%dT%H:%i:%S'), '.000000+0000","flow_id":', toString(h), ',"in_iface":"eth1","event_type":"alert","src_ip":"', source_ip, '","src_port":', toString(source_port), ',"dest_ip":"', destination_ip, '","dest_port":', toString(destination_port), ',"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":', event_code, ',"rev":3,"signature":"', rule_name, '","category":"Attempted Information Leak","severity":2}}'),
      _kind = 'login', concat(formatDateTime(timestamp, '%Y-%m-%d %H:%i:%S'), ',000 WARN  [org.keycloak.events] (executor-thread-', toString(i % 40), ') type="', if(event_outcome = 'success', 'LOGIN', 'LOGIN_ERROR'), '", realmId="kpu", clientId="sirekap", userId="null", ipAddress="', source_ip, '"', if(event_outcome = 'success', '', ', error="invalid_user_credentials"'), ', auth_method="openid-connect", username="', user_name, '"'),
      _kind = 'sudo', concat(${time}, ' ', ${host}, ' sudo: ', user_name, ' : TTY=pts/', toString(i % 6), ' ; PWD=/home/', user_name, ' ; USER=root ; COMMAND=', process_command_line),
      concat(formatDateTime(timestamp, '%d-%b-%Y %H:%i:%S'), '.000 queries: info: client @0x7f2c', lower(hex(toUInt32(place * 64))), ' ', source_ip, '#', toString(source_port), ' (', dns_question_name, '): query: ', dns_question_name, ' IN ', dns_question_type, ' +E(0)K (10.0.0.53)'))`
}
