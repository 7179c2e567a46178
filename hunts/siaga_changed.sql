-- ---
-- id: siaga_changed
-- title:
--   id: Perubahan pada Siaga sendiri oleh orang atau alamat baru
--   en: Changes of Siaga itself by a new person or address
-- category: siaga
-- attack: [T1562.006, T1078]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Kunci, konfigurasi, feed, dan penekanan yang diubah, atau kunci yang ditolak, oleh pelaku atau alamat yang belum
--     terlihat pada masa kebiasaan.
--   en: >-
--     Keys, configuration, feeds and policies that were changed, or keys refused, by an actor or address not seen in
--     the baseline.
-- matters:
--   id: Siapa yang membutakan pemantau tidak perlu bersembunyi.
--   en: Whoever blinds the watch need not hide.
-- action:
--   id: "Tanyakan kepada pelaku; kembalikan konfigurasi, ganti kunci."
--   en: "Ask whoever did it; restore the configuration, replace keys."
-- usual:
--   id: Admin pengganti saat piket.
--   en: A stand-in of the administrator on duty.
-- parameters:
--   baseline_days:
--     default: 30
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
-- columns: [region_code, owner, entity, actions, outcomes, source_ips, times, examples, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner,
    concat('user:', if(e.user_name != '', e.user_name, concat('at ', e.source_ip))) AS entity, groupUniqArray(8)(e.event_action) AS actions,
    groupUniqArray(3)(e.event_outcome) AS outcomes, groupUniqArray(5)(e.source_ip) AS source_ips, count() AS times,
    groupUniqArray(3)(substringUTF8(e.message, 1, 240)) AS examples, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.source_id = 'siaga-audit'
    AND e.event_action IN ('config_changed', 'key_created', 'key_revoked', 'key_refused', 'feed_approved', 'feed_rejected', 'policy_approved', 'watch_changed', 'watch_refused', 'evidence_exported')
GROUP BY e.region_code, e.owner, entity
HAVING first_seen >= {since:DateTime('UTC')}
ORDER BY times DESC, last_seen DESC
LIMIT 200
