-- ---
-- id: login_from_new_country
-- title:
--   id: Akun masuk dari negara yang baru baginya
--   en: Account logs in from a country that is new for it
-- category: login
-- attack: [T1078]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Keberhasilan masuk dari negara yang tidak pernah dipakai akun itu pada masa kebiasaan; akun harus sudah dikenal
--     sebelumnya.
--   en: >-
--     A success from a country that this account had not used in the baseline; the account must have been known
--     before.
-- matters:
--   id: >-
--     Petugas pemilu bekerja dari Indonesia; akun yang tiba-tiba masuk dari luar sering berarti sandi dicuri.
--   en: >-
--     Election officers work in Indonesia; an account that comes from abroad all at once is often a stolen password.
-- action:
--   id: >-
--     Tanyakan lewat telepon apakah pemilik sedang bepergian atau memakai VPN; bila tidak, putuskan sesi dan ganti
--     sandi.
--   en: >-
--     Ask by phone whether the owner travels or uses a VPN; if not, end the session and reset the password.
-- usual:
--   id: "Perjalanan dinas, petugas luar negeri (PPLN), dan VPN dengan pintu keluar di luar negeri."
--   en: "Journeys, officers of overseas voting, and VPNs that come out abroad."
-- parameters:
--   baseline_days:
--     default: 30
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   logins_before:
--     default: 3
--     id: "keberhasilan masuk pada masa kebiasaan, paling sedikit"
--     en: "log-ins in the baseline, at least"
-- columns: [region_code, owner, entity, score, new_country, usual_countries, source_ip, source_as_name, hosts,
--   first_seen, logins_before]
-- ---
SELECT
    region_code, owner, concat('user:', user_name) AS entity, max(top) AS score, country AS new_country,
    any(known) AS usual_countries, any(address) AS source_ip, any(network) AS source_as_name, any(host_names) AS hosts,
    min(first_in_window) AS first_seen, any(before_all) AS logins_before
FROM
(
    SELECT
        *,
        groupArrayIf(country, before > 0) OVER (PARTITION BY region_code, owner, user_name) AS known,
        sum(before) OVER (PARTITION BY region_code, owner, user_name) AS before_all
    FROM
    (
        SELECT
            e.region_code AS region_code, e.owner AS owner, e.user_name AS user_name, e.source_country AS country,
            countIf(e.timestamp < {since:DateTime('UTC')}) AS before, count() - before AS now,
            minIf(e.timestamp, e.timestamp >= {since:DateTime('UTC')}) AS first_in_window,
            anyIf(e.source_ip, e.timestamp >= {since:DateTime('UTC')}) AS address,
            anyIf(e.source_as_name, e.timestamp >= {since:DateTime('UTC')}) AS network,
            groupUniqArrayIf(5)(e.host_name, e.timestamp >= {since:DateTime('UTC')}) AS host_names,
            maxIf(e.score, e.timestamp >= {since:DateTime('UTC')}) AS top
        FROM siaga.events AS e
        WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
            AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
            AND e.event_category = 'authentication' AND e.event_outcome = 'success' AND e.user_name != '' AND e.source_country != ''
        GROUP BY e.region_code, e.owner, e.user_name, e.source_country
    )
)
WHERE now > 0 AND before = 0 AND before_all >= {logins_before:UInt32}
GROUP BY region_code, owner, user_name, country
ORDER BY new_country != 'ID' DESC, score DESC, first_seen DESC
LIMIT 200
