-- ---
-- id: night_login_quiet_days
-- title:
--   id: Masuk di luar jam kantor pada masa tenang
--   en: Log-in outside office hours in the quiet days
-- category: login
-- attack: [T1078]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Keberhasilan masuk manusia pada malam hari (waktu setempat) selama masa tenang, pemungutan, dan rekapitulasi,
--     oleh akun yang biasanya tidak masuk malam.
--   en: >-
--     Successes at night (local time) in the quiet days, at the vote and the count, by accounts that do not usually
--     come at night.
-- matters:
--   id: >-
--     Sistem dibekukan pada masa tenang; perubahan malam hari menjelang pemungutan adalah saat terbaik bagi penyerang.
--   en: "Systems are frozen in the quiet days; the night before the vote is an attacker's best hour."
-- action:
--   id: "Cocokkan dengan daftar piket. Yang tidak ada di daftar: telepon pemilik akun malam itu juga."
--   en: "Compare with the roster. Whoever is not on it: phone the owner that same night."
-- usual:
--   id: Piket malam dan pekerjaan cadangan terjadwal yang masuk sebagai pengguna.
--   en: "Night duty, and scheduled backups that log in as a user."
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   evening:
--     default: 20
--     id: "jam setempat, malam dimulai"
--     en: local hour at which the night begins
--   morning:
--     default: 6
--     id: "jam setempat, malam berakhir"
--     en: local hour at which it ends
--   nights_before:
--     default: 1
--     id: "masuk malam pada masa kebiasaan, paling banyak"
--     en: "night log-ins in the baseline, at most"
-- columns: [region_code, owner, entity, score, phase, hosts, source_ips, countries, logins, night_logins_before,
--   local_hours, first_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('user:', e.user_name) AS entity,
    maxIf(e.score, e.timestamp >= {since:DateTime('UTC')}) AS score,
    anyIf(e.phase, e.timestamp >= {since:DateTime('UTC')}) AS phase,
    groupUniqArrayIf(5)(e.host_name, e.timestamp >= {since:DateTime('UTC')}) AS hosts,
    groupUniqArrayIf(5)(e.source_ip, e.timestamp >= {since:DateTime('UTC')}) AS source_ips,
    groupUniqArrayIf(5)(e.source_country, e.timestamp >= {since:DateTime('UTC')}) AS countries,
    countIf(e.timestamp >= {since:DateTime('UTC')} AND e.phase IN ('masa_tenang', 'pemungutan', 'rekapitulasi')) AS logins,
    countIf(e.timestamp < {since:DateTime('UTC')}) AS night_logins_before,
    arraySort(groupUniqArrayIf(e.local_hour, e.timestamp >= {since:DateTime('UTC')})) AS local_hours,
    minIf(e.timestamp, e.timestamp >= {since:DateTime('UTC')}) AS first_seen
FROM
(
    SELECT *, toHour(addHours(timestamp, multiIf(substring(region_code, 1, 2) IN ('51', '52', '53', '63', '64', '65', '71', '72', '73', '74', '75', '76'), 8, substring(region_code, 1, 2) IN ('81', '82', '91', '92', '93', '94', '95', '96'), 9, 7))) AS local_hour
    FROM siaga.events
    WHERE timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
        AND event_category = 'authentication' AND event_outcome = 'success' AND user_name != ''
) AS e
WHERE e.local_hour >= {evening:UInt8} OR e.local_hour < {morning:UInt8}
GROUP BY e.region_code, e.owner, e.user_name
HAVING logins > 0 AND night_logins_before <= {nights_before:UInt32}
ORDER BY score DESC, logins DESC
LIMIT 200
