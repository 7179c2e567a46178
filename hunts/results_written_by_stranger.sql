-- ---
-- id: results_written_by_stranger
-- title:
--   id: Data hasil ditulis dari alamat yang belum pernah menulisnya
--   en: Results written by an address that had not written them before
-- category: election
-- attack: [T1565.001, T1078]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Penulisan (POST, PUT, PATCH, DELETE) yang berhasil pada jalur hasil oleh alamat atau pengguna yang tidak pernah
--     menulis di situs itu.
--   en: >-
--     Writes with success (POST, PUT, PATCH, DELETE) on paths of results by an address and user that had not written
--     to the site.
-- matters:
--   id: Angka yang diubah sesudah pleno adalah inti sengketa; jejak pertama adalah siapa yang menulis.
--   en: Numbers changed after the plenary are the heart of a dispute; the first trace is who wrote.
-- action:
--   id: >-
--     Bandingkan data wilayah itu dengan formulir C.Hasil dan salinan terakhir, bekukan akun yang tidak dikenal.
--   en: >-
--     Compare the data of that place with form C.Hasil and the last copy, freeze accounts that nobody knows.
-- usual:
--   id: "Hari pertama unggah: semua penulis baru. Pakai masa kebiasaan yang mencakup gladi."
--   en: "The first day of uploads: every writer is new. Use a baseline that holds the rehearsal."
-- parameters:
--   paths:
--     default: '(?i)(/hasil|/rekap|/result|/suara|/perolehan|/sirekap|/tps/|real-?count|quick-?count|/c1/|/da1|/db1|/pleno|/tabulasi|/penetapan)'
--     id: pola jalur hasil
--     en: pattern of paths of results
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
-- columns: [region_code, owner, entity, score, user_name, source_country, source_as_name, site, writes, methods,
--   paths, user_agents, first_seen, last_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, top AS score, user_name, source_country, source_as_name, site, writes, methods,
    paths, user_agents, first_seen, last_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, if(e.asset_id != '', e.asset_id, e.url_domain) AS site, e.source_ip AS source_ip,
        anyLast(e.user_name) AS user_name, any(e.source_country) AS source_country, any(e.source_as_name) AS source_as_name,
        max(e.score) AS top, count() AS writes, groupUniqArray(4)(e.http_method) AS methods, groupUniqArray(5)(e.url_path) AS paths,
        groupUniqArray(3)(substringUTF8(e.user_agent_original, 1, 100)) AS user_agents, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen,
        min(first_seen) OVER (PARTITION BY e.region_code, e.owner, site) AS site_written_since
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'web' AND e.http_method IN ('POST', 'PUT', 'PATCH', 'DELETE') AND e.http_status_code BETWEEN 200 AND 204
        AND match(e.url_path, {paths:String})
    GROUP BY e.region_code, e.owner, site, e.source_ip
)
WHERE first_seen >= {since:DateTime('UTC')} AND site_written_since < {since:DateTime('UTC')}
ORDER BY has(methods, 'DELETE') DESC, score DESC, writes DESC
LIMIT 200
