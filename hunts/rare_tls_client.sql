-- ---
-- id: rare_tls_client
-- title:
--   id: Sidik jari TLS yang langka keluar dari dalam
--   en: Rare TLS fingerprint on its way out
-- category: network
-- attack: [T1071.001, T1573]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Sidik jari klien TLS (JA3, JA4) yang baru pada masa kebiasaan, dari satu atau dua host dalam saja."
--   en: "A fingerprint of TLS clients (JA3, JA4) new to the baseline, from one or two inside hosts only."
-- matters:
--   id: Alat kendali jarak jauh membawa pustaka TLS sendiri yang tidak dipakai peramban kantor.
--   en: Remote control brings a TLS library of its own that no browser of the office uses.
-- action:
--   id: Cari program yang membuka hubungan itu; bandingkan sidik jari dengan intelijen.
--   en: Find the program that opens the connection; compare the fingerprint with intelligence.
-- usual:
--   id: "Pembaruan peramban: ribuan host dalam sehari."
--   en: "A browser's update: thousands of hosts within a day."
-- parameters:
--   baseline_days:
--     default: 14
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   hosts:
--     default: 2
--     id: "host dalam, paling banyak"
--     en: "inside hosts, at most"
--   connections:
--     default: 5
--     id: "hubungan, paling sedikit"
--     en: "connections, at least"
-- columns: [region_code, owner, entity, score, fingerprint, hosts, connections, targets, indicator, first_seen,
--   last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', any(e.source_ip)) AS entity, max(e.score) AS score,
    e.tls_ja3 AS fingerprint, uniqExact(e.source_ip) AS hosts, count() AS connections,
    groupUniqArray(5)(if(e.tls_server_name != '', e.tls_server_name, e.destination_ip)) AS targets,
    fingerprint IN (SELECT value FROM siaga.indicators WHERE type IN ('ja3', 'ja4')) AS indicator,
    min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.tls_ja3 != '' AND e.source_scope = 'private'
GROUP BY e.region_code, e.owner, e.tls_ja3
HAVING first_seen >= {since:DateTime('UTC')} AND hosts <= {hosts:UInt32} AND connections >= {connections:UInt32}
ORDER BY indicator DESC, score DESC, connections DESC
LIMIT 200
