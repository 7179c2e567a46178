-- ---
-- id: rare_agent_writes
-- title:
--   id: Program langka menulis ke situs atau API
--   en: Rare program writes to a site or API
-- category: web
-- attack: [T1071.001, T1565.001]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     User-Agent yang baru pada masa kebiasaan, dipakai sedikit alamat, dan berhasil menulis (POST, PUT, PATCH,
--     DELETE).
--   en: >-
--     A User-Agent new to the baseline, used by few addresses, that wrote with success (POST, PUT, PATCH, DELETE).
-- matters:
--   id: Aplikasi rekapitulasi dikenal; skrip orang yang memegang token curian tidak.
--   en: The recapitulation application is known; the script of somebody with a stolen token is not.
-- action:
--   id: "Bandingkan dengan aplikasi resmi; cabut token, cocokkan data yang ditulis dengan formulir."
--   en: "Compare with the official application; revoke the token, compare what was written with the forms."
-- usual:
--   id: "Versi baru aplikasi atau peramban: dipakai banyak alamat sesudah beberapa jam."
--   en: "A new release of the application or of a browser: many addresses within hours."
-- parameters:
--   baseline_days:
--     default: 7
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
--   addresses:
--     default: 2
--     id: "alamat yang memakainya, paling banyak"
--     en: "addresses that use it, at most"
--   writes:
--     default: 3
--     id: "penulisan yang berhasil, paling sedikit"
--     en: "writes with success, at least"
-- columns: [region_code, owner, entity, score, user_agent, addresses, writes, paths, statuses, first_seen, last_seen]
-- ---
SELECT
    e.region_code AS region_code, e.owner AS owner, concat('source_ip:', any(e.source_ip)) AS entity, max(e.score) AS score,
    substringUTF8(e.user_agent_original, 1, 160) AS user_agent, uniqExact(e.source_ip) AS addresses,
    countIf(e.http_method IN ('POST', 'PUT', 'PATCH', 'DELETE')) AS writes,
    groupUniqArrayIf(5)(e.url_path, e.http_method IN ('POST', 'PUT', 'PATCH', 'DELETE')) AS paths,
    groupUniqArray(5)(e.http_status_code) AS statuses, min(e.timestamp) AS first_seen, max(e.timestamp) AS last_seen
FROM siaga.events AS e
WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
    AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
    AND e.event_category = 'web' AND e.http_status_code BETWEEN 200 AND 399
GROUP BY e.region_code, e.owner, user_agent
HAVING first_seen >= {since:DateTime('UTC')} AND addresses <= {addresses:UInt32} AND writes >= {writes:UInt32}
ORDER BY score DESC, writes DESC
LIMIT 200
