-- ---
-- id: campaign_across_regions
-- title:
--   id: "Kampanye: alamat atau jaringan yang sama di banyak wilayah"
--   en: "Campaign: the same address or network in many regions"
-- category: regions
-- attack: [T1583.003, T1595]
-- scope: central
-- window: 7d
-- finds:
--   id: >-
--     Alamat dan jaringan sewaan yang muncul dalam temuan di beberapa wilayah, dengan urutan wilayah yang dikunjungi.
--   en: >-
--     Addresses and rented networks that are in findings of several regions, with the order in which regions were
--     visited.
-- matters:
--   id: Urutan wilayah menunjukkan ke mana penyerang bergerak sebelum hari pemungutan.
--   en: The order of regions tells where an attacker goes before voting day.
-- action:
--   id: "Blokir bersama di semua wilayah, buat satu kasus, minta log dari wilayah berikutnya."
--   en: "Block it together in all regions, make it one case, ask the next region for its logs."
-- usual:
--   id: "Jaringan operator besar: nilai lewat kolom addresses dan rules."
--   en: "Networks of large carriers: judge them by addresses and rules."
-- parameters:
--   provinces:
--     default: 3
--     id: "provinsi, paling sedikit"
--     en: "provinces, at least"
--   least_score:
--     default: 40
--     id: "skor temuan, paling sedikit"
--     en: "score of findings, at least"
-- columns: [entity, score, provinces, regions_in_order, addresses, rules, findings, first_seen, last_seen]
-- ---
SELECT
    f.entity AS entity, max(f.top) AS score, uniqExact(substring(f.region_code, 1, 2)) AS provinces,
    arrayMap(pair -> pair.2, arraySort(groupUniqArray(50)((toUnixTimestamp(f.first_of_region), f.region_code)))) AS regions_in_order,
    any(f.addresses) AS addresses, groupUniqArrayArray(10)(f.rules) AS rules, sum(f.findings) AS findings,
    min(f.first_of_region) AS first_seen, max(f.last_of_region) AS last_seen
FROM
(
    SELECT
        entity, region_code, max(score) AS top, min(window_start) AS first_of_region, max(window_end) AS last_of_region, count() AS findings,
        uniqExact(asset_id) AS addresses, groupUniqArray(10)(rule_id) AS rules
    FROM siaga.findings
    WHERE window_end >= {since:DateTime('UTC')} AND window_end < {until:DateTime('UTC')}
        AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
        AND startsWith(entity, 'source_ip:') AND region_code NOT IN ('', '00') AND score >= {least_score:UInt8}
    GROUP BY entity, region_code
) AS f
GROUP BY f.entity
HAVING provinces >= {provinces:UInt32}
ORDER BY provinces DESC, score DESC, findings DESC
LIMIT 200
