-- ---
-- id: beaconing
-- title:
--   id: Hubungan keluar dengan selang yang teratur
--   en: Connections to the outside at regular intervals
-- category: network
-- attack: [T1071.001, T1573]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Pasangan host dalam dan tujuan luar yang berhubungan berkali-kali dengan selang hampir sama (simpangan kecil).
--   en: >-
--     Pairs of an inside host and an outside target that meet many times at almost the same interval (small
--     deviation).
-- matters:
--   id: >-
--     Perangkat lunak kendali jarak jauh melapor tiap beberapa menit, berminggu-minggu sebelum dipakai pada malam
--     hasil.
--   en: "Remote control reports every few minutes, weeks before it is used in the night of the results."
-- action:
--   id: Cari prosesnya di host dalam; tujuan yang tidak dikenal diblokir dan host diperiksa.
--   en: Find the process on the inside host; block targets that nobody knows and examine the host.
-- usual:
--   id: "Pembaruan, NTP, pemantauan, telemetri: tambahkan tujuannya ke known."
--   en: "Updates, NTP, monitors, telemetry: add their targets to known."
-- parameters:
--   connections:
--     default: 24
--     id: "hubungan, paling sedikit"
--     en: "connections, at least"
--   least_seconds:
--     default: 20
--     id: "detik di antaranya, paling sedikit"
--     en: "seconds in between, at least"
--   percent:
--     default: 20
--     id: "simpangan selang dalam persen, paling banyak"
--     en: "deviation of the interval in per cent, at most"
--   hours:
--     default: 3
--     id: "jam berbeda, paling sedikit"
--     en: "different hours, at least"
--   known:
--     default: '(?i)(^|\.)(windowsupdate\.com|microsoft\.com|ubuntu\.com|debian\.org|pool\.ntp\.org|google\.com|gstatic\.com|cloudflare\.com|letsencrypt\.org)$'
--     id: pola tujuan yang lazim
--     en: pattern of usual targets
-- columns: [region_code, owner, entity, score, target, port, connections, median_seconds, deviation_percent,
--   hours_active, bytes, first_seen, last_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(points) AS score, target, any(port) AS port, count() AS connections,
    round(quantileTDigest(0.5)(gap)) AS median_seconds,
    round(100 * (quantileTDigest(0.9)(gap) - quantileTDigest(0.1)(gap)) / greatest(median_seconds, 1), 1) AS deviation_percent,
    uniqExact(toStartOfHour(at)) AS hours_active, sum(bytes) AS bytes, min(at) AS first_seen, max(at) AS last_seen
FROM
(
    SELECT
        *, dateDiff('second', lagInFrame(at) OVER meetings, at) AS gap, row_number() OVER meetings AS place
    FROM
    (
        SELECT
            e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip,
            multiIf(e.tls_server_name != '', e.tls_server_name, e.url_domain != '', e.url_domain, e.destination_ip) AS target,
            toStartOfInterval(e.timestamp, INTERVAL 5 SECOND) AS at, max(e.score) AS points, any(e.destination_port) AS port,
            sum(e.network_bytes + e.http_response_bytes) AS bytes
        FROM siaga.events AS e
        WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
            AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
            AND e.event_category IN ('network', 'web') AND e.source_scope IN ('private', 'cgnat') AND e.destination_country NOT IN ('')
            AND e.event_outcome != 'failure'
        GROUP BY e.region_code, e.owner, e.source_ip, target, at
    )
    WINDOW meetings AS (PARTITION BY region_code, owner, source_ip, target ORDER BY at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE place > 1 AND target != '' AND NOT match(target, {known:String})
GROUP BY region_code, owner, source_ip, target
HAVING connections >= {connections:UInt32} AND median_seconds BETWEEN {least_seconds:UInt32} AND 7200 AND deviation_percent <= {percent:Float64}
    AND hours_active >= {hours:UInt32}
ORDER BY deviation_percent, connections DESC
LIMIT 200
