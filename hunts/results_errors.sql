-- ---
-- id: results_errors
-- title:
--   id: Halaman hasil menjawab galat server
--   en: Pages of results answer with server errors
-- category: election
-- attack: [T1499]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Sepuluh menit dengan banyak galat 5xx pada jalur hasil, per situs, dengan jumlah peminta."
--   en: "Ten minutes with many 5xx errors on paths of results, by site, with how many asked."
-- matters:
--   id: >-
--     Situs hasil yang mati pada malam penghitungan menimbulkan tuduhan; perlu segera tahu apakah serangan atau beban.
--   en: >-
--     A results site that dies in the night of the count breeds accusations; it must be known whether it is an attack
--     or load.
-- action:
--   id: Lihat flood_minutes untuk menit yang sama; umumkan gangguan dan halaman cadangan.
--   en: See flood_minutes for the same minutes; announce the outage and the fallback page.
-- usual:
--   id: "Rilis aplikasi, pemeliharaan terjadwal."
--   en: "Releases, scheduled maintenance."
-- parameters:
--   paths:
--     default: '(?i)(/hasil|/rekap|/result|/suara|/perolehan|/sirekap|/tps/|real-?count|quick-?count|/c1/|/da1|/db1|/pleno|/tabulasi|/penetapan)'
--     id: pola jalur hasil
--     en: pattern of paths of results
--   errors:
--     default: 20
--     id: "galat dalam sepuluh menit, paling sedikit"
--     en: "errors within ten minutes, at least"
--   percent:
--     default: 5
--     id: "persen permintaan, paling sedikit"
--     en: "per cent of requests, at least"
-- columns: [region_code, owner, entity, phase, bucket, requests, errors, error_percent, addresses, statuses,
--   top_paths]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('asset:', if(e.asset_id != '', e.asset_id, e.url_domain)) AS entity, any(e.phase) AS phase,
    toStartOfInterval(e.timestamp, INTERVAL 10 MINUTE) AS bucket, count() AS requests, countIf(e.http_status_code >= 500) AS errors,
    round(100 * errors / requests, 1) AS error_percent, uniq(e.source_ip) AS addresses,
    groupUniqArrayIf(5)(e.http_status_code, e.http_status_code >= 500) AS statuses, topKIf(3)(e.url_path, e.http_status_code >= 500) AS top_paths
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'web' AND match(e.url_path, {paths:String})
GROUP BY e.region_code, e.owner, entity, bucket
HAVING errors >= {errors:UInt32} AND error_percent >= {percent:Float64}
ORDER BY errors DESC, bucket DESC
LIMIT 300
