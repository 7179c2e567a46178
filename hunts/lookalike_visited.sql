-- ---
-- id: lookalike_visited
-- title:
--   id: Domain mirip dibuka dari dalam
--   en: Look-alike domain opened from inside
-- category: intelligence
-- attack: [T1566.002, T1204]
-- scope: central
-- window: 7d
-- finds:
--   id: >-
--     Host kita yang menanyakan atau membuka domain mirip yang dilihat pemantau domain atau log sertifikat.
--   en: >-
--     Hosts of ours that asked for or opened look-alike domains that the watch on domains or certificates saw.
-- matters:
--   id: "Ini menunjukkan siapa yang sudah menerima tautan palsu, sebelum sandi dipakai."
--   en: "It shows who has been sent the false link, before the password is used."
-- action:
--   id: "Hubungi setiap kantor yang muncul; ganti sandi, kumpulkan surel atau pesan aslinya."
--   en: "Phone every office that shows; reset passwords, collect the original mail or message."
-- usual:
--   id: Tim keamanan sendiri yang memeriksa domain itu.
--   en: Your own security team that examines the domain.
-- parameters:
--   seen_days:
--     default: 60
--     id: "hari sebelum jendela, saat domain mirip terlihat"
--     en: days before the window in which a look-alike was seen
--   likeness:
--     default: 50
--     id: "kemiripan 0 sampai 100, paling sedikit"
--     en: "likeness 0 to 100, at least"
-- columns: [entity, protected, likeness, regions, owners, clients, questions, first_seen, last_seen]
-- ---
SELECT
    concat('domain:', l.domain) AS entity, any(l.protected) AS protected, any(l.likeness) AS likeness,
    arraySort(groupUniqArray(20)(e.region_code)) AS regions, groupUniqArray(10)(e.owner) AS owners,
    groupUniqArray(10)(e.source_ip) AS clients, count() AS questions, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM
(
    SELECT
        region_code, owner, source_ip, timestamp,
        lower(multiIf(dns_question_name != '', dns_question_name, tls_server_name != '', tls_server_name, url_domain)) AS name, arrayStringConcat(arraySlice(splitByChar('.', name), if(match(name, '[.](ac|biz|co|com|desa|go|mil|my|net|or|org|ponpes|sch|web)[.][a-z]{2}$'), -3, -2)), '.') AS asked
    FROM siaga.events
    WHERE timestamp >= {since:DateTime('UTC')} AND timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
        AND source_ip != '' AND source_scope IN ('private', 'cgnat') AND (dns_question_name != '' OR tls_server_name != '' OR url_domain != '')
) AS e
INNER JOIN
(
    SELECT
        arrayStringConcat(arraySlice(splitByChar('.', lower(url_domain)), if(match(lower(url_domain), '[.](ac|biz|co|com|desa|go|mil|my|net|or|org|ponpes|sch|web)[.][a-z]{2}$'), -3, -2)), '.') AS domain, any(concat(fields['siaga.lookalike.protected'], fields['siaga.certificate.protected'])) AS protected,
        max(toUInt8OrZero(if(fields['siaga.lookalike.likeness'] != '', fields['siaga.lookalike.likeness'], fields['siaga.certificate.likeness']))) AS likeness
    FROM siaga.events
    WHERE timestamp >= {since:DateTime('UTC')} - toIntervalDay({seen_days:UInt16}) AND timestamp < {until:DateTime('UTC')}
        AND dataset IN ('siaga.lookalike', 'siaga.certificate') AND url_domain != ''
    GROUP BY domain
    HAVING likeness >= {likeness:UInt8}
) AS l ON l.domain = e.asked
GROUP BY l.domain
ORDER BY length(regions) DESC, questions DESC
LIMIT 200
