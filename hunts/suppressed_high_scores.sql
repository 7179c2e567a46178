-- ---
-- id: suppressed_high_scores
-- title:
--   id: Penekanan yang menyembunyikan temuan berskor tinggi
--   en: Suppressions that hid findings with high scores
-- category: siaga
-- attack: [T1562.006]
-- scope: central
-- window: 7d
-- finds:
--   id: >-
--     Temuan yang ditahan penekanan atau pemeliharaan, sedangkan aturan yang sama di wilayah yang sama memberi skor
--     tinggi.
--   en: >-
--     Findings held by suppressions or maintenance, where the same rule in the same region gave high scores.
-- matters:
--   id: Penekanan yang terlalu lebar membuat ruang operasi tenang pada saat yang salah.
--   en: A suppression that is too wide keeps a room calm at the wrong time.
-- action:
--   id: "Persempit penekanan (aturan, alamat, aset), putuskan ulang bersama pembuatnya."
--   en: "Narrow it (rule, address, asset), decide again with whoever made it."
-- usual:
--   id: Pengujian yang diumumkan.
--   en: Tests that were announced.
-- parameters:
--   least_score:
--     default: 70
--     id: "skor temuan, paling sedikit"
--     en: "score of findings, at least"
-- columns: [entity, rule_id, region_code, reason, held, top_score, high_findings, entities, first_hour, last_hour]
-- ---
SELECT
    concat('suppression:', h.detail) AS entity, h.rule_id AS rule_id, h.region_code AS region_code, any(h.why) AS reason,
    any(h.held) AS held, max(f.score) AS top_score, count() AS high_findings, groupUniqArray(5)(f.entity) AS entities,
    any(h.first_hour) AS first_hour, any(h.last_hour) AS last_hour
FROM
(
    SELECT detail, rule_id, region_code, any(reason) AS why, sum(findings) AS held, min(hour) AS first_hour, max(hour) AS last_hour
    FROM siaga.alert_held
    WHERE hour >= toStartOfHour({since:DateTime('UTC')}) AND hour < {until:DateTime('UTC')} AND reason IN ('suppressed', 'maintenance')
    GROUP BY detail, rule_id, region_code
) AS h
INNER JOIN
(
    SELECT rule_id, region_code, entity, score
    FROM siaga.findings
    WHERE window_end >= {since:DateTime('UTC')} AND window_end < {until:DateTime('UTC')} AND score >= {least_score:UInt8}
) AS f ON f.rule_id = h.rule_id AND f.region_code = h.region_code
GROUP BY h.detail, h.rule_id, h.region_code
ORDER BY top_score DESC, held DESC
LIMIT 200
