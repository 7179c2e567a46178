-- ---
-- id: entities_rising
-- title:
--   id: Risiko yang naik tajam dibanding pekan lalu
--   en: Risk that rises steeply against last week
-- category: regions
-- attack: [T1078, T1190]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Alamat, pengguna, dan aset yang risikonya kini jauh di atas pekan sebelumnya (peluruhan 24 jam)."
--   en: >-
--     Addresses, users and assets whose risk is now far above that of the week before (half-life of 24 hours).
-- matters:
--   id: "Yang berbahaya bukan yang selalu ramai, melainkan yang baru menjadi ramai."
--   en: "What is dangerous is not what is always loud, but what has become so."
-- action:
--   id: "Mulai pagi dari sini: buka kejadian berskor tertinggi setiap entitas."
--   en: "Begin the morning here: open the events with the highest score of each."
-- usual:
--   id: Pengujian keamanan yang dijadwalkan.
--   en: Scheduled security tests.
-- parameters:
--   points:
--     default: 60
--     id: "poin sekarang, paling sedikit"
--     en: "points now, at least"
--   times:
--     default: 3
--     id: "kali pekan lalu, paling sedikit"
--     en: "times last week, at least"
-- columns: [region_code, owner, entity, score, points, points_week_ago, rise, events, newest_hour]
-- ---
SELECT
    n.region_code AS region_code, n.owner AS owner, concat(n.entity_type, ':', n.entity) AS entity, toUInt8(least(100, round(n.risk))) AS score,
    round(n.points, 1) AS points, round(w.points, 1) AS points_week_ago, round(n.points - w.points, 1) AS rise, n.events AS events, n.newest_hour AS newest_hour
FROM
(
    SELECT entity_type, entity, region_code, owner, points, risk, events, newest_hour
    FROM siaga.entity_risk_at(at = {until:DateTime('UTC')}, half_life_hours = 24)
    WHERE newest_hour >= toStartOfHour({since:DateTime('UTC')}) AND entity_type != 'region'
        AND ({region:String} = '' OR region_code = {region:String} OR startsWith(region_code, concat({region:String}, '.')))
) AS n
LEFT JOIN
(
    SELECT entity_type, entity, region_code, owner, points
    FROM siaga.entity_risk_at(at = {until:DateTime('UTC')} - INTERVAL 7 DAY, half_life_hours = 24)
) AS w ON w.entity_type = n.entity_type AND w.entity = n.entity AND w.region_code = n.region_code AND w.owner = n.owner
WHERE n.points >= {points:Float64} AND n.points >= w.points * {times:Float64}
ORDER BY rise DESC
LIMIT 200
