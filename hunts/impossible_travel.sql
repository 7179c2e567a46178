-- ---
-- id: impossible_travel
-- title:
--   id: Satu akun di dua negara dalam waktu singkat
--   en: One account in two countries within a short time
-- category: login
-- attack: [T1078, T1110]
-- scope: regional
-- window: 48h
-- finds:
--   id: >-
--     Dua keberhasilan masuk berurutan oleh akun yang sama dari negara berbeda dalam selang yang terlalu pendek untuk
--     perjalanan.
--   en: >-
--     Two successes of one account, one behind the other, from different countries in less time than a journey takes.
-- matters:
--   id: Sandi petugas yang dijual dipakai pencuri sementara petugas sendiri masih bekerja.
--   en: A sold password is used by the thief while the officer still works with it.
-- action:
--   id: "Putuskan kedua sesi, hubungi pemilik akun, ganti sandi, lihat apa yang dilakukan dari negara kedua."
--   en: "End both sessions, phone the owner, reset the password, see what was done from the second country."
-- usual:
--   id: "VPN, jaringan seluler yang keluar lewat negara lain, akun bersama (root dan sejenisnya dilewati)."
--   en: "VPNs, mobile networks that come out abroad, shared accounts (root and the like are left out)."
-- parameters:
--   minutes:
--     default: 240
--     id: "menit di antara keduanya, paling banyak"
--     en: "minutes between the two, at most"
-- columns: [region_code, owner, entity, score, from_country, from_ip, to_country, to_ip, minutes_apart, host_name, at]
-- ---
SELECT
    region_code, owner, concat('user:', user_name) AS entity, top AS score, from_country, from_ip, to_country, to_ip,
    dateDiff('minute', previous_at, at_time) AS minutes_apart, host_name, at_time AS at
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.user_name AS user_name, e.source_country AS to_country, e.source_ip AS to_ip,
        e.host_name AS host_name, e.timestamp AS at_time, e.score AS top,
        lagInFrame(e.source_country) OVER walk AS from_country,
        lagInFrame(e.source_ip) OVER walk AS from_ip,
        lagInFrame(e.timestamp) OVER walk AS previous_at
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'authentication' AND e.event_outcome = 'success' AND e.source_country != ''
        AND e.user_name NOT IN ('', 'root', 'admin', 'administrator', 'guest', 'anonymous')
    WINDOW walk AS (PARTITION BY e.region_code, e.owner, e.user_name ORDER BY e.timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE from_country != '' AND from_country != to_country AND at_time < previous_at + toIntervalMinute({minutes:UInt32})
ORDER BY minutes_apart, at DESC
LIMIT 1 BY region_code, owner, user_name
LIMIT 200
