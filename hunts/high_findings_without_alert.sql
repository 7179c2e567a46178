-- ---
-- id: high_findings_without_alert
-- title:
--   id: Temuan berskor tinggi tanpa peringatan
--   en: Findings with high scores and no alert
-- category: siaga
-- attack: [T1562.006]
-- scope: regional
-- window: 48h
-- finds:
--   id: >-
--     Temuan berskor tinggi yang kuncinya tidak ada pada peringatan mana pun: tertahan ambang, penekanan, atau badai.
--   en: "Findings with high scores whose key is in no alert: held by a threshold, a suppression or a storm."
-- matters:
--   id: Yang tidak menjadi peringatan tidak dilihat orang; ini jaring kedua.
--   en: What becomes no alert is seen by nobody; this is the second net.
-- action:
--   id: "Baca buktinya, putuskan, lalu perbaiki ambang atau penekanan."
--   en: "Read the evidence, decide, then correct the threshold or suppression."
-- usual:
--   id: Temuan menit terakhir yang peringatannya belum mendarat.
--   en: Findings of the last minutes whose alert has not landed.
-- parameters:
--   least_score:
--     default: 75
--     id: "skor temuan, paling sedikit"
--     en: "score of findings, at least"
-- columns: [region_code, owner, entity, score, rule_id, title, findings, first_seen, last_seen, events]
-- ---
SELECT
    f.region_code AS region_code, f.owner AS owner, f.entity AS entity, max(f.score) AS score, f.rule_id AS rule_id, any(f.title) AS title,
    count() AS findings, min(f.window_start) AS first_seen, max(f.window_end) AS last_seen, groupUniqArray(3)(f.event_id) AS events
FROM siaga.findings AS f
WHERE f.window_end >= {since:DateTime('UTC')} AND f.window_end < {until:DateTime('UTC')}
    AND ({region:String} = '' OR f.region_code = {region:String} OR startsWith(f.region_code, concat({region:String}, '.')))
    AND f.score >= {least_score:UInt8}
    AND (f.region_code, f.dedup_key) NOT IN
    (
        SELECT a.region_code, a.dedup_key FROM siaga.alerts AS a
        WHERE a.last_seen >= {since:DateTime('UTC')} - INTERVAL 1 DAY AND a.first_seen < {until:DateTime('UTC')}
    )
    AND (f.region_code, f.entity) NOT IN
    (
        SELECT a.region_code, a.entity FROM siaga.alerts AS a
        WHERE a.last_seen >= {since:DateTime('UTC')} - INTERVAL 1 DAY AND a.first_seen < {until:DateTime('UTC')} AND a.kind = 'findings'
    )
GROUP BY f.region_code, f.owner, f.entity, f.rule_id
ORDER BY score DESC, findings DESC
LIMIT 200
