-- ---
-- id: results_shrunk
-- title:
--   id: Berkas hasil yang dipublikasikan menyusut
--   en: A published file of results has shrunk
-- category: election
-- attack: [T1565.001, T1491.002]
-- scope: regional
-- window: 6h
-- finds:
--   id: >-
--     Berkas hasil (json, csv, html, pdf) yang ukuran jawabannya turun tajam dari puncaknya: isi hilang, diganti, atau
--     disembunyikan.
--   en: >-
--     Files of results (json, csv, html, pdf) whose answers fell far below their peak: content lost, replaced or
--     hidden.
-- matters:
--   id: Hasil bertambah selama penghitungan; hasil yang berkurang adalah galat atau pengubahan.
--   en: Results grow while votes are counted; results that shrink are a fault or a change.
-- action:
--   id: "Ambil kedua versi (cache, arsip), bandingkan per TPS, umumkan sebab sebelum publik bertanya."
--   en: "Take both versions (cache, archive), compare by polling station, say why before the public asks."
-- usual:
--   id: "Perubahan format, kompresi, atau penomoran halaman."
--   en: "A change of format, compression or paging."
-- parameters:
--   paths:
--     default: '(?i)(/hasil|/rekap|/result|/suara|/perolehan|/sirekap|/tps/|real-?count|quick-?count|/c1/|/da1|/db1|/pleno|/tabulasi|/penetapan)'
--     id: pola jalur hasil
--     en: pattern of paths of results
--   baseline_days:
--     default: 1
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   answers:
--     default: 5
--     id: "jawaban pada jendela dan kebiasaan, paling sedikit"
--     en: "answers in window and baseline, at least"
--   percent:
--     default: 20
--     id: "persen yang hilang, paling sedikit"
--     en: "per cent lost, at least"
-- columns: [region_code, owner, entity, path, answers_now, bytes_now, bytes_before, lost_percent, first_small,
--   addresses]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('asset:', if(e.asset_id != '', e.asset_id, e.url_domain)) AS entity, e.url_path AS path,
    countIf(e.timestamp >= {since:DateTime('UTC')}) AS answers_now,
    round(quantileTDigestIf(0.5)(e.http_response_bytes, e.timestamp >= {since:DateTime('UTC')})) AS bytes_now,
    round(quantileTDigestIf(0.5)(e.http_response_bytes, e.timestamp < {since:DateTime('UTC')})) AS bytes_before,
    round(100 * (1 - bytes_now / greatest(bytes_before, 1)), 1) AS lost_percent,
    minIf(e.timestamp, e.timestamp >= {since:DateTime('UTC')}) AS first_small, uniqIf(e.source_ip, e.timestamp >= {since:DateTime('UTC')}) AS addresses
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'web' AND e.http_method = 'GET' AND e.http_status_code = 200 AND e.http_response_bytes > 0
    AND match(e.url_path, {paths:String}) AND match(e.url_path, '(?i)(\\.(json|csv|html?|pdf|xlsx|xml)$|/$|/[^./]+$)')
GROUP BY e.region_code, e.owner, entity, e.url_path
HAVING answers_now >= {answers:UInt32} AND countIf(e.timestamp < {since:DateTime('UTC')}) >= {answers:UInt32} AND lost_percent >= {percent:Float64}
ORDER BY lost_percent DESC, answers_now DESC
LIMIT 200
