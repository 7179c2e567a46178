-- ---
-- id: login_after_guessing
-- title:
--   id: Tebakan sandi yang akhirnya berhasil
--   en: Password guessing that worked
-- category: login
-- attack: [T1110.001, T1078]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Log masuk yang berhasil dari alamat yang pada jam sebelumnya gagal berkali-kali, layanan apa pun."
--   en: "A successful log-in from an address that had failed many times in the hour before, at any service."
-- matters:
--   id: Satu akun pengelola yang tertebak cukup untuk mengubah situs hasil atau mengunduh daftar pemilih.
--   en: One guessed account of an administrator is enough to change a results site or take the voter roll.
-- action:
--   id: >-
--     Hubungi pemilik akun lewat telepon. Bila bukan dia: putuskan sesinya, ganti sandi, periksa semua tindakan akun
--     itu sejak waktu masuk.
--   en: >-
--     Phone the owner of the account. If it was not them: end the session, reset the password, review all that the
--     account did since.
-- usual:
--   id: "Pengguna yang lupa sandi, atau kantor di balik satu alamat: kegagalannya tersebar pada banyak nama."
--   en: >-
--     A user who forgot the password, or an office behind one address: its failures are spread over many names.
-- parameters:
--   failures:
--     default: 10
--     id: kegagalan dalam jam sebelumnya
--     en: failures in the hour before
-- columns: [region_code, owner, entity, score, user_name, source_country, source_as_name, host_name, failures,
--   users_tried, success_at, source_events]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, top_score AS score, user_name, source_country, source_as_name,
    host_name, failures, users_tried, success_at, source_events
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip, e.user_name AS user_name, e.source_country AS source_country,
        e.source_as_name AS source_as_name, e.host_name AS host_name, e.timestamp AS success_at, e.event_outcome AS outcome,
        countIf(e.event_outcome = 'failure') OVER hour_before AS failures,
        uniqExactIf(e.user_name, e.event_outcome = 'failure') OVER hour_before AS users_tried,
        max(e.score) OVER hour_before AS top_score,
        count() OVER hour_before AS source_events
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'authentication' AND e.event_outcome IN ('success', 'failure') AND e.source_ip != ''
    WINDOW hour_before AS
    (
        PARTITION BY e.region_code, e.owner, e.source_ip
        ORDER BY toUnixTimestamp(e.timestamp) RANGE BETWEEN 3600 PRECEDING AND CURRENT ROW
    )
)
WHERE outcome = 'success' AND failures >= {failures:UInt32}
ORDER BY failures DESC, success_at DESC
LIMIT 1 BY region_code, owner, source_ip, user_name
LIMIT 200
