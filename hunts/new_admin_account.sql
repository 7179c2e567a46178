-- ---
-- id: new_admin_account
-- title:
--   id: "Akun dibuat, dijadikan pengelola, lalu dipakai"
--   en: "Account made, made an administrator, and used"
-- category: host
-- attack: [T1136.001, T1098, T1078.003]
-- scope: regional
-- window: 7d
-- finds:
--   id: Akun baru di sebuah host beserta waktu ia masuk grup pengelola dan waktu pertama dipakai.
--   en: "A new account on a host, with when it joined a group of administrators and when it was first used."
-- matters:
--   id: Akun pengelola yang lahir pada minggu pemungutan dan langsung dipakai hampir tidak pernah rutin.
--   en: An administrator born in the week of the vote and used at once is hardly ever routine.
-- action:
--   id: "Tanyakan kepada pembuatnya lewat telepon; bila tidak diakui, matikan akun pembuat dan akun baru."
--   en: "Ask whoever made it, by phone; if they deny it, disable the maker and the new account."
-- usual:
--   id: "Panitia ad hoc yang didaftarkan bersama-sama: banyak akun, tanpa grup pengelola."
--   en: "Committees that are enrolled together: many accounts, without groups of administrators."
-- columns: [region_code, owner, entity, score, hosts, made_by, made_at, admin_group, admin_at, used_at, used_from]
-- ---
SELECT
    region_code, owner, concat('user:', account) AS entity, max(top) AS score,
    groupUniqArrayIf(5)(host, what != 'used') AS hosts, anyIf(actor, what = 'made') AS made_by,
    minIf(happened, what = 'made') AS made_at,
    anyIf(group_name, what = 'admin') AS admin_group, minIf(happened, what = 'admin') AS admin_at,
    if(countIf(what = 'used') = 0, 'never', toString(minIf(happened, what = 'used'))) AS used_at,
    groupUniqArrayIf(5)(address, what = 'used') AS used_from
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.host_name AS host, e.timestamp AS happened, e.score AS top, e.source_ip AS address,
        e.fields['group.name'] AS group_name,
        multiIf(
            e.event_action = 'user_add', 'made',
            e.event_action IN ('group_member_add', 'group_change', 'user_change') AND match(group_name, '(?i)^(sudo|wheel|admin|adm|root|docker|lxd|administrators|domain admins|enterprise admins|remote desktop users)$'), 'admin',
            e.event_category = 'authentication' AND e.event_outcome = 'success', 'used', '') AS what,
        if(what = 'used', e.user_name, if(e.user_target_name != '', e.user_target_name, e.user_name)) AS account,
        e.user_name AS actor
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category IN ('iam', 'authentication')
)
WHERE what != '' AND account != ''
GROUP BY region_code, owner, account
HAVING countIf(what = 'made') > 0 AND countIf(what = 'admin') > 0
ORDER BY used_at != 'never' DESC, score DESC, made_at DESC
LIMIT 200
