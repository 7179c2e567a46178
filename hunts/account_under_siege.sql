-- ---
-- id: account_under_siege
-- title:
--   id: Satu akun ditebak dari banyak alamat
--   en: One account guessed at from many addresses
-- category: login
-- attack: [T1110.004, T1110.001]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Akun yang gagal masuk dari banyak alamat, masing-masing sedikit: tebakan terdistribusi atau sandi bocor yang
--     dicoba lewat proxy.
--   en: >-
--     An account that failed from many addresses with few tries each: distributed guessing, or leaked passwords tried
--     through proxies.
-- matters:
--   id: Pembatasan per alamat tidak melihatnya; akun operator hasil dan admin situs adalah sasarannya.
--   en: Limits by address do not see it; operators of results and site administrators are its targets.
-- action:
--   id: >-
--     Ganti sandi akun dan aktifkan MFA; bila ada keberhasilan dari alamat baru, perlakukan akun sebagai bocor.
--   en: Reset the password and switch MFA on; a success from a new address means the account is lost.
-- usual:
--   id: >-
--     Nama umum seperti root, admin, test yang dicoba semua pemindai: naikkan ambang atau lihat kolom succeeded_from.
--   en: >-
--     Common names such as root, admin, test that every scanner tries: raise the threshold or look at succeeded_from.
-- parameters:
--   addresses:
--     default: 20
--     id: alamat berbeda yang gagal
--     en: different addresses that failed
-- columns: [region_code, owner, entity, score, addresses, networks, countries, failures, succeeded_from, hosts,
--   first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('user:', e.user_name) AS entity, max(e.score) AS score,
    uniqExactIf(e.source_ip, e.event_outcome = 'failure') AS addresses,
    uniqExactIf(e.source_asn, e.event_outcome = 'failure') AS networks,
    groupUniqArrayIf(10)(e.source_country, e.event_outcome = 'failure') AS countries,
    countIf(e.event_outcome = 'failure') AS failures,
    groupUniqArrayIf(5)(e.source_ip, e.event_outcome = 'success') AS succeeded_from,
    groupUniqArray(5)(e.host_name) AS hosts,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'authentication' AND e.event_outcome IN ('success', 'failure') AND e.source_ip != '' AND e.user_name != ''
GROUP BY e.region_code, e.owner, e.user_name
HAVING addresses >= {addresses:UInt32}
ORDER BY length(succeeded_from) > 0 DESC, addresses DESC
LIMIT 200
