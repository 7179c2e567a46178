-- ---
-- id: dns_generated_names
-- title:
--   id: "Nama acak yang tidak ada: DGA"
--   en: "Random names that do not exist: DGA"
-- category: network
-- attack: [T1568.002]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Klien yang menanyakan banyak domain acak yang tidak ada (NXDOMAIN), dinilai dari huruf mati, angka, dan
--     panjangnya.
--   en: >-
--     A client that asks for many random domains that do not exist (NXDOMAIN), judged by consonants, digits and
--     length.
-- matters:
--   id: Perangkat lunak jahat di komputer kantor mencari pengendalinya lewat nama yang dibuat tiap hari.
--   en: Malware on an office computer looks for its master by names made up each day.
-- action:
--   id: "Cari prosesnya di klien, lihat nama mana yang akhirnya dijawab, blokir nama itu."
--   en: "Find the process on the client, see which name was answered in the end, block it."
-- usual:
--   id: "Peramban yang menguji jaringan (tiga nama acak saat mulai), nama salah dari sufiks pencarian."
--   en: "Browsers that test the network (three random names at start), wrong names of search suffixes."
-- parameters:
--   names:
--     default: 15
--     id: "domain acak yang tidak ada, paling sedikit"
--     en: "random domains that do not exist, at least"
-- columns: [region_code, owner, entity, score, generated, names, missing, answered, examples, first_seen, last_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(points) AS score,
    uniqExactIf(domain, is_missing AND looks_made) AS generated, uniqExact(domain) AS names, countIf(is_missing) AS missing,
    groupUniqArrayIf(5)(domain, NOT is_missing AND looks_made) AS answered, groupUniqArrayIf(5)(domain, is_missing AND looks_made) AS examples,
    min(at) AS first_seen, max(at) AS last_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip, e.score AS points, e.timestamp AS at,
        arrayStringConcat(arraySlice(splitByChar('.', e.dns_question_name), if(match(e.dns_question_name, '[.](ac|biz|co|com|desa|go|mil|my|net|or|org|ponpes|sch|web)[.][a-z]{2}$'), -3, -2)), '.') AS domain, splitByChar('.', domain)[1] AS label,
        e.dns_response_code IN ('NXDOMAIN', '3') AS is_missing,
        length(label) >= 8 AND NOT match(label, '-')
            AND (length(replaceRegexpAll(label, '[aeiouy0-9]', '')) >= 0.72 * length(label) OR length(replaceRegexpAll(label, '[^0-9]', '')) BETWEEN 3 AND length(label) - 3
                OR match(label, '[bcdfghjklmnpqrstvwxz]{5,}')) AS looks_made
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'network' AND e.dns_question_name != '' AND e.source_ip != ''
)
GROUP BY region_code, owner, source_ip
HAVING generated >= {names:UInt32}
ORDER BY length(answered) > 0 DESC, generated DESC
LIMIT 200
