-- ---
-- id: first_sudo
-- title:
--   id: Pengguna memakai sudo untuk pertama kali
--   en: User uses sudo for the first time
-- category: host
-- attack: [T1548.003]
-- scope: regional
-- window: 24h
-- finds:
--   id: >-
--     Pengguna yang menjalankan sudo di host yang dikenal, dan tidak pernah melakukannya pada masa kebiasaan.
--   en: A user who ran sudo on a known host and had not done so in the baseline.
-- matters:
--   id: Hak akses yang baru dipakai adalah tanda akun curian yang mencari jalan ke server hasil.
--   en: >-
--     Rights that are used for the first time are a sign of a stolen account on its way to the servers of results.
-- action:
--   id: "Baca perintahnya; yang menyalin data, membuka shell, atau mengubah layanan diperiksa segera."
--   en: "Read the commands; those that copy data, open shells or change services come first."
-- usual:
--   id: "Pengelola baru, tugas tahunan."
--   en: "New administrators, yearly work."
-- parameters:
--   baseline_days:
--     default: 30
--     id: hari sebelum jendela yang dianggap kebiasaan
--     en: days before the window that count as usual
-- columns: [region_code, owner, entity, score, host_name, commands, refused, runs, first_seen]
-- ---
SELECT
    region_code, owner, concat('user:', user_name) AS entity, score, host_name, commands, refused, runs, first_seen
FROM
(
    SELECT
        e.region_code AS region_code, e.owner AS owner, e.user_name AS user_name, e.host_name AS host_name, max(e.score) AS score,
        groupUniqArray(8)(substringUTF8(e.process_command_line, 1, 160)) AS commands,
        countIf(e.event_outcome = 'failure') AS refused, count() AS runs, min(e.timestamp) AS first_seen,
        min(first_seen) OVER (PARTITION BY e.region_code, e.owner, e.host_name) AS host_known_since
    FROM siaga.events AS e
    WHERE e.timestamp >= {since:DateTime('UTC')} - toIntervalDay({baseline_days:UInt16}) AND e.timestamp < {until:DateTime('UTC')}
        AND ({region:String} = '' OR e.region_code = {region:String} OR startsWith(e.region_code, concat({region:String}, '.')))
        AND e.event_action = 'sudo_command' AND e.user_name NOT IN ('', 'root')
    GROUP BY e.region_code, e.owner, e.user_name, e.host_name
)
WHERE first_seen >= {since:DateTime('UTC')} AND host_known_since < {since:DateTime('UTC')}
ORDER BY score DESC, refused DESC, first_seen DESC
LIMIT 200
