-- ---
-- id: voter_roll_sequence
-- title:
--   id: Daftar pemilih dibaca berurutan
--   en: Voter roll read in sequence
-- category: election
-- attack: [T1119, T1213]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Alamat yang meminta nomor urut satu demi satu (halaman, id TPS, id pemilih) di layanan daftar pemilih.
--   en: >-
--     An address that asks for numbers one behind the other (pages, polling stations, ids of voters) at services of
--     the voter roll.
-- matters:
--   id: Penyalin membaca dari awal sampai akhir; orang melompat.
--   en: Whoever copies reads from the first to the last; people jump.
-- action:
--   id: "Blokir alamat, cabut kunci API bila dipakai, periksa apakah layanan perlu nomor yang dapat ditebak."
--   en: >-
--     Block the address, revoke the API key if there is one, ask whether the service needs numbers that can be
--     guessed.
-- usual:
--   id: Mesin pencari dan pengarsip web yang membaca halaman bernomor.
--   en: Search engines and web archives that read numbered pages.
-- parameters:
--   paths:
--     default: '(?i)(dpt|/dps|dpk|pemilih|voter|cek-?_?nik|lindungihakmu|coklit|pantarlih|sidalih|/nik/|/nkk/)'
--     id: pola jalur daftar pemilih
--     en: pattern of paths of the voter roll
--   steps:
--     default: 50
--     id: "langkah satu demi satu, paling sedikit"
--     en: "steps of one, at least"
--   percent:
--     default: 50
--     id: "persen permintaan yang berurutan, paling sedikit"
--     en: "per cent of requests in sequence, at least"
-- columns: [region_code, owner, entity, score, source_as_name, requests, steps_of_one, step_percent, lowest, highest,
--   example, agents, first_seen, last_seen]
-- ---
SELECT
    region_code, owner, concat('source_ip:', source_ip) AS entity, max(points) AS score, any(network) AS source_as_name, count() AS requests,
    countIf(number - previous = 1) AS steps_of_one, round(100 * steps_of_one / requests, 1) AS step_percent,
    min(number) AS lowest, max(number) AS highest, any(substringUTF8(target, 1, 160)) AS example,
    groupUniqArray(3)(substringUTF8(agent, 1, 80)) AS agents, min(at) AS first_seen, max(at) AS last_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.source_ip AS source_ip, e.source_as_name AS network, e.score AS points, e.timestamp AS at,
        e.url_original AS target, e.user_agent_original AS agent,
        toInt64OrZero(arrayElement(extractAll(e.url_original, '(?:[=/])([0-9]{1,12})(?:[&/.?]|$)'), -1)) AS number,
        lagInFrame(number) OVER (PARTITION BY e.region_code, e.owner, e.source_ip, replaceRegexpAll(e.url_original, '[0-9]+', 'N') ORDER BY e.timestamp, number ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_category = 'web' AND e.source_ip != '' AND e.http_status_code BETWEEN 200 AND 404 AND match(e.url_path, {paths:String})
        AND match(e.url_original, '[=/][0-9]{1,12}([&/.?]|$)')
)
GROUP BY region_code, owner, source_ip
HAVING steps_of_one >= {steps:UInt32} AND step_percent >= {percent:Float64}
ORDER BY steps_of_one DESC
LIMIT 200
