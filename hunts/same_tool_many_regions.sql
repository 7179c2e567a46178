-- ---
-- id: same_tool_many_regions
-- title:
--   id: Satu alat menyerang beberapa wilayah dalam satu jam
--   en: One tool attacks several regions within an hour
-- category: regions
-- attack: [T1595.002, T1190]
-- scope: central
-- window: 24h
-- finds:
--   id: >-
--     User-Agent, sidik jari TLS, atau tanda IDS dengan skor tinggi yang muncul di beberapa provinsi dalam jam yang
--     sama.
--   en: >-
--     A User-Agent, TLS fingerprint or IDS signature with high scores in several provinces within the same hour.
-- matters:
--   id: Tiap daerah melihat satu percobaan kecil; hanya pusat yang melihat kampanye.
--   en: Each region sees one small try; only the centre sees a campaign.
-- action:
--   id: "Beri tahu wilayah yang disebut, dan yang belum (not_hit_yet), dengan alamat dan jalurnya."
--   en: "Warn the regions that are named, and those that are not yet (not_hit_yet), with addresses and paths."
-- usual:
--   id: Pemindai internet yang dikenal dilewati; alat umum seperti curl perlu dilihat jalurnya.
--   en: Known scanners of the internet are left out; of common tools such as curl look at the paths.
-- parameters:
--   provinces:
--     default: 3
--     id: "provinsi dalam jam yang sama, paling sedikit"
--     en: "provinces within the same hour, at least"
--   least_score:
--     default: 50
--     id: "skor kejadian, paling sedikit"
--     en: "score of the events, at least"
-- columns: [entity, score, hour, provinces, regions, assets, addresses, networks, events, paths]
-- ---
SELECT
    concat(kind, ':', value) AS entity, max(points) AS score, toStartOfHour(at) AS hour,
    uniqExact(substring(region, 1, 2)) AS provinces, arraySort(groupUniqArray(50)(region)) AS regions, uniqExact(asset) AS assets,
    uniqExact(address) AS addresses, groupUniqArray(5)(network) AS networks, count() AS events, topK(5)(path) AS paths
FROM
(
    SELECT
        e.region_code AS region, e.asset_id AS asset, e.source_ip AS address, e.source_as_name AS network, e.score AS points, e.timestamp AS at,
        substringUTF8(e.url_path, 1, 120) AS path,
        arrayJoin(arrayFilter(mark -> mark.2 != '', [('user_agent', substringUTF8(e.user_agent_original, 1, 160)), ('tls', e.tls_ja3), ('signature', e.rule_name)])) AS mark,
        mark.1 AS kind, mark.2 AS value
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND e.score >= {least_score:UInt8} AND e.region_code NOT IN ('', '00') AND e.source_scanner = ''
)
WHERE NOT (kind = 'user_agent' AND startsWith(value, 'Mozilla/5.0 (') AND position(value, 'Chrome/') > 0)
GROUP BY kind, value, hour
HAVING provinces >= {provinces:UInt32}
ORDER BY provinces DESC, score DESC, events DESC
LIMIT 200
