-- ---
-- id: indicator_returns
-- title:
--   id: Indikator lama muncul lagi
--   en: Indicator seen again after a long time
-- category: intelligence
-- attack: [T1595, T1190]
-- scope: regional
-- window: 24h
-- finds:
--   id: "Alamat yang disebut intelijen, pernah terlihat, lama diam, dan kini kembali."
--   en: "An address that intelligence names, was seen once, was quiet for long, and is back."
-- matters:
--   id: Penyerang menyimpan infrastruktur yang berhasil pada pemilu sebelumnya.
--   en: Attackers keep what worked in the election before.
-- action:
--   id: Baca apa yang dilakukannya dulu dan sekarang; periksa akun dan jalur yang sama.
--   en: Read what it did then and now; look at the same accounts and paths.
-- usual:
--   id: "Alamat dinamis yang kini milik orang lain: lihat usia indikator."
--   en: "A dynamic address that is somebody else's now: see the age of the indicator."
-- parameters:
--   baseline_days:
--     default: 90
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   days:
--     default: 14
--     id: "hari tanpa terlihat, paling sedikit"
--     en: "days without being seen, at least"
--   confidence:
--     default: 30
--     id: "keyakinan indikator, paling sedikit"
--     en: "confidence of the indicator, at least"
-- columns: [region_code, owner, entity, score, days_between, last_before, back_at, events_now, events_before, actions,
--   assets]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', e.source_ip) AS entity,
    maxIf(e.score, e.timestamp >= {since:DateTime('UTC')}) AS score, dateDiff('day', last_before, back_at) AS days_between,
    maxIf(e.timestamp, e.timestamp < {since:DateTime('UTC')}) AS last_before, minIf(e.timestamp, e.timestamp >= {since:DateTime('UTC')}) AS back_at,
    countIf(e.timestamp >= {since:DateTime('UTC')}) AS events_now, countIf(e.timestamp < {since:DateTime('UTC')}) AS events_before,
    groupUniqArrayIf(5)(e.event_action, e.timestamp >= {since:DateTime('UTC')}) AS actions,
    groupUniqArrayIf(5)(e.asset_id, e.timestamp >= {since:DateTime('UTC')} AND e.asset_id != '') AS assets
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.source_ip IN (SELECT value FROM siaga.indicators WHERE type = 'ip' AND confidence >= {confidence:UInt8})
GROUP BY e.region_code, e.owner, e.source_ip
HAVING events_now > 0 AND events_before > 0 AND days_between >= {days:UInt16}
ORDER BY score DESC, days_between DESC
LIMIT 200
