-- ---
-- id: lateral_movement
-- title:
--   id: "Host dalam menyebar ke host lain lewat SMB, RDP, WinRM, SSH"
--   en: "Inside host spreads to others by SMB, RDP, WinRM, SSH"
-- category: host
-- attack: [T1021.001, T1021.002, T1021.004, T1021.006, T1210]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Alamat dalam yang menghubungi banyak host dalam pada porta administrasi, yang tidak pernah dihubunginya pada
--     masa kebiasaan.
--   en: >-
--     An inside address that reached many inside hosts on ports of administration that it had not reached in the
--     baseline.
-- matters:
--   id: "Dari satu laptop KPU kabupaten, penyusup atau ransomware bergerak ke server hasil."
--   en: "From one laptop of a regency's commission an intruder or ransomware moves to the servers of results."
-- action:
--   id: "Cabut alamat asal dari jaringan, periksa akun yang dipakai, ganti sandi administrator lokal."
--   en: "Take the address off the network, see which account was used, reset local administrators."
-- usual:
--   id: "Server inventaris, pemindai kerentanan sendiri, pengontrol domain yang baru."
--   en: "Inventory servers, your own vulnerability scanner, a new domain controller."
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   targets:
--     default: 5
--     id: "host baru yang dihubungi, paling sedikit"
--     en: "new hosts reached, at least"
-- columns: [region_code, owner, entity, score, new_targets, targets_before, ports, users, sample, first_seen,
--   last_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(top) AS score,
    countIf(first_contact >= {since:DateTime('UTC')}) AS new_targets,
    countIf(first_contact < {since:DateTime('UTC')}) AS targets_before,
    arraySort(groupUniqArrayIf(8)(port, first_contact >= {since:DateTime('UTC')})) AS ports,
    groupUniqArrayArrayIf(5)(names, first_contact >= {since:DateTime('UTC')}) AS users,
    groupUniqArrayIf(10)(target, first_contact >= {since:DateTime('UTC')}) AS sample,
    minIf(first_contact, first_contact >= {since:DateTime('UTC')}) AS first_seen, max(last_contact) AS last_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip,
        if(e.destination_ip != '', e.destination_ip, e.host_name) AS target,
        any(e.destination_port) AS port, groupUniqArray(3)(e.user_name) AS names, max(e.score) AS top,
        min(e.timestamp) AS first_contact, max(e.timestamp) AS last_contact
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.source_scope = 'private'
        AND ((e.event_category = 'network' AND e.destination_port IN (22, 135, 139, 445, 3389, 5985, 5986))
            OR (e.event_category = 'authentication' AND e.event_outcome = 'success'
                AND (e.fields['winlog.logon.type'] IN ('Network', 'RemoteInteractive') OR e.event_action IN ('ssh_login', 'remote_desktop_logon'))))
    GROUP BY e.region_code, e.owner, e.source_ip, target
)
WHERE target != '' AND target != source_ip
GROUP BY region_code, owner, source_ip
HAVING new_targets >= {targets:UInt32}
ORDER BY new_targets DESC, score DESC
LIMIT 200
