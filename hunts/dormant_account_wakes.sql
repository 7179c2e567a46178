-- ---
-- id: dormant_account_wakes
-- title:
--   id: Akun yang lama tidur masuk lagi
--   en: Account that slept for long logs in again
-- category: login
-- attack: [T1078]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Akun yang dikenal, berhari-hari tidak masuk, lalu berhasil masuk dalam jendela ini."
--   en: "A known account that had not logged in for many days, and did within this window."
-- matters:
--   id: >-
--     Akun panitia pemilu sebelumnya dan pegawai pindahan jarang dihapus; pemiliknya tidak akan melihat
--     penyalahgunaan.
--   en: >-
--     Accounts of the last election's committees and of people who moved are seldom removed; their owners see no
--     misuse.
-- action:
--   id: "Tanyakan apakah akun itu masih diperlukan; bila tidak, matikan dan telusuri tindakannya."
--   en: "Ask whether the account is still needed; if not, disable it and trace what it did."
-- usual:
--   id: "Petugas yang kembali dari cuti, pekerjaan triwulanan."
--   en: "Officers back from leave, quarterly work."
-- parameters:
--   baseline_days:
--     default: 90
--     id: hari sebelum jendela yang dilihat
--     en: days before the window that are looked at
--   days_asleep:
--     default: 30
--     id: "hari tanpa masuk, paling sedikit"
--     en: "days without a log-in, at least"
-- columns: [region_code, owner, entity, score, days_asleep, last_before, woke_at, source_ips, countries, hosts]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('user:', e.user_name) AS entity,
    maxIf(e.score, e.timestamp >= {since:DateTime('UTC')}) AS score,
    dateDiff('day', last_before, woke_at) AS days_asleep,
    maxIf(e.timestamp, e.timestamp < {since:DateTime('UTC')}) AS last_before,
    minIf(e.timestamp, e.timestamp >= {since:DateTime('UTC')}) AS woke_at,
    groupUniqArrayIf(5)(e.source_ip, e.timestamp >= {since:DateTime('UTC')}) AS source_ips,
    groupUniqArrayIf(5)(e.source_country, e.timestamp >= {since:DateTime('UTC')}) AS countries,
    groupUniqArrayIf(5)(e.host_name, e.timestamp >= {since:DateTime('UTC')}) AS hosts
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'authentication' AND e.event_outcome = 'success' AND e.user_name != ''
GROUP BY e.region_code, e.owner, e.user_name
HAVING countIf(e.timestamp >= {since:DateTime('UTC')}) > 0 AND countIf(e.timestamp < {since:DateTime('UTC')}) > 0 AND days_asleep >= {days_asleep:UInt16}
ORDER BY days_asleep DESC, score DESC
LIMIT 200
