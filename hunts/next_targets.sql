-- ---
-- id: next_targets
-- title:
--   id: Wilayah dengan aplikasi yang sama dan belum diserang
--   en: Regions with the same application that were not attacked yet
-- category: regions
-- attack: [T1595.002, T1190]
-- scope: central
-- window: 7d
-- finds:
--   id: >-
--     Jalur yang diserang di beberapa wilayah, dan wilayah lain yang melayani jalur yang sama tetapi belum terlihat
--     diserang.
--   en: >-
--     Paths attacked in several regions, and other regions that serve the same path and were not seen attacked.
-- matters:
--   id: >-
--     Situs daerah sering memakai aplikasi yang sama; celah yang dipakai di satu tempat dipakai di mana-mana.
--   en: Regional sites often run the same application; a hole used in one place is used everywhere.
-- action:
--   id: Kirim peringatan dan tambalan ke wilayah pada not_hit_yet hari ini juga.
--   en: Send the warning and the patch to the regions in not_hit_yet today.
-- usual:
--   id: "Jalur umum (/, /index.php) yang ada di semua situs: dilewati bila terlalu banyak wilayah."
--   en: "Common paths (/, /index.php) that every site has: left out where too many regions serve them."
-- parameters:
--   regions:
--     default: 2
--     id: "wilayah yang sudah diserang, paling sedikit"
--     en: "regions that were attacked, at least"
--   least_score:
--     default: 60
--     id: "skor serangan, paling sedikit"
--     en: "score of an attack, at least"
-- columns: [entity, score, hit_regions, not_hit_yet, not_hit_count, attackers, attacks, first_attack, last_attack]
-- ---
SELECT
    concat('url_path:', path) AS entity, max(top) AS score, arraySort(groupUniqArrayIf(50)(region, attacks_here > 0)) AS hit_regions,
    arraySort(groupUniqArrayIf(50)(region, attacks_here = 0 AND served_here > 0)) AS not_hit_yet, uniqExactIf(region, attacks_here = 0 AND served_here > 0) AS not_hit_count,
    max(attackers_here) AS attackers, sum(attacks_here) AS attacks, minIf(first_here, attacks_here > 0) AS first_attack, maxIf(last_here, attacks_here > 0) AS last_attack
FROM
(
    SELECT
        e.url_path AS path, e.region_code AS region, max(e.score) AS top, countIf(e.score >= {least_score:UInt8}) AS attacks_here,
        countIf(e.http_status_code BETWEEN 200 AND 399 AND e.score < {least_score:UInt8}) AS served_here,
        uniqExactIf(e.source_ip, e.score >= {least_score:UInt8}) AS attackers_here,
        minIf(e.timestamp, e.score >= {least_score:UInt8}) AS first_here, maxIf(e.timestamp, e.score >= {least_score:UInt8}) AS last_here
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND e.event_category = 'web' AND e.region_code NOT IN ('', '00') AND e.url_path NOT IN ('', '/', '/index.php', '/index.html')
        AND e.url_path IN
        (
            SELECT a.url_path FROM siaga.events AS a
            WHERE a.timestamp >= {since:DateTime('UTC')} AND a.timestamp < {until:DateTime('UTC')}
                AND a.event_category = 'web' AND a.score >= {least_score:UInt8} AND a.region_code NOT IN ('', '00')
            GROUP BY a.url_path HAVING uniqExact(a.region_code) >= {regions:UInt32} ORDER BY count() DESC LIMIT 1000
        )
    GROUP BY e.url_path, e.region_code
)
GROUP BY path
HAVING not_hit_count > 0
ORDER BY length(hit_regions) DESC, score DESC, not_hit_count DESC
LIMIT 200
