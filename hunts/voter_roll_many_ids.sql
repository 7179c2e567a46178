-- ---
-- id: voter_roll_many_ids
-- title:
--   id: Satu alamat mencari banyak NIK
--   en: One address looks up many citizens
-- category: election
-- attack: [T1119, T1589]
-- scope: regional
-- window: 24h
-- finds:
--   id: Alamat yang mencari banyak NIK berbeda (token nik-…) di layanan daftar pemilih.
--   en: An address that looked up many different citizens (tokens nik-…) at services of the voter roll.
-- matters:
--   id: Pemilih mencari dirinya dan keluarganya; ribuan NIK berarti daftar pemilih sedang disalin.
--   en: Voters look up themselves and their family; thousands of ids mean that the roll is being copied.
-- action:
--   id: >-
--     Batasi layanan per alamat dan tambahkan captcha, hitung jawaban 200, laporkan kebocoran bila terbukti.
--   en: "Limit the service by address and add a captcha, count answers with 200, report a leak if it is one."
-- usual:
--   id: "Operator seluler dengan CGNAT (satu alamat, ratusan pemilih) dan petugas pantarlih di kantor."
--   en: >-
--     Mobile carriers with CGNAT (hundreds of voters behind an address) and registration officers in an office.
-- parameters:
--   paths:
--     default: '(?i)(dpt|/dps|dpk|pemilih|voter|cek-?_?nik|lindungihakmu|coklit|pantarlih|sidalih|/nik/|/nkk/)'
--     id: pola jalur daftar pemilih
--     en: pattern of paths of the voter roll
--   people:
--     default: 100
--     id: "NIK berbeda, paling sedikit"
--     en: "different citizens, at least"
--   share:
--     default: 0.5
--     id: "NIK berbeda per pencarian, paling sedikit"
--     en: "different citizens per look-up, at least"
-- columns: [region_code, owner, entity, score, source_country, source_as_name, people, lookups, answered,
--   people_per_lookup, agents, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', e.source_ip) AS entity, max(e.score) AS score,
    any(e.source_country) AS source_country, any(e.source_as_name) AS source_as_name,
    uniqExactArray(extractAll(e.message, 'n(?:ik|kk)-[0-9a-f]{16}')) AS people, count() AS lookups, countIf(e.http_status_code = 200) AS answered,
    round(people / lookups, 2) AS people_per_lookup, uniqExact(e.user_agent_original) AS agents,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'web' AND e.source_ip != '' AND has(e.tags, 'tokenised') AND match(e.url_path, {paths:String})
GROUP BY e.region_code, e.owner, e.source_ip
HAVING people >= {people:UInt32} AND people_per_lookup >= {share:Float64}
ORDER BY people / greatest(agents, 1) DESC, people DESC
LIMIT 200
