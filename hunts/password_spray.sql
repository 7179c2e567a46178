-- ---
-- id: password_spray
-- title:
--   id: "Satu alamat mencoba banyak akun, sedikit sandi"
--   en: One address tries many accounts with few passwords
-- category: login
-- attack: [T1110.003]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Alamat yang gagal masuk pada banyak akun dengan sedikit percobaan per akun; kolom succeeded menyebut akun yang
--     tertembus.
--   en: >-
--     An address that failed at many accounts with few tries each; the column succeeded names accounts that gave way.
-- matters:
--   id: >-
--     Penyemprotan menghindari penguncian akun dan memakai daftar nama petugas KPU, Bawaslu, dan PPK yang terbuka
--     untuk umum.
--   en: Spraying avoids lock-outs and uses names of election officers that are public.
-- action:
--   id: >-
--     Blokir alamat itu, periksa setiap akun pada kolom succeeded, wajibkan MFA pada layanan yang disemprot.
--   en: "Block the address, examine each account in succeeded, ask for MFA at the sprayed service."
-- usual:
--   id: "Gerbang atau NAT kantor, dan aplikasi seluler sesudah gangguan server."
--   en: "A gateway or NAT of an office, and mobile applications after a server outage."
-- parameters:
--   users:
--     default: 10
--     id: akun berbeda yang gagal
--     en: different accounts that failed
--   most_tries:
--     default: 5
--     id: "rata-rata percobaan per akun, paling banyak"
--     en: "tries per account on average, at most"
-- columns: [region_code, owner, entity, score, source_country, source_as_name, users, failures, tries_per_user,
--   succeeded, services, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', e.source_ip) AS entity, max(e.score) AS score,
    any(e.source_country) AS source_country, any(e.source_as_name) AS source_as_name,
    uniqExactIf(e.user_name, e.event_outcome = 'failure') AS users,
    countIf(e.event_outcome = 'failure') AS failures,
    round(failures / users, 1) AS tries_per_user,
    groupUniqArrayIf(10)(e.user_name, e.event_outcome = 'success') AS succeeded,
    groupUniqArray(5)(e.dataset) AS services,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'authentication' AND e.event_outcome IN ('success', 'failure') AND e.source_ip != '' AND e.user_name != ''
GROUP BY e.region_code, e.owner, e.source_ip
HAVING users >= {users:UInt32} AND failures <= users * {most_tries:UInt32}
ORDER BY length(succeeded) > 0 DESC, users DESC
LIMIT 200
