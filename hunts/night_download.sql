-- ---
-- id: night_download
-- title:
--   id: Data keluar pada malam hari
--   en: Data leaves at night
-- category: election
-- attack: [T1048, T1029, T1567]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Alamat yang mengambil jauh lebih banyak byte pada malam hari (waktu setempat) dari situs dan API daripada siang
--     hari.
--   en: An address that took far more bytes from sites and APIs at night (local time) than by day.
-- matters:
--   id: Penyalin data pemilih bekerja saat tidak ada yang melihat grafik.
--   en: "Whoever copies voters' data works while nobody looks at the charts."
-- action:
--   id: Lihat jalur yang diambil dan jawaban 200; data pribadi yang keluar dilaporkan dalam 3 x 24 jam.
--   en: See which paths were taken and answered; personal data that left is reported within 3 x 24 hours.
-- usual:
--   id: "Cadangan ke luar, mesin pencari, CDN yang mengisi ulang."
--   en: "Backups to elsewhere, search engines, a CDN that fills up."
-- parameters:
--   evening:
--     default: 22
--     id: "jam setempat, malam dimulai"
--     en: local hour at which the night begins
--   morning:
--     default: 5
--     id: "jam setempat, malam berakhir"
--     en: local hour at which it ends
--   megabytes:
--     default: 100
--     id: "megabyte pada malam hari, paling sedikit"
--     en: "megabytes at night, at least"
--   times:
--     default: 5
--     id: "kali siang hari, paling sedikit"
--     en: "times the day, at least"
-- columns: [region_code, owner, entity, score, source_country, source_as_name, night_mb, day_mb, requests, paths,
--   agents, first_seen, last_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(points) AS score, any(source_country) AS source_country,
    any(source_as_name) AS source_as_name, round(sumIf(bytes, is_night) / 1000000, 1) AS night_mb, round(sumIf(bytes, NOT is_night) / 1000000, 1) AS day_mb,
    countIf(is_night) AS requests, topKIf(3)(path, is_night) AS paths, groupUniqArray(3)(agent) AS agents, min(at) AS first_seen, max(at) AS last_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip, e.source_country AS source_country, e.source_as_name AS source_as_name,
        e.score AS points, e.http_response_bytes AS bytes, e.url_path AS path, substringUTF8(e.user_agent_original, 1, 80) AS agent, e.timestamp AS at,
        toHour(addHours(e.timestamp, multiIf(substring(e.region_code, 1, 2) IN ('51', '52', '53', '63', '64', '65', '71', '72', '73', '74', '75', '76'), 8, substring(e.region_code, 1, 2) IN ('81', '82', '91', '92', '93', '94', '95', '96'), 9, 7))) AS local_hour,
        local_hour >= {evening:UInt8} OR local_hour < {morning:UInt8} AS is_night
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'web' AND e.http_status_code IN (200, 206) AND e.source_ip != '' AND e.source_scope != 'private'
)
GROUP BY region_code, owner, source_ip
HAVING night_mb >= {megabytes:Float64} AND night_mb >= day_mb * {times:Float64}
ORDER BY night_mb DESC
LIMIT 200
