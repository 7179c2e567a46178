-- ---
-- id: data_leaves
-- title:
--   id: Host dalam mengirim jauh lebih banyak ke luar
--   en: Inside host sends far more to the outside
-- category: network
-- attack: [T1048, T1041, T1567]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Host dalam yang mengirim ke internet berlipat dari hari biasanya, dengan tujuan terbesar."
--   en: "An inside host that sent a multiple of its usual day to the internet, with its largest targets."
-- matters:
--   id: "Citra formulir, basis data pemilih, dan surat suara digital bernilai justru sebelum diumumkan."
--   en: "Images of forms, databases of voters and drafts are worth most before they are published."
-- action:
--   id: "Putuskan tujuan yang tidak dikenal, ambil citra host, tentukan apa yang keluar."
--   en: "Cut targets that nobody knows, image the host, find out what left."
-- usual:
--   id: "Cadangan ke cloud, siaran langsung rapat pleno."
--   en: "Backups to a cloud, live streams of a plenary."
-- parameters:
--   baseline_days:
--     default: 7
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   megabytes:
--     default: 200
--     id: "megabyte dalam jendela, paling sedikit"
--     en: "megabytes in the window, at least"
--   times:
--     default: 5
--     id: "kali biasanya, paling sedikit"
--     en: "times the usual, at least"
-- columns: [region_code, owner, entity, score, sent_mb, usual_mb, times_usual, targets, largest_target, first_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(points) AS score,
    round(sumIf(bytes, day = 0) / 1000000, 1) AS sent_mb,
    round(sumIf(bytes, day > 0) / 1000000 / {baseline_days:UInt16}, 1) AS usual_mb,
    round(sent_mb / greatest(usual_mb, 1), 1) AS times_usual, uniqExactIf(target, day = 0) AS targets,
    argMaxIf(target, bytes, day = 0) AS largest_target, minIf(began, day = 0) AS first_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip, if(e.tls_server_name != '', e.tls_server_name, e.destination_ip) AS target,
        toUInt8(e.timestamp < {since:DateTime('UTC')}) AS day, sum(e.network_bytes) AS bytes, max(e.score) AS points, min(e.timestamp) AS began
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'network' AND e.network_bytes > 0 AND e.source_scope = 'private' AND e.destination_country != ''
    GROUP BY e.region_code, e.owner, e.source_ip, target, day
)
GROUP BY region_code, owner, source_ip
HAVING sent_mb >= {megabytes:Float64} AND times_usual >= {times:Float64}
ORDER BY sent_mb - usual_mb DESC
LIMIT 200
