-- ---
-- id: results_slow
-- title:
--   id: Halaman hasil melambat dibanding kebiasaannya
--   en: Pages of results slower than usual
-- category: election
-- attack: [T1499, T1499.002]
-- scope: regional
-- window: 6h
-- finds:
--   id: >-
--     Jalur hasil yang waktu jawabnya (persentil 95) berlipat dari masa kebiasaan, untuk log yang mencatat lamanya.
--   en: >-
--     Paths of results whose answer time (95th percentile) is a multiple of the baseline, for logs that hold
--     durations.
-- matters:
--   id: "Lambat adalah tahap sebelum mati; pada jam unggah formulir, operator mengulang dan beban berlipat."
--   en: Slow comes before dead; in the hour of uploads operators try again and the load doubles.
-- action:
--   id: "Lihat sumber beban (flood_minutes, query lambat), naikkan kapasitas, aktifkan cache."
--   en: "Look for what loads it (flood_minutes, slow queries), add capacity, switch the cache on."
-- usual:
--   id: Cadangan dan indeks ulang basis data.
--   en: Backups and re-indexing.
-- parameters:
--   paths:
--     default: '(?i)(/hasil|/rekap|/result|/suara|/perolehan|/sirekap|/tps/|real-?count|quick-?count|/c1/|/da1|/db1|/pleno|/tabulasi|/penetapan)'
--     id: pola jalur hasil
--     en: pattern of paths of results
--   baseline_days:
--     default: 3
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   requests:
--     default: 20
--     id: "permintaan pada jendela dan kebiasaan, paling sedikit"
--     en: "requests in window and baseline, at least"
--   least_ms:
--     default: 1000
--     id: "milidetik persentil 95, paling sedikit"
--     en: "milliseconds of the 95th percentile, at least"
--   times:
--     default: 3
--     id: "kali kebiasaan, paling sedikit"
--     en: "times the usual, at least"
-- columns: [region_code, owner, entity, path, requests, p95_ms, usual_p95_ms, times_usual, errors]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('asset:', if(e.asset_id != '', e.asset_id, e.url_domain)) AS entity, e.url_path AS path,
    countIf(e.timestamp >= {since:DateTime('UTC')}) AS requests,
    round(quantileTDigestIf(0.95)(toUInt64OrZero(e.fields['event.duration']) / 1000000, e.timestamp >= {since:DateTime('UTC')})) AS p95_ms,
    round(quantileTDigestIf(0.95)(toUInt64OrZero(e.fields['event.duration']) / 1000000, e.timestamp < {since:DateTime('UTC')})) AS usual_p95_ms,
    round(p95_ms / greatest(usual_p95_ms, 1), 1) AS times_usual,
    countIf(e.timestamp >= {since:DateTime('UTC')} AND e.http_status_code >= 500) AS errors
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'web' AND match(e.url_path, {paths:String}) AND e.fields['event.duration'] != ''
GROUP BY e.region_code, e.owner, entity, e.url_path
HAVING requests >= {requests:UInt32} AND countIf(e.timestamp < {since:DateTime('UTC')}) >= {requests:UInt32}
    AND p95_ms >= {least_ms:Float64} AND times_usual >= {times:Float64}
ORDER BY times_usual * log(requests) DESC
LIMIT 200
