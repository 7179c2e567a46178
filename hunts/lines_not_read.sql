-- ---
-- id: lines_not_read
-- title:
--   id: Baris yang tidak lagi terbaca parser
--   en: Lines that parsers no longer read
-- category: siaga
-- attack: [T1562.006]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Sumber yang bagian barisnya tanpa format dikenal (plain) naik tajam: format berubah, log rusak, atau disusupi.
--   en: >-
--     Sources whose share of lines without a known format (plain) rose steeply: a new format, a broken log, or
--     something put into it.
-- matters:
--   id: Baris yang tidak terbaca tidak dinilai aturan; serangan di dalamnya lewat tanpa skor.
--   en: Rules do not see lines that are not read; attacks in them pass without a score.
-- action:
--   id: "Lihat contohnya, perbaiki format sumber (siaga sources try), putar ulang bila perlu."
--   en: "Look at the examples, set the format of the source (siaga sources try), replay if needed."
-- usual:
--   id: Pembaruan aplikasi yang mengubah format log.
--   en: An update of the application that changed its log.
-- parameters:
--   baseline_days:
--     default: 3
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   lines:
--     default: 20
--     id: "baris pada jendela dan kebiasaan, paling sedikit"
--     en: "lines in window and baseline, at least"
--   percent:
--     default: 20
--     id: "poin persen kenaikan, paling sedikit"
--     en: "rise in percentage points, at least"
-- columns: [region_code, owner, entity, lines, plain_percent, usual_percent, examples, newest]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source:', e.source_id) AS entity,
    countIf(e.timestamp >= {since:DateTime('UTC')}) AS lines,
    round(100 * countIf(e.timestamp >= {since:DateTime('UTC')} AND e.dataset IN ('', 'plain', 'syslog')) / greatest(lines, 1), 1) AS plain_percent,
    round(100 * countIf(e.timestamp < {since:DateTime('UTC')} AND e.dataset IN ('', 'plain', 'syslog')) / greatest(countIf(e.timestamp < {since:DateTime('UTC')}), 1), 1) AS usual_percent,
    groupUniqArrayIf(3)(substringUTF8(e.message, 1, 160), e.timestamp >= {since:DateTime('UTC')} AND e.dataset IN ('', 'plain', 'syslog')) AS examples,
    max(e.timestamp) AS newest
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
GROUP BY e.region_code, e.owner, e.source_id
HAVING lines >= {lines:UInt32} AND countIf(e.timestamp < {since:DateTime('UTC')}) >= {lines:UInt32} AND plain_percent >= usual_percent + {percent:Float64}
ORDER BY plain_percent - usual_percent DESC, lines DESC
LIMIT 200
