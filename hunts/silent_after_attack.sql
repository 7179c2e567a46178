-- ---
-- id: silent_after_attack
-- title:
--   id: Sumber yang diam tak lama sesudah skor tinggi
--   en: Source that fell silent soon after a high score
-- category: siaga
-- attack: [T1562.001, T1489, T1529]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Sumber yang ramai, lalu kejadian berskor tinggi, lalu tidak ada apa-apa lagi sampai akhir jendela."
--   en: "A busy source, then an event with a high score, then nothing until the end of the window."
-- matters:
--   id: Penyusup mematikan log sebelum menyentuh data; diam sesudah serangan bukan aman.
--   en: Intruders stop the logs before they touch the data; silence after an attack is not safety.
-- action:
--   id: "Hubungi pengelola lewat telepon, periksa host langsung, anggap log terakhir sebagai bukti."
--   en: "Phone the owner, look at the host itself, keep the last logs as evidence."
-- usual:
--   id: "Gangguan jaringan daerah yang kebetulan: banyak sumber diam bersama."
--   en: "An outage of the region by chance: many sources fall silent together."
-- parameters:
--   least_score:
--     default: 70
--     id: "skor serangan, paling sedikit"
--     en: "score of the attack, at least"
--   events:
--     default: 50
--     id: "kejadian sumber itu dalam jendela, paling sedikit"
--     en: "events of the source in the window, at least"
--   within:
--     default: 60
--     id: "menit dari serangan sampai kejadian terakhir, paling banyak"
--     en: "minutes from the attack to the last event, at most"
--   silent:
--     default: 60
--     id: "menit tanpa kejadian, paling sedikit"
--     en: "minutes without an event, at least"
-- columns: [region_code, owner, entity, score, asset_id, events_before, last_attack, last_event, silent_minutes, what]
-- ---
SELECT
    region_code, owner, concat('source:', source_id) AS entity, score, asset_id, events_before, last_attack, last_event,
    dateDiff('minute', last_event, {until:DateTime('UTC')}) AS silent_minutes, what
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_id AS source_id, maxIf(e.score, e.score >= {least_score:UInt8}) AS score,
        anyLast(e.asset_id) AS asset_id, count() AS events_before, maxIf(e.timestamp, e.score >= {least_score:UInt8}) AS last_attack, max(e.timestamp) AS last_event,
        argMaxIf(substringUTF8(e.message, 1, 200), e.timestamp, e.score >= {least_score:UInt8}) AS what
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.source_id NOT IN ('siaga-audit', 'siaga-heartbeat', 'siaga-probe', 'siaga-lookalike', 'siaga-certificate')
    GROUP BY e.region_code, e.owner, e.source_id
)
WHERE score > 0 AND events_before >= {events:UInt32} AND last_event <= last_attack + toIntervalMinute({within:UInt32}) AND silent_minutes >= {silent:UInt32}
ORDER BY score DESC, silent_minutes DESC
LIMIT 200
