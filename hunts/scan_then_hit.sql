-- ---
-- id: scan_then_hit
-- title:
--   id: "Pemindaian, lalu serangan yang dijawab"
--   en: "Scan, then an attack that was answered"
-- category: web
-- attack: [T1595.002, T1190]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Alamat yang meminta banyak halaman yang tidak ada, lalu mendapat jawaban 200 atau 500 atas permintaan berskor
--     tinggi.
--   en: >-
--     An address that asked for many pages that are not there, and then got a 200 or 500 for a request with a high
--     score.
-- matters:
--   id: Ribuan pemindai lewat setiap hari; yang penting adalah yang menemukan sesuatu di situs pemilu.
--   en: >-
--     Thousands of scanners pass each day; what matters is the one that found something on an election site.
-- action:
--   id: "Ulangi permintaannya di lingkungan uji, periksa berkas dan basis data, blokir alamat itu."
--   en: "Repeat the request in a test set-up, examine files and database, block the address."
-- usual:
--   id: "Pemindai kerentanan sendiri: daftarkan pada allow_list."
--   en: "Your own scanner: put it on allow_list."
-- parameters:
--   misses:
--     default: 30
--     id: halaman yang tidak ada sebelum serangan
--     en: pages that were not there before the attack
--   least_score:
--     default: 50
--     id: "skor permintaan yang dijawab, paling sedikit"
--     en: "score of the answered request, at least"
-- columns: [region_code, owner, entity, score, source_country, source_as_name, misses, hits, paths, scan_began,
--   first_hit]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(points) AS score, any(source_country) AS source_country,
    any(source_as_name) AS source_as_name, max(misses_before) AS misses, count() AS hits,
    groupUniqArray(5)(substringUTF8(target, 1, 200)) AS paths, min(began) AS scan_began, min(at) AS first_hit
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip, e.source_country AS source_country,
        e.source_as_name AS source_as_name, e.url_original AS target, e.http_status_code AS status, e.score AS points, e.timestamp AS at,
        countIf(e.http_status_code IN (400, 403, 404, 405)) OVER so_far AS misses_before,
        min(e.timestamp) OVER so_far AS began
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'web' AND e.source_ip != '' AND (e.http_status_code IN (400, 403, 404, 405) OR e.score >= {least_score:UInt8})
    WINDOW so_far AS (PARTITION BY e.region_code, e.owner, e.source_ip ORDER BY e.timestamp ROWS BETWEEN 5000 PRECEDING AND CURRENT ROW)
)
WHERE points >= {least_score:UInt8} AND status IN (200, 201, 204, 206, 500) AND misses_before >= {misses:UInt32}
GROUP BY region_code, owner, source_ip
ORDER BY score DESC, hits DESC
LIMIT 200
