-- ---
-- id: sql_injection_answered
-- title:
--   id: Injeksi SQL yang dijawab dengan banyak data
--   en: SQL injection answered with much data
-- category: web
-- attack: [T1190, T1213]
-- scope: regional
-- window: 24h
-- finds:
--   id: Permintaan berisi SQL yang dijawab 200 dengan ukuran jauh di atas jawaban biasa jalur yang sama.
--   en: "Requests that hold SQL, answered 200 with far more than the same path usually answers."
-- matters:
--   id: "Beginilah daftar pemilih dan akun operator bocor: satu parameter pencarian yang tidak disaring."
--   en: "This is how voter rolls and accounts of operators leak: one search parameter that is not filtered."
-- action:
--   id: >-
--     Tutup parameter itu (WAF, rilis darurat), periksa log basis data, hitung apa yang keluar, catat tenggat UU PDP.
--   en: >-
--     Close the parameter (WAF, emergency release), read the database log, count what left, mind the deadline of the
--     data protection law.
-- usual:
--   id: Laporan ekspor sah yang memakai kata SQL dalam pencarian.
--   en: Exports by right whose search holds SQL words.
-- parameters:
--   times:
--     default: 3
--     id: "kali ukuran biasa, paling sedikit"
--     en: "times the usual size, at least"
--   least_bytes:
--     default: 20000
--     id: "byte jawaban, paling sedikit"
--     en: "bytes of the answer, at least"
-- columns: [region_code, owner, entity, score, site, path, requests, largest_bytes, usual_bytes, bytes_total,
--   examples, first_seen, last_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(points) AS score, site, path, count() AS requests,
    max(bytes) AS largest_bytes, any(usual) AS usual_bytes, sum(bytes) AS bytes_total,
    groupUniqArray(3)(substringUTF8(target, 1, 240)) AS examples, min(at) AS first_seen, max(at) AS last_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip, e.score AS points, e.timestamp AS at,
        if(e.asset_id != '', e.asset_id, e.url_domain) AS site, e.url_path AS path, e.url_original AS target, e.http_response_bytes AS bytes,
        match(replaceRegexpAll(lower(decodeURLComponent(decodeURLComponent(e.url_original))), '/\\*.*?\\*/|\\+', ' '),
            '(union\\s+(all\\s+)?select\\b|\\bselect\\b.{1,120}\\bfrom\\b|\\binformation_schema\\b|\\bor\\s+[\'"]?[0-9]+[\'"]?\\s*=\\s*[\'"]?[0-9]+|\\bsleep\\s*\\(|\\bpg_sleep\\b|\\bextractvalue\\s*\\(|\\bload_file\\s*\\()') AS is_sql,
        round(quantileTDigestIf(0.5)(e.http_response_bytes, NOT is_sql) OVER (PARTITION BY e.region_code, e.owner, site, e.url_path)) AS usual
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'web' AND e.http_status_code = 200 AND e.url_original != ''
)
WHERE is_sql AND bytes >= {least_bytes:UInt64} AND bytes >= usual * {times:Float64}
GROUP BY region_code, owner, source_ip, site, path
ORDER BY bytes_total DESC, score DESC
LIMIT 200
