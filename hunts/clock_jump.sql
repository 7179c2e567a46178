-- ---
-- id: clock_jump
-- title:
--   id: Jam sumber melompat
--   en: Clock of a source jumped
-- category: siaga
-- attack: [T1070.006]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Sumber yang selisih jamnya (terima dikurangi kejadian) bergeser jauh dari biasanya, jam demi jam."
--   en: "Sources whose skew (received minus happened) moved far from what is usual, hour by hour."
-- matters:
--   id: Jam yang digeser mengubah urutan bukti dan memindahkan kejadian keluar dari fase pemilu.
--   en: A shifted clock changes the order of evidence and moves events out of a phase.
-- action:
--   id: Periksa NTP dan siapa yang masuk (clock_changed); catat selisih untuk laporan.
--   en: Look at NTP and at who was logged in (clock_changed); note the difference for the report.
-- usual:
--   id: "Pengiriman tertunda sesudah gangguan: kejadian lama datang bersamaan."
--   en: "Delayed delivery after an outage: old events arrive together."
-- parameters:
--   baseline_days:
--     default: 3
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   seconds:
--     default: 300
--     id: "detik lompatan, paling sedikit"
--     en: "seconds of the jump, at least"
--   events:
--     default: 5
--     id: "kejadian dalam jam itu, paling sedikit"
--     en: "events in that hour, at least"
-- columns: [region_code, owner, entity, hour, skew_seconds, usual_seconds, jump_seconds, events, hosts]
-- ---
SELECT
    region_code, owner, concat('source:', source_id) AS entity, hour, skew AS skew_seconds, usual AS usual_seconds, skew - usual AS jump_seconds, events, hosts
FROM
(
    SELECT
        *, medianExactIf(skew, hour < {since:DateTime('UTC')}) OVER (PARTITION BY region_code, owner, source_id) AS usual,
        countIf(hour < {since:DateTime('UTC')}) OVER (PARTITION BY region_code, owner, source_id) AS hours_before
    FROM
    (
        SELECT
            e.region_code AS region_code, e.owner AS owner, e.source_id AS source_id, toStartOfHour(e.received_at) AS hour,
            toInt64(medianExact(dateDiff('second', e.timestamp, e.received_at))) AS skew, count() AS events, groupUniqArray(5)(e.host_name) AS hosts
        FROM siaga.events AS e
        WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
            AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        GROUP BY e.region_code, e.owner, e.source_id, hour
    )
)
WHERE hour >= {since:DateTime('UTC')} AND hours_before >= 3 AND events >= {events:UInt32} AND abs(jump_seconds) >= {seconds:UInt32}
ORDER BY abs(jump_seconds) DESC, hour DESC
LIMIT 200
