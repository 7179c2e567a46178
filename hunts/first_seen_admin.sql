-- ---
-- id: first_seen_admin
-- title:
--   id: Akun pengelola muncul pertama kali di sebuah host
--   en: Administrator account seen on a host for the first time
-- category: login
-- attack: [T1078.003, T1136.001]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Akun bernama pengelola (atau yang beralih menjadi root) yang masuk ke host yang dikenal, padahal tidak pernah
--     terlihat di situ.
--   en: >-
--     An account with an administrator's name, or one that became root, on a known host where it had never been seen.
-- matters:
--   id: >-
--     Penyusup membuat akun pengelola sendiri atau memakai akun bawaan yang tidur; sistem hasil seharusnya punya
--     pengelola yang tetap.
--   en: >-
--     Intruders make an administrator of their own or wake a built-in one; systems of results have administrators that
--     do not change.
-- action:
--   id: >-
--     Cocokkan dengan daftar pengelola; periksa kapan akun dibuat dan siapa pembuatnya (new_admin_account).
--   en: >-
--     Compare with the list of administrators; see when the account was made and by whom (new_admin_account).
-- usual:
--   id: "Pengelola baru yang sah, host yang baru dipasang ulang."
--   en: "A new administrator by right, a host that was set up again."
-- parameters:
--   baseline_days:
--     default: 30
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   admins:
--     default: '(?i)^(root|admin|administrator|sysadmin|superadmin|superuser|operator|dba|postgres|mysql|oracle|webmaster)[0-9]*$'
--     id: pola nama akun pengelola
--     en: pattern of names of administrators
-- columns: [region_code, owner, entity, score, host_name, actions, source_ips, first_seen, events, host_known_since]
-- ---
SELECT
    region_code, owner, concat('user:', account) AS entity, score, host_name, actions, source_ips, first_seen, events, host_known_since
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.host_name AS host_name,
        if(e.event_action = 'sudo_command' OR e.user_target_name = '', e.user_name, e.user_target_name) AS account,
        max(e.score) AS score, groupUniqArray(5)(e.event_action) AS actions, groupUniqArray(5)(e.source_ip) AS source_ips,
        min(e.timestamp) AS first_seen, count() AS events,
        min(first_seen) OVER (PARTITION BY e.region_code, e.owner, e.host_name) AS host_known_since
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.host_name != '' AND e.event_outcome = 'success'
        AND ((e.event_category IN ('authentication', 'session') AND match(e.user_name, {admins:String}))
            OR (e.event_action = 'sudo_command' AND e.user_target_name IN ('', 'root')))
    GROUP BY e.region_code, e.owner, e.host_name, account
)
WHERE first_seen >= {since:DateTime('UTC')} AND host_known_since < {since:DateTime('UTC')} AND account != ''
ORDER BY score DESC, first_seen DESC
LIMIT 200
