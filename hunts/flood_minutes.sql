-- ---
-- id: flood_minutes
-- title:
--   id: "Menit serangan banjir, dipisahkan dari keramaian pemilih"
--   en: "Minutes of floods, told from crowds of voters"
-- category: web
-- attack: [T1498, T1499.002]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Situs dengan menit yang dinilai serangan atau campuran, di samping menit keramaian biasa dan gangguan
--     layanannya.
--   en: "Sites with minutes judged attack or mixed, beside their minutes of crowds and of outage."
-- matters:
--   id: "Pada jam pengumuman, memblokir pemilih sama buruknya dengan membiarkan banjir."
--   en: "In the hour of the announcement, to block voters is as bad as to let the flood pass."
-- action:
--   id: "Blokir bagian yang disebut worst_part, bukan seluruh negara; beri tahu penyedia dan pengelola."
--   en: "Block what worst_part names, not a whole country; tell the provider and the owner."
-- usual:
--   id: Situs baru tanpa kebiasaan yang dikenal.
--   en: New sites whose usual traffic is not known.
-- parameters:
--   minutes:
--     default: 2
--     id: "menit serangan atau campuran, paling sedikit"
--     en: "minutes of attack or mixed, at least"
-- columns: [region_code, owner, entity, score, attack_minutes, mixed_minutes, crowd_minutes, outage_minutes,
--   peak_requests, worst_part, reasons, first_seen, last_seen]
-- ---
SELECT
    v.region_code AS region_code, v.owner AS owner, v.site AS entity, max(v.score) AS score,
    countIf(v.verdict = 'attack') AS attack_minutes, countIf(v.verdict = 'mixed') AS mixed_minutes, countIf(v.verdict = 'crowd') AS crowd_minutes,
    countIf(v.outage = 1) AS outage_minutes, max(v.requests) AS peak_requests, argMax(v.part, v.score) AS worst_part,
    argMax(v.reasons_id, v.score) AS reasons,
    minIf(v.window_start, v.verdict IN ('attack', 'mixed')) AS first_seen, maxIf(v.window_start, v.verdict IN ('attack', 'mixed')) AS last_seen
FROM siaga.web_flood_verdicts AS v FINAL
WHERE v.window_start >= {since:DateTime('UTC')} AND v.window_start < {until:DateTime('UTC')}
    AND ({region:String} = '' OR v.region_code = {region:String} OR startsWith(v.region_code, concat({region:String}, '.')))
GROUP BY v.region_code, v.owner, v.site
HAVING attack_minutes + mixed_minutes >= {minutes:UInt32}
ORDER BY outage_minutes > 0 DESC, attack_minutes DESC, score DESC
LIMIT 200
