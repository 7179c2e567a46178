-- ---
-- id: voter_roll_by_network
-- title:
--   id: Satu jaringan menyalin daftar pemilih sedikit demi sedikit
--   en: A network copies the voter roll little by little
-- category: election
-- attack: [T1119, T1030, T1589]
-- scope: regional
-- window: 7d
-- finds:
--   id: >-
--     Jaringan /24 (IPv6: /48) yang alamat-alamatnya masing-masing sedikit mencari, tetapi bersama-sama banyak NIK.
--   en: "A network of /24 (IPv6: /48) whose addresses look up few each, and many citizens together."
-- matters:
--   id: Batas per alamat tidak melihat penyalin yang memakai seratus alamat.
--   en: Limits by address do not see a copier with a hundred addresses.
-- action:
--   id: "Bandingkan dengan operator seluler; jaringan hoster diblokir seluruhnya, lainnya diberi captcha."
--   en: "Compare with mobile carriers; block networks of hosters whole, give others a captcha."
-- usual:
--   id: Operator seluler dan jaringan kampus.
--   en: Mobile carriers and networks of universities.
-- parameters:
--   paths:
--     default: '(?i)(dpt|/dps|dpk|pemilih|voter|cek-?_?nik|lindungihakmu|coklit|pantarlih|sidalih|/nik/|/nkk/)'
--     id: pola jalur daftar pemilih
--     en: pattern of paths of the voter roll
--   addresses:
--     default: 5
--     id: "alamat dalam jaringan itu, paling sedikit"
--     en: "addresses in the network, at least"
--   people:
--     default: 200
--     id: "NIK berbeda, paling sedikit"
--     en: "different citizens, at least"
--   carriers:
--     default: '23693,4761,4795,45727,17885,24203,139994,18004,133798'
--     id: "nomor AS operator seluler yang dilewati, dipisahkan koma"
--     en: "AS numbers of mobile carriers that are left out, with commas in between"
-- columns: [region_code, owner, entity, score, source_as_name, source_country, addresses, people, lookups,
--   people_per_address, days_active, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner,
    concat('network:', if(position(e.source_ip, ':') > 0,
        concat(IPv6NumToString(toFixedString(concat(substring(IPv6StringToNumOrDefault(e.source_ip), 1, 6), repeat('\0', 10)), 16)), '/48'),
        concat(IPv4NumToString(bitAnd(IPv4StringToNumOrDefault(e.source_ip), 4294967040)), '/24'))) AS entity,
    max(e.score) AS score, any(e.source_as_name) AS source_as_name, any(e.source_country) AS source_country,
    uniqExact(e.source_ip) AS addresses, uniqExactArray(extractAll(e.message, 'n(?:ik|kk)-[0-9a-f]{16}')) AS people, count() AS lookups,
    round(people / addresses, 1) AS people_per_address, uniqExact(toDate(e.timestamp)) AS days_active,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'web' AND e.source_ip != '' AND has(e.tags, 'tokenised') AND match(e.url_path, {paths:String})
    AND NOT has(splitByChar(',', {carriers:String}), toString(e.source_asn))
GROUP BY e.region_code, e.owner, entity
HAVING addresses >= {addresses:UInt32} AND people >= {people:UInt32}
ORDER BY people DESC
LIMIT 200
