-- ---
-- id: cleared_entity_again
-- title:
--   id: Yang dinyatakan salah duga kembali berskor tinggi
--   en: What was called a false positive scores high again
-- category: siaga
-- attack: [T1078, T1562.006]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Alamat yang kejadiannya ditandai salah duga, lalu muncul lagi dengan skor tinggi pada tindakan lain."
--   en: >-
--     Addresses whose events were marked as false positives, and that came back with high scores by other actions.
-- matters:
--   id: Penyerang bersembunyi di balik alamat yang sudah dianggap aman.
--   en: An attacker hides behind an address that is taken for safe.
-- action:
--   id: Baca ulang keputusan lama bersama pembuatnya; cabut bila salah (siaga score mark).
--   en: Read the old verdict again with whoever gave it; withdraw it if it was wrong (siaga score mark).
-- usual:
--   id: Pemindai sendiri yang menambah jenis uji.
--   en: Your own scanner that has learned a new test.
-- parameters:
--   baseline_days:
--     default: 30
--     id: "hari sebelum jendela, saat ditandai"
--     en: days before the window in which it was marked
--   least_score:
--     default: 60
--     id: "skor, paling sedikit"
--     en: "score, at least"
-- columns: [region_code, owner, entity, score, cleared_by, cleared_at, reason, events_now, new_actions, first_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', e.source_ip) AS entity, max(e.score) AS score,
    any(v.marked_by) AS cleared_by, any(v.cleared_at) AS cleared_at, any(v.reason) AS reason, count() AS events_now,
    groupUniqArray(5)(e.event_action) AS new_actions, min(e.timestamp) AS first_seen
FROM siaga.events AS e
INNER JOIN
(
    SELECT region_code, owner, source_ip, argMax(marked_by, marked_at) AS marked_by, max(marked_at) AS cleared_at, argMax(reason, marked_at) AS reason
    FROM siaga.verdicts
    WHERE marked_at >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND marked_at < {until:DateTime('UTC')} AND source_ip != ''
    GROUP BY region_code, owner, source_ip
    HAVING argMax(verdict, marked_at) = 'false'
) AS v ON v.region_code = e.region_code AND v.owner = e.owner AND v.source_ip = e.source_ip
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.score >= {least_score:UInt8} AND e.timestamp > v.cleared_at
GROUP BY e.region_code, e.owner, e.source_ip
ORDER BY score DESC, events_now DESC
LIMIT 200
