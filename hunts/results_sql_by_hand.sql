-- ---
-- id: results_sql_by_hand
-- title:
--   id: Tabel hasil diubah lewat SQL oleh pengguna yang tidak biasa
--   en: "Table of results changed by SQL, by a user who does not usually"
-- category: election
-- attack: [T1565.001, T1078]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     UPDATE, DELETE, TRUNCATE, dan ALTER pada tabel suara atau rekap oleh pengguna basis data yang tidak melakukannya
--     pada masa kebiasaan.
--   en: >-
--     UPDATE, DELETE, TRUNCATE and ALTER on tables of votes or recapitulation by a database user who had not done so
--     in the baseline.
-- matters:
--   id: Suara dimasukkan oleh aplikasi; perubahan dengan tangan mengubah hasil tanpa jejak di aplikasi.
--   en: Votes are entered by the application; a change by hand changes a result and leaves no trace in it.
-- action:
--   id: "Ambil cadangan sekarang, simpan log basis data, bandingkan dengan formulir bertanda tangan."
--   en: "Take a backup now, keep the log of the database, compare with the signed forms."
-- usual:
--   id: Migrasi skema sebelum pemungutan oleh pengembang.
--   en: Migrations by developers before the vote.
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
-- columns: [region_code, owner, entity, score, source_ips, hosts, statements, examples, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('user:', e.user_name) AS entity, max(e.score) AS score,
    groupUniqArray(5)(e.source_ip) AS source_ips, groupUniqArray(5)(e.host_name) AS hosts, count() AS statements,
    groupUniqArray(3)(substringUTF8(e.message, 1, 240)) AS examples, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'database' AND e.user_name != ''
    AND match(e.message, '(?i)\\b(update|delete\\s+from|truncate(\\s+table)?|drop\\s+table|alter\\s+table|replace\\s+into)\\s+["`]?([a-z_]+["`]?\\.["`]?)?[a-z_]*(suara|hasil|rekap|perolehan|tps|sirekap)')
GROUP BY e.region_code, e.owner, e.user_name
HAVING first_seen >= {since:DateTime('UTC')}
ORDER BY score DESC, statements DESC
LIMIT 200
